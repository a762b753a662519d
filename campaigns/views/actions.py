"""What can be done next with a campaign, with the verdict of the policy."""

from django.urls import reverse

from campaigns import policies
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from metrostd.common.actions import Action, possible
from metrostd.common.actors import Actor
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict

_OPENING = "开启后将按规则完成任务分工，并向建标单位和各区局下达应办事项。方案不能再修改。"
_REOPENING = "结束时取消的应办事项将恢复；结束时的统计表继续留存。"


def of_campaign(user: Actor, campaign: Campaign, *, job: Job | None) -> list[Action]:
    """For the office that runs it by its state; for others only what is theirs (``job`` opens it)."""
    if not policies.may_run_campaigns(user):
        own = user.acting.authority if user.acting else None
        verdict = policies.can_adjust(user, campaign, own)
        adjust = _link("调整本局安排", "adjust", campaign, icon="calendar-event", verdict=verdict)
        return possible(adjust)
    if campaign.state == CampaignState.DRAFT:
        opening = Action(
            "开启专项行动",
            reverse("campaigns:open", args=[campaign.pk]),
            policies.can_open(user, campaign, job=job),
            tone="primary",
            icon="player-play",
            confirm=_OPENING,
        )
        editing = policies.can_edit(user, campaign)
        return [_link("修改方案", "edit", campaign, icon="edit", verdict=editing), opening]
    if campaign.state == CampaignState.OPEN:
        can_adjust = policies.can_adjust(user, campaign, None)
        can_ask = policies.can_ask_pledge(user, campaign)
        closing = policies.can_prepare_closing(user, campaign)
        asking = Action(
            "要求签署保密承诺书",
            reverse("campaigns:ask_pledge", args=[campaign.pk]),
            can_ask,
            icon="file-certificate",
            confirm="从现在起，检查人员、考评员、专家和主管处室人员签署之后才能查看检查资料。",
        )
        pledges = _link("保密承诺书签署情况", "pledges", campaign, icon="file-certificate")
        return [
            asking if can_ask else pledges,
            _link("调整方案", "adjust", campaign, icon="calendar-event", verdict=can_adjust),
            _link("结束专项行动", "close", campaign, icon="flag-check", verdict=closing),
        ]
    reopening = Action(
        "重新开启",
        reverse("campaigns:reopen", args=[campaign.pk]),
        policies.can_reopen(user, campaign),
        "note",
        icon="player-play",
        confirm=_REOPENING,
    )
    return [reopening]


def _link(
    label: str, route: str, campaign: Campaign, *, icon: str, verdict: Verdict = YES
) -> Action:
    url = reverse(f"campaigns:{route}", args=[campaign.pk])
    return Action(label, url, verdict, "link", icon=icon)
