"""What committing a list would do: units and standards matched, differences found, nothing written.

Units match by credit code first, then by the exact normalised name including former names, never by
likeness (names are compared without regard to width, spaces and brackets).
"""

import datetime as dt
from dataclasses import dataclass, field

from metrostd.registry.annex4 import Issue
from metrostd.registry.annex4.text import loose_key
from metrostd.registry.enums import CertificateState, RowChange
from metrostd.registry.models import ImportRow, MeasurementStandard, StandardCertificate, Unit

from .groups import UnitGroup, group
from .issues import register_issue
from .lines import Line
from .register import Register, Standards
from .targets import CERTIFICATE, LIMITS, STANDARD, UNIT, differences, given

Changes = dict[str, list[str | None]]


@dataclass(slots=True)
class UnitPlan:
    """One unit of the list: the row it matches, if any, and what changes about it."""

    lines: list[Line]
    values: dict[str, str | None]
    match: Unit | None = None
    changes: Changes = field(default_factory=dict)
    failed: bool = False

    @property
    def change(self) -> RowChange:
        if self.match is None:
            return RowChange.NEW
        return RowChange.CHANGED if self.changes else RowChange.UNCHANGED


@dataclass(slots=True)
class StandardPlan:
    """One standard of the list with its certificate."""

    line: Line
    unit: UnitPlan
    match: MeasurementStandard | None = None
    certificate: StandardCertificate | None = None
    changes: Changes = field(default_factory=dict)

    @property
    def change(self) -> RowChange:
        if self.match is None:
            return RowChange.NEW
        return RowChange.CHANGED if self.changes else RowChange.UNCHANGED


