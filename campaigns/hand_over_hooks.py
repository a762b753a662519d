"""What a campaign adds to the register: 签收单位名单 as a duty, messages, and who inspects a unit that moved."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.lists.events import (
    HandOverEvent,
    ReturnEvent,
    campaign_source,
    on_hand_over,
    on_resettled,
    on_return,
)
from metrostd.lists.services import hand_overs as register
from metrostd.registry.enums import ReturnState
from metrostd.registry.models import Authority, HandOver, HandOverReturn, ImportBatch, Unit

from . import duties, notifications, routing, services
from .enums import CampaignState, DutyKind
from .extension import opening_step
from .models import Campaign, Duty

_M = TypeVar("_M", bound=models.Model)

#: Work days the issuing office has for a returned row.
_DECIDE_WORKDAYS = 5
#: A list handed over before the campaign opened gets a new term when less than this is left.
_SHORT_WORKDAYS = 5


@campaign_source
def codes() -> Iterable[str]:
    """What a list may name as its campaign."""
    return Campaign.objects.values_list("code", flat=True)


@on_hand_over
def follow_hand_overs(
    event: HandOverEvent, hand_overs: list[HandOver], *, actor: Actor | None
) -> None:
    """The duty of a district follows its hand-over; the district is told what concerns it."""
    match event:
        case HandOverEvent.SENT:
            _owe_hand_overs(hand_overs)
        case HandOverEvent.ACKNOWLEDGED:
            for hand_over in hand_overs:
                duties.fulfil(hand_over, kind=DutyKind.HAND_OVER)
        case HandOverEvent.WITHDRAWN:
            for hand_over in hand_overs:
                duties.cancel(hand_over, kind=DutyKind.HAND_OVER)
        case HandOverEvent.RESCHEDULED:
            for hand_over in hand_overs:
                duties.reschedule(hand_over, kind=DutyKind.HAND_OVER, due_on=hand_over.due_on)
    notifications.tell_hand_overs(event, hand_overs, sender=actor)


@on_return
def follow_returns(
    event: ReturnEvent, returns: list[HandOverReturn], *, actor: Actor | None
) -> None:
    """An open returned row is owed by the office that issued the list."""
    if event == ReturnEvent.RAISED:
        _owe_returns(returns)
    for returned in returns if event != ReturnEvent.RAISED else ():
        settle = duties.cancel if returned.state == ReturnState.WITHDRAWN else duties.fulfil
        settle(returned, kind=DutyKind.HAND_OVER_RETURN)
    notifications.tell_returns(event, returns, sender=actor)


@on_resettled
def inspect_elsewhere(unit: Unit, district: Authority, actor: Actor | None) -> Iterable[str]:
    """Running campaigns route the unit's standards to its new district, unless a frame holds them."""
    for found in routing.reroute(unit, district, actor=actor):
        if found.moved:
            services.owe_draw(found.campaign, district)
            services.drop_idle_draws(found.campaign)
            yield f"{found.campaign}：{found.moved}项计量标准改由{district}组织检查。"
        if found.moved and found.late:
            yield f"{district}的抽样名单已经冻结，改派的计量标准列为后来增加，不参加这次抽取。"
        for office, count in found.frozen.items():
            yield f"{found.campaign}：{office}的抽样名单已经冻结，{count}项计量标准仍由{office}组织检查。"


@opening_step("名单签收任务")
@transaction.atomic
def owe_earlier_lists(
    campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None]
) -> int:
    """Lists handed over before the campaign opened, and rows still open, become duties of it now.

    A list whose term is nearly over or past gets a new one. Returns how many duties were made.
    """
    waiting = _unowed(HandOver.objects.sent().for_list(), DutyKind.HAND_OVER)
    mine = [h for h in waiting if _campaign_of(h.batch) == campaign]
    soon = add_workdays(clock.today(), _SHORT_WORKDAYS)
    for batch in {h.batch for h in mine if h.due_on < soon}:
        due_on = register.default_due(clock.today())
        register.reschedule(batch, due_on=due_on, actor=actor)
        for hand_over in mine:
            if hand_over.batch_id == batch.pk:
                hand_over.due_on = due_on
    open_rows = _unowed(HandOverReturn.objects.open().for_list(), DutyKind.HAND_OVER_RETURN)
    rows = [r for r in open_rows if _campaign_of(r.hand_over.batch) == campaign]
    taken = duties.take_in([*mine, *rows], campaign)
    return (
        len(taken)
        + duties.assign_many(_duties_of([h for h in mine if h not in taken], campaign))
        + duties.assign_many(_row_duties([row for row in rows if row not in taken], campaign))
    )


def _campaign_of(batch: ImportBatch) -> Campaign | None:
    """The running campaign a list belongs to: the one it names, or the issuer's newest.

    A list that names a campaign still in preparation waits for it.
    """
    running = Campaign.objects.filter(state=CampaignState.OPEN)
    if batch.campaign_code:
        named = Campaign.objects.filter(code=batch.campaign_code).first()
        if named and named.state != CampaignState.CLOSED:
            return named if named.state == CampaignState.OPEN else None
    own = running.filter(organiser=batch.issuing_authority_id)
    return own.order_by("-notice_on", "-pk").first()


def _owe_hand_overs(hand_overs: list[HandOver]) -> None:
    """All of one list: that is how they are sent. Without a campaign that runs they are owed all the same."""
    duties.assign_many(_duties_of(hand_overs, _campaign_of(hand_overs[0].batch)))


def _duties_of(hand_overs: Iterable[HandOver], campaign: Campaign | None) -> Iterable[Duty]:
    return (
        duties.build(
            campaign,
            kind=DutyKind.HAND_OVER,
            title=f"签收单位名单：{hand_over.batch.filename}",
            detail=hand_over.batch.get_category_display(),
            due_on=hand_over.due_on,
            target=hand_over,
            authority=hand_over.authority,
        )
        for hand_over in hand_overs
    )


def _owe_returns(returns: list[HandOverReturn]) -> None:
    duties.assign_many(_row_duties(returns, _campaign_of(returns[0].hand_over.batch)))


def _row_duties(returns: list[HandOverReturn], campaign: Campaign | None) -> Iterator[Duty]:
    due_on = add_workdays(clock.today(), _DECIDE_WORKDAYS)
    models.prefetch_related_objects(returns, "hand_over__batch__issuing_authority")
    for returned in returns:
        hand_over = returned.hand_over
        yield duties.build(
            campaign,
            kind=DutyKind.HAND_OVER_RETURN,
            title=f"处理{hand_over.authority}退回的名单行：{returned}",
            detail=returned.words,
            due_on=due_on,
            target=returned,
            authority=hand_over.batch.issuing_authority,
        )


def _unowed(rows: models.QuerySet[_M], kind: DutyKind) -> list[_M]:
    """Those nobody owes anything for yet in a campaign."""
    owed = Duty.objects.open().filter(
        kind=kind,
        target_type=ContentType.objects.get_for_model(rows.model),
        campaign__isnull=False,
    )
    return list(rows.exclude(pk__in=owed.values("target_id")).order_by("pk"))
