"""Answers that several apps give alike."""

from metrostd.common.http import pdf_response


def test_a_paper_is_shown_in_place_under_its_name():
    answer = pdf_response(b"%PDF-1.7", filename="津市监责改〔2021〕1号.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content == b"%PDF-1.7"
    kind, _, name = answer["Content-Disposition"].partition("; ")
    assert kind == "inline"
    assert name.startswith("filename*=utf-8''%E6%B4%A5")
    assert name.endswith("1%E5%8F%B7.pdf")
