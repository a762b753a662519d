"""Whether the campaign a table belongs to is under way."""

from campaigns.enums import CampaignState

from .models import StatReport


def not_running(report: StatReport) -> str:
    """Nothing is handed in before a campaign has opened or after it has ended."""
    if report.campaign.state == CampaignState.OPEN:
        return ""
    return "专项行动不在进行中，统计表不能再变动。"
