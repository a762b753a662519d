"""Adjusting a running campaign: dates and ratio, for all or for one district (通知三 可适时调整).

The value in force stands in the campaign and its stages; ``PlanAdjustment`` keeps every earlier one.
What was so on a day (``value_then``, ``Ratios``) is read backwards from there.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from metrostd.common import clock, turns
from metrostd.common.actors import Actor
from metrostd.common.models import Job
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.registry.models import Authority

from . import acts, duties, extension, moves, notifications
from .dates import Calendar
from .enums import Act, AdjustmentCause, DutyKind, PlanField, StageKind
from .models import Campaign, Duty, PlanAdjustment, Stage
from .stages import stages_for

PlanValue = dt.date | int
#: Which duties of an office stand on which day of the plan. Stages move those of their own objects.
_OFFICE_DUTIES = {PlanField.ONSITE_START: DutyKind.DRAW, PlanField.ONSITE_END: DutyKind.INSPECTION}
_NAMES = {field: field.label for field in PlanField}


@dataclass(frozen=True, slots=True)
class Change:
    """One value of the plan that moves."""

    field: PlanField
    old: PlanValue
    new: PlanValue

    @classmethod
    def kept(cls, field: str, old: str, new: str) -> "Change":
        """As a job keeps it."""
        return cls(PlanField(field), read(field, old), read(field, new))

    def __str__(self) -> str:
        return f"{self.field.label}由{shown(self.old)}调整为{shown(self.new)}"


def shown(value: PlanValue) -> str:
    """A value as a sentence names it."""
    return f"{value}%" if isinstance(value, int) else cn_date(value)


def values(campaign: Campaign, authority: Authority | None) -> dict[PlanField, PlanValue]:
    """What may be adjusted, with the values in force: of the campaign, or of one office."""
    found: dict[PlanField, PlanValue] = {}
    for kind, stage in stages_for(campaign, authority=authority).items():
        found[PlanField(f"{kind}_start")] = stage.starts_on
        found[PlanField(f"{kind}_end")] = stage.ends_on
    if authority is None:
        for field in PlanField.limits:
            found[PlanField(field)] = getattr(campaign, field)
    found[PlanField.DEFAULT_RATIO] = ratio_of(campaign, authority)
    return found


@transaction.atomic
def adjust(
    campaign: Campaign,
    *,
    authority: Authority | None,
    wanted: Mapping[PlanField, PlanValue],
    cause: AdjustmentCause,
    note: str,
    actor: Actor | None,
) -> list[Change]:
    """Change the plan of a running campaign; duties move and everyone concerned is told.

    ``authority`` None means all offices; those that adjusted a value themselves keep theirs.
    ValidationError names the field that cannot be so, TransitionError when the campaign does not run.
    """
    acts.require_free(campaign)
    changes = decide(
        campaign, authority=authority, wanted=wanted, cause=cause, note=note, actor=actor
    )
    follow(campaign, authority, changes)
    campaign.refresh_from_db()
    return changes


def request(
    campaign: Campaign,
    *,
    authority: Authority | None,
    wanted: Mapping[PlanField, PlanValue],
    cause: AdjustmentCause,
    note: str,
    actor: Actor | None,
) -> list[Change] | Job:
    """Adjust at once; where thousands of units have to be told, check at once and leave it to the background."""
    if not acts.concerns_many(campaign):
        return adjust(
            campaign, authority=authority, wanted=wanted, cause=cause, note=note, actor=actor
        )
    _changes(campaign, authority, wanted, note=note)
    return acts.leave(
        Act.ADJUST,
        campaign,
        title=f"调整{campaign}的方案",
        actor=actor,
        authority=authority.pk if authority else None,
        wanted={str(field): str(value) for field, value in wanted.items()},
        cause=str(cause),
        note=note,
    )


@transaction.atomic
def decide(
    campaign: Campaign,
    *,
    authority: Authority | None,
    wanted: Mapping[PlanField, PlanValue],
    cause: AdjustmentCause,
    note: str,
    actor: Actor | None,
) -> list[Change]:
    """Put the new values into force, with the duties of offices; what ``follow`` moves is still to come."""
    locked = Campaign.objects.select_for_update().select_related("organiser").get(pk=campaign.pk)
    changes = _changes(locked, authority, wanted, note=note)
    _write(locked, authority, changes)
    who = str(authority) if authority else "全部部门"
    told = f"{who}：{'；'.join(map(str, changes))}。{cause.label}：{note.strip()}"
    moves.ADJUST.apply(locked, actor=actor, note=told, state_since=locked.state_since)
    PlanAdjustment.objects.bulk_create(
        PlanAdjustment(
            campaign=locked,
            authority=authority,
            field=change.field,
            old=str(change.old),
            new=str(change.new),
            cause=cause,
            note=note.strip(),
            made_by=actor,
        )
        for change in changes
    )
    for change in changes:
        _move_duties(locked, authority, change)
        extension.after_adjustment(locked, authority, change.field, change.old, change.new)
    notifications.tell_adjusted(locked, authority, told, sender=actor)
    return changes


def follow(
    campaign: Campaign,
    authority: Authority | None,
    changes: Iterable[Change],
    *,
    progress: Callable[..., None] = lambda *_args: None,
) -> None:
    """Let what hangs by the thousand on a day of the plan move to the day in force; some at a time, again and again."""
    now = values(Campaign.objects.get(pk=campaign.pk), authority)
    for change in changes:
        extension.move_with_plan(
            campaign,
            change.field,
            change.old,
            now[change.field],
            turn=turns.turn,
            progress=progress,
        )


def _changes(
    campaign: Campaign,
    authority: Authority | None,
    wanted: Mapping[PlanField, PlanValue],
    *,
    note: str,
) -> list[Change]:
    moves.ADJUST.check(campaign)
    if not note.strip():
        raise ValidationError({"note": "请说明调整的理由。"})
    now = values(campaign, authority)
    changes = [Change(f, now[f], wanted[f]) for f in now if f in wanted and wanted[f] != now[f]]
    _check(campaign, {**now, **{c.field: c.new for c in changes}}, changes)
    return changes


def history(campaign: Campaign, *, by: dt.datetime | None = None) -> QuerySet[PlanAdjustment]:
    """The adjustments of a campaign, the newest first; ``by`` leaves out what came after a moment."""
    rows = campaign.adjustments.select_related("authority", "made_by")
    return rows.filter(made_at__lte=by) if by else rows


def sentences(rows: Iterable[PlanAdjustment]) -> list[str]:
    """Each adjustment in words, the oldest first: for the records and notes that print them.

    ``rows`` come the newest first, as ``history`` gives them.
    """
    return [
        f"{cn_date(local_day(row.made_at))}"
        f"{row.authority if row.authority else '全部部门'}"
        f"{row.get_field_display()}由{row.old_shown}调整为{row.new_shown}"
        f"（{row.get_cause_display()}：{row.note}）。"
        for row in reversed(list(rows))
    ]


def of_ratio(campaign: Campaign, authority: Authority, *, by: dt.datetime) -> list[str]:
    """How the ratio an office draws with came about by a moment: for the record of its draw."""
    rows = history(campaign, by=by).filter(field=PlanField.DEFAULT_RATIO)
    return sentences(rows.filter(Q(authority=None) | Q(authority=authority)))


def value_then(campaign: Campaign, field: PlanField, *, at: dt.datetime) -> PlanValue:
    """What the campaign's own plan said at a moment: the old value of the first change after it."""
    later = campaign.adjustments.filter(field=field, authority=None, made_at__gt=at)
    first = later.order_by("made_at", "pk").first()
    return read(field, first.old) if first else getattr(campaign, field)


