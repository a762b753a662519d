"""How far districts are with the lists handed to them, and what waits for whom."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet, Value

from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.notifications.chasing import last_days
from metrostd.registry.enums import HandOverState, ImportState, ReturnState
from metrostd.registry.models import HandOver, HandOverReturn, ImportBatch, ImportRow


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the districts are with one list; ``on`` is the day lateness is judged by."""

    batch: ImportBatch
    on: dt.date
    hand_overs: list[HandOver]
    #: Rows whose unit has no district yet.
    homeless: int = 0
    #: When each was asked about last, by its key.
    asked: dict[int, dt.date] = field(default_factory=dict)
    late: list[HandOver] = field(init=False)
    waiting: list[HandOver] = field(init=False)

    def __post_init__(self) -> None:
        waiting = [h for h in self.hand_overs if h.state == HandOverState.SENT]
        object.__setattr__(self, "waiting", waiting)
        object.__setattr__(self, "late", [h for h in waiting if h.is_late(self.on)])

    @property
    def total(self) -> int:
        return len(self.hand_overs)

    @property
    def acknowledged(self) -> int:
        return self.total - len(self.waiting)

    @property
    def rows(self) -> int:
        return sum(h.row_count for h in self.hand_overs)  # type: ignore[attr-defined]

    @property
    def open_returns(self) -> int:
        return sum(h.open_count for h in self.hand_overs)  # type: ignore[attr-defined]

    @property
    def due_on(self) -> dt.date | None:
        """The last day of those still waiting."""
        return max((h.due_on for h in self.waiting), default=None)


def progress_of(batches: Iterable[ImportBatch], *, on: dt.date) -> list[Progress]:
    """The progress of each list, in the order given; three queries. Withdrawn hand-overs do not count."""
    wanted = list(batches)
    found: dict[int, list[HandOver]] = defaultdict(list)
    rows = HandOver.objects.filter(batch__in=wanted).standing().with_counts().for_list()
    for hand_over in rows.order_by("authority__code", "pk"):
        found[hand_over.batch_id].append(hand_over)
    homeless = ImportRow.objects.filter(batch__in=wanted).without_district()
    counts = dict(homeless.order_by().values_list("batch").annotate(n=Count("pk")))
    asked = last_days(HandOver, [h.pk for rows in found.values() for h in rows])
    for hand_over in (h for rows in found.values() for h in rows):
        hand_over.reminded_on = asked.get(hand_over.pk)  # type: ignore[attr-defined]
    return [Progress(b, on, found[b.pk], counts.get(b.pk, 0), asked) for b in wanted]


def handed_over(batch: ImportBatch, *, on: dt.date) -> Progress | None:
    """The progress of one list; None when it is not in the register or concerns no district."""
    if batch.state != ImportState.COMMITTED:
        return None
    found = progress_of([batch], on=on)[0]
    return found if found.hand_overs or found.homeless else None


def waiting_for(user: Actor) -> list[QuerySet]:
    """What the menu counts beside 名单签收, as grouped rows ``(word, number)`` to be united.

    A district: lists to acknowledge and answers to accept; the municipal office: rows to decide
    and rows without a district.
    """
    role = user.scope.role
    if role == Role.CITY_ADMIN:
        homeless = ImportRow.objects.without_district()
        return [tally(HandOverReturn.objects.visible_to(user).open()), tally(homeless)]
    if role == Role.DISTRICT_ADMIN:
        answered = HandOverReturn.objects.visible_to(user).filter(state=ReturnState.ANSWERED)
        return [tally(HandOver.objects.visible_to(user).sent()), tally(answered)]
    return []


def tally(rows: QuerySet) -> QuerySet:
    """The rows counted, as one row ``(name of the model, number)``; none when there are none."""
    word = Value(rows.model._meta.model_name)
    return (
        rows.order_by()
        .annotate(word=word)
        .values("word")
        .annotate(n=Count("pk"))
        .values_list("word", "n")
    )
