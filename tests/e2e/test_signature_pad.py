"""The canvas people sign on, alone on a page: whatever the hand does, what was seen is what is kept."""

import json
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8">
<style>body { margin: 0 } canvas { display: block; width: 90vw; height: 40vh; touch-action: none }</style>
<form class="signature-field"><canvas data-signature-for="s"></canvas><button type="button" data-signature-clear="s">x</button>
<input type="hidden" id="s"><input type="hidden" id="s-strokes" data-signature-least="10 40 8"></form>"""
#: The box of the ink in the picture that would be sent.
INK = """async () => {
  const image = new Image();
  image.src = document.getElementById("s").value;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const across = [], down = [];
  for (let n = 3; n < data.length; n += 4) if (data[n] > 60) {
    across.push(((n - 3) / 4) % image.width);
    down.push(Math.floor((n - 3) / 4 / image.width));
  }
  const least = (all) => all.reduce((a, b) => Math.min(a, b)), most = (all) => all.reduce((a, b) => Math.max(a, b));
  return [least(across), least(down), most(across), most(down)];
}"""


@pytest.fixture
def page(browser: Browser):
    context = browser.new_context(viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.set_content(PAGE)
    for name in ("vendor/signature_pad.umd.min.js", "js/signature.js"):
        page.add_script_tag(content=Path(finders.find(name)).read_text())
    page.wait_for_function("document.querySelector('canvas').width === 720")
    yield page
    context.close()


def draw(page: Page, *points: tuple[int, int], lift: bool = True) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    follow(page, *points[1:])
    if lift:
        page.mouse.up()


def follow(page: Page, *points: tuple[int, int]) -> None:
    for point in points:
        page.mouse.move(*point, steps=6)
        page.wait_for_timeout(20)  # the pad takes a point every 16 ms


def turn(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(100)


def strokes(page: Page) -> list[list[list[float]]]:
    return json.loads(page.locator("#s-strokes").input_value() or "[]")


def test_turned_many_times_strokes_and_picture_are_as_they_were(page):
    draw(page, (100, 50), (600, 200), (300, 30))
    before, ink = strokes(page), page.evaluate(INK)

    for width, height in ((500, 900), (800, 600), (320, 700), (1200, 800), (768, 1024), (800, 600)):
        turn(page, width, height)

    assert strokes(page) == before
    assert page.evaluate(INK) == pytest.approx(ink, abs=2)


def test_a_pen_lifted_outside_leaves_no_ink_there_and_the_name_as_large_as_it_was(page):
    draw(page, (100, 100), (400, 150), (700, 100), (1500, 1200))
    draw(page, (300, 100), (200, 150), (-300, -300))
    ink = page.evaluate(INK)
    for width, height in ((500, 900), (800, 600)):
        turn(page, width, height)

    points = [point for stroke in strokes(page) for point in stroke]
    assert all(0 <= x <= 720 and 0 <= y <= 240 for x, y, _ in points)
    assert page.evaluate(INK)[:3] == pytest.approx(ink[:3], abs=60)


def test_a_stroke_that_leaves_and_comes_back_is_two_and_has_no_line_along_the_edge(page):
    draw(page, (100, 200), (150, 300), (600, 300), (650, 100))

    first, second = strokes(page)
    assert max(x for x, _, _ in first) < 200
    assert min(x for x, _, _ in second) > 590


def test_turned_while_the_pen_is_down_the_stroke_goes_on_and_the_next_one_begins(page):
    draw(page, (100, 100), (300, 200), lift=False)
    turn(page, 600, 900)
    follow(page, (200, 150), (400, 60))
    page.mouse.up()
    turned = strokes(page)
    draw(page, (50, 50), (100, 90))

    assert [stroke[-1][:2] for stroke in turned] == [[400, 60]]
    assert len(strokes(page)) == 2
    assert page.evaluate("document.querySelector('canvas').width") == 540


def test_cleared_while_the_pen_is_down_it_can_be_signed_anew(page):
    draw(page, (100, 100), (300, 200), lift=False)
    page.evaluate("document.querySelector('button').click()")
    page.mouse.up()
    assert strokes(page) == []

    draw(page, (50, 50), (300, 90))

    assert len(strokes(page)) == 1
