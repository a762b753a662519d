"""What a line says about a certificate's number."""

from .lines import Line


def number_parts(line: Line) -> dict[str, object]:
    """The number as printed, as typed, and the key it is compared by."""
    return {
        "number_raw": line.raw_number[:80],
        "number": line.get("cert_no") or "",
        "identity": line.identity[:80],
        "first_year": line.first_year,
    }
