"""The list of an earlier day does not give the words of today for those of that day."""

import datetime as dt

import pytest

from inspections.models import EarlierSigning, Finding, ReviewProblem
from inspections.moves import result
from metrostd.common import clock
from reporting import listing
from reporting.columns import screen_row
from reporting.figures import BY_ID
from reporting.kinds import KINDS
from selfcheck.models import EarlierProblem, SelfCheckProblem
from tests.factories.inspections import FindingFactory
from tests.factories.selfcheck import ProblemFactory
from tests.inspections.bureau_story import make_bureau_visit
from tests.inspections.story import VISIT

pytestmark = pytest.mark.django_db

#: Something was written over at noon.
DAY = dt.date(2021, 7, 1)
NOON = clock.at_time(DAY, 12)
#: Columns of the kinds of records, without those the figures bring along.
WORDS = {"程度", "事实", "存在问题", "整改措施"}


def words(family, rows, as_of):
    figure = next(each for each in BY_ID.values() if each.family == family)
    columns = tuple(c for c in KINDS[family].columns if c.heading in WORDS)
    row = listing.with_relations(figure, rows, as_of=as_of).get()
    return [cell.text for cell in screen_row(columns, row)]


@pytest.mark.parametrize(("as_of", "is_so"), [(DAY - dt.timedelta(days=1), False), (DAY, True)])
def test_a_fault_found_anew_since(as_of, is_so):
    finding = FindingFactory(fact="重新查明的事实")
    EarlierSigning.objects.create(
        sheet=finding.sheet,
        signed_at=NOON - dt.timedelta(days=9),
        until=NOON,
        conclusion="deficient",
    )

    shown = words("finding", Finding.objects.all(), as_of)

    said = [finding.severity_word, "重新查明的事实"]
    assert shown == (said if is_so else [listing.REWRITTEN] * 2)


@pytest.mark.parametrize(("as_of", "is_so"), [(DAY - dt.timedelta(days=1), False), (DAY, True)])
def test_a_problem_changed_since(as_of, is_so):
    problem = ProblemFactory(description="改过的问题", measure="改过的措施")
    EarlierProblem.objects.create(problem=problem, until=NOON)

    shown = words("self_check_problem", SelfCheckProblem.objects.all(), as_of)

    assert shown == (["改过的问题", "改过的措施"] if is_so else [listing.REWRITTEN] * 2)


@pytest.mark.parametrize(("hour", "is_so"), [(11, False), (14, True)])
def test_a_problem_of_the_certification_work_found_anew_since(hour, is_so):
    visit = make_bureau_visit()
    for at, step in (
        (10, lambda: visit.signed({"P01": ("deficient", "受理单没有签收日期，补正告知书缺失。")})),
        (12, lambda: result.reopen(visit.task, actor=visit.second.user, note="事实不清")),
        (13, lambda: _signed_to(visit, "受理单签收日期晚于受理日期，补正告知书齐全。")),
    ):
        with clock.pinned(clock.at_time(VISIT.date(), at)):
            step()

    shown = words("review_problem", ReviewProblem.objects.all(), clock.at_time(VISIT.date(), hour))

    said = ["受理单签收日期晚于受理日期，补正告知书齐全。", ""]
    assert shown == (said if is_so else [listing.REWRITTEN] * 2)


def _signed_to(visit, fact):
    visit.task.refresh_from_db()
    visit.answer("P01", "deficient", fact)
    visit.conclude_sheets().send().sign_team().sign_unit().conclude()
