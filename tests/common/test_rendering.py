"""PDFs carry Chinese text that can be read back, and take nothing from a network or the disk."""

import io
import socket

import pytest
from django.conf import settings
from pypdf import PdfReader

from metrostd.common.pdf import _LocalOnly, html_to_pdf
from metrostd.common.rendering import render_pdf

LOGO = (settings.BASE_DIR / "static/img/logo.svg").as_uri()


def attached(address: str) -> list[str]:
    html = f"<link rel='attachment' href='{address}'><p>x</p>"
    return list(PdfReader(io.BytesIO(html_to_pdf(html))).attachments)


def test_chinese_text_is_in_the_file():
    content = html_to_pdf(
        "<h1>计量标准专项监督检查</h1><p>统一社会信用代码：91120111MA0000000X</p>"
    )

    reader = PdfReader(io.BytesIO(content))
    text = reader.pages[0].extract_text()
    assert content.startswith(b"%PDF-")
    assert "计量标准专项监督检查" in text
    assert "91120111MA0000000X" in text
    assert len(content) < 200_000, "fonts are embedded as subsets"


def test_a_template_becomes_a_document():
    content = render_pdf("422.html", {"reasons": ["示例理由"], "request": {"htmx": True}})

    assert "示例理由" in PdfReader(io.BytesIO(content)).pages[0].extract_text()


def test_own_static_files_may_be_used():
    assert attached(LOGO) == ["logo.svg"]
    assert attached("img/logo.svg") == ["logo.svg"], "relative to the static folder"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file:///etc/../etc/passwd",
        (settings.BASE_DIR / "manage.py").as_uri(),
        f"{LOGO.rsplit('/', 2)[0]}/../manage.py",
        f"{LOGO.rsplit('/', 2)[0]}/%2e%2e/manage.py",
        "http://192.0.2.1/",
        "https://example.org/x.png",
        "ftp://example.org/x",
        "//example.org/x",
    ],
)
def test_anything_else_is_refused(address):
    with pytest.raises(ValueError, match="may not fetch"):
        _LocalOnly().fetch(address)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "../manage.py"])
def test_a_foreign_file_never_gets_into_a_document(address):
    assert attached(address) == []


def test_no_connection_is_ever_made():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        host = f"127.0.0.1:{listener.getsockname()[1]}"

        html_to_pdf(
            f"<link rel='stylesheet' href='http://{host}/a.css'>"
            f"<style>@import url(http://{host}/b.css); p {{background: url(http://{host}/c.png)}}"
            f"@font-face {{font-family: x; src: url(http://{host}/d.ttf)}}</style>"
            f"<p style='font-family: x'>x<img src='http://{host}/e.png'></p>"
        )

        with pytest.raises(TimeoutError):
            listener.accept()
