"""Panels of the standard page: tests by year, persons, items, the public certificate."""

from typing import TypeVar

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry import policies
from metrostd.registry.enums import Category, RecordState
from metrostd.registry.extension import KeyFact, standard_fact, standard_panel
from metrostd.registry.models import (
    CapabilityTest,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardItem,
    StandardPerson,
)
from metrostd.registry.models.records import VoidableRecord
from metrostd.registry.queries import capability as queries

_R = TypeVar("_R", bound=VoidableRecord)

#: Years shown at once; earlier ones are folded away.
_YEARS = 3


@standard_panel("重复性、稳定性与核查", group="capability", order=10, anchor="capability")
def tests_of(standard: MeasurementStandard, user: Actor) -> Shown:
    """Tests by year with what is missing, stability against its limit."""
    tests = list(CapabilityTest.objects.visible_to(user).filter(standard=standard))
    certificate = standard.certificates.filter(is_current=True).first()
    summary = queries.summary_of(tests, certificate, on=clock.today())
    return "registry/panel_capability.html", {
        "standard": standard,
        "summary": summary,
        "recent": summary.blocks[:_YEARS],
        "earlier": summary.blocks[_YEARS:],
        "charts": queries.stability_charts(tests),
        "verdict": policies.can_maintain(user, standard),
    }


@standard_panel("检定或校准人员", group="capability", order=20, anchor="persons")
def persons_of(standard: MeasurementStandard, user: Actor) -> Shown:
    """Who works with it, and whether their proofs are valid today."""
    today = clock.today()
    rows = list(StandardPerson.objects.visible_to(user).filter(standard=standard))
    kept = [row for row in rows if row.state != RecordState.VOID]
    lines = queries.person_lines(kept, on=today)
    return "registry/panel_persons.html", {
        "standard": standard,
        "lines": lines,
        "sentence": queries.persons_sentence(queries.able(lines), on=today) if lines else "",
        "void": [row for row in rows if row.state == RecordState.VOID],
        "verdict": policies.can_maintain(user, standard),
        "may_edit": bool(policies.can_maintain(user, standard)),
    }


@standard_panel("开展的检定或校准项目", group="capability", order=30, anchor="items")
def items_of(standard: MeasurementStandard, user: Actor) -> Shown:
    """What is verified or calibrated with it, by which regulation."""
    today = clock.today()
    rows = list(StandardItem.objects.visible_to(user).filter(standard=standard).order_by("pk"))
    return "registry/panel_items.html", {
        "standard": standard,
        "items": [(row, row.until is not None and row.until < today) for row in _kept(rows)],
        "void": [row for row in rows if row.state == RecordState.VOID],
        "verdict": policies.can_maintain(user, standard),
        "may_edit": bool(policies.can_maintain(user, standard)),
    }


@standard_panel("社会公用计量标准证书", group="capability", order=40, anchor="public-certificate")
def public_certificates_of(standard: MeasurementStandard, user: Actor) -> Shown | None:
    """Only for public standards: without it they may not be used (计量法实施细则第八条)."""
    rows = list(
        PublicStandardCertificate.objects.visible_to(user)
        .filter(standard=standard)
        .order_by("-issue_date", "-pk")
    )
    if standard.category not in Category.public and not rows:
        return None
    return "registry/panel_public_certificate.html", {
        "standard": standard,
        "certificates": _kept(rows),
        "void": [row for row in rows if row.state == RecordState.VOID],
        "verdict": policies.can_add_public_certificate(user, standard),
        "may_edit": bool(policies.can_maintain(user, standard)),
        "today": clock.today(),
    }


@standard_fact(order=40)
def able_persons(standard: MeasurementStandard, user: Actor) -> KeyFact | None:
    """How many may work with the standard today; nothing while nobody is on record."""
    today = clock.today()
    rows = StandardPerson.objects.visible_to(user).recorded().filter(standard=standard)
    lines = queries.person_lines(rows, on=today)
    if not lines:
        return None
    count = queries.able(lines)
    few = count < queries.LEAST_PERSONS
    return KeyFact(
        label="证明有效人员",
        value=f"{count} 人",
        note=f"至少需要 {queries.LEAST_PERSONS} 人" if few else "",
        tone="bad" if few else "ok",
        url="#persons",
    )


@standard_fact(order=45)
def yearly_tests(standard: MeasurementStandard, user: Actor) -> KeyFact | None:
    """Whether every full year of the certificate has its tests; nothing while none is on record."""
    tests = list(
        CapabilityTest.objects.visible_to(user)
        .recorded()
        .filter(standard=standard)
        .defer("values", "note")
    )
    if not tests:
        return None
    certificate = standard.certificates.filter(is_current=True).first()
    lacking = [y for y in queries.owed(certificate, tests, on=clock.today()) if y.missing]
    failed = queries.open_failures(tests)
    said = f"{len(failed)} 次超差或待评定" if failed else ""
    return KeyFact(
        label="重复性、稳定性",
        value=f"缺 {len(lacking)} 年" if lacking else said or "历年齐全",
        note=said if lacking else "",
        tone="bad" if lacking or failed else "ok",
        url="#capability",
    )


def _kept(rows: list[_R]) -> list[_R]:
    return [row for row in rows if row.state != RecordState.VOID]
