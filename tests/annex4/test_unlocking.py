"""Workbooks that open in Excel without asking are read, whatever they are locked with; others say what causes it."""

import io
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from metrostd.annex4 import UnreadableFile, read_workbook, unlocking

from .sheets import book, line, saved

CORPUS = Path(__file__).parent / "corpus"


def locked(data: bytes, password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


@pytest.fixture
def plain() -> bytes:
    return saved(book(*(line() for _ in range(3))))


def test_a_list_protected_against_changes_is_read_like_the_list_itself(plain):
    data = locked(plain, "VelvetSweatshop")

    opened, known = (read_workbook(each, "名单.xlsx") for each in (data, plain))

    assert [list(s.rows()) for s in opened.sheets] == [list(s.rows()) for s in known.sheets]
    assert opened.sha256 != known.sha256


def test_a_password_of_ones_own_is_not_guessed(plain):
    with pytest.raises(UnreadableFile) as caught:
        read_workbook(locked(plain, "示例123"), "名单.xlsx")

    assert caught.value.code == "PASSWORD"
    assert "工作簿保护" in caught.value.message
    assert "只读" in caught.value.message


@pytest.mark.parametrize("name", ["21-password.xls", "21-password.xlsx"])
def test_both_formats_are_opened(name, monkeypatch):
    """The files of the corpus carry another password; with it known to all, both are read."""
    data = (CORPUS / name).read_bytes()
    monkeypatch.setattr(unlocking, "_KNOWN_TO_ALL", "示例123")

    assert any(list(sheet.rows()) for sheet in read_workbook(data, name).sheets)


def test_a_file_that_asks_for_endless_hashing_is_refused(plain, monkeypatch):
    data = locked(plain, "VelvetSweatshop")
    assert unlocking.unlocked(data) == plain

    monkeypatch.setattr(unlocking, "_MAX_ROUNDS", 99_999)

    assert unlocking.unlocked(data) is None


def test_an_encrypted_file_that_is_damaged_is_still_said_to_be_locked(plain):
    data = bytearray(locked(plain, "VelvetSweatshop"))
    data[-3000:] = bytes(3000)

    with pytest.raises(UnreadableFile) as caught:
        read_workbook(bytes(data), "名单.xlsx")

    assert caught.value.code in {"PASSWORD", "DAMAGED"}
