"""Facts that rules and pages of rectification read: certificates, rounds, what is missing."""

from collections.abc import Iterable

from inspections.models import InspectionTask
from inspections.moves import not_performed as not_performed_moves
from metrostd.common.models import AuditEntry
from metrostd.registry.models import StandardCertificate

from .enums import ReviewResult
from .models import Rectification, RectificationFile


def certificate_numbers(standards: Iterable[int | None]) -> dict[int, str]:
    """Numbers of the current certificates by standard."""
    rows = StandardCertificate.objects.filter(
        standard__in=[pk for pk in standards if pk], is_current=True
    )
    return dict(rows.values_list("standard_id", "number"))


def latest_rounds(findings: Iterable[int]) -> dict[int, Rectification]:
    """The last round of each finding, drafted or submitted."""
    rows = Rectification.objects.filter(finding__in=list(findings)).order_by("round")
    return {row.finding_id: row for row in rows}


def files_by_finding(findings: Iterable[int]) -> dict[int, list[RectificationFile]]:
    """Standing evidence of repair by finding, oldest first."""
    found: dict[int, list[RectificationFile]] = {}
    rows = RectificationFile.objects.standing().filter(finding__in=list(findings))
    for row in rows.select_related("file", "rectification").order_by("pk"):
        found.setdefault(row.finding_id, []).append(row)
    return found


def missing_parts(report: Rectification | None, files: int) -> list[str]:
    """What a report still lacks before it can be submitted, in the words of the form."""
    texts = {
        "原因分析": report.cause if report else "",
        "整改措施": report.action if report else "",
        "预防措施": report.prevention if report else "",
    }
    lacking = [label for label, text in texts.items() if not text.strip()]
    return lacking if files else [*lacking, "证明材料"]


def returned_rounds(drafts: Iterable[Rectification]) -> dict[int, Rectification]:
    """The round that was sent back, by finding, for those of the drafts that follow one."""
    before = {draft.finding_id: draft.round - 1 for draft in drafts if draft.round > 1}
    rows = Rectification.objects.filter(finding__in=before, review__result=ReviewResult.RETURNED)
    return {row.finding_id: row for row in rows if row.round == before[row.finding_id]}


def unchanged(
    draft: Rectification, before: Rectification, files: Iterable[RectificationFile]
) -> bool:
    """Whether a draft says what was sent back and brings no new evidence."""
    same = all(
        getattr(draft, name).split() == getattr(before, name).split()
        for name in ("cause", "action", "prevention")
    )
    return same and all(file.rectification_id != draft.pk for file in files)


def refusal_on_record(task: InspectionTask) -> str:
    """What was put down when the unit refused the visit or obstructed it."""
    record = getattr(task, "not_performed", None)
    if record is not None:
        return str(record.detail)
    entries = AuditEntry.objects.about(task).filter(action=not_performed_moves.REFUSE.name)
    entry = entries.first()
    return entry.note if entry else ""
