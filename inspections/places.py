"""Places on the earth in words."""

from decimal import Decimal

_PLACES = Decimal("0.00001")


def place_words(latitude: Decimal | float, longitude: Decimal | float) -> str:
    """Latitude and longitude in degrees, to about a metre; south and west by name."""
    north, east = (Decimal(str(each)).quantize(_PLACES) for each in (latitude, longitude))
    return (
        f"{'南' if north < 0 else '北'}纬{abs(north)}°，{'西' if east < 0 else '东'}经{abs(east)}°"
    )
