"""检查记录: the filled and signed checklist of a task as an A4 form. Plain data in, PDF bytes out."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from campaigns.enums import ItemLevel
from metrostd.common.content import as_jpeg
from metrostd.common.enums import Answer, Conclusion
from metrostd.common.models import StoredFile
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_datetime

from . import case_lines, record_facts
from .enums import SignerKind
from .enums.reviews import BUREAU_CONCLUSIONS
from .joint.queries import words as joint_words
from .measured.lines import NOTHING, Line, measured_of
from .models import ChecklistAnswer, ChecklistSheet, Evidence, InspectionTask, Signature
from .record_facts import RecordFacts, StandardFacts

#: 300 dots an inch at the height a photograph has on paper.
_PHOTO_PIXELS = 1050


@dataclass(frozen=True, slots=True)
class AnswerLine:
    code: str
    text: str
    is_key: bool
    answer: str
    is_problem: bool
    note: str
    evidence: int


@dataclass(frozen=True, slots=True)
class SectionBlock:
    title: str
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    item: str
    kind: str
    name: str
    sha256: str
    captured_at: str
    captured_by: str
    #: Original of a copy, place, who of the inspected confirmed it; a line for each.
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of the evidence as the annex shows it; without ``image`` it cannot be read."""

    subject: str
    item: str
    name: str
    sha256: str
    captured_at: str
    captured_by: str
    image: str


@dataclass(frozen=True, slots=True)
class SheetForm:
    """One 检查表 as printed."""

    subject: str
    certificate: str
    valid_until: str
    category: str
    sections: tuple[SectionBlock, ...]
    #: Days and people of a case file, as label and words.
    case: tuple[tuple[str, str], ...]
    #: Experiments and environment of a standard's sheet.
    measured: tuple[Line, ...]
    evidence: tuple[EvidenceLine, ...]
    suggested: str
    conclusion: str
    override_reason: str

    @property
    def problems(self) -> int:
        """How many items were answered with a problem."""
        return sum(line.is_problem for section in self.sections for line in section.lines)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    party: str
    name: str
    position: str
    signed_at: str
    how: str
    image: str
    hash: str


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """Every field of the record of one visit."""

    title: str
    edition: str
    campaign: str
    unit: str
    credit_code: str
    authority: str
    kind: str
    place: str
    arrived_at: str
    left_at: str
    attendees: str
    joint: str
    team: tuple[str, ...]
    sheets: tuple[SheetForm, ...]
    conclusion: str
    refusal: str
    signatures: tuple[SignatureLine, ...]
    content_hash: str
    is_draft: bool
    photos: tuple[Photo, ...]

    @property
    def has_evidence(self) -> bool:
        return any(sheet.evidence for sheet in self.sheets)


def record_of(task: InspectionTask) -> TaskRecord:
    """Collect the record of a task in a fixed number of queries; 草稿 until it is concluded."""
    sheets = list(task.sheets.select_related("standard", "template").order_by("pk"))
    # The unit's own sheet comes first, as in Annex 1.
    sheets.sort(key=lambda sheet: sheet.standard_id is not None)
    facts = record_facts.kept(task, sheets)
    lines = _lines(task)
    cases = case_lines.lines_of(task) if task.bureau_id is not None else {}
    measured = measured_of(sheet.pk for sheet in sheets)
    evidence = _evidence(task, facts)
    signatures = list(task.signatures.filter(void_at=None).select_related("image").order_by("pk"))
    template = sheets[0].template if sheets else None
    is_draft = not (sheets and all(sheet.signed_at for sheet in sheets))
    return TaskRecord(
        title=template.title if template else "计量标准现场监督检查表",
        edition=template.edition if template else "",
        campaign=facts.campaign,
        unit=facts.unit,
        credit_code=facts.credit_code,
        authority=facts.authority,
        kind=task.get_kind_display(),
        place=task.place,
        arrived_at=cn_datetime(task.arrived_at),
        left_at=cn_datetime(task.left_at),
        attendees=task.attendees,
        joint=joint_words(task),
        team=tuple(facts.team),
        sheets=tuple(
            _form(
                sheet,
                lines=lines[sheet.pk],
                evidence=evidence[sheet.pk],
                facts=facts.standard(sheet),
                case=cases.get(sheet.pk, []),
                measured=measured.get(sheet.pk, NOTHING).lines,
            )
            for sheet in sheets
        ),
        conclusion=conclusion_word(task),
        refusal=_refusal(task),
        signatures=tuple(_signature(row, facts.signed.get(str(row.pk), "")) for row in signatures),
        content_hash=signatures[0].content_hash if signatures else "",
        is_draft=is_draft,
        # A draft is rendered while somebody waits for it: photographs come with the signed record.
        photos=() if is_draft else _photos(task, facts),
    )


def conclusion_word(task: InspectionTask) -> str:
    """The conclusion on the whole: of a unit, or of a bureau in the words for its work."""
    if not task.conclusion:
        return ""
    if task.bureau_id is not None:
        return BUREAU_CONCLUSIONS[task.conclusion]
    return str(Conclusion(task.conclusion).label)


def record_pdf(task: InspectionTask) -> bytes:
    """The record of a task as PDF."""
    return render_pdf("inspections/pdf/record.html", {"record": record_of(task)})


