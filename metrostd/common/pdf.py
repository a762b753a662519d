"""HTML to PDF with local fonts and files only: a document can fetch nothing from a network."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse


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


def html_to_pdf(html: str) -> bytes:
    """The PDF of a complete HTML document; resources are limited to the project's static files."""
    base = (settings.BASE_DIR / "static").as_uri() + "/"
    fetcher = _LocalOnly(allowed_protocols={"file", "data"})
    return HTML(string=html, base_url=base, url_fetcher=fetcher).write_pdf()
