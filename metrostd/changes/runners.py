"""Papers of applications, laid out in the background."""

from metrostd.common.papers import Words, paper_maker

from . import papers


@paper_maker(papers.FORM)
def form(words: Words) -> bytes:
    """Lay out the form of an application."""
    return papers.change_pdf(papers.paper_again(words))
