"""Mails that workers send: keys travel in the queue, codes are made where they are sent."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from kombu.exceptions import KombuError

from metrostd.common import clock, sealing

from . import codes, mail
from .enums import AccountState, CodePurpose
from .models import OneTimeCode, User

log = logging.getLogger(__name__)


def ask_for_reset(name: str) -> None:
    """Queue the mail, whether there is such an account or not: the answer takes as long."""
    _queue(mail_reset_code, name.strip()[:150])


def ask_for_mail_check(person: User) -> None:
    """Queue the code that proves a person's mail address."""
    _queue(mail_check_code, person.pk)


def tell_old_address(address: str, person: User) -> None:
    """Queue the word to an address that was replaced."""
    _queue(mail_replaced, person.pk, address)


def _queue(task: object, *arguments: object) -> None:
    def send() -> None:
        try:
            task.delay(*arguments)  # type: ignore[attr-defined]
        except (KombuError, OSError):
            log.exception("A mail could not be queued")

    transaction.on_commit(send)


@shared_task(name="accounts.mail_reset_code", ignore_result=True)
def mail_reset_code(name: str) -> None:
    """A code for a new password, to a verified address only; not twice within two minutes."""
    person = User.objects.filter(username__iexact=name).exclude(state=AccountState.CLOSED).first()
    if person is None or person.email_verified_at is None:
        return
    _send(person, CodePurpose.RESET)


@shared_task(name="accounts.mail_check_code", ignore_result=True)
def mail_check_code(person_id: int) -> None:
    """A code that proves the address on record."""
    person = User.objects.filter(pk=person_id).first()
    if person is not None and person.email_verified_at is None:
        _send(person, CodePurpose.MAIL)


def _send(person: User, purpose: CodePurpose) -> None:
    address = person.email
    recent = OneTimeCode.objects.filter(
        user=person, purpose=purpose, created_at__gt=clock.now() - codes.BETWEEN_MAILS
    )
    if not address or recent.exists():
        return
    code = codes.issue(person, purpose, actor=person, valid_for=codes.BY_MAIL, address=address)
    mail.send_code(person, OneTimeCode.objects.unused().get(user=person, purpose=purpose), code, address)  # fmt: skip


@shared_task(name="accounts.mail_replaced", ignore_result=True)
def mail_replaced(person_id: int, sealed: str) -> None:
    """An address that was replaced learns of it: a stolen session cannot do that quietly."""
    person = User.objects.filter(pk=person_id).first()
    if person and (address := sealing.unseal(sealed)):
        mail.send_notice(
            address,
            subject="账户的邮箱已更换",
            body=f"账户 {person.username} 登记的邮箱已不再是这个地址。不是您本人更换的，请立即联系管理人员。",
        )


def urge(person: User, *, text: str = "") -> None:
    """Queue the word that an account waits for its first sign-in, and what the office says besides."""
    _queue(mail_urge, person.pk, text)


@shared_task(name="accounts.mail_urge", ignore_result=True)
def mail_urge(person_id: int, text: str = "") -> None:
    """Ask somebody who never signed in to begin; without a code, which the slip has."""
    person = User.objects.filter(pk=person_id, last_login=None).first()
    if person and (address := person.email):
        said = f"\n\n{text}" if text else ""
        mail.send_notice(
            address,
            subject="请启用账户",
            body=f"{person.display_name}：\n\n您的账户 {person.username} 已经开设，还没有登录过。请按启用通知单上的验证码启用："
            f"{settings.PORTAL_URL}{reverse('accounts:activate')}\n没有收到通知单的，请联系发放单位。{said}",
        )
