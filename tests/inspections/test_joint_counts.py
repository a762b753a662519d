"""How many visits were made together with others: counted by hand, as of a day, and said wherever plans are quoted."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.together import made_by_office
from inspections.enums import JointState, TaskKind, TaskState
from inspections.models import ChecklistSheet, EarlierSigning, JointVisit
from metrostd.common.enums import Conclusion
from metrostd.plans import moves
from metrostd.plans.enums import PlanState
from metrostd.plans.models import WorkPlan
from reporting.annex3 import build
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.inspections import SheetFactory, TaskFactory
from tests.factories.registry import AuthorityFactory, UnitFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
OTHER_KIND = "检验检测机构双随机抽查"
SAID = f"实际合并实施检查4次，其中与乙区局的现场检查联合实施2次，与{OTHER_KIND}合并实施2次，与甲区局的复查联合实施1次"


@pytest.fixture
def city():
    return AuthorityFactory(city=True)


@pytest.fixture
def campaign(city):
    return CampaignFactory(organiser=city)


@pytest.fixture
def offices(city):
    names = ("甲区局", "乙区局")
    return [AuthorityFactory(parent=city, short_name=name) for name in names]


@pytest.fixture
def visits(campaign, offices):
    """Four visits of the first office count, and as many do not."""
    first, second = offices

    def visited(office, *, signed: dt.datetime | None = VISIT, **more):
        task = TaskFactory(campaign=campaign, authority=office, state=TaskState.CONCLUDED, **more)
        SheetFactory(task=task, signed_at=signed, standard=None, conclusion=Conclusion.CONFORM)
        return task

    def joined(one, other, state=JointState.JOINED):
        JointVisit.objects.create(first=one, second=other, planned_on=VISIT.date(), state=state)
        return one

    alone = {"unit": UnitFactory(territorial_authority=first)}
    given_back = joined(visited(first), visited(second))
    joined(visited(second), visited(first, merged_with=OTHER_KIND))
    visited(first, merged_with=f"{OTHER_KIND}。\n")
    joined(visited(first, **alone), visited(first, kind=TaskKind.RECHECK, **alone))
    # Not made, not together, or not together after all.
    joined(visited(first), visited(second, signed=None))
    joined(visited(first), visited(second), state=JointState.PARTED)
    visited(first)
    visited(first, merged_with=OTHER_KIND, signed=VISIT + dt.timedelta(days=2))
    return given_back


def test_counted_by_hand_in_one_query(visits, campaign, offices, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = made_by_office(campaign, None, by=VISIT)

    assert found == {
        "甲区局": SAID,
        "乙区局": "实际合并实施检查2次，其中与甲区局的现场检查联合实施2次",
    }
    assert list(made_by_office(campaign, offices[1], by=VISIT)) == ["乙区局"]
    assert made_by_office(campaign, None, by=VISIT - dt.timedelta(minutes=1)) == {}
    assert made_by_office(CampaignFactory(), None, by=VISIT) == {}


def test_a_later_day_has_one_more_and_what_is_given_back_changes_no_earlier_day(
    visits, campaign, offices
):
    later = VISIT + dt.timedelta(days=2)
    assert made_by_office(campaign, offices[0], by=later)["甲区局"].startswith(
        "实际合并实施检查5次"
    )

    sheet = ChecklistSheet.objects.get(task=visits)
    EarlierSigning.objects.create(
        sheet=sheet, signed_at=VISIT, until=later, conclusion=sheet.conclusion
    )
    ChecklistSheet.objects.filter(pk=sheet.pk).update(signed_at=None)

    assert made_by_office(campaign, offices[0], by=VISIT)["甲区局"] == SAID
    assert made_by_office(campaign, offices[0], by=later)["甲区局"].startswith(
        "实际合并实施检查4次"
    )


def test_plan_page_annex_3_and_report_say_the_number(client, visits, campaign, offices):
    plan = WorkPlan.objects.create(
        campaign=campaign,
        authority=offices[0],
        ratio_percent=20,
        onsite_start=dt.date(2021, 6, 1),
        onsite_end=dt.date(2021, 7, 31),
        merged_with=OTHER_KIND,
        state=PlanState.FILED,
        submitted_at=VISIT - dt.timedelta(days=30),
    )
    sign_in(client, MembershipFactory(authority=offices[0]))

    assert SAID in client.get(reverse("plans:detail", args=[plan.pk])).content.decode()
    assert f"{SAID}。" in moves.in_sentences(plan, by=VISIT)
    for office in (offices[0], None):
        notes = build(campaign, office, as_of=VISIT).notes
        planned = f"甲区局：与{OTHER_KIND}合并实施"
        assert notes.index(planned) < notes.index(f"甲区局：{SAID}")
    JointVisit.objects.all().delete()
    ChecklistSheet.objects.all().update(signed_at=None)
    page = client.get(reverse("plans:detail", args=[plan.pk])).content.decode()
    assert "还没有合并实施的检查" in page
