"""A due day that passed counts the moment it has: no list, figure or page waits for the nightly job."""

import datetime as dt

import pytest

from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common import clock
from rectification import hooks, lapsing, selection
from rectification.moves import extension as extension_moves
from rectification.moves import order as order_moves
from tests.factories.rectification import ReviewedTaskFactory, issue, submitted

from .pages import as_office, as_unit, finding_of, url

pytestmark = pytest.mark.django_db

DUE = dt.date(2021, 8, 20)
AFTER = DUE + dt.timedelta(days=1)
_ASKED = [*selection.GROUPS, *(state for state in FindingState.values if state != "draft")]


@pytest.fixture
def order():
    """Of one visit, each in an order of its own: a finding nobody reported on, one that waits for a
    decision on more time, two that were reported; the first is told."""
    task = ReviewedTaskFactory()
    gone, held, *sent = (issue(task, due_on=DUE) for _ in range(4))
    for each in sent:
        submitted(each)
    extension_moves.ask_extension(
        finding_of(held), wanted_on=dt.date(2021, 9, 10), reason="示例理由", actor=None
    )
    return gone


@pytest.fixture
def morning():
    with clock.pinned(clock.at_time(AFTER, 0)):
        yield


def _lists(client, order) -> dict[str, object]:
    """All a person of the office reads of findings: rows, badges, figures, filters, sorts, export."""
    read: dict[str, object] = {}
    for query in ("", "?overdue=yes", "?overdue=soon", "?sort=state", "?sort=-state"):
        page = client.get(url("index") + query).context["page"]
        read[query] = [(f.pk, f.get_state_display(), f.state_tone, f.next_label) for f in page]
    for state in _ASKED:
        chosen = client.get(url("index"), {"state": state}).context["page"]
        read[state] = [finding.pk for finding in chosen]
    read["figures"] = client.get(url("index")).context["figures"]
    shown = client.get(url("order", order.pk)).context["order"]
    read["order"] = (shown.get_state_display(), shown.state_tone)
    read["closing"] = list(hooks.unfinished_rectification(order.task.campaign))
    return read


def test_an_office_reads_the_same_before_the_night_s_work_and_after(client, order, morning):
    as_office(client, order.task)
    gone, on = finding_of(order), clock.today()

    before = _lists(client, order)
    assert order_moves.fail_overdue(on) == 1
    after = _lists(client, order)

    assert before == after
    assert before["failed"] == before["to_handle"] == [gone.pk]
    assert gone.pk not in before["with_unit"] + before["ordered"] + before["?overdue=yes"]
    assert before["order"] == ("整改不合格", "bad")
    figures = before["figures"]
    assert (figures.to_handle, figures.with_unit, figures.overdue, figures.total) == (1, 1, 1, 4)


def test_a_unit_reads_that_its_day_is_over(client, order, morning):
    as_unit(client, order.task)

    shown = {row.pk: row for row in client.get(url("index")).context["page"]}[order.pk]

    assert (shown.get_state_display(), shown.waiting) == ("整改不合格", 0)
    assert [line["finding"].get_state_display() for line in shown.lines] == ["整改不合格"]
    assert order.items.get().finding.state == FindingState.ORDERED


def test_the_rule_is_the_same_for_a_row_a_filter_and_a_column(order, morning):
    rows, on = Finding.objects.order_by("pk"), clock.today()

    told = {row.pk: str(row.state_now) for row in rows}

    assert told == dict(rows.values_list("pk", lapsing.state_on(on)))
    for state in FindingState.values:
        found = set(rows.filter(lapsing.in_state({state}, on)).values_list("pk", flat=True))
        assert found == {pk for pk, its in told.items() if its == state}, state


def test_the_list_asks_for_no_row_alone(client, django_assert_num_queries, morning):
    with clock.pinned(clock.at_time(DUE)):
        task = ReviewedTaskFactory()
        orders = [issue(task, due_on=DUE) for _ in range(3)]
        for row in orders[1:]:
            extension_moves.ask_extension(
                finding_of(row), wanted_on=dt.date(2021, 9, 10), reason="示例理由", actor=None
            )
    as_office(client, task)
    client.get(url("index"))

    with django_assert_num_queries(14):
        page = client.get(url("index")).context["page"]

    assert len(page) == 3
