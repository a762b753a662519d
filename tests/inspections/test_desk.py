"""The desk's part of inspections: today's visits for those who go, organise or are visited."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns import extension
from campaigns.enums import DutyKind
from inspections.enums import TaskState
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DutyFactory
from tests.factories.inspections import FindingFactory, TaskFactory, TeamMemberFactory

from .story import VISIT

pytestmark = pytest.mark.django_db

TODAY = VISIT.date()
DESK = reverse("desk")


def cards(client):
    groups = client.get(DESK).context["groups"]
    return [(card.target, card.action) for group in groups for card in group.cards]


def member_of(task, role=Role.DISTRICT_INSPECTOR):
    membership = MembershipFactory(role=role, authority=task.authority)
    TeamMemberFactory(task=task, membership=membership)
    return membership


class TestOnSite:
    @pytest.mark.parametrize(
        ("state", "days", "action"),
        [
            (TaskState.NOTIFIED, 0, "去检查"),
            (TaskState.ASSIGNED, -1, "去检查"),
            (TaskState.IN_PROGRESS, -1, "继续检查"),
            (TaskState.SIGNING, 0, "去签字"),
            (TaskState.NOTIFIED, 1, None),
            (TaskState.CONCLUDED, 0, None),
        ],
    )
    def test_what_is_to_be_done_today(self, client, state, days, action):
        task = TaskFactory(state=state, planned_on=TODAY + dt.timedelta(days=days))
        sign_in(client, member_of(task))

        assert cards(client) == ([(task, action)] if action else [])

    def test_signing_leads_to_the_signatures(self, client):
        task = TaskFactory(state=TaskState.SIGNING, planned_on=TODAY)
        sign_in(client, member_of(task))

        page = client.get(DESK).content.decode()

        assert f'href="{reverse("inspections:signing", args=[task.pk])}"' in page

    def test_the_duty_for_the_same_visit_is_not_listed_twice(self, client):
        task = TaskFactory(state=TaskState.NOTIFIED, planned_on=TODAY)
        inspector = member_of(task)
        about = {"authority": None, "membership": inspector, "kind": DutyKind.ONSITE_TASK}
        DutyFactory(target=task, due_on=TODAY, **about)
        other = DutyFactory(due_on=TODAY, **about)
        sign_in(client, inspector)

        assert list(client.get(DESK).context["page"]) == [other]
        assert len(client.get(DESK, {"kind": DutyKind.ONSITE_TASK}).context["page"]) == 2

    def test_visits_of_other_teams_stay_theirs(self, client):
        task = TaskFactory(state=TaskState.IN_PROGRESS, planned_on=TODAY)
        sign_in(client, MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=task.authority))

        assert cards(client) == []


class TestUnitAndOffice:
    def test_a_unit_sees_what_it_has_been_told_of_and_no_progress(self, client):
        task = TaskFactory(state=TaskState.NOTIFIED, planned_on=TODAY + dt.timedelta(days=9))
        TaskFactory(unit=task.unit, state=TaskState.ASSIGNED, planned_on=TODAY)
        sign_in(client, MembershipFactory(as_unit=True, unit=task.unit))

        groups = client.get(DESK).context["groups"]

        assert [card.target for card in groups[0].cards] == [task]
        assert groups[0].cards[0].total == 0

    def test_an_office_sees_the_visits_it_organises(self, client):
        task = TaskFactory(state=TaskState.IN_PROGRESS, planned_on=TODAY)
        TaskFactory(state=TaskState.IN_PROGRESS, planned_on=TODAY)
        sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=task.authority))

        assert cards(client) == [(task, "查看")]


class TestStageNotes:
    def test_how_far_the_stages_are_for_the_office(self):
        task = TaskFactory(state=TaskState.REVIEWED, planned_on=TODAY)
        TaskFactory(campaign=task.campaign, authority=task.authority)
        TaskFactory(campaign=task.campaign, state=TaskState.REVIEWED)
        FindingFactory(task=task, state="raised")
        office = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=task.authority)

        notes = extension.stage_notes(task.campaign, acting(office))

        assert {kind: note for kind, note in notes.items() if note} == {
            "onsite": "完成 1/2 家",
            "rectify": "销号 0/1 条",
        }

    def test_a_unit_is_not_told_of_the_visits_of_others(self):
        task = TaskFactory(state=TaskState.NOTIFIED, planned_on=TODAY)
        unit = MembershipFactory(as_unit=True, unit=task.unit)

        assert extension.stage_notes(task.campaign, acting(unit))["onsite"] == ""


class TestProgressByOffice:
    def test_the_municipal_office_sees_every_office_the_furthest_first(self):
        behind = TaskFactory(state=TaskState.NOTIFIED)
        ahead = TaskFactory(campaign=behind.campaign, state=TaskState.REVIEWED)
        city = MembershipFactory(role=Role.CITY_ADMIN, authority=behind.campaign.organiser)

        [panel] = extension.desk_panels(behind.campaign, acting(city))

        assert [(row.name, row.done, row.total) for row in panel.rows] == [
            (ahead.authority.short_name, 1, 1),
            (behind.authority.short_name, 0, 1),
        ]

    def test_a_district_has_its_own_work_to_look_at(self):
        task = TaskFactory(state=TaskState.NOTIFIED)
        office = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=task.authority)

        assert extension.desk_panels(task.campaign, acting(office)) == []


def acting(membership):
    user = membership.user
    user.acting = membership
    return user
