"""Papers found by the numbers people quote, with or without brackets: one rule for every kind."""

import re
from collections.abc import Callable, Iterator

from django.db.models import Model, Q, QuerySet

from metrostd.common.actors import Actor

from .extension import Hit, search_source
from .numbers import typed_number

_MOST = 20
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_FILLING = frozenset("年第号字")


def numbered(text: str, field: str) -> Q | None:
    """Papers whose number a typed text means: 责改〔2021〕3号, 责改[2021]3, 责改2021年3号, 2021-3.

    None when the text holds no digit: words alone are not a number.
    """
    plain = typed_number(text)
    if not any(letter.isdigit() for letter in plain):
        return None
    found = Q(**{f"{field}__icontains": plain})
    parts = [part.strip("".join(_FILLING)) for part in _PARTS.findall(plain)]
    digits = [part for part in parts if part.isdecimal()]
    words = [part for part in parts if part and not part.isdecimal()]
    if len(digits) == 1 and len(digits[0]) > 4:  # 20213: a year and a serial written together
        digits = [digits[0][:4], digits[0][4:]]
    if len(digits) == 2 and len(digits[0]) == 4:
        said = Q(**{f"{field}__icontains": f"〔{digits[0]}〕{int(digits[1])}号"})
        for word in words:
            said &= Q(**{f"{field}__icontains": word})
        found |= said
    return found


def paper_source(
    title: str,
    *,
    field: str,
    rows: Callable[[Actor], QuerySet],
    note: Callable[..., str],
) -> None:
    """Let the global search find papers of one kind by their number, within ``rows`` of the viewer."""

    @search_source(title)
    def found(text: str, user: Actor) -> Iterator[Hit]:
        wanted = numbered(text, field)
        if wanted is None:
            return
        for row in rows(user).filter(wanted).order_by("-pk")[:_MOST]:
            yield _hit(row, field, note(row))


def _hit(row: Model, field: str, note: str) -> Hit:
    return Hit(
        title=getattr(row, field),
        url=row.get_absolute_url(),  # type: ignore[attr-defined]
        note=note,
        state=row.get_state_display() if hasattr(row, "get_state_display") else "",
        tone=getattr(row, "state_tone", "muted"),
    )
