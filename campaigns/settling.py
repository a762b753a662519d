"""From the public value to the result: entered by one person, confirmed blind by another above, drawn, kept."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from metrostd.common import audit, clock, table_statistics
from metrostd.common.actors import Actor
from metrostd.common.models import Job
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import ProfessionalField
from metrostd.registry.paper_numbers import paper_number
from metrostd.trail.anchors import last_head

from . import acts, bureau_draws, duties, extension, frames, notifications, queries, terms
from .enums import Act, DrawKind, DutyKind, TermsKind, TermsState
from .models import (
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    DrawTerms,
    SamplingFrame,
    SupplementaryDraw,
)
from .protocol import hashing, lottery, order
from .protocol.order import Drawn, Holder

_COLUMNS = ("unit_key", "standard_key", "unit_id", "unit_name", "standard_id", "standard_name")
#: Unit and its name, standard and its name, by the identities of both.
Lines = dict[tuple[str, str], tuple[int, str, int, str]]


@transaction.atomic
def enter_value(row: DrawTerms, *, issue: str, numbers: str, actor: Actor | None) -> None:
    """What was announced in public: entered once, shown to nobody until a second person enters the same."""
    acts.require_free(row.campaign, about=acts.list_key(row.frame))
    value = readable(row, issue, numbers)
    terms.ENTER.apply(
        row, actor=actor, value=value, entered_by=actor, entered_at=clock.now(), confirmed_by=None
    )
    duties.fulfil(row, kind=DutyKind.DRAW_CHECK)
    terms.owe_check(row, terms.CONFIRM_DUTY, due=clock.now())
    notifications.tell_entered(row, sender=actor)


@transaction.atomic
def confirm_value(
    row: DrawTerms, *, issue: str, numbers: str, actor: Actor | None
) -> DrawRun | None:
    """A second person enters what was announced; when both say the same, the draw is made and kept.

    None when they differ: both values go into the trail, and the office enters anew. TransitionError for the
    person who entered it.
    """
    locked = _agreed(row, issue=issue, numbers=numbers, actor=actor)
    if actor is None or locked is None:
        return None
    return _settle(row, actor=actor)


@transaction.atomic
def request_confirming(
    row: DrawTerms, *, issue: str, numbers: str, actor: Actor
) -> DrawRun | Job | None:
    """The same; from a list of thousands of units a job draws, once both have been found to agree.

    Until it has, the value stands as it was entered, and nobody does anything else with these terms or their list.
    """
    if not _from_many(row):
        return confirm_value(row, issue=issue, numbers=numbers, actor=actor)
    locked = _agreed(row, issue=issue, numbers=numbers, actor=actor)
    if locked is None:
        return None
    return _leave(row, value=locked.value, actor=actor)


def _from_many(row: DrawTerms) -> bool:
    """Whether it is drawn from so many units that a job does it."""
    return not row.frame.of_bureaus and acts.concerns_many(
        row.campaign, authority_id=row.authority_id
    )


def _leave(row: DrawTerms, *, value: str, actor: Actor, settled: bool = False) -> Job:
    return acts.leave(
        Act.DRAW,
        row.campaign,
        title=f"抽取：{row}",
        actor=actor,
        about=acts.list_key(row.frame),
        settled=settled,
        terms=row.pk,
        value=value,
        confirmed_at=clock.now().isoformat(),
    )


def _agreed(row: DrawTerms, *, issue: str, numbers: str, actor: Actor | None) -> DrawTerms | None:
    """The terms when a second person says the same; otherwise the office enters anew."""
    acts.require_free(row.campaign, about=acts.list_key(row.frame))
    locked = DrawTerms.objects.select_for_update().get(pk=row.pk)
    if actor is None or actor.pk == locked.entered_by_id:
        raise TransitionError("录入号码的人不能核对自己录入的号码。", obj=locked)
    if fixed := terms.said_by_witnesses(locked):
        raise TransitionError(fixed, obj=locked)
    value = readable(locked, issue, numbers)
    terms.DRAW.check(locked)
    row.value = locked.value
    if value == locked.value:
        return locked
    said = f"录入为{lottery.in_words(locked.value)}，核对为{lottery.in_words(value)}。"
    terms.DISPUTE.apply(row, actor=actor, note=said, value="", entered_by=None, entered_at=None)
    duties.fulfil(row, kind=DutyKind.DRAW_CHECK)
    notifications.tell_disputed(row, sender=actor, said=said)
    return None


def settle_witnessed(
    row: DrawTerms, *, value: str, entered_by_id: int | None, actor: Actor, by_job: bool
) -> DrawRun | Job:
    """All witnesses have revealed: the draw is made in the same transaction, by the last of them.

    From a list of thousands of units, where that is asked for, a job computes it: terms, secret number and value
    stand in this transaction and cannot be changed any more, nobody is asked again, no other act is waited for.
    """
    terms.ENTER.apply(
        row,
        actor=actor,
        value=value,
        entered_by_id=entered_by_id,
        entered_at=clock.now(),
        confirmed_by=None,
    )
    if by_job and _from_many(row):
        return _leave(row, value=value, actor=actor, settled=True)
    return _settle(row, actor=actor)


def readable(row: DrawTerms, issue: str, numbers: str) -> str:
    """The value of what was typed; ValidationError beside the field: no issue before the named one, none to come."""
    try:
        value = lottery.value_of(issue, numbers)
    except lottery.UnreadableError as error:
        beside = "issue" if "期号" in str(error) else "numbers"
        raise ValidationError({beside: str(error)}) from error
    if issue.strip() < row.issue:
        raise ValidationError(
            {"issue": f"约定的是第{row.issue}期；该期停开或者延期的，填写其后第一期的期号。"}
        )
    if issue.strip() > lottery.issues_about(clock.today())[1]:
        raise ValidationError({"issue": f"第{issue.strip()}期到今天还没有开奖，请核对期号。"})
    return value


@transaction.atomic
def record_missed(row: DrawTerms, *, issue: str, numbers: str, actor: Actor | None) -> None:
    """Put beside lapsed terms the value they would have been drawn with, so that their list is known."""
    if row.state != TermsState.LAPSED or row.value:
        raise TransitionError("只有失效的约定需要补录一次号码。", obj=row)
    if early := terms.too_early(row) or terms.waits_for_witnesses(row):
        raise ValidationError(early)
    row.value = readable(row, issue, numbers)
    row.save(update_fields=["value"])
    audit.record(
        row,
        actor=actor,
        action="terms.record_missed",
        label="补录失效约定的号码",
        after={"value": row.value},
        note="公布失效的约定本应抽中的名单。",
    )


def seed_of(row: DrawTerms) -> bytes:
    """The seed of terms whose value is known."""
    if row.kind == TermsKind.SUBSTITUTE and row.run is not None:
        return hashing.substitute_seed(bytes.fromhex(row.run.seed), row.value)
    return hashing.seed(bytes.fromhex(row.hash), terms.nonce_of(row), row.value)


def result_of(row: DrawTerms, seed: bytes) -> tuple[Drawn, ...]:
    """What these terms give with a seed; nothing is stored."""
    content = row.content
    holders = frames.holders_of(row.frame)
    if row.frame.of_bureaus:
        return drawn_of(row.frame, holders, seed=seed, required=row.required)
    taken: Sequence[str] = content["taken"]  # type: ignore[assignment]
    last = int(content["last"])  # type: ignore[call-overload]
    if row.kind == TermsKind.SUPPLEMENT:
        fields: Sequence[str] = content["fields"]  # type: ignore[assignment]
        return order.supplement(holders, seed=seed, fields=fields, taken=taken, last=last)
    return order.draw(holders, seed=seed, required=row.required, taken=taken, last=last)


def required_of(frame: SamplingFrame, total: int, ratio: int) -> int:
    """So many of a list are drawn: of units not less than the ratio, of bureaus about it."""
    count = order.about_count if frame.of_bureaus else order.required_count
    return count(total, ratio)


def drawn_of(
    frame: SamplingFrame, holders: Iterable[Holder], *, seed: bytes, required: int
) -> tuple[Drawn, ...]:
    """What a seed gives of a list: units with their standards, bureaus with their case files."""
    picks = order.case_files if frame.of_bureaus else None
    return order.draw(holders, seed=seed, required=required, picks=picks)


@dataclass(frozen=True, slots=True)
class Calculated:
    """What terms give with the value that was entered: from the record alone, shown to nobody before it is kept."""

    value: str
    frame_hash: str
    seed: bytes
    drawn: tuple[Drawn, ...]
    result: str
    #: The rows of the list that were drawn, by their identities; of bureaus none are needed.
    lines: Lines


def calculate(row: DrawTerms) -> Calculated:
    """Nothing is stored. ValidationError when the list is not the one that was frozen, TransitionError without a key."""
    frame = row.frame
    if hashing.hash_of("frame", frames.json_of(frame)).hex() != frame.hash:
        raise ValidationError("冻结的名单与其哈希不一致，不能抽取，请联系管理员核查。")
    seed = seed_of(row)
    drawn = result_of(row, seed)
    result = hashing.result_hash(
        [unit.as_json() for unit in drawn],
        required=row.required,
        seed=seed,
        terms=bytes.fromhex(row.hash),
    )
    lines: Lines = {}
    if not frame.of_bureaus:
        picked = {(unit.id, pick.id) for unit in drawn for pick in unit.standards}
        rows = frame.entries.values_list(*_COLUMNS)
        lines = {row[:2]: row[2:] for row in rows if row[:2] in picked}
    return Calculated(row.value, frame.hash, seed, drawn, result, lines)


def _settle(row: DrawTerms, *, actor: Actor) -> DrawRun:
    """Draw at once, in the caller's transaction."""
    row.frame = SamplingFrame.objects.select_for_update().get(pk=row.frame_id)
    run = keep(row, calculate(row), actor=actor, confirmed_at=clock.now())
    extension.after_draw(run, actor=actor)
    return run


