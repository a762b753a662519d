"""启用通知单: a page for each account with its code, as one PDF."""

import datetime as dt
import io
from collections.abc import Mapping

import segno
from django.conf import settings
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.jobs import Progress
from metrostd.common.rendering import render_pdf
from metrostd.registry.models import Authority, Unit

from .codes import BY_SLIP, shown
from .models import Membership, User

#: How long the file waits to be fetched.
KEPT = dt.timedelta(days=3)
#: So many pages are made at a time: progress is seen, and memory stays small.
_PAGES = 100


def render(
    people: list[User], codes: Mapping[int, str], *, issued_by: Actor, progress: Progress
) -> bytes:
    """The slips in the order given."""
    # What joins PDFs takes a while to load: only a process that prints pays for it.
    from pikepdf import Pdf  # noqa: PLC0415

    places = _places(people)
    address = f"{settings.PORTAL_URL}{reverse('accounts:activate')}"
    picture = segno.make(address, error="m").png_data_uri(scale=6, border=0)
    whole = Pdf.new()
    for start in range(0, len(people), _PAGES):
        part = people[start : start + _PAGES]
        context = {
            "slips": [
                {
                    "person": person,
                    "place": places[person.pk].name if person.pk in places else "",
                    "is_unit": isinstance(places.get(person.pk), Unit),
                    "code": shown(codes[person.pk]),
                }
                for person in part
            ],
            "address": address,
            "picture": picture,
            "until": clock.now() + BY_SLIP,
            "on": clock.today(),
            "office": issued_by.acting.authority if issued_by.acting else None,
        }
        with Pdf.open(io.BytesIO(render_pdf("accounts/pdf/slips.html", context))) as made:
            whole.pages.extend(made.pages)
        progress(start + len(part), len(people), "生成启用通知单")
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def _places(people: list[User]) -> dict[int, Unit | Authority]:
    """The unit or the office each belongs to."""
    rows = Membership.objects.not_ended().filter(user__in=[person.pk for person in people])
    places: dict[int, Unit | Authority] = {}
    for row in rows.select_related("unit", "authority").order_by("-pk"):
        if place := row.unit or row.authority:
            places[row.user_id] = place
    return places
