"""From the cells of one data row to clean rows, with the checks that need only that row."""

import datetime as dt
from dataclasses import dataclass, field

from metrostd.common.text import is_nothing, name_key, tidy

from . import uscc as codes
from .cells import Cleaning, as_text, is_ditto
from .certificates import is_pending, read_certificate
from .dates import NO_DATE, DateReading, Role, read_date, usual_span
from .districts import Districts
from .fields import FIELDS, field_code
from .headers import TARGETS
from .measures import is_measure, is_no_name
from .report import Report
from .rows import SLOT, Clean, ParsedRow, text_of
from .sheets import CellError, NoCachedValue, Picture
from .splitting import certificates_in, names_in, names_several, shared_dates, split

UNIT_LEVEL = (
    "district",
    "unit_name",
    "uscc",
    "org_code",
    "address",
    "contact_name",
    "contact_phone",
    "standards_count",
)
_STANDARD_LEVEL = tuple(t for t in TARGETS if t not in UNIT_LEVEL and t not in {"seq", "remark"})
_DATES: tuple[tuple[str, Role], ...] = (("issue_date", "issue"), ("valid_until", "until"))
_DATE_TARGETS = frozenset({"issue_date", "valid_until"})
_SEPARATORS = frozenset("、;；,，/\n")


@dataclass(slots=True)
class Place:
    """Where a row stands: its sheet, its columns by target, the district of its section."""

    sheet: str
    columns: dict[str, int]
    district: str = ""
    district_name: str = ""
    slots: tuple[int | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        columns = dict(self.columns)
        if "issue_date" not in columns and "valid_until" in columns:  # a range may give both
            columns["issue_date"] = columns["valid_until"]
        if "uscc" not in columns and "org_code" in columns:  # full codes under the old heading
            columns["uscc"] = columns["org_code"]
        self.slots = tuple(columns.get(target) for target in TARGETS)


class Records:
    """Builds rows; remembers per list what has been said, so that one cause gives one issue."""

    def __init__(
        self, report: Report, districts: Districts, *, on: dt.date, date1904: bool, category: str
    ) -> None:
        self._report = report
        self._districts = districts
        self._on = on
        self._date1904 = date1904
        self._category = category
        self._cleaning = Cleaning(report)
        self._dates: dict[tuple[str, str], DateReading] = {}
        self._said: set[tuple[str, str]] = set()

    def build(
        self, number: int, cells: dict[str, object], filled: dict[str, int], place: Place
    ) -> list[ParsedRow]:
        """The rows one line of the list stands for: one, or several when it could be split."""
        cert = cells.get("cert_no", "")
        if (isinstance(cert, str) and not _SEPARATORS.isdisjoint(cert)) or _doubled(cert):
            numbers = certificates_in(str(cert))
            if len(numbers) > 1:
                return self._several(number, cells, numbers, filled, place)
        return [self._one(number, cells, filled, place)]

    def _several(
        self,
        number: int,
        cells: dict[str, object],
        numbers: list[str],
        filled: dict[str, int],
        place: Place,
    ) -> list[ParsedRow]:
        parts, why_not = split(cells, numbers)
        found, column = cells["cert_no"], place.columns["cert_no"]
        if why_not:
            self._report.at("MULTI_VALUE", number, column, found, why_not)
            return [self._one(number, cells, filled, place, unresolved=True)]
        self._report.at("SPLIT", number, column, found, f"拆成{len(parts)}项")
        for target in shared_dates(cells, parts):
            place_of = place.columns[target]
            text = as_text(cells[target])
            self._report.at(
                "DATE_SHARED", number, place_of, text, f"{len(parts)}个证书号只写了1个日期"
            )
        rows, before = [], len(self._report.issues)
        for part, some in enumerate(parts, start=1):
            row = self._one(number, some, filled, place)
            row.part = part
            rows.append(row)
        # What is wrong with a cell the parts share is said once.
        self._report.issues[before:] = dict.fromkeys(self._report.issues[before:])
        return rows

    def _one(
        self,
        number: int,
        cells: dict[str, object],
        filled: dict[str, int],
        place: Place,
        *,
        unresolved: bool = False,
    ) -> ParsedRow:
        clean: list[Clean] = [None] * len(TARGETS)
        raw = [""] * len(TARGETS)
        cleaning = self._cleaning
        cleaning.row, cleaning.org_code, cleaning.full_code = number, None, None
        cleaning.wrong_org = None
        issues, seen = self._report.issues, cleaning.seen
        for target, cell in cells.items():
            slot = SLOT[target]
            plain = type(cell) is str
            raw[slot] = text = cell if type(cell) is str else as_text(cell)
            if isinstance(cell, Picture):
                raw[slot] = ""
            if plain and (known := seen[target].get(text)) is not None:
                raw[slot], clean[slot] = known
                continue
            if cell == "" or target in _DATE_TARGETS or (unresolved and target in _STANDARD_LEVEL):
                continue
            cleaning.column, cleaning.muted = place.slots[slot], target in filled
            before = len(issues)
            clean[slot] = value = cleaning.clean(target, cell)
            if plain and len(issues) == before and not cleaning.muted:
                cleaning.remember(target, text, value)
        if unresolved:
            for target in _STANDARD_LEVEL:
                clean[SLOT[target]] = None
        cleaning.muted = False
        if cleaning.full_code and clean[SLOT["uscc"]] is None:
            clean[SLOT["uscc"]], raw[SLOT["uscc"]] = cleaning.full_code, raw[SLOT["org_code"]]
        if cleaning.org_code and clean[SLOT["org_code"]] is None:
            clean[SLOT["org_code"]] = cleaning.org_code
        row = ParsedRow(place.sheet, number, place.slots, (), (), filled=filled or None)
        self._codes_agree(row, clean, raw, cleaning.wrong_org)
        self._district(row, clean, place)
        self._unit(row, clean, cells, place)
        row.unresolved = unresolved
        if not unresolved:
            self._certificate(row, clean, cells, place)
            self._read_dates(row, clean, raw, cells, filled)
            self._standard(row, clean, cells, place)
        row.clean = tuple(clean)
        row.raw = tuple(
            [(n, text) for n, text in enumerate(raw) if text != (text_of(clean[n]) or "")]
        )
        return row

    def _say(
        self, code: str, row: ParsedRow, target: str, found: object = "", advice: str = ""
    ) -> None:
        self._report.at(code, row.row_no, row.columns[SLOT[target]], found, advice)

    def _say_once(
        self,
        about: str,
        code: str,
        row: ParsedRow,
        target: str,
        found: object = "",
        advice: str = "",
    ) -> None:
        if (code, about) not in self._said:
            self._said.add((code, about))
            self._say(code, row, target, found, advice)

    def _codes_agree(
        self,
        row: ParsedRow,
        clean: list[Clean],
        raw: list[str],
        wrong: tuple[int | None, str] | None,
    ) -> None:
        """The organisation code stands inside the credit code; where they differ the latter is believed."""
        code, org = clean[SLOT["uscc"]], clean[SLOT["org_code"]]
        if wrong is not None and code is None:
            self._report.at("ORG_CODE_CHECK", row.row_no, *wrong)
            return
        inside = str(code)[8:17]
        if code is None or not (wrong or (org is not None and org != inside)):
            return
        column, text = wrong or (row.columns[SLOT["org_code"]], raw[SLOT["org_code"]])
        clean[SLOT["org_code"]] = None
        if (about := ("CODES_DISAGREE", f"{code} {text}")) not in self._said:
            self._said.add(about)
            where = row.cell("uscc")
            advice = f"{where}的信用代码“{code}”内是“{inside}”"
            self._report.at("CODES_DISAGREE", row.row_no, column, text, advice)

    def _district(self, row: ParsedRow, clean: list[Clean], place: Place) -> None:
        text = clean[SLOT["district"]]
        if text is None:
            row.district_code = place.district
            if place.district:
                clean[SLOT["district"]] = place.district_name
                return
            address = clean[SLOT["address"]]
            hint = self._districts.within(address) if isinstance(address, str) else ""
            advice = f"单位地址中有“{hint}”" if hint else ""
            target = "district" if row.columns[SLOT["district"]] is not None else "unit_name"
            self._say_once(
                str(clean[SLOT["unit_name"]]), "DISTRICT_MISSING", row, target, "", advice
            )
            return
        row.district_code = self._districts.code(str(text))
        if not row.district_code:
            self._say_once(str(text), "DISTRICT_UNKNOWN", row, "district", text)

    def _unit(
        self, row: ParsedRow, clean: list[Clean], cells: dict[str, object], place: Place
    ) -> None:
        name, code = clean[SLOT["unit_name"]], clean[SLOT["uscc"]]
        if name is None:
            if is_nothing(as_text(cells.get("unit_name", ""))):
                self._say("UNIT_MISSING", row, "unit_name")
            return
        if is_measure(str(name)):
            self._say("UNIT_IS_MEASURE", row, "unit_name", name)
        elif is_no_name(str(name)):
            self._say("UNIT_NO_NAME", row, "unit_name", name)
        about = name_key(str(name))
        if code is None:
            if "uscc" in place.columns and is_nothing(as_text(cells.get("uscc", ""))):
                self._say_once(about, "USCC_MISSING", row, "uscc")
            return
        category = clean[SLOT["category"]] or self._category
        fitting = codes.category_of(str(code))
        if fitting and category in {"ent_highest", "inst_highest"} and fitting != category:
            kind = codes.kind_of(str(code))
            self._say_once(about, "USCC_CATEGORY", row, "uscc", code, f"代码前两位表示{kind}")

    def _certificate(
        self, row: ParsedRow, clean: list[Clean], cells: dict[str, object], place: Place
    ) -> None:
        text = clean[SLOT["cert_no"]]
        if text is None:
            return
        raw = str(text)
        row.cert = read_certificate(raw)
        if row.cert is None and is_pending(raw):
            clean[SLOT["cert_no"]] = None
            return
        if row.cert is None:
            self._say("CERT_PATTERN", row, "cert_no", raw)
            return
        clean[SLOT["cert_no"]] = row.cert.norm
        if not row.cert.prov:
            self._say("CERT_NO_PROVINCE", row, "cert_no", raw)

    def _read_dates(
        self,
        row: ParsedRow,
        clean: list[Clean],
        raw: list[str],
        cells: dict[str, object],
        filled: dict[str, int],
    ) -> None:
        readings = {}
        for target, role in _DATES:
            cell = cells.get(target, "")
            if is_ditto(cell):
                self._say("DITTO_NOT_FILLED", row, target, cell)
                cell = ""
            nothing = cell == "" or isinstance(cell, Picture)
            readings[target] = reading = NO_DATE if nothing else self._date(cell, role)
            if target not in filled:
                self._tell_reading(row, target, cell, reading)
        first, last = readings["issue_date"], readings["valid_until"]
        issue, until = first.issue or last.issue, last.until or first.until
        if first.issue and last.issue and first.issue != last.issue:
            self._say("DATE_RANGE", row, "valid_until", as_text(cells["valid_until"]))
        if issue and not first.issue and not raw[SLOT["issue_date"]]:
            raw[SLOT["issue_date"]] = raw[SLOT["valid_until"]]
        if until and not last.until and not raw[SLOT["valid_until"]]:
            raw[SLOT["valid_until"]] = raw[SLOT["issue_date"]]
        if issue and until and until <= issue:
            self._say("DATE_ORDER", row, "valid_until", f"{issue} 至 {until}")
        elif (
            issue
            and until
            and not usual_span(issue, until, loose=first.day_assumed or last.day_assumed)
        ):
            self._say("DATE_SPAN", row, "valid_until", f"{issue} 至 {until}")
        clean[SLOT["issue_date"]], clean[SLOT["valid_until"]] = issue, until
        row.expired = (until is not None and until < self._on) or last.expired_word
        if until is not None and until < self._on:
            self._say("EXPIRED", row, "valid_until", until)
        if row.cert is not None and row.cert.year > (issue or self._on).year:
            found = f"{row.cert.norm}，发证日期{issue}" if issue else row.cert.norm
            self._say("CERT_YEAR", row, "cert_no", found)

    def _tell_reading(
        self, row: ParsedRow, target: str, cell: object, reading: DateReading
    ) -> None:
        """What a person should know of how one date was read."""
        if isinstance(cell, Picture):
            self._say("PICTURE", row, target)
        elif isinstance(cell, CellError):
            self._say("CELL_ERROR", row, target, cell)
        elif isinstance(cell, NoCachedValue):
            self._say("FORMULA_NO_VALUE", row, target, cell)
        elif reading.problem:
            self._say(reading.problem, row, target, as_text(cell))
        elif reading.day_assumed:
            self._say("DAY_ASSUMED", row, target, as_text(cell))
        if reading.clock is not None and not reading.problem:
            advice = f"按{reading.issue or reading.until}读取"
            self._say("DATE_TIME", row, target, as_text(cell), advice)

    def _date(self, cell: object, role: Role) -> DateReading:
        if type(cell) is not str:
            return read_date(cell, role=role, date1904=self._date1904)
        reading = self._dates.get((role, cell))
        if reading is None:
            reading = self._dates[role, cell] = read_date(cell, role=role, date1904=self._date1904)
        return reading

    def _standard(
        self, row: ParsedRow, clean: list[Clean], cells: dict[str, object], place: Place
    ) -> None:
        name, number = clean[SLOT["standard_name"]], clean[SLOT["cert_no"]]
        if name is None:
            empty = is_nothing(as_text(cells.get("standard_name", "")))
            if number is not None and "standard_name" in place.columns and empty:
                self._say("STANDARD_MISSING", row, "standard_name", number)
        else:
            if number is None and "cert_no" in place.columns:
                typed = tidy(as_text(cells["cert_no"]))
                if is_nothing(typed) or is_pending(typed):
                    self._say("CERT_DRAFT", row, "cert_no", typed)
            text = cells["standard_name"]
            if isinstance(text, str) and not _SEPARATORS.isdisjoint(text) and names_several(text):
                several = len(names_in(text))
                if number is None:
                    self._say("MULTI_NAME", row, "standard_name", text)
                else:
                    advice = f"计量标准名称有{several}项，证书号只有1个"
                    self._say("MULTI_VALUE", row, "standard_name", text, advice)
        if number is not None:
            for target, _ in _DATES:
                if (
                    target in place.columns
                    and clean[SLOT[target]] is None
                    and is_nothing(as_text(cells[target]))
                ):
                    self._say("DATE_MISSING", row, target)
        self._field(row, clean)

    def _field(self, row: ParsedRow, clean: list[Clean]) -> None:
        code, name = clean[SLOT["jjf1022_code"]], clean[SLOT["field_name"]]
        named = field_code(str(name)) if name else ""
        derived = str(code)[:2] if code else ""
        if derived and derived not in FIELDS:
            self._say("FIELD_CODE_UNKNOWN", row, "jjf1022_code", code)
            derived = ""
        elif derived and named and derived != named:
            advice = f"代码前两位{derived}是{FIELDS[derived]}"
            self._say("FIELD_MISMATCH", row, "field_name", name, advice)
        row.field_code = derived or named


def _doubled(cert: object) -> bool:
    return isinstance(cert, str) and cert.count("量标") > 1
