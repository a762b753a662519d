"""Checks that need more than one row: duplicates, conflicts, counts."""

from dataclasses import dataclass, field
from decimal import Decimal

from metrostd.common.text import loose_key, name_key

from .headers import TARGET_NAMES, TARGETS
from .names import fact_key, related
from .report import Report
from .rows import SLOT, ParsedRow

_FACTS = tuple(SLOT[target] for target in ("address", "contact_name", "contact_phone"))


def place(row: ParsedRow, target: str, *, seen_from: str = "") -> str:
    """``“Sheet2”C5`` or just ``C5`` when it is on the same sheet."""
    cell = row.cell(target) or f"第{row.row_no}行"
    return cell if row.sheet == seen_from else f"“{row.sheet}”{cell}"


@dataclass(slots=True)
class _Unit:
    """The first row of one unit, and what has been said about it."""

    row: ParsedRow
    district: str
    standards: int = 0
    count: Decimal | None = None
    count_row: ParsedRow | None = None
    reported: set[str] = field(default_factory=set)
    #: For each fact the first row that gives it.
    facts: list[ParsedRow | None] = field(default_factory=lambda: [None] * len(_FACTS))


class CrossChecks:
    """Remembers rows as they come and compares each new one with those before it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._certificates: dict[object, ParsedRow] = {}
        self._without: dict[tuple, ParsedRow] = {}
        self._by_name: dict[str, _Unit] = {}
        self._by_code: dict[str, _Unit] = {}
        self._by_loose: dict[str, _Unit] = {}
        #: The first row that gives a name a code.
        self._said_code: dict[str, ParsedRow] = {}

    def is_repeat(self, row: ParsedRow) -> bool:
        """True when the row says exactly what an earlier one said; reports repeats and contradictions."""
        if row.unresolved:
            return False
        key = row.cert_key
        if key is None:
            first = self._without.setdefault((name_key(row.unit_name), row.content), row)
            target = "standard_name" if row.has_standard else "unit_name"
        else:
            first = self._certificates.setdefault(key, row)
            target = "cert_no"
        if first is row:
            return False
        found = row.values[target].raw
        where = place(first, target, seen_from=row.sheet)
        if self._same_place(first, row) and first.agrees(row):
            more = "，本行另有的内容已补入该行" if first.complete(row) else ""
            self._report.add("DUP_ROW", row.cell(target), found, f"与{where}相同{more}")
            return True
        about = ("DUP_CERT", str(key), first.sheet, str(first.row_no), row.sheet, str(row.row_no))
        advice = f"与{where}是同一证书号"
        self._report.add("DUP_CERT", row.cell(target), found, advice, about=about)
        return False

    @staticmethod
    def _same_place(first: ParsedRow, row: ParsedRow) -> bool:
        known = (first.district_code, row.district_code)
        return "" in known or known[0] == known[1]

    def unit(self, row: ParsedRow) -> None:
        """Compare the unit of a row with the same unit in earlier rows."""
        name, code = row.unit_name, row.uscc
        if not name:
            return
        key = name_key(name)
        same_name = self._by_name.get(key)
        same_code = self._by_code.get(code) if code else None
        if same_code is not None and same_name is None and self._is_other(row, same_code, key):
            same_code = None
        said = self._said_code.get(key)
        if same_name is not None and said is not None and said.uscc == code:
            same_code = same_name
        unit = same_code or same_name
        if unit is None:
            unit = _Unit(row, row.district_code)
            self._variant(row, unit, loose_key(name))
        if same_name is not None:
            self._codes_agree(row, same_name)
        if same_code is not None and same_name is None:
            self._once(
                same_code,
                "NAME_VARIANT",
                key,
                row,
                "unit_name",
                name,
                f"信用代码相同的单位在{{}}写作“{same_code.row.unit_name}”",
                (),
            )
        self._facts_agree(row, unit)
        if (
            same_code is not None
            or same_name is None
            or not (code and same_name.row.uscc and code != same_name.row.uscc)
        ):
            self._districts_agree(row, unit)
        self._by_name.setdefault(key, unit)
        if code:
            self._said_code.setdefault(key, row)
            self._by_code.setdefault(code, unit)
        if row.has_standard:
            unit.standards += 1
        count = row.get("standards_count")
        if unit.count is None and isinstance(count, Decimal):
            unit.count, unit.count_row = count, row

    def _is_other(self, row: ParsedRow, unit: _Unit, key: str) -> bool:
        """Two names under one code that share nothing are two bodies until somebody says otherwise."""
        name, first = row.unit_name, unit.row.unit_name
        if related(name, first):
            return False
        advice = f"信用代码与{{}}的“{first}”相同，名称却毫无共同之处"
        about = ("CONFLICT_NAME", row.uscc or "", name_key(first), key)
        self._once(unit, "CONFLICT", key, row, "unit_name", name, advice, about)
        return True

    def _facts_agree(self, row: ParsedRow, unit: _Unit) -> None:
        """Address, contact and telephone of one unit; what is said first stands."""
        clean = row.clean
        for index, slot in enumerate(_FACTS):
            value = clean[slot]
            if value is None:
                continue
            first = unit.facts[index]
            if first is None:
                unit.facts[index] = row
            elif (
                value is not first.clean[slot]
                and fact_key(value) != fact_key(first.clean[slot])
                and not (row.filled and TARGETS[slot] in row.filled)
            ):
                target = TARGETS[slot]
                where = place(first, target, seen_from=row.sheet)
                known = f"{target}{fact_key(value)}"
                if known not in unit.reported:
                    unit.reported.add(known)
                    advice = (
                        f"“{row.unit_name}”的{TARGET_NAMES[target]}在{where}是“{first.clean[slot]}”"
                    )
                    self._report.add("UNIT_DIFFERS", row.cell(target), value, advice)

    def _variant(self, row: ParsedRow, unit: _Unit, loose: str) -> None:
        other = self._by_loose.setdefault(loose, unit)
        if other is unit or (other.row.uscc and row.uscc):
            return
        where = place(other.row, "unit_name", seen_from=row.sheet)
        advice = f"与{where}“{other.row.unit_name}”相近"
        about = ("NAME_VARIANT", name_key(row.unit_name), name_key(other.row.unit_name))
        cell = row.cell("unit_name")
        self._report.add("NAME_VARIANT", cell, row.unit_name, advice, about=about)

    def _codes_agree(self, row: ParsedRow, unit: _Unit) -> None:
        code, said = row.uscc, self._said_code.get(name_key(row.unit_name))
        first = said.uscc if said is not None else None
        if code and first is None:
            if unit.row.uscc is None:
                unit.row = row
        elif code and code != first:
            advice = f"同名单位在{{}}的信用代码是“{first}”"
            about = ("CONFLICT_CODE", name_key(row.unit_name), first or "", code)
            self._once(unit, "CONFLICT", code, row, "uscc", code, advice, about, first=said)

    def _districts_agree(self, row: ParsedRow, unit: _Unit) -> None:
        if not row.district_code:
            return
        if not unit.district:
            unit.district = row.district_code
        elif unit.district != row.district_code:
            found = row.get("district") or row.district_code
            advice = f"同一单位在{{}}属于“{unit.row.get('district') or unit.district}”"
            target = "district" if row.cell("district") else "unit_name"
            who = unit.row.uscc or name_key(unit.row.unit_name)
            about = ("CONFLICT_DISTRICT", who, unit.district, row.district_code)
            self._once(unit, "CONFLICT", row.district_code, row, target, found, advice, about)

    def _once(
        self,
        unit: _Unit,
        code: str,
        what: str,
        row: ParsedRow,
        target: str,
        found: object,
        advice: str,
        about: tuple[str, ...],
        first: ParsedRow | None = None,
    ) -> None:
        if what in unit.reported:
            return
        unit.reported.add(what)
        where = place(first or unit.row, target, seen_from=row.sheet)
        self._report.add(code, row.cell(target), found, advice.format(where), about=about)

    def finish(self) -> None:
        """Compare the number of standards a unit says it has with the rows it got."""
        for unit in {id(u): u for u in self._by_name.values()}.values():
            row = unit.count_row
            if row is not None and unit.standards and unit.count != unit.standards:
                advice = f"填写{unit.count}项，明细{unit.standards}项"
                self._report.add(
                    "COUNT_MISMATCH",
                    row.cell("standards_count"),
                    unit.count,
                    advice,
                    sheet=row.sheet,
                )
