"""Heads of blocks that are known outside of the trail: the file beside the database, papers that print one.

A paper says ``number:head``, as ``manage.py verify_audit --anchor`` takes it. Apps whose papers carry a head register
where they keep it, so that the nightly check compares them all; what is printed and sent out nobody can change.
"""

from collections.abc import Callable, Iterable, Iterator

from . import sealing
from .models import TrailBlock

Source = Callable[[], Iterable[str]]
_sources: list[Source] = []


def anchor_source(source: Source) -> Source:
    """Register where an app keeps heads it has printed: texts ``number:head``, empty ones are passed over."""
    _sources.append(source)
    return source


def last_head() -> str:
    """The head a paper made now carries, as ``number:head``; nothing before anything is sealed."""
    last = TrailBlock.objects.order_by("-number").values_list("number", "head").first()
    return "{}:{}".format(*last) if last else ""


def read(told: str) -> tuple[int, str]:
    """Number and head of such a text. Raises ValueError when it is none."""
    number, _, head = told.partition(":")
    if not number.isdecimal() or len(head) != 64:
        raise ValueError(told)
    return int(number), head


def in_words(told: str) -> str:
    """How a paper says it."""
    if not told:
        return ""
    number, head = read(told)
    return f"审计记录第{number}块 {head}"


def known_heads() -> Iterator[tuple[int, str]]:
    """Every head known outside of the trail, each once."""
    yield from sealing.heads_outside()
    for told in sorted({told for source in _sources for told in source() if told}):
        yield read(told)
