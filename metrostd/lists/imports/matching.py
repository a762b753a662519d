"""Finding for each unit of a list its row in the register.

Units match by credit code first, then by the exact normalised name including former names, never by
likeness (names are compared without regard to width, spaces and brackets). What remains doubtful is
asked; a person's answer is the only other way to a match.
"""

from metrostd.common.text import loose_key
from metrostd.registry.enums import RowChange

from .decisions import KEEP, OTHER, SKIP, TAKE, UNIT
from .groups import UnitGroup
from .likeness import one_body
from .lines import Line
from .plans import Plan, UnitPlan
from .register import KnownUnit

_REFUSED = {"": RowChange.CONFLICT, SKIP: RowChange.SKIPPED}


class Units:
    """Fills a plan with the units of a list."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._register = plan.register
        self._decisions = plan.decisions
        self._table = plan.tables.units
        self._by_pk: dict[int, UnitPlan] = {}
        self._fresh: list[UnitPlan] = []
        # Which lines somebody said belong to the unit that holds their number, is rarely asked.
        self._merging = any(
            made["choice"].startswith(UNIT) for made in plan.decisions.stored.values()
        )

    def add(self, found: UnitGroup) -> None:
        line = found.lines[0]
        values = {t: found.value(t) for t in self._table.targets()}
        unit = UnitPlan(found.lines, values, found.code)
        if self._plan.refuse(line, self._table.faults(values)):
            unit.refused = RowChange.ERROR
        else:
            unit.match = self._match(found, unit)
        if unit.refused:
            self._refuse(unit)
        elif unit.match is None:
            self._fresh.append(unit)
        else:
            self._matched(unit)

    def finish(self) -> None:
        """Ask about units that would be new although the register has one of a similar name."""
        if not self._fresh:
            return
        similar = self._register.similar_names()
        for unit in self._fresh:
            other = similar.get(loose_key(unit.lines[0].unit_name))
            if other is not None and not unit.told_apart:
                unit.match = self._similar(unit, *other)
            if unit.match is None:
                self._plan.units.append(unit)
            else:
                self._matched(unit)

    def _refuse(self, unit: UnitPlan) -> None:
        for line in unit.lines:
            line.change = unit.refused

    def _matched(self, unit: UnitPlan) -> None:
        match = unit.match
        assert match is not None  # noqa: S101 -- the caller matched it
        if (first := self._by_pk.get(match.pk)) is not None:
            first.lines += unit.lines
            return
        self._by_pk[match.pk] = unit
        unit.pk = match.pk
        unit.changes = self._table.differences(match, unit.values)
        self._renamed(unit, unit.lines[0])
        if unit.refused:
            self._refuse(unit)
        else:
            self._plan.units.append(unit)

    def _match(self, found: UnitGroup, unit: UnitPlan) -> KnownUnit | None:
        if self._merging and (holder := self._told_by_number(unit)) is not None:
            return holder
        register, line = self._register, found.lines[0]
        if found.code and (known := register.by_code.get(found.code)):
            return known
        if found.code and (known := register.by_old_code.get(found.code)):
            unit.values["uscc"] = None  # the code of a unit that was merged into this one
            return known
        current = register.by_name.get(line.unit_key, [])
        candidates = {u.pk: u for u in current or register.by_former_name.get(line.unit_key, [])}
        if not candidates:
            return None
        if len(candidates) > 1:
            return self._ambiguous(unit, candidates)
        (known,) = candidates.values()
        if found.code and known.uscc and known.uscc != found.code:
            # Another body may take up a name its first holder gave up.
            return self._other_code(unit, known) if current else None
        if not current:
            advice = f"匹配到“{known.name}”"
            self._plan.say("REG_FORMER_NAME", line, "unit_name", line.unit_name, advice)
            unit.values["unit_name"] = None
        return known

    def _told_by_number(self, unit: UnitPlan) -> KnownUnit | None:
        """The unit somebody said these lines belong to, asked because it holds their number."""
        for line in unit.lines:
            if not line.identity:
                continue
            subject = (line.identity, unit.subject)
            for pk, known in self._register.units.items():
                choice = f"{UNIT}{pk}"
                if self._decisions.chosen("REG_CERT_TAKEN", subject, {choice: ""}) == choice:
                    label = f"是同一单位，并入{self._register.describe(known)}"
                    self._decisions.ask(
                        "REG_CERT_TAKEN", line, "cert_no", found=line.raw_number,
                        advice=f"台账中属于“{known.name}”", subject=subject, extra={choice: label},
                    )  # fmt: skip
                    return self._taken_in(unit, known)
        return None

    @staticmethod
    def _taken_in(unit: UnitPlan, known: KnownUnit) -> KnownUnit:
        """A unit somebody says is the same: the register's name and code stand."""
        unit.values["unit_name"] = None
        if known.uscc:
            unit.values["uscc"] = None
        return known

    def _ambiguous(self, unit: UnitPlan, candidates: dict[int, KnownUnit]) -> KnownUnit | None:
        line = unit.lines[0]
        extra = {
            f"{UNIT}{pk}": f"是同一单位，并入{self._register.describe(known)}"
            for pk, known in candidates.items()
        }
        choice = self._decisions.ask(
            "REG_UNIT_AMBIGUOUS", line, "unit_name", found=line.unit_name,
            advice=f"台账中有{len(candidates)}个", subject=(unit.subject, *sorted(candidates)),
            extra=extra,
        )  # fmt: skip
        if choice.startswith(UNIT):
            return self._taken_in(unit, candidates[int(choice.removeprefix(UNIT))])
        unit.refused, unit.told_apart = _REFUSED.get(choice, ""), choice == OTHER
        return None

    def _other_code(self, unit: UnitPlan, known: KnownUnit) -> KnownUnit | None:
        choice = self._decisions.ask(
            "REG_USCC_CONFLICT", unit.lines[0], "uscc", found=unit.code,
            advice=f"台账中有{self._register.describe(known)}",
            subject=(unit.lines[0].unit_key, unit.code, known.uscc),
        )  # fmt: skip
        unit.refused, unit.told_apart = _REFUSED.get(choice, ""), choice == OTHER
        if choice == KEEP:
            unit.values["uscc"] = None
        return known if choice in (KEEP, TAKE) else None

    def _similar(self, unit: UnitPlan, pk: int, name: str) -> KnownUnit | None:
        known = self._register.units.get(pk)
        label = self._register.describe(known) if known is not None else f"“{name}”"
        choice = self._decisions.ask(
            "REG_NAME_SIMILAR", unit.lines[0], "unit_name", found=unit.lines[0].unit_name,
            advice=f"台账中有{label}", subject=(unit.subject, pk),
            extra={f"{UNIT}{pk}": f"是同一单位，并入台账中的{label}"},
        )  # fmt: skip
        if choice == f"{UNIT}{pk}" and known is not None:
            return self._taken_in(unit, known)
        return None

    def _renamed(self, unit: UnitPlan, line: Line) -> None:
        match = unit.match
        if "unit_name" not in unit.changes or match is None:
            return
        if self._register.had_name(match, line.unit_key):
            del unit.changes["unit_name"]
            advice = f"匹配到“{match.name}”"
            self._plan.say("REG_FORMER_NAME", line, "unit_name", line.unit_name, advice)
            return
        others = [u for u in self._register.by_name.get(line.unit_key, []) if u.pk != match.pk]
        if others:
            advice = (
                f"按信用代码匹配到“{match.name}”，而该名称属于{self._register.describe(others[0])}"
            )
            subject: tuple[object, ...] = (match.pk, match.name, *(u.pk for u in others))
            code = "REG_NAME_TAKEN"
        else:
            advice = f"台账中的名称是“{match.name}”"
            code = "REG_RENAMED" if one_body(match.name, line.unit_name) else "REG_OTHER_NAME"
            subject = (match.pk, match.name, line.unit_key)
        choice = self._decisions.ask(
            code, line, "unit_name", found=line.unit_name, advice=advice, subject=subject
        )
        unit.refused = _REFUSED.get(choice, "")
        if choice == KEEP:
            del unit.changes["unit_name"]
