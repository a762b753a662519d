"""A version of Annex 1 or Annex 2 as a workbook: written to be changed, read with every fault's cell."""

import io
import re
from collections.abc import Callable, Iterable
from typing import cast

from django.db.models import CharField, TextChoices
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from campaigns.enums import ChecklistKind, ItemLevel, ProblemCategory, UsedIn
from campaigns.models import ChecklistItem, ChecklistSection, ChecklistTemplate
from campaigns.reference import Checklist
from metrostd.common.given_workbook import MOST_ROWS, Line, lines, opened, pairs, refuse
from metrostd.common.text import escape_formula
from metrostd.registry.enums import Category

from . import hints

ITEMS, SECTIONS, HEAD, WORDS = "检查项", "分组", "表头", "可填的值"
#: Column of the sheet → field of the item, and its width.
COLUMNS = {
    "分组": ("section", 6),
    "编码": ("code", 7),
    "检查要点": ("text", 52),
    "查看材料": ("evidence_hint", 30),
    "依据": ("basis", 30),
    "重点项": ("is_key", 8),
    "层级": ("level", 10),
    "用于": ("used_in", 16),
    "问题类别": ("problem_category", 9),
    "禁止性行为": ("is_prohibition", 11),
    "可不适用": ("may_be_inapplicable", 9),
    "建议责令停止": ("suggests_stop", 13),
    "适用的计量标准类别": ("categories", 24),
    "系统预判规则": ("hint_rule", 26),
    "常用语": ("stock_phrases", 44),
    "官方表序号": ("official_no", 11),
}
SECTION_COLUMNS = {"代号": ("code", 8), "名称": ("title", 36), "简称": ("short_title", 14)}
ANNEXES = {ChecklistKind.ANNEX1: "附件1", ChecklistKind.ANNEX2: "附件2"}
_KIND, _TITLE, _EDITION = "检查表", "名称", "依据规范版本"
LEVELS = {
    ChecklistKind.ANNEX1: (ItemLevel.UNIT, ItemLevel.STANDARD),
    ChecklistKind.ANNEX2: (ItemLevel.BUREAU, ItemLevel.CASE),
}
_YES_NO = {"是": True, "否": False}
_CODE, _SECTION_CODE = re.compile(r"[A-Z][0-9]{2,3}"), re.compile(r"[A-Z][A-Z0-9]?")
_BETWEEN, _MOST_PHRASES, _LONGEST_PHRASE = "、", 20, 100

Fields = dict[str, object]
_Reader = Callable[[str, ChecklistKind], object]


def rules_of(kind: ChecklistKind) -> list[str]:
    """Rules of 系统预判 an item of this checklist may name."""
    known: Iterable[str] = (
        hints.RULES if kind == ChecklistKind.ANNEX1 else {**hints.bureau.RULES, **hints.case.RULES}
    )
    return sorted(known)


def read_checklist(data: bytes, name: str) -> tuple[ChecklistKind, Checklist]:
    """The checklist of a file, not numbered yet. Raises ValidationError with a sentence for each wrong cell."""
    wrong: list[str] = []
    book = opened(data, name, sheets=(ITEMS, SECTIONS, HEAD), as_what="检查表")
    head = pairs(book[HEAD], wrong)
    kind = next((one for one, word in ANNEXES.items() if head.get(_KIND) == word), None)
    if kind is None:
        said = _BETWEEN.join(ANNEXES.values())
        refuse([*wrong, f"工作表“{HEAD}”的“{_KIND}”应为 {said} 之一。"])
    kind = cast(ChecklistKind, kind)
    for key, field in ((_TITLE, "title"), (_EDITION, "edition")):
        most = _longest(ChecklistTemplate, field)
        if not 0 < len(head.get(key, "")) <= most:
            wrong.append(f"工作表“{HEAD}”请填写“{key}”，最多 {most} 字。")
    sections = _sections(lines(book[SECTIONS], tuple(SECTION_COLUMNS), wrong), wrong)
    _items(lines(book[ITEMS], tuple(COLUMNS), wrong), kind, sections, wrong)
    wrong += [
        f"工作表“{SECTIONS}”的分组“{code}”没有检查项，请填写检查项或者删去分组。"
        for code, section in sections.items()
        if not section["items"]
    ]
    if not sections:
        wrong.append(f"工作表“{SECTIONS}”没有分组。")
    refuse(wrong)
    return kind, {
        "kind": kind.value,
        "version": 0,
        "edition": head[_EDITION],
        "title": head[_TITLE],
        "sections": list(sections.values()),
    }


