"""Handing long reading, every commit and the taking back of long lists to the background."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common.actors import Actor
from metrostd.common.enums import JobState
from metrostd.common.jobs import start_job
from metrostd.common.models import Job, StoredFile
from metrostd.common.shapes import JsonValue
from metrostd.common.transitions import Transition, TransitionError
from metrostd.lists.moves.imports import COMMIT, UNDO
from metrostd.registry.models import Authority, ImportBatch

from .batches import BIG_ROWS
from .previews import Edits, HeaderMap


def queue_read(
    file: StoredFile,
    filename: str,
    *,
    category: str,
    issuing_authority: Authority,
    campaign_code: str,
    on: dt.date,
    actor: Actor | None,
) -> Job:
    """Read a stored list in the background; the job leads to its preview."""
    return start_job(
        "lists.read",
        title=f"读取名单“{filename}”"[:200],
        owner=actor,
        file=file.pk,
        filename=filename,
        category=category,
        issuing_authority=issuing_authority.pk,
        campaign_code=campaign_code,
        on=on.isoformat(),
    )


def queue_reread(
    batch: ImportBatch,
    *,
    actor: Actor | None,
    header_map: HeaderMap | None = None,
    edits: Edits | None = None,
    decisions: Mapping[str, str] | None = None,
) -> Job:
    """Read a long list again in the background."""
    return _queue(
        batch,
        COMMIT,
        "lists.reread",
        "重新检查",
        actor,
        header_map=header_map,
        edits=edits,
        decisions=decisions,
    )


def queue_commit(batch: ImportBatch, *, actor: Actor | None) -> Job:
    """Commit in the background. Raises TransitionError when the list is done or under way."""
    return _queue(batch, COMMIT, "lists.commit", "入库", actor)


def queue_undo(batch: ImportBatch, *, actor: Actor | None, note: str) -> Job:
    """Take a long list back in the background.

    Raises ValidationError without a reason, TransitionError unless the list is committed and at rest.
    """
    if not note.strip():
        raise ValidationError({"note": "请说明理由。"})
    return _queue(batch, UNDO, "lists.undo", UNDO.label, actor, note=note)


def is_long(batch: ImportBatch) -> bool:
    """Whether this list is too long to be read or taken back while a person waits."""
    return sum(batch.summary["rows"].values()) > BIG_ROWS


@transaction.atomic
def _queue(
    batch: ImportBatch,
    move: Transition,
    kind: str,
    what: str,
    actor: Actor | None,
    **arguments: JsonValue,
) -> Job:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    move.check(locked)
    running = Job.objects.filter(
        kind__startswith="lists.", state__in=JobState.active, arguments__batch=batch.pk
    )
    if running.exists():
        raise TransitionError(f"“{batch}”正在后台处理，请等它完成。", obj=batch)
    title = f"{what}：{batch}"[:200]
    return start_job(kind, title=title, owner=actor, batch=batch.pk, **arguments)
