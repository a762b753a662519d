"""催办 of duties: from the list of duties and from the lists of what they are about, with the same rule."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import QuerySet

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications import chasing
from metrostd.notifications.chasing import MOST, Chased, Outcome

from .models import Duty
from .owners import People
from .querysets import DutyQuerySet


def chase(duties: DutyQuerySet, *, text: str, actor: Actor) -> Outcome:
    """Ask whoever owes these; what is done, or owed by the asking office itself, is left out.

    Asked about is the thing, so that its own list and that of duties count as one.
    """
    today = clock.today()
    rows = duties.by_now(today).open()
    rows = rows.select_related("campaign", "authority", "unit", "membership__user")
    if actor.acting and actor.acting.authority_id:
        rows = rows.exclude(authority=actor.acting.authority_id).exclude(membership=actor.acting)
    # One more than allowed, for the refusal to say so.
    found = list(rows.in_order("due_on", "pk")[: MOST + 1])
    people, things = People(found), _things(found)
    wanted = [
        Chased(
            target=things[duty.target_type_id, duty.target_id],
            members=people.of(duty),
            subject=f"催办：{duty.title}（{_when(duty, today)}）",
            url=duty.get_absolute_url(),
            due_on=duty.due_on,
        )
        for duty in found
        if (duty.target_type_id, duty.target_id) in things
    ]
    return chasing.chase(wanted, text=text, actor=actor, action="duty.chase")


def about(things: QuerySet, *kinds: str) -> DutyQuerySet:
    """The open duties of some kinds about the things of a list."""
    return Duty.objects.open().filter(
        kind__in=kinds,
        target_type=ContentType.objects.get_for_model(things.model),
        target_id__in=things.order_by().values("pk"),
    )


def _things(duties: Iterable[Duty]) -> dict[tuple[int, int], models.Model]:
    """What the duties are about with all that its name says: one query for each kind of thing."""
    keys: dict[int, set[int]] = defaultdict(set)
    for duty in duties:
        keys[duty.target_type_id].add(duty.target_id)
    found: dict[tuple[int, int], models.Model] = {}
    for type_id, wanted in keys.items():
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model is None:
            continue
        rows = model._default_manager.filter(pk__in=wanted)
        shown = rows.for_list() if hasattr(rows, "for_list") else rows
        found |= {(type_id, row.pk): row for row in shown}
    return found


def _when(duty: Duty, today: dt.date) -> str:
    late = (today - duty.due_on).days
    return f"{cn_date(duty.due_on)}到期" + (f"，已逾期{late}天" if late > 0 else "")
