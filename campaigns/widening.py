"""What follows a draw by hand or by chance: missed fields drawn for, further standards of a unit.

Missed fields are drawn for first (通知二(二)1: 确保计量专业领域全覆盖); units by direction are the
second way (``sampling.add_directed``). "至少1项" of a field is a minimum: the office may take more.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import MeasurementStandard, ProfessionalField

from . import drawing, extension, frames, sampling
from .enums import DrawKind, DrawReason
from .models import (
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    RoutedStandard,
    SupplementaryDraw,
)


def missed_fields(run: DrawRun) -> QuerySet[ProfessionalField]:
    """Professional fields of the frozen list of which nothing is to be checked."""
    covered = DrawnStandard.objects.filter(drawn_unit__run=run, field__isnull=False)
    present = ProfessionalField.objects.filter(pk__in=run.frame.entries.values("field"))
    return present.exclude(pk__in=covered.values("field")).order_by("code")


def open_to_supplement(run: DrawRun) -> Verdict:
    """There is something to draw for while a field is missed and a unit that has it is left."""
    verdict = sampling.running(run.frame.campaign) and sampling.extensible(run)
    if not verdict:
        return verdict
    missed = missed_fields(run)
    if not missed.exists():
        return not_now("名单中的专业领域已全部抽到，不需要补充抽取。")
    left = run.frame.entries.filter(field__in=missed).exclude(unit__in=run.drawn.values("unit"))
    if left.exists():
        return YES
    return not_now("有这些专业领域的单位都已列入，请在已抽中单位中增加计量标准。")


@transaction.atomic
def supplement(
    run: DrawRun, *, seed: str, actor: Actor | None, witnesses: str = ""
) -> SupplementaryDraw:
    """Draw one more unit for each missed field; recorded by itself, checked with the draw.

    TransitionError when nothing is missed or nothing is left to draw from.
    """
    locked = DrawRun.objects.select_for_update().get(pk=run.pk)
    if not (verdict := open_to_supplement(locked)):
        raise TransitionError(verdict.reason, obj=run)
    sampling.require_parameters(run.ratio, seed)
    taken = sorted(run.drawn.values_list("unit_id", flat=True))
    earlier = run.supplements.last()
    plan = drawing.supplement(
        frames.units_of(run.frame),
        taken=taken,
        fields=missed_fields(run).values_list("code", flat=True),
        seed=seed,
        base=earlier.result_hash if earlier else run.result_hash,
        last=run.drawn.aggregate(last=Max("order"))["last"] or 0,
    )
    made = SupplementaryDraw.objects.create(
        run=run,
        number=earlier.number + 1 if earlier else 1,
        fields=list(plan.fields),
        base=plan.base,
        taken=taken,
        seed=seed,
        algorithm=plan.algorithm,
        witnesses=witnesses.strip(),
        run_by=actor,
        result_hash=plan.result_hash,
    )
    names = sampling.unit_names(run.frame)
    rows = DrawnUnit.objects.bulk_create(
        DrawnUnit(
            run=run,
            unit_id=unit.id,
            order=unit.order,
            kind=DrawKind.RANDOM,
            supplement=made,
            named=names.get(unit.id, ""),
        )
        for unit in plan.drawn
    )
    sampling.store_standards(run.frame, rows, plan.drawn)
    audit.record(
        run,
        actor=actor,
        action="draw.supplement",
        label="补充抽取",
        after={"seed": seed, "fields": list(plan.fields), "result_hash": plan.result_hash},
        note=f"为未抽到的{len(plan.fields)}个专业领域补充抽取{len(rows)}家单位。",
    )
    extension.after_draw(run, actor=actor)
    return made


def further_standards(drawn: DrawnUnit) -> QuerySet[RoutedStandard]:
    """What this office inspects of a unit and has not taken yet, as routed in the campaign."""
    frame = drawn.run.frame
    return (
        frame.campaign.routed.filter(inspecting_authority=frame.authority, unit=drawn.unit.current)
        .exclude(standard__in=drawn.standards.values("standard"))
        .select_related("standard__field", "field")
        .order_by("standard__name", "pk")
    )


def open_to_widen(drawn: DrawnUnit) -> Verdict:
    """Further standards are taken before the visit begins, while the draw stands."""
    verdict = sampling.running(drawn.run.frame.campaign) and sampling.extensible(drawn.run)
    return verdict and Verdict.against(extension.begun(drawn))


@transaction.atomic
def take_further(
    drawn: DrawnUnit,
    *,
    standards: Iterable[MeasurementStandard],
    reason: str,
    actor: Actor | None,
) -> list[DrawnStandard]:
    """Take further standards of a drawn unit, with a reason; never counted as drawn by chance.

    TransitionError once the visit has begun, ValidationError for standards this office does not
    inspect or without a reason.
    """
    chosen = list(standards)
    DrawRun.objects.select_for_update().get(pk=drawn.run_id)
    if not (verdict := open_to_widen(drawn)):
        raise TransitionError(verdict.reason, obj=drawn.run)
    if not reason.strip():
        raise ValidationError({"reason": "请说明增加计量标准的理由。"})
    if not chosen:
        raise ValidationError({"standards": "请至少选择一项计量标准。"})
    fields = dict(further_standards(drawn).values_list("standard_id", "field_id"))
    if foreign := [s for s in chosen if s.pk not in fields]:
        raise ValidationError({"standards": f"“{foreign[0]}”已列入，或者不由本部门组织检查。"})
    rows = DrawnStandard.objects.bulk_create(
        DrawnStandard(
            drawn_unit=drawn,
            standard=standard,
            field_id=fields[standard.pk],
            why=DrawReason.EXTRA,
            reason=reason.strip()[:200],
            named=standard.name,
        )
        for standard in chosen
    )
    audit.record(
        drawn.run,
        actor=actor,
        action="draw.take_further",
        label="增加检查的计量标准",
        after={"unit": drawn.unit_id, "standards": [s.pk for s in chosen]},
        note=f"{drawn.unit}：{'、'.join(s.name for s in chosen)}。{reason.strip()}",
    )
    extension.after_draw(drawn.run, actor=actor)
    return rows
