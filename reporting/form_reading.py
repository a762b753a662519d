"""A form of 附件3 as it is given, in a workbook or as JSON: read row by row, every fault with its cell."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook

from metrostd.common.given_workbook import Line, lines, opened, pairs, refuse, refused, text_of
from metrostd.common.outside import given_json

from .figures import BY_ID
from .layouts import Plain, TableLayout, to_plain

BLOCKS = ("I", "II", "III", "VI", "IV", "V")
#: The sheets of the workbook, and the columns of the first.
FORM, HEAD = "表式", "表头"
COLUMNS = ("块", "块标题", "行标题", "工作表", "表", "组", "指标", "列名")
_TITLE, _LEGEND, _SIGNERS = "标题", "表注", "签字栏"
_BETWEEN = "、"
_WIDTHS = (6, 26, 18, 22, 18, 18, 16, 26)
_LONGEST, _LONGEST_SHEET = 60, 31
_BAD_SHEET = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class _Given:
    head: dict[str, str]
    lines: list[Line]


def read_form(data: bytes, name: str) -> Plain:
    """The form of a file. Raises ValidationError with a sentence for each cell that cannot be."""
    wrong: list[str] = []
    is_json = name.lower().endswith(".json")
    given = _of_json(data) if is_json else _of_workbook(data, name, wrong)
    made = _checked(given, wrong)
    refuse(wrong)
    return made


def _of_workbook(data: bytes, name: str, wrong: list[str]) -> _Given:
    book = opened(data, name, sheets=(FORM, HEAD), as_what="表式")
    rows = list(lines(book[FORM], COLUMNS, wrong))
    return _Given(pairs(book[HEAD], wrong), rows)


def _of_json(data: bytes) -> _Given:
    try:
        given = given_json(data.decode("utf-8"))
        head = {
            _TITLE: text_of(given["title"]),
            _LEGEND: text_of(given["legend"]),
            _SIGNERS: _BETWEEN.join(map(text_of, given["signers"])),
        }
        return _Given(head, list(_lines_of(given)))
    except (UnicodeDecodeError, ValueError) as error:
        raise refused("这不是 UTF-8 编码的 JSON 文件，请检查后再传。") from error
    except (KeyError, TypeError, IndexError) as error:
        raise refused(f"JSON 的结构不符：{error}，请用本页下载的表式修改。") from error


# Any: JSON somebody gave
def _lines_of(given: dict[str, Any]) -> Iterator[Line]:
    for b, block in enumerate(given["blocks"]):
        own = tuple(text_of(block[key]) for key in ("id", "title", "heading", "sheet"))
        for p, part in enumerate(block["parts"]):
            for g, group in enumerate(part["groups"]):
                for c, (figure, name) in enumerate(group["columns"]):
                    place = f"blocks[{b}].parts[{p}].groups[{g}].columns[{c}]"
                    words = (part["name"], group["name"], figure, name)
                    yield Line((*own, *map(text_of, words)), (place,) * len(COLUMNS))


def _checked(given: _Given, wrong: list[str]) -> Plain:
    wrong += [
        f"工作表“{HEAD}”没有填写“{key}”。" for key in (_TITLE, _SIGNERS) if not given.head.get(key)
    ]
    blocks: dict[str, Plain] = {}
    seen: set[tuple[str, str]] = set()
    for line in given.lines:
        if _is_right(line, seen, wrong):
            _put(blocks, line, wrong)
    if lacking := [key for key in BLOCKS if key not in blocks]:
        wrong.append(f"缺少块 {_BETWEEN.join(lacking)}，每一块至少要有一列。")
    return {
        "title": given.head.get(_TITLE, ""),
        "legend": given.head.get(_LEGEND, ""),
        "signers": [one for one in given.head.get(_SIGNERS, "").split(_BETWEEN) if one],
        "blocks": [blocks[key] for key in BLOCKS if key in blocks],
    }


def _is_right(line: Line, seen: set[tuple[str, str]], wrong: list[str]) -> bool:
    """Whether a column is of a figure of its block, under a name, once."""
    block, name, figure = line.values[0], line.values[7], line.values[6]
    known = BY_ID.get(figure)
    if block not in BLOCKS:
        wrong.append(
            f"{line.places[0]} 的“{block}”不是统计表的块，应为 {_BETWEEN.join(BLOCKS)} 之一。"
        )
    elif known is None or known.check or block not in known.blocks:
        wrong.append(f"{line.places[6]} 的“{figure}”不是块 {block} 的指标。")
    elif (block, figure) in seen:
        wrong.append(f"{line.places[6]} 的“{figure}”在块 {block} 中重复。")
    elif not name or len(name) > _LONGEST:
        wrong.append(f"{line.places[7]} 请填写列名，最多 {_LONGEST} 字。")
    else:
        seen.add((block, figure))
        return True
    return False


def _put(blocks: dict[str, Plain], line: Line, wrong: list[str]) -> None:
    """Add a column to its block, table and group; what a block is called stands in its first row."""
    key, title, heading, sheet, part, group, figure, name = line.values
    if key not in blocks:
        for at, text in ((1, title), (2, heading), (3, sheet)):
            if not text or len(text) > _LONGEST:
                wrong.append(f"{line.places[at]} 请填写“{COLUMNS[at]}”，最多 {_LONGEST} 字。")
        if len(sheet) > _LONGEST_SHEET or _BAD_SHEET.search(sheet):
            wrong.append(
                f"{line.places[3]} 的工作表名最多 {_LONGEST_SHEET} 字，不能含 [ ] : * ? / \\。"
            )
        elif any(one["sheet"] == sheet for one in blocks.values()):
            wrong.append(f"{line.places[3]} 的工作表名“{sheet}”与另一块相同。")
        blocks[key] = {"id": key, "title": title, "heading": heading, "sheet": sheet, "parts": []}
    parts = blocks[key]["parts"]
    if not parts or parts[-1]["name"] != part:
        parts.append({"name": part, "groups": []})
    groups = parts[-1]["groups"]
    if not groups or groups[-1]["name"] != group:
        groups.append({"name": group, "columns": []})
    groups[-1]["columns"].append([figure, name])


def form_workbook(form: TableLayout) -> bytes:
    """A form as a workbook to be changed and given back."""
    book = Workbook()
    page, head = book.active, book.create_sheet(HEAD)
    page.title = FORM
    page.append(COLUMNS)
    for line in _lines_of(to_plain(form)):
        page.append(line.values)
    page.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    signers = _BETWEEN.join(form.signers)
    for row in ((_TITLE, form.title), (_LEGEND, form.legend), (_SIGNERS, signers)):
        head.append(row)
    head.column_dimensions["B"].width = 80
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
