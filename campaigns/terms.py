"""抽取约定: announced before a draw, acknowledged above in time, or lapsed; its moves in one table.

The office fixes everything that could steer a draw (list, ratio, source, issue, moment) and commits to a secret
number. What is then missing comes from a lottery nobody here controls. ``docs/draw.md`` explains why each step
is there.
"""

import copy
import datetime as dt

from django.db import transaction
from django.db.models import DateField, F, QuerySet, Value

from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up, kept_by_clock
from metrostd.common.prepared import Given
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.common.transitions import Transition, TransitionError, bulk_apply

from . import duties, extension, frames, notifications
from .by_clock import CANCELLED, ended_by_clock
from .enums import DrawState, DutyKind, StrikeGround, TermsKind, TermsState
from .models import DrawRun, DrawTerms, Duty
from .protocol import lottery, witness

#: So long before the moment the office above has acknowledged number, terms and commitment.
BEFORE = dt.timedelta(hours=24)
#: So long after the moment the office may enter the value itself; then those above do.
GRACE = dt.timedelta(hours=24)
CHECK_DUTY = "收悉抽取约定"
CONFIRM_DUTY = "核对开奖号码"


def too_early(terms: DrawTerms) -> str:
    """Nothing is entered, let alone drawn, before the named moment."""
    if clock.now() >= terms.moment:
        return ""
    return f"约定的时间是{cn_datetime(terms.moment)}，在此之前不能录入号码。"


def fallback_counts(terms: DrawTerms) -> bool:
    """Whether the time of the witnesses is over and the named issue of the lottery counts."""
    return terms.fallback_at is None or clock.now() >= terms.fallback_at


def waits_for_witnesses(terms: DrawTerms) -> str:
    """As long as witnesses may still reveal, no other value is taken."""
    if fallback_counts(terms) or not terms.witnesses.filter(revealed_at=None).exists():
        return ""
    return f"由见证人公布；{cn_datetime(terms.fallback_at)}还有人没有公布的，改以双色球第{terms.issue}期为准。"


def said_by_witnesses(terms: DrawTerms) -> str:
    """What all witnesses have revealed stands: nobody enters, confirms or disputes it."""
    if not witness.is_value(terms.value):
        return ""
    return "见证人已全部公布，结果由此确定，系统正在抽取；不另行录入，也不核对。"


def earlier_unpublished(terms: DrawTerms) -> str:
    """What an earlier number would have given is published before the next one is drawn."""
    owed = terms.frame.terms.filter(
        state=TermsState.LAPSED, value="", moment__lte=clock.now(), number__lt=terms.number
    )
    if first := owed.first():
        return f"请先补录第{first.number}号约定的开奖号码，公布它本应抽中的名单。"
    return ""


ACKNOWLEDGE = Transition(
    "terms.acknowledge",
    "收悉抽取约定",
    frozenset({TermsState.ANNOUNCED}),
    TermsState.ACKNOWLEDGED,
    otherwise="不能再收悉",
)
LAPSE = Transition(
    "terms.lapse", "逾期未收悉", frozenset({TermsState.ANNOUNCED}), TermsState.LAPSED
)
ENTER = Transition(
    "terms.enter",
    "录入开奖号码",
    frozenset({TermsState.ACKNOWLEDGED}),
    TermsState.ENTERED,
    guards=(too_early, waits_for_witnesses, earlier_unpublished),
)
DISPUTE = Transition(
    "terms.dispute",
    "核对不一致",
    frozenset({TermsState.ENTERED}),
    TermsState.ACKNOWLEDGED,
    guards=(said_by_witnesses,),
)
DRAW = Transition("terms.draw", "核对一致，抽取", frozenset({TermsState.ENTERED}), TermsState.DRAWN)
#: The true value takes the place of a mistyped one: the same terms, the same nonce.
CORRECT = Transition(
    "terms.correct",
    "更正号码",
    frozenset({TermsState.DRAWN}),
    TermsState.ACKNOWLEDGED,
    needs_note=True,
)
ANNUL = Transition(
    "terms.annul",
    "废止约定",
    frozenset(TermsState.live | {TermsState.DRAWN}),
    TermsState.ANNULLED,
    needs_note=True,
)
TERMS_MOVES = (ACKNOWLEDGE, LAPSE, ENTER, DISPUTE, DRAW, CORRECT, ANNUL)


def known_at(day: dt.date) -> dt.datetime:
    """When the numbers of an evening are known: the moment of terms that name it."""
    return clock.at_time(day, lottery.KNOWN_AT.hour, lottery.KNOWN_AT.minute)


def clock_text(moment: dt.datetime) -> str:
    """A moment as terms and records spell it: local time to the second."""
    return clock.local(moment).isoformat(timespec="seconds")


@transaction.atomic
def acknowledge(terms: DrawTerms, *, actor: Actor | None) -> None:
    """The office above has number, terms and commitment: none of them can be changed unseen from now on.

    What the terms strike is struck with it.
    """
    receipt = "、".join(
        str(part)
        for part in (actor, actor and actor.acting and actor.acting.authority)
        if part is not None
    )
    ACKNOWLEDGE.apply(
        terms,
        actor=actor,
        acknowledged_by=actor,
        acknowledged_at=clock.now(),
        receipt=receipt[:120],
    )
    duties.fulfil(terms, kind=DutyKind.DRAW_CHECK)
    if terms.kind == TermsKind.SUBSTITUTE and terms.run is not None:
        _strike(terms, terms.run, actor=actor)
    notifications.tell_acknowledged(terms, sender=actor)


