"""What the rules of 系统预判 look at: read once for a sheet, before any rule is asked."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import QuerySet

from inspections.measured.lines import NOTHING, Measured
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
    #: What ``on`` is to the reader: the day of the visit, or the one on which the unit fills in.
    day: str = field(default="检查日", kw_only=True)
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
    #: What the team measured at this very visit.
    site: Measured = NOTHING


def facts_for(sheet: ChecklistSheet, *, on: dt.date) -> Facts:
    """Read what hints need, in a fixed number of queries for a standard's sheet and for the unit's."""
    unit = sheet.task.of_unit
    if sheet.standard is not None:
        return facts_by_standard([sheet.standard], unit=unit, on=on)[sheet.standard.pk]
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
        covered=SelfCheckStandard.objects.standing().filter(report__in=received).count(),
        problems=len(states),
        open_problems=sum(day is None for day in states),
    )


def facts_by_standard(
    standards: Iterable[MeasurementStandard],
    *,
    unit: Unit,
    on: dt.date,
    day: str = "检查日",
) -> dict[int, Facts]:
    """What hints need of standards of one unit; as many queries for a hundred as for one."""
    known = {standard.pk: standard for standard in standards}
    current = StandardCertificate.objects.filter(standard__in=known, is_current=True)
    certificates = {row.standard_id: row for row in current}
    instruments = traced(StandardInstrument.objects.filter(standard__in=known), on=on)
    equipment = _by_standard(instruments, lambda row: row.instrument.standard_id)
    changes = _by_standard(_applications(known, on), lambda row: row.standard_id)
    tests, persons, items = (
        _kept(model, known) for model in (CapabilityTest, StandardPerson, StandardItem)
    )
    public = [pk for pk, standard in known.items() if standard.category in Category.public]
    papers = _kept(PublicStandardCertificate, public) if public else {}
    return {
        pk: Facts(
            on=on,
            day=day,
            unit=unit,
            standard=standard,
            certificate=certificates.get(pk),
            equipment=equipment.get(pk, []),
            changes=changes.get(pk, []),
            tests=tests.get(pk, []),
            persons=persons.get(pk, []),
            items=items.get(pk, []),
            public_certificates=papers.get(pk, []),
        )
        for pk, standard in known.items()
    }


_R = TypeVar("_R")


def _by_standard(rows: Iterable[_R], standard_of: Callable[[_R], int]) -> dict[int, list[_R]]:
    found: dict[int, list[_R]] = defaultdict(list)
    for row in rows:
        found[standard_of(row)].append(row)
    return found


def _kept(model, standards: Iterable[int]) -> dict:
    """Records of these standards that are not void, by standard."""
    rows = model.objects.recorded().filter(standard__in=standards).order_by("pk")
    return _by_standard(rows, lambda row: row.standard_id)


def _applications(standards: Iterable[int], on: dt.date) -> QuerySet[ChangeRecord]:
    """Submitted by the day and not taken back, the newest first."""
    end = clock.at_time(on + dt.timedelta(days=1), 0)
    rows = ChangeRecord.objects.filter(standard__in=standards, submitted_at__lt=end)
    return rows.exclude(state=ChangeState.WITHDRAWN).order_by("-submitted_at", "-pk")
