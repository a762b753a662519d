"""The moves of an office's 附件3: what speaks against each, and what follows from it (domain §7.7)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.handwriting import Handwriting
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.common.transitions import Guard, Transition, TransitionError
from metrostd.common.uploads import PNG, store_bytes
from metrostd.registry.paper_numbers import paper_number
from metrostd.trail.anchors import last_head

from . import drafts, edition_files, frozen, notifications
from .corrections import cell_of, words_of
from .enums import Chapter
from .enums import StatReportState as State
from .models import ReportTemplate, StatEdition, StatReport
from .narrative import reading
from .narrative.paper import to_plain
from .narrative.risks import OfficeRisks
from .queries.offices import people_of
from .running import not_running

#: How long an office has for what was given back, where the day of the notice has passed.
_AGAIN = dt.timedelta(days=5)
#: The longest remark on a cell or a chapter.
_REMARK = 300


def unready(report: StatReport) -> list[str]:
    """No rule blocks, every warning has its reason, and the report is written."""
    return drafts.unready(report)


def altered(report: StatReport) -> str:
    """What is handed in is what was signed."""
    if frozen.digest(drafts.content(report)) == report.content_hash:
        return ""
    return "签字后的内容有变动，请收回签字，重新校核后再签。"


def files_missing(report: StatReport) -> str:
    """What is taken is what is on file: the bytes of the edition are there."""
    return edition_files.missing(report)


def _move(
    name: str,
    label: str,
    *sources: State,
    to: State,
    needs_note: bool = False,
    guards: tuple[Guard, ...] = (),
) -> Transition:
    return Transition(
        f"stat_report.{name}",
        label,
        frozenset(source.value for source in sources),
        to,
        needs_note=needs_note,
        guards=(not_running, *guards),
    )


CHECK = _move("check", "完成校核", State.DRAFT, to=State.SELF_CHECKED, guards=(unready,))
REVISE = _move("revise", "继续修改", State.SELF_CHECKED, to=State.DRAFT)
SIGN = _move("sign", "负责人签字", State.SELF_CHECKED, to=State.SIGNED, guards=(unready,))
UNSIGN = _move("unsign", "收回签字", State.SIGNED, to=State.DRAFT, needs_note=True)
SUBMIT = _move("submit", "报送", State.SIGNED, to=State.SUBMITTED, guards=(altered,))
SEND_BACK = _move("send_back", "退回修改", State.SUBMITTED, to=State.RETURNED, needs_note=True)
RESUME = _move("resume", "开始修改", State.RETURNED, to=State.DRAFT)
ACCEPT = _move("accept", "接收", State.SUBMITTED, to=State.ACCEPTED, guards=(files_missing,))
CORRECT = _move("correct", "编制更正版", State.ACCEPTED, to=State.DRAFT, needs_note=True)
LOCK = _move("lock", "锁定", State.ACCEPTED, to=State.LOCKED)
ALLOW = _move("allow_correction", "允许更正", State.LOCKED, to=State.DRAFT, needs_note=True)

MOVES = (
    CHECK, REVISE, SIGN, UNSIGN, SUBMIT, SEND_BACK, RESUME, ACCEPT, CORRECT, LOCK, ALLOW,
)  # fmt: skip

#: Any: columns of several kinds.
_UNSIGNED: dict[str, Any] = {
    "signer_name": "",
    "signer_position": "",
    "signature": None,
    "strokes": [],
    "signed_at": None,
    "content_hash": "",
}


def _hold(report: StatReport) -> None:
    """What is signed and handed in is what stands now, whatever was read before; held until it is written."""
    report.refresh_from_db(from_queryset=StatReport.objects.select_for_update())


def check(report: StatReport, *, actor: Actor | None) -> None:
    """The office has gone through the rules: figures and reasons stand still from here."""
    CHECK.apply(report, actor=actor)


def revise(report: StatReport, *, actor: Actor | None) -> None:
    REVISE.apply(report, actor=actor)


def unsign(report: StatReport, *, actor: Actor | None, note: str) -> None:
    """The signature counts no more; the trail keeps that it was given."""
    UNSIGN.apply(report, actor=actor, note=note, **_UNSIGNED)


@transaction.atomic
def sign(
    report: StatReport,
    *,
    actor: Actor | None,
    name: str,
    position: str,
    hand: Handwriting,
    seen: str = "",
) -> None:
    """The head of the office signs the figures, reasons and cells as the page showed them (``seen``, their hash)."""
    errors = {
        field: words
        for field, value, words in (
            ("name", name, "请填写单位负责人姓名。"),
            ("position", position, "请填写单位负责人职务。"),
        )
        if not value.strip()
    }
    if errors:
        raise ValidationError(errors)
    _hold(report)
    content_hash = frozen.digest(drafts.content(report))
    if seen and seen != content_hash:
        raise ValidationError("您打开页面之后内容有变动，下面已是最新内容，请核对后再签字。")
    SIGN.apply(
        report,
        actor=actor,
        note=f"{name.strip()}（{position.strip()}）",
        signer_name=name.strip()[:40],
        signer_position=position.strip()[:40],
        signature=store_bytes(hand.png, media_type=PNG),
        strokes=hand.strokes,
        signed_at=clock.now(),
        content_hash=content_hash,
    )


@transaction.atomic
def submit(report: StatReport, *, actor: Actor | None) -> StatEdition:
    """Hand the signed table in: an edition and its receipt; a job makes the files of what stands still here.

    Whether it is late is settled by the first submission, against the day of the plan.
    """
    _hold(report)
    SUBMIT.check(report)
    now = clock.now()
    campaign = report.campaign
    first = report.first_submitted_at is None
    is_late = local_day(now) > campaign.summary_due if first else report.is_late
    edition = _edition(report, actor=actor, at=now, is_late=is_late)
    SUBMIT.apply(
        report,
        actor=actor,
        note=f"第{edition.number}版，回执{edition.receipt_no}",
        submitted_at=now,
        first_submitted_at=now if first else report.first_submitted_at,
        is_late=is_late,
    )
    duties.fulfil(report, kind=DutyKind.SUMMARY)
    notifications.tell_submitted(edition, sender=actor)
    return edition


def _edition(
    report: StatReport, *, actor: Actor | None, at: dt.datetime, is_late: bool
) -> StatEdition:
    draft = drafts.draft_of(report)
    if draft is None or report.as_of is None or report.signed_at is None or not report.signature:
        raise ValidationError("还没有统计，请先统计。")
    organiser = report.campaign.organiser
    receipt_no = paper_number(organiser, "统计表回执", kind="stat-receipt", year=local_day(at).year)
    risks = OfficeRisks(report.authority, actor)
    edition = StatEdition.objects.create(
        report=report,
        number=report.number,
        layout=draft.annex.layout,
        as_of=report.as_of,
        table=report.table,
        evidence=report.evidence,
        overrides=report.overrides,
        reasons={one.id: report.reasons[one.id] for one in draft.warned},
        results=[
            {"id": r.id, "title": r.title, "ok": r.ok, "severity": r.severity, "detail": r.detail}
            for r in draft.results
        ],
        correction_note=report.correction_note,
        narrative=to_plain(reading.paper_of(report, draft.annex, tables=risks)),
        imported=report.imported,
        signer_name=report.signer_name,
        signer_position=report.signer_position,
        signature=report.signature,
        signed_at=report.signed_at,
        content_hash=report.content_hash,
        receipt_no=receipt_no,
        receipt={
            "campaign": report.campaign.title,
            "office": report.authority.name,
            "receiver": organiser.name,
            "division": organiser.office,
            "due_on": report.campaign.summary_due.isoformat(),
            "is_late": is_late,
            "trail_head": last_head(),
        },
        submitted_at=at,
        submitted_by=actor,
        template=ReportTemplate.objects.in_use().filter(authority=report.authority).first(),
    )
    edition_files.start(edition)
    return edition


@transaction.atomic
def send_back(
    report: StatReport,
    *,
    actor: Actor | None,
    note: str,
    marks: Iterable[tuple[str, str, str, str]] = (),
    chapters: Mapping[str, str] = MappingProxyType({}),
    seen: str = "",
) -> None:
    """Give the edition back with what is to be put right: as a whole, cell by cell, chapter by chapter."""
    edition = _under_review(report, actor, seen)
    annex = drafts.table_of(edition)
    marked = _chapter_marks(chapters)
    for block, row, figure, text in marks:
        if cell_of(annex, (block, row, figure)) is None:
            raise ValidationError({"marks": "标注的格不属于这份统计表。"})
        marked.append(
            {
                "block": block,
                "row": row,
                "figure": figure,
                "words": words_of(annex, (block, row, figure)),
                "text": text.strip()[:_REMARK],
            }
        )
    SEND_BACK.apply(report, actor=actor, note=note)
    _decide(edition, actor, returned_at=clock.now(), return_note=note.strip(), marks=marked)
    _owe_again(report, detail=note)
    notifications.tell_returned(report, sender=actor, note=note)


def _chapter_marks(chapters: Mapping[str, str]) -> list[dict[str, str]]:
    if unknown := chapters.keys() - set(Chapter.values):
        raise ValidationError({"marks": f"总结报告没有“{min(unknown)}”这一章。"})
    return [
        {
            "chapter": chapter,
            "words": f"{reading.TITLE}“{Chapter(chapter).label}”",
            "text": text.strip()[:_REMARK],
        }
        for chapter, text in chapters.items()
    ]


@transaction.atomic
def accept(report: StatReport, *, actor: Actor | None, seen: str = "") -> None:
    """Take the edition: it is the one the city's table is made of."""
    edition = _under_review(report, actor, seen)
    ACCEPT.apply(report, actor=actor, note=f"第{edition.number}版")
    _decide(edition, actor, accepted_at=clock.now())
    notifications.tell_accepted(report, sender=actor)


