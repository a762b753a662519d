"""Cells that hold several certificates at once, and when they may be taken apart."""

import re

from .certificates import looks_like_certificate, read_certificate
from .dates import Role, read_date
from .headers import TARGET_NAMES

_CERTIFICATES = re.compile(r"[、;；,，/\r\n]+|(?<=号)\s*(?=[〔\[［【(（])")
_TAIL_ONLY = re.compile(r"\s*第?\s*\d{1,6}\s*号?\s*")
_NAME_END = re.compile(r"(?:装置|标准器|标准器组|器组|标准)\s*$")
_NAMES = re.compile(r"[、;；,，/\r\n]+")

_BY_LINE, _BY_MARK, _BY_COMMA, _BY_SLASH = (
    re.compile(p) for p in (r"[\r\n]+", r"[;；]+", r"[、,，]+", r"/+")
)
_WAYS = {
    "standard_name": (_BY_LINE, _BY_MARK, _BY_COMMA, _BY_SLASH, _NAMES),
    "jjf1022_code": (_BY_LINE, _BY_MARK, _BY_COMMA, _BY_SLASH),
    "issue_date": (_BY_LINE, _BY_MARK, _BY_COMMA),
    "valid_until": (_BY_LINE, _BY_MARK, _BY_COMMA),
    "measuring_range": (_BY_LINE, _BY_MARK),
    "performance": (_BY_LINE, _BY_MARK),
}
_DATES: dict[str, Role] = {"issue_date": "issue", "valid_until": "until"}
_SHARED = {
    "storage_place": (_BY_LINE, _BY_MARK),
    "responsible_person": (_BY_LINE, _BY_MARK, _BY_COMMA),
    "field_name": (_BY_LINE, _BY_MARK, _BY_COMMA),
}


def certificates_in(text: str) -> list[str]:
    """The numbers in one cell; a list of one when it is a single number, however it is wrapped."""
    if text.isalnum() or read_certificate(text) is not None:
        return [text]
    parts = [part for part in _CERTIFICATES.split(text) if part.strip()]
    numbers = sum(map(looks_like_certificate, parts))
    several = numbers > 1 or (
        numbers == 1 and any(_TAIL_ONLY.fullmatch(part) for part in parts[1:])
    )
    return parts if several else [text]


def names_in(text: str) -> list[str]:
    """The parts of a name cell between separators."""
    return [part for part in _NAMES.split(text) if part.strip()]


def names_several(text: str) -> bool:
    """True when a name cell seems to hold more than one standard, each ending as such names do."""
    parts = names_in(text)
    return len(parts) > 1 and all(_NAME_END.search(part) for part in parts)


def _parts(cell: object, count: int, ways: tuple[re.Pattern[str], ...]) -> list[str] | None:
    if not isinstance(cell, str):
        return None
    for way in ways:
        parts = [part.strip() for part in way.split(cell) if part.strip()]
        if len(parts) == count:
            return parts
    return None


def _is_one_date(target: str, cell: object) -> bool:
    """True for one date, which then belongs to every certificate of the cell beside it."""
    if target not in _DATES:
        return False
    reading = read_date(cell, role=_DATES[target])
    return not reading.problem and (reading.issue or reading.until) is not None


def shared_dates(cells: dict[str, object], parts: list[dict[str, object]]) -> list[str]:
    """The targets whose one date all parts got."""
    return [
        target
        for target in _DATES
        if cells.get(target, "") != "" and all(part[target] is cells[target] for part in parts)
    ]


def split(cells: dict[str, object], numbers: list[str]) -> tuple[list[dict[str, object]], str]:
    """One dict of cells per certificate, and ``""``; or no dicts and the reason why not.

    Every filled column that belongs to a standard must hold exactly as many parts as there are numbers.
    """
    count = len(numbers)
    if any(read_certificate(number) is None for number in numbers):
        return [], f"证书号疑有{count}个，但并非每个都完整"
    rows = [cells | {"cert_no": number} for number in numbers]
    for target, ways in (_WAYS | _SHARED).items():
        cell = cells.get(target, "")
        if cell == "":
            continue
        parts = _parts(cell, count, ways)
        if parts is None:
            if target in _SHARED or _is_one_date(target, cell):
                continue
            return [], f"证书号有{count}个，{TARGET_NAMES[target]}不是{count}项"
        for row, part in zip(rows, parts, strict=True):
            row[target] = part
    return rows, ""