def _longest(model: type[ChecklistItem | ChecklistSection | ChecklistTemplate], field: str) -> int:
    return cast("CharField[str, str]", model._meta.get_field(field)).max_length or 0


def _sections(given: Iterable[Line], wrong: list[str]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for line in given:
        code, *_ = line.values
        if not _SECTION_CODE.fullmatch(code):
            wrong.append(f"{line.places[0]} 的代号“{code}”应为 1 至 2 位，以大写字母开头。")
        elif code in found:
            wrong.append(f"{line.places[0]} 的代号“{code}”重复。")
        for (column, (field, _)), text, place in zip(
            list(SECTION_COLUMNS.items())[1:], line.values[1:], line.places[1:], strict=True
        ):
            most = _longest(ChecklistSection, field)
            if not 0 < len(text) <= most:
                wrong.append(f"{place} 请填写“{column}”，最多 {most} 字。")
        fields = [field for field, _ in SECTION_COLUMNS.values()]
        found.setdefault(code, {**dict(zip(fields, line.values, strict=True)), "items": []})
    return found


def _items(
    given: Iterable[Line],
    kind: ChecklistKind,
    sections: dict[str, dict[str, object]],
    wrong: list[str],
) -> None:
    """Put each item into its section; a code stands once in the whole checklist."""
    seen: dict[str, str] = {}
    for line in given:
        item: Fields = {}
        for (field, _), text, place in zip(COLUMNS.values(), line.values, line.places, strict=True):
            try:
                item[field] = _READERS[field](text, kind)
            except ValueError as error:
                wrong.append(f"{place} {error}")
        section, code = str(item.pop("section", "")), str(item.get("code", ""))
        if section and section not in sections:
            wrong.append(f"{line.places[0]} 的分组“{section}”在工作表“{SECTIONS}”中没有。")
        elif code and code in seen:
            wrong.append(f"{line.places[1]} 的编码“{code}”与 {seen[code]} 重复。")
        elif section:
            cast("list[Fields]", sections[section]["items"]).append(item)
        seen.setdefault(code, line.places[1])


def _section_of(text: str, kind: ChecklistKind) -> str:
    if not text:
        raise ValueError("请填写分组的代号。")
    return text


def _code(text: str, kind: ChecklistKind) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(f"的编码“{text}”应为一个大写字母和 2 至 3 位数字。")
    return text


def _words(field: str, column: str, *, needed: bool = False) -> _Reader:
    def read(text: str, kind: ChecklistKind) -> str:
        most = _longest(ChecklistItem, field)
        if needed and not text:
            raise ValueError(f"请填写“{column}”。")
        if len(text) > most:
            raise ValueError(f"有 {len(text)} 字，“{column}”最多 {most} 字。")
        return text

    return read


def _yes_no(text: str, kind: ChecklistKind) -> bool:
    if text not in _YES_NO:
        raise ValueError(f"的“{text}”应为“是”或“否”。")
    return _YES_NO[text]


def _one_of(words: Callable[[ChecklistKind], dict[str, str]]) -> _Reader:
    def read(text: str, kind: ChecklistKind) -> str:
        known = words(kind)
        if text not in known:
            raise ValueError(f"的“{text}”应为 {_BETWEEN.join(known)} 之一。")
        return known[text]

    return read


def _labels(choices: Iterable[TextChoices]) -> dict[str, str]:
    return {str(one.label): str(one.value) for one in choices}


def _level_words(kind: ChecklistKind) -> dict[str, str]:
    return _labels(LEVELS[kind])


def _categories(text: str, kind: ChecklistKind) -> list[str]:
    known = _labels(Category)
    given = [one.strip() for one in text.split(_BETWEEN) if one.strip()]
    if unknown := [one for one in given if one not in known]:
        raise ValueError(f"的“{unknown[0]}”不是计量标准类别，可填的见工作表“{WORDS}”。")
    return [known[one] for one in dict.fromkeys(given)]


def _hint_rule(text: str, kind: ChecklistKind) -> str:
    if text and text not in rules_of(kind):
        raise ValueError(f"的“{text}”不是系统预判规则，可填的见工作表“{WORDS}”。")
    return text


def _phrases(text: str, kind: ChecklistKind) -> list[str]:
    given = [one.strip() for one in text.splitlines() if one.strip()]
    if len(given) > _MOST_PHRASES or any(len(one) > _LONGEST_PHRASE for one in given):
        raise ValueError(
            f"的常用语每行一条，最多 {_MOST_PHRASES} 条，每条最多 {_LONGEST_PHRASE} 字。"
        )
    return given


_READERS: dict[str, _Reader] = {
    "section": _section_of,
    "code": _code,
    "text": _words("text", "检查要点", needed=True),
    "evidence_hint": _words("evidence_hint", "查看材料"),
    "basis": _words("basis", "依据"),
    "is_key": _yes_no,
    "level": _one_of(_level_words),
    "used_in": _one_of(lambda _: _labels(UsedIn)),
    "problem_category": _one_of(lambda _: {one.value: one.value for one in ProblemCategory}),
    "is_prohibition": _yes_no,
    "may_be_inapplicable": _yes_no,
    "suggests_stop": _yes_no,
    "categories": _categories,
    "hint_rule": _hint_rule,
    "stock_phrases": _phrases,
    "official_no": _words("official_no", "官方表序号"),
}


def shown(item: ChecklistItem, field: str) -> str:
    """A field of an item as the workbook and the difference say it."""
    value = getattr(item, field)
    if isinstance(value, bool):
        return "是" if value else "否"
    if field == "categories":
        return _BETWEEN.join(str(Category(one).label) for one in value)
    if field == "stock_phrases":
        return "\n".join(value)
    if field in {"level", "used_in"}:
        return str(getattr(item, f"get_{field}_display")())
    return str(value)


def checklist_workbook(template: ChecklistTemplate) -> bytes:
    """A version as a workbook to be changed and given back, with what may stand in its cells."""
    kind = ChecklistKind(template.kind)
    book = Workbook()
    page = cast(Worksheet, book.active)
    page.title = ITEMS
    sections = template.sections.prefetch_related("items")
    _write(
        page,
        COLUMNS,
        (
            [one.code, *(shown(item, field) for field, _ in list(COLUMNS.values())[1:])]
            for one in sections
            for item in one.items.all()
        ),
    )
    _write(
        book.create_sheet(SECTIONS),
        SECTION_COLUMNS,
        ([one.code, one.title, one.short_title] for one in sections),
    )
    head = book.create_sheet(HEAD)
    for row in (
        (_KIND, ANNEXES[kind]),
        (_TITLE, template.title),
        (_EDITION, template.edition),
    ):
        head.append([escape_formula(word) for word in row])
    head.column_dimensions["A"].width, head.column_dimensions["B"].width = 18, 60
    _offer(page, book.create_sheet(WORDS), kind)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Worksheet, columns: dict[str, tuple[str, int]], rows: Iterable[list[str]]) -> None:
    page.append(list(columns))
    for row in rows:
        page.append([escape_formula(word) for word in row])
    page.freeze_panes = "C2"
    for at, (_, width) in enumerate(columns.values(), 1):
        page.column_dimensions[get_column_letter(at)].width = width
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF2F7")
    for line in page.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _offer(page: Worksheet, words: Worksheet, kind: ChecklistKind) -> None:
    """Lists to choose from in the cells, and the sheet they come from."""
    yes_no = list(_YES_NO)
    offered = {
        **dict.fromkeys(("重点项", "禁止性行为", "可不适用", "建议责令停止"), yes_no),
        "层级": list(_level_words(kind)),
        "用于": list(_labels(UsedIn)),
        "问题类别": [one.value for one in ProblemCategory],
        "适用的计量标准类别": list(_labels(Category)),
        "系统预判规则": rules_of(kind),
    }
    letters = {column: get_column_letter(at) for at, column in enumerate(COLUMNS, 1)}
    for at, (column, choices) in enumerate(offered.items(), 1):
        for row, word in enumerate((column, *choices), 1):
            words.cell(row, at, word)
        source = get_column_letter(at)
        words.column_dimensions[source].width = 30
        # Several categories may stand in a cell: a list to choose one from would refuse them.
        if column != "适用的计量标准类别":
            rule = DataValidation(
                type="list",
                formula1=f"'{WORDS}'!${source}$2:${source}${len(choices) + 1}",
                allow_blank=True,
            )
            rule.add(f"{letters[column]}2:{letters[column]}{MOST_ROWS}")
            page.add_data_validation(rule)
