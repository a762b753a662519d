"""The calendar of visits: who goes where, what falls on whom, and who would have to be in two places."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inspections.agenda import are_apart
from inspections.enums import TaskState
from inspections.models import InspectionTask
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory, TeamMemberFactory
from tests.factories.registry import AuthorityFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
DAY = VISIT.date()
CALENDAR = reverse("inspections:calendar")


def another(
    visit, *, name="乙单位", place="示例路2号", on=DAY, member=None, **more
) -> InspectionTask:
    """A further visit of the same office, to which the leader of the first one goes as well."""
    task = TaskFactory(
        campaign=visit.task.campaign,
        authority=more.pop("authority", visit.task.authority),
        unit__name=name,
        place=place,
        planned_on=on,
        state=more.pop("state", TaskState.ASSIGNED),
        **more,
    )
    TeamMemberFactory(task=task, membership=member or visit.leader)
    return task


def office_of(client, visit):
    return sign_in(client, visit.office)


class TestCalendar:
    def test_shows_the_month_of_the_visits_with_each_at_its_day(self, client, visit):
        visit.assign()
        later = another(visit, on=DAY + dt.timedelta(days=1))
        office_of(client, visit)

        page = client.get(CALENDAR)

        days = {day.date: day for week in page.context["weeks"] for day in week}
        assert days[DAY].visits == [visit.task]
        assert days[later.planned_on].visits == [later]
        assert page.context["total"] == 2
        assert page.context["clashes"] == []
        assert {p.name: p.load for p in page.context["people"]} == {
            str(visit.leader.user): 2,
            str(visit.officer.user): 1,
        }

    def test_the_week_has_a_line_for_each_person(self, client, visit):
        visit.assign()
        another(visit, on=DAY - dt.timedelta(days=7))
        office_of(client, visit)

        page = client.get(CALENDAR, {"view": "week", "on": DAY.isoformat()})

        lines = {
            person.name: [len(c.visits) for c in cells] for person, cells in page.context["lines"]
        }
        week = [0, 1, 0, 0, 0, 0, 0]
        assert lines == {str(visit.leader.user): week, str(visit.officer.user): week}
        assert page.context["title"] == "2021年6月14日至6月20日"

    def test_two_places_on_one_day_are_a_clash(self, client, visit):
        visit.assign()
        other = another(visit)
        office_of(client, visit)

        page = client.get(CALENDAR)

        (clash,) = page.context["clashes"]
        assert (clash.person, clash.day) == (str(visit.leader.user), DAY)
        assert set(clash.visits) == {visit.task, other}
        assert "安排冲突" in page.content.decode()

    @pytest.mark.parametrize("more", [{"place": "示例路1号"}, {"state": TaskState.CONCLUDED}])
    def test_under_one_roof_or_over_it_is_none(self, client, visit, more):
        visit.assign()
        another(visit, **more)
        office_of(client, visit)

        assert client.get(CALENDAR).context["clashes"] == []

    def test_is_narrowed_to_one_person(self, client, visit):
        visit.assign()
        another(
            visit, member=MembershipFactory(role=visit.leader.role, authority=visit.task.authority)
        )
        office_of(client, visit)

        page = client.get(CALENDAR, {"officer": visit.officer.user_id})

        assert page.context["total"] == 1
        assert [person.key for person in page.context["people"]] == [visit.officer.user_id]

    def test_another_offices_visits_are_not_on_it(self, client, visit):
        visit.assign()
        another(visit, authority=AuthorityFactory(), member=visit.officer)
        office_of(client, visit)

        assert client.get(CALENDAR).context["total"] == 1

    @pytest.mark.parametrize("on", ["", "nonsense", "2021-02-30", "0001-01-01", "9999-12-31"])
    def test_any_day_in_the_address_gives_a_page(self, client, visit, on):
        visit.assign()
        office_of(client, visit)

        assert client.get(CALENDAR, {"on": on, "officer": "x", "district": "x"}).status_code == 200

    def test_inspectors_and_units_are_told_whose_it_is(self, client, visit):
        for member in (visit.leader, visit.unit):
            sign_in(client, member)
            assert client.get(CALENDAR).status_code == 403

    def test_takes_the_same_statements_however_many_visits(self, client, visit):
        visit.assign()
        office_of(client, visit)
        client.get(CALENDAR)
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get(CALENDAR)
        for number in range(4):
            another(visit, name=f"单位{number}", place=f"路{number}号")
        with CaptureQueriesContext(connection) as five:
            client.get(CALENDAR)

        assert len(five) == len(one)


class TestAssignment:
    def test_says_whom_it_puts_in_two_places(self, client, visit):
        other = another(visit, name="丙单位")
        office_of(client, visit)
        address = reverse("inspections:assign", args=[visit.task.pk])
        assert "已安排 1 次" in client.get(address).content.decode()

        page = client.post(
            address,
            {
                "planned_on": DAY.isoformat(),
                "place": "示例路1号",
                f"role-{visit.leader.pk}": "leader",
                f"role-{visit.officer.pk}": "officer",
            },
            follow=True,
        )

        visit.task.refresh_from_db()
        assert visit.task.state == TaskState.ASSIGNED
        words = page.content.decode()
        assert f"{visit.leader.user}2021年6月15日还安排了{other.unit.name}，地点不同" in words
        assert str(visit.officer.user) + "2021年" not in words

    def test_another_offices_visit_is_told_without_whose_it_is(self, client, visit):
        elsewhere = another(visit, authority=AuthorityFactory(), name="保密单位")
        office_of(client, visit)

        page = client.post(
            reverse("inspections:assign", args=[visit.task.pk]),
            {
                "planned_on": DAY.isoformat(),
                f"role-{visit.leader.pk}": "leader",
                f"role-{visit.officer.pk}": "officer",
            },
            follow=True,
        )

        words = page.content.decode()
        assert f"{elsewhere.authority}的检查" in words
        assert "保密单位" not in words


def test_without_an_address_other_units_are_apart(visit):
    first, second = TaskFactory(unit__actual_address=""), TaskFactory(unit__actual_address="")

    assert are_apart(first, second)
    assert not are_apart(first, TaskFactory(unit=first.unit))
