"""What the register says about tests, persons, regulations and the public certificate (B, D, E, F, G08)."""

import datetime as dt
from collections.abc import Callable

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import Category, PersonState, TestKind
from metrostd.registry.models import CapabilityTest
from metrostd.registry.queries.capability import (
    LEAST_PERSONS,
    PersonLine,
    TestDetail,
    able,
    open_failures,
    owed,
    person_lines,
)

from .facts import NO_DATA, Facts, Hint


def _each_year(facts: Facts, kind: TestKind) -> Hint:
    """Every full year of the certificate has the test, and the last one is in order."""
    tests = [test for test in facts.tests if test.kind == kind]
    if not tests:
        return NO_DATA
    full = [year for year in owed(facts.certificate, tests, on=facts.on) if not year.running]
    missing = [str(year.year) for year in full if kind in year.missing]
    failed = open_failures(tests)
    said = [f"{'、'.join(missing)}年缺{kind.label}"] if missing else []
    said += [f"{test.year}年{TestDetail(test).sentence.rstrip('。')}" for test in failed[:2]]
    if said:
        return Hint("；".join(said), "bad" if missing or _exceeded(failed) else "warn")
    last = max(tests, key=lambda test: (test.tested_on, test.pk))
    covered = f"{full[0].year}至{full[-1].year}年均有；" if len(full) > 1 else ""
    return Hint(f"{covered}最近一次{cn_date(last.tested_on)}，{last.get_outcome_display()}", "ok")


def _exceeded(tests: list[CapabilityTest]) -> bool:
    return any(test.outcome == "failed" for test in tests)


def _repeatability(facts: Facts) -> Hint:
    return _each_year(facts, TestKind.REPEATABILITY)


def _stability(facts: Facts) -> Hint:
    return _each_year(facts, TestKind.STABILITY)


def _last(facts: Facts, kinds: frozenset[str], *, basis: str = "") -> Hint:
    """The latest test of some kinds, with its sentence."""
    tests = [t for t in facts.tests if t.kind in kinds and (not basis or t.limit_basis == basis)]
    if not tests:
        return NO_DATA
    last = max(tests, key=lambda test: (test.tested_on, test.pk))
    words = f"{cn_date(last.tested_on)}{last.get_kind_display()}：{TestDetail(last).sentence}"
    return Hint(words, "ok" if last.passed else "bad")


def _validation(facts: Facts) -> Hint:
    return _last(facts, frozenset({TestKind.VALIDATION}))


def _en(facts: Facts) -> Hint:
    """What past comparisons say; the experiment on site is for the inspector to judge."""
    found = _last(facts, frozenset({TestKind.COMPARISON, TestKind.CHECK}), basis="en")
    return Hint(found.text, "info") if found.tone == "ok" else found


def _lines(facts: Facts) -> list[PersonLine]:
    return person_lines(facts.persons, on=facts.on)


def _two_persons(facts: Facts) -> Hint:
    lines = _lines(facts)
    if not lines:
        return NO_DATA
    count = able(lines)
    names = _names(lines, PersonState.able)
    if count < LEAST_PERSONS:
        only = f"（{names}）" if names else ""
        return Hint(f"{facts.day}证明有效的在岗人员{count}人{only}，少于{LEAST_PERSONS}人", "bad")
    soon = _names(lines, frozenset({PersonState.EXPIRING}))
    if soon:
        return Hint(f"{facts.day}证明有效的在岗人员{count}人；{soon}的证明3个月内到期", "warn")
    return Hint(f"{facts.day}证明有效的在岗人员{count}人：{names}", "ok")


def _signers(facts: Facts) -> Hint:
    """Signatures are on paper: whom to look for among them."""
    lines = _lines(facts)
    if not lines:
        return NO_DATA
    named = {
        "有效": _names(lines, PersonState.able) or "无",
        **{s.label: _names(lines, frozenset({s})) for s in (PersonState.EXPIRED, PersonState.LEFT)},
    }
    said = [f"{label}：{names}" for label, names in named.items() if names]
    return Hint(f"请与记录、证书的签名人核对。{'；'.join(said)}")


def _names(lines: list[PersonLine], states: frozenset[str]) -> str:
    return "、".join(dict.fromkeys(x.person.name for x in lines if x.standing in states))


def _regulations(facts: Facts) -> Hint:
    """The register keeps numbers, not which edition is in force: that stays with the inspector."""
    bases = dict.fromkeys(
        item.basis
        for item in facts.items
        if item.basis and (item.until is None or item.until >= facts.on)
    )
    if not bases:
        return NO_DATA
    return Hint(f"台账登记的依据：{'、'.join(bases)}，请核对是否现行有效")


def _public_certificate(facts: Facts) -> Hint:
    standard = facts.standard
    if standard is None or standard.category not in Category.public:
        return Hint("社会公用计量标准适用本项，请核对社会公用计量标准证书")
    if not facts.public_certificates:
        return Hint("台账未登记社会公用计量标准证书", "warn")
    last = max(facts.public_certificates, key=lambda row: row.valid_until or dt.date.max)
    if last.valid_until is None:
        return Hint(f"社会公用计量标准证书{last.number}，台账未登记有效期")
    until = f"社会公用计量标准证书{last.number}有效期至{cn_date(last.valid_until)}"
    if last.valid_until < facts.on:
        return Hint(f"{until}，{facts.day}已过期", "bad")
    return Hint(until, "ok")


RULES: dict[str, Callable[[Facts], Hint]] = {
    "repeatability_each_year": _repeatability,
    "stability_each_year": _stability,
    "validation_formula": _validation,
    "en_value": _en,
    "two_valid_persons": _two_persons,
    "signer_is_qualified": _signers,
    "regulations_current": _regulations,
    "public_certificate": _public_certificate,
}
