"""Who is told what: the number and nothing of what was said."""

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.notifications.services import tell

from .models import Complaint


def handlers(row: Complaint) -> list[Membership]:
    """Those who handle it."""
    roles = frozenset({Role.DISCIPLINE}) if row.by_discipline else Role.offices
    return list(Membership.objects.of_authority(row.authority).filter(role__in=roles))


def tell_arrived(row: Complaint, *, sender: Actor | None) -> None:
    """The handling office: something came, to be decided within its days."""
    tell(
        handlers(row),
        subject=f"收到{row.get_kind_display()}：{row.number}",
        body=f"来源：{row.get_channel_display()}。请在期限内决定是否受理。内容须保密，请在登记页查看。",
        url=row.get_absolute_url(),
        sender=sender,
    )


def tell_handed(row: Complaint, *, sender: Actor | None) -> None:
    """The enforcement corps: a matter was handed to it."""
    corps = Membership.objects.active().filter(role=Role.ENFORCEMENT_LIAISON)
    tell(
        list(corps),
        subject=f"移送线索：{row.number}",
        body=f"{row.authority}移送。内容须保密，请在登记页查看。",
        url=row.get_absolute_url(),
        sender=sender,
    )
