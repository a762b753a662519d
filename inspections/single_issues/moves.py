"""From the report of a matter to its answer, and what the answer means for everybody (通知三(二))."""

from collections.abc import Collection
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Campaign, ChecklistItem
from inspections.enums import SingleIssueState as State
from inspections.enums import Urgency
from inspections.models import Finding, InspectionTask, Opinion, SingleIssueReport
from inspections.team import Recusals
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.transitions import Transition, TransitionError
from metrostd.registry.models import StandardCertificate
from metrostd.registry.paper_numbers import paper_number

from . import messages

CONSULT = Transition("single_issue.consult", "征求意见", State.waiting, State.IN_CONSULTATION)
ANSWER = Transition("single_issue.answer", "答复", State.waiting, State.ANSWERED)
ASK_AGAIN = Transition(
    "single_issue.ask_again",
    "再次请示",
    frozenset({State.ANSWERED}),
    State.REPORTED,
    needs_note=True,
)
CLOSE = Transition("single_issue.close", "办结", frozenset({State.ANSWERED}), State.CLOSED)
MOVES = (CONSULT, ANSWER, ASK_AGAIN, CLOSE)

#: A matter is described, not named: so many characters of facts at least.
FACTS_MINIMUM = 20


class About(TypedDict):
    """Where a matter arose: on a visit, at an item, from a finding; all None at a desk."""

    task: InspectionTask | None
    finding: Finding | None
    item: ChecklistItem | None


class Words(TypedDict):
    """What is reported: one matter, its facts, the question, what the reporting side would do."""

    urgency: str
    subject: str
    facts: str
    question: str
    proposal: str


@transaction.atomic
def report(
    campaign: Campaign | None, about: About, words: Words, *, by: Membership | None
) -> SingleIssueReport:
    """Put one matter to the office that runs the campaign; it is owed an answer by a work day.

    It is a matter of the office whose visit it arose on, else of the reporter's own. Raises
    ValidationError for what is missing.
    """
    own = by.authority if by else None
    authority = about["task"].authority if about["task"] else own
    if campaign is None or by is None or authority is None:
        raise ValidationError("一事一报由检查组或者组织检查的部门上报。")
    texts = {name: str(value).strip() for name, value in words.items()}
    _check_words(texts)
    urgency = Urgency(texts.pop("urgency"))
    now = clock.now()
    due_on = add_workdays(clock.today(), urgency.workdays)
    number = paper_number(
        authority, "事报", kind="single_issue", year=clock.today().year, body="计量"
    )
    issue = SingleIssueReport.objects.create(
        campaign=campaign,
        authority=authority,
        reported_to=campaign.organiser,
        number=number,
        item_code=about["item"].code if about["item"] else "",
        urgency=urgency,
        reported_by=by,
        reported_at=now,
        due_on=due_on,
        **about,
        **texts,
    )
    audit.record(
        issue,
        actor=by.user,
        action="single_issue.report",
        label="上报一事一报",
        after={"state": issue.state, "state_label": issue.get_state_display()},
        note=f"{issue.get_urgency_display()}：{issue.question}",
    )
    _owe_answer(issue)
    messages.tell_reported(issue, sender=by.user)
    return issue


def _check_words(texts: dict[str, str]) -> None:
    errors = {name: "请填写本项。" for name in ("subject", "facts", "question") if not texts[name]}
    if "facts" not in errors and len(texts["facts"]) < FACTS_MINIMUM:
        errors["facts"] = f"请写明事实情况，不少于{FACTS_MINIMUM}个字。"
    if texts["urgency"] not in Urgency.values:
        errors["urgency"] = "请选择缓急。"
    if errors:
        raise ValidationError(errors)


def _owe_answer(issue: SingleIssueReport) -> None:
    duties.assign(
        issue.campaign,
        kind=DutyKind.SINGLE_ISSUE,
        title=f"答复一事一报：{issue.subject}",
        due_on=issue.due_on,
        target=issue,
        authority=issue.reported_to,
    )


@transaction.atomic
def consult(
    issue: SingleIssueReport, people: Collection[Membership], *, actor: Actor | None
) -> None:
    """Ask several people at once; each owes an opinion by the day the answer is due.

    Raises ValidationError without anybody, or for somebody who has to withdraw (回避) or was asked before.
    """
    _check_asked(issue, people)
    CONSULT.apply(issue, actor=actor, note="、".join(str(one.user) for one in people))
    Opinion.objects.bulk_create(
        Opinion(issue=issue, membership=one, asked_by=actor) for one in people
    )
    duties.assign_many(
        duties.build(
            issue.campaign,
            kind=DutyKind.OPINION,
            title=f"对一事一报提出意见：{issue.subject}",
            due_on=max(issue.due_on, clock.today()),
            target=issue,
            membership=one,
        )
        for one in people
    )
    messages.tell_asked(issue, people, sender=actor)


