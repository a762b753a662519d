"""Creating and changing a campaign, settling by hand who inspects a standard, owing draws."""

import datetime as dt
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority

from . import duties, notifications, routing
from .dates import Calendar, stage_starts
from .enums import CampaignState, DutyKind, StageKind
from .models import Campaign, Duty, RoutedStandard, SamplingFrame, Stage
from .opening import BEGUN

DRAW_DUTY = "冻结名单并抽取检查对象"
BUREAU_DRAW_DUTY = "抽取监督检查考核工作的区局"


class Edited(TypedDict, total=False):
    """What may be changed of a campaign in preparation, beside its dates."""

    title: str
    basis: str
    default_ratio: int
    district_review_ratio: int


@transaction.atomic
def create_campaign(
    *,
    code: str,
    title: str,
    organiser: Authority,
    calendar: Calendar,
    actor: Actor | None,
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
    audit.record(campaign, actor=actor, action="campaign.create", label="建立专项行动")
    return campaign


@transaction.atomic
def edit_campaign(
    campaign: Campaign, *, calendar: Calendar, actor: Actor | None, **fields: Unpack[Edited]
) -> None:
    """Change title, basis, ratios and dates while the campaign is in preparation."""
    if campaign.state != CampaignState.DRAFT:
        raise TransitionError("专项行动已经开启，不能再修改方案。", obj=campaign)
    if campaign.opening_begun_at:
        raise TransitionError(BEGUN, obj=campaign)
    _require_dates(calendar)
    changes = {**fields, **_limits(calendar)}
    before = {name: str(getattr(campaign, name)) for name in changes}
    rows = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.DRAFT, opening_begun_at=None)
    if rows.update(**changes) != 1:
        raise TransitionError("专项行动刚刚被开启，不能再修改方案。", obj=campaign)
    campaign.stages.filter(authority=None).delete()
    _write_stages(campaign, calendar)
    audit.record(
        campaign,
        actor=actor,
        action="campaign.edit",
        label="修改方案",
        before=before,
        after={name: str(value) for name, value in changes.items()},
    )
    campaign.refresh_from_db()


@transaction.atomic
def resolve_routing(
    routed: RoutedStandard, *, authority: Authority, actor: Actor | None, note: str
) -> None:
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
    values: dict[str, object] = {"inspecting_authority": authority}
    if routed.territorial_authority_id is None and authority.level == Level.DISTRICT:
        values["territorial_authority"] = authority
    rows = RoutedStandard.objects.unresolved().filter(pk=routed.pk)
    if rows.update(**values) != 1:
        raise TransitionError("该计量标准刚刚已确定分工。", obj=campaign)
    routing.keep_earlier([routed])
    for name, value in values.items():
        setattr(routed, name, value)
    audit.record(
        routed,
        actor=actor,
        action="routing.resolve",
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


def drop_idle_draws(campaign: Campaign) -> int:
    """An office whose last standard went to another has nothing to draw from; returns how many.

    One that has frozen keeps its list and its duty; who gets something again owes the draw anew.
    """
    idle = Duty.objects.open().filter(campaign=campaign, kind=DutyKind.DRAW)
    idle = idle.exclude(
        authority__in=campaign.routed.exclude(inspecting_authority=None).values(
            "inspecting_authority"
        )
    )
    idle = idle.exclude(authority__in=campaign.frames.frozen().of_units().values("authority"))
    offices = Authority.objects.filter(pk__in=idle.values("authority"))
    return sum(
        duties.cancel_of_authority(campaign, kind=DutyKind.DRAW, authority=office)
        for office in offices
    )


def owe_draws(campaign: Campaign) -> int:
    """The city and every district with something to inspect must draw before the on-site stage.

    The city also draws about a fifth of its bureaus, whose certification work it inspects (通知二(二)2).
    """
    start = stage_starts(campaign, StageKind.ONSITE)
    inspecting = (
        RoutedStandard.objects.filter(campaign=campaign, inspecting_authority__isnull=False)
        .order_by("inspecting_authority")
        .values_list("inspecting_authority", flat=True)
        .distinct()
    )
    owed = [_draw_duty(campaign, pk, start) for pk in inspecting]
    bureaus = routing.jurisdiction(campaign.organiser) - {campaign.organiser_id}
    if Authority.objects.districts().filter(pk__in=bureaus).exists():
        owed.append(
            duties.build(
                campaign,
                kind=DutyKind.BUREAU_DRAW,
                title=BUREAU_DRAW_DUTY,
                due_on=start.get(campaign.organiser_id, start[None]),
                target=campaign,
                authority=campaign.organiser,
            )
        )
    return duties.assign_many(owed)


def _draw_duty(campaign: Campaign, authority_id: int, start: dict[int | None, dt.date]) -> Duty:
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
    owed = Duty.objects.filter(
        campaign=campaign, authority=authority, kind=DutyKind.DRAW, cancelled_at=None
    )
    frozen = SamplingFrame.objects.frozen().of_units()
    frozen = frozen.filter(campaign=campaign, authority=authority)
    return owed.exists() or frozen.exists()


def _require_dates(calendar: Calendar) -> None:
    if problems := calendar.problems():
        raise ValidationError(problems)


def _limits(calendar: Calendar) -> dict[str, object]:
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
