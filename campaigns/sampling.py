"""The list of an office: shown, frozen, tried out; units added to its draw by direction.

Once a list is frozen nothing of it changes: what is drawn from it is fixed by ``terms`` and ``settling``.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.letters import words_in
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from . import acts, extension, frames, listing, moves, notifications, rerouting, settling
from .enums import Act, CampaignState, DrawKind, DrawReason, DrawState, FrameSubject
from .models import (
    Campaign,
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    SamplingFrame,
)
from .protocol import hashing, nonces, order
from .protocol.order import Drawn

#: Whoever leaves a list and is back so soon after it was frozen is told to 纪检监督.
WATCHED = dt.timedelta(days=90)


@transaction.atomic
def show_frame(
    campaign: Campaign,
    authority: Authority,
    *,
    actor: Actor | None,
    subject: FrameSubject = FrameSubject.UNITS,
    issued_from: dt.date | None = None,
) -> SamplingFrame:
    """Show the list of what an office draws from for three days: what leaves it meanwhile is told.

    ``issued_from`` is the first day of the certificates whose files are drawn with their bureaus. TransitionError
    when the campaign is not open or there is a list already, ValidationError when the office has nothing to
    inspect, or the day of the first file is none.
    """
    acts.require_free(campaign, about=acts.list_of(authority.pk, subject))
    check_showable(campaign, authority, subject=subject, issued_from=issued_from)
    found = frames.read(campaign, authority, subject, issued_from=issued_from)
    return listing.keep_shown(
        campaign, authority, found, subject=subject, issued_from=issued_from, actor=actor
    )


def request_showing(
    campaign: Campaign, authority: Authority, *, actor: Actor | None
) -> SamplingFrame | Job:
    """Show a list of units at once; one of thousands is left to the background."""
    if not acts.concerns_many(campaign, authority_id=authority.pk):
        return show_frame(campaign, authority, actor=actor)
    check_showable(campaign, authority)
    return acts.leave(
        Act.SHOW,
        campaign,
        title=f"公示{authority}的名单",
        actor=actor,
        about=acts.list_of(authority.pk),
        authority=authority.pk,
    )


def check_showable(
    campaign: Campaign,
    authority: Authority,
    *,
    subject: FrameSubject = FrameSubject.UNITS,
    issued_from: dt.date | None = None,
) -> None:
    """Raise what speaks against showing a list of this subject now, as ``show_frame`` says."""
    require_running(campaign)
    existing = campaign.frames.live().filter(authority=authority, subject=subject).first()
    if existing:
        raise TransitionError(f"{existing}已经公示或者冻结。", obj=existing)
    if subject == FrameSubject.BUREAUS:
        _check_bureaus(campaign, authority, issued_from)
    else:
        rerouting.check_followed(campaign, authority)
        if not campaign.routed.filter(inspecting_authority=authority).exists():
            raise ValidationError(f"本次专项行动没有由{authority}组织检查的计量标准。")


def _check_bureaus(campaign: Campaign, authority: Authority, issued_from: dt.date | None) -> None:
    if authority.pk != campaign.organiser_id:
        raise ValidationError(f"监督检查的区局由{campaign.organiser}抽取。")
    if issued_from is None:
        raise ValidationError({"issued_from": "请填写案卷的起始日期。"})
    if issued_from > clock.today():
        raise ValidationError({"issued_from": "案卷的起始日期不能晚于今天。"})


@transaction.atomic
def freeze_frame(frame: SamplingFrame, *, actor: Actor | None) -> SamplingFrame:
    """Freeze a list that has been shown, as it stands now, with its hash and everything left out.

    What changed while it was shown is kept beside it; what left is told to 纪检监督. TransitionError when it
    is frozen already, ValidationError before the three days are over.
    """
    acts.require_free(frame.campaign, about=acts.list_key(frame))
    frame = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
    check_freezable(frame)
    return listing.keep_frozen(frame, listing.prepare(frame), actor=actor)


def check_freezable(frame: SamplingFrame) -> None:
    """Raise what speaks against freezing a list now, as ``freeze_frame`` says."""
    require_running(frame.campaign)
    moves.FREEZE.check(frame)
    if not frame.of_bureaus:
        rerouting.check_followed(frame.campaign, frame.authority)


def request_freezing(frame: SamplingFrame, *, actor: Actor | None) -> SamplingFrame | Job:
    """Freeze at once; a list of thousands of units is left to the background."""
    many = not frame.of_bureaus and acts.concerns_many(
        frame.campaign, authority_id=frame.authority_id
    )
    if not many:
        return freeze_frame(frame, actor=actor)
    check_freezable(frame)
    return acts.leave(
        Act.FREEZE,
        frame.campaign,
        title=f"冻结{frame.authority}的名单",
        actor=actor,
        about=acts.list_key(frame),
        frame=frame.pk,
    )


@transaction.atomic
def withdraw_frame(frame: SamplingFrame, *, actor: Actor | None, note: str) -> None:
    """Take back a list that is only shown: nothing has been committed to yet. It is kept."""
    acts.require_free(frame.campaign, about=acts.list_key(frame))
    locked = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
    require_running(frame.campaign)
    moves.WITHDRAW.apply(locked, actor=actor, note=note)
    notifications.tell_lifted(locked, sender=actor, note=note)


def watch_returns() -> int:
    """Tell 纪检监督 of standards that left a shown list and are back within 90 days; once each."""
    since = clock.now() - WATCHED
    told = 0
    for frame in SamplingFrame.objects.frozen().filter(frozen_at__gte=since):
        left = [line for line in frame.changes.get("left", ()) if "returned_on" not in line]
        if not left:
            continue
        listed = frames.read_again(frame).lines()
        back = [line for line in left if (line["unit"], line["standard"]) in listed]
        for line in back:
            line["returned_on"] = clock.today().isoformat()
        if back:
            frame.save(update_fields=["changes"])
            audit.record(
                frame,
                actor=None,
                action="frame.report_return",
                label="移出名单的计量标准恢复，报纪检监督",
                after={"standards": [line["standard"] for line in back]},
            )
            notifications.tell_returned(frame, back)
            told += len(back)
    return told


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What one throw-away seed gives; it tells nothing about the draw."""

    seed: str
    ratio: int
    total: int
    required: int
    drawn: tuple[Drawn, ...]
    uncovered: tuple[str, ...]


