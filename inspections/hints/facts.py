"""What the rules of 系统预判 look at: read once for a sheet, before any rule is asked."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TypeVar

from inspections.models import ChecklistSheet
from metrostd.common import clock
from metrostd.registry.enums import Category, CertificateState, ChangeState
from metrostd.registry.models import (
    CapabilityTest,
    ChangeRecord,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    StandardInstrument,
    StandardItem,
    StandardPerson,
    Unit,
)
from metrostd.registry.queries.equipment import TracedInstrument, traced
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckProblem, SelfCheckReport, SelfCheckStandard


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence and its tone: ok, warn, bad, info or muted (no data)."""

    text: str
    tone: str = "info"


NO_DATA = Hint("台账暂无数据", "muted")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at, read once for a sheet."""

    on: dt.date
    unit: Unit
    standard: MeasurementStandard | None
    certificate: StandardCertificate | None
    equipment: list[TracedInstrument] = field(default_factory=list)
    changes: list[ChangeRecord] = field(default_factory=list)
    tests: list[CapabilityTest] = field(default_factory=list)
    persons: list[StandardPerson] = field(default_factory=list)
    items: list[StandardItem] = field(default_factory=list)
    public_certificates: list[PublicStandardCertificate] = field(default_factory=list)
    reports: list[SelfCheckReport] = field(default_factory=list)
    held: int = 0
    covered: int = 0
    open_problems: int = 0
    problems: int = 0


def facts_for(sheet: ChecklistSheet, *, on: dt.date) -> Facts:
    """Read what hints need: at most eight queries for a standard's sheet, five for the unit's."""
    unit = sheet.task.unit
    if sheet.standard_id is not None:
        certificate = StandardCertificate.objects.filter(
            standard=sheet.standard_id, is_current=True
        ).first()
        return Facts(
            on=on,
            unit=unit,
            standard=sheet.standard,
            certificate=certificate,
            equipment=traced(StandardInstrument.objects.filter(standard=sheet.standard_id), on=on),
            changes=_applications(sheet, on),
            tests=_kept(CapabilityTest, sheet),
            persons=_kept(StandardPerson, sheet),
            items=_kept(StandardItem, sheet),
            public_certificates=_public_certificates(sheet),
        )
    reports = list(
        SelfCheckReport.objects.filter(campaign=sheet.task.campaign_id, unit=unit)
        .exclude(state=ReportState.EXEMPTED)
        .select_related("receiver")
    )
    received = [report.pk for report in reports if report.state in ReportState.received]
    held = MeasurementStandard.objects.filter(
        unit=unit,
        in_scope=True,
        certificates__is_current=True,
        certificates__state__in=CertificateState.live,
    )
    problems = SelfCheckProblem.objects.filter(report__in=received)
    states = list(problems.values_list("rectified_on", flat=True))
    return Facts(
        on=on,
        unit=unit,
        standard=None,
        certificate=None,
        reports=reports,
        held=held.count(),
        covered=SelfCheckStandard.objects.filter(report__in=received).count(),
        problems=len(states),
        open_problems=sum(day is None for day in states),
    )


_R = TypeVar("_R", CapabilityTest, StandardPerson, StandardItem, PublicStandardCertificate)


def _kept(model: type[_R], sheet: ChecklistSheet) -> list[_R]:
    """Records of the sheet's standard that are not void."""
    return list(model.objects.recorded().filter(standard=sheet.standard_id).order_by("pk"))


def _public_certificates(sheet: ChecklistSheet) -> list[PublicStandardCertificate]:
    if sheet.standard is None or sheet.standard.category not in Category.public:
        return []
    return _kept(PublicStandardCertificate, sheet)


def _applications(sheet: ChecklistSheet, on: dt.date) -> list[ChangeRecord]:
    """Submitted by the day and not taken back, the newest first."""
    end = clock.at_time(on + dt.timedelta(days=1), 0)
    rows = ChangeRecord.objects.filter(standard=sheet.standard_id, submitted_at__lt=end)
    return list(rows.exclude(state=ChangeState.WITHDRAWN).order_by("-submitted_at", "-pk"))
