"""Handing a committed list to the districts it concerns, until each has acknowledged its rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from metrostd.accounts.models import Membership
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays, caveat_of
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date, counted_caveat
from metrostd.common.transitions import TransitionError, bulk_apply
from metrostd.lists.events import HandOverEvent, ReturnEvent, tell_hand_overs, tell_returns
from metrostd.lists.moves.hand_over import ACKNOWLEDGE, SEND_BACK, TAKE_BACK, WITHDRAW
from metrostd.notifications.chasing import Chased, Outcome, chase
from metrostd.registry.enums import HandOverState, Level, ReturnState, RowChange
from metrostd.registry.models import (
    Authority,
    HandOver,
    HandOverReturn,
    ImportBatch,
    ImportRow,
)
from metrostd.registry.paper_numbers import paper_number
from metrostd.registry.querysets.hand_overs import HANDED, HandOverQuerySet

#: Work days a district has to look its rows through, unless the office sets another day.
WORKDAYS = 10
#: Rows that are read at a time.
_PART = 500
#: What a list says and the register does not hold.
_UNWRITTEN = (RowChange.ERROR, RowChange.SKIPPED, RowChange.CONFLICT)


def default_due(on: dt.date) -> dt.date:
    """Ten work days from ``on``."""
    return add_workdays(on, WORKDAYS)


def send(batch: ImportBatch, *, actor: Actor | None, on: dt.date) -> list[HandOver]:
    """Hand the rows of a city's list to the districts whose units they name, one hand-over each.

    For the transaction of a commit, when its rows know their units and standards. Rows of units
    without a district, or with an authority that is no district's, wait for the office
    (``no_district``). A few statements whatever the length of the list.
    """
    if batch.issuing_authority.level != Level.CITY:
        return []
    kind = Q(standard__category__in=HANDED)
    if batch.category in HANDED:
        kind |= Q(standard=None)
    rows = batch.rows.filter(kind, unit__isnull=False).exclude(change__in=_UNWRITTEN)
    found = rows.order_by().values("unit__territorial_authority")
    due_on = default_due(on)
    made = [
        HandOver(batch=batch, authority=district, due_on=due_on)
        for district in Authority.objects.districts().filter(pk__in=found)
    ]
    HandOver.objects.bulk_create(made)
    of_unit = HandOver.objects.filter(batch=batch, authority__units=OuterRef("unit_id")).sent()
    rows.update(hand_over=Subquery(of_unit.values("pk")[:1]))
    rows.filter(hand_over=None).update(no_district=True)
    audit.record_many(
        made, actor=actor, action="hand_over.send", label="移交区局", note=caveat_of(due_on)
    )
    tell_hand_overs(HandOverEvent.SENT, made, actor=actor)
    return made


@transaction.atomic
def confirm_rows(hand_over: HandOver, rows: Iterable[int] | None, *, actor: Actor | None) -> int:
    """The district confirms institutions' rows: here, and an institution's highest standard.

    ``rows`` are primary keys; None means all that are left. Returns how many were confirmed now.
    """
    locked = _locked(hand_over)
    if locked.state == HandOverState.WITHDRAWN:
        raise TransitionError(f"“{locked}”已撤回，不用再确认。", obj=locked)
    waiting = locked.rows.unconfirmed()
    if rows is not None:
        waiting = waiting.filter(pk__in=list(rows))
    numbers = list(waiting.order_by("row_no").values_list("sheet", "row_no"))
    # By primary key: the condition looks at the rows' own returns.
    ImportRow.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        confirmed_at=clock.now()
    )
    if numbers:
        audit.record(
            locked,
            actor=actor,
            action="hand_over.confirm",
            label="确认事业单位名单行",
            after={"rows": [f"{sheet} 第{number}行" for sheet, number in numbers]},
            note=f"确认 {len(numbers)} 行",
        )
    return len(numbers)


@transaction.atomic
def acknowledge(hand_over: HandOver, *, accepted: int, returned: int, actor: Actor | None) -> None:
    """签收 the rows that are not being sent back; these go to the issuing office now.

    ``accepted`` and ``returned`` are the numbers the person saw on the button: TransitionError when
    a colleague changed them or was faster, ValidationError while rows wait to be confirmed.
    """
    locked = _locked(hand_over)
    if not ACKNOWLEDGE.allowed_from(locked.state):
        raise ACKNOWLEDGE.refusal(locked)
    # SQLite refuses to look up more than a thousand standards at once.
    rows = list(locked.rows.for_district().iterator(chunk_size=_PART))
    drafts = list(locked.returns.filter(state=ReturnState.DRAFT).for_list())
    if (len(rows) - len(drafts), len(drafts)) != (accepted, returned):
        raise TransitionError(
            "签收或退回的行数刚刚变了（可能是同事作了标记），请核对后再签收。", obj=locked
        )
    ACKNOWLEDGE.check(locked)
    now = clock.now()
    year = clock.today().year
    number = paper_number(locked.authority, "名单签收", kind="hand-over-receipt", year=year)
    back = {draft.row_id: draft.reason_words for draft in drafts}
    ACKNOWLEDGE.apply(
        hand_over,
        actor=actor,
        note=f"签收 {accepted} 行" + (f"，退回 {returned} 行" if returned else ""),
        acknowledged_at=now,
        acknowledged_by=getattr(actor, "display_name", ""),
        receipt_no=number,
        receipt={
            "authority": locked.authority.name,
            "issuer": locked.batch.issuing_authority.name,
            "accepted": [_line(row) for row in rows if row.pk not in back],
            "returned": [[*_line(row), back[row.pk]] for row in rows if row.pk in back],
        },
    )
    bulk_apply(SEND_BACK, drafts, actor=actor)
    tell_hand_overs(HandOverEvent.ACKNOWLEDGED, [hand_over], actor=actor)
    tell_returns(ReturnEvent.RAISED, drafts, actor=actor)


def _line(row: ImportRow) -> list[str]:
    """What a receipt prints of a row: unit, standard, certificate, valid until (ISO or empty)."""
    standard = row.standard
    current = standard.current[0] if standard and standard.current else None  # type: ignore[attr-defined]
    until = current.valid_until.isoformat() if current and current.valid_until else ""
    name = standard.name if standard else ""
    return [str(row.unit or row), name, current.number if current else "", until]


@transaction.atomic
def reschedule(batch: ImportBatch, *, due_on: dt.date, actor: Actor | None) -> int:
    """Another last day for the districts that have not acknowledged; returns how many it moves."""
    act_dates.check_due(due_on, field="due_on", what="签收期限")
    moved = list(batch.hand_overs.select_for_update(of=("self",)).sent().for_list())
    HandOver.objects.filter(pk__in=[h.pk for h in moved]).update(due_on=due_on)
    for hand_over in moved:
        hand_over.due_on = due_on
    audit.record_many(
        moved,
        actor=actor,
        action="hand_over.reschedule",
        label="调整签收期限",
        note=f"改为{cn_date(due_on)}{counted_caveat(due_on)}",
    )
    tell_hand_overs(HandOverEvent.RESCHEDULED, moved, actor=actor)
    return len(moved)


@transaction.atomic
def remind(rows: HandOverQuerySet, *, actor: Actor | None, text: str = "") -> Outcome:
    """催办 of each of these districts that has not acknowledged, at most once a day."""
    found = list(rows.sent().for_list())
    offices = Membership.objects.active().filter(
        role__in=Role.offices, authority__in=[h.authority_id for h in found]
    )
    people: dict[int | None, list[Membership]] = defaultdict(list)
    for member in offices.select_related("user").order_by("pk"):
        people[member.authority_id].append(member)
    wanted = [
        Chased(
            target=hand_over,
            members=people[hand_over.authority_id],
            subject=f"催办：单位名单还没有签收：{hand_over.batch.filename}（{cn_date(hand_over.due_on)}到期）",
            url=hand_over.get_absolute_url(),
            due_on=hand_over.due_on,
        )
        for hand_over in found
    ]
    return chase(wanted, text=text, actor=actor, action="hand_over.remind")


def blocking(batch: ImportBatch) -> list[str]:
    """The districts that have acknowledged rows of the list: it cannot be taken back any more."""
    names = batch.hand_overs.filter(state=HandOverState.ACKNOWLEDGED)
    return list(
        names.order_by("authority__code").values_list("authority__short_name", flat=True).distinct()
    )


@transaction.atomic
def withdraw(batch: ImportBatch, *, actor: Actor | None, note: str) -> None:
    """Take the hand-overs back together with the list.

    Raises ValidationError naming the districts that have acknowledged: they work with these rows.
    """
    waiting = list(batch.hand_overs.select_for_update(of=("self",)).sent().for_list())
    if names := blocking(batch):
        raise ValidationError(acknowledged_words(names), code="import_acknowledged")
    drafts = HandOverReturn.objects.filter(hand_over__in=waiting, state=ReturnState.DRAFT)
    bulk_apply(TAKE_BACK, list(drafts.for_list()), actor=actor, note=note)
    bulk_apply(WITHDRAW, waiting, actor=actor, note=note)
    batch.rows.exclude(hand_over=None, no_district=False).update(
        hand_over=None, no_district=False, confirmed_at=None
    )
    tell_hand_overs(HandOverEvent.WITHDRAWN, waiting, actor=actor)


def acknowledged_words(names: list[str]) -> str:
    """Why a list stays: who has 签收 it."""
    return f"{'、'.join(names)}已经签收，不能撤回；有误的行请在台账中更正，或由区局退回后处理。"


def _locked(hand_over: HandOver) -> HandOver:
    rows = HandOver.objects.select_for_update(of=("self",)).select_related(
        "authority", "batch__issuing_authority"
    )
    return rows.get(pk=hand_over.pk)
