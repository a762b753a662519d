"""The report as a Word file a clerk can go on editing: the same paragraphs as the printed one, after GB/T 9704.

Word takes Chinese faces from ``w:eastAsia`` alone, and quotes and dashes from the Latin face unless a run is
marked as Chinese; both are set on every run. 22 lines of 28 letters come from the grid of the section.
"""

import datetime as dt
import io
from dataclasses import dataclass

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section, _Footer
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from metrostd.common import watermark
from metrostd.common.packages import without_moment

from .paper import Block, Paper

#: The line pitch of 22 lines in 225 mm, in points and in twentieths of a point.
_PITCH = 28.95
_GRID = "579"
_LATIN = "Times New Roman"
#: Files of the same words are the same bytes: nothing in them says when they were made.
_MADE = dt.datetime(2021, 1, 1)  # noqa: DTZ001 -- a property of the file that takes no zone


@dataclass(frozen=True, slots=True)
class _Look:
    """How a paragraph is set: face, size, where it stands."""

    face: str
    size: float = 16
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    indent: int = 0
    right: int = 0
    together: bool = False
    pitch: float = _PITCH


_SONG, _FANG, _HEI, _KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
_RIGHT, _CENTRE = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
_TITLE = _Look(_SONG, 22, _CENTRE, together=True, pitch=35)
_FLUSH = _Look(_FANG)
_TEXT = _Look(_FANG, indent=2)
_LOOKS = {
    "chapter": _Look(_HEI, indent=2, together=True),
    "heading": _Look(_KAI, indent=2, together=True),
    "text": _TEXT,
}
_CAPTION = _Look(_HEI, 14, _CENTRE, together=True)
_CELL = _Look(_FANG, 12, pitch=18)
_NUMBER = _Look(_FANG, 12, _RIGHT, pitch=18)
_HEAD = _Look(_HEI, 12, _CENTRE, pitch=18)


def report_docx(paper: Paper) -> bytes:
    """The bytes of the Word file."""
    document = Document()
    _properties(document, paper)
    _page(document.sections[0], document)
    for line in paper.title:
        _paragraph(document, line, _TITLE)
    if paper.addressee:
        _paragraph(document, f"{paper.addressee}：", _FLUSH)
    for block in paper.blocks:
        if block.kind == "table":
            _table(document, block)
        else:
            _paragraph(document, block.text, _LOOKS[block.kind])
    if paper.attached:
        _paragraph(document, f"附件：{paper.attached}", _TEXT)
    _paragraph(document, paper.office, _Look(_FANG, align=_RIGHT, right=2, together=True))
    _paragraph(document, "（盖章）", _Look(_FANG, align=_RIGHT, right=5, together=bool(paper.day)))
    if paper.day:
        _paragraph(document, paper.day, _Look(_FANG, align=_RIGHT, right=4))
    if mark := watermark.current():
        for head in (document.sections[0].header, document.sections[0].even_page_header):
            _marked(head.paragraphs[0], mark)
    out = io.BytesIO()
    document.save(out)
    return without_moment(out.getvalue())


def _marked(line: WordParagraph, mark: str) -> None:
    """Whose copy it is, small and grey above the text."""
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = line.add_run(mark)
    run.font.size, run.font.color.rgb = Pt(9), RGBColor(0x7F, 0x8B, 0x99)


def _properties(document: WordDocument, paper: Paper) -> None:
    """No name of a person or a program stands in the file beside its words."""
    about = document.core_properties
    about.title, about.author, about.comments = "".join(paper.title)[:255], paper.office, ""
    about.last_modified_by = ""
    about.created = about.modified = _MADE


def _page(section: Section, document: WordDocument) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(24)
    set_up = document.element.body.find(qn("w:sectPr"))
    grid = set_up.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        set_up.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), _GRID)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, _RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _page_number(footer: _Footer, align: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, odd pages at the right, even ones at the left."""
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    for text in ("— ", "PAGE", " —"):
        run = _run(paragraph, "" if text == "PAGE" else text, _Look("宋体", 14))
        if text == "PAGE":
            for kind in ("begin", "separate", "end"):
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
                run.element.append(mark)
                if kind == "begin":
                    run.element.append(_instruction(text))


def _instruction(text: str) -> BaseOxmlElement:
    field = OxmlElement("w:instrText")
    field.text = text
    return field


def _paragraph(document: WordDocument, text: str, look: _Look) -> None:
    _set(document.add_paragraph(), text, look)


def _set(paragraph: WordParagraph, text: str, look: _Look) -> None:
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch)
    form.first_line_indent = Pt(look.indent * look.size)
    form.right_indent = Pt(look.right * look.size)
    form.keep_with_next = look.together
    paragraph.alignment = look.align
    _run(paragraph, text, look)


def _run(paragraph: WordParagraph, text: str, look: _Look) -> Run:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = _LATIN, Pt(look.size)
    fonts = run.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), look.face)
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def _table(document: WordDocument, block: Block) -> None:
    if block.text:
        _paragraph(document, block.text, _CAPTION)
    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, block.head, strict=True):
        _set(cell.paragraphs[0], name, _HEAD)
    _repeat_head(table)
    for row in block.rows:
        cells = table.add_row().cells
        for at, (cell, text) in enumerate(zip(cells, row, strict=True)):
            _set(cell.paragraphs[0], text, _NUMBER if at else _CELL)


def _repeat_head(table: Table) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row = table.rows[0].cells[0].paragraphs[0].paragraph_format.element.getparent().getparent()
    row.get_or_add_trPr().append(mark)
