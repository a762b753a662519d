"""A report that is still written, as it would be printed now: marked as a draft, made in the background."""

from dataclasses import replace

from metrostd.common.models import Paper as KeptPaper
from metrostd.common.papers import Words, paper_maker, paper_of
from metrostd.common.uploads import DOCX

from . import documents, word
from .paper import Paper, from_plain, to_plain

KINDS = {"pdf": "reporting.draft_pdf", "docx": "reporting.draft_docx"}
_MARK = "（草稿，未报送）"


def draft_of(paper: Paper, suffix: str) -> KeptPaper:
    """The draft as PDF or Word; the same words are the same paper."""
    marked = replace(paper, title=(*paper.title, _MARK), day="")
    return paper_of(KINDS[suffix], to_plain(marked), title=f"生成{''.join(marked.title)}")


@paper_maker(KINDS["pdf"])
def _pdf(words: Words) -> bytes:
    return documents.report_pdf(from_plain(dict(words)))


@paper_maker(KINDS["docx"], media_type=DOCX)
def _docx(words: Words) -> bytes:
    return word.report_docx(from_plain(dict(words)))
