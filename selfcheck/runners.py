"""Papers of the self-check, laid out in the background."""

from metrostd.common.papers import Words, paper_maker

from . import documents, receipts


@paper_maker(receipts.RECEIPT)
def receipt(words: Words) -> bytes:
    """Lay out 自查报告回执."""
    return documents.receipt_pdf(receipts.receipt_again(words))
