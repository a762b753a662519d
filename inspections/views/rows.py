"""Rows as the pages of a visit show them: values prepared, nothing left to compute in templates."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

from inspections.completeness import SheetProgress
from inspections.hints import Hint, certificate_hint
from inspections.models import ChecklistSheet, StopTransferOrder, TaskStandard
from metrostd.common.enums import Conclusion
from metrostd.common.policies import Verdict
from metrostd.registry.models import StandardCertificate


@dataclass(frozen=True, slots=True)
class Badge:
    label: str
    tone: str


def badge(conclusion: str) -> Badge | None:
    """A conclusion as a badge; None before there is one."""
    if not conclusion:
        return None
    value = Conclusion(conclusion)
    return Badge(value.label, value.tone)


@dataclass(frozen=True, slots=True)
class StandardRow:
    name: str
    detail: str
    field: str
    certificate: Hint | None
    sheet: ChecklistSheet | None
    done: int
    total: int
    problems: int
    conclusion: Badge | None
    reason: str

    @classmethod
    def of(
        cls,
        row: TaskStandard,
        certificate: StandardCertificate | None,
        sheet: ChecklistSheet | None,
        progress: dict[int, SheetProgress],
        *,
        on: dt.date,
    ) -> "StandardRow":
        return cls(
            name=row.standard.name,
            detail=certificate.number if certificate else "",
            field=row.field.name if row.field else "",
            certificate=certificate_hint(certificate, on=on),
            **_sheet_values(sheet, progress.get(sheet.pk) if sheet else None),
        )

    @classmethod
    def of_unit(cls, sheet: ChecklistSheet, progress: SheetProgress | None) -> "StandardRow":
        return cls(
            name="单位层面",
            detail="单位检查项",
            field="",
            certificate=None,
            **_sheet_values(sheet, progress),
        )

    @classmethod
    def of_case(cls, sheet: ChecklistSheet, progress: SheetProgress | None) -> "StandardRow":
        """A sheet of a bureau: its work as a whole, or one case file."""
        return cls(
            name=sheet.about,
            detail=sheet.case.get_category_display() if sheet.case else "",
            field="",
            certificate=None,
            **_sheet_values(sheet, progress),
        )


class _SheetValues(TypedDict):
    """What a row says of its sheet; nothing yet where there is none."""

    sheet: ChecklistSheet | None
    done: int
    total: int
    problems: int
    conclusion: Badge | None
    reason: str


def _sheet_values(sheet: ChecklistSheet | None, progress: SheetProgress | None) -> _SheetValues:
    return {
        "sheet": sheet,
        "done": progress.done if progress else 0,
        "total": progress.total if progress else 0,
        "problems": progress.problems if progress else 0,
        "conclusion": badge(sheet.conclusion) if sheet else None,
        "reason": sheet.override_reason if sheet else "",
    }


@dataclass(frozen=True, slots=True)
class StopRow:
    order: StopTransferOrder
    approve: Verdict
    reject: Verdict
    serve: Verdict
    accept: Verdict
    #: None for everybody but the unit.
    ask: Verdict | None
    lift: Verdict
    #: None where there is nothing to take back.
    withdraw: Verdict | None
