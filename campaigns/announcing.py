"""What is fixed and made known before a draw: list, number, ratio, source, moment, and a commitment to a nonce."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from metrostd.accounts.models import Membership
from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.common.transitions import TransitionError

from . import (
    acts,
    adjusting,
    extension,
    frames,
    notifications,
    settling,
    terms,
    terms_letter,
    witnessing,
)
from .enums import FrameState, TermsKind, TermsState
from .models import DrawnUnit, DrawRun, DrawTerms, DrawWitness, SamplingFrame
from .protocol import hashing, lottery, nonces, witness

#: 通知二(二)2: 随机选取20%左右的区局.
BUREAU_RATIO = 20
#: A moment further away than this only keeps a list waiting.
FURTHEST = dt.timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Seen:
    """Witnesses as the public source: who, and until when they reveal before the named issue counts."""

    people: list[Membership]
    fallback_at: dt.datetime

    def terms(self, issue: str, *, authority_id: int) -> dict[str, object]:
        """What the terms say of it; ValidationError where the people may not be witnesses."""
        witnessing.check_named(self.people, authority_id=authority_id)
        until = terms.clock_text(self.fallback_at)
        return {
            "fallback": f"到{until}还有见证人没有公布的，以{lottery.NAME}第{issue}期为准；{lottery.FALLBACK}",
            "fallback_at": until,
            "grammar": f"{witness.GRAMMAR}；{lottery.GRAMMAR}",
            "source": witness.NAME,
            "witnesses": witnessing.named(self.people),
        }

    def keep(self, row: DrawTerms) -> None:
        """A place for each of them, as the terms name them."""
        places = zip(self.people, witnessing.named(self.people), strict=True)
        DrawWitness.objects.bulk_create(
            DrawWitness(terms=row, order=n, membership=member, person=person)
            for n, (member, person) in enumerate(places, 1)
        )


def floor_of(frame: SamplingFrame) -> int:
    """The ratio below which a reason is asked for: the plan's for units, the notice's for bureaus."""
    if frame.of_bureaus:
        return BUREAU_RATIO
    return adjusting.ratio_of(frame.campaign, frame.authority)


@transaction.atomic
def announce_draw(
    frame: SamplingFrame,
    *,
    ratio: int,
    issue: str,
    moment: dt.datetime,
    actor: Actor | None,
    floor: int,
    ratio_reason: str = "",
    witnesses: Sequence[Membership] = (),
    fallback_at: dt.datetime | None = None,
) -> DrawTerms:
    """Fix the terms of the draw from a frozen list; ``floor`` is the ratio the plan or the notice asks for.

    TransitionError when the list is not frozen or has a draw or terms under way, ValidationError when the list
    was altered, a value is out of bounds, or a ratio below the plan's has no reason (通知二(二)1、三).
    """
    acts.require_free(frame.campaign, about=acts.list_key(frame))
    locked = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
    if locked.state != FrameState.FROZEN:
        raise TransitionError("这份名单没有冻结，不能公布抽取约定。", obj=locked)
    if existing := frame.runs.valid().first():
        raise TransitionError(f"{frame}已有有效的抽取结果。", obj=existing)
    if not 1 <= ratio <= 100:
        raise ValidationError({"ratio": "抽查比例须在1%至100%之间。"})
    if ratio < floor and not ratio_reason.strip():
        raise ValidationError({"ratio_reason": f"抽查比例低于{floor}%，请说明理由。"})
    total = len(frames.holders_of(frame))
    content = {
        "fields": [],
        "last": 0,
        "ratio": ratio,
        "required": settling.required_of(frame, total, ratio),
        "taken": [],
    }
    return _announce(
        frame,
        kind=TermsKind.BUREAUS if frame.of_bureaus else TermsKind.UNITS,
        content=content,
        issue=issue,
        moment=moment,
        actor=actor,
        ratio_reason=ratio_reason.strip(),
        seen_by=Seen(list(witnesses), fallback_at) if fallback_at else None,
    )


@transaction.atomic
def announce_supplement(
    run: DrawRun, *, fields: Iterable[str], issue: str, moment: dt.datetime, actor: Actor | None
) -> DrawTerms:
    """Fix the terms under which the fields a draw has missed are drawn for."""
    missed = sorted(set(fields))
    content = _after(run) | {"fields": missed, "required": len(missed)}
    return _announce(
        run.frame,
        kind=TermsKind.SUPPLEMENT,
        content=content,
        issue=issue,
        moment=moment,
        actor=actor,
        run=run,
    )


@transaction.atomic
def announce_substitute(
    run: DrawRun,
    *,
    units: Iterable[DrawnUnit],
    ground: str,
    evidence: str,
    issue: str,
    moment: dt.datetime,
    actor: Actor | None,
) -> DrawTerms:
    """Ask that drawn units be struck, and fix how their substitutes are drawn.

    They are struck once the office above has acknowledged it; who follows depends on an issue published after
    that. ValidationError without evidence, or for a unit whose visit has begun.
    """
    chosen = sorted(units, key=lambda row: row.order)
    if not chosen:
        raise ValidationError({"units": "请至少选择一家单位。"})
    if not evidence.strip():
        raise ValidationError({"evidence": "请写明依据，例如登记机关的注销文书及文号。"})
    for row in chosen:
        if row.run_id != run.pk or row.struck_at:
            raise ValidationError({"units": f"{row.name_then}不在本次抽取结果中，或者已经划除。"})
        if reasons := extension.begun(row):
            raise ValidationError({"units": f"{row.name_then}：{reasons[0]}"})
    keys = frames.keys_of(run.frame)
    struck = [
        {"evidence": evidence.strip(), "ground": ground, "unit": keys.get(row.unit_id, row.named)}
        for row in chosen
    ]
    content = _after(run)
    left = len(frames.holders_of(run.frame)) - len(content["taken"])  # type: ignore[arg-type]
    content |= {"required": min(len(chosen), max(left, 0)), "struck": struck}
    return _announce(
        run.frame,
        kind=TermsKind.SUBSTITUTE,
        content=content,
        issue=issue,
        moment=moment,
        actor=actor,
        run=run,
    )


def _after(run: DrawRun) -> dict[str, object]:
    """What later terms of a draw hold: what has been taken, and the result they follow."""
    keys = frames.keys_of(run.frame)
    drawn = run.drawn.values_list("unit_id", "named")
    earlier = run.supplements.last()
    return {
        "base": earlier.result_hash if earlier else run.result_hash,
        "fields": [],
        "last": run.drawn.aggregate(last=Max("order"))["last"] or 0,
        "ratio": run.ratio,
        "taken": sorted({keys[pk] for pk, _ in drawn if pk in keys}),
    }


def _next_number(frame: SamplingFrame) -> int:
    """What the next terms of an office are called; what has lapsed by its hour ends first and holds nobody up."""
    for row in frame.terms.filter(state=TermsState.ANNOUNCED):
        catch_up(row)
    known = DrawTerms.objects.filter(campaign=frame.campaign_id, authority=frame.authority_id)
    return (known.aggregate(last=Max("number"))["last"] or 0) + 1


def _announce(
    frame: SamplingFrame,
    *,
    kind: TermsKind,
    content: dict[str, object],
    issue: str,
    moment: dt.datetime,
    actor: Actor | None,
    run: DrawRun | None = None,
    ratio_reason: str = "",
    seen_by: Seen | None = None,
) -> DrawTerms:
    check_moment(issue, moment)
    if seen_by:
        content |= seen_by.terms(issue, authority_id=frame.authority_id)
    current = hashing.hash_of("frame", frames.json_of(frame)).hex()
    if current != frame.hash:
        raise ValidationError("冻结的名单与其哈希不一致，不能抽取，请联系管理员核查。")
    number = _next_number(frame)
    text = _text(frame, content, kind=kind, number=number, issue=issue, moment=moment)
    hashed = hashing.digest("terms", text.encode())
    nonce = nonces.fresh()
    try:
        with transaction.atomic():
            row = DrawTerms.objects.create(
                campaign=frame.campaign,
                authority=frame.authority,
                frame=frame,
                run=run,
                kind=kind,
                number=number,
                ratio_reason=ratio_reason,
                issue=issue,
                moment=moment,
                acknowledge_by=moment - terms.BEFORE,
                text=text,
                hash=hashed.hex(),
                sealed_nonce=sealing.seal(nonce.hex()),
                commitment=hashing.commitment(hashed, nonce).hex(),
                announced_by=actor,
                fallback_at=seen_by.fallback_at if seen_by else None,
            )
            if seen_by:
                seen_by.keep(row)
    except IntegrityError as error:
        raise TransitionError("这份名单已有一份约定尚未办结，请先办结。", obj=frame) from error
    audit.record(
        row,
        actor=actor,
        action="terms.announce",
        label="公布抽取约定",
        after={"number": number, "terms": row.hash, "commitment": row.commitment},
        note=f"第{number}号，{kind.label}，{row.content['source']}，第{issue}期，{cn_datetime(moment)}。{ratio_reason}",
    )
    terms.owe_check(row, terms.CHECK_DUTY, due=row.acknowledge_by)
    notifications.tell_announced(row, sender=actor)
    if seen_by:
        witnessing.tell_named(row, sender=actor)
    terms_letter.post(row)
    return row


def _text(
    frame: SamplingFrame,
    content: dict[str, object],
    *,
    kind: TermsKind,
    number: int,
    issue: str,
    moment: dt.datetime,
) -> str:
    """The terms byte for byte as they are hashed."""
    return hashing.canonical(
        {"fallback": lottery.FALLBACK, "grammar": lottery.GRAMMAR, "source": lottery.NAME}
        | content
        | {
            "algorithm": hashing.ALGORITHM,
            "authority": frame.authority.code,
            "campaign": frame.campaign.code,
            "frame": frame.hash,
            "issue": issue,
            "kind": kind.value,
            "moment": terms.clock_text(moment),
            "number": number,
        }
    )


def check_moment(issue: str, moment: dt.datetime) -> None:
    """ValidationError unless there is time to acknowledge, and the issue is one of the lottery."""
    if not lottery.is_issue(issue):
        raise ValidationError({"issue": "期号由年份和三位序号组成，例如2021061。"})
    if moment - terms.BEFORE <= clock.now():
        raise ValidationError({"day": "约定的时间至少在24小时之后，上级才来得及收悉。"})
    if moment > clock.now() + FURTHEST:
        raise ValidationError({"day": "约定的时间应在31天之内。"})
