"""A new version of the table of levels, with its effect seen before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError

from .enums import RiskLevel
from .models import RiskTable
from .queries import Picture, picture, units_of

#: Units named in a preview.
_NAMED = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit that another table puts on another level."""

    unit: int
    before: RiskLevel
    after: RiskLevel


@dataclass(frozen=True, slots=True)
class Effect:
    """How many units are on each level by both tables, and which change."""

    counts: list[tuple[RiskLevel, int, int]]
    moved: list[Moved]


def drafted(words: Mapping[str, object]) -> RiskTable:
    """The table a form describes, not kept."""
    return RiskTable(**words)


def effect_of(drafted: RiskTable, now: Picture) -> Effect:
    """What a table would change today."""
    then = now.by(drafted)
    moved = [
        Moved(row.unit, row.level, after.level)
        for row in now.rows
        if (after := then.risk_of(row.unit)).level != row.level
    ]
    counts = [(level, now.levels[level], then.levels[level]) for level in RiskLevel]
    return Effect(counts, moved[:_NAMED])


def picture_now(actor: Actor) -> Picture:
    return picture(units_of(actor), clock.today(), viewer=actor)


@transaction.atomic
def revise(words: Mapping[str, object], *, base_version: int, actor: Actor | None) -> RiskTable:
    """Put a new version in force from its day on. TransitionError when somebody made one meanwhile."""
    row = drafted(words)
    row.version = base_version + 1
    row.made_by = actor  # type: ignore[assignment]  # whoever acts is a user
    if row.high_from <= row.medium_from:
        raise ValidationError({"high_from": "“高风险起点”须大于“中风险起点”。"})
    if row.starts_on < clock.today():
        raise ValidationError({"starts_on": "“执行日期”不能早于今天，过去的分级不改。"})
    if not row.reason.strip():
        raise ValidationError({"reason": "请说明修订理由。"})
    newest = RiskTable.objects.order_by("-version").first()
    if (newest.version if newest else 0) != base_version:
        raise TransitionError("风险分级表刚刚被他人修订，请查看最新版本。", obj=newest)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise TransitionError("风险分级表刚刚被他人修订，请查看最新版本。", obj=newest) from error
    audit.record(
        row,
        actor=actor,
        action="risk_table.revise",
        label="修订风险分级表",
        after={
            "version": row.version, "starts_on": str(row.starts_on), "points": row.points,
            "medium_from": row.medium_from, "high_from": row.high_from, "years": row.years,
        },
        note=row.reason,
    )  # fmt: skip
    return row


def newest_version() -> int:
    found = RiskTable.objects.order_by("-version").values_list("version", flat=True).first()
    return found or 0
