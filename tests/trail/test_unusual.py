"""Unusual access: very many units, at night, in vain, after leaving a team."""

import datetime as dt

import pytest
from django.urls import reverse

from inspections.enums import TeamRole
from inspections.hooks import left_a_team
from metrostd.common import audit, clock, refused_access
from metrostd.common.enums import AccessKind
from metrostd.common.roles import Role
from metrostd.trail import unusual
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 6, 15)


@pytest.fixture
def person():
    return MembershipFactory()


def look(person, units: int, *, hour: int = 10, kind: str = AccessKind.READ) -> None:
    for n in range(units):
        with clock.pinned(clock.at_time(DAY, hour) + dt.timedelta(minutes=n)):
            audit.record_access(actor=person.user, kind=kind, what=f"示例单位{n}：检查任务 {n}")


def kinds() -> list[tuple[str, str]]:
    return [(row.kind, row.said) for row in unusual.found(DAY, DAY)]


def test_very_many_units_in_an_hour(person):
    look(person, unusual.MANY_UNITS)

    assert kinds() == [("短时间大量查阅", "一小时内查阅20家单位（机关）的材料")]


def test_as_many_pages_of_few_units_are_usual(person):
    for _ in range(3):
        look(person, 10)

    assert kinds() == []


@pytest.mark.parametrize(("hour", "there"), [(21, False), (22, True), (2, True), (6, False)])
def test_night(person, hour, there):
    look(person, unusual.MANY_AT_NIGHT, hour=hour)

    assert (kinds() == [("夜间查阅", "22时至次日6时查阅、导出3次")]) is there


def test_refusals_again_and_again(person):
    look(person, unusual.MANY_REFUSALS, kind=refused_access.OUT_OF_SCOPE)

    assert kinds() == [("多次被拒绝", "一天内被拒绝的记录5条")]


def test_after_leaving_a_team(person):
    task = TaskFactory()
    with clock.pinned(clock.at_time(DAY, 9)):
        audit.record(
            task, actor=None, action="task.change_team", label="调整检查组",
            before={"team": ["组长 甲"], "people": [person.user.pk, 4711]}, after={"people": [4711]},
        )  # fmt: skip
    with clock.pinned(clock.at_time(DAY, 10)):
        audit.record_access(
            actor=person.user, kind=refused_access.OUT_OF_SCOPE, what=f"GET / {task.unit}"
        )

    assert [d.person for d in left_a_team(clock.at_time(DAY, 0))] == [person.user.pk]
    assert kinds() == [
        ("退出检查组后查阅", f"退出检查组后仍查阅或试图查阅{task.unit.name}的材料1次")
    ]


def test_the_page_leads_to_the_rows(client, person):
    look(person, unusual.MANY_UNITS)
    auditor = sign_in(client, MembershipFactory(role=Role.AUDITOR))

    page = auditor.get(reverse("trail:unusual"), {"since": DAY, "until": DAY}).content.decode()

    assert person.user.display_name in page
    assert f"kind=access&amp;who={person.user.username}&amp;since=2021-06-15" in page


def test_a_change_of_a_team_says_who_was_and_is_in_it():
    from inspections.moves.task import _as_said

    member = MembershipFactory(role=Role.DISTRICT_INSPECTOR)

    assert _as_said([(member, TeamRole.LEADER)]) == {
        "team": [f"组长 {member.user}"], "people": [member.user_id],
    }  # fmt: skip