def ratio_of(campaign: Campaign, authority: Authority | None) -> int:
    """The ratio an office has to reach now."""
    return Ratios.of(campaign).of_office(authority.pk if authority else None)


@dataclass(frozen=True, slots=True)
class Ratios:
    """The ratios in force at a moment: the campaign's, and those of offices that adjusted theirs."""

    general: int
    own: Mapping[int, int]

    @classmethod
    def of(cls, campaign: Campaign, *, at: dt.datetime | None = None) -> "Ratios":
        """One query, whatever the number of offices."""
        return cls.among(campaign, history(campaign).filter(field=PlanField.DEFAULT_RATIO), at=at)

    @classmethod
    def among(
        cls, campaign: Campaign, rows: Iterable[PlanAdjustment], *, at: dt.datetime | None
    ) -> "Ratios":
        """From adjustments read already, the newest first."""
        general = campaign.default_ratio
        own: dict[int, int] = {}
        # Backwards: the campaign's own row holds today's value, an office's the one it got then.
        for row in rows:
            past = at is None or row.made_at <= at
            if row.field != PlanField.DEFAULT_RATIO:
                continue
            if row.authority_id is None:
                general = general if past else int(row.old)
            elif past:
                own.setdefault(row.authority_id, int(row.new))
        return cls(general, own)

    def of_office(self, pk: int | None) -> int:
        return self.general if pk is None else self.own.get(pk, self.general)


