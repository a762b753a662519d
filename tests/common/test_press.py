"""Papers by the hundred: laid out by processes of their own, in order, few at a time, whatever befalls one."""

import os
import signal

import pytest

from metrostd.common import press, watermark
from metrostd.common.rendering import render_pdf
from rectification.documents import order_paper_of
from rectification.papers import ORDER
from tests.printing import text_of

#: What an order says, as it is kept.
WORDS = {
    "findings": [{"subject": "砝码", "fact": "超期使用", "basis": "示例"}],
    "requirements": ["1.立即停止使用。"],
} | dict.fromkeys(
    [
        "kind", "number", "authority", "unit", "credit_code", "address", "representative", "opening",
        "demand_title", "demand", "consequence", "remedy_title", "remedy", "contact", "phone", "issued_on",
    ],
    "示例",
)  # fmt: skip


def order(number, keep):
    return press.Wanted(ORDER, {**WORDS, "number": f"示例〔2021〕{number}号"}, keep)


def pressed(wanted, told=lambda done: None):
    return press.press(iter(wanted), told=told)


@pytest.fixture(autouse=True)
def _two_cores(settings):
    settings.PAPER_CORES = 2


def test_every_paper_is_kept_in_order_as_it_would_be_alone():
    made, told = [], []

    with watermark.marked("示例人员 2021年10月12日"):
        kept = pressed([order(n, made.append) for n in range(5)], told.append)

    assert (kept, told) == (5, [1, 2, 3, 4, 5])
    for number, pages in enumerate(made):
        assert f"示例〔2021〕{number}号" in text_of(pages)
        assert "示例人员" not in text_of(pages)
    alone = render_pdf(
        "rectification/pdf/order.html",
        {"order": order_paper_of({**WORDS, "number": "示例〔2021〕0号"})},
    )
    assert text_of(made[0]) == text_of(alone)


def test_what_cannot_be_laid_out_is_left_out_and_told(caplog):
    made = []
    broken = press.Wanted(ORDER, {"number": "示例"}, made.append)
    unknown = press.Wanted("example.nothing", {}, made.append)

    kept = pressed([order(1, made.append), broken, unknown, order(2, made.append)])

    assert (kept, len(made)) == (2, 2)
    assert caplog.text.count("could not be laid out") == 2
    assert "KeyError" in caplog.text


def test_few_are_held_at_once():
    begun, kept, ahead = [], [], []

    def wanted():
        for number in range(9):
            begun.append(number)
            yield order(number, kept.append)
            ahead.append(len(begun) - len(kept))

    pressed(wanted())

    assert len(kept) == 9
    assert max(ahead) <= 2 * press.cores()


def test_a_process_that_died_is_begun_again():
    one = press._Press()
    try:
        first = one.lay_out(order(1, len))
        os.kill(one._process.pid, signal.SIGKILL)
        one._process.wait()
        again = one.lay_out(order(1, len))
    finally:
        one.end()

    assert text_of(again) == text_of(first)
    assert one._process is None


def test_without_anything_to_do_no_process_is_begun(monkeypatch):
    def begun(*args, **kwargs):
        raise AssertionError

    monkeypatch.setattr(press.subprocess, "Popen", begun)

    assert pressed([]) == 0
