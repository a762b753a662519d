"""Who may not decide on a draw: the office that draws, and whoever entered the value that is to be confirmed."""

from collections.abc import Iterable

from metrostd.accounts.models import Membership
from metrostd.accounts.separation import Act, separated
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from .models import DrawTerms, SamplingFrame

_ABOVE = frozenset({Role.CITY_ADMIN, Role.DISCIPLINE})
_OFFICE = "抽取部门的人员"


def people_of(authority_id: int) -> set[int]:
    """The people who run an office."""
    rows = Membership.objects.active().filter(authority=authority_id, role__in=Role.offices)
    return set(rows.values_list("user", flat=True))


def _drawing(terms: DrawTerms) -> Iterable[int | None]:
    return {terms.announced_by_id, *people_of(terms.authority_id)}


def _entered(terms: DrawTerms) -> Iterable[int | None]:
    """Of the two who enter the value one is from above: whoever entered it, or whoever confirms."""
    own = people_of(terms.authority_id)
    if terms.entered_by_id is not None and terms.entered_by_id not in own:
        return {terms.entered_by_id}
    return {terms.entered_by_id, *own}


def _organiser(terms: DrawTerms) -> Authority:
    return terms.campaign.organiser


ACKNOWLEDGE: Act[DrawTerms] = separated(
    Act(
        name="draw.acknowledge",
        who=_OFFICE,
        may_not="收悉自己的抽取约定",
        kept=_drawing,
        office=_organiser,
        roles=_ABOVE,
    )
)
CONFIRM: Act[DrawTerms] = separated(
    Act(
        name="draw.confirm",
        who="录入号码的人和抽取部门的人员",
        may_not="核对开奖号码",
        kept=_entered,
        office=_organiser,
        roles=_ABOVE,
    )
)


def _of_list(frame: SamplingFrame) -> Iterable[int | None]:
    return {frame.frozen_by_id, frame.shown_by_id, *people_of(frame.authority_id)}


DECIDE: Act[SamplingFrame] = separated(
    Act(
        name="draw.decide",
        who=_OFFICE,
        may_not="作废自己的抽取结果或者废止自己的名单和约定",
        kept=_of_list,
        office=lambda frame: frame.campaign.organiser,
        roles=_ABOVE,
    )
)
