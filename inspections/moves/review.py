"""The moves of 考核工作监督检查 of a drawn bureau (通知二(二)2、二(四)).

Notice, beginning, conclusion and reopening follow the visit and are made by its moves; between and after them
the municipal office and the bureau move: files asked for, measures demanded, submitted, confirmed or not.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections import notifications, raising, review_papers
from inspections.enums import TaskState
from inspections.enums.reviews import ProblemResult
from inspections.enums.reviews import ReviewState as State
from inspections.models import CertificationReview, InspectionTask, ReviewProblem
from metrostd.common import act_dates, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import Transition
from metrostd.registry.services.editing import write_changes

#: The municipal office answers to measures within ten work days.
CONFIRM_WORKDAYS = 10


def not_reviewed(review: CertificationReview) -> str:
    """Nothing is demanded of a bureau before the office has looked at the record of the visit."""
    reviewed = review.task.state in (TaskState.REVIEWED, TaskState.CLOSED)
    return "" if reviewed else "检查记录尚未审核，请先审核检查任务。"


def no_problems(review: CertificationReview) -> str:
    """Measures are demanded where something was found."""
    return "" if review.problems.counted().exists() else "没有发现问题，可以直接办结。"


def has_problems(review: CertificationReview) -> str:
    """A review without problems ends with its visit."""
    found = review.problems.counted().count()
    return f"发现问题 {found} 个，请提出整改要求。" if found else ""


def measures_missing(review: CertificationReview) -> list[str]:
    """What each problem still lacks before the bureau can hand in."""
    return [
        f"{problem.item.code}：{lacking}"
        for problem in review.problems.counted().select_related("item")
        if (lacking := missing_of(problem))
    ]


def missing_of(problem: ReviewProblem) -> str:
    """What the bureau has not yet said or shown of one problem."""
    parts = [
        word
        for word, there in (
            ("整改措施", problem.measure.strip()),
            ("预防措施", problem.prevention.strip()),
            ("完成日期", problem.completed_on),
            ("证明材料", problem.proof_id),
        )
        if not there
    ]
    return f"缺{'、'.join(parts)}" if parts else ""


def not_late(review: CertificationReview) -> str:
    """Without measures a bureau fails only once its day has passed."""
    due = review.measures_due_on if review.state == State.MEASURES_DUE else None
    if due is not None and clock.today() <= due:
        return f"整改期限为{cn_date(due)}，期限未过不能认定不合格。"
    return ""


NOTIFY = Transition("review.notify", "通知区局", frozenset({State.DRAWN}), State.NOTIFIED)
REQUEST_FILES = Transition(
    "review.request_files", "调取案卷", frozenset({State.NOTIFIED}), State.FILES_REQUESTED
)
BEGIN = Transition(
    "review.begin",
    "开始检查",
    frozenset({State.FILES_REQUESTED}),
    State.ON_REVIEW,
    otherwise="通知区局并调取案卷以后才能开始检查",
)
CONCLUDE = Transition("review.conclude", "结束检查", frozenset({State.ON_REVIEW}), State.CONCLUDED)
REOPEN = Transition(
    "review.reopen", "退回重填", frozenset({State.CONCLUDED}), State.ON_REVIEW, needs_note=True
)
DEMAND = Transition(
    "review.demand_measures",
    "提出整改要求",
    frozenset({State.CONCLUDED}),
    State.MEASURES_DUE,
    guards=(not_reviewed, no_problems),
)
CLEAR = Transition(
    "review.clear",
    "没有问题，办结",
    frozenset({State.CONCLUDED}),
    State.CONFIRMED,
    guards=(not_reviewed, has_problems),
)
SUBMIT = Transition(
    "review.submit_measures",
    "报送整改措施",
    frozenset({State.MEASURES_DUE}),
    State.MEASURES_SUBMITTED,
    guards=(measures_missing,),
)
CONFIRM = Transition(
    "review.confirm", "确认整改", frozenset({State.MEASURES_SUBMITTED}), State.CONFIRMED
)
FAIL = Transition(
    "review.fail",
    "认定整改不合格",
    frozenset({State.MEASURES_SUBMITTED, State.MEASURES_DUE}),
    State.FAILED,
    needs_note=True,
    guards=(not_late,),
)
REPORT_UP = Transition(
    "review.report_up", "上报", frozenset({State.FAILED}), State.REPORTED_UP, needs_note=True
)
MOVES = (
    NOTIFY,
    REQUEST_FILES,
    BEGIN,
    CONCLUDE,
    REOPEN,
    DEMAND,
    CLEAR,
    SUBMIT,
    CONFIRM,
    FAIL,
    REPORT_UP,
)


def of_task(task: InspectionTask) -> CertificationReview | None:
    """The review a visit to a bureau belongs to; none of a visit to a unit."""
    if task.bureau_id is None:
        return None
    return CertificationReview.objects.select_related(
        "bureau", "authority", "campaign", "task"
    ).get(task=task)


def notified(task: InspectionTask, *, actor: Actor | None) -> None:
    """The bureau has been told of the visit; what the notice says stands still from now on."""
    if review := of_task(task):
        NOTIFY.apply(review, actor=actor, notice=review_papers.notice_words(review))


def check_begin(task: InspectionTask) -> None:
    """Raise TransitionError while the bureau has not been asked for its files."""
    if review := of_task(task):
        BEGIN.check(review)


def begun(task: InspectionTask, *, actor: Actor | None) -> None:
    """The team is at the door: the files are there, or are not, and that is for the sheets to say."""
    if review := of_task(task):
        BEGIN.apply(review, actor=actor)
        duties.fulfil(review, kind=DutyKind.BUREAU_FILES)


def concluded(task: InspectionTask, *, actor: Actor | None) -> int:
    """The visit has been signed: its problems are those of the review; returns how many."""
    review = of_task(task)
    if review is None:
        return 0
    CONCLUDE.apply(review, actor=actor, concluded_at=clock.now())
    return raising.raise_problems(review, actor=actor)


def reopened(task: InspectionTask, *, actor: Actor | None, note: str) -> None:
    """The visit is given back to its team: what it had found counts no more until it is signed again."""
    if review := of_task(task):
        REOPEN.apply(review, actor=actor, note=note, concluded_at=None)
        review.problems.update(stands=False)


@transaction.atomic
def request_files(
    review: CertificationReview, *, due_on: dt.date, note: str, actor: Actor | None
) -> None:
    """Ask the bureau for the drawn case files and further papers by a day."""
    if wrong := act_dates.not_owed_by(due_on, what="案卷备齐期限"):
        raise ValidationError({"due_on": wrong})
    REQUEST_FILES.apply(
        review, actor=actor, files_due_on=due_on, files_request=note.strip(), note=note.strip()
    )
    duties.assign(
        review.campaign,
        kind=DutyKind.BUREAU_FILES,
        title=f"准备考核案卷 {review.drawn.cases.count()} 份",
        due_on=due_on,
        target=review,
        authority=review.bureau,
    )
    notifications.tell_bureau(
        review,
        subject=f"请准备抽查的考核案卷，{cn_date(due_on)}前备齐",
        body=note.strip(),
        sender=actor,
    )


@transaction.atomic
def demand_measures(
    review: CertificationReview, *, due_on: dt.date, requirement: str, actor: Actor | None
) -> None:
    """Let the bureau owe measures for every problem by a day (通知二(四): 区局制定措施并按期完成)."""
    if wrong := act_dates.not_owed_by(due_on, what="整改期限"):
        raise ValidationError({"due_on": wrong})
    DEMAND.check(review)
    review.measures_due_on, review.requirement = due_on, requirement.strip()
    DEMAND.apply(
        review,
        actor=actor,
        measures_due_on=due_on,
        requirement=requirement.strip(),
        demand=review_papers.demand_words(review),
        note=requirement.strip(),
    )
    duties.fulfil(review, kind=DutyKind.BUREAU_REVIEW)
    duties.assign(
        review.campaign,
        kind=DutyKind.BUREAU_MEASURES,
        title=f"报送考核工作整改措施：{review.problems.counted().count()} 个问题",
        due_on=due_on,
        target=review,
        authority=review.bureau,
    )
    notifications.tell_bureau(
        review, subject=f"考核工作整改要求，期限{cn_date(due_on)}", body=requirement, sender=actor
    )


@transaction.atomic
def clear(review: CertificationReview, *, actor: Actor | None) -> None:
    """End a review in which nothing was found."""
    CLEAR.apply(review, actor=actor, decided_at=clock.now())
    duties.fulfil(review, kind=DutyKind.BUREAU_REVIEW)
    notifications.tell_bureau(review, subject="考核工作监督检查没有发现问题，已办结", sender=actor)


@transaction.atomic
def submit_measures(review: CertificationReview, *, actor: Actor | None) -> None:
    """The bureau hands in; late is late. ValidationError names the problems that lack something."""
    due = review.measures_due_on
    SUBMIT.apply(
        review,
        actor=actor,
        submitted_at=clock.now(),
        is_late=due is not None and clock.today() > due,
    )
    duties.fulfil(review, kind=DutyKind.BUREAU_MEASURES)
    duties.assign(
        review.campaign,
        kind=DutyKind.BUREAU_CONFIRM,
        title=f"确认考核工作整改：{review.bureau}",
        due_on=add_workdays(clock.today(), CONFIRM_WORKDAYS),
        target=review,
        authority=review.authority,
    )
    notifications.tell_city(review, subject=f"{review.bureau}已报考核工作整改措施", sender=actor)


@transaction.atomic
def decide(
    review: CertificationReview,
    decisions: dict[int, tuple[str, str]],
    *,
    actor: Actor | None,
) -> None:
    """Confirm each problem or find it not put right; one that is not makes the review fail.

    ``decisions``: result and opinion by the key of the problem. ValidationError without a result, or without
    an opinion on a problem that fails.
    """
    rows = list(review.problems.counted().select_for_update(of=("self",)).select_related("item"))
    for problem in rows:
        result, opinion = decisions.get(problem.pk, ("", ""))
        if result not in ProblemResult.values:
            raise ValidationError(f"{problem.item.code}：请选择确认结果。")
        if result == ProblemResult.FAILED and not opinion.strip():
            raise ValidationError(f"{problem.item.code}：整改不合格的，请写明理由。")
        problem.result, problem.opinion = result, opinion.strip()[:300]
        problem.decided_by, problem.decided_at = actor, clock.now()
    ReviewProblem.objects.bulk_update(rows, ["result", "opinion", "decided_by", "decided_at"])
    failed = [row.item.code for row in rows if row.result == ProblemResult.FAILED]
    if failed:
        _fail(review, note=f"整改不合格：{'、'.join(failed)}", actor=actor)
        return
    CONFIRM.apply(review, actor=actor, decided_at=clock.now())
    duties.fulfil(review, kind=DutyKind.BUREAU_CONFIRM)
    notifications.tell_bureau(review, subject="考核工作整改已确认", sender=actor)


@transaction.atomic
def fail_overdue(review: CertificationReview, *, note: str, actor: Actor | None) -> None:
    """Nothing was handed in by the day: the problems are not put right."""
    FAIL.check(review)
    review.problems.counted().update(
        result=ProblemResult.FAILED,
        opinion="逾期未报整改措施",
        decided_by=actor,
        decided_at=clock.now(),
    )
    duties.cancel(review, kind=DutyKind.BUREAU_MEASURES)
    _fail(review, note=note, actor=actor)


def _fail(review: CertificationReview, *, note: str, actor: Actor | None) -> None:
    FAIL.apply(review, actor=actor, note=note, decided_at=clock.now())
    duties.fulfil(review, kind=DutyKind.BUREAU_CONFIRM)
    duties.assign(
        review.campaign,
        kind=DutyKind.BUREAU_CONFIRM,
        title=f"上报{review.bureau}考核工作整改不合格",
        due_on=add_workdays(clock.today(), CONFIRM_WORKDAYS),
        target=review,
        authority=review.authority,
    )
    notifications.tell_bureau(review, subject="考核工作整改认定为不合格", body=note, sender=actor)


@transaction.atomic
def report_up(
    review: CertificationReview,
    *,
    to: str,
    on: dt.date,
    note: str,
    actor: Actor | None,
    late_reason: str = "",
) -> None:
    """A bureau that has not put right what was found is reported to those above it."""
    if not to.strip():
        raise ValidationError({"to": "请填写上报对象。"})
    decided = review.decided_at and clock.local(review.decided_at).date()
    act_dates.check(
        on,
        field="on",
        what="上报日期",
        reason=late_reason,
        after=decided,
        follows="认定不合格的日期",
    )
    REPORT_UP.apply(
        review,
        actor=actor,
        reported_to=to.strip()[:100],
        reported_on=on,
        note=act_dates.noted(note, late_reason) if note.strip() else "",
    )
    duties.fulfil(review, kind=DutyKind.BUREAU_CONFIRM)
    notifications.tell_discipline_of_review(review, sender=actor)


@transaction.atomic
def save_measure(
    problem: ReviewProblem,
    values: dict[str, object],
    *,
    base_version: int,
    actor: Actor | None,
) -> None:
    """Write down what the bureau does about one problem; an old page is refused with both values."""
    review = CertificationReview.objects.select_for_update().get(pk=problem.review_id)
    if not SUBMIT.allowed_from(review.state):
        raise SUBMIT.refusal(review)
    write_changes(
        problem,
        base_version=base_version,
        values=values,
        actor=actor,
        action="review_problem.measure",
        label="填写整改措施",
    )