def _check_asked(issue: SingleIssueReport, people: Collection[Membership]) -> None:
    if not people:
        raise ValidationError({"people": "请选择征求意见的人员。"})
    before = set(issue.opinions.values_list("membership", flat=True))
    if again := [str(one.user) for one in people if one.pk in before]:
        raise ValidationError({"people": f"已经征求过{'、'.join(again)}的意见。"})
    if issue.task is None:
        return
    recusals = Recusals.of(issue.task)
    for one in people:
        if why := recusals.reason(one):
            raise ValidationError({"people": f"{one.user}{why}。"})


@transaction.atomic
def give_opinion(opinion: Opinion, text: str, *, actor: Actor | None) -> None:
    """The person asked says what they think; once, while the matter is open.

    Raises ValidationError for an empty opinion, TransitionError when it was given or the matter is answered.
    """
    if not text.strip():
        raise ValidationError({"text": "请填写意见。"})
    issue = opinion.issue
    if issue.state not in State.waiting:
        raise TransitionError("这件事已经答复，不再征求意见。", obj=issue)
    given = {"text": text.strip(), "given_at": clock.now()}
    if Opinion.objects.filter(pk=opinion.pk, given_at=None).update(**given) != 1:
        raise TransitionError("意见已经提出，不能再改。", obj=issue)
    audit.record(
        issue,
        actor=actor,
        action="single_issue.opinion",
        label="提出协商意见",
        note=text.strip(),
    )
    duties.fulfil(issue, kind=DutyKind.OPINION, membership=opinion.membership)
    messages.tell_opinion(opinion, sender=actor)


@transaction.atomic
def answer(
    issue: SingleIssueReport, *, text: str, basis: str, ruling: str, actor: Actor | None
) -> None:
    """Answer the matter; with ``ruling`` in general words the answer is found again beside the item.

    Raises ValidationError for an empty answer, or a ruling that says whose matter it was.
    """
    errors = {}
    if not text.strip():
        errors["text"] = "请填写答复。"
    if told := telling_words(issue, ruling):
        errors["ruling"] = f"统一口径对所有检查人员可见，请不要出现“{'”“'.join(told)}”。"
    if errors:
        raise ValidationError(errors)
    ANSWER.apply(
        issue,
        actor=actor,
        note=text.strip(),
        answer=text.strip(),
        basis=basis.strip(),
        ruling=ruling.strip(),
        ruling_ended_at=None,
        answered_by=actor,
        answered_at=clock.now(),
    )
    duties.fulfil(issue, kind=DutyKind.SINGLE_ISSUE)
    duties.cancel(issue, kind=DutyKind.OPINION)
    messages.tell_answered(issue, sender=actor)


def telling_words(issue: SingleIssueReport, text: str) -> list[str]:
    """Words of a ruling that tell whose matter it was: name, credit code, certificates of the unit (通知三(三))."""
    if issue.task is None:
        return []
    unit = issue.task.unit
    if unit is None:
        return [word for word in (issue.task.subject.name,) if word in text]
    numbers = StandardCertificate.objects.filter(standard__unit=unit).values_list(
        "number", flat=True
    )
    known = [unit.name, unit.uscc, *numbers]
    return [word for word in known if word and word in text]


@transaction.atomic
def ask_again(issue: SingleIssueReport, *, actor: Actor | None, note: str) -> None:
    """The answer does not settle it: the same matter goes back with the reason, and a new day.

    A ruling the answer gave no longer stands.
    """
    due_on = add_workdays(clock.today(), Urgency(issue.urgency).workdays)
    ended = {"ruling_ended_at": clock.now()} if issue.is_ruling else {}
    ASK_AGAIN.apply(issue, actor=actor, note=note, due_on=due_on, **ended)
    _owe_answer(issue)
    messages.tell_reported(issue, sender=actor)


@transaction.atomic
def close(issue: SingleIssueReport, *, actor: Actor | None) -> None:
    """The reporting side has acted on the answer."""
    CLOSE.apply(issue, actor=actor, closed_at=clock.now())


@transaction.atomic
def end_ruling(issue: SingleIssueReport, *, actor: Actor | None, note: str) -> None:
    """The ruling no longer applies: the law or the checklist changed, or another one replaces it.

    Raises ValidationError without a reason, TransitionError when it does not stand.
    """
    if not note.strip():
        raise ValidationError({"note": "请说明停用理由。"})
    standing = SingleIssueReport.objects.rulings().filter(pk=issue.pk)
    if standing.order_by().update(ruling_ended_at=clock.now()) != 1:
        raise TransitionError("这条口径已经停用。", obj=issue)
    audit.record(
        issue,
        actor=actor,
        action="single_issue.end_ruling",
        label="停用统一口径",
        before={"ruling": issue.ruling},
        note=note.strip(),
    )
    issue.refresh_from_db()
