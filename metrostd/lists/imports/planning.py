"""What committing a list would do: units and standards matched, differences found, nothing written."""

from metrostd.common import clock
from metrostd.registry.enums import Category, CertificateState, RowChange
from metrostd.registry.querysets.aging import aged

from .columns import ISSUER
from .decisions import KEEP, SAME, SKIP, TAKE, UNIT, Decisions
from .edited import hold_back
from .groups import group
from .likeness import one_standard
from .lines import Line
from .matching import Units
from .plans import Plan, StandardPlan, UnitPlan
from .register import KnownStandard, Register, Standards, chunks
from .tables import CertificateRows, StandardRows, Tables

#: What a list says of a standard and its certificate.
_GIVEN = [t for t in (*StandardRows.targets(), *CertificateRows.targets()) if t != ISSUER]
#: Rows that take no part.
_OUT = frozenset({RowChange.ERROR, RowChange.CONFLICT, RowChange.SKIPPED})


def plan(lines: list[Line], *, category: str, issuer_id: int, decisions: Decisions) -> Plan:
    """Match every line without errors against the register, and mark each line with what it does.

    Lines with errors, open conflicts or left out have their ``change`` already; what is found here
    turns further ones into such. Questions and answers gather in ``decisions``.
    """
    groups = group([line for line in lines if line.change not in _OUT])
    names = {line.unit_key for g in groups for line in g.lines}
    register = Register({g.code for g in groups if g.code}, names, _told(decisions))
    result = Plan(register, decisions, Tables.of(register))
    units = Units(result)
    for found in groups:
        units.add(found)
    units.finish()
    for part in chunks(result.units):  # what some units hold, then forgotten
        standards = Standards(
            [u.match for u in part if u.match is not None],
            {line.identity for u in part for line in u.lines if line.identity},
        )
        matcher = _Standards(result, standards, category=category, issuer_id=issuer_id)
        for unit in part:
            for line in unit.lines:
                if line.has_standard:
                    matcher.add(unit, line)
    hold_back(result)
    _mark(result)
    return result


def _told(decisions: Decisions) -> set[int]:
    """Units of the register somebody named as the same."""
    choices = (made["choice"] for made in decisions.stored.values())
    return {int(choice.removeprefix(UNIT)) for choice in choices if choice.startswith(UNIT)}


