"""Decimals as they are stored and as people read them."""

from decimal import Context, Decimal

#: Everything is computed with more digits than anything is stored with.
WORKING = Context(prec=40)
#: Stored with as many digits as every database keeps exactly in a column of this kind.
_STORED_DIGITS = 12
_STORED_PLACES = Decimal("1e-12")
_SHOWN_DIGITS = 6


def rounded(value: Decimal) -> Decimal:
    """The value as it is stored: twelve significant digits, at most twelve decimal places."""
    short = Context(prec=_STORED_DIGITS).plus(value)
    return short if short.as_tuple().exponent >= -12 else short.quantize(_STORED_PLACES)  # type: ignore[operator]


def figure(value: Decimal | None, *, digits: int = _SHOWN_DIGITS) -> str:
    """The value as people read it: six significant digits, no exponent, no idle zeros; – for none.

    Digits left of the decimal point always stay: 1234567.8 reads 1234568.
    """
    if value is None:
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - value.adjusted())
    text = format(WORKING.quantize(value, Decimal(1).scaleb(-places)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
