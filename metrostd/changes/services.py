"""更换、封存、撤销、恢复使用: what a unit writes and submits, what the hosting authority decides."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.quotas import Quota
from metrostd.common.shapes import Values
from metrostd.common.templatetags.formats import local_day
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import file_name, store_upload
from metrostd.registry.certificate_dates import check_dates
from metrostd.registry.enums import ChangeKind, LineSide
from metrostd.registry.models import (
    ChangeFile,
    ChangeLine,
    ChangeRecord,
    MeasurementStandard,
    StandardCertificate,
)
from metrostd.registry.moves import certificate as certificate_moves
from metrostd.registry.paper_numbers import paper_number
from metrostd.registry.services.editing import create_record, labelled, write_changes

from . import moves, rules
from .checks import missing
from .events import moved
from .replacing import replace_instruments
from .words import words_of

#: What the tables of one application hold, by side.
Lines = Mapping[str, Sequence[Values]]

FILES_QUOTA = Quota("一份申请", files=20, megabytes=200)


@transaction.atomic
def create_change(
    standard: MeasurementStandard,
    *,
    kind: str,
    values: Values,
    lines: Lines,
    actor: Actor | None,
) -> ChangeRecord:
    """Begin an application about a standard's current certificate.

    Raises ValidationError when the certificate leaves no room for it or one of the kind is open.
    """
    # Held, so that a second one begun at this moment sees the first.
    MeasurementStandard.objects.select_for_update(of=("self",)).get(pk=standard.pk)
    certificate = certificate_moves.current_certificate(standard)
    if not (verdict := rules.certificate_allows(kind, certificate, on=clock.today())):
        raise ValidationError(verdict.reason)
    record = ChangeRecord(standard=standard, certificate=certificate, kind=kind, **values)
    create_record(record, actor=actor)
    _write_lines(record, lines)
    return record


@transaction.atomic
def update_change(
    record: ChangeRecord,
    *,
    base_version: int,
    values: Values,
    lines: Lines,
    actor: Actor | None,
) -> None:
    """Write what the unit changed before submitting; returned ones too.

    Raises StaleError with both values when a colleague saved meanwhile, TransitionError when the
    application may no longer be edited.
    """
    _hold(record)
    moves.SUBMIT.check(record)
    extra = {}
    for side in LineSide:
        old = _words(record.lines.filter(side=side))
        new = _words(ChangeLine(**row) for row in lines.get(side, []))
        if old != new:
            extra[side.label] = [old, new]
    write_changes(record, base_version=base_version, values=values, actor=actor, extra=extra)
    if extra or lines:
        _write_lines(record, lines)


@transaction.atomic
def submit_change(record: ChangeRecord, *, actor: Actor | None) -> None:
    """Hand the application to the hosting authority; the first time it gets its number.

    Raises ValidationError naming every field still missing, or the procedure that follows instead
    when the replacement changes the standard; TransitionError when it has moved.
    """
    _hold(record)
    moves.SUBMIT.check(record)
    _check_certificate(record)
    if faults := missing(record, list(record.lines.all()), on=clock.today()):
        raise ValidationError(faults)
    host = record.standard.hosting_authority
    certificate = certificate_moves.current_certificate(record.standard)
    number = record.number or paper_number(
        host, "量标变", kind="change", year=clock.today().year, body=""
    )
    moves.SUBMIT.apply(
        record,
        actor=actor,
        note=number,
        number=number,
        submitted_at=record.submitted_at or clock.now(),
        words=words_of(
            record, certificate, valid_until=certificate.valid_until if certificate else None
        ),
    )
    moved(record, actor)


@transaction.atomic
def take_back_change(record: ChangeRecord, *, actor: Actor | None, note: str = "") -> None:
    """The unit no longer wants it; possible until it is decided."""
    moves.TAKE_BACK.apply(record, actor=actor, note=note)
    if record.submitted_at:
        moved(record, actor)


@transaction.atomic
def send_back_change(record: ChangeRecord, *, actor: Actor | None, note: str) -> None:
    """Give it back to be completed, with what is missing."""
    moves.SEND_BACK.apply(record, actor=actor, note=note)
    moved(record, actor)


@transaction.atomic
def approve_change(
    record: ChangeRecord,
    *,
    actor: Actor | None,
    base_version: int,
    opinion: str,
    opinion_by: str,
    decided_on: dt.date,
    new_issue_date: dt.date | None = None,
    new_valid_until: dt.date | None = None,
    certificate_returned_on: dt.date | None = None,
    late_reason: str = "",
) -> None:
    """The hosting authority agrees: the certificate moves, or the instruments change, at once.

    Raises ValidationError for what the decision lacks, TransitionError when the application or the
    certificate has moved on, StaleError when it was changed since the version the office read.
    """
    _read(record, base_version)
    _check_day(record, decided_on, late_reason)
    dates: dict[str, object] = {}
    if record.kind == ChangeKind.RESUME:
        if not (new_issue_date and new_valid_until):
            raise ValidationError(
                {"new_valid_until": "恢复使用须复查考核合格，请填写新证书的日期。"}
            )
        _check_new_certificate(record, new_issue_date, new_valid_until)
        dates = {"new_issue_date": new_issue_date, "new_valid_until": new_valid_until}
    elif record.kind == ChangeKind.WITHDRAW:
        if not certificate_returned_on:
            raise ValidationError(
                {"certificate_returned_on": "撤销须收回考核证书，请填写证书交回日期。"}
            )
        _check_returned(record, certificate_returned_on)
        dates = {"certificate_returned_on": certificate_returned_on}
    moves.APPROVE.apply(
        record,
        actor=actor,
        note=act_dates.noted(opinion, late_reason),
        authority_opinion=opinion.strip() or "同意。",
        authority_opinion_by=opinion_by.strip(),
        decided_on=decided_on,
        words=_decided_by(record),
        **dates,
    )
    _carry_out(record, actor=actor)
    moved(record, actor)


@transaction.atomic
def refuse_change(
    record: ChangeRecord,
    *,
    actor: Actor | None,
    base_version: int,
    opinion: str,
    opinion_by: str,
    decided_on: dt.date,
    late_reason: str = "",
) -> None:
    """The hosting authority does not agree, and says why; the certificate stays as it is.

    Raises like ``approve_change``.
    """
    _read(record, base_version)
    if not opinion.strip():
        raise ValidationError({"opinion": "请写明理由。"})
    _check_day(record, decided_on, late_reason)
    moves.REFUSE.apply(
        record,
        actor=actor,
        note=act_dates.noted(opinion, late_reason),
        authority_opinion=opinion.strip(),
        authority_opinion_by=opinion_by.strip(),
        decided_on=decided_on,
        words=_decided_by(record),
    )
    moved(record, actor)


@transaction.atomic
def attach_file(record: ChangeRecord, upload: UploadedFile, *, actor: Actor | None) -> ChangeFile:
    """Put a file to an application that may still be edited.

    Raises ValidationError when the file is refused, TransitionError when it is too late.
    """
    _hold(record)
    moves.SUBMIT.check(record)
    FILES_QUOTA.require_room(record.files.filter(removed_at=None), adding=upload.size or 0)
    made = ChangeFile(record=record, file=store_upload(upload), name=file_name(upload))
    made.save(force_insert=True)
    audit.record(record, actor=actor, action="change.attach", label="上传材料", note=made.name)
    return made


@transaction.atomic
def remove_file(file: ChangeFile, *, actor: Actor | None) -> None:
    """Take a file out of an application that may still be edited; it stays stored."""
    _hold(file.record)
    moves.SUBMIT.check(file.record)
    if ChangeFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=clock.now()):
        audit.record(
            file.record, actor=actor, action="change.detach", label="移除材料", note=file.name
        )


def _decided_by(record: ChangeRecord) -> dict[str, str]:
    """The words of the form with whoever hosts the standard on the day of the decision."""
    return {**record.words, "host": str(record.standard.hosting_authority)} if record.words else {}


def _carry_out(record: ChangeRecord, *, actor: Actor | None) -> None:
    note = f"{record.number}；{record.reason}".strip("；")
    match ChangeKind(record.kind):
        case ChangeKind.REPLACE:
            _check_certificate(record)
            replace_instruments(record, actor=actor)
        case ChangeKind.SEAL:
            certificate_moves.seal(
                _current(record), actor=actor, note=note, decided_on=record.decided_on
            )
        case ChangeKind.WITHDRAW:
            certificate_moves.withdraw(
                _current(record), actor=actor, note=note, decided_on=record.decided_on
            )
        case ChangeKind.RESUME:
            certificate_moves.resume(
                _current(record),
                actor=actor,
                note=note,
                on=clock.today(),
                issue_date=record.new_issue_date,
                valid_until=record.new_valid_until,
            )


def _current(record: ChangeRecord) -> StandardCertificate:
    """The certificate the application is about, if it still is the current one."""
    certificate = certificate_moves.current_certificate(record.standard)
    if certificate is None or certificate.pk != record.certificate_id:
        raise TransitionError(f"“{record.standard}”的现行证书已经不是申请时的证书。", obj=record)
    return certificate


def _check_certificate(record: ChangeRecord) -> None:
    certificate = certificate_moves.current_certificate(record.standard)
    verdict = rules.certificate_allows(record.kind, certificate, on=clock.today())
    if not verdict:
        raise ValidationError(verdict.reason)


def _check_day(record: ChangeRecord, decided_on: dt.date | None, late_reason: str) -> None:
    act_dates.check(
        decided_on,
        field="decided_on",
        what="决定日期",
        reason=late_reason,
        after=local_day(record.submitted_at) if record.submitted_at else None,
        follows="提交日期",
    )


def _check_new_certificate(record: ChangeRecord, issued: dt.date, until: dt.date) -> None:
    """The new certificate follows the re-examination that the application names."""
    act_dates.check_fact(
        issued,
        field="new_issue_date",
        what="新证书发证日期",
        after=record.reexamined_on,
        follows="复查考核合格日期",
    )
    check_dates(issued, until, field="new_valid_until")


def _check_returned(record: ChangeRecord, day: dt.date) -> None:
    """A certificate is handed back after it was issued."""
    certificate = certificate_moves.current_certificate(record.standard)
    act_dates.check_fact(
        day,
        field="certificate_returned_on",
        what="原证书交回日期",
        after=certificate.issue_date if certificate else None,
        follows="发证日期",
    )


def _hold(record: ChangeRecord) -> None:
    """Hold the application, as it is now, until the transaction ends: one writer at a time."""
    record.refresh_from_db(
        fields=["state", "number", "submitted_at", "version"],
        from_queryset=ChangeRecord.objects.select_for_update(),
    )


def _read(record: ChangeRecord, base_version: int) -> None:
    """Hold the application; refuse to decide on what the office has not read."""
    _hold(record)
    if record.version != base_version:
        raise StaleError("申请在您阅读之后被修改并重新提交，请先阅读最新内容再作决定。")


def _write_lines(record: ChangeRecord, lines: Lines) -> None:
    """The tables as the form has them now; the trail of the application keeps what they were."""
    record.lines.all().delete()
    made = [
        ChangeLine(record=record, side=side, **row) for side, rows in lines.items() for row in rows
    ]
    for line in made:
        line.full_clean(exclude=["record"])
    ChangeLine.objects.bulk_create(made)


def _words(lines: Iterable[ChangeLine]) -> str:
    return "；".join(
        "，".join(
            words
            for _, words in labelled(
                line,
                {
                    field.name: [None, getattr(line, field.attname)]
                    for field in ChangeLine._meta.concrete_fields
                    if field.name not in {"id", "record", "side", "instrument"}
                },
            ).values()
            if words
        )
        for line in lines
    )
