"""A record from its first question to the signatures: what changes it voids them, what closes it keeps its words."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet

from inspections.deadlines import visit_refusals
from inspections.enums import InterviewState as State
from inspections.enums import TaskState, TeamRole
from inspections.models import InspectionTask, Interview, InterviewSignature
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.handwriting import Handwriting
from metrostd.common.transitions import Transition, TransitionError
from metrostd.common.uploads import PNG, store_bytes

from . import papers

#: So many officers sign (行政处罚法第四十二条).
OFFICERS = 2
#: While the visit goes on and until its result is reviewed.
OPEN = TaskState.under_way | {TaskState.CONCLUDED.value}
#: What every record begins with: who asks, and what the person may do.
OPENING = (
    "我们是{authority}的执法人员，这是我们的执法证件。现就计量标准监督检查有关情况向你了解，请如实回答。你看清楚了吗？",
    "你有权申请与本次检查有直接利害关系的执法人员回避，有权陈述和申辩。你是否申请回避？",
)


def _unwritten(interview: Interview) -> str:
    """Every question has its answer before anybody signs."""
    if any(not answer for _, answer in interview.lines) or not interview.lines:
        return "还有问题没有记录回答。"
    return ""


def _without_officers(interview: Interview) -> str:
    signed = _standing(interview).exclude(membership=None).count()
    return f"还需要{OFFICERS}名执法人员签字。" if signed < OFFICERS else ""


def _without_person(interview: Interview) -> str:
    there = _standing(interview).filter(membership=None).exists()
    return "" if there else "被询问人还没有签字。"


CLOSE = Transition(
    "interview.close",
    "签字完成",
    frozenset({State.DRAFT}),
    State.SIGNED,
    guards=(_unwritten, _without_person, _without_officers),
)
REFUSE = Transition(
    "interview.refuse",
    "登记拒绝签字",
    frozenset({State.DRAFT}),
    State.REFUSED,
    needs_note=True,
    guards=(_unwritten, _without_officers),
)
VOID = Transition("interview.void", "作废", frozenset({State.DRAFT}), State.VOID, needs_note=True)

MOVES = (CLOSE, REFUSE, VOID)


def _standing(interview: Interview) -> QuerySet[InterviewSignature]:
    return interview.signatures.filter(void_at=None)


@transaction.atomic
def begin(
    task: InspectionTask,
    *,
    actor: Actor,
    person: str,
    position: str,
    place: str,
    began_at: dt.datetime,
) -> Interview:
    """Begin a record; it opens with who asks and what the person may do. The acting member writes it down.

    Raises ValidationError for a time before the visit or in the future, TransitionError when the visit is not open.
    """
    InspectionTask.objects.select_for_update().get(pk=task.pk)
    if task.state not in OPEN:
        raise TransitionError("检查开始后、审核前才能制作现场笔录。", obj=task)
    if actor.acting is None:
        raise ValidationError("请先选择身份。")
    wrong = visit_refusals(task, began_at, field="began_at", what="开始时间", reason="现场制作")
    if wrong:
        raise ValidationError(wrong)
    last = task.interviews.aggregate(last=Max("number"))["last"] or 0
    made = Interview.objects.create(
        task=task,
        number=last + 1,
        person=person.strip(),
        position=position.strip(),
        place=place.strip(),
        began_at=began_at,
        recorder=actor.acting,
        lines=[[text.format(authority=task.authority.name), ""] for text in OPENING],
    )
    audit.record(
        made, actor=actor, action="interview.begin", label="制作现场笔录", after={"person": person}
    )
    return made


@transaction.atomic
def write(
    interview: Interview,
    *,
    actor: Actor | None,
    lines: Sequence[tuple[str, str]],
    remark: str,
    seen: str,
) -> None:
    """Write down questions and answers; signatures under other words are void.

    ``seen`` is the hash of what the page showed: somebody else's words are not written over. Raises TransitionError
    then and once the record is closed, ValidationError without a question.
    """
    now = Interview.objects.select_for_update(of=("self",)).get(pk=interview.pk)
    if now.state != State.DRAFT:
        raise TransitionError("笔录已经签字，不能再改。", obj=now)
    if papers.content_hash(now) != seen:
        raise TransitionError("笔录刚刚被他人修改，请核对后再改。", obj=now)
    said = [[q.strip(), a.strip()] for q, a in lines if q.strip() or a.strip()]
    if not said or any(not question for question, _ in said):
        raise ValidationError("每条回答都要有问题，至少记录一个问题。")
    before = {"lines": now.lines, "remark": now.remark}
    interview.lines, interview.remark = said, remark.strip()[:300]
    interview.save(update_fields=["lines", "remark"])
    if papers.content_hash(interview) != seen:
        _standing(interview).update(void_at=clock.now())
    audit.record(
        interview,
        actor=actor,
        action="interview.write",
        label="记录问答",
        before=before,
        after={"lines": said, "remark": interview.remark},
    )


@transaction.atomic
def sign(
    interview: Interview,
    *,
    actor: Actor,
    membership: Membership | None,
    hand: Handwriting,
    seen: str,
    at: dt.datetime | None = None,
) -> InterviewSignature:
    """An officer signs in their own session; for ``membership`` None an officer takes the signature of who answered.

    ``at`` is when it was given, where that was without a network.

    Raises ValidationError for who may not, TransitionError when the words have changed or the record is closed.
    """
    now = Interview.objects.select_for_update(of=("self",)).get(pk=interview.pk)
    if now.state != State.DRAFT or papers.content_hash(now) != seen:
        raise TransitionError("笔录刚刚被修改或者已经签字，请核对后再签。", obj=now)
    if reason := _unwritten(now):
        raise ValidationError(reason)
    own = now.task.team.filter(membership__user=actor.pk, role__in=TeamRole.officers)
    if not own.exists() or (membership is not None and membership.user_id != actor.pk):
        raise ValidationError("由检查组执法人员本人签字，或者由其收取被询问人的签字。")
    if _standing(now).filter(membership=membership).exists():
        raise TransitionError("已经签字。", obj=now)
    made = InterviewSignature.objects.create(
        interview=now,
        membership=membership,
        name=str(membership.user) if membership else now.person,
        image=store_bytes(hand.png, media_type=PNG),
        strokes=hand.strokes,
        collected_by_id=actor.pk,
        content_hash=seen,
        signed_at=at or clock.now(),
    )
    audit.record(
        now, actor=actor, action="interview.sign", label="笔录签字", after={"name": made.name}
    )
    return made


@transaction.atomic
def close(interview: Interview, *, actor: Actor | None) -> None:
    """The person and two officers have signed: the record stays as it is."""
    CLOSE.apply(interview, actor=actor, ended_at=clock.now())
    _keep_words(interview)


@transaction.atomic
def refuse(interview: Interview, *, actor: Actor | None, note: str, witness: str) -> None:
    """Whoever answered does not sign: what happened and who saw it is on the paper instead."""
    if not witness.strip():
        raise ValidationError({"witness": "请填写见证人姓名。"})
    REFUSE.apply(
        interview,
        actor=actor,
        note=note,
        ended_at=clock.now(),
        refusal_reason=note.strip()[:300],
        refusal_witness=witness.strip()[:40],
    )
    _keep_words(interview)


@transaction.atomic
def void(interview: Interview, *, actor: Actor | None, note: str) -> None:
    """A record that was begun by mistake is struck, with the reason."""
    VOID.apply(interview, actor=actor, note=note)


def _keep_words(interview: Interview) -> None:
    interview.words = papers.words_of(interview)
    interview.save(update_fields=["words"])
    papers.paper(interview)
