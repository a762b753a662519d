"""Answers that several apps give alike."""

import time
from typing import Protocol

from django.core.paginator import Page, Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from metrostd.common.shapes import Context

from . import audit
from .actors import Actor
from .enums import AccessKind
from .models import StoredFile
from .uploads import JPEG, PDF, PNG, WEBP, named_as

#: Types a browser may show in place; everything else is downloaded.
INLINE = frozenset({PDF, JPEG, PNG, WEBP})


class PortalRequest(HttpRequest):
    """A request as the middlewares leave it for a view: of somebody signed in, perhaps by htmx.

    Only a type: views say with it what they rely on. Pages for anybody take an ``HttpRequest``.
    """

    user: Actor
    htmx: HtmxDetails


class Rows(Protocol):
    """What can be cut into pages: a queryset, a list, rows read by key."""

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice, /) -> object: ...


class _HasPage(Protocol):
    """A record with a page of its own."""

    def get_absolute_url(self) -> str: ...


class StaleError(Exception):
    """A save was based on an older version. ``payload`` carries both values for the 409 answer."""

    def __init__(self, message: str, *, payload: Context | None = None) -> None:
        super().__init__(message)
        self.payload: Context = payload or {}


def looked_at() -> str:
    """When a fragment looks at its records, in seconds: taken after its own write, before it reads.

    Of two answers to one card the page keeps the later look, in whatever order they arrive.
    """
    return f"{time.time():.6f}"


def go(request: PortalRequest, target: str | _HasPage) -> HttpResponse:
    """Redirect the browser, whether it asked plainly or through htmx."""
    url = redirect(target).url
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def page_of(request: HttpRequest, rows: Rows, *, size: int = 50) -> Page:
    """The page the address asks for; a number out of range gives the nearest page."""
    pages: Paginator = Paginator(rows, size)  # type: ignore[arg-type]  # it asks for no more
    return pages.get_page(request.GET.get("page"))


def pdf_response(content: bytes, *, filename: str) -> HttpResponse:
    """The pages of a paper that is no stored file, shown in place; the caller has checked scope and noted the access."""
    disposition = content_disposition_header(as_attachment=False, filename=filename)
    return HttpResponse(content, content_type=PDF, headers={"Content-Disposition": disposition})


def send_file(
    request: PortalRequest, stored: StoredFile, *, filename: str, what: str
) -> FileResponse:
    """The bytes of a stored file under the name its owner gives; the caller has checked scope.

    That it was handed out is on record: ``what`` says whose record it belongs to and which one. A request may
    ask for another ``shape`` of a picture: ``thumb``, or ``view`` for what a browser can show of it. Where
    there is none, the bytes that were given are sent. The small pictures on a page are one reading of its record.
    """
    shape = request.GET.get("shape", "")
    said = f"{what}（缩略图）" if shape == "thumb" else f"{what} {filename}"
    audit.note_reading(actor=request.user, kind=AccessKind.FILE, what=said)
    return file_answer(stored, filename=filename, shape=shape)


def file_answer(stored: StoredFile, *, filename: str, shape: str = "") -> FileResponse:
    """The bytes alone; the caller has noted who takes them out."""
    if shown := _shaped(stored, shape):
        stored, filename = shown, f"{filename}.jpg"
    return FileResponse(
        stored.content.open("rb"),
        as_attachment=stored.media_type not in INLINE,
        filename=named_as(filename, stored.media_type),
        content_type=stored.media_type,
    )


def _shaped(stored: StoredFile, shape: str) -> StoredFile | None:
    if shape == "thumb":
        return stored.thumbnail or stored.preview
    return stored.preview if shape == "view" else None