def keep(row: DrawTerms, found: Calculated, *, actor: Actor, confirmed_at: dt.datetime) -> DrawRun:
    """Keep a result: the terms end with it. What follows from it (``extension.after_draw``) is still to come.

    TransitionError when list or value are not those it was calculated from.
    """
    frame = SamplingFrame.objects.select_for_update().get(pk=row.frame_id)
    if (frame.hash, row.value) != (found.frame_hash, found.value):
        raise TransitionError("名单或者号码在计算期间变动，没有抽取，请重新核对。", obj=row)
    row.frame = frame
    terms.DRAW.apply(
        row,
        actor=actor,
        confirmed_by=actor,
        confirmed_at=confirmed_at,
        nonce=terms.nonce_of(row).hex(),
    )
    duties.fulfil(row, kind=DutyKind.DRAW_CHECK)
    if row.run is None:
        run = _store_run(row, found, actor=actor)
    else:
        run = row.run
        _store_later(row, run, found, actor=actor)
    notifications.tell_drawn(row, run, sender=actor)
    table_statistics.refresh_soon()
    return run


def _store_run(row: DrawTerms, found: Calculated, *, actor: Actor) -> DrawRun:
    frame = row.frame
    try:
        with transaction.atomic():
            run = DrawRun.objects.create(
                frame=frame,
                terms=row,
                ratio=row.ratio,
                ratio_reason=row.ratio_reason,
                required=row.required,
                seed=found.seed.hex(),
                algorithm=hashing.ALGORITHM,
                witnesses=str(actor),
                run_by_id=row.entered_by_id,
                result_hash=found.result,
                record_no=paper_number(
                    frame.authority, "抽取", kind="draw-record", year=clock.today().year
                ),
                facts={
                    "authority": frame.authority.name,
                    "campaign": frame.campaign.title,
                    "territory": 0 if frame.of_bureaus else queries.units_in_territory(frame),
                    "run_by": getattr(row.entered_by, "display_name", ""),
                    "trail_head": last_head(),
                    "made_with": terms.made_with(row),
                },
            )
    except IntegrityError as error:
        raise TransitionError(f"{frame.authority}刚刚已完成抽取。", obj=frame) from error
    if frame.of_bureaus:
        bureau_draws.store(run, found.drawn)
    else:
        _store_units(run, found)
    audit.record(
        run,
        actor=actor,
        action="draw.commit",
        label=row.get_kind_display(),
        after={
            "terms": row.number,
            "ratio": row.ratio,
            "value": row.value,
            "seed": run.seed,
            "required": row.required,
            "result_hash": found.result,
        },
        note=f"第{row.number}号约定，{lottery.in_words(row.value)}，抽取{len(found.drawn)}{frame.counter}。{row.ratio_reason}",
    )
    owed = DutyKind.BUREAU_DRAW if frame.of_bureaus else DutyKind.DRAW
    duties.fulfil(frame.campaign, kind=owed, authority=frame.authority)
    return run


