"""Readings as people type them or paste them from a spreadsheet."""

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError

#: A column of a spreadsheet comes with line breaks, a row with tabs; people type 、 ， ； and spaces.
_BETWEEN = re.compile(r"[\s、，；;]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-"})
_MOST = Decimal("1e11")
_PLACES = 12
_DIGITS = 15
MAX_READINGS = 200
#: How many faults of one field are told; more would hide the page.
_TOLD = 5


def read_readings(text: str, *, where: str) -> list[Decimal]:
    """The readings in a field; ``where`` names the group in messages, e.g. 第2组.

    Raises ValidationError with one sentence for each reading that is none.
    """
    tokens = [token for token in _tokens(text) if token]
    if len(tokens) > MAX_READINGS:
        raise ValidationError(f"{where}有{len(tokens)}个读数，一组最多{MAX_READINGS}个。")
    found, faults = [], []
    for position, token in enumerate(tokens, start=1):
        try:
            found.append(read_number(token, what=f"{where}第{position}个读数"))
        except ValidationError as error:
            faults += error.messages
    if faults:
        more = len(faults) - _TOLD
        rest = [f"{where}另有{more}个读数有误。"] if more > 0 else []
        raise ValidationError(faults[:_TOLD] + rest)
    return found


def read_number(text: str, *, what: str) -> Decimal:
    """One number; full-width digits and the signs of word processors are understood.

    Raises ValidationError when it is none, when it is too large or has more digits than are kept.
    """
    plain = unicodedata.normalize("NFKC", text.strip().translate(_MINUS))
    shown = text.strip()[:20]
    if _THOUSANDS.fullmatch(plain):
        raise ValidationError(f"{what}“{shown}”含有逗号，请去掉千位分隔符。", code="comma")
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(f"{what}“{shown}”不是数。", code="no_number")
    value = Decimal(plain)
    _, digits, exponent = value.as_tuple()
    if abs(value) >= _MOST:
        raise ValidationError(f"{what}“{shown}”过大，请换用较大的计量单位。", code="too_large")
    if len(digits) > _DIGITS or (isinstance(exponent, int) and exponent < -_PLACES):
        raise ValidationError(
            f"{what}“{shown}”的位数过多（最多{_DIGITS}位有效数字、{_PLACES}位小数），"
            "请换用合适的计量单位。",
            code="too_long",
        )
    return value


def _tokens(text: str) -> list[str]:
    """Pieces between separators; a comma separates unless it may stand between thousands."""
    pieces: list[str] = []
    for token in _BETWEEN.split(text):
        pieces += [token] if _THOUSANDS.fullmatch(token) else token.split(",")
    return pieces
