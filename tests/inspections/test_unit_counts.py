"""How far the listed units are: one definition for the list, the desk and Annex 3."""

import datetime as dt

import pytest
from django.urls import reverse

from inspections.models import InspectionTask
from inspections.unit_counts import UnitCounts, counts_by_office, unit_counts
from reporting.annex3 import build
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory
from tests.factories.reporting import small_city

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2021, 12, 31)


@pytest.fixture
def city():
    return small_city(units=40, seed=5)


def test_every_office_has_the_counts_of_its_annex_3(city):
    found = counts_by_office(InspectionTask.objects.filter(campaign=city.campaign))

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
