"""A report that is still written, as it would be printed now: marked as a draft, made in the background."""

from dataclasses import replace

from metrostd.common import watermark
from metrostd.common.models import Paper as KeptPaper
from metrostd.common.papers import Words, paper_maker, paper_of
from metrostd.common.uploads import DOCX

from . import documents, word
from .paper import Paper, from_plain, to_plain

KINDS = {"pdf": "reporting.draft_pdf", "docx": "reporting.draft_docx"}
_MARK = "（草稿，未报送）"


def draft_of(paper: Paper, suffix: str, *, copy: str) -> KeptPaper:
    """The draft as PDF or Word; the same words for the same reader (``copy``) are the same paper."""
    drafted = replace(paper, title=(*paper.title, _MARK), day="")
    words = {"paper": to_plain(drafted), "copy": copy}
    return paper_of(KINDS[suffix], words, title=f"生成{''.join(drafted.title)}")


@paper_maker(KINDS["pdf"])
def _pdf(words: Words) -> bytes:
    with watermark.marked(words["copy"]):
        return documents.report_pdf(from_plain(words["paper"]))


@paper_maker(KINDS["docx"], media_type=DOCX)
def _docx(words: Words) -> bytes:
    with watermark.marked(words["copy"]):
        return word.report_docx(from_plain(words["paper"]))
