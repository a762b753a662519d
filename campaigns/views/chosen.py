"""The campaign a list page is about: the one in the address, else the one in the top bar."""

from django.http import Http404

from campaigns.current import current_campaign, own_campaigns
from campaigns.models import Campaign
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest
from metrostd.common.outside import is_key


def chosen_campaign(request: PortalRequest) -> Campaign | None:
    """``?campaign=`` within the person's scope (404 outside it), otherwise the current one."""
    wanted = request.GET.get("campaign", "")
    if not wanted:
        return current_campaign(request)
    if not is_key(wanted):
        raise Http404
    return get_object_or_404(Campaign.objects.visible_to(request.user), pk=wanted)


def chosen_campaigns(request: PortalRequest) -> list[Campaign]:
    """``?campaign=`` alone, otherwise every campaign a person's own lists are about."""
    if request.GET.get("campaign", ""):
        campaign = chosen_campaign(request)
        return [campaign] if campaign else []
    return own_campaigns(request)