def _store_later(row: DrawTerms, run: DrawRun, found: Calculated, *, actor: Actor) -> None:
    content = row.content
    earlier = run.supplements.last()
    made = SupplementaryDraw.objects.create(
        run=run,
        terms=row,
        number=earlier.number + 1 if earlier else 1,
        fields=content["fields"],
        base=str(content["base"]),
        taken=content["taken"],
        seed=found.seed.hex(),
        algorithm=hashing.ALGORITHM,
        witnesses=str(actor),
        run_by_id=row.entered_by_id,
        result_hash=found.result,
    )
    _store_units(run, found, later=made)
    audit.record(
        run,
        actor=actor,
        action=f"draw.{row.kind}",
        label=row.get_kind_display(),
        after={
            "terms": row.number,
            "value": row.value,
            "seed": made.seed,
            "result_hash": found.result,
        },
        note=f"第{row.number}号约定，{lottery.in_words(row.value)}，抽取{len(found.drawn)}家单位。",
    )


def _store_units(
    run: DrawRun, found: Calculated, *, later: SupplementaryDraw | None = None
) -> None:
    """Write units and standards chance has picked, with the names of the day of freezing."""
    units = {unit: line for (unit, _), line in found.lines.items()}
    rows = DrawnUnit.objects.bulk_create(
        [
            DrawnUnit(
                run=run,
                unit_id=units[unit.id][0],
                order=unit.order,
                kind=DrawKind.RANDOM,
                supplement=later,
                named=units[unit.id][1],
            )
            for unit in found.drawn
        ],
        batch_size=1000,
    )
    fields = dict(ProfessionalField.objects.values_list("code", "pk"))
    DrawnStandard.objects.bulk_create(
        [
            DrawnStandard(
                drawn_unit=row,
                standard_id=found.lines[unit.id, pick.id][2],
                field_id=fields.get(pick.field),
                why=pick.why,
                named=found.lines[unit.id, pick.id][3],
            )
            for row, unit in zip(rows, found.drawn, strict=True)
            for pick in unit.standards
        ],
        batch_size=1000,
    )
