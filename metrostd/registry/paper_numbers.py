"""The number of a paper: prefix of the authority, mark, year, serial; unique for authority and year, no gaps."""

from metrostd.common.numbering import take_number

from .models import Authority


def paper_number(
    authority: Authority, mark: str, *, kind: str, year: int, body: str = "市监"
) -> str:
    """津西青市监责改〔2021〕3号: the next number of an authority; taken in the writer's transaction.

    ``body`` follows the prefix. An authority without a prefix of its own is named, so that no two authorities share a number.
    """
    serial = take_number(f"{kind}:{authority.code}:{year}")
    prefix = (
        f"{authority.document_prefix}{body}" if authority.document_prefix else authority.short_name
    )
    return f"{prefix}{mark}〔{year}〕{serial}号"
