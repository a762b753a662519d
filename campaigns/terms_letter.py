"""The mail about announced terms of a draw: what leaves the building cannot be changed there any more."""

from django.conf import settings

from metrostd.accounts.letters import Letter, send
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_datetime

from .models import DrawTerms


def post(terms: DrawTerms) -> None:
    """To everybody above with a verified address: they hold what the database said at that time."""
    organiser = terms.campaign.organiser_id
    roles = {Role.DISCIPLINE}
    if terms.authority_id != organiser:
        roles.add(Role.CITY_ADMIN)
    rows = Membership.objects.active().filter(
        role__in=roles, authority=organiser, user__email_verified_at__isnull=False
    )
    people = {row.user_id: row.user for row in rows.select_related("user")}
    said = _words(terms)
    send(
        Letter(f"terms:{terms.pk}", person, person.sealed_email, f"请收悉：{terms}", said)
        for person in people.values()
    )


def _words(terms: DrawTerms) -> str:
    return (
        f"{terms.campaign}\n{terms}（{terms.get_kind_display()}）\n\n"
        f"约定哈希：{terms.hash}\n随机数承诺：{terms.commitment}\n"
        f"公开来源：第{terms.issue}期，{cn_datetime(terms.moment)}以后录入\n"
        f"请在{cn_datetime(terms.acknowledge_by)}前登录收悉："
        f"{settings.PORTAL_URL}{terms.get_absolute_url()}\n\n请保存这封邮件，抽取后用于核对。"
    )
