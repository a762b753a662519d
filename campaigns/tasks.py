"""Mails of draws that workers send: what leaves the building cannot be changed there any more."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError

from metrostd.accounts import mail
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_datetime

from .models import DrawTerms

log = logging.getLogger(__name__)


def ask_for_mail(terms: DrawTerms) -> None:
    """Queue the mail with number, terms and commitment."""

    def send() -> None:
        try:
            mail_terms.delay(terms.pk)
        except (KombuError, OSError):
            log.exception("The mail about terms %s could not be queued", terms.pk)

    transaction.on_commit(send)


@shared_task(name="campaigns.mail_terms", ignore_result=True)
def mail_terms(terms_id: int) -> None:
    """To everybody above with a verified address: they hold what the database said at that time."""
    terms = DrawTerms.objects.select_related("campaign", "authority").filter(pk=terms_id).first()
    if terms is None:
        return
    organiser = terms.campaign.organiser_id
    roles = {Role.DISCIPLINE}
    if terms.authority_id != organiser:
        roles.add(Role.CITY_ADMIN)
    people = Membership.objects.active().filter(role__in=roles, authority=organiser)
    for row in people.select_related("user"):
        if row.user.email_verified_at and row.user.email:
            mail.send_notice(row.user.email, subject=f"请收悉：{terms}", body=_words(terms))


def _words(terms: DrawTerms) -> str:
    return (
        f"{terms.campaign}\n{terms}（{terms.get_kind_display()}）\n\n"
        f"约定哈希：{terms.hash}\n随机数承诺：{terms.commitment}\n"
        f"公开来源：第{terms.issue}期，{cn_datetime(terms.moment)}以后录入\n"
        f"请在{cn_datetime(terms.acknowledge_by)}前登录收悉："
        f"{settings.PORTAL_URL}{terms.get_absolute_url()}\n\n请保存这封邮件，抽取后用于核对。"
    )
