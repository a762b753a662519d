"""Several people write one report: chapters and cases, each saved by itself on the version it is based on."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import check_state
from metrostd.registry.enums import UnitType
from reporting.enums import Chapter
from reporting.enums import StatReportState as State
from reporting.models import CityReportChapter, Passage, ReportChapter, StatReport, TypicalCase
from reporting.running import not_running

from .reading import marks_for

LONGEST_CHAPTER, LONGEST_CASE, LONGEST_TITLE = 20_000, 4_000, 60
MOST_CASES = 20
#: The name in the trail of a case taken out.
REMOVED = "typical_case.remove"


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves what on which version; the same ``client_id`` twice counts once."""

    base_version: int
    client_id: uuid.UUID
    actor: Actor | None


def writable(report: StatReport) -> Verdict:
    """Text changes only while the office is filling in, as figures do."""
    if reason := not_running(report):
        return not_now(reason)
    if report.state == State.DRAFT:
        return YES
    return not_now(f"总结报告随统计表报送，目前是“{report.get_state_display()}”，不能修改。")


@transaction.atomic
def save_chapter(report: StatReport, chapter: Chapter, text: str, save: Save) -> ReportChapter:
    """Keep a chapter. Raises StaleError with both values when somebody saved since."""
    require_short(Chapter(chapter).label, text, LONGEST_CHAPTER)
    _hold(report)
    if not text and not report.chapters.filter(chapter=chapter).exists():
        return ReportChapter(report=report, chapter=chapter)  # nothing is said: nothing to keep
    row, _ = ReportChapter.objects.get_or_create(report=report, chapter=chapter)
    row.report = report
    keep(row, {"text": text}, save, action="report_chapter.save", label="编写总结报告")
    return row


@transaction.atomic
def save_case(case: TypicalCase, title: str, text: str, save: Save) -> TypicalCase:
    """Keep the words of a typical case, likewise."""
    require_short("典型案例", text, LONGEST_CASE)
    require_short("典型案例标题", title, LONGEST_TITLE)
    _hold(case.report)
    mine = {"title": title.strip(), "text": text}
    keep(case, mine, save, action="typical_case.save", label="编写典型案例")
    return case


@transaction.atomic
def add_case(report: StatReport, finding: Finding, *, actor: Actor | None) -> TypicalCase:
    """Make a case of a finding, told beforehand without whose it is; picked twice it is one."""
    _hold(report)
    if finding.campaign_id != report.campaign_id or finding.authority_id != report.authority_id:
        raise ValidationError("这条问题不是本部门在本次行动中发现的，不能作为典型案例。")
    if finding.state not in FindingState.counted:
        raise ValidationError("这条问题尚未确认或者已认定不成立，不能作为典型案例。")
    cases = TypicalCase.objects.filter(report=report)
    if known := cases.filter(finding=finding).first():
        return known
    if cases.count() >= MOST_CASES:
        raise ValidationError(f"典型案例最多 {MOST_CASES} 个，请先移出其他案例。")
    title, text = first_words(report, finding)
    row = TypicalCase(report=report, finding=finding, title=title, text=text, saved_by=actor)
    row.saved_at = clock.now()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return cases.get(finding=finding)
    audit.record(
        row, actor=actor, action="typical_case.add", label="选取典型案例",
        after={"finding": finding.pk, "title": title, "text": text},
    )  # fmt: skip
    return row


def first_words(report: StatReport, finding: Finding) -> tuple[str, str]:
    """Title and text of a case as they are suggested: what was found, on what ground, what came of it."""
    marks = marks_for(report, [finding.task.of_unit.pk])
    unit = finding.task.of_unit
    kind = "单位" if unit.unit_type == UnitType.OTHER else unit.get_unit_type_display()
    what = f"计量标准“{finding.standard.name}”" if finding.standard else "计量标准管理"
    outcome = {
        FindingState.VERIFIED: "经督促，该单位已按要求完成整改。",
        FindingState.FAILED: "该单位未按期完成整改，已依法处理。",
        FindingState.HANDLED: "该单位未按期完成整改，已依法处理。",
        FindingState.NO_ACTION: "该单位当场改正。",
    }.get(FindingState(finding.state_now), "已责令该单位限期整改。")
    fact = finding.fact.strip().rstrip("。；")
    text = f"检查某{kind}的{what}时发现：{fact}。\n上述情况不符合{finding.basis.rstrip('。')}的规定。{outcome}"
    title = f"某{kind}“{finding.get_category_display()}”方面的问题"
    return marks.anonymised(title)[:LONGEST_TITLE], marks.anonymised(text)[:LONGEST_CASE]


@transaction.atomic
def remove_case(case: TypicalCase, *, actor: Actor | None) -> None:
    """Take a case out of the report; the trail keeps its words."""
    _hold(case.report)
    audit.record(
        case.report, actor=actor, action=REMOVED, label="移出典型案例",
        before={"finding": case.finding_id, "title": case.title, "text": case.text},
        note=case.title,
    )  # fmt: skip
    case.delete()


def _hold(report: StatReport) -> None:
    """The report held until the text is written; it must still be with the office."""
    held = (
        StatReport.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .get(pk=report.pk)
    )
    check_state(writable(held), obj=report)


def require_short(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise ValidationError({"text": f"“{what}”共 {len(text)} 字，最多 {longest} 字，请精简。"})


def keep(
    row: ReportChapter | TypicalCase | CityReportChapter,
    mine: dict[str, str],
    save: Save,
    *,
    action: str,
    label: str,
) -> None:
    """Write a passage on the version it is based on. Raises StaleError with both values otherwise."""
    row.refresh_from_db(fields=["version", "client_id", *mine, "saved_by", "saved_at"])
    if row.client_id == save.client_id:
        return
    before = {name: getattr(row, name) for name in mine}
    if row.version != save.base_version:
        raise _stale(row, mine, before)
    if before == mine:
        return
    stamp: dict[str, object] = {
        **mine, "client_id": save.client_id, "saved_by": save.actor, "saved_at": clock.now(),
    }  # fmt: skip
    type(row)._base_manager.filter(pk=row.pk).update(version=F("version") + 1, **stamp)
    for name, value in stamp.items():
        setattr(row, name, value)
    row.version += 1
    audit.record(
        row, actor=save.actor, action=action, label=label,
        before=before, after={**mine, "version": row.version},
    )  # fmt: skip


def _stale(row: Passage, mine: dict[str, str], theirs: dict[str, str]) -> StaleError:
    return StaleError(
        "这一部分刚刚被他人修改，请选择保留哪一个。",
        payload={
            "mine": mine,
            "theirs": theirs,
            "version": row.version,
            "theirs_by": str(row.saved_by or ""),
            "theirs_at": row.saved_at.isoformat() if row.saved_at else "",
            "fields": {_FIELDS[name]: [theirs[name], mine[name]] for name in mine if theirs[name] != mine[name]},
        },
    )  # fmt: skip


_FIELDS = {"text": "内容", "title": "标题"}
