"""Who may make up a team: at least two officers, one leader, nobody with an interest in the unit or bureau."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from metrostd.accounts.models import Membership
from metrostd.accounts.querysets import MembershipQuerySet
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry import legal
from metrostd.registry.enums import UnitType
from metrostd.registry.models import Authority, ProfessionalField

from .enums import TeamRole
from .models import DeclaredInterest, InspectionTask, TeamMember

Place = tuple[Membership, TeamRole]


def authority_subtree(authority_id: int) -> set[int]:
    """The office and the functional-zone bureaus below it, one query."""
    pairs = list(Authority.objects.exclude(parent=None).values_list("pk", "parent_id"))
    found = {authority_id}
    grown = True
    while grown:
        more = {pk for pk, parent in pairs if parent in found} - found
        grown = bool(more)
        found |= more
    return found


@dataclass(frozen=True, slots=True)
class Recusals:
    """Who has to withdraw from a visit (回避, 行政处罚法第四十三条): read once for a task, asked for each person."""

    task: InspectionTask
    #: Users who belong to the inspected unit or bureau in any capacity.
    unit_users: frozenset[int]
    #: What users declared about the unit, in words.
    declared: Mapping[int, str]

    @classmethod
    def of(cls, task: InspectionTask) -> "Recusals":
        """Three queries, however many people are asked about; one for a bureau."""
        if task.bureau_id is not None:
            there = Membership.objects.filter(authority=task.bureau_id)
            return cls(task, frozenset(there.values_list("user_id", flat=True)), {})
        own = Membership.objects.filter(unit=task.unit_id).values_list("user_id", flat=True)
        employed = Membership.objects.filter(employer=task.unit_id).values_list(
            "user_id", flat=True
        )
        declared = DeclaredInterest.objects.standing().filter(unit=task.unit_id)
        return cls(
            task,
            frozenset(own) | frozenset(employed),
            {
                row.membership.user_id: row.get_kind_display()
                for row in declared.select_related("membership").order_by("pk")
            },
        )

    def reason(self, member: Membership) -> str:
        """Why this person has to withdraw, or an empty string.

        An expert or assessor without a recorded employer is refused where the unit is itself a
        technical institute.
        """
        if self.task.bureau_id is not None:
            own = member.authority_id == self.task.bureau_id or member.user_id in self.unit_users
            return "是被检查区局人员，应当回避" if own else ""
        if member.employer_id == self.task.unit_id:
            return "任职于被检查单位，应当回避"
        if member.unit_id == self.task.unit_id or member.user_id in self.unit_users:
            return "是被检查单位人员，应当回避"
        if declared := self.declared.get(member.user_id):
            return f"已申报利害关系（{declared}），应当回避"
        institute = self.task.of_unit.unit_type == UnitType.STATUTORY_INSTITUTE
        if institute and member.role in Role.technical and member.employer_id is None:
            return "未登记任职单位，无法判断是否需要回避"
        return ""


def must_withdraw(task: InspectionTask) -> str:
    """Who of the team has to withdraw by now, in words: what was declared after the team was sent counts, too."""
    recusals = Recusals.of(task)
    for place in task.team.select_related("membership__user"):
        if reason := recusals.reason(place.membership):
            return f"{place.membership.user}{reason}，请由组织检查的部门调整检查组后再开始检查。"
    return ""


def candidates(authority_id: int, organiser_id: int) -> MembershipQuerySet:
    """Whom an office may send: its officers and those of its zones; assessors and experts also of the organiser."""
    own = authority_subtree(authority_id)
    technical = Q(role__in=Role.technical) & (Q(authority__in=own) | Q(authority=organiser_id))
    return (
        Membership.objects.active()
        .filter(Q(role__in=Role.officers, authority__in=own) | technical)
        .select_related("user", "authority", "employer")
        .prefetch_related("fields")
    )


def certificate_over(member: Membership, *, on: dt.date) -> str:
    """Why a person may not be sent on that day: whoever inspects shows a certificate that is valid."""
    if not member.cert_expired(on):
        return ""
    kind = "考评员证" if member.role in Role.technical else "执法证"
    return f"的{kind}有效期至{cn_date(member.cert_valid_until)}，到检查时已过期，不能安排"


def team_problems(
    task: InspectionTask, members: Iterable[Place], *, on: dt.date | None = None
) -> list[str]:
    """Every rule a proposed team breaks, in words for the person who proposes it; ``on`` is the day of the visit."""
    places, day = list(members), on or clock.today()
    found: list[str] = []
    officers = [m for m, role in places if role in TeamRole.officers and m.role in Role.officers]
    if len(officers) < 2:
        found.append(f"执法人员不得少于两人（{legal.sentence(legal.TWO_OFFICERS, on=day)}）。")
    leaders = sum(role == TeamRole.LEADER for _, role in places)
    if leaders != 1:
        found.append("检查组应有且只有一名组长。")
    people = Counter(member.user_id for member, _ in places)
    found += [f"{m.user}重复列入。" for m, _ in places if people.pop(m.user_id, 0) > 1]
    subtree = authority_subtree(task.authority_id)
    recusals = Recusals.of(task)
    for member, role in places:
        found += _place_problems(task, member, role, subtree=subtree, recusals=recusals)
        if over := certificate_over(member, on=day):
            found.append(f"{member.user}{over}。")
    return found


def _place_problems(
    task: InspectionTask,
    member: Membership,
    role: TeamRole,
    *,
    subtree: set[int],
    recusals: Recusals,
) -> list[str]:
    found = []
    if member.has_ended(clock.today()):
        found.append(f"{member.user}的任职身份已停用。")
    if role in TeamRole.officers and member.role not in Role.officers:
        found.append(f"{member.user}不是执法人员，不能担任{TeamRole(role).label}。")
    if member.role in Role.officers and member.authority_id not in subtree:
        found.append(f"{member.user}不属于{task.authority}，不能参加本次检查。")
    if reason := recusals.reason(member):
        found.append(f"{member.user}{reason}。")
    return found


def team_warnings(task: InspectionTask, members: Iterable[Place]) -> list[str]:
    """What the office should look at before it assigns the team; nothing here forbids it.

    Officers show their certificate at the door (行政处罚法第五十五条), and its number is printed in
    the record. When assessors or experts take part, their fields should cover those of the standards.
    """
    places = list(members)
    found = [
        f"{member.user}没有登记执法证号，检查记录上将空缺。"
        for member, role in places
        if role in TeamRole.officers and not member.officer_cert_no
    ]
    return found + _uncovered(task, [m for m, _ in places if m.role in Role.technical])


def _uncovered(task: InspectionTask, technical: list[Membership]) -> list[str]:
    if not technical:
        return []
    covered = set(
        ProfessionalField.objects.filter(pk__in=_field_ids(technical)).values_list("pk", flat=True)
    )
    wanted = {
        row.field_id: row.field for row in task.standards.select_related("field") if row.field
    }
    missing = [field.name for pk, field in wanted.items() if pk not in covered]
    if not missing:
        return []
    return [f"考评员、专家的专业未覆盖：{'、'.join(missing)}。"]


def _field_ids(members: list[Membership]) -> set[int]:
    through = Membership.fields.through
    rows = through.objects.filter(membership__in=[m.pk for m in members])
    return set(rows.values_list("professionalfield_id", flat=True))


def write_team(task: InspectionTask, members: Iterable[Place]) -> list[TeamMember]:
    """Replace the team of a task; officers' certificate numbers are kept as they are today."""
    task.team.all().delete()
    return TeamMember.objects.bulk_create(
        TeamMember(task=task, membership=member, role=role, officer_cert_no=member.officer_cert_no)
        for member, role in members
    )
