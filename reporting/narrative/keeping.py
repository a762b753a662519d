"""Which Word form an office's reports are filled into: taken in once it has been looked through."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import DOCX, file_name, store_upload
from metrostd.registry.models import Authority
from reporting.models import ReportTemplate

from . import own_form


@transaction.atomic
def take(authority: Authority, upload: UploadedFile, *, actor: Actor | None) -> ReportTemplate:
    """Use a form from the next hand-in on. Raises ValidationError with everything that is wrong with it."""
    stored = store_upload(upload, accept=frozenset({DOCX}))
    with stored.content.open("rb") as kept:
        own_form.check(kept.read())
    Authority.objects.select_for_update().get(pk=authority.pk)
    before = _in_use(authority)
    if before:
        _retire(before)
    row = ReportTemplate.objects.create(
        authority=authority, file=stored, name=file_name(upload), added_by=actor
    )
    audit.record(
        row, actor=actor, action="report_template.take", label="启用总结报告模板",
        before={"file": before.file.sha256, "name": before.name} if before else None,
        after={"file": stored.sha256, "name": row.name},
    )  # fmt: skip
    return row


@transaction.atomic
def retire(authority: Authority, *, actor: Actor | None) -> None:
    """Go back to the portal's own form alone. Raises TransitionError when there is none in use."""
    Authority.objects.select_for_update().get(pk=authority.pk)
    row = _in_use(authority)
    if row is None:
        raise TransitionError("本部门没有在用的总结报告模板。")
    _retire(row)
    audit.record(
        row, actor=actor, action="report_template.retire", label="停用总结报告模板",
        before={"file": row.file.sha256, "name": row.name},
    )  # fmt: skip


def _in_use(authority: Authority) -> ReportTemplate | None:
    rows = ReportTemplate.objects.in_use().filter(authority=authority)
    return rows.select_related("file", "authority").first()


def _retire(row: ReportTemplate) -> None:
    ReportTemplate.objects.filter(pk=row.pk).update(retired_at=clock.now())
