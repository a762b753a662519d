"""The office's own Word form with placeholders: looked through before it is taken, filled without running anything.

A form may name what is published here, repeat paragraphs over it and ask whether it is there; nothing else of
the template language is understood. Every name it does not know is told with the paragraph it stands in.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from django.core.exceptions import ValidationError
from docx import Document
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from lxml.etree import XMLSyntaxError

from metrostd.common.packages import without_moment
from reporting.enums import Chapter
from reporting.figures import BY_ID
from reporting.ruling import CellRef
from reporting.table import Annex3

from . import own_tables
from .paper import Block, Paper, by_chapter

_FIGURE = re.compile(r"([IV]+)\.(\w+)\.(\w+)")
_LEFT_OVER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\{|\}\}|\{%|%\}")

#: What a form may say. Loops run over what is given and nothing multiplies, so that no form can run away.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getitem, nodes.For, nodes.If,
    nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A placeholder that is published: what to write, and what stands there."""

    name: str
    meaning: str


#: What is printed where it stands; beside it what rows are made of.
WORDS = (
    Name("标题", "总结报告的标题，一行"),
    Name("行动名称", "专项行动的名称"),
    Name("主送机关", "接收报告的部门和处室"),
    Name("报送单位", "本部门全称"),
    Name("成文日期", "负责人签字的日期，例：2021年10月12日"),
    Name("附件", "附件的名称"),
    *(Name(chapter.label, f"“{chapter.label}”一章的全部段落") for chapter in Chapter),
    Name('数["I.total.u_insp"]', "统计表的一格：块.行.指标，写法同总结报告正文"),
)
NAMES = (
    *WORDS,
    Name(f'{own_tables.TABLES}["III"]', "统计表的一个表，逐行重复，写法见下"),
    Name(own_tables.CASES, "典型案例，逐个重复，写法见下"),
)
_FIGURES = "数"
_KNOWN = frozenset(one.name.partition("[")[0] for one in NAMES)


class _Lines(list[str]):
    """The paragraphs of a chapter: named alone it prints them all, in a loop one after the other."""

    def __html__(self) -> str:
        return escape("\a".join(self))

    def __str__(self) -> str:
        return self.__html__()


class _Figures(Mapping[str, str]):
    """Cells of a table by their names; without a table any cell a form can have."""

    def __init__(self, annex: Annex3 | None) -> None:
        self._annex = annex

    def __getitem__(self, key: str) -> str:
        found = _FIGURE.fullmatch(str(key))
        if found is None:
            raise KeyError(key)
        ref: CellRef = (found[1], found[2], found[3])
        figure = BY_ID.get(ref[2])
        if figure is None or figure.check or ref[0] not in figure.blocks:
            raise KeyError(key)
        if self._annex is None:
            return "0"
        for block, row, cell in self._annex.cells():
            if (block, row, cell.figure.id) == ref:
                return f"{cell.text}{cell.mark}"
        return "–"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Form(ImmutableSandboxedEnvironment):
    """Understands placeholders, loops and questions; remembers the names it was asked for and does not know."""

    def __init__(self, *, undefined: type[Undefined] = StrictUndefined) -> None:
        super().__init__(undefined=undefined, autoescape=True)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()
        self.unknown: list[str] = []
        #: A table or the cases stand somewhere without a loop over their rows.
        self.is_bare = False
        #: Nothing of a report would stand in it.
        self.is_empty = True

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _ALLOWED):
                raise SecurityError(type(node).__name__)
        if any(
            any(inner is not loop for inner in loop.find_all(nodes.For))
            for loop in tree.find_all(nodes.For)
        ):
            raise SecurityError("a loop inside a loop")
        named = meta.find_undeclared_variables(tree)
        self.unknown += sorted(named - _KNOWN)
        self.is_empty = self.is_empty and not named
        self.unknown += own_tables.unknown(tree)
        self.is_bare = self.is_bare or own_tables.is_printed_bare(tree)
        return tree