def _strike(terms: DrawTerms, run: DrawRun, *, actor: Actor | None) -> None:
    ids = {key: pk for pk, key in frames.keys_of(run.frame).items()}
    named = []
    for line in terms.content["struck"]:  # type: ignore[attr-defined]
        ground = StrikeGround(line["ground"]).label
        rows = run.drawn.standing().filter(unit=ids.get(line["unit"]))
        rows.update(struck_at=clock.now(), strike_reason=f"{ground}：{line['evidence']}"[:300])
        named.append(line["unit"])
    audit.record(
        run,
        actor=actor,
        action="draw.strike",
        label="划除抽中单位",
        after={"units": named, "terms": terms.number},
        note=f"第{terms.number}号约定，{len(named)}家单位。",
    )
    extension.after_draw(run, actor=actor)


def nonce_of(terms: DrawTerms) -> bytes:
    """The secret number; TransitionError when the key it was sealed with is gone."""
    found = terms.nonce or sealing.unseal(terms.sealed_nonce)
    if not found:
        raise TransitionError(
            "保管随机数的密钥已不可用，这份约定不能抽取，请由上级废止。", obj=terms
        )
    return bytes.fromhex(found)


#: What of terms belongs to one draw: another value takes its place when a mistyped one is corrected.
_OF_A_DRAW = ("value", "entered_by_id", "entered_at", "confirmed_by_id", "confirmed_at")


def made_with(terms: DrawTerms) -> dict[str, object]:
    """Value, people and times of a draw made under these terms, to be kept with it."""
    kept = {name: getattr(terms, name) for name in _OF_A_DRAW}
    return {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in kept.items()}


def of_run(run: DrawRun) -> DrawTerms | None:
    """The terms of a draw as they were when it was made: of a void one with the value that was mistyped."""
    then = run.facts.get("made_with")
    if run.terms is None or run.state != DrawState.VOID or not then:
        return run.terms
    row = copy.copy(run.terms)
    for name, value in then.items():
        at = name.endswith("_at") and value
        setattr(row, name, dt.datetime.fromisoformat(value) if at else value)
    return row


def published_nonce(terms: DrawTerms) -> str:
    """What is published when terms end: the number, or nothing where its key is lost."""
    return terms.nonce or sealing.unseal(terms.sealed_nonce)


def state_by_now(terms: DrawTerms) -> str:
    """Terms nobody has acknowledged in time have lapsed, whether the clock has been there or not."""
    late = terms.state == TermsState.ANNOUNCED and clock.now() > terms.acknowledge_by
    return TermsState.LAPSED if late else terms.state


@ended_by_clock(DutyKind.DRAW_CHECK, lambda parts: CANCELLED)
def nothing_to_check(on: Given, moment: Given) -> QuerySet[DrawTerms]:
    """By the hour: terms that have lapsed need nobody's acknowledgement any more."""
    no_day = Value(None, output_field=DateField())
    return _late(moment).annotate(about=F("pk"), now=F("state"), day=no_day)


def to_annul(rows: QuerySet[DrawTerms]) -> list[DrawTerms]:
    """Those of these terms that can be annulled; what lapsed by its date is put on record as lapsed."""
    found = list(rows.filter(state__in=ANNUL.sources))
    for terms in found:
        catch_up(terms)
    return [terms for terms in found if terms.state in ANNUL.sources]


def _late(moment: dt.datetime | Given) -> QuerySet[DrawTerms]:
    return DrawTerms.objects.filter(state=TermsState.ANNOUNCED, acknowledge_by__lt=moment)


@transaction.atomic
def lapse(only: DrawTerms | None = None) -> int:
    """End what was not acknowledged in time, publish its nonce, tell both sides; returns how many."""
    late = _late(clock.now())
    if only is not None:
        late = late.filter(pk=only.pk)
    rows = list(late.select_related("authority", "campaign"))
    moved = bulk_apply(LAPSE, rows, actor=None)
    for terms in rows:
        DrawTerms.objects.filter(pk=terms.pk).update(nonce=published_nonce(terms))
        duties.cancel(terms, kind=DutyKind.DRAW_CHECK)
        notifications.tell_lapsed(terms)
    return moved


@transaction.atomic
def report_overdue() -> int:
    """Tell those above of every draw its office has let pass; they can enter the value. Once each."""
    waiting = DrawTerms.objects.filter(
        state__in=(TermsState.ACKNOWLEDGED, TermsState.ENTERED),
        reported_at=None,
        moment__lt=clock.now() - GRACE,
    ).select_related("authority", "campaign")
    rows = list(waiting)
    for terms in rows:
        audit.record(terms, actor=None, action="terms.report", label="逾期未抽取，报上级办理")
        if not duties.is_owed(terms, kind=DutyKind.DRAW_CHECK):
            owe_check(terms, "录入开奖号码", due=clock.now())
        notifications.tell_overdue(terms)
    DrawTerms.objects.filter(pk__in=[terms.pk for terms in rows]).update(reported_at=clock.now())
    return len(rows)


def in_grace(terms: DrawTerms) -> bool:
    """Whether the office itself still enters the value."""
    return clock.now() <= (terms.fallback_at or terms.moment) + GRACE


def owe_check(terms: DrawTerms, title: str, *, due: dt.datetime) -> None:
    """Let the office above owe what comes next; for the organiser's own draws its discipline desk."""

    def duty(**who: object) -> Duty:
        return duties.build(
            terms.campaign,
            kind=DutyKind.DRAW_CHECK,
            title=f"{title}：{terms}",
            due_on=clock.local(due).date(),
            target=terms,
            **who,  # type: ignore[arg-type]
        )

    if terms.authority_id == terms.campaign.organiser_id:
        duties.assign_many(duty(membership=row) for row in notifications.above(terms))
    else:
        duties.assign_many([duty(authority=terms.campaign.organiser)])


kept_by_clock(DrawTerms, state=state_by_now, settle=lambda row: lapse(row))
