"""Too few persons, proofs that run out, years without a test, failed tests, the public certificate.

The database narrows down to standards that may be at fault; what is at fault, the same pure rules
decide as on the page of the standard and in the inspector's hints.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, ExtractYear, Least
from django.urls import reverse

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.capability.coverage import years_of
from metrostd.registry.enums import Category, RecordState, TestKind, TestOutcome
from metrostd.registry.models import (
    CapabilityTest,
    PublicStandardCertificate,
    StandardCertificate,
    StandardPerson,
)
from metrostd.registry.models.persons import EXPIRING_DAYS
from metrostd.registry.queries.capability import LEAST_PERSONS, open_failures
from metrostd.registry.querysets import CertificateQuerySet, StandardQuerySet

from .core import Kind, OpenWarning, warning_rule

FEW_PERSONS = Kind("few_persons", "证明有效的人员不足两名", "bad")
PERSON_EXPIRING = Kind("person_expiring", "人员证明3个月内到期", "warn")
TEST_FAILED = Kind("test_failed", "试验超差，其后没有合格的试验", "bad")
NOT_REASSESSED = Kind("not_reassessed", "重复性变大，未重新评定不确定度", "warn")
NO_REPEATABILITY = Kind("no_repeatability", "整年没有重复性试验", "warn")
NO_STABILITY = Kind("no_stability", "整年没有稳定性考核", "warn")
NO_PUBLIC_CERTIFICATE = Kind("no_public_certificate", "未登记社会公用计量标准证书", "warn")
PUBLIC_EXPIRED = Kind("public_certificate_expired", "社会公用计量标准证书已过有效期", "bad")


def _page(standard: int, anchor: str) -> str:
    return f"{reverse('registry:standard', args=[standard])}#{anchor}"


@warning_rule(FEW_PERSONS, lacks=True)
def few_persons(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Fewer than two persons whose proof is valid that day (JJF 1033-2016 4.4.2); a name counts once."""
    able = Q(persons__in=StandardPerson.objects.valid_on(on))
    short = short_of_persons(standards, on).annotate(
        able=Count("persons__name", distinct=True, filter=able)
    )
    for pk, count in short.order_by("pk").values_list("pk", "able"):
        what = f"证明有效的在岗人员{count}人，至少需要{LEAST_PERSONS}人"
        yield OpenWarning(FEW_PERSONS, what, standard=pk, url=_page(pk, "persons"))


def short_of_persons(standards: StandardQuerySet, on: dt.date) -> StandardQuerySet:
    """Those of the standards with fewer than two persons: all but those with enough, which are counted by persons."""
    able = StandardPerson.objects.valid_on(on).order_by().values("standard")
    enough = able.annotate(n=Count("name", distinct=True)).filter(n__gte=LEAST_PERSONS)
    return standards.exclude(pk__in=enough.values("standard"))


