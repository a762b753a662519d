"""Reports of a unit: submitted for a whole order, decided finding by finding (通知二(三))."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.enums import FindingState
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import check_state
from rectification import notifications, queries
from rectification.enums import ReviewMethod, ReviewResult
from rectification.models import Rectification, RectificationOrder, RectificationReview

from . import extension as extension_moves
from . import order as order_moves
from .held import held


def open_to_submit(states: Iterable[str]) -> Verdict:
    """There is something to report while any finding of the order waits for the unit."""
    if FindingState.owed_by_unit.intersection(states):
        return YES
    return not_now("没有待报送的整改情况；已过整改期限的，视为整改不合格。")


@transaction.atomic
def submit_rectification(order: RectificationOrder, *, actor: Actor | None) -> int:
    """Report on the findings of an order to the inspecting office; returns how many.

    Every finding that waits for the unit has to be complete; one with an extension may follow
    later while others are due. Raises ValidationError naming what is missing, TransitionError
    when nothing waits for the unit.
    """
    order = held(order)
    owed = order.items.filter(finding__state__in=FindingState.owed_by_unit)
    findings = [
        item.finding
        for item in owed.select_related("finding__item", "finding__task__campaign").order_by("pk")
    ]
    for finding in findings:
        catch_up(finding)
    if lapsed := [f for f in findings if f.state not in FindingState.owed_by_unit]:
        order.refresh_from_db(fields=["state"])
        findings = [f for f in findings if f not in lapsed]
    check_state(open_to_submit(finding.state for finding in findings), obj=order)
    ready = _complete(findings)
    now, on = clock.now(), clock.today()
    for finding, report, names in ready:
        Rectification.objects.filter(pk=report.pk).update(
            submitted_at=now,
            submitted_by=actor,
            is_late=finding.due_on is not None and on > finding.due_on,
        )
        audit.record(
            report,
            actor=actor,
            action="rectification.report",
            label="报送整改情况",
            after={
                "cause": report.cause,
                "action": report.action,
                "prevention": report.prevention,
                "files": names,
            },
        )
        finding_moves.submit(finding, actor=actor)
        # Reported after all: the request for a later day needs no answer any more.
        duties.cancel(finding, kind=DutyKind.EXTENSION)
    order_moves.follow(order, actor=actor)
    notifications.tell_submitted(order, findings=len(ready), actor=actor)
    return len(ready)


def _complete(findings: list[Finding]) -> list[tuple[Finding, Rectification, list[str]]]:
    """The findings whose report is complete; raises ValidationError for those that have to be."""
    # Held while they are checked: what is saved meanwhile is either checked too or refused.
    reports = {
        row.finding_id: row
        for row in Rectification.objects.select_for_update(of=("self",))
        .filter(finding__in=findings, submitted_at=None)
        .order_by("round")
    }
    files = queries.files_by_finding(finding.pk for finding in findings)
    returned = queries.returned_rounds(reports.values())
    may_follow = any(finding.extended_from is None for finding in findings)
    ready, problems = [], []
    for finding in findings:
        report, rows = reports[finding.pk], files.get(finding.pk, [])
        if lacking := queries.missing_parts(report, len(rows)):
            if finding.extended_from is None or not may_follow:
                problems.append(f"{finding.item.code}：缺少{'、'.join(lacking)}。")
            continue
        before = returned.get(finding.pk)
        if before and queries.unchanged(report, before, rows):
            problems.append(
                f"{finding.item.code}：退回后没有修改，也没有补充证明材料，请按退回意见补正后报送。"
            )
            continue
        ready.append((finding, report, [row.file.sha256 for row in rows]))
    if problems:
        raise ValidationError(problems)
    return ready


@transaction.atomic
def review_finding(
    finding: Finding, *, method: str, result: str, opinion: str, actor: Actor | None
) -> RectificationReview:
    """Confirm, return or fail what the unit reported on one finding.

    Returning is possible until the due day; returning and failing need an opinion. Raises
    ValidationError for those, TransitionError when nothing is waiting for a decision.
    """
    order = held(finding.order_item.order)
    finding.refresh_from_db(fields=["state", "due_on", "decision"])
    finding_moves.VERIFY.check(finding)
    opinion = opinion.strip()
    if result != ReviewResult.PASSED and not opinion:
        raise ValidationError({"opinion": "退回或者认定整改不合格时，请写明意见。"})
    report = Rectification.objects.filter(finding=finding, submitted_at__isnull=False).latest(
        "round"
    )
    match ReviewResult(result):
        case ReviewResult.PASSED:
            finding_moves.verify(finding, actor=actor, note=opinion)
        case ReviewResult.RETURNED:
            finding_moves.send_back(finding, actor=actor, note=opinion)
            report.next_round().save(force_insert=True)
            extension_moves.owe_answer_again(finding)
        case ReviewResult.FAILED:
            finding_moves.fail(finding, actor=actor, note=opinion)
    review = RectificationReview.objects.create(
        rectification=report,
        finding=finding,
        method=ReviewMethod(method),
        result=result,
        opinion=opinion,
        reviewed_by=actor,
    )
    order_moves.follow(order, actor=actor)
    notifications.tell_reviewed(order, finding, body=opinion, actor=actor)
    return review
