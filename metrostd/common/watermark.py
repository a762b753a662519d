"""Whose copy it is: name, capacity and time over confidential pages and in what is taken out (通知三(三) 保密要求).

It deters and helps to find a leak; what was read and taken out is proved by ``AccessEntry``. Papers on file (orders,
records, editions) are handed out byte for byte as they were signed, without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.urls import ResolverMatch

from metrostd.common.actors import Actor

from . import clock
from .templatetags.formats import cn_date, cn_datetime

_text: ContextVar[str] = ContextVar("watermark", default="")
_pages: set[str] = set()


def mark_pages(*names: str) -> None:
    """Register confidential pages: whole namespaces, or views by their full name."""
    _pages.update(names)


def is_marked(match: ResolverMatch | None) -> bool:
    """Whether a page carries the mark of whoever looks at it."""
    return match is not None and (match.namespace in _pages or match.view_name in _pages)


def text_for(person: Actor, *, day: bool = False) -> str:
    """Name, capacity and time; by ``day`` for a paper that is asked for again until it is made."""
    when = cn_date(clock.today()) if day else cn_datetime(clock.now())
    return f"{person.display_name} {person.acting_label} {when}"


def current() -> str:
    """The mark of what is written now; empty for papers on file."""
    return _text.get()


@contextmanager
def marked(text: str) -> Iterator[None]:
    """Within the block whatever is laid out or written carries this text."""
    token = _text.set(text)
    try:
        yield
    finally:
        _text.reset(token)
