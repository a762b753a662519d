"""逾期未整改 of the cockpit: what is past its day and neither put right nor dealt with, on every day alike."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.models import FrameStandard
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.registry.enums import TraceResult, TracingState
from metrostd.registry.models import StandardInstrument
from metrostd.registry.queries.equipment import traced
from rectification.moves import extension as extension_moves
from rectification.moves import failed as failed_moves
from rectification.moves import order as order_moves
from rectification.moves import report as report_moves
from reporting.annex3 import build
from reporting.cockpit.counting import count
from reporting.queries import Scope
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import FrameFactory, FrameStandardFactory
from tests.factories.rectification import (
    ORDERED_ON,
    ReviewedTaskFactory,
    issue,
    office_of,
    submitted,
)
from tests.factories.registry import InstrumentFactory, TraceFactory
from tests.factories.reporting import small_city

pytestmark = pytest.mark.django_db
DUE = dt.date(2021, 8, 20)
NEXT = DUE + dt.timedelta(days=1)
LATER = DUE + dt.timedelta(days=20)


def on(day, hour=9):
    return clock.pinned(clock.at_time(day, hour))


@pytest.fixture
def task():
    with on(ORDERED_ON):
        yield ReviewedTaskFactory()


def late(task, day):
    """逾期未整改, those of them that failed, and 整改不合格 of the table, as of a day."""
    counted = count(
        Scope.of(task.campaign, task.authority, day), only=("fd_late", "fd_late_bad", "fd_bad")
    )
    return tuple(counted.of(key) for key in ("fd_late", "fd_late_bad", "fd_bad"))


def decide(finding, result, day):
    with on(day):
        report_moves.review_finding(
            finding,
            method="on_site",
            result=result,
            opinion="示例意见：现场复核",
            actor=office_of(finding.task.authority).user,
        )


def finding_of(order):
    return order.items.get().finding


def test_what_nobody_reported_on_is_late_from_the_day_after_until_it_is_dealt_with(task):
    order = issue(task, due_on=DUE)

    assert late(task, DUE) == (0, 0, 0)
    assert late(task, NEXT) == (1, 1, 1)
    with on(NEXT, 1):
        order_moves.fail_overdue(NEXT)
    assert late(task, NEXT) == (1, 1, 1)
    with on(LATER):
        failed_moves.handle(finding_of(order), actor=None, note="已移送并结案")

    # The table goes on counting it as 整改不合格; nobody is late with it any more.
    assert late(task, LATER) == (0, 0, 1)
    assert late(task, LATER - dt.timedelta(days=1)) == (1, 1, 1)


def test_what_the_office_has_to_look_at_is_not_late_until_it_says_no(task):
    order = submitted(issue(task, due_on=DUE), on=DUE)

    assert late(task, LATER) == (0, 0, 0)
    decide(finding_of(order), "failed", LATER)

    assert late(task, LATER) == (1, 1, 1)
    assert late(task, LATER - dt.timedelta(days=1)) == (0, 0, 0)


def test_what_was_put_right_in_the_end_was_never_late_while_the_office_had_it(task):
    order = submitted(issue(task, due_on=DUE), on=DUE)
    decide(finding_of(order), "passed", LATER)

    assert late(task, LATER) == (0, 0, 0)
    assert late(task, NEXT) == (0, 0, 0)


def test_a_failure_before_the_day_is_late_once_the_day_is_over(task):
    order = submitted(issue(task, due_on=DUE), on=DUE - dt.timedelta(days=9))
    decide(finding_of(order), "failed", DUE - dt.timedelta(days=3))

    assert late(task, DUE) == (0, 0, 1)
    assert late(task, NEXT) == (1, 1, 1)


def test_who_waits_for_more_time_is_late_and_has_not_failed(task):
    order = issue(task, due_on=DUE)
    with on(DUE):
        extension_moves.ask_extension(
            finding_of(order), wanted_on=LATER, reason="示例理由", actor=None
        )

    assert late(task, NEXT) == (1, 0, 0)


def test_the_tile_the_list_and_the_table_say_the_same(client, task):
    issue(task, due_on=DUE)
    submitted(issue(task, due_on=DUE), on=DUE)
    frame = FrameFactory(campaign=task.campaign, authority=task.authority)
    FrameStandardFactory(frame=frame, standard__unit=task.unit)
    task.authority.parent = task.campaign.organiser
    task.authority.save()
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=task.authority))
    about = {"campaign": task.campaign.code, "as_of": NEXT.isoformat()}

    with on(NEXT):
        page = client.get(reverse("reporting:cockpit"), about)
        tile = next(mark for mark in page.context["urgent"] if mark.label == "逾期未整改问题")
        opened = client.get(tile.url)
        (unit,) = page.context["late"]
        failed = client.get(unit.failed_records)

    table = build(task.campaign, task.authority, as_of=NEXT).blocks["I"].total
    assert tile.value == opened.context["page"].paginator.count == unit.count == 1
    assert unit.failed == failed.context["page"].paginator.count == table["fd_bad"] == 1
    assert "含因逾期不合格、尚未处理的" in page.text
    assert "没有整改合格、也没有处理完毕" in opened.text
    assert unit.name == str(task.unit)


@pytest.mark.parametrize("days", [-1, 0, 30, 31])
@pytest.mark.parametrize("result", [TraceResult.MEETS, TraceResult.UNCONFIRMED, TraceResult.FAILS])
def test_tracing_is_due_as_the_register_says(days, result):
    city = small_city(units=3, districts=1)
    day = dt.date(2021, 12, 1)
    plain, traced_once, failed = FrameStandard.objects.order_by("pk")[:3]
    InstrumentFactory(standard=plain.standard)
    until = day + dt.timedelta(days=days)
    TraceFactory(instrument__standard=traced_once.standard, valid_until=until, result=result)
    TraceFactory(instrument__standard=failed.standard)
    TraceFactory(
        instrument=StandardInstrument.objects.get(standard=failed.standard),
        traced_on=day,
        result=TraceResult.UNQUALIFIED,
    )

    rows = traced(StandardInstrument.objects.in_use(), on=day)
    states = (TracingState.DUE, TracingState.OVERDUE)
    told = {row.instrument.standard_id for row in rows if row.tracing.state in states}
    counted = count(Scope.of(city.campaign, None, day), only=("s_tracing",))

    assert (traced_once.standard_id in told) == (days <= 30 and result != TraceResult.FAILS)
    assert failed.standard_id in told
    assert counted.of("s_tracing") == len(told)
