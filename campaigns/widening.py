"""What follows a draw by hand or by chance: missed fields drawn for, further standards of a unit.

Missed fields are drawn for first (通知二(二)1: 确保计量专业领域全覆盖); units by direction are the
second way (``sampling.add_directed``). "至少1项" of a field is a minimum: the office may take more.
"""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.letters import words_in
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import MeasurementStandard, ProfessionalField

from . import announcing, extension, sampling
from .enums import DrawReason
from .models import (
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    DrawTerms,
    RoutedStandard,
)


def missed_fields(run: DrawRun) -> QuerySet[ProfessionalField]:
    """Professional fields of the frozen list of which nothing is to be checked."""
    covered = DrawnStandard.objects.filter(
        drawn_unit__run=run, drawn_unit__struck_at=None, field__isnull=False
    )
    present = ProfessionalField.objects.filter(pk__in=run.frame.entries.values("field"))
    return present.exclude(pk__in=covered.values("field")).order_by("code")


def open_to_supplement(run: DrawRun) -> Verdict:
    """There is something to draw for while a field is missed and a unit that has it is left."""
    verdict = sampling.running(run.frame.campaign) and sampling.extensible(run)
    if not verdict:
        return verdict
    if run.terms is None:
        return not_now("旧算法的抽取结果不能补充抽取。")
    if run.frame.terms.live().exists():
        return not_now("这份名单已有一份约定尚未办结，请先办结。")
    missed = missed_fields(run)
    if not missed.exists():
        return not_now("名单中的专业领域已全部抽到，不需要补充抽取。")
    left = run.frame.entries.filter(field__in=missed).exclude(unit__in=run.drawn.values("unit"))
    if left.exists():
        return YES
    return not_now("有这些专业领域的单位都已列入，请在已抽中单位中增加计量标准。")


def announce_supplement(
    run: DrawRun, *, issue: str, moment: dt.datetime, actor: Actor | None
) -> DrawTerms:
    """Announce the terms under which one more unit is drawn for each missed field.

    TransitionError when nothing is missed or nothing is left to draw from.
    """
    locked = DrawRun.objects.select_for_update().get(pk=run.pk)
    if not (verdict := open_to_supplement(locked)):
        raise TransitionError(verdict.reason, obj=run)
    fields = missed_fields(run).values_list("code", flat=True)
    return announcing.announce_supplement(
        run, fields=fields, issue=issue, moment=moment, actor=actor
    )


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
    if not words_in(reason):
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