def check(data: bytes) -> None:
    """Refuse a form that cannot be filled, with a sentence for each thing that is wrong with it."""
    try:
        # Once leniently, so that every part of the file has told the names it does not know.
        lenient = _Form(undefined=Undefined)
        _filled(data, _sample(), lenient)
        if lenient.unknown:
            raise ValidationError(_sentences(data, lenient.unknown))
        if lenient.is_empty:
            raise _refused(
                "里面没有占位符，填入后看不到报告的内容。请写上例如“{{ 基本情况 }}”的占位符。"
            )
        if lenient.is_bare:
            raise _refused("“表”和“案例”要用 for 循环逐行填入，写法见“逐行重复的表格”。")
        made = _filled(data, _sample(), _Form())
    except TemplateSyntaxError as error:
        raise _refused("占位符没有写完整（例如缺少“}}”或“endfor”），请检查后再传。") from error
    except SecurityError as error:
        raise _refused("模板里只能用占位符、单层 for 循环和 if 判断，请删去其他指令。") from error
    except UndefinedError as error:
        raise _refused(f"{_FIGURES}[…] 中有统计表没有的格，请核对块、行、指标的写法。") from error
    except (XMLSyntaxError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise _refused("填写后不再是完整的 Word 文档，请核对占位符所在的段落。") from error
    if left := _left_over(made):
        raise _refused(f"“{left}”没有替换，请核对这个占位符的写法。")


def fill(data: bytes, paper: Paper, annex: Annex3, *, campaign: str) -> bytes:
    """The form with the words of a report."""
    return _filled(data, _context(paper, annex, campaign), _Form())


def _filled(data: bytes, context: dict[str, object], form: _Form) -> bytes:
    template = DocxTemplate(io.BytesIO(data))
    template.render(context, jinja_env=form, autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return without_moment(out.getvalue())


def _context(paper: Paper, annex: Annex3 | None, campaign: str) -> dict[str, object]:
    told = by_chapter(paper)
    chapters = {
        chapter.label: _Lines(
            line for block in told.get(chapter.label, ()) for line in _lines(block)
        )
        for chapter in Chapter
    }
    return {
        "标题": "".join(paper.title),
        "行动名称": campaign,
        "主送机关": paper.addressee,
        "报送单位": paper.office,
        "成文日期": paper.day,
        "附件": paper.attached,
        _FIGURES: _Figures(annex),
        own_tables.TABLES: own_tables.Tables(annex),
        own_tables.CASES: own_tables.cases_of(told.get(Chapter.CASES.label, ())),
        **chapters,
    }


def _sample() -> dict[str, object]:
    """Something in every place, so that every loop and question of a form is gone through."""
    blocks = tuple(
        block
        for chapter in Chapter
        for block in (
            Block("chapter", (f"一、{chapter.label}",)),
            Block("heading", ("案例一：示例",)),
            Block("text", ("示例段落。",)),
        )
    )
    paper = Paper(("标题",), "主送机关", blocks, "附件", "报送单位", "2021年10月12日")
    return _context(paper, None, "专项行动")


def _lines(block: Block) -> list[str]:
    """A paragraph as it is; a table inside a chapter row by row in words (as a table: ``own_tables``)."""
    if block.kind != "table":
        return [block.text]
    return [
        f"{row[0]}：{'，'.join(f'{name}{cell}' for name, cell in zip(block.head[1:], row[1:], strict=True))}"
        for row in block.rows
    ]


def _paragraphs(data: bytes) -> list[str]:
    """Every paragraph of the body, those in tables too, in its order."""
    body = Document(io.BytesIO(data)).element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def _sentences(data: bytes, unknown: list[str]) -> list[str]:
    texts = _paragraphs(data)
    known = "、".join(one.name for one in NAMES)
    said = []
    for name in dict.fromkeys(unknown):
        at = next((n for n, text in enumerate(texts, 1) if name in text), 0)
        place = f"第 {at} 段“{texts[at - 1].strip()[:30]}”" if at else "页眉、页脚或文档属性"
        said.append(f"{place}用到的名称“{name}”不在可用的占位符之内，请改为：{known}。")
    return said


def _left_over(made: bytes) -> str:
    found = _LEFT_OVER.search("\n".join(_paragraphs(made)))
    return found[0] if found else ""


def _refused(words: str) -> ValidationError:
    return ValidationError(f"这个模板不能使用：{words}")
