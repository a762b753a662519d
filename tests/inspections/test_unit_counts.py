"""How far the listed units are: one definition for the list, the desk and Annex 3."""

import datetime as dt
from collections import Counter

import pytest
from django.urls import reverse

from campaigns import extension
from inspections.models import InspectionTask
from inspections.unit_counts import UnitCounts, counts_by_office, unit_counts
from reporting.annex3 import build
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory
from tests.factories.registry import AuthorityFactory
from tests.factories.reporting import small_city

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2021, 12, 31)


@pytest.fixture
def city():
    return small_city(units=40, seed=5)


def test_every_office_has_the_counts_of_its_annex_3(city):
    found = counts_by_office(city.campaign).offices

    for office in (city.organiser, *city.districts):
        total = build(city.campaign, office, as_of=AS_OF).blocks["I"].total
        wanted = UnitCounts(total["u_plan"], total["u_insp"], total["u_np"])
        assert (office.code, found[office.pk]) == (office.code, wanted)


def test_the_whole_city_has_the_counts_of_the_roll_up(city):
    total = build(city.campaign, None, as_of=AS_OF).blocks["I"].total

    found = unit_counts(InspectionTask.objects.filter(campaign=city.campaign))

    assert found == UnitCounts(total["u_plan"], total["u_insp"], total["u_np"])


def test_a_visit_that_failed_and_its_follow_up_are_one_unit():
    first = TaskFactory(state="follow_up")
    again = {"campaign": first.campaign, "unit": first.unit, "authority": first.authority}
    second = TaskFactory(state="planned", kind="follow_up", **again)
    tasks = InspectionTask.objects.all()

    assert unit_counts(tasks) == UnitCounts(1, 0, 0)
    InspectionTask.objects.filter(pk=second.pk).update(state="not_performed")
    assert unit_counts(tasks) == UnitCounts(1, 0, 1)
    TaskFactory(state="reviewed", kind="follow_up", **again)
    assert unit_counts(tasks) == UnitCounts(1, 1, 0)


def test_a_unit_of_several_offices_is_one_in_the_whole_and_one_with_each():
    task = TaskFactory(state="reviewed")
    campaign, unit = task.campaign, task.unit
    offices = [task.authority, *AuthorityFactory.create_batch(2)]
    TaskFactory(campaign=campaign, unit=unit, authority=offices[1], state="not_performed")
    TaskFactory(campaign=campaign, unit=unit, authority=offices[2], state="planned")
    alone = TaskFactory(campaign=campaign, authority=offices[1], state="planned")
    TaskFactory(unit=alone.unit, state="reviewed")  # in another campaign

    found = counts_by_office(campaign)

    assert found.whole == unit_counts(InspectionTask.objects.filter(campaign=campaign))
    assert found.whole == UnitCounts(2, 1, 0)
    assert found.offices == {
        offices[0].pk: UnitCounts(1, 1, 0),
        offices[1].pk: UnitCounts(2, 0, 1),
        offices[2].pk: UnitCounts(1, 0, 0),
    }


def test_the_desk_of_the_city_says_the_same_in_its_panel_and_in_the_strip(client, city):
    sign_in(client, MembershipFactory(role="city_admin", authority=city.organiser))
    task = InspectionTask.objects.filter(campaign=city.campaign, authority=city.districts[0])[0]
    TaskFactory(campaign=city.campaign, unit=task.unit, authority=city.districts[1])
    total = unit_counts(InspectionTask.objects.filter(campaign=city.campaign))

    page = client.get(reverse("desk"), {"campaign": city.campaign.code})

    strip = {step.kind: step.note for step in page.context["frame"].stages}
    assert strip["onsite"] == f"完成 {total.inspected}/{total.listed} 家"
    own = extension.stage_notes(city.campaign, page.context["user"])
    assert strip == own
    panel = next(p for p in page.context["panels"] if p.title == "各部门现场检查进度")
    rows = Counter((row.done, row.total) for row in panel.rows)
    offices = counts_by_office(city.campaign).offices.values()
    assert rows == Counter((office.inspected, office.listed) for office in offices)
    assert sum(row.total for row in panel.rows) > total.listed


def test_the_tiles_follow_the_filter(client, city):
    sign_in(client, MembershipFactory(role="city_admin", authority=city.organiser))
    office = city.districts[0]
    total = build(city.campaign, office, as_of=AS_OF).blocks["I"].total
    session = client.session
    session["campaign"] = city.campaign.pk
    session.save()

    page = client.get(
        reverse("inspections:index"), {"district": office.pk, "campaign": city.campaign.code}
    )

    assert page.context["units"] == UnitCounts(total["u_plan"], total["u_insp"], total["u_np"])
    assert "实际检查单位" in page.content.decode()
    nothing = client.get(reverse("inspections:index"), {"district": office.pk, "q": "没有这家单位"})
    assert nothing.context["units"] == UnitCounts()
