"""What an office's own form may repeat row by row: blocks of the table, typical cases; and which columns a row has."""

from collections.abc import Iterable, Iterator, Mapping

from jinja2 import nodes

from reporting import figures
from reporting.single_figures import SINGLE
from reporting.table import Annex3, Row

from .paper import Block, numeral

TABLES, CASES = "表", "案例"
ROW_NAME, VALUE = "名称", "数"
#: Columns of a typical case.
OF_CASE = ("序号", "标题", "内容")
BLOCKS = ("I", "II", "III", "VI", "IV", "V")
#: A row as a form reads it.
Line = dict[str, str]


def columns_of(block: str) -> dict[str, str]:
    """What a row of a block has besides its name: identifier → the words of the table."""
    if block in SINGLE:
        return {VALUE: VALUE}
    return {
        one.id: one.name.removeprefix("其中") for one in figures.of_block(block) if not one.check
    }


class Tables(Mapping[str, list[Line]]):
    """The blocks of a table; without one a row in every block a form can have."""

    def __init__(self, annex: Annex3 | None) -> None:
        self._annex = annex

    def __getitem__(self, block: str) -> list[Line]:
        if block not in BLOCKS:
            raise KeyError(block)
        columns = columns_of(block)
        if self._annex is None:
            return [_line("示例行", columns, dict.fromkeys(columns, "0"))]
        if block not in self._annex.blocks:
            return []
        rows = self._annex.blocks[block].rows
        return [
            _line(row.spec.label, columns, _printed(row, block))
            for row in rows
            if row.spec.kind == "total" or any(cell.value for cell in row.cells)
        ]

    def __iter__(self) -> Iterator[str]:
        return iter(BLOCKS)

    def __len__(self) -> int:
        return len(BLOCKS)


def _line(label: str, columns: Mapping[str, str], printed: Mapping[str, str]) -> Line:
    """Every figure under its identifier and, where no other has them, under its words."""
    line = {name: printed.get(key, "–") for key, name in reversed(list(columns.items()))}
    line |= {key: printed.get(key, "–") for key in columns}
    return {**line, ROW_NAME: label}


def _printed(row: Row, block: str) -> dict[str, str]:
    return {
        VALUE if block in SINGLE else cell.figure.id: f"{cell.text}{cell.mark}"
        for cell in row.shown
    }


def cases_of(blocks: Iterable[Block]) -> list[Line]:
    """The typical cases of a chapter, each with its title and what was found; a text begins with no title."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks:
        if block.kind == "heading" and block.text.startswith("案例"):
            found.append((block.text.partition("：")[2], []))
        elif found and block.kind != "table":
            found[-1][1].append(block.text)
    return [
        dict(zip(OF_CASE, (numeral(at), title, "\a".join(text)), strict=True))
        for at, (title, text) in enumerate(found, 1)
    ]


def unknown(tree: nodes.Template) -> Iterator[str]:
    """Blocks that are none, and columns that the rows a loop goes through do not have."""
    for one in tree.find_all(nodes.Getitem):
        if _is_name(one.node, TABLES) and (key := _key(one)) not in BLOCKS:
            yield key
    for loop in tree.find_all(nodes.For):
        known = _known(loop.iter)
        if not known or not isinstance(loop.target, nodes.Name):
            continue
        for one in loop.find_all(nodes.Getitem):
            if _is_name(one.node, loop.target.name) and (key := _key(one)) not in known:
                yield key


def is_printed_bare(tree: nodes.Template) -> bool:
    """Whether a table or the cases are to be printed whole: they have rows, and no words of their own."""
    said = (one for output in tree.find_all(nodes.Output) for one in output.nodes)
    return any(
        _is_name(one, CASES)
        or _is_name(one, TABLES)
        or (isinstance(one, nodes.Getitem) and _is_name(one.node, TABLES))
        for one in said
    )


def _known(rows: nodes.Node) -> frozenset[str]:
    if _is_name(rows, CASES):
        return frozenset(OF_CASE)
    if isinstance(rows, nodes.Getitem) and _is_name(rows.node, TABLES):
        columns = columns_of(key) if (key := _key(rows)) in BLOCKS else {}
        return frozenset({ROW_NAME, *columns, *columns.values()})
    return frozenset()


def _is_name(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


def _key(node: nodes.Getitem) -> str:
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else ""
