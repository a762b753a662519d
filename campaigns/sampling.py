"""Freezing a frame, drawing from it, adding by direction, and checking the record.

A rehearsal stores nothing. A real draw is never overwritten: it is declared void with a reason,
and another one is run on the same frozen list.
"""

import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet

from metrostd.common import audit, clock, table_statistics
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority, MeasurementStandard, ProfessionalField, Unit
from metrostd.registry.paper_numbers import paper_number

from . import (
    adjusting,
    drawing,
    duties,
    extension,
    frames,
    moves,
    notifications,
    queries,
    routing,
)
from .drawing import DrawPlan, PlannedUnit
from .enums import CampaignState, DrawKind, DrawReason, DrawState, DutyKind, FrameState
from .models import (
    Campaign,
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    FrameExclusion,
    FrameStandard,
    SamplingFrame,
    SupplementaryDraw,
)


def propose_seed() -> str:
    """A random seed nobody can foresee; a lottery number may be used in its place."""
    return secrets.token_hex(8)


@transaction.atomic
def freeze_frame(campaign: Campaign, authority: Authority, *, actor: Actor | None) -> SamplingFrame:
    """Freeze the list of what an office inspects, with its hash and everything left out.

    TransitionError when the campaign is not open or the list is frozen already, ValidationError
    when the office has nothing to inspect.
    """
    require_running(campaign)
    existing = campaign.frames.frozen().filter(authority=authority).first()
    if existing:
        raise TransitionError(f"{authority}的名单已经冻结。", obj=existing)
    if not campaign.routed.filter(inspecting_authority=authority).exists():
        raise ValidationError(f"本次专项行动没有由{authority}组织检查的计量标准。")
    found = frames.contents(campaign, authority, routing.Rules.newest())
    try:
        with transaction.atomic():
            frame = SamplingFrame.objects.create(
                campaign=campaign,
                authority=authority,
                frozen_by=actor,
                hash=drawing.frame_hash(found.units),
            )
    except IntegrityError as error:
        raise TransitionError(f"{authority}的名单刚刚已被冻结。", obj=campaign) from error
    for entry in found.entries:
        entry.frame = frame
    for exclusion in found.exclusions:
        exclusion.frame = frame
    FrameStandard.objects.bulk_create(found.entries, batch_size=1000)
    FrameExclusion.objects.bulk_create(found.exclusions, batch_size=1000)
    audit.record(
        frame,
        actor=actor,
        action="frame.freeze",
        label="冻结名单",
        after={
            "hash": frame.hash,
            "units": len(found.units),
            "standards": len(found.entries),
            "excluded": len(found.exclusions),
        },
        note=f"{len(found.units)}家单位，{len(found.entries)}项计量标准。",
    )
    return frame


@transaction.atomic
def lift_frame(frame: SamplingFrame, *, actor: Actor | None, note: str) -> None:
    """Take a freeze back before its draw: the office may freeze anew, the first list is kept.

    The frame is held while the reasons against it are asked for: a draw begun meanwhile waits.
    """
    locked = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
    require_running(frame.campaign)
    moves.LIFT.apply(locked, actor=actor, note=note)
    notifications.tell_lifted(locked, sender=actor, note=note)


def rehearse_draw(frame: SamplingFrame, *, ratio: int, seed: str) -> DrawPlan:
    """What a draw with these parameters would give; nothing is stored."""
    require_parameters(ratio, seed)
    return drawing.draw(frames.units_of(frame), ratio=ratio, seed=seed)


