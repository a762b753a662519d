"""The moves of a self-check report: the table, what speaks against each, what follows from it."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from campaigns import duties
from campaigns.enums import CampaignState, DutyKind
from metrostd.common import act_dates, audit, clock, turns
from metrostd.common.actors import Actor
from metrostd.common.by_now import kept_by_clock
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.common.transitions import Transition, bulk_apply
from metrostd.registry.paper_numbers import paper_number

from . import deadlines, notifications, queries, receipts
from .enums import ReportState as State
from .enums import SubjectKind
from .models import SelfCheckAnswer, SelfCheckReport

_SHOWN_GAPS = 5


def not_running(report: SelfCheckReport) -> str:
    """Nothing about a report changes before its campaign has opened or after it has ended."""
    if report.campaign.state == CampaignState.OPEN:
        return ""
    return "专项行动不在进行中，自查报告不能再变动。"


#: Reports the clock marks at a time.
SLICE = 500

START = Transition(
    "selfcheck.start",
    "开始填报",
    frozenset({State.NOT_STARTED}),
    State.DRAFT,
    guards=(not_running,),
)
SUBMIT = Transition(
    "selfcheck.submit", "报送", State.submittable, State.SUBMITTED, guards=(not_running,)
)
ACCEPT = Transition(
    "selfcheck.accept", "接收", frozenset({State.SUBMITTED}), State.ACCEPTED, guards=(not_running,)
)
SEND_BACK = Transition(
    "selfcheck.send_back",
    "退回补正",
    frozenset({State.SUBMITTED}),
    State.RETURNED,
    needs_note=True,
    guards=(not_running,),
)
EXEMPT = Transition(
    "selfcheck.exempt",
    "免报",
    State.unfinished,
    State.EXEMPTED,
    needs_note=True,
    guards=(not_running, queries.exemption_blocker),
)
#: A standard it covers is in scope or in use again, or it was waived by mistake: it is owed after all.
REVIVE = Transition(
    "selfcheck.revive",
    "恢复报送",
    frozenset({State.EXEMPTED}),
    State.NOT_STARTED,
    needs_note=True,
    guards=(not_running, deadlines.past_summary),
)
REVIVE_BEGUN = Transition(
    "selfcheck.revive_begun",
    "恢复报送，继续填报",
    frozenset({State.EXEMPTED}),
    State.DRAFT,
    needs_note=True,
    guards=(not_running, deadlines.past_summary),
)
REOPEN = Transition(
    "selfcheck.reopen",
    "允许补充",
    frozenset({State.ACCEPTED}),
    State.REOPENED,
    needs_note=True,
    guards=(not_running, deadlines.past_summary),
)
MARK_OVERDUE = Transition("selfcheck.mark_overdue", "逾期未报", State.awaited, State.OVERDUE)
#: The plan was adjusted (通知三): what had been late is not, and goes on where it was.
RENEW = Transition(
    "selfcheck.renew", "期限顺延", frozenset({State.OVERDUE}), State.NOT_STARTED, needs_note=True
)
RESUME = Transition(
    "selfcheck.resume",
    "期限顺延，继续填报",
    frozenset({State.OVERDUE}),
    State.DRAFT,
    needs_note=True,
)

MOVES = (
    START,
    SUBMIT,
    ACCEPT,
    SEND_BACK,
    EXEMPT,
    REVIVE,
    REVIVE_BEGUN,
    REOPEN,
    MARK_OVERDUE,
    RENEW,
    RESUME,
)


def start(report: SelfCheckReport, *, actor: Actor | None) -> None:
    """Begin to fill in a report."""
    START.apply(report, actor=actor)


@transaction.atomic
def submit(
    report: SelfCheckReport,
    *,
    actor: Actor | None,
    summary: str,
    declaration_by: str,
    declared: str = "",
) -> None:
    """Hand the report in to the issuing authority (通知二(一), 5月31日前向发证单位报送).

    The receipt number, the time of the first submission and whether it was late stay as they
    were when a returned report is handed in again. Raises ValidationError while something is
    missing, TransitionError in a wrong state. The report is held while it is checked: what is saved
    meanwhile is either checked too or refused. ``declared`` are the words somebody has read and confirmed.
    """
    SelfCheckReport.objects.select_for_update().get(pk=report.pk)
    SUBMIT.check(report)
    _require_complete(report, declaration_by)
    words = queries.declaration(report)
    if declared and declared != words:
        raise ValidationError(
            {"agreed": "您阅读声明后，填写的内容有变化，声明已随之改变，请重新阅读后确认。"}
        )
    now = clock.now()
    today = local_day(now)
    first = report.first_submitted_at is None
    SUBMIT.apply(
        report,
        actor=actor,
        note=words,
        summary=summary.strip(),
        declaration_by=declaration_by.strip(),
        submitted_at=now,
        first_submitted_at=now if first else report.first_submitted_at,
        is_late=deadlines.is_past(report, today) if first else report.is_late,
        receipt_no=report.receipt_no or _receipt_no(report, today.year),
    )
    receipts.keep(report)
    # The remarks on the edition before are kept with it; those of this one begin empty.
    report.answers.exclude(review_mark="").update(review_mark="")
    duties.fulfil(report, kind=duty_kind(report))
    duties.assign(
        report.campaign,
        kind=DutyKind.SELF_CHECK_REVIEW,
        title=f"审核自查报告：{report.subject}",
        detail=report.receipt_no,
        due_on=deadlines.review_due(),
        target=report,
        authority=report.receiver,
    )
    late = "（逾期报送）" if report.is_late else ""
    notifications.tell_receiver(
        report,
        subject=f"{report.subject}已报送自查报告{late}",
        body=report.receipt_no,
        sender=actor,
    )


@transaction.atomic
def accept(report: SelfCheckReport, *, actor: Actor | None, note: str = "") -> None:
    """Take the report as complete; the marks of earlier reviews have served and go."""
    ACCEPT.apply(report, actor=actor, note=note)
    report.answers.exclude(review_mark="").update(review_mark="")
    duties.fulfil(report, kind=DutyKind.SELF_CHECK_REVIEW)
    notifications.tell_subject(
        report, subject=f"自查报告已由{report.receiver}接收", body=note, sender=actor
    )


@transaction.atomic
def send_back(
    report: SelfCheckReport,
    *,
    actor: Actor | None,
    note: str,
    due_on: dt.date,
    marks: Mapping[int, str] | None = None,
) -> None:
    """Return the report for correction by a new day; ``marks`` puts a remark on single answers.

    What was read is kept with its remarks: the corrected report is another edition.
    """
    SEND_BACK.check(report)
    act_dates.check_due(due_on, field="due_on", what="补正期限")
    read = report.revision
    SEND_BACK.apply(report, actor=actor, note=note, due_on=due_on, revision=read + 1)
    _mark(report, {pk: text.strip() for pk, text in (marks or {}).items() if text.strip()}, actor)
    _keep_edition(report, {**queries.snapshot(report), "revision": read}, actor)
    duties.fulfil(report, kind=DutyKind.SELF_CHECK_REVIEW)
    _owe_again(
        report, title=f"补正并重新报送自查报告：{report.subject}", due_on=due_on, detail=note
    )
    notifications.tell_subject(
        report,
        subject=f"自查报告退回补正，请于{cn_date(due_on)}前重新报送",
        body=note,
        sender=actor,
    )


@transaction.atomic
def exempt(report: SelfCheckReport, *, actor: Actor | None, note: str) -> None:
    """Waive the report: allowed only when none of its standards is in scope and alive any more."""
    EXEMPT.apply(report, actor=actor, note=note)
    duties.cancel(report, kind=duty_kind(report))
    duties.cancel(report, kind=DutyKind.SELF_CHECK_REVIEW)
    notifications.tell_subject(report, subject="自查报告已免报", body=note, sender=actor)


@transaction.atomic
def revive(report: SelfCheckReport, *, actor: Actor | None, note: str) -> None:
    """Let a report that was waived be owed again, from where it stood; due like one that is corrected."""
    due_on = max(deadlines.first_due(report.campaign, report.kind), deadlines.correction_due())
    move = REVIVE_BEGUN if report.answers.exists() else REVIVE
    move.apply(report, actor=actor, note=note, due_on=due_on)
    _owe_again(report, title=f"报送自查报告：{report.subject}", due_on=due_on, detail=note)
    notifications.tell_subject(
        report, subject=f"请于{cn_date(due_on)}前报送自查报告", body=note, sender=actor
    )


@transaction.atomic
def reopen(report: SelfCheckReport, *, actor: Actor | None, note: str) -> None:
    """Let an accepted report be supplemented until the summary is due; what was accepted is kept.

    The accepted answers and problems go into the trail as they are, and the revision counts up.
    """
    kept = queries.snapshot(report)
    due_on = deadlines.supplement_due(report.campaign)
    REOPEN.apply(report, actor=actor, note=note, revision=report.revision + 1, due_on=due_on)
    _keep_edition(report, kept, actor)
    _owe_again(report, title=f"补充自查报告：{report.subject}", due_on=due_on, detail=note)
    notifications.tell_subject(
        report, subject=f"请于{cn_date(due_on)}前补充自查报告", body=note, sender=actor
    )


def mark_overdue(on: dt.date, *, only: SelfCheckReport | None = None) -> int:
    """Mark what was due before ``on`` and never handed in; returns how many. Runs any number of times.

    ``only`` is the one report somebody is about to do something to; all of them go in slices.
    """
    late = SelfCheckReport.objects.filter(
        state__in=MARK_OVERDUE.sources, due_on__lt=on, campaign__state=CampaignState.OPEN
    )
    if only is not None:
        return _mark_overdue(late.filter(pk=only.pk))
    keys = list(late.order_by("pk").values_list("pk", flat=True))
    marked = 0
    for start in range(0, len(keys), SLICE):
        with turns.turn():
            marked += _mark_overdue(late.filter(pk__in=keys[start : start + SLICE]))
    return marked


@transaction.atomic
def _mark_overdue(late: QuerySet[SelfCheckReport]) -> int:
    return bulk_apply(MARK_OVERDUE, list(late.select_related("unit", "bureau")), actor=None)


def overdue_by_now(report: SelfCheckReport) -> str:
    """The state of a report once its due day is counted: what has not come by then is overdue."""
    awaited = report.state in MARK_OVERDUE.sources and report.due_on < clock.today()
    if awaited and report.campaign.state == CampaignState.OPEN:
        return State.OVERDUE
    return report.state


kept_by_clock(
    SelfCheckReport,
    state=overdue_by_now,
    settle=lambda row: mark_overdue(clock.today(), only=row),
)


def duty_kind(report: SelfCheckReport) -> DutyKind:
    """The duty under which the report is owed."""
    bureau = report.kind == SubjectKind.BUREAU
    return DutyKind.BUREAU_SELF_CHECK if bureau else DutyKind.SELF_CHECK


def _require_complete(report: SelfCheckReport, declaration_by: str) -> None:
    if not declaration_by.strip():
        raise ValidationError({"declaration_by": "请填写作出声明的单位负责人姓名。"})
    if missing := queries.gaps(report):
        shown = [str(gap) for gap in missing[:_SHOWN_GAPS]]
        rest = len(missing) - len(shown)
        raise ValidationError([*shown, *([f"另有 {rest} 处没有填完。"] if rest else [])])


def _receipt_no(report: SelfCheckReport, year: int) -> str:
    return paper_number(report.receiver, "自查回执", kind="selfcheck-receipt", year=year)


@transaction.atomic
def mark_answer(answer: SelfCheckAnswer, *, text: str, actor: Actor | None) -> None:
    """Remark on one answer while reading; the unit sees it when the report is sent back."""
    report = answer.report
    SEND_BACK.check(report)
    before, answer.review_mark = answer.review_mark, text.strip()[:300]
    if answer.review_mark == before:
        return
    answer.save(update_fields=["review_mark"])
    audit.record(
        report,
        actor=actor,
        action="selfcheck.mark_answer",
        label="标注检查项",
        before={"marks": {answer.item.code: before}},
        after={"marks": {answer.item.code: answer.review_mark}},
    )


def _keep_edition(report: SelfCheckReport, kept: dict, actor: Actor | None) -> None:
    audit.record(
        report,
        actor=actor,
        action="selfcheck.keep_revision",
        label=f"留存第{kept['revision']}版",
        after=kept,
    )


def _mark(report: SelfCheckReport, marks: dict[int, str], actor: Actor | None) -> None:
    report.answers.exclude(review_mark="").update(review_mark="")
    if not marks:
        return
    rows = report.answers.select_related("item").in_bulk(list(marks))
    if len(rows) != len(marks):
        raise ValidationError({"marks": "标注的检查项不属于这份报告。"})
    for pk, row in rows.items():
        row.review_mark = marks[pk][:300]
    SelfCheckAnswer.objects.bulk_update(rows.values(), ["review_mark"], batch_size=500)
    audit.record(
        report,
        actor=actor,
        action="selfcheck.mark_items",
        label="标注检查项",
        after={"marks": {row.item.code: row.review_mark for row in rows.values()}},
    )


def _owe_again(report: SelfCheckReport, *, title: str, due_on: dt.date, detail: str) -> None:
    duties.assign(
        report.campaign,
        kind=duty_kind(report),
        title=title,
        detail=detail,
        due_on=due_on,
        target=report,
        unit=report.unit,
        authority=report.bureau,
    )
