"""The report as an official paper (GB/T 9704), from the same paragraphs as the Word file."""

from metrostd.common.rendering import render_pdf

from .paper import Paper


def report_pdf(paper: Paper, *, masthead: bool = False) -> bytes:
    """``masthead``: under the red head of the office, as what goes out of the house."""
    return render_pdf("reporting/pdf/narrative.html", {"paper": paper, "masthead": masthead})
