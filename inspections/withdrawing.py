"""Who may take back a paper that was issued: nobody his own, as long as there is somebody else."""

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority


def may_take_back(user: Actor, authority: Authority, *, issued_by: int | None) -> Verdict:
    """Somebody of the office who did not issue the paper; where there is nobody else, the office
    above; where there is none above either, who issued it. A no names who can.
    """
    acting = user.acting
    office = acting.authority_id if acting and acting.role in Role.offices else None
    if office == authority.pk and user.pk != issued_by:
        return YES
    if office is None:
        return not_you(f"由组织检查的部门（{authority}）办理。")
    others = Membership.objects.of_authority(authority).filter(role__in=Role.offices)
    people = others.exclude(user=issued_by).select_related("user")
    names = sorted({membership.user.display_name for membership in people})
    above = authority.parent
    if office != authority.pk:
        if above is not None and office == above.pk and not names:
            return YES
        return not_you(f"由组织检查的部门（{authority}）办理。")
    if names:
        return not_you(f"下达文书的人不能自己撤回，由本部门{'、'.join(names)}办理。")
    if above is None:
        return YES
    return not_you(f"下达文书的人不能自己撤回；本部门没有其他人员，由{above}办理。")
