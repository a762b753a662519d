"""Live figures in a text: 【实际检查单位：I.total.u_insp】 stands for a cell and is drawn with its value.

What stands before the colon is for people and is not read. A line that is nothing but 【表：III】 stands for
a table of that block. Square brackets of this shape mean nothing else, so that a token mistyped is found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from reporting.corrections import cell_of, words_of
from reporting.ruling import CellRef
from reporting.single_figures import SINGLE
from reporting.table import Annex3

_TOKEN = re.compile(r"【([^【】]*)】")
_CELL = re.compile(r"(?:.*:)?\s*(?P<block>[IV]+)\.(?P<row>\w+)\.(?P<figure>\w+)\s*")
_TABLE = re.compile(r"\s*【\s*表\s*[:：]\s*(\w+)\s*】\s*")
_STRAY = re.compile(r"[【】]")
#: What stands in place of a figure before the office has had its table computed.
PENDING = "（待统计）"
#: What a table prints where there is no figure.
NO_VALUE = "–"
#: Of which figures the table of a block is made in a report.
COLUMNS = {
    "I": ("u_total", "u_insp", "s_insp", "s_prob", "prob_rate"),
    "II": ("u_insp", "s_insp", "s_prob", "s_stop"),
    "III": ("fd", "fd_key", "fd_ok", "s_touched"),
    "VI": ("u_insp", "s_insp", "s_prob", "s_stop"),
}
#: Units by level of risk in every office's report, by field and by priority domain.
FIELD_RISK, DOMAIN_RISK = "领域风险", "重点领域风险"
OF_ANY_OFFICE = frozenset({FIELD_RISK, DOMAIN_RISK})
#: Tables of the city's report besides: offices beside each other, items of the checklist, risk by district.
OFFICES, ITEMS, DISTRICT_RISK = "部门", "检查项", "属地风险"
_OF_THE_CITY = frozenset({OFFICES, ITEMS, DISTRICT_RISK})


@dataclass(frozen=True, slots=True)
class Live:
    """A figure inside a text: which cell, what is printed of it, and how a sentence names it."""

    ref: CellRef
    text: str
    words: str


Run = str | Live


def token(annex: Annex3, ref: CellRef) -> str:
    """What to write for a cell, with the words of the table before the colon."""
    found = cell_of(annex, ref)
    if found is None:
        raise KeyError(ref)
    row, cell = found
    name = cell.figure.name.removeprefix("其中")
    if ref[0] not in SINGLE and row.spec.kind != "total":
        name = f"{row.spec.label}·{name}"
    return f"【{name}：{'.'.join(ref)}】"


def table_name(line: str) -> str:
    """The table a line stands for: a block, one of risk, or one of the city's; empty for any other line."""
    found = _TABLE.fullmatch(line)
    return found[1] if found and found[1] in COLUMNS.keys() | OF_ANY_OFFICE | _OF_THE_CITY else ""


def runs(text: str, annex: Annex3 | None) -> list[Run]:
    """A line as plain pieces and figures; what names no cell stays as it was typed."""
    found: list[Run] = []
    last = 0
    for match, ref in _tokens(text):
        live = _live(annex, ref) if ref else None
        if live is None:
            continue
        if match.start() > last:
            found.append(text[last : match.start()])
        found.append(live)
        last = match.end()
    return [*found, text[last:]] if last < len(text) or not found else found


def faults(text: str, annex: Annex3 | None, *, city: bool = False) -> list[str]:
    """What stands in brackets and is no cell of the table, each as a sentence."""
    said = []
    for line in text.splitlines():
        if name := table_name(line):
            if name in _OF_THE_CITY and not city:
                said.append(f"“{line.strip()}”只在全市总结报告中有，请删去。")
            continue
        for match, ref in _tokens(line):
            if ref is None:
                said.append(f"“{match[0]}”不是统计表的数，请从“插入数字”中选取或删去方头括号。")
            elif annex is not None and _live(annex, ref) is None:
                said.append(f"“{match[0]}”在统计表中没有这一格，请重新选取。")
        if _STRAY.search(_TOKEN.sub("", line)):
            said.append("有不成对的“【”或“】”，请补全或删去。")
    return list(dict.fromkeys(said))


def blanks(text: str, annex: Annex3) -> list[str]:
    """Figures that would be printed as – inside a sentence, each with what to do."""
    found = [
        match[0]
        for match, ref in _tokens(text)
        if ref and (live := _live(annex, ref)) and live.text == NO_VALUE
    ]
    return [f"“{one}”现在没有数，请等统计表接收后再办，或者改写。" for one in dict.fromkeys(found)]


def _tokens(text: str) -> Iterator[tuple[re.Match[str], CellRef | None]]:
    for match in _TOKEN.finditer(text):
        inside = _CELL.fullmatch(unicodedata.normalize("NFKC", match[1]))
        yield match, (inside["block"], inside["row"], inside["figure"]) if inside else None


def _live(annex: Annex3 | None, ref: CellRef) -> Live | None:
    if annex is None:
        return Live(ref, PENDING, "统计后显示")
    found = cell_of(annex, ref)
    if found is None or found[1].figure.check:
        return None
    cell = found[1]
    return Live(ref, f"{cell.text}{cell.mark}", words_of(annex, ref))