class _Standards:
    """Finds for each standard of the list its row in the register."""

    def __init__(
        self, result: Plan, standards: Standards, *, category: str, issuer_id: int
    ) -> None:
        self._result = result
        self._decisions = result.decisions
        self._standards = standards
        self._tables = result.tables
        self._category = category
        self._issuer_id = issuer_id

    def add(self, unit: UnitPlan, line: Line) -> None:
        result, standards, tables = self._result, self._standards, self._tables
        values = {t: line.says(t) for t in _GIVEN}
        faults = tables.standards.faults(values) | tables.certificates.faults(values)
        if result.refuse(line, faults):
            return
        found = StandardPlan(line, unit)
        name = values["standard_name"]
        known = standards.by_identity.get(line.identity) if line.identity else None
        if known is not None and unit.match is not None and known.unit_id == unit.match.pk:
            found.match = known
        elif holder := standards.holder(line.identity):
            self._taken(unit, line, *holder)
            return
        elif not name:
            result.fail("STANDARD_MISSING", line, "standard_name", line.raw_number)
            return
        elif unit.match is not None:
            found.match = standards.take_draft(unit.match, name) or self._twin(unit, line, name)
        if found.match is not None:
            found.pk = found.match.pk
            self._compare(found, values)
        if line.change in _OUT:
            return
        if found.change == RowChange.UNCHANGED:  # the line keeps which standard it is
            line.standard_id = found.pk
            result.unchanged += 1
        else:
            result.standards.append(found)

    def _taken(self, unit: UnitPlan, line: Line, pk: int, name: str) -> None:
        """The number belongs to another unit: nothing is moved unless somebody says who is who."""
        choice = self._decisions.ask(
            "REG_CERT_TAKEN", line, "cert_no", found=line.raw_number,
            advice=f"台账中属于“{name}”", subject=(line.identity, unit.subject),
            extra={f"{UNIT}{pk}": f"是同一单位，并入台账中的“{name}”"},
        )  # fmt: skip
        line.change = RowChange.SKIPPED if choice == KEEP else RowChange.CONFLICT

    def _twin(self, unit: UnitPlan, line: Line, name: str) -> KnownStandard | None:
        if line.identity or unit.match is None:
            return None
        twin = self._standards.certified(unit.match, name)
        if twin is None:
            return None
        choice = self._decisions.ask(
            "REG_DRAFT_TWIN", line, "standard_name", found=name, subject=(twin.pk, name)
        )
        return twin if choice == SAME else None

    def _compare(self, found: StandardPlan, values: dict[str, str | None]) -> None:
        standard, line = found.match, found.line
        assert standard is not None  # noqa: S101 -- the caller matched it
        tables = self._tables
        found.changes = tables.standards.differences(standard, values)
        certificate = found.certificate = self._standards.certificates.get(standard.pk)
        if certificate is not None and certificate.identity == line.identity:
            values = {**values, "cert_no": None}
        found.changes |= tables.certificates.differences(certificate, values)
        if certificate is not None:
            state = aged(certificate.state, certificate.valid_until, on=clock.today())
            if state in CertificateState.ended | {CertificateState.SEALED}:
                advice = f"目前是“{state.label}”"
                self._result.say("REG_CERT_ENDED", line, "cert_no", certificate.number, advice)
        faults = tables.certificates.faults(values, certificate)
        if self._result.refuse(line, faults, "与台账中的另一日期不符"):
            return
        if not self._same(found, standard):
            return
        self._issuer(found, standard)
        self._kind(found, standard, values["category"])

    def _same(self, found: StandardPlan, standard: KnownStandard) -> bool:
        """Whether it is the standard the number stands for: asked when the names are unlike."""
        line, changes = found.line, found.changes
        if "standard_name" not in changes or not line.identity:
            return True
        name = str(line.says("standard_name"))
        if one_standard(standard.name, name):
            return True
        choice = self._decisions.ask(
            "REG_OTHER_STANDARD", line, "standard_name", found=name,
            advice=f"台账中{line.raw_number}是“{standard.name}”",
            subject=(standard.pk, standard.name, name),
        )  # fmt: skip
        if choice == KEEP:
            del changes["standard_name"]
        elif choice != TAKE:
            line.change = RowChange.SKIPPED if choice == SKIP else RowChange.CONFLICT
        return choice in (KEEP, TAKE)

    def _issuer(self, found: StandardPlan, standard: KnownStandard) -> None:
        old, new = standard.issuing_authority_id, self._issuer_id
        if old == new:
            return
        register = self._result.register
        choice = self._decisions.ask(
            "REG_ISSUER", found.line, "cert_no", found=found.line.raw_number,
            advice=f"台账中是“{register.authority_names[old]}”", subject=(standard.pk, old, new),
        )  # fmt: skip
        if choice == TAKE:
            found.changes["issuer"] = [register.authority_codes[old], register.authority_codes[new]]

    def _kind(self, found: StandardPlan, standard: KnownStandard, own: str | None) -> None:
        if own is not None or standard.category == self._category:
            return
        choice = self._decisions.ask(
            "REG_CATEGORY", found.line, "standard_name", found=standard.name,
            advice=f"台账中是“{Category(standard.category).label}”",
            subject=(standard.pk, standard.category, self._category),
        )  # fmt: skip
        if choice == TAKE:
            found.changes["category"] = [standard.category, self._category]


def _mark(result: Plan) -> None:
    """Write onto every line what it does: the unit's part on the unit's first line."""
    for unit in result.units:
        speaks = True
        for line in unit.lines:
            if line.change in _OUT:
                continue
            line.unit_id = unit.pk
            line.unit_change = unit.change if speaks else ""
            line.differences = dict(unit.changes) if speaks and unit.changes else None
            line.change = unit.change if speaks else RowChange.UNCHANGED
            speaks = False
    for standard in result.standards:
        line = standard.line
        line.standard_id = standard.pk
        if standard.changes:
            line.differences = (line.differences or {}) | standard.changes
        if standard.change != RowChange.UNCHANGED:
            line.change = standard.change
        else:
            line.change = RowChange.CHANGED if line.differences else RowChange.UNCHANGED
