"""Who is told when an application for 更换、封存、撤销、恢复使用 has moved."""

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.notifications.services import tell
from metrostd.registry.enums import ChangeState
from metrostd.registry.models import ChangeRecord

#: Roles that decide on applications at an authority.
_DECIDING = (Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.DISTRICT_APPROVER)


def tell_of_application(record: ChangeRecord, actor: Actor | None) -> None:
    """The hosting office hears of submission and taking back, the unit of every answer."""
    standard, word = record.standard, record.get_kind_display()
    if record.state in (ChangeState.SUBMITTED, ChangeState.WITHDRAWN):
        host = Membership.objects.of_authority(standard.hosting_authority)
        people = list(host.filter(role__in=_DECIDING))
        did = "提交" if record.state == ChangeState.SUBMITTED else "撤回"
        subject = f"{standard.unit} {did}{word}申请"
        body = f"{record.number} {standard}".strip()
    else:
        people = list(Membership.objects.of_unit(standard.unit))
        subject = f"{word}申请{record.get_state_display()}：{standard}"
        body = "。".join(filter(None, (record.number, record.authority_opinion)))
        if record.state == ChangeState.RETURNED:
            body = f"{record.number}，请按退回意见补正后重新提交。"
    tell(people, subject=subject, body=body, url=record.get_absolute_url(), sender=actor)