@transaction.atomic
def resume(report: StatReport, *, actor: Actor | None) -> None:
    """Work on the next edition of what was given back: cells and reasons are still there."""
    note = f"按退回意见修改：{_last(report).return_note}"
    RESUME.apply(report, actor=actor, number=report.number + 1, correction_note=note, **_UNSIGNED)


@transaction.atomic
def correct(report: StatReport, *, actor: Actor | None, note: str) -> None:
    """A new edition of an accepted table; the accepted one stands until it is taken in its place."""
    CORRECT.apply(
        report,
        actor=actor,
        note=note,
        number=report.number + 1,
        correction_note=note.strip(),
        **_UNSIGNED,
    )


@transaction.atomic
def allow_correction(report: StatReport, *, actor: Actor | None, note: str) -> None:
    """The municipal office lets a locked table be corrected; the office owes a new edition."""
    ALLOW.apply(
        report,
        actor=actor,
        note=note,
        number=report.number + 1,
        correction_note=note.strip(),
        **_UNSIGNED,
    )
    _owe_again(report, detail=note)
    notifications.tell_allowed(report, sender=actor, note=note)


def lock(report: StatReport, *, actor: Actor | None) -> None:
    """The city's table is made: a correction needs the municipal office's word from here."""
    LOCK.apply(report, actor=actor)