@transaction.atomic
def run_draw(
    frame: SamplingFrame,
    *,
    ratio: int,
    seed: str,
    actor: Actor | None,
    witnesses: str = "",
    ratio_reason: str = "",
) -> DrawRun:
    """Draw for real: store the result, fulfil the duty, let the later stages prepare their tasks.

    TransitionError when the frame has a valid draw, ValidationError when a ratio below the
    campaign's has no reason (通知二(二)1 建议不少于, 三 可适时调整) or the list was altered.
    """
    locked = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
    if locked.state != FrameState.FROZEN:
        raise TransitionError("这份名单的冻结已撤回，请在重新冻结的名单上抽取。", obj=locked)
    require_running(frame.campaign)
    if existing := frame.runs.valid().first():
        raise TransitionError(f"{frame.authority}已有有效的抽取结果。", obj=existing)
    plan = rehearse_draw(frame, ratio=ratio, seed=seed)
    if plan.frame_hash != frame.hash:
        raise ValidationError("冻结的名单与其哈希不一致，不能抽取，请联系管理员核查。")
    floor = adjusting.ratio_of(frame.campaign, frame.authority)
    if ratio < floor and not ratio_reason.strip():
        raise ValidationError({"ratio_reason": f"抽查比例低于{floor}%，请说明理由。"})
    run = _store_run(
        frame, plan, actor=actor, witnesses=witnesses, ratio_reason=ratio_reason.strip()
    )
    audit.record(
        run,
        actor=actor,
        action="draw.commit",
        label="抽取检查对象",
        after={
            "ratio": ratio,
            "seed": seed,
            "required": plan.required,
            "total": plan.total,
            "result_hash": plan.result_hash,
        },
        note=f"名单{plan.total}家，比例{ratio}%，抽取{plan.required}家。{run.ratio_reason}",
    )
    duties.fulfil(frame.campaign, kind=DutyKind.DRAW, authority=frame.authority)
    extension.after_draw(run, actor=actor)
    table_statistics.refresh_soon()
    return run


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

    Only units and standards this office inspects in this campaign can be added.
    """
    chosen = list(standards)
    locked = DrawRun.objects.select_for_update().get(pk=run.pk)
    require_running(run.frame.campaign)
    if not (verdict := extensible(locked)):
        raise TransitionError(verdict.reason, obj=run)
    if not reason.strip():
        raise ValidationError({"reason": "请说明定向检查的理由。"})
    if not chosen:
        raise ValidationError({"standards": "请至少选择一项计量标准。"})
    if run.drawn.filter(Q(unit=unit) | Q(unit__merged_into=unit)).exists():
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


def verify_draw(run: DrawRun) -> list[str]:
    """Compute the draw again from the record; every difference as a sentence, none when it holds.

    Checked are the hash of the frozen list, the number to draw, the units in their order, their
    standards, and the hash of the result. Directed additions are not part of the random result.
    """
    if run.algorithm != drawing.ALGORITHM:
        return [f"算法版本“{run.algorithm}”不能由本系统重算（现为“{drawing.ALGORITHM}”）。"]
    plan = drawing.draw(frames.units_of(run.frame), ratio=run.ratio, seed=run.seed)
    found = []
    if plan.frame_hash != run.frame.hash:
        found.append(
            f"抽样框哈希不一致：记录为{run.frame.hash}，按现存条目重算为{plan.frame_hash}。"
        )
    if plan.required != run.required:
        found.append(f"应抽单位数不一致：记录为{run.required}，重算为{plan.required}。")
    found += compare(_recorded(run), plan.drawn)
    if plan.result_hash != run.result_hash:
        found.append(f"结果哈希不一致：记录为{run.result_hash}，重算为{plan.result_hash}。")
    for extra in run.supplements.select_related("run__frame"):
        found += _supplement_differences(extra)
    return found


def _supplement_differences(extra: SupplementaryDraw) -> list[str]:
    if extra.algorithm != drawing.SUPPLEMENT:
        return [f"{extra}的算法版本“{extra.algorithm}”不能由本系统重算。"]
    rows = recorded(extra.drawn.all())
    plan = drawing.supplement(
        frames.units_of(extra.run.frame),
        taken=extra.taken,
        fields=extra.fields,
        seed=extra.seed,
        base=extra.base,
        last=min((row.order for row in rows), default=1) - 1,
    )
    found = compare(rows, plan.drawn)
    if plan.result_hash != extra.result_hash:
        found.append(f"结果哈希不一致：记录为{extra.result_hash}，重算为{plan.result_hash}。")
    return [f"第{extra.number}次补充抽取：{line}" for line in found]


def _recorded(run: DrawRun) -> list[PlannedUnit]:
    return recorded(run.drawn.filter(kind=DrawKind.RANDOM, supplement=None))


def recorded(drawn: QuerySet[DrawnUnit]) -> list[PlannedUnit]:
    """What chance gave, as the record has it; further standards were taken by people."""
    return [
        PlannedUnit(
            row.unit_id,
            row.order,
            tuple(
                drawing.Pick(s.standard_id, s.field.code if s.field else "", s.why)
                for s in row.standards.all()
                if s.why != DrawReason.EXTRA
            ),
        )
        for row in drawn.order_by("order").prefetch_related("standards__field")
    ]


def compare(kept: Iterable[PlannedUnit], planned: Iterable[PlannedUnit]) -> list[str]:
    """Every difference between the record and the calculation, as a sentence."""
    before = {unit.order: unit for unit in kept}
    after = {unit.order: unit for unit in planned}
    ids = {unit.id for unit in (*before.values(), *after.values())}
    names = dict(Unit.with_merged.filter(pk__in=ids).values_list("pk", "name"))
    found = []
    for order in sorted(before.keys() | after.keys()):
        old, new = before.get(order), after.get(order)
        if old is None or new is None or old.id != new.id:
            found.append(
                f"第{order}个抽中单位不一致：记录为{names[old.id] if old else '无'}，"
                f"重算为{names[new.id] if new else '无'}。"
            )
        elif set(old.standards) != set(new.standards):
            found.append(f"第{order}个抽中单位{names[old.id]}的计量标准与重算结果不一致。")
    return found


def _store_run(
    frame: SamplingFrame, plan: DrawPlan, *, actor: Actor | None, witnesses: str, ratio_reason: str
) -> DrawRun:
    try:
        with transaction.atomic():
            run = DrawRun.objects.create(
                frame=frame,
                ratio=plan.ratio,
                ratio_reason=ratio_reason,
                required=plan.required,
                seed=plan.seed,
                algorithm=plan.algorithm,
                witnesses=witnesses.strip(),
                run_by=actor,
                result_hash=plan.result_hash,
                record_no=paper_number(
                    frame.authority, "抽取", kind="draw-record", year=clock.today().year
                ),
                facts={
                    "authority": frame.authority.name,
                    "campaign": frame.campaign.title,
                    "territory": queries.units_in_territory(frame),
                    "run_by": getattr(actor, "display_name", ""),
                },
            )
    except IntegrityError as error:
        raise TransitionError(f"{frame.authority}刚刚已完成抽取。", obj=frame) from error
    units = unit_names(frame)
    drawn = DrawnUnit.objects.bulk_create(
        [
            DrawnUnit(
                run=run,
                unit_id=unit.id,
                order=unit.order,
                kind=DrawKind.RANDOM,
                named=units.get(unit.id, ""),
            )
            for unit in plan.drawn
        ],
        batch_size=1000,
    )
    store_standards(frame, drawn, plan.drawn)
    return run


def unit_names(frame: SamplingFrame) -> dict[int, str]:
    """What the units of a frame are called today: a record keeps the name of its day."""
    return dict(frame.entries.values_list("unit_id", "unit__name"))


def store_standards(
    frame: SamplingFrame, drawn: Iterable[DrawnUnit], planned: Iterable[PlannedUnit]
) -> None:
    """Write the standards chance has picked in each of the units drawn."""
    standards = dict(frame.entries.values_list("standard_id", "standard__name"))
    fields = dict(ProfessionalField.objects.values_list("code", "pk"))
    DrawnStandard.objects.bulk_create(
        [
            DrawnStandard(
                drawn_unit=row,
                standard_id=pick.id,
                field_id=fields.get(pick.field),
                why=pick.why,
                named=standards.get(pick.id, ""),
            )
            for row, unit in zip(drawn, planned, strict=True)
            for pick in unit.standards
        ],
        batch_size=1000,
    )


def running(campaign: Campaign) -> Verdict:
    """Whether draws may be prepared and made: only while the campaign runs."""
    if campaign.state == CampaignState.OPEN:
        return YES
    return not_now(f"专项行动{campaign.get_state_display()}，不能抽取检查对象。")


def extensible(run: DrawRun) -> Verdict:
    """Whether units may be added by direction: only to a draw that stands."""
    return YES if run.state == DrawState.VALID else not_now("抽取已作废，不能增加定向检查单位。")


def require_running(campaign: Campaign) -> None:
    if not (verdict := running(campaign)):
        raise TransitionError(verdict.reason, obj=campaign)


def require_parameters(ratio: int, seed: str) -> None:
    """ValidationError unless the ratio is a percentage and the seed a short text."""
    if not 1 <= ratio <= 100:
        raise ValidationError({"ratio": "抽查比例须在1%至100%之间。"})
    if not 1 <= len(seed) <= 64:
        raise ValidationError({"seed": "请填写随机种子，不超过64个字符。"})
