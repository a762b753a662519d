"""Everybody who will see inspection data signs the pledge on the first day."""

from campaigns import pledges
from campaigns.models import AskedPledge, Campaign
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.demo.people import actor


def sign_all(campaign: Campaign) -> None:
    """Each in their own name; nothing where the words are not loaded."""
    if not AskedPledge.objects.filter(campaign=campaign).exists():
        return
    people = Membership.objects.active().filter(role__in=Role.pledged)
    for username in people.order_by("pk").values_list("user__username", flat=True):
        pledges.sign(campaign, actor=actor(username))
