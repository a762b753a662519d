"""Creating, opening and closing a campaign; settling by hand who inspects a standard."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, jobs
from metrostd.common.enums import JobState
from metrostd.common.models import Job
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority

from . import duties, extension, notifications, routing
from .dates import Calendar, stage_starts
from .enums import CampaignState, DutyKind, StageKind
from .models import Campaign, Duty, RoutedStandard, SamplingFrame, Stage
from .transitions import CLOSE, OPEN

OPENING_JOB = "campaigns.open"
DRAW_DUTY = "冻结名单并抽取检查对象"

Report = Callable[..., None]


@transaction.atomic
def create_campaign(
    *,
    code: str,
    title: str,
    organiser: Authority,
    calendar: Calendar,
    actor: Any,
    basis: str = "",
    default_ratio: int = 20,
    district_review_ratio: int = 20,
) -> Campaign:
    """A new campaign in preparation, with its four stages; ValidationError on dates that clash."""
    _require_dates(calendar)
    campaign = Campaign.objects.create(
        code=code,
        title=title,
        organiser=organiser,
        basis=basis,
        default_ratio=default_ratio,
        district_review_ratio=district_review_ratio,
        **_limits(calendar),
    )
    _write_stages(campaign, calendar)
    audit.record(campaign, actor=actor, action="create", label="建立专项行动")
    return campaign


@transaction.atomic
def edit_campaign(campaign: Campaign, *, calendar: Calendar, actor: Any, **fields: Any) -> None:
    """Change title, basis, ratios and dates while the campaign is in preparation."""
    if campaign.state != CampaignState.DRAFT:
        raise TransitionError("专项行动已经开启，不能再修改方案。", obj=campaign)
    _require_dates(calendar)
    changes = {**fields, **_limits(calendar)}
    before = {name: str(getattr(campaign, name)) for name in changes}
    rows = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.DRAFT)
    if rows.update(**changes) != 1:
        raise TransitionError("专项行动刚刚被开启，不能再修改方案。", obj=campaign)
    campaign.stages.filter(authority=None).delete()
    _write_stages(campaign, calendar)
    audit.record(
        campaign,
        actor=actor,
        action="edit",
        label="修改方案",
        before=before,
        after={name: str(value) for name, value in changes.items()},
    )
    campaign.refresh_from_db()


@transaction.atomic
def request_opening(campaign: Campaign, *, actor: Any) -> Job:
    """Accept the opening at once and leave the work to the background.

    TransitionError when the campaign is no draft or is being opened already, ValidationError when
    there is nothing to inspect or no rule to divide the work by.
    """
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not OPEN.allowed_from(locked.state):
        raise OPEN.refusal(locked)
    running = Job.objects.filter(
        kind=OPENING_JOB, state__in=JobState.active, arguments__campaign=locked.pk
    )
    if running.exists():
        raise TransitionError(f"“{locked}”正在开启，请稍候。", obj=locked)
    routing.Rules.newest()
    _require_standards(locked)
    return jobs.start_job(
        OPENING_JOB,
        title=f"开启{locked}",
        owner=actor,
        campaign=locked.pk,
        acting=actor.acting.pk if actor.acting else None,
    )


def open_campaign(
    campaign: Campaign, *, actor: Any, progress: Report | None = None
) -> dict[str, Any]:
    """Divide the work and open the campaign; returns how much was made.

    Routing is written in batches before anything else and may be repeated; reports, duties,
    messages and the new state come into being in one transaction.
    """
    say: Report = progress or _silent
    campaign.refresh_from_db(fields=["state"])
    if not OPEN.allowed_from(campaign.state):
        raise OPEN.refusal(campaign)
    rules = routing.Rules.newest()
    total = _require_standards(campaign)
    routing.route(
        campaign,
        routing.in_scope(campaign),
        rules=rules,
        progress=lambda done: say(done, total, "按类别分工"),
    )
    with transaction.atomic():
        OPEN.apply(campaign, actor=actor)
        counts = _settle_routing(campaign, rules)
        audit.record(
            campaign,
            actor=actor,
            action="route",
            label="任务分工",
            after=counts,
            note=f"共{counts['routed']}项计量标准，其中{counts['unresolved']}项待人工确定。",
        )
        steps = {}
        for step in extension.opening_steps():
            say(total, total, step.title)
            steps[step.title] = step.run(campaign, actor=actor, progress=say)
        offices = _owe_draws(campaign)
        told = notifications.tell_opened(campaign, sender=actor)
    return {**counts, "steps": steps, "duties": offices, "told": told}


@transaction.atomic
def close_campaign(campaign: Campaign, *, actor: Any) -> None:
    """End a campaign once no stage has a reason against it; ValidationError lists the reasons."""
    if CLOSE.allowed_from(campaign.state) and (reasons := extension.blockers(campaign)):
        raise ValidationError(reasons)
    CLOSE.apply(campaign, actor=actor)
    duties.cancel_all(campaign)


@transaction.atomic
def resolve_routing(routed: RoutedStandard, *, authority: Authority, actor: Any, note: str) -> None:
    """Decide by hand which office inspects a standard that the rules left open.

    Owes the office its draw if opening has not done so. A frame frozen before stays as it is: the
    standard is listed beside it as added later.
    """
    campaign = routed.campaign
    if campaign.state != CampaignState.OPEN:
        raise TransitionError("只有进行中的专项行动可以确定分工。", obj=campaign)
    if not note.strip():
        raise ValidationError({"note": "请说明理由。"})
    if authority.pk not in routing.jurisdiction(campaign.organiser):
        raise ValidationError({"authority": "该部门不在本次专项行动的范围内。"})
    values: dict[str, Any] = {"inspecting_authority": authority}
    if routed.territorial_authority_id is None and authority.level == Level.DISTRICT:
        values["territorial_authority"] = authority
    rows = RoutedStandard.objects.unresolved().filter(pk=routed.pk)
    if rows.update(**values) != 1:
        raise TransitionError("该计量标准刚刚已确定分工。", obj=campaign)
    for name, value in values.items():
        setattr(routed, name, value)
    audit.record(
        routed,
        actor=actor,
        action="resolve_routing",
        label="人工确定分工",
        before={"reason": routed.unresolved_reason},
        after={"authority": authority.code, "state_label": authority.short_name},
        note=note,
    )
    owe_draw(campaign, authority)
    notifications.tell_resolved(routed, sender=actor)


def owe_draw(campaign: Campaign, authority: Authority) -> None:
    """Owe an office that got something to inspect later its draw, unless it owes it or has frozen."""
    if not _owes_or_has_drawn(campaign, authority):
        start = stage_starts(campaign, StageKind.ONSITE)
        duties.assign_many([_draw_duty(campaign, authority.pk, start)])


def _settle_routing(campaign: Campaign, rules: routing.Rules) -> dict[str, int]:
    """Make the routed standards exactly those in scope now; returns the counts."""
    scope = routing.in_scope(campaign)
    campaign.routed.exclude(standard__in=scope.values("pk")).delete()
    missing = scope.exclude(pk__in=campaign.routed.values("standard"))
    routing.route(campaign, missing, rules=rules, progress=lambda done: None)
    return {
        "routed": campaign.routed.count(),
        "unresolved": campaign.routed.unresolved().count(),
        "rule_version": rules.version,
    }


def _owe_draws(campaign: Campaign) -> int:
    """The city and every district with something to inspect must draw before the on-site stage."""
    start = stage_starts(campaign, StageKind.ONSITE)
    inspecting = (
        RoutedStandard.objects.filter(campaign=campaign, inspecting_authority__isnull=False)
        .order_by("inspecting_authority")
        .values_list("inspecting_authority", flat=True)
        .distinct()
    )
    return duties.assign_many([_draw_duty(campaign, pk, start) for pk in inspecting])


def _draw_duty(campaign: Campaign, authority_id: int, start: dict[int | None, Any]) -> Duty:
    duty = duties.build(
        campaign,
        kind=DutyKind.DRAW,
        title=DRAW_DUTY,
        due_on=start.get(authority_id, start[None]),
        target=campaign,
    )
    duty.authority_id = authority_id
    return duty


def _owes_or_has_drawn(campaign: Campaign, authority: Authority) -> bool:
    owed = Duty.objects.filter(campaign=campaign, authority=authority, kind=DutyKind.DRAW)
    frozen = SamplingFrame.objects.filter(campaign=campaign, authority=authority)
    return owed.exists() or frozen.exists()


def _require_standards(campaign: Campaign) -> int:
    total = routing.in_scope(campaign).count()
    if not total:
        raise ValidationError("台账中还没有属于本次范围的计量标准，请先导入名单。")
    return total


def _require_dates(calendar: Calendar) -> None:
    if problems := calendar.problems():
        raise ValidationError(problems)


def _limits(calendar: Calendar) -> dict[str, Any]:
    return {
        "notice_on": calendar.notice_on,
        "bureau_self_check_due": calendar.bureau_self_check_due,
        "unit_self_check_due": calendar.unit_self_check_due,
        "summary_due": calendar.summary_due,
    }


def _write_stages(campaign: Campaign, calendar: Calendar) -> None:
    Stage.objects.bulk_create(
        Stage(campaign=campaign, kind=kind, starts_on=start, ends_on=end)
        for kind, (start, end) in calendar.stages.items()
    )


def _silent(*args: Any, **kwargs: Any) -> None:
    """Nobody watches."""
