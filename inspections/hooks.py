"""What this stage adds to campaigns: tasks from a draw, and what stands against closing or voiding."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db.models import Q

from campaigns import duties
from campaigns.enums import DrawState, DutyKind
from campaigns.extension import (
    DrawnVisit,
    Turn,
    begun_guard,
    bureau_visits,
    closing_guard,
    drawn_visits,
    on_drawn,
    void_guard,
)
from campaigns.models import Campaign, DrawnBureau, DrawnUnit, DrawRun
from campaigns.pledges import Kept, keep_under_pledge
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.models import AuditEntry
from metrostd.registry.extension import on_certificate_act
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.trail.unusual import Departure, departures
from selfcheck.extension import Known, judges_beforehand
from selfcheck.models import SelfCheckAnswer, SelfCheckReport

from . import from_draw, hints, reviews
from .enums import FindingState, NotPerformedReason, StopState, TaskState
from .enums.reviews import ReviewState
from .models import CertificationReview, Finding, InspectionTask, StopTransferOrder
from .moves.stop import supersede_stops_on


@on_drawn
def list_tasks(
    run: DrawRun, *, actor: Actor | None, turn: Turn, progress: Callable[..., None]
) -> None:
    """Create the missing tasks; what an earlier, void draw of the frame listed, or what was struck, is owed no more."""
    if run.frame.of_bureaus:
        with turn():
            reviews.create_reviews(run, actor=actor)
        return
    void = InspectionTask.objects.filter(
        Q(drawn_unit__run__state=DrawState.VOID) | Q(drawn_unit__struck_at__isnull=False),
        drawn_unit__run__frame=run.frame_id,
    )
    with turn():
        for task in void.filter(state=TaskState.PLANNED):
            duties.cancel(task, kind=DutyKind.INSPECTION)
    from_draw.create_tasks(run, actor=actor, turn=turn, progress=progress)


@void_guard
def tasks_under_way(run: DrawRun) -> Iterable[str]:
    """A draw whose tasks have gone past the list stands."""
    drawn = Q(drawn_unit__run=run) | Q(review__drawn__run=run)
    under_way = InspectionTask.objects.filter(drawn).exclude(state=TaskState.PLANNED)
    if count := under_way.count():
        yield f"已有 {count} 个检查任务派员或实施，不能作废抽取结果。"


@drawn_visits
def visits_of_drawn(drawn: Iterable[DrawnUnit], viewer: Actor) -> Iterable[DrawnVisit]:
    """From what was drawn to what became of it."""
    tasks = InspectionTask.objects.visible_to(viewer).filter(drawn_unit__in=[d.pk for d in drawn])
    for task in tasks.only("drawn_unit", "kind", "state").order_by("pk"):
        label = f"{task.get_kind_display()}：{task.get_state_display()}"
        yield DrawnVisit(task.drawn_unit_id or 0, label, task.state_tone, task.get_absolute_url())


@bureau_visits
def reviews_of_drawn(drawn: Iterable[DrawnBureau], viewer: Actor) -> Iterable[DrawnVisit]:
    """From a drawn bureau to what became of it."""
    rows = CertificationReview.objects.visible_to(viewer).filter(drawn__in=[d.pk for d in drawn])
    for row in rows:
        yield DrawnVisit(
            row.drawn_id, row.get_state_display(), row.state_tone, row.get_absolute_url()
        )


@on_certificate_act
def end_stops(certificate: StandardCertificate, *, act: str, actor: Actor | None) -> None:
    """A standard whose certificate was sealed or has ended is out of use by that: nothing is left to accept."""
    supersede_stops_on(certificate.standard, act=act, actor=actor)


@closing_guard
def open_reviews(campaign: Campaign) -> Iterable[str]:
    """Bureaus whose problems are not settled (通知二(四))."""
    rows = CertificationReview.objects.standing().filter(campaign=campaign)
    if count := rows.exclude(state__in=ReviewState.over).count():
        yield f"{count} 个区局的考核工作监督检查尚未办结。"


@begun_guard
def visit_begun(drawn: DrawnUnit) -> Iterable[str]:
    """Further standards are for the team to prepare for: not once it is at the door."""
    tasks = InspectionTask.objects.filter(drawn_unit=drawn)
    if tasks.exclude(state__in=TaskState.not_begun).exists():
        yield "这家单位的检查已经开始，不能再增加计量标准。"


@judges_beforehand
def told_to_the_unit(
    report: SelfCheckReport, rows: Sequence[SelfCheckAnswer]
) -> Mapping[int, Known]:
    """A unit sees what the register holds of its own standards, and nothing of visits or other units."""
    asked = [row for row in rows if row.standard_id and row.item.hint_rule in hints.OF_STANDARDS]
    if report.unit is None or not asked:
        return {}
    own = MeasurementStandard.objects.filter(
        pk__in={row.standard_id for row in asked}, unit=report.unit_id
    )
    facts = hints.facts_by_standard(own, unit=report.unit, on=clock.today(), day="今天")
    found = {}
    for row in asked:
        if row.standard_id not in facts:
            continue
        its = facts[row.standard_id]
        if (hint := hints.hint_for(row.item, its)) is not None:
            found[row.pk] = Known(hint.text, hint.tone, hints.against(row.item.hint_rule, its))
    return found


@closing_guard
def open_tasks(campaign: Campaign) -> Iterable[str]:
    """Tasks that are not done, not reviewed, or not followed up."""
    tasks = InspectionTask.objects.listed().filter(campaign=campaign)
    found = tasks.count_by_state()
    waiting = tasks.filter(state=TaskState.NOT_PERFORMED)
    last = waiting.filter(not_performed__reason__in=NotPerformedReason.terminal).count()
    if count := sum(found.get(state, 0) for state in TaskState.unfinished):
        yield f"{count} 个检查任务尚未结束。"
    if count := found.get(TaskState.CONCLUDED, 0):
        yield f"{count} 个检查任务尚未审核。"
    if count := found.get(TaskState.NOT_PERFORMED, 0) - last:
        yield f"{count} 个未能实施的任务尚未安排后续检查。"
    if last:
        yield f"{last} 个不再检查的任务尚未办结。"
    if count := found.get(TaskState.REFUSED, 0):
        yield f"{count} 个拒绝检查的任务尚未安排后续检查。"


@closing_guard
def unanswered_issues(campaign: Campaign) -> Iterable[str]:
    """Matters somebody waits for an answer to (通知三(二))."""
    if count := campaign.single_issues.waiting().count():
        yield f"{count} 件一事一报尚未答复。"


@closing_guard
def unsettled_results(campaign: Campaign) -> Iterable[str]:
    """Findings nobody has acted on, stops nobody has decided or served (通知二(三)、(四))."""
    waiting = (FindingState.RAISED, FindingState.DISPUTED)
    found = Finding.objects.filter(campaign=campaign, state__in=waiting).count_by_state()
    if count := found.get(FindingState.RAISED, 0):
        yield f"{count} 个问题尚未下达整改文书。"
    if count := found.get(FindingState.DISPUTED, 0):
        yield f"{count} 个问题的异议尚未答复。"
    stops = StopTransferOrder.objects.filter(task__campaign=campaign).count_by_state()
    if count := sum(stops.get(state, 0) for state in StopState.undecided):
        yield f"{count} 项责令停止量值传递尚未决定或者送达。"
    if count := sum(stops.get(state, 0) for state in StopState.binding):
        yield f"{count} 项责令停止量值传递尚未解除。"


keep_under_pledge(
    "inspections",
    {
        "inspections/": Kept("inspections.InspectionTask"),
        "inspections/stops/": Kept("inspections.StopTransferOrder", "task__campaign"),
        "inspections/sheets/": Kept("inspections.ChecklistSheet", "task__campaign"),
        "inspections/bureaus/": Kept("inspections.CertificationReview"),
        "inspections/bureau-problems/": Kept("inspections.ReviewProblem", "review__campaign"),
        "inspections/answers/": Kept("inspections.ChecklistAnswer", "sheet__task__campaign"),
        "inspections/leases/": Kept("inspections.TaskLease", "task__campaign"),
        "inspections/interviews/": Kept("inspections.Interview", "task__campaign"),
        "inspections/joint/": Kept("inspections.JointVisit", "first__campaign"),
        "inspections/evidence/": Kept("inspections.Evidence", "answer__sheet__task__campaign"),
        "inspections/integrity/": Kept("inspections.IntegrityFeedback", "task__campaign"),
        "inspections/costs/": Kept("inspections.CostDeclaration", "task__campaign"),
        "inspections/signatures/": Kept("inspections.Signature", "task__campaign"),
        "inspections/single-issues/": Kept("inspections.SingleIssueReport"),
        "inspections/assigning/": Kept("inspections.AssignmentRun"),
        "inspections/opinions/": Kept("inspections.Opinion", "issue__campaign"),
    },
    free=(
        "inspections:declarations",
        "inspections:end_declaration",
        "inspections:checklists",
        "inspections:checklist",
        "inspections:checklist_xlsx",
        "inspections:checklist_upgrade",
        "inspections:checklist_upgrade_withdraw",
    ),
)


@departures
def left_a_team(since: dt.datetime) -> Iterable[Departure]:
    """Who was taken off a team, and of which unit's visit."""
    rows = AuditEntry.objects.filter(action="task.change_team", at__gte=since)
    units = dict(
        InspectionTask.objects.filter(pk__in=rows.values("target_id")).values_list(
            "pk", "unit__name"
        )
    )
    for row in rows.order_by("pk"):
        was, stays = (set((side or {}).get("people", ())) for side in (row.before, row.after))
        for person in was - stays:
            yield Departure(person=person, at=row.at, unit=units.get(row.target_id, ""))