@warning_rule(PERSON_EXPIRING)
def persons_expiring(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Proofs that are valid that day and end within three months."""
    rows = StandardPerson.objects.valid_on(on).filter(
        standard__in=standards, valid_until__lte=on + dt.timedelta(days=EXPIRING_DAYS)
    )
    for row in rows.order_by("pk"):
        what = (
            f"{row.name}的{row.get_qualification_kind_display()}有效期至{cn_date(row.valid_until)}"
        )
        url = _page(row.standard_id, "persons")
        yield OpenWarning(
            PERSON_EXPIRING, what, standard=row.standard_id, url=url, day=row.valid_until
        )


@warning_rule(NO_REPEATABILITY, lacks=True)
def no_repeatability(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Full calendar years of the current certificate without a repeatability test."""
    yield from _years_without(NO_REPEATABILITY, TestKind.REPEATABILITY, standards, on)


@warning_rule(NO_STABILITY, lacks=True)
def no_stability(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Full calendar years of the current certificate without a stability test or control chart."""
    yield from _years_without(NO_STABILITY, TestKind.STABILITY, standards, on)


def certificates_lacking(
    test_kind: TestKind, standards: StandardQuerySet, on: dt.date
) -> CertificateQuerySet:
    """Current certificates with a full calendar year without a test of the kind."""
    last = Least(Value(on.year), Coalesce(ExtractYear("valid_until"), Value(on.year)))
    tests = "standard__capability_tests__"
    own = Q(
        **{
            f"{tests}kind": test_kind,
            f"{tests}state": RecordState.RECORDED,
            f"{tests}year__gt": ExtractYear("issue_date"),
            f"{tests}year__lt": last,
        }
    )
    return (
        # Until its second new year a certificate has no full year: years are slow to take from dates on SQLite.
        StandardCertificate.objects.filter(
            standard__in=standards, is_current=True, issue_date__lt=dt.date(on.year - 1, 1, 1)
        )
        .annotate(had=Count(f"{tests}year", distinct=True, filter=own))
        .annotate(owed=last - Value(1) - ExtractYear("issue_date"))
        .filter(had__lt=F("owed"))
    )


def _years_without(
    kind: Kind, test_kind: TestKind, standards: StandardQuerySet, on: dt.date
) -> Iterator[OpenWarning]:
    """One warning for each standard, with all its years."""
    suspects = list(
        certificates_lacking(test_kind, standards, on)
        .order_by("pk")
        .values_list("standard", "issue_date", "valid_until")
    )
    had = defaultdict(set)
    rows = CapabilityTest.objects.recorded().filter(
        kind=test_kind, standard__in=[standard for standard, _, _ in suspects]
    )
    for standard, year in rows.values_list("standard", "year"):
        had[standard].add(year)
    for standard, issued, until in suspects:
        full = [year for year, running in years_of(issued, until, on=on) if not running]
        missing = [str(year) for year in full if year not in had[standard]]
        what = f"{'、'.join(missing)}年缺{test_kind.label}"
        day = dt.date(int(missing[0]), 12, 31)
        yield OpenWarning(kind, what, standard=standard, url=_page(standard, "capability"), day=day)


@warning_rule(TEST_FAILED, NOT_REASSESSED)
def failed_tests(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """The latest test of its kind and object has failed, or asks for the uncertainty anew."""
    open_ones = CapabilityTest.objects.recorded().filter(
        standard__in=standards, outcome__in=TestOutcome.open
    )
    tests = CapabilityTest.objects.recorded().filter(standard__in=open_ones.values("standard"))
    for test in open_failures(tests.defer("values", "note").order_by("pk")):
        kind = TEST_FAILED if test.outcome == TestOutcome.FAILED else NOT_REASSESSED
        what = f"{cn_date(test.tested_on)}{test.get_kind_display()}：{test.get_outcome_display()}（{test.subject}）"
        url = test.get_absolute_url()
        yield OpenWarning(kind, what, standard=test.standard_id, url=url, day=test.tested_on)


@warning_rule(NO_PUBLIC_CERTIFICATE, PUBLIC_EXPIRED, lacks=True)
def public_certificates(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """A public standard is used with its public certificate only (计量法实施细则第八条)."""
    records = PublicStandardCertificate.objects.recorded()
    valid = records.filter(Q(valid_until=None) | Q(valid_until__gte=on))
    lacking = standards.filter(category__in=Category.public).exclude(
        pk__in=valid.values("standard")
    )
    pks = list(lacking.order_by("pk").values_list("pk", flat=True))
    latest = {
        row.standard_id: row for row in records.filter(standard__in=pks).order_by("valid_until")
    }
    for pk in pks:
        url = _page(pk, "public-certificate")
        if row := latest.get(pk):
            what = f"社会公用计量标准证书{row.number}有效期至{cn_date(row.valid_until)}，已过期"
            yield OpenWarning(PUBLIC_EXPIRED, what, standard=pk, url=url, day=row.valid_until)
        else:
            what = "台账没有登记社会公用计量标准证书"
            yield OpenWarning(NO_PUBLIC_CERTIFICATE, what, standard=pk, url=url)
