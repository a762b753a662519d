"""The live board: visits of today, how far each sheet is, problems as they are written down."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inspections import services
from inspections.enums import TaskState
from inspections.models import ChecklistAnswer
from metrostd.common import clock
from tests.factories.accounts import sign_in
from tests.factories.inspections import StopOrderFactory, TaskFactory
from tests.factories.registry import AuthorityFactory

from .story import FACT, VISIT, make_visit

pytestmark = pytest.mark.django_db
BOARD = reverse("inspections:board")
PART = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def started(visit):
    return visit.assign().start()


def say(visit, code, value, note="", *, at=None):
    """An item answered on site."""
    answer = ChecklistAnswer.objects.filter(sheet__task=visit.task, item__code=code).first()
    with clock.pinned(at or clock.now()):
        services.save_answer(
            answer,
            value=value,
            note=note,
            base_version=answer.version,
            client_id=uuid.uuid4(),
            actor=visit.leader.user,
        )
    return answer


def test_shows_each_sheet_and_each_problem_with_the_latest_first(client, started):
    say(started, "A01", "conform")
    say(started, "A02", "deficient", FACT, at=VISIT + dt.timedelta(minutes=5))
    say(started, "D02", "nonconform", FACT)
    sign_in(client, started.office)

    page = client.get(BOARD)

    (visit,) = page.context["board"].visits
    assert (visit.done, visit.problems) == (3, 2)
    assert sum(
        sheet.total for sheet in visit.sheets
    ) == started.task.sheets.first().answers.count() + (started.task.sheets.last().answers.count())
    told = [(p.answer.item.code, p.word, p.fresh) for p in page.context["board"].problems]
    assert told == [("D02", "不符合", True), ("A02", "有缺陷", False)]
    assert page.context["board"].under_way == 1


def test_the_part_that_is_asked_for_again_is_the_part_alone(client, started):
    sign_in(client, started.office)
    whole = client.get(BOARD).content.decode()
    assert f'hx-get="{BOARD}"' in whole
    say(started, "A02", "deficient", FACT)

    part = client.get(BOARD, **PART).content.decode()

    assert "<main" not in part
    assert FACT in part


def test_what_is_of_another_day_or_another_office_is_not_on_it(client, visit):
    visit.assign()
    common = {"campaign": visit.task.campaign, "authority": visit.task.authority}
    tomorrow = clock.today() + dt.timedelta(days=1)
    TaskFactory(**common, planned_on=tomorrow, state=TaskState.ASSIGNED)
    yesterday = VISIT - dt.timedelta(days=1)
    TaskFactory(**common, state=TaskState.CONCLUDED, arrived_at=yesterday, left_at=yesterday)
    long = TaskFactory(**common, state=TaskState.SIGNING, arrived_at=yesterday)
    TaskFactory(
        campaign=visit.task.campaign, authority=AuthorityFactory(), planned_on=clock.today()
    )
    sign_in(client, visit.office)

    found = client.get(BOARD).context["board"]

    assert [each.task for each in found.visits] == [long, visit.task]
    assert (found.under_way, found.waiting, found.over, found.in_vain) == (1, 1, 0, 0)


def test_a_stop_that_is_proposed_stands_beside_the_visit(client, started):
    StopOrderFactory(task=started.task)
    sign_in(client, started.office)

    assert "停止量值传递 1 项" in client.get(BOARD).content.decode()


def test_inspectors_and_units_are_told_whose_it_is(client, started):
    for member in (started.leader, started.unit):
        sign_in(client, member)
        assert client.get(BOARD).status_code == 403


def test_asks_the_same_statements_however_many_visits_and_problems(client, started):
    say(started, "A02", "deficient", FACT)
    sign_in(client, started.office)
    client.get(BOARD, **PART)
    with CaptureQueriesContext(connection) as one:
        client.get(BOARD, **PART)
    for _ in range(3):
        more = make_visit(campaign=started.task.campaign, authority=started.task.authority)
        more.assign().start()
        say(more, "A02", "deficient", FACT)
        say(more, "D02", "nonconform", FACT)
    with CaptureQueriesContext(connection) as four:
        page = client.get(BOARD, **PART)

    assert page.content.decode().count("board-visit") == 4
    assert len(four) == len(one)
