"""What committing a list would do, as data: units and standards, each with its match and its changes."""

from dataclasses import dataclass, field

from metrostd.annex4 import Issue
from metrostd.registry.enums import RowChange

from .decisions import Decisions
from .issues import register_issue
from .lines import Differences, Line
from .register import KnownCertificate, KnownStandard, KnownUnit, Register
from .resources import Faults
from .tables import Tables

#: Shared by all standards that change nothing; never written to.
_NOTHING: Differences = {}


@dataclass(slots=True)
class UnitPlan:
    """One unit of the list: the row it matches, if any, and what changes about it.

    ``refused`` says why it takes no part: an error, an open conflict, or left out by decision.
    """

    lines: list[Line]
    values: dict[str, str | None]
    code: str = ""
    match: KnownUnit | None = None
    pk: int | None = None
    changes: Differences = field(default_factory=dict)
    refused: str = ""
    #: Somebody said it is another body than the one it resembles.
    told_apart: bool = False

    @property
    def subject(self) -> str:
        """What the unit is called in questions about it."""
        return self.code or self.lines[0].unit_key

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
    match: KnownStandard | None = None
    certificate: KnownCertificate | None = None
    pk: int | None = None
    changes: Differences = field(default_factory=lambda: _NOTHING)

    @property
    def change(self) -> RowChange:
        if self.match is None:
            return RowChange.NEW
        return RowChange.CHANGED if self.changes else RowChange.UNCHANGED


@dataclass(slots=True)
class Plan:
    """``issues`` are those no decision is asked about; the questions stand in ``decisions``.

    A list read again changes next to nothing: of standards that stay as they are only the number is
    kept (``unchanged``), the others stand in ``standards``.
    """

    register: Register
    decisions: Decisions
    tables: Tables
    units: list[UnitPlan] = field(default_factory=list)
    standards: list[StandardPlan] = field(default_factory=list)
    unchanged: int = 0
    issues: list[Issue] = field(default_factory=list)

    def say(self, code: str, line: Line, target: str, found: str, advice: str = "") -> None:
        """Report something about one cell of a line."""
        cell = line.cell(target) or f"A{line.row_no}"
        self.issues.append(
            register_issue(code, sheet=line.sheet, cell=cell, found=found, advice=advice)
        )

    def fail(self, code: str, line: Line, target: str, found: str, advice: str = "") -> None:
        """Report an error: the line takes no part."""
        self.say(code, line, target, found, advice)
        line.change = RowChange.ERROR

    def refuse(self, line: Line, faults: Faults, advice: str = "") -> bool:
        """Report what a table refuses about a line, each under its code; False when that is nothing."""
        for target, errors in faults.items():
            for error in errors:
                found = (error.params or {}).get("found", "")
                self.fail(error.code or "", line, target, found, advice)
        return bool(faults)

    def all_issues(self) -> list[Issue]:
        return [*self.issues, *self.decisions.issues]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many units and standards are new, changed, unchanged; those with errors not at all."""
        result = {}
        for name, plans in (("units", self.units), ("standards", self.standards)):
            words = [p.change for p in plans]
            kinds = (RowChange.NEW, RowChange.CHANGED, RowChange.UNCHANGED)
            result[name] = {kind.value: words.count(kind) for kind in kinds}
        result["standards"][RowChange.UNCHANGED.value] += self.unchanged
        return result
