"""风险指标 (domain §1.8): each is a query for a day, whose rows are the records that explain it.

A row says which unit it is about and, where it is about one, which standard, field and district. What is counted
is these rows, what is listed is these rows: a figure and its explanation cannot differ. Of casework a person
is shown what that person may read, so a level is that of the records its reader sees.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.fields import BigIntegerField

from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import months_later
from metrostd.common.enums import Answer
from metrostd.common.templatetags.formats import cn_date
from metrostd.complaints.models import Complaint
from metrostd.registry.enums import CertificateState, InstrumentRole, TestKind
from metrostd.registry.models import (
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
    StandardInstrument,
)
from metrostd.registry.queries.equipment import traced
from metrostd.registry.querysets import StandardQuerySet, UnitQuerySet
from metrostd.registry.querysets.aging import EXPIRING_MONTHS
from metrostd.registry.warnings.capability import certificates_lacking, short_of_persons
from rectification import lapsing
from rectification.models import CaseReferral
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import SelfCheckReport

#: What came of inspections counts for so long, complaints for a year (domain §1.8).
YEARS_BACK = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """For which day, about which standards, for whom; ``viewer`` None is the clock and sees everything."""

    on: dt.date
    standards: StandardQuerySet
    viewer: Actor | None = None
    #: The units whose standards these are, where all of theirs are asked about.
    whole: UnitQuerySet | None = None

    @property
    def units(self) -> QuerySet:
        """Keys of the units that hold the standards."""
        if self.whole is not None:
            return self.whole.order_by().values("pk")
        return self.standards.order_by().values("unit")

    @property
    def until(self) -> dt.datetime:
        """The end of the day."""
        return clock.at_time(self.on + dt.timedelta(days=1), 0)

    @property
    def since(self) -> dt.datetime:
        return clock.at_time(years_before(self.on, YEARS_BACK), 0)


@dataclass(frozen=True, slots=True)
class Reason:
    """One record behind an indicator: a sentence and where it is read."""

    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: its rows for what is asked, and what each of them says."""

    code: str
    label: str
    #: In the head of a wide table.
    short: str
    #: Points of the table an office begins with.
    points: int
    rows: Callable[[Asked], QuerySet]
    # Any: each indicator has rows of its own model
    say: Callable[[Any, dt.date], Iterator[Reason]]
    #: A unit has it from so many rows on.
    least: int = 1
    #: Its records are the register's, of standards in use and in scope; otherwise casework of units that have any.
    of_standards: bool = True


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day so many years ago."""
    return months_later(day, -12 * years)


def _at(rows: QuerySet, standard: str) -> QuerySet:
    """Placed by the path to the standard; empty for the standard itself."""
    path = f"{standard}__" if standard else ""
    return rows.annotate(
        at_unit=F(f"{path}unit_id"),
        at_standard=F(standard or "pk"),
        at_field=F(f"{path}field_id"),
        at_office=F(f"{path}unit__territorial_authority_id"),
    )


def _of_unit(rows: QuerySet, unit: str = "unit") -> QuerySet:
    """About the unit as a whole."""
    nothing = Value(None, output_field=BigIntegerField())
    return rows.annotate(
        at_unit=F(unit),
        at_standard=nothing,
        at_field=nothing,
        at_office=F(f"{unit}__territorial_authority_id"),
    )


def _read(rows: QuerySet, asked: Asked) -> QuerySet:
    return rows if asked.viewer is None else rows.visible_to(asked.viewer)  # type: ignore[attr-defined]


def _untraced(asked: Asked) -> QuerySet:
    main = StandardInstrument.objects.in_use().filter(role=InstrumentRole.MAIN)
    return _at(main.filter(standard__in=asked.standards).untraced_on(asked.on), "standard")


def _say_untraced(rows: Iterable[Model], on: dt.date) -> Iterator[Reason]:
    found = StandardInstrument.objects.filter(pk__in=[row.pk for row in rows])
    for one in traced(found, on=on):
        yield Reason(one.words, one.instrument.get_absolute_url())


def _certificates(asked: Asked) -> QuerySet:
    return StandardCertificate.objects.filter(standard__in=asked.standards, is_current=True)


def _unapplied(asked: Asked) -> QuerySet:
    soon = (asked.on, months_later(asked.on, EXPIRING_MONTHS))
    rows = _certificates(asked).filter(valid_until__range=soon)
    return _at(rows.exclude(state=CertificateState.REEXAM_APPLIED), "standard")


def _expired(asked: Asked) -> QuerySet:
    return _at(_certificates(asked).filter(valid_until__lt=asked.on), "standard")


def _say_until(rows: Iterable[StandardCertificate], on: dt.date) -> Iterator[Reason]:
    for row in rows:
        what = f"{row.standard}：考核证书{row}有效期至{cn_date(row.valid_until)}"
        yield Reason(what, row.standard.get_absolute_url())


def _few_persons(asked: Asked) -> QuerySet:
    short = short_of_persons(asked.standards.with_records(), asked.on)
    return _at(MeasurementStandard.objects.filter(pk__in=short.order_by().values("pk")), "")


def _say_few(rows: Iterable[MeasurementStandard], on: dt.date) -> Iterator[Reason]:
    for row in rows:
        url = f"{row.get_absolute_url()}#persons"
        yield Reason(f"{row}：证明有效的检定或校准人员不足两名", url)


def _lacking(kind: TestKind) -> Callable[[Asked], QuerySet]:
    def rows(asked: Asked) -> QuerySet:
        found = certificates_lacking(kind, asked.standards.with_records(), asked.on)
        kept = StandardCertificate.objects.filter(pk__in=found.order_by().values("pk"))
        return _at(kept, "standard")

    return rows


def _say_lacking(
    kind: TestKind,
) -> Callable[[Iterable[StandardCertificate], dt.date], Iterator[Reason]]:
    def say(rows: Iterable[StandardCertificate], on: dt.date) -> Iterator[Reason]:
        for row in rows:
            url = f"{row.standard.get_absolute_url()}#capability"
            yield Reason(f"{row.standard}：证书有效期内有整年没有{kind.label}", url)

    return say


def _late(asked: Asked) -> QuerySet:
    rows = _read(SelfCheckReport.objects.all(), asked).filter(
        kind=SubjectKind.UNIT,
        unit__in=asked.units,
        due_on__lt=asked.on,
        due_on__gte=years_before(asked.on, YEARS_BACK),
    )
    never = Q(first_submitted_at=None) | Q(first_submitted_at__gte=asked.until)
    late = rows.exclude(state=ReportState.EXEMPTED).filter(Q(is_late=True) | never)
    return _of_unit(SelfCheckReport.objects.filter(pk__in=late.order_by().values("pk")))


def _say_late(rows: Iterable[SelfCheckReport], on: dt.date) -> Iterator[Reason]:
    for row in rows:
        came = row.first_submitted_at
        what = f"{cn_date(came)}才报送" if came else "没有报送"
        said = f"{row.campaign}：自查报告期限{cn_date(row.due_on)}，{what}"
        yield Reason(said, row.get_absolute_url())


def _findings(asked: Asked) -> QuerySet:
    """Of visits within the time that counts; of standards asked about, and of the units that have them."""
    rows = _read(Finding.objects.counted(), asked).filter(task__unit__in=asked.units)
    return rows.filter(task__arrived_at__gte=asked.since, task__arrived_at__lt=asked.until)


def _place_findings(rows: QuerySet) -> QuerySet:
    return rows.annotate(
        at_unit=F("task__unit_id"),
        at_standard=F("standard"),
        at_field=F("standard__field_id"),
        at_office=F("task__unit__territorial_authority_id"),
    )


def _dishonest(asked: Asked) -> QuerySet:
    return _place_findings(_findings(asked).filter(self_check_answer=Answer.CONFORM))


def _unmended(asked: Asked) -> QuerySet:
    failed = lapsing.in_state(FindingState.rectification_failed, asked.on)
    return _place_findings(_findings(asked).filter(failed))


def _say_finding(words: str) -> Callable[[Iterable[Finding], dt.date], Iterator[Reason]]:
    def say(rows: Iterable[Finding], on: dt.date) -> Iterator[Reason]:
        for row in rows:
            yield Reason(f"{row.item.code} {words}：{row.fact}", row.get_absolute_url())

    return say


def _complaints(asked: Asked) -> QuerySet:
    rows = _read(Complaint.objects.all(), asked).filter(
        unit__in=asked.units,
        by_discipline=False,
        accepted_at__lt=asked.until,
        received_on__gt=years_before(asked.on, 1),
        received_on__lte=asked.on,
    )
    return _of_unit(rows)


def _say_complaint(rows: Iterable[Complaint], on: dt.date) -> Iterator[Reason]:
    """The number and nothing of what was said."""
    for row in rows:
        said = f"{row.get_kind_display()} {row.number}，{cn_date(row.received_on)}收到"
        yield Reason(said, row.get_absolute_url())


def _referred(asked: Asked) -> QuerySet:
    rows = _read(CaseReferral.objects.all(), asked).filter(
        task__unit__in=asked.units,
        sent_on__gte=years_before(asked.on, YEARS_BACK),
        sent_on__lte=asked.on,
    )
    return _of_unit(rows, "task__unit")


def _say_referral(rows: Iterable[CaseReferral], on: dt.date) -> Iterator[Reason]:
    for row in rows:
        done = row.outcome or row.get_state_display()
        yield Reason(f"{cn_date(row.sent_on)}移送{row.sent_to}：{done}", row.get_absolute_url())


def _domains(asked: Asked) -> QuerySet:
    return _at(StandardDomain.objects.filter(standard__in=asked.standards), "standard")


def _say_domain(rows: Iterable[StandardDomain], on: dt.date) -> Iterator[Reason]:
    for row in rows:
        yield Reason(f"{row.standard}：{row.get_domain_display()}", row.standard.get_absolute_url())


INDICATORS: tuple[Indicator, ...] = (
    Indicator("untraced", "计量标准器溯源超期或不合格", "溯源", 3, _untraced, _say_untraced),
    Indicator("unapplied", "证书6个月内到期未申请复查", "将到期", 1, _unapplied, _say_until),
    Indicator("expired", "考核证书已过有效期", "已过期", 4, _expired, _say_until),
    Indicator("few_persons", "有效人员不足两名", "人员", 2, _few_persons, _say_few),
    Indicator(
        "no_repeatability", "整年没有重复性试验", "重复性", 1,
        _lacking(TestKind.REPEATABILITY), _say_lacking(TestKind.REPEATABILITY),
    ),
    Indicator(
        "no_stability", "整年没有稳定性考核", "稳定性", 1,
        _lacking(TestKind.STABILITY), _say_lacking(TestKind.STABILITY),
    ),
    Indicator("late", "自查报告逾期或未报", "自查", 2, _late, _say_late, of_standards=False),
    Indicator("dishonest", "自查“符合”、现场有问题", "自查不实", 3, _dishonest, _say_finding("自查为符合，现场发现"), of_standards=False),
    Indicator("unmended", "整改不合格", "整改", 4, _unmended, _say_finding("整改不合格"), of_standards=False),
    Indicator("complaints", "12个月内投诉举报2件以上", "投诉举报", 4, _complaints, _say_complaint, least=2, of_standards=False),
    Indicator("referred", "严重违法，已移送查处", "严重违法", 5, _referred, _say_referral, of_standards=False),
    Indicator("domain", "涉及重点领域", "重点领域", 1, _domains, _say_domain),
)  # fmt: skip
BY_CODE = {each.code: each for each in INDICATORS}
