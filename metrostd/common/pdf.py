"""HTML to PDF with local fonts and files only: a document can fetch nothing from a network.

A process that prints hundreds of papers stays as large as one that prints one: the cycles a document
leaves behind are swept at once, and fonts are read where they lie instead of being copied.
"""

import gc
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from . import fonts_in_place, watermark

fonts_in_place.install()


class _LocalOnly(URLFetcher):
    """Refuses everything but data: addresses and files below the project's static folder."""

    def fetch(self, url: str, headers: dict | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        if parts.scheme == "file":
            path = Path(url2pathname(parts.path)).resolve()
            if path.is_relative_to((settings.BASE_DIR / "static").resolve()):
                return super().fetch(url, headers)
        raise ValueError(f"Documents may not fetch {url!r}.")


class _Fonts(threading.local):
    """The opened fonts of one thread: Pango's maps are not to be shared between threads."""

    def __init__(self) -> None:
        self.configuration = FontConfiguration()


class _Sweep:
    """Python looks for cycles among everything it holds, rarely; a document is nothing but cycles.

    While one is made nobody looks, and afterwards only what was made since is looked through: that
    takes less time than the looking in between, and leaves nothing behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rendering = 0
        self._was_on = True

    @contextmanager
    def after(self) -> Iterator[None]:
        with self._lock:
            if not self._rendering:
                self._was_on = gc.isenabled()
                gc.disable()
            self._rendering += 1
        try:
            yield
        finally:
            with self._lock:
                self._rendering -= 1
                if not self._rendering and self._was_on:
                    gc.enable()
            gc.collect(1)


_fonts = _Fonts()
_sweep = _Sweep()


def html_to_pdf(html: str) -> bytes:
    """The PDF of a complete HTML document; resources are limited to the project's static files."""
    with _sweep.after():
        return _rendered(_marked(html))


#: Fixed boxes stand on every page; five lines across reach each part of it.
_MARK = (
    '<div style="position:fixed;top:{top}mm;left:0;width:100%;margin:0;text-align:center;text-indent:0;'
    "font-size:15pt;line-height:1;letter-spacing:0;color:rgba(20,40,80,.13);transform:rotate(-24deg);"
    'white-space:nowrap" aria-hidden="true">{text}</div>'
)


def _marked(html: str) -> str:
    """The document with the mark of whoever takes it out, when there is one."""
    if not (text := watermark.current()):
        return html
    lines = "".join(_MARK.format(top=top, text=escape(text)) for top in range(10, 230, 50))
    return re.sub(r"<body[^>]*>", lambda found: found.group() + lines, html, count=1)


def _rendered(html: str) -> bytes:
    # A function of its own: what it holds is let go before the sweep.
    base = (settings.BASE_DIR / "static").as_uri() + "/"
    fetcher = _LocalOnly(allowed_protocols={"file", "data"})
    document = HTML(string=html, base_url=base, url_fetcher=fetcher)
    return document.write_pdf(font_config=_fonts.configuration)