def separate(user: Actor, report: StatReport) -> str:
    """Whoever signs for or hands in a table does not take it, nor whoever belongs to that office."""
    if (
        report.authority_id in people_of(user)
        and report.authority_id != report.campaign.organiser_id
    ):
        return "您也是报送部门的人员，请由计量处其他人员审核。"
    last = drafts.last_edition(report)
    if last is not None and last.submitted_by_id == user.pk:
        return "统计表由您报送，请由计量处其他人员审核。"
    return ""


def _under_review(report: StatReport, actor: Actor | None, seen: str) -> StatEdition:
    """The edition that waits for a decision, held while it is taken: the one the page showed (``seen``, its number)."""
    held = StatReport.objects.select_for_update().get(pk=report.pk)
    if held.state == State.SUBMITTED and seen and seen != str(held.number):
        raise TransitionError(
            f"您打开页面之后又报送了第{held.number}版，请看过这一版再作决定。", obj=report
        )
    if actor is not None and (reason := separate(actor, report)):
        raise ValidationError(reason)
    return _last(report)


def _last(report: StatReport) -> StatEdition:
    edition = report.editions.filter(number=report.number).first()
    if edition is None:
        raise ValidationError("还没有报送过统计表。")
    return edition


def _decide(edition: StatEdition, actor: Actor | None, **values: object) -> None:
    StatEdition.objects.filter(pk=edition.pk).update(decided_by=actor, **values)


def _owe_again(report: StatReport, *, detail: str) -> None:
    due = max(report.campaign.summary_due, clock.today() + _AGAIN)
    duties.assign(
        report.campaign,
        kind=DutyKind.SUMMARY,
        title=f"修改后重新报送统计表（附件3）：{report.authority}",
        detail=detail,
        due_on=due,
        target=report,
        authority=report.authority,
    )


def words_of_due(report: StatReport) -> str:
    return f"{cn_date(report.campaign.summary_due)}（含当日）"
