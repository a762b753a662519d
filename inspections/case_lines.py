"""What is on record of the case files of a visit, in words: for the record, and for what is signed."""

from metrostd.common.templatetags.formats import cn_date

from .enums.reviews import CasePaper
from .models import CaseAppraiser, CaseRecord, InspectionTask


def said_of(row: CaseAppraiser) -> str:
    """An appraiser in words: name, employer, until when the certificate holds."""
    parts = [row.name, row.employer]
    if row.cert_valid_until:
        parts.append(f"证件有效期至{cn_date(row.cert_valid_until)}")
    return "，".join(part for part in parts if part)


def lines_of(task: InspectionTask) -> dict[int, list[tuple[str, str]]]:
    """What is on record of each case file of a visit, as label and words, by sheet; 2 queries."""
    rows = CaseRecord.objects.filter(sheet__task=task).prefetch_related("appraisers")
    return {row.sheet_id: _lines(row) for row in rows}


def _lines(record: CaseRecord) -> list[tuple[str, str]]:
    found = []
    for field in record._meta.fields:
        value = getattr(record, field.attname)
        if field.name in ("id", "sheet", "version", "saved_by", "documents") or not value:
            continue
        words = "是" if value is True else cn_date(value) if hasattr(value, "year") else str(value)
        found.append((str(field.verbose_name), words))
    if record.documents:
        found.append(
            ("收取的申请材料", "、".join(str(CasePaper(code).label) for code in record.documents))
        )
    if people := [said_of(row) for row in record.appraisers.all()]:
        found.append(("考评员", "；".join(people)))
    return found
