"""The campaign a person is looking at: chosen in the top bar, else the newest one running."""

from metrostd.common.http import PortalRequest

from .enums import CampaignState
from .models import Campaign

SESSION_KEY = "campaign"


def current_campaign(request: PortalRequest) -> Campaign | None:
    """The chosen campaign if it is still visible, otherwise the newest open, otherwise the newest."""
    cached = getattr(request, "current_campaign", ...)
    if cached is not ...:
        return cached  # type: ignore[return-value]
    visible = list(Campaign.objects.visible_to(request.user))
    request.visible_campaigns = visible  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    campaign = next((c for c in visible if c.pk == chosen), None)
    campaign = campaign or next((c for c in visible if c.state == CampaignState.OPEN), None)
    campaign = campaign or (visible[0] if visible else None)
    request.current_campaign = campaign  # type: ignore[attr-defined]
    return campaign