def _lines(task: InspectionTask) -> dict[int, list[tuple[str, AnswerLine]]]:
    counts: dict[int, int] = defaultdict(int)
    for answer_id in Evidence.objects.filter(sheet__task=task, withdrawn_at=None).values_list(
        "answer", flat=True
    ):
        counts[answer_id] += 1
    rows = ChecklistAnswer.objects.filter(sheet__task=task).select_related("item__section")
    found: dict[int, list[tuple[str, AnswerLine]]] = defaultdict(list)
    for row in rows.order_by("sheet", "item__section__order", "item__order"):
        item = row.item
        line = AnswerLine(
            code=item.code,
            text=item.text,
            is_key=item.is_key,
            answer=Answer.word(row.answer, prohibition=item.is_prohibition),
            is_problem=row.answer in Answer.problem,
            note=row.note,
            evidence=counts[row.pk],
        )
        found[row.sheet_id].append((str(item.section), line))
    return found


def _evidence(task: InspectionTask, facts: RecordFacts) -> dict[int, list[EvidenceLine]]:
    rows = Evidence.objects.filter(sheet__task=task, withdrawn_at=None).select_related(
        "file", "answer__item", "copy_of__file"
    )
    found: dict[int, list[EvidenceLine]] = defaultdict(list)
    for row in rows.order_by("pk"):
        line = EvidenceLine(
            item=row.answer.item.code,
            kind=row.get_kind_display(),
            name=row.name,
            sha256=row.file.sha256,
            captured_at=cn_datetime(row.captured_at),
            captured_by=facts.person(row.captured_by_id),
            said=tuple(_said_of(row)),
        )
        found[row.sheet_id].append(line)
    return found


def _said_of(row: Evidence) -> Iterator[str]:
    if row.copy_of:
        yield f"标注副本，原件：{row.copy_of.name}，SHA-256 {row.copy_of.file.sha256}"
    if row.position:
        yield f"取证位置：{row.position}"
    if row.taken_at:
        yield f"拍摄时间（照片自带）：{cn_datetime(row.taken_at)}"
    if row.taken_where:
        yield f"拍摄位置（照片自带）：{row.taken_where}"
    if row.confirmed_at:
        yield f"被检查单位确认：{row.confirmed_by} {cn_datetime(row.confirmed_at)}"


def _photos(task: InspectionTask, facts: RecordFacts) -> tuple[Photo, ...]:
    """The photographs of a task in the order of its sheets and items."""
    rows = Evidence.objects.filter(
        sheet__task=task, withdrawn_at=None, file__media_type__startswith="image/"
    ).select_related("file", "answer__item", "sheet")
    ordered = rows.alias(is_standard=Q(sheet__standard__isnull=False)).order_by(
        "is_standard", "sheet", "answer__item__section__order", "answer__item__order", "pk"
    )
    return tuple(
        Photo(
            subject=_subject(row.sheet, facts.standard(row.sheet)),
            item=row.answer.item.code,
            name=row.name,
            sha256=row.file.sha256,
            captured_at=cn_datetime(row.captured_at),
            captured_by=facts.person(row.captured_by_id),
            image=_printed_picture(row.file),
        )
        for row in ordered
    )


def _printed_picture(file: StoredFile) -> str:
    """The picture small enough for paper; the original stays as it is. Empty when it cannot be read."""
    with file.content.open("rb") as stored:
        picture = as_jpeg(stored.read(), file.media_type, longest=_PHOTO_PIXELS)
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" if picture else ""


def _subject(sheet: ChecklistSheet, standard: StandardFacts | None) -> str:
    if sheet.about:
        return sheet.about
    return standard.name if standard else ItemLevel.UNIT.label + "层面"


def _form(
    sheet: ChecklistSheet,
    *,
    lines: list[tuple[str, AnswerLine]],
    evidence: list[EvidenceLine],
    facts: StandardFacts | None,
    case: list[tuple[str, str]],
    measured: list[Line],
) -> SheetForm:
    blocks: dict[str, list[AnswerLine]] = {}
    for title, line in lines:
        blocks.setdefault(title, []).append(line)
    return SheetForm(
        subject=_subject(sheet, facts),
        certificate=facts.certificate if facts else "",
        valid_until=facts.valid_until if facts else "",
        category=facts.category if facts else "",
        sections=tuple(SectionBlock(title, tuple(rows)) for title, rows in blocks.items()),
        case=tuple(case),
        measured=tuple(measured),
        evidence=tuple(evidence),
        suggested=sheet.get_suggested_display() if sheet.suggested else "",
        conclusion=sheet.get_conclusion_display() if sheet.conclusion else "",
        override_reason=sheet.override_reason,
    )


def _refusal(task: InspectionTask) -> str:
    """Why the unit did not sign, and who saw it or what shows it."""
    if not task.refusal_reason:
        return ""
    witness = f"见证人：{task.refusal_witness}。" if task.refusal_witness else ""
    file = task.refusal_evidence
    evidence = f"证据留存，SHA-256：{file.sha256}。" if file else ""
    return f"拒绝签字：{task.refusal_reason.rstrip('。')}。{witness}{evidence}"


def _signature(row: Signature, how: str) -> SignatureLine:
    with row.image.content.open("rb") as stored:
        data = base64.b64encode(stored.read()).decode()
    return SignatureLine(
        party=SignerKind(row.kind).label,
        name=row.name,
        position=row.position,
        signed_at=cn_datetime(timezone.localtime(row.signed_at)),
        how=how,
        image=f"data:image/png;base64,{data}",
        hash=row.content_hash,
    )
