"""由被检单位承担费用 and 风险预警 of block IV: what was declared until it is settled, what was raised in its days."""

import datetime as dt
from decimal import Decimal

import pytest

from inspections.integrity import acts
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.risk.models import RiskWarning
from reporting import rules
from reporting.annex3 import build
from reporting.columns import screen_row
from reporting.figures import BY_ID
from reporting.listing import columns_of, with_relations
from reporting.queries import Scope, records, total_of
from tests.factories.accounts import MembershipFactory
from tests.factories.rectification import VISITED_ON, ReviewedTaskFactory, office_of
from tests.factories.registry import StandardFactory

from .recount import recount

pytestmark = pytest.mark.django_db
DECLARED, SETTLED = VISITED_ON + dt.timedelta(days=1), VISITED_ON + dt.timedelta(days=9)


@pytest.fixture
def task():
    task = ReviewedTaskFactory()
    with clock.pinned(clock.at_time(DECLARED)):
        acts.declare(
            task,
            {"meals": Decimal("35.50"), "transport": Decimal(8)},
            note="工作餐未付",
            actor=None,
        )
    return task


def borne(task, day):
    table = build(task.campaign, task.authority, as_of=day)
    broken = {result.id for result in rules.check(table) if not result.ok}
    return table.single("cost_unit"), "R28" in broken


def test_an_amount_counts_and_blocks_until_it_is_settled(task):
    row = task.cost_declaration
    with clock.pinned(clock.at_time(SETTLED)):
        acts.settle(row, note="已退还本单位，附收据复印件。", actor=MembershipFactory().user)

    assert borne(task, DECLARED - dt.timedelta(days=1)) == (Decimal("0.00"), False)
    assert borne(task, DECLARED) == (Decimal("43.50"), True)
    assert borne(task, SETTLED - dt.timedelta(days=1)) == (Decimal("43.50"), True)
    assert borne(task, SETTLED) == (Decimal("0.00"), False)


def test_the_figure_equals_plain_sql_and_opens_its_declarations(task):
    ReviewedTaskFactory(campaign=task.campaign, unit=task.unit)
    acts.declare(ReviewedTaskFactory(campaign=task.campaign), {}, actor=None)
    scope = Scope.of(task.campaign, task.authority, SETTLED)
    figure = BY_ID["cost_unit"]

    rows = records(figure, scope, "IV", "cost_unit", viewer=office_of(task.authority).user)
    shown = screen_row(columns_of(figure), with_relations(figure, rows).get())

    assert total_of(figure, rows) == borne(task, SETTLED)[0] == Decimal("43.50")
    again = recount(task.campaign.pk, task.authority.pk)["IV"]["cost_unit"]["cost_unit"]
    assert again == Decimal("43.5")
    assert "工作餐未付" in [cell.text for cell in shown]
    whole = build(task.campaign, None, as_of=SETTLED)
    assert whole.single("cost_unit") == Decimal("43.50")


def test_another_district_opens_none_of_it(task):
    other = MembershipFactory(role=Role.DISTRICT_ADMIN)
    scope = Scope.of(task.campaign, None, SETTLED)

    rows = records(BY_ID["cost_unit"], scope, "IV", "cost_unit", viewer=other.user)

    assert not rows.exists()


def raised(task, day, kind):
    standard = StandardFactory(unit=task.unit)
    return RiskWarning.objects.create(
        kind=kind, kind_label="计量标准器溯源超期", tone="bad", sentence="溯源已超期", url="/",
        standard=standard, authority=task.authority, raised_on=day,
    )  # fmt: skip


def test_warnings_count_from_the_notice_to_the_cut_off(task):
    start = task.campaign.notice_on
    days = (start - dt.timedelta(days=1), start, DECLARED, SETTLED)
    rows = [raised(task, day, f"kind{n}") for n, day in enumerate(days)]
    scope = Scope.of(task.campaign, task.authority, DECLARED)

    listed = records(BY_ID["warn"], scope, "IV", "warn", viewer=office_of(task.authority).user)
    shown = screen_row(
        columns_of(BY_ID["warn"]), with_relations(BY_ID["warn"], listed, as_of=DECLARED)[0]
    )

    assert set(listed.values_list("pk", flat=True)) == {rows[1].pk, rows[2].pk}
    assert build(task.campaign, task.authority, as_of=DECLARED).single("warn") == 2
    assert build(task.campaign, None, as_of=SETTLED).single("warn") == 3
    assert recount(task.campaign.pk, task.authority.pk)["IV"]["warn"]["warn"] == 3
    assert "溯源已超期" in [cell.text for cell in shown]