@transaction.atomic
def rehearse(frame: SamplingFrame, *, ratio: int, actor: Actor | None, told: str = "") -> Rehearsal:
    """Try a draw out with a seed under another tag, made here and thrown away; only the fact is kept.

    From ``told``, which the seed is made of instead, the same list gives the same rehearsal.
    """
    if not 1 <= ratio <= 100:
        raise ValidationError({"ratio": "抽查比例须在1%至100%之间。"})
    holders = frames.holders_of(frame)
    nonce = hashing.digest("told", told.encode()) if told else nonces.fresh()
    seed = hashing.rehearsal_seed(hashing.hash_of("frame", frames.json_of(frame)), nonce)
    required = settling.required_of(frame, len(holders), ratio)
    drawn = settling.drawn_of(frame, holders, seed=seed, required=required)
    audit.record(
        frame,
        actor=actor,
        action="frame.rehearse",
        label="预演",
        after={"ratio": ratio, "seed": seed.hex(), "drawn": [unit.id for unit in drawn]},
        note=f"预演，一次性种子，与正式抽取无关：比例{ratio}%，{required}{frame.counter}。",
    )
    uncovered = order.uncovered_fields(holders, drawn)
    return Rehearsal(seed.hex(), ratio, len(holders), required, drawn, uncovered)


@transaction.atomic
def add_directed(
    run: DrawRun,
    unit: Unit,
    *,
    standards: Iterable[MeasurementStandard],
    reason: str,
    actor: Actor | None,
) -> DrawnUnit:
    """Add a unit by direction (投诉举报、严重违法记录、重点领域); never counted as random.

    Only units and standards this office inspects in this campaign can be added; also a unit that was struck:
    a complaint about it is looked into like any other.
    """
    chosen = list(standards)
    locked = DrawRun.objects.select_for_update().get(pk=run.pk)
    require_running(run.frame.campaign)
    if not (verdict := open_to_direct(locked)):
        raise TransitionError(verdict.reason, obj=run)
    if not words_in(reason):
        raise ValidationError({"reason": "请说明定向检查的理由。"})
    if not chosen:
        raise ValidationError({"standards": "请至少选择一项计量标准。"})
    if run.drawn.standing().filter(Q(unit=unit) | Q(unit__merged_into=unit)).exists():
        raise ValidationError({"unit": f"{unit}已在检查对象中。"})
    fields = dict(
        run.frame.campaign.routed.filter(inspecting_authority=run.frame.authority, unit=unit)
        .filter(standard__in=chosen, standard__in_scope=True)
        .values_list("standard_id", "field_id")
    )
    if foreign := [s for s in chosen if s.pk not in fields]:
        raise ValidationError({"standards": f"“{foreign[0]}”不由本部门组织检查。"})
    last = run.drawn.aggregate(last=Max("order"))["last"] or 0
    drawn = DrawnUnit.objects.create(
        run=run,
        unit=unit,
        order=last + 1,
        kind=DrawKind.DIRECTED,
        reason=reason.strip(),
        named=unit.name,
    )
    DrawnStandard.objects.bulk_create(
        DrawnStandard(
            drawn_unit=drawn, standard=s, field_id=fields[s.pk], why=DrawReason.EXTRA, named=s.name
        )
        for s in chosen
    )
    audit.record(
        run,
        actor=actor,
        action="draw.add_directed",
        label="增加定向检查单位",
        after={"unit": unit.pk, "name": unit.name, "standards": [s.pk for s in chosen]},
        note=f"{unit}：{reason.strip()}",
    )
    extension.after_draw(run, actor=actor)
    return drawn


def running(campaign: Campaign) -> Verdict:
    """Whether draws may be prepared and made: only while the campaign runs."""
    if campaign.state == CampaignState.OPEN:
        return YES
    return not_now(f"专项行动{campaign.get_state_display()}，不能抽取检查对象。")


def extensible(run: DrawRun) -> Verdict:
    """Whether units may be added or exchanged: only in a draw that stands; bureaus are drawn by chance alone."""
    if run.frame.of_bureaus:
        return not_now("区局只随机抽取，不增加、不递补。")
    return YES if run.state == DrawState.VALID else not_now("抽取已作废，不能增加定向检查单位。")


def open_to_direct(run: DrawRun) -> Verdict:
    """Whether units may be added by direction: not while chance may still pick them in a later draw."""
    if verdict := extensible(run):
        under_way = run.frame.terms.live().first()
        return not_now(
            f"{under_way}尚未办结，随机抽取在先；抽取完成或者约定失效后再增加定向检查单位。"
            if under_way
            else ""
        )
    return verdict


def require_running(campaign: Campaign) -> None:
    if not (verdict := running(campaign)):
        raise TransitionError(verdict.reason, obj=campaign)
