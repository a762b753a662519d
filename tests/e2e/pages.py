"""What journeys do on every screen: press, confirm, answer, wait until it is saved."""

import io
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from random import Random
from urllib.parse import urljoin

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from metrostd.demo.play import pictures

_SAVED = re.compile("已保存")


def press(page: Page, name: str, *, within: str = "main") -> None:
    """Press the button or link of this name; answers the confirmation if it asks for one."""
    pattern = re.compile(rf"^{re.escape(name)}$")
    place = page.locator(within)
    place.get_by_role("button", name=pattern).or_(place.get_by_role("link", name=pattern)).click()
    asked = page.locator("#ask[open]")
    if asked.count():
        page.locator("#ask-yes").click()


def heard(page: Page, text: str | re.Pattern[str]) -> None:
    """The page answers with this message."""
    expect(page.locator(".messages, .notice").get_by_text(text).first).to_be_visible()


def finish_job(page: Page, *, seen: Callable[[], None] | None = None) -> None:
    """Watch the progress of a job until it is done, and go to its result.

    ``seen`` is called while the progress shows; a quick job may lead to its result meanwhile.
    """
    page.wait_for_url(re.compile(r"/jobs/\d+/"))
    if seen is not None:
        seen()
    done = page.locator("body:not(:has(#job)), #job:has-text('已完成')")
    expect(done.first).to_be_visible()
    result = page.get_by_role("link", name="查看结果")
    if result.count():
        result.click()
    page.wait_for_url(lambda url: "/jobs/" not in url)


def item(page: Page, code: str) -> Locator:
    return page.locator(".sheet-item", has=page.locator(f".sheet-code:text-is('{code}')"))


def answer(page: Page, code: str, label: str, *, note: str = "") -> None:
    """Choose an answer with a thumb, and write the fact down where one is asked for."""
    card = item(page, code)
    card.get_by_role("radio", name=label, exact=True).check()
    if note:
        card.locator("textarea[name=note]").fill(note)


def answer_rest(page: Page) -> int:
    """Choose the first answer, 符合 or 未发现, of every item nobody has answered; returns how many."""
    waiting = page.locator(".choice-grid:not(:has(input:checked)) .choice:first-of-type input")
    done = 0
    while waiting.count():
        waiting.first.click()
        done += 1
    return done


def all_saved(page: Page) -> None:
    """Nothing of the page is on its way any more."""
    state = page.locator("[data-save-state]")
    expect(state).to_have_attribute("data-save-state", "saved")
    expect(state).to_contain_text(_SAVED)


def go_on(page: Page) -> str:
    """Take the step the foot of the page offers, until the next page is there; returns its words."""
    onward, left = page.locator(".sheet-footer .btn-primary"), page.url
    words = onward.inner_text()
    onward.click()
    page.wait_for_url(lambda url: url != left)
    return words


def upload(form: Locator, *, name: str, content: bytes, mime: str = "image/jpeg") -> None:
    """Give a file to the last file field of the form; sent at once by the page."""
    form.locator("input[type=file]").last.set_input_files(
        {"name": name, "mimeType": mime, "buffer": content}
    )


def photo(code: str) -> bytes:
    """A sample photograph as a tablet takes it."""
    return pictures.photo(Random(code), code).read()


def draw_signature(page: Page) -> None:
    """Write on the canvas with the mouse, as with a finger."""
    pad = page.locator("canvas.signature-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    left, middle = box["x"] + 40, box["y"] + box["height"] / 2
    page.mouse.move(left, middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(left + step * 22, middle + (30 if step % 2 else -30), steps=3)
    page.mouse.up()


def fetched(page: Page, link: Locator) -> bytes:
    """The file a link leads to, with the person's own session; a worker may have to make it first."""
    address = urljoin(page.url, link.get_attribute("href") or "")
    for _ in range(120):
        answer = page.request.get(address)
        assert answer.ok, answer.status
        if answer.status != HTTPStatus.ACCEPTED:
            break
        page.wait_for_timeout(500)
    return _of_job(page, answer.url) if "/jobs/" in answer.url else answer.body()


def _of_job(page: Page, address: str) -> bytes:
    """The file a job leaves, from its page."""
    other = page.context.new_page()
    other.goto(address)
    button = other.get_by_role("button", name=re.compile("下载"))
    button.wait_for(timeout=60_000)
    with other.expect_download() as made:
        button.click()
    content = Path(made.value.path()).read_bytes()
    other.close()
    return content


def words_of(pdf: bytes) -> str:
    """The text of a PDF without white space, to look sentences up in."""
    assert pdf.startswith(b"%PDF")
    return plain("".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages))


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)
