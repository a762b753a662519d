"""The result of a visit: signatures complete, findings raised, reviewed or given back, closed."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections import notifications, raising, record_facts, signed_records
from inspections.conclusions import worst_of
from inspections.enums import FindingState, SignerKind, StopState, TeamRole
from inspections.enums import TaskState as State
from inspections.enums.reviews import ReviewState
from inspections.integrity.acts import cost_open
from inspections.models import InspectionTask
from inspections.services import EVIDENCE_TYPES
from inspections.signatures import keep_signing, void_signatures
from inspections.signed_content import content_hash
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import Transition
from metrostd.common.uploads import store_upload

from . import finding as finding_moves
from . import review as review_moves

#: The office reviews a concluded visit within ten work days.
REVIEW_WORKDAYS = 10


def moved_on(task: InspectionTask) -> str:
    """A visit whose findings are objected to or ordered to be rectified is not given back any more."""
    if any(f.state not in FindingState.recallable for f in task.findings.all()):
        return "已有问题进入异议或整改程序，不能再退回重填。"
    return ""


def unsettled(task: InspectionTask) -> str:
    """The file stays open while a finding is, or a stop order is not lifted; of a bureau while its review is."""
    if (of_bureau := review_moves.of_task(task)) is not None:
        over = of_bureau.state in ReviewState.over
        return (
            "" if over else f"考核工作监督检查目前是“{of_bureau.get_state_display()}”，不能办结。"
        )
    if waiting := sum(f.state in FindingState.unsettled for f in task.findings.all()):
        return f"还有 {waiting} 个问题没有销号，不能办结。"
    if any(order.state not in StopState.settled for order in task.stop_orders.all()):
        return "责令停止量值传递尚未解除，不能办结。"
    return ""


CONCLUDE = Transition("task.conclude", "结束检查", frozenset({State.SIGNING}), State.CONCLUDED)
REVIEW = Transition(
    "task.review",
    "审核通过",
    frozenset({State.CONCLUDED}),
    State.REVIEWED,
    guards=(cost_open,),
)
REOPEN = Transition(
    "task.reopen",
    "退回重填",
    frozenset({State.CONCLUDED}),
    State.IN_PROGRESS,
    needs_note=True,
    guards=(moved_on,),
)
CLOSE = Transition(
    "task.close", "办结", frozenset({State.REVIEWED}), State.CLOSED, guards=(unsettled,)
)

MOVES = (CONCLUDE, REVIEW, REOPEN, CLOSE)


def open_for_orders(task: InspectionTask) -> Verdict:
    """What a visit leads to is ordered between its review and the closing of its file."""
    if task.state == State.REVIEWED:
        return YES
    return not_now(f"检查任务目前是“{task.get_state_display()}”，审核后、办结前才能办理。")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The unit does not sign: why, and who saw it or what shows it."""

    reason: str
    witness: str = ""
    evidence: UploadedFile | None = None


@transaction.atomic
def conclude(task: InspectionTask, *, actor: Actor | None, refusal: Refusal | None = None) -> int:
    """End the visit: everybody has signed, or the unit's refusal is on record; findings arise.

    Returns how many problems were raised. Raises ValidationError naming who has not signed yet, whose signature
    is under other content, or what the refusal lacks.
    """
    CONCLUDE.check(task)
    refused = _refusal(refusal) if refusal else {}
    _check_signatures(task, refused=bool(refusal))
    moment = clock.now()
    rows = list(task.sheets.select_related("standard"))
    facts = record_facts.words_of(record_facts.gather(task, rows))
    CONCLUDE.apply(
        task,
        actor=actor,
        note=f"被检查单位拒绝签字：{refusal.reason.strip()}" if refusal else "",
        left_at=task.left_at or moment,
        conclusion=worst_of(sheet.conclusion for sheet in rows).value,
        record_facts=facts,
        **refused,
    )
    task.sheets.update(signed_at=moment)
    found = _raise(task, actor=actor)
    duties.fulfil(task, kind=DutyKind.ONSITE_TASK)
    duties.assign(
        task.campaign,
        kind=DutyKind.INSPECTION_REVIEW,
        title=f"审核现场检查结论：{task.subject}",
        due_on=add_workdays(clock.today(), REVIEW_WORKDAYS),
        target=task,
        authority=task.authority,
    )
    notifications.tell_unit_of_result(task, findings=found, sender=actor)
    signed_records.render_record(task, actor=actor)
    return found


