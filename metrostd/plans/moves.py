"""A plan is asked for, written, handed in, filed or given back; later changes are adjustments (通知三)."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import adjusting, duties, together
from campaigns.enums import CampaignState, DutyKind, StageKind
from campaigns.models import Campaign, PlanAdjustment
from campaigns.stages import stages_for
from metrostd.accounts.models import Membership
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.http import StaleError
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import Transition, check_state
from metrostd.notifications.services import tell
from metrostd.registry.models import Authority

from .enums import PlanState as State
from .models import EarlierPlan, WorkPlan

FIELDS = {
    "ratio_percent": "抽查比例（%）", "onsite_start": "现场检查开始", "onsite_end": "现场检查结束",
    "teams": "检查组设置", "merged_with": together.LABEL, "measures": "主要措施",
    "coordination": "审批与监管协同",
}  # fmt: skip


def contradictions(row: WorkPlan) -> list[str]:
    """What it says is no less than the campaign asks of this office, and nothing is missing."""
    said = []
    ratio = adjusting.ratio_of(row.campaign, row.authority)
    if row.ratio_percent < ratio:
        said.append(
            f"“抽查比例”{row.ratio_percent}%低于方案的{ratio}%。确需降低的，请先在“调整本局安排”中说明理由。"
        )
    stage = stages_for(row.campaign, authority=row.authority).get(StageKind.ONSITE)
    if stage and not stage.starts_on <= row.onsite_start <= row.onsite_end <= stage.ends_on:
        said.append(
            f"“现场检查”{cn_date(row.onsite_start)}至{cn_date(row.onsite_end)}不在方案的"
            f"{cn_date(stage.starts_on)}至{cn_date(stage.ends_on)}之内。确需调整的，请先在“调整本局安排”中说明理由。"
        )
    said += [
        f"请填写“{FIELDS[name]}”。" for name in ("teams", "measures") if not getattr(row, name)
    ]
    if row.authority.approval_split and not row.coordination:
        said.append("审批权与监督管理权分开，请填写“审批与监管协同”：怎样统筹、怎样互相推送信息。")
    return said


SUBMIT = Transition(
    "plan.submit", "报送", frozenset({State.DRAFT}), State.SUBMITTED, guards=(contradictions,)
)
FILE = Transition("plan.file", "备案", frozenset({State.SUBMITTED}), State.FILED)
SEND_BACK = Transition(
    "plan.send_back", "退回", frozenset({State.SUBMITTED}), State.DRAFT, needs_note=True
)
REVISE = Transition("plan.revise", "修订", frozenset({State.FILED}), State.DRAFT, needs_note=True)
MOVES = (SUBMIT, FILE, SEND_BACK, REVISE)


def writable(row: WorkPlan) -> Verdict:
    if row.campaign.state == CampaignState.CLOSED:
        return not_now("专项行动已经结束，工作计划不再修改。")
    return (
        YES
        if row.state == State.DRAFT
        else not_now(f"工作计划{row.get_state_display()}，不能修改。")
    )


def askable(campaign: Campaign) -> Verdict:
    """The plans of a running campaign are asked for once."""
    if campaign.state != CampaignState.OPEN:
        return not_now(f"专项行动{campaign.get_state_display()}，不能要求报送工作计划。")
    return not_now("已经要求报送工作计划。") if campaign.work_plans.exists() else YES


@transaction.atomic
def ask(campaign: Campaign, *, due_on: dt.date, actor: Actor | None) -> int:
    """Ask every district for its plan by a day; each begins with what the campaign says. Returns how many."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    check_state(askable(campaign), obj=campaign)
    act_dates.check_due(
        due_on, field="due_on", what="报送期限", last=campaign.summary_due, because="总结报送期限"
    )
    rows = [_first(campaign, office) for office in Authority.objects.districts()]
    WorkPlan.objects.bulk_create(rows)
    duties.assign_many(
        duties.build(
            campaign,
            kind=DutyKind.WORK_PLAN,
            title=f"报送工作计划：{campaign}",
            due_on=due_on,
            target=row,
            authority=row.authority,
        )
        for row in rows
    )
    audit.record_many(rows, actor=actor, action="plan.ask", label="要求报送工作计划")
    offices = [row.authority_id for row in rows]
    tell(
        Membership.objects.active().filter(authority__in=offices, role=Role.DISTRICT_ADMIN),
        subject=f"请报送工作计划：{campaign}",
        body=f"请于{cn_date(due_on)}前结合本区实际制定工作计划并报送备案（通知三（一））。",
        sender=actor,
    )
    return len(rows)


def _first(campaign: Campaign, office: Authority) -> WorkPlan:
    stage = stages_for(campaign, authority=office)[StageKind.ONSITE]
    return WorkPlan(
        campaign=campaign,
        authority=office,
        ratio_percent=adjusting.ratio_of(campaign, office),
        onsite_start=stage.starts_on,
        onsite_end=stage.ends_on,
    )


