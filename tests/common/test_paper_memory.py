"""What a paper leaves behind in the process that printed it: nothing."""

import gc
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader
from weasyprint.pdf import fonts as weasyprint_fonts

from metrostd.common import fonts_in_place
from metrostd.common.pdf import html_to_pdf

ROWS = "".join(f"<tr><td>计量标准{n}</td><td>检定规程</td></tr>" for n in range(60))
PAPER = f"<html lang=zh><body><table>{ROWS}</table></body></html>"


@pytest.fixture
def unswept():
    """Nobody but the rendering itself looks for cycles."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_papers_leave_no_cycles_behind(unswept):
    html_to_pdf(PAPER)
    before = len(gc.get_objects())

    for _ in range(4):
        html_to_pdf(PAPER)

    assert len(gc.get_objects()) - before < 500  # one paper is made of more than 20,000


def test_a_paper_that_fails_is_swept_too_and_the_collector_goes_on():
    with pytest.raises(TypeError):
        html_to_pdf(None)

    assert gc.isenabled()


def test_who_had_stopped_the_collector_finds_it_stopped(unswept):
    html_to_pdf("<p>x</p>")

    assert not gc.isenabled()


def test_threads_print_side_by_side():
    started = threading.Barrier(3)

    def print_one(number: int) -> str:
        started.wait(10)
        return PdfReader(io.BytesIO(html_to_pdf(f"<p>第{number}号{PAPER}"))).pages[0].extract_text()

    with ThreadPoolExecutor(3) as pool:
        texts = list(pool.map(print_one, range(3)))

    for number, text in enumerate(texts):
        assert f"第{number}号" in "".join(text.split())
    assert gc.isenabled()


def test_a_chinese_font_is_not_copied_and_ends_as_a_subset(monkeypatch):
    made: list[fonts_in_place.Font] = []
    kinds: list[type] = []

    class Watched(fonts_in_place.Font):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)
            kinds.append(type(self.file_content))

    monkeypatch.setattr(fonts_in_place.stream, "Font", Watched)

    pdf = html_to_pdf("<p>计量标准")

    assert made
    assert bytes not in kinds
    assert all(type(font.file_content) is bytes for font in made)
    assert max(len(font.file_content) for font in made) < fonts_in_place.LARGE
    assert len(pdf) < fonts_in_place.LARGE


def test_a_font_that_cannot_be_made_smaller_goes_in_whole(monkeypatch):
    monkeypatch.setattr(weasyprint_fonts.Font, "subset", lambda self, used, hinting: None)

    pdf = html_to_pdf("<p>计量标准")

    assert "计量标准" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert len(pdf) > fonts_in_place.LARGE