def _raise(task: InspectionTask, *, actor: Actor | None) -> int:
    """What the visit found: findings on a unit, problems of a bureau's certification work."""
    if task.bureau_id is not None:
        return review_moves.concluded(task, actor=actor)
    findings = raising.draft_findings(task, actor=actor)
    finding_moves.raise_all(findings, actor=actor)
    return len(findings)


def _refusal(refusal: Refusal) -> dict[str, object]:
    """The columns of a refusal; one nobody saw and nothing shows is not taken."""
    reason, witness = refusal.reason.strip(), refusal.witness.strip()
    if not reason:
        raise ValidationError({"reason": "请写明拒绝签字的情况。"})
    if not witness and refusal.evidence is None:
        raise ValidationError(
            {"witness": "拒绝签字的，请填写见证人姓名，或者上传照片、录像等证据。"}
        )
    file = refusal.evidence
    return {
        "refusal_reason": reason[:300],
        "refusal_witness": witness[:40],
        "refusal_evidence": store_upload(file, accept=EVIDENCE_TYPES) if file else None,
    }


def _check_signatures(task: InspectionTask, *, refused: bool) -> None:
    content = content_hash(task)
    signatures = list(task.signatures.filter(void_at=None))
    if stale := [each.name for each in signatures if each.content_hash != content]:
        raise ValidationError(
            f"签字后检查表内容有变化，{'、'.join(stale)}的签字已失效，请核对后重新签字。"
        )
    signed = {s.membership_id for s in signatures if s.kind == SignerKind.TEAM}
    team = list(task.team.select_related("membership__user"))
    missing = [str(place.membership.user) for place in team if place.membership_id not in signed]
    if missing:
        raise ValidationError(f"检查组成员尚未签字：{'、'.join(missing)}。")
    if not refused and not any(s.kind == SignerKind.UNIT for s in signatures):
        raise ValidationError("被检查单位代表尚未签字；拒绝签字的，请记录情况。")


@transaction.atomic
def review(task: InspectionTask, *, actor: Actor | None, note: str = "") -> None:
    """The office has checked the record; orders and referrals follow from here."""
    REVIEW.apply(task, actor=actor, note=note)
    for kind in (DutyKind.INSPECTION_REVIEW, DutyKind.INSPECTION, DutyKind.FOLLOW_UP):
        duties.fulfil(task, kind=kind)


@transaction.atomic
def reopen(task: InspectionTask, *, actor: Actor | None, note: str) -> None:
    """Give a concluded visit back to its team before review; signatures are void but kept.

    The signed record stays on file, findings go back to draft. Raises ValidationError when a
    finding has already moved on.
    """
    standing = list(task.findings.filter(state=FindingState.RAISED))
    nothing = {"refusal_reason": "", "refusal_witness": "", "refusal_evidence": None}
    REOPEN.apply(task, actor=actor, note=note, conclusion="", record_facts={}, **nothing)
    keep_signing(task, standing)
    review_moves.reopened(task, actor=actor, note=note)
    void_signatures(task)
    # The record on file stays there; what these sheets are to be signed to is not that any more.
    task.sheets.update(signed_at=None, record=None)
    finding_moves.recall_all(standing, actor=actor, note=note)
    duties.cancel(task, kind=DutyKind.INSPECTION_REVIEW)
    leader = task.team.select_related("membership").get(role=TeamRole.LEADER)
    duties.assign(
        task.campaign,
        kind=DutyKind.ONSITE_TASK,
        title=f"重填检查表：{task.subject}",
        detail=note[:200],
        due_on=add_workdays(clock.today(), REVIEW_WORKDAYS),
        target=task,
        membership=leader.membership,
    )
    notifications.tell_team(task, sender=actor)


@transaction.atomic
def close(task: InspectionTask, *, actor: Actor | None) -> None:
    """Close the file: every finding settled, no stop order left open."""
    CLOSE.apply(task, actor=actor)
