"""From answers to findings: one finding for each deficient or nonconforming answer of a task."""

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckAnswer

from . import conclusions
from .enums import FindingState
from .models import (
    CertificationReview,
    ChecklistAnswer,
    Finding,
    InspectionTask,
    ReviewProblem,
)

#: The trail's name for a drafted finding that follows its sheet again.
REFRESH = "finding.refresh"
_RAISED = ("severity", "is_key", "fact", "basis", "self_check_answer", "raised_at", "stands")
_REFRESHED = ("category", "severity", "is_key", "fact", "basis", "self_check_answer")


def draft_findings(task: InspectionTask, *, actor: Actor | None) -> list[Finding]:
    """Draft or refresh a finding per problem answer; returns those to be confirmed.

    After a reopening, findings whose answer is no problem any more stay in draft: they are not
    counted and the unit does not see them. Bulk: a fixed number of queries.
    """
    answers = [
        answer
        for answer in ChecklistAnswer.objects.filter(sheet__task=task)
        .select_related("sheet", "item")
        .order_by("pk")
        if conclusions.severity_of(answer.item.code, answer.answer) is not None
    ]
    known = {f.answer_id: f for f in Finding.objects.filter(task=task)}
    claimed = self_check_answers(task) if answers else {}
    new, again = [], []
    for answer in answers:
        finding = known.get(answer.pk)
        values = _values(answer, claimed)
        if finding is None:
            new.append(
                Finding(
                    task=task,
                    campaign_id=task.campaign_id,
                    authority_id=task.authority_id,
                    sheet=answer.sheet,
                    answer=answer,
                    standard_id=answer.sheet.standard_id,
                    item=answer.item,
                    **values,
                )
            )
        elif finding.state == FindingState.DRAFT:
            for name, value in values.items():
                setattr(finding, name, value)
            again.append(finding)
    Finding.objects.bulk_create(new)
    if again:
        Finding.objects.bulk_update(again, _REFRESHED)
        audit.record_many(again, actor=actor, action=REFRESH, label="按检查表更新问题")
    return [*new, *again]


def _values(
    answer: ChecklistAnswer, claimed: dict[tuple[int | None, str], str]
) -> dict[str, object]:
    item = answer.item
    return {
        "category": item.problem_category,
        "severity": conclusions.severity_of(item.code, answer.answer),
        "is_key": item.is_key,
        "fact": answer.note.strip(),
        "basis": item.basis,
        "self_check_answer": claimed.get((answer.sheet.standard_id, item.code), ""),
    }


def raise_problems(review: CertificationReview, *, actor: Actor | None) -> int:
    """A problem of the review for each answer that is one; after a reopening those there are follow it.

    Returns how many stand. Bulk: a fixed number of queries.
    """
    answers = [
        answer
        for answer in ChecklistAnswer.objects.filter(sheet__task=review.task_id)
        .select_related("sheet", "item__section")
        .order_by("pk")
        if conclusions.severity_of(answer.item.code, answer.answer) is not None
    ]
    known = {row.answer_id: row for row in review.problems.all()}
    claimed = self_check_answers(review.task) if answers else {}
    new: list[ReviewProblem] = []
    again: list[ReviewProblem] = []
    for answer in answers:
        row = known.get(answer.pk) or ReviewProblem(
            review=review,
            sheet=answer.sheet,
            answer=answer,
            item=answer.item,
            group=answer.item.section.code,
        )
        values = _values(answer, claimed) | {"raised_at": clock.now(), "stands": True}
        values.pop("category")
        for name, value in values.items():
            setattr(row, name, value)
        (again if row.pk else new).append(row)
    ReviewProblem.objects.bulk_create(new)
    ReviewProblem.objects.bulk_update(again, _RAISED)
    audit.record_many([*new, *again], actor=actor, action="review_problem.raise", label="认定问题")
    return len(answers)


def self_check_answers(task: InspectionTask) -> dict[tuple[int | None, str], str]:
    """What the unit or bureau answered in its self-check, by (standard, item code); reports not yet
    handed in are its own business and left out."""
    rows = SelfCheckAnswer.objects.filter(
        report__campaign=task.campaign_id,
        report__unit=task.unit_id,
        report__bureau=task.bureau_id,
        report__state__in=ReportState.readable,
    ).exclude(answer="")
    return {
        (standard, code): answer
        for standard, code, answer in rows.order_by("pk").values_list(
            "standard_id", "item__code", "answer"
        )
    }