@dataclass(slots=True)
class Plan:
    register: Register
    units: list[UnitPlan] = field(default_factory=list)
    standards: list[StandardPlan] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many units and standards are new, changed, unchanged; those with errors not at all."""
        result = {}
        for name, plans in (("units", self.units), ("standards", self.standards)):
            words = [p.change for p in plans]
            kinds = (RowChange.NEW, RowChange.CHANGED, RowChange.UNCHANGED)
            result[name] = {kind.value: words.count(kind) for kind in kinds}
        return result


def plan(rows: list[ImportRow], *, category: str, issuer_id: int) -> Plan:
    """Match every row without errors against the register, and mark each row with what it does.

    Rows with errors have ``change`` ERROR already; conflicts with the register turn further rows into
    ERROR and are reported as issues.
    """
    lines = [Line(row) for row in rows if row.change not in (RowChange.ERROR, RowChange.SKIPPED)]
    groups = group(lines)
    register = Register(
        {g.code for g in groups if g.code}, {line.unit_key for line in lines if line.unit_name}
    )
    result = Plan(register)
    matcher = _Units(register, result)
    for found in groups:
        matcher.add(found)
    matcher.finish()
    ready = [u for u in result.units if not u.failed]
    result.units = ready
    standards = Standards(
        [u.match for u in ready if u.match is not None],
        {line.identity for u in ready for line in u.lines if line.identity},
    )
    for unit in ready:
        for line in unit.lines:
            if line.has_standard:
                _standard(result, standards, unit, line, category=category, issuer_id=issuer_id)
    _mark(result)
    return result


def _fail(result: Plan, code: str, line: Line, target: str, found: str, advice: str = "") -> None:
    _say(result, code, line, target, found, advice)
    line.row.change = RowChange.ERROR


def _say(result: Plan, code: str, line: Line, target: str, found: str, advice: str = "") -> None:
    cell = line.cell(target) or f"A{line.row.row_no}"
    result.issues.append(
        register_issue(code, sheet=line.row.sheet, cell=cell, found=found, advice=advice)
    )


class _Units:
    """Finds for each unit of the list its row in the register."""

    def __init__(self, register: Register, result: Plan) -> None:
        self._register = register
        self._result = result
        self._by_pk: dict[int, UnitPlan] = {}
        self._fresh: list[UnitPlan] = []

    def add(self, found: UnitGroup) -> None:
        line = found.lines[0]
        unit = UnitPlan(found.lines, {t: found.value(t) for t in UNIT})
        for target in UNIT:
            text = unit.values[target]
            if text and len(text) > LIMITS.get(target, len(text)):
                _fail(self._result, "TOO_LONG", line, target, text[:60])
                unit.failed = True
        if not unit.failed:
            unit.match = self._match(found, unit)
        if unit.failed:
            for each in found.lines:
                each.row.change = RowChange.ERROR
        elif unit.match is None:
            self._fresh.append(unit)
        elif (first := self._by_pk.get(unit.match.pk)) is not None:
            first.lines += unit.lines
            return
        else:
            self._by_pk[unit.match.pk] = unit
            unit.changes = differences(self._register, unit.match, unit.values)
            self._renamed(unit, line)
        self._result.units.append(unit)

    def _match(self, found: UnitGroup, unit: UnitPlan) -> Unit | None:
        register, line = self._register, found.lines[0]
        if found.code and (known := register.by_code.get(found.code)):
            return known
        if found.code and (known := register.by_old_code.get(found.code)):
            unit.values["uscc"] = None  # the code of a unit that was merged into this one
            return known
        current = register.by_name.get(line.unit_key, [])
        candidates = current or register.by_former_name.get(line.unit_key, [])
        if not candidates:
            return None
        if len({row.pk for row in candidates}) > 1:
            unit.failed = True
            _fail(self._result, "REG_UNIT_AMBIGUOUS", line, "unit_name", line.unit_name)
            return None
        known = candidates[0]
        if found.code and known.uscc and known.uscc != found.code:
            if not current:  # another body may take up a name its first holder gave up
                return None
            unit.failed = True
            advice = f"台账中“{known.name}”的信用代码是{known.uscc}"
            _fail(self._result, "REG_USCC_CONFLICT", line, "uscc", found.code, advice)
            return None
        if not current:
            advice = f"匹配到“{known.name}”"
            _say(self._result, "REG_FORMER_NAME", line, "unit_name", line.unit_name, advice)
            unit.values["unit_name"] = None
        return known

    def _renamed(self, unit: UnitPlan, line: Line) -> None:
        if "unit_name" not in unit.changes or unit.match is None:
            return
        old = unit.match.name
        if self._register.had_name(unit.match, line.unit_key):
            del unit.changes["unit_name"]
            advice = f"匹配到“{old}”"
            _say(self._result, "REG_FORMER_NAME", line, "unit_name", line.unit_name, advice)
            return
        others = [u for u in self._register.by_name.get(line.unit_key, []) if u != unit.match]
        if others:
            unit.failed = True
            advice = f"按信用代码匹配到“{old}”"
            _fail(self._result, "REG_NAME_TAKEN", line, "unit_name", line.unit_name, advice)
            for each in unit.lines:
                each.row.change = RowChange.ERROR
            return
        advice = f"台账中的名称是“{old}”"
        _say(self._result, "REG_RENAMED", line, "unit_name", line.unit_name, advice)

    def finish(self) -> None:
        if not self._fresh:
            return
        names = self._register.similar_names()
        for unit in self._fresh:
            line = unit.lines[0]
            if other := names.get(loose_key(line.unit_name)):
                advice = f"台账中有“{other}”"
                _say(self._result, "REG_NAME_SIMILAR", line, "unit_name", line.unit_name, advice)


def _standard(
    result: Plan, standards: Standards, unit: UnitPlan, line: Line, *, category: str, issuer_id: int
) -> None:
    values = {t: given(line, t) for t in (*STANDARD, *CERTIFICATE)}
    for target, text in values.items():
        if text and len(text) > LIMITS.get(target, len(text)):
            _fail(result, "TOO_LONG", line, target, text[:60])
            return
    found = StandardPlan(line, unit)
    name = values["standard_name"]
    known = standards.by_identity.get(line.identity) if line.identity else None
    if known is not None and unit.match is not None and known.unit_id == unit.match.pk:
        found.match = known
    elif holder := standards.holder(line.identity):
        advice = f"台账中属于“{holder}”"
        _fail(result, "REG_CERT_TAKEN", line, "cert_no", line.raw("cert_no"), advice)
        return
    elif not name:
        _fail(result, "STANDARD_MISSING", line, "standard_name", line.raw("cert_no"))
        return
    elif unit.match is not None:
        found.match = standards.take_draft(unit.match, name)
        if found.match is None and not line.identity and standards.certified(unit.match, name):
            _say(result, "REG_DRAFT_TWIN", line, "standard_name", name)
    if found.match is not None:
        _compare(result, standards, found, values, category=category, issuer_id=issuer_id)
    if line.row.change != RowChange.ERROR:
        result.standards.append(found)


def _compare(
    result: Plan,
    standards: Standards,
    found: StandardPlan,
    values: dict[str, str | None],
    *,
    category: str,
    issuer_id: int,
) -> None:
    standard, line = found.match, found.line
    assert standard is not None  # noqa: S101 -- the caller matched it
    register = result.register
    found.changes = differences(register, standard, {t: values[t] for t in STANDARD})
    certificate = found.certificate = standards.certificates.get(standard.pk)
    given_here = {t: values[t] for t in CERTIFICATE}
    if certificate is not None:
        if certificate.identity == line.identity:
            given_here["cert_no"] = None
        found.changes |= differences(register, certificate, given_here)
        if certificate.state in CertificateState.ended | {CertificateState.SEALED}:
            state = certificate.get_state_display()
            _say(result, "REG_CERT_ENDED", line, "cert_no", certificate.number, f"目前是“{state}”")
    else:
        found.changes |= {t: [None, new] for t, new in given_here.items() if new}
    issued = _date(found, "issue_date")
    until = _date(found, "valid_until")
    if issued and until and until <= issued:
        _fail(
            result,
            "DATE_ORDER",
            line,
            "valid_until",
            f"{issued} 至 {until}",
            "与台账中的另一日期不符",
        )
        return
    if standard.issuing_authority_id != issuer_id:
        code = register.authority_codes[standard.issuing_authority_id]
        _say(
            result,
            "REG_ISSUER",
            line,
            "cert_no",
            line.raw("cert_no"),
            f"台账中的发证部门代码是{code}",
        )
    if values["category"] is None and standard.category != category:
        advice = f"台账中是“{standard.get_category_display()}”"
        _say(result, "REG_CATEGORY", line, "standard_name", standard.name, advice)


def _date(found: StandardPlan, target: str) -> dt.date | None:
    """The date a certificate would have after the commit."""
    if new := found.line.date(target):
        return new
    return getattr(found.certificate, target) if found.certificate else None


def _mark(result: Plan) -> None:
    """Write onto every row what it does: the unit's part on the unit's first row."""
    for unit in result.units:
        speaks = True
        for line in unit.lines:
            row = line.row
            if row.change == RowChange.ERROR:
                continue
            row.unit, row.standard = unit.match, None
            row.unit_change = unit.change if speaks else ""
            row.differences = dict(unit.changes) if speaks else {}
            row.change = unit.change if speaks else RowChange.UNCHANGED
            speaks = False
    for standard in result.standards:
        row = standard.line.row
        row.standard = standard.match
        row.differences |= standard.changes
        if standard.change != RowChange.UNCHANGED:
            row.change = standard.change
        else:
            row.change = RowChange.CHANGED if row.differences else RowChange.UNCHANGED