def read(field: str, text: str) -> PlanValue:
    """A kept value as it was."""
    return int(text) if field == PlanField.DEFAULT_RATIO else dt.date.fromisoformat(text)


def _check(campaign: Campaign, plan: Mapping[PlanField, PlanValue], changes: list[Change]) -> None:
    if not changes:
        raise ValidationError("没有改动：请至少改一个日期或比例。")
    problems = {
        change.field.value: f"“{change.field.label}”{shown(change.new)}已经过去，请填今天或以后的日期。"
        for change in changes
        if isinstance(change.new, dt.date) and change.new < clock.today()
    }
    ratio = plan[PlanField.DEFAULT_RATIO]
    if not isinstance(ratio, int) or not 1 <= ratio <= 100:
        problems[PlanField.DEFAULT_RATIO] = "“抽查比例”须在1%至100%之间。"
    limits = {name: plan.get(PlanField(name), getattr(campaign, name)) for name in PlanField.limits}
    stages = {kind: _period(plan, kind) for kind in StageKind if PlanField(f"{kind}_end") in plan}
    calendar = Calendar(notice_on=campaign.notice_on, stages=stages, **limits)  # type: ignore[arg-type]
    clashes = {name: said for name, said in calendar.problems().items() if name in _NAMES}
    problems = clashes | problems
    if problems:
        raise ValidationError(problems)


def _period(plan: Mapping[PlanField, PlanValue], kind: StageKind) -> tuple[dt.date, dt.date]:
    start, end = plan[PlanField(f"{kind}_start")], plan[PlanField(f"{kind}_end")]
    if isinstance(start, int) or isinstance(end, int):
        raise TypeError(f"{kind} has no dates")
    return start, end


def _write(campaign: Campaign, authority: Authority | None, changes: list[Change]) -> None:
    plan = {**values(campaign, authority), **{change.field: change.new for change in changes}}
    for kind in StageKind:
        if any(change.field.startswith(f"{kind}_") and _is_stage(change) for change in changes):
            start, end = _period(plan, kind)
            Stage.objects.update_or_create(
                campaign=campaign,
                kind=kind,
                authority=authority,
                defaults={"starts_on": start, "ends_on": end},
            )
    if authority is None and (own := [c for c in changes if not _is_stage(c)]):
        Campaign.objects.filter(pk=campaign.pk).update(**{c.field.value: c.new for c in own})
        for change in own:
            setattr(campaign, change.field.value, change.new)


def _is_stage(change: Change) -> bool:
    return change.field not in (*PlanField.limits, PlanField.DEFAULT_RATIO)


def _move_duties(campaign: Campaign, authority: Authority | None, change: Change) -> None:
    kind = _OFFICE_DUTIES.get(change.field)
    if kind is None or isinstance(change.new, int) or isinstance(change.old, int):
        return
    rows = Duty.objects.open().filter(campaign=campaign, kind=kind, due_on=change.old)
    if authority is not None:
        rows = rows.filter(authority=authority)
    else:
        stage = change.field.value.rpartition("_")[0]
        adjusted = Stage.objects.filter(campaign=campaign, kind=stage, authority__isnull=False)
        rows = rows.exclude(authority__in=adjusted.values("authority"))
    duties.reschedule_rows(rows, due_on=change.new)
