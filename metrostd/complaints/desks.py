"""Publishing where people can turn to; the office's own act, with a trail."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.registry.models import Authority

from .models import ComplaintDesk

FIELDS = {"phone": "电话", "address": "地址", "hours": "受理时间", "mail": "来信邮编、信箱"}


def published() -> QuerySet[ComplaintDesk]:
    """All of them, in the order of the offices."""
    return ComplaintDesk.objects.select_related("authority").order_by("authority__code")


@transaction.atomic
def publish(
    office: Authority, words: Mapping[str, str], *, base_version: int, actor: Actor
) -> ComplaintDesk:
    """Say it anew. Raises StaleError with both values when somebody else did meanwhile."""
    ComplaintDesk.objects.get_or_create(
        authority=office, defaults={**dict.fromkeys(FIELDS, ""), "published_at": clock.now()}
    )
    row = ComplaintDesk.objects.select_for_update().get(authority=office)
    before = {name: getattr(row, name) for name in FIELDS}
    after = {name: words[name].strip() for name in FIELDS}
    if row.version != base_version:
        both = {FIELDS[n]: [before[n], after[n]] for n in FIELDS if before[n] != after[n]}
        raise StaleError(
            "渠道刚刚被他人修改，请核对后再保存。",
            payload={"version": row.version, "fields": both},
        )
    for name, value in after.items():
        setattr(row, name, value)
    row.version, row.published_at = row.version + 1, clock.now()
    row.save()
    audit.record(
        row,
        actor=actor,
        action="complaint_desk.publish",
        label="公布投诉举报渠道",
        before=before,
        after=after,
    )
    return row