@transaction.atomic
def write(
    row: WorkPlan, words: Mapping[str, object], *, base_version: int, actor: Actor | None
) -> None:
    """Change a draft. Raises StaleError with both values when somebody saved since."""
    held = (
        WorkPlan.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=row.pk)
    )
    check_state(writable(held), obj=held)
    start, end = words["onsite_start"], words["onsite_end"]
    if end < start:  # type: ignore[operator]  # two days
        raise ValidationError({"onsite_end": "“现场检查结束”不能早于开始。"})
    before = {name: getattr(held, name) for name in words}
    changed = {name: value for name, value in words.items() if before[name] != value}
    if held.version != base_version:
        both = {FIELDS[n]: [str(before[n]), str(words[n])] for n in changed}
        raise StaleError(
            "工作计划刚刚被他人修改，请核对后再保存。",
            payload={"version": held.version, "fields": both},
        )
    WorkPlan.objects.filter(pk=row.pk).update(**changed, version=held.version + 1)
    audit.record(
        row,
        actor=actor,
        action="plan.write",
        label="修改工作计划",
        before={name: str(before[name]) for name in changed},
        after={name: str(value) for name, value in changed.items()},
    )


@transaction.atomic
def submit(row: WorkPlan, *, actor: Actor | None) -> None:
    """Hand it in; the duty is done, the municipal office is told."""
    WorkPlan.objects.select_for_update().get(pk=row.pk)
    SUBMIT.apply(row, actor=actor, submitted_at=clock.now(), submitted_by=actor, return_reason="")
    duties.fulfil(row, kind=DutyKind.WORK_PLAN)
    organiser = row.campaign.organiser
    tell(
        Membership.objects.of_authority(organiser).filter(role=Role.CITY_ADMIN),
        subject=f"工作计划已报送：{row.authority}",
        body="请备案；与方案不一致的，退回并说明理由。",
        url=row.get_absolute_url(),
        sender=actor,
    )


def file(row: WorkPlan, *, actor: Actor | None) -> None:
    """Take note of it; nothing is approved."""
    FILE.apply(row, actor=actor, filed_at=clock.now())


@transaction.atomic
def send_back(row: WorkPlan, *, note: str, actor: Actor | None) -> None:
    """Give it back with the reason; the district owes it again within five work days."""
    if len(note.strip()) > 300:
        raise ValidationError({"note": "退回理由最多 300 字，请精简。"})
    _keep_earlier(row)
    SEND_BACK.apply(row, actor=actor, note=note, return_reason=note.strip())
    _owe_again(row)
    tell(
        Membership.objects.of_authority(row.authority).filter(role=Role.DISTRICT_ADMIN),
        subject=f"工作计划已退回：{row.campaign}",
        body=note.strip(),
        url=row.get_absolute_url(),
        sender=actor,
    )


@transaction.atomic
def revise(row: WorkPlan, *, note: str, actor: Actor | None) -> None:
    """The district takes a filed plan up again; what it said stays in the trail."""
    check_state(REVISE.verdict(row), obj=row)
    _keep_earlier(row)
    REVISE.apply(row, actor=actor, note=note)
    _owe_again(row)


def _keep_earlier(row: WorkPlan) -> None:
    """Tables of the days it was with the municipal office go on saying what it said."""
    if row.submitted_at is not None:
        EarlierPlan.objects.create(
            plan=row, merged_with=row.merged_with, submitted_at=row.submitted_at
        )


def _owe_again(row: WorkPlan) -> None:
    duties.assign(
        row.campaign,
        kind=DutyKind.WORK_PLAN,
        title=f"重新报送工作计划：{row.campaign}",
        due_on=add_workdays(clock.today(), 5),
        target=row,
        authority=row.authority,
    )


def adjustments(row: WorkPlan) -> list[PlanAdjustment]:
    """What of the campaign's plan was changed for this office, the newest first, old beside new."""
    rows = adjusting.history(row.campaign)
    return [one for one in rows if one.authority_id in (None, row.authority_id)]


def in_sentences(row: WorkPlan, *, by: dt.datetime) -> list[str]:
    """The plan as a report quotes it, with what was done of it by a moment; nothing before it was handed in."""
    if row.state not in State.handed_in or row.submitted_at is None:
        return []
    said = [
        f"结合本区实际制定工作计划，{cn_date(row.submitted_at)}报送市市场监管委备案：抽查比例{row.ratio_percent}%，"
        f"{cn_date(row.onsite_start)}至{cn_date(row.onsite_end)}开展现场检查。"
    ]
    if joined := together.sentence(row.merged_with):
        said.append(f"{joined}，减少对单位的打扰。")
    if made := made_together(row, by=by):
        said.append(f"{made}。")
    if row.coordination:
        said.append(f"{_one_line(row.coordination)}。")
    return said + adjusting.sentences(adjustments(row))


def made_together(row: WorkPlan, *, by: dt.datetime) -> str:
    """In words how many visits were made together with others by a moment; nothing when none was."""
    return "".join(together.made_by_office(row.campaign, row.authority, by=by).values())


def _one_line(text: str) -> str:
    return "，".join(part.strip().rstrip("。") for part in text.splitlines() if part.strip())


def plan_of(campaign: Campaign, authority: Authority) -> WorkPlan | None:
    """The plan of an office in a campaign."""
    rows = WorkPlan.objects.filter(campaign=campaign, authority=authority)
    return rows.select_related("campaign", "authority").first()
