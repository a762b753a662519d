"""Who may make up a team."""

import pytest
from django.core.exceptions import ValidationError

from inspections.enums import TaskState, TeamRole
from inspections.moves import task as task_moves
from inspections.team import team_problems, team_warnings
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory
from tests.factories.registry import AuthorityFactory, FieldFactory, UnitFactory

from .story import VISIT, make_visit

pytestmark = pytest.mark.django_db


def person(visit, role=Role.DISTRICT_INSPECTOR, **kwargs):
    return MembershipFactory(role=role, **{"authority": visit.task.authority} | kwargs)


def problems(visit, *members):
    return team_problems(visit.task, members)


def test_two_officers_and_a_leader_are_enough(visit):
    assert problems(visit, *visit.team) == []


def test_at_least_two_officers(visit):
    assessor = person(visit, Role.ASSESSOR)

    found = problems(visit, (visit.leader, TeamRole.LEADER), (assessor, TeamRole.ASSESSOR))

    assert found == ["执法人员不得少于两人（《行政处罚法》第三十七条）。"]


def test_experts_and_assessors_do_not_count_as_officers(visit):
    expert = person(visit, Role.INSTITUTE_EXPERT)

    found = problems(visit, (visit.leader, TeamRole.LEADER), (expert, TeamRole.OFFICER))

    assert f"{expert.user}不是执法人员，不能担任执法人员。" in found
    assert "执法人员不得少于两人（《行政处罚法》第三十七条）。" in found


@pytest.mark.parametrize("roles", [("officer", "officer"), ("leader", "leader")])
def test_exactly_one_leader(visit, roles):
    members = [(visit.leader, TeamRole(roles[0])), (visit.officer, TeamRole(roles[1]))]

    assert problems(visit, *members) == ["检查组应有且只有一名组长。"]


def test_nobody_is_listed_twice(visit):
    assert problems(visit, *visit.team, (visit.officer, TeamRole.RECORDER)) == [
        f"{visit.officer.user}重复列入。"
    ]


def test_officers_belong_to_the_office_or_its_zones(visit):
    zone = AuthorityFactory(parent=visit.task.authority)
    near = person(visit, authority=zone)
    far = person(visit, authority=AuthorityFactory())

    assert problems(visit, (visit.leader, TeamRole.LEADER), (near, TeamRole.OFFICER)) == []
    assert problems(visit, *visit.team, (far, TeamRole.OFFICER)) == [
        f"{far.user}不属于{visit.task.authority}，不能参加本次检查。"
    ]


def test_who_works_for_the_unit_withdraws(visit):
    employed = person(visit, Role.ASSESSOR, employer=visit.task.unit)

    assert problems(visit, *visit.team, (employed, TeamRole.ASSESSOR)) == [
        f"{employed.user}任职于被检查单位，应当回避。"
    ]


def test_who_has_an_account_of_the_unit_withdraws(visit):
    twofold = person(visit)
    MembershipFactory(as_unit=True, unit=visit.task.unit, user=twofold.user)

    assert problems(visit, *visit.team, (twofold, TeamRole.OFFICER)) == [
        f"{twofold.user}是被检查单位人员，应当回避。"
    ]


def test_an_institute_expert_elsewhere_is_welcome_but_not_on_the_own_institute():
    visit = make_visit(unit__unit_type="statutory_institute")
    own = person(visit, Role.INSTITUTE_EXPERT, employer=visit.task.unit)
    other = person(visit, Role.INSTITUTE_EXPERT, employer=UnitFactory())
    unknown = person(visit, Role.INSTITUTE_EXPERT)

    assert problems(visit, *visit.team, (other, TeamRole.EXPERT)) == []
    assert problems(visit, *visit.team, (own, TeamRole.EXPERT)) == [
        f"{own.user}任职于被检查单位，应当回避。"
    ]
    assert problems(visit, *visit.team, (unknown, TeamRole.EXPERT)) == [
        f"{unknown.user}未登记任职单位，无法判断是否需要回避。"
    ]


def test_an_ended_membership_is_refused(visit):
    visit.officer.is_active = False

    assert problems(visit, *visit.team) == [f"{visit.officer.user}的任职身份已停用。"]


def test_assign_refuses_a_broken_team_and_changes_nothing(visit):
    with pytest.raises(ValidationError) as error:
        task_moves.assign(
            visit.task,
            actor=None,
            members=[(visit.leader, TeamRole.OFFICER)],
            planned_on=VISIT.date(),
        )

    assert len(error.value.messages) == 2
    visit.task.refresh_from_db()
    assert visit.task.state == TaskState.PLANNED
    assert not visit.task.team.exists()


def test_a_field_no_assessor_covers_is_a_warning(visit):
    assessor = person(visit, Role.ASSESSOR)
    assessor.fields.add(FieldFactory(code="04", name="热学"))

    warnings = team_warnings(visit.task, [*visit.team, (assessor, TeamRole.ASSESSOR)])

    assert warnings == ["考评员、专家的专业未覆盖：力学。"]


def test_an_officer_without_a_certificate_number_is_a_warning(visit):
    newcomer = person(visit, Role.DISTRICT_INSPECTOR)

    warnings = team_warnings(visit.task, [*visit.team, (newcomer, TeamRole.OFFICER)])

    assert warnings == [f"{newcomer.user}没有登记执法证号，检查记录上将空缺。"]


def test_no_warning_without_assessors_or_with_the_field_covered(visit):
    assessor = person(visit, Role.ASSESSOR)
    assessor.fields.add(FieldFactory())

    assert team_warnings(visit.task, visit.team) == []
    assert team_warnings(visit.task, [*visit.team, (assessor, TeamRole.ASSESSOR)]) == []
