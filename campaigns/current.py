"""The campaign a person is looking at, those their own work spans, and what lies in the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet

from metrostd.accounts.asked_by import AskedBy
from metrostd.common.actors import Actor
from metrostd.common.http import PortalRequest
from metrostd.common.roles import Role

from .enums import CampaignState
from .models import Campaign, ChosenCampaign

_VISIBLE = AskedBy(lambda user: Campaign.objects.visible_to(user).with_choice_of(user))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another campaign in which a list that is empty here has rows."""

    campaign: Campaign
    rows: int


def current_campaign(request: PortalRequest) -> Campaign | None:
    """The chosen campaign if it is still visible, otherwise the newest open, otherwise the newest."""
    cached = getattr(request, "current_campaign", ...)
    if cached is not ...:
        return cached  # type: ignore[return-value]
    visible = _VISIBLE.rows(request.user)
    request.visible_campaigns = visible  # type: ignore[attr-defined]
    campaign = next((c for c in visible if c.is_chosen), None)
    campaign = campaign or next((c for c in visible if c.state == CampaignState.OPEN), None)
    campaign = campaign or (visible[0] if visible else None)
    request.current_campaign = campaign  # type: ignore[attr-defined]
    return campaign


def look_at(request: PortalRequest, campaign: Campaign) -> None:
    """The address of a page names a campaign: the frame around it names the same, whatever was chosen."""
    request.looked_at = campaign  # type: ignore[attr-defined]


def keep_said(request: PortalRequest, campaign: Campaign | None, said: Mapping[str, str]) -> None:
    """What a page's own figures say of a campaign's stages, for the strip of stages above them."""
    request.said_of_stages = (campaign, said)  # type: ignore[attr-defined]


def kept_said(request: PortalRequest, campaign: Campaign) -> Mapping[str, str]:
    """What ``keep_said`` kept of this campaign."""
    about, said = getattr(request, "said_of_stages", (None, {}))
    return said if about == campaign else {}


def looked_at(request: PortalRequest) -> Campaign | None:
    """The campaign a page shows: that of its address, otherwise the current one."""
    current = current_campaign(request)
    return getattr(request, "looked_at", current)


def keep_current(request: PortalRequest) -> int | None:
    """Which campaign a request is about, for work that goes on after it."""
    current = current_campaign(request)
    return current.pk if current else None


def go_on_with(request: PortalRequest, kept: int | None) -> None:
    """Let a request be about the campaign an earlier one was about, whatever was chosen since."""
    known = {campaign.pk: campaign for campaign in visible_campaigns(request)}
    if kept and kept not in known:
        raise PermissionDenied("当时所选的专项行动已不在您的查看范围内。")
    request.current_campaign = known[kept] if kept else None  # type: ignore[attr-defined]


def visible_campaigns(request: PortalRequest) -> list[Campaign]:
    """Every campaign the person may know of, the newest first; read once per request."""
    current_campaign(request)
    return request.visible_campaigns  # type: ignore[attr-defined,no-any-return]


def own_campaigns(request: PortalRequest) -> list[Campaign]:
    """What a person's own lists are about: every campaign that runs, and the one chosen.

    A second campaign that opens must not hide what is still owed in the first.
    """
    current = current_campaign(request)
    return [
        campaign
        for campaign in visible_campaigns(request)
        if campaign == current or campaign.state == CampaignState.OPEN
    ]


def listed_campaigns(request: PortalRequest) -> list[Campaign]:
    """What the lists of a stage are about: an office's of the campaign chosen, others' of all."""
    if request.user.scope.role not in Role.offices:
        return own_campaigns(request)
    current = current_campaign(request)
    return [current] if current else []


def choose_campaign(user: Actor, campaign: Campaign) -> None:
    """Remember what a person looks at, wherever and whenever they sign in."""
    ChosenCampaign.objects.update_or_create(user=user, defaults={"campaign": campaign})


def elsewhere(
    request: PortalRequest,
    rows: QuerySet,
    shown: list[Campaign],
    *,
    field: str = "campaign",
) -> list[Elsewhere]:
    """For a list that is empty: the other campaigns in which ``rows`` (of all campaigns) are."""
    here = {campaign.pk for campaign in shown}
    others = {c.pk: c for c in visible_campaigns(request) if c.pk not in here}
    if not others:
        return []
    counted = (
        rows.order_by()
        .filter(**{f"{field}__in": list(others)})
        .values_list(field)
        .annotate(rows=Count("pk", distinct=True))
    )
    found = dict(counted.values_list(field, "rows"))
    return [Elsewhere(campaign, found[pk]) for pk, campaign in others.items() if pk in found]
