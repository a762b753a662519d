"""Who is told: set up by administrators, on record, and the auditors hear of it."""

import base64
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.accounts.models import Membership
from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.notifications.models import WebhookEndpoint
from metrostd.notifications.services import tell

from . import deliveries
from .addresses import ForbiddenTargetError, looked_up
from .posting import PREFIX


def fresh_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def write(endpoint: WebhookEndpoint, *, name: str, url: str, actor: Actor) -> str:
    """Keep a new endpoint or other values of one; returns the secret of a new one, shown this once.

    Raises ValidationError by field for an address nothing may be sent to.
    """
    try:
        looked_up(url)
    except ForbiddenTargetError as error:
        raise ValidationError({"url": str(error)}) from error
    new = endpoint.pk is None
    before: dict[str, object] = {} if new else {"name": endpoint.name, "url": endpoint.url}
    endpoint.name, endpoint.url = name.strip(), url
    secret = ""
    if new:
        secret = fresh_secret()
        endpoint.sealed_secret, endpoint.made_by = sealing.seal(secret), actor
    elif before == {"name": endpoint.name, "url": endpoint.url}:
        return ""
    endpoint.save()
    _recorded(
        endpoint, "add" if new else "write", "增加对接系统" if new else "修改对接系统",
        before=before or None, after={"name": endpoint.name, "url": url}, actor=actor,
    )  # fmt: skip
    return secret


@transaction.atomic
def switch(endpoint: WebhookEndpoint, *, actor: Actor) -> None:
    """On when it was off, off when it was on; what waits goes on when it is on again."""
    held = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    held.is_on = endpoint.is_on = not held.is_on
    held.stopped_why = endpoint.stopped_why = ""
    held.save(update_fields=["is_on", "stopped_why"])
    words = f"{'启用' if held.is_on else '停用'}对接系统"
    _recorded(held, "switch", words, after={"is_on": held.is_on}, actor=actor)


@transaction.atomic
def renew_secret(endpoint: WebhookEndpoint, *, actor: Actor) -> str:
    """Another secret from now on, shown this once; the old one signs nothing any more."""
    secret = fresh_secret()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(sealed_secret=sealing.seal(secret))
    _recorded(endpoint, "renew_secret", "更换对接密钥", actor=actor)
    return secret


@transaction.atomic
def try_out(endpoint: WebhookEndpoint, *, actor: Actor) -> None:
    """An event that says nothing, to see whether it arrives."""
    deliveries.queue_ping(endpoint)
    audit.record(endpoint, actor=actor, action="webhook.try_out", label="发送测试")


def _recorded(
    endpoint: WebhookEndpoint,
    verb: str,
    label: str,
    *,
    actor: Actor,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """In the trail, and with the auditors: what leaves the portal is not one administrator's business alone."""
    audit.record(
        endpoint, actor=actor, action=f"webhook.{verb}", label=label, before=before, after=after
    )
    auditors = Membership.objects.active().filter(role=Role.AUDITOR)
    tell(
        auditors,
        subject=f"{label}：{endpoint.name}"[:200],
        body=f"{actor}于{clock.now():%Y-%m-%d}办理；提醒和催办的内容会发送到 {endpoint.url}。",
        sender=actor,
    )
