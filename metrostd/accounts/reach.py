"""Whether mail reaches a person: an address mails come back from is used again only when it was proved anew."""

import datetime as dt

from django.db import transaction

from metrostd.common import audit, clock

from .models import User
from .telling import tell_person


@transaction.atomic
def mail_came_back(person: User, said: str, *, sent_at: dt.datetime) -> bool:
    """The address on record does not work any more; False when another one was proved since the mail left."""
    rows = User.objects.filter(
        pk=person.pk, email_verified_at__lte=sent_at, sealed_email=person.sealed_email
    )
    if not rows.update(
        email_verified_at=None, email_bounced_at=clock.now(), email_bounce=said[:200]
    ):
        return False
    person.refresh_from_db(fields=["email_verified_at", "email_bounced_at", "email_bounce"])
    audit.record(person, actor=None, action="account.mail_came_back", label="邮箱退信", note=said)
    tell_person(
        person,
        subject="您的邮箱收不到邮件",
        body=f"{said}以后的提醒只在收件箱。请在“我的账户”更正邮箱或者重新核实。",
    )
    return True
