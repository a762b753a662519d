"""The offices that inspect in a campaign, who belongs to one, and which tables a person may open."""

from django.db.models import Q, QuerySet

from campaigns.models import Campaign, RoutedStandard
from metrostd.common.actors import Actor
from metrostd.registry.models import Authority


def inspecting_offices(campaign: Campaign, *, viewer: Actor) -> QuerySet:
    """The organiser, the offices below it, and any other a standard is routed to, within scope."""
    organiser = campaign.organiser_id
    routed = RoutedStandard.objects.filter(campaign=campaign).values("inspecting_authority")
    rows = Authority.objects.filter(
        Q(pk=organiser) | Q(parent=organiser) | Q(parent__parent=organiser) | Q(pk__in=routed)
    )
    reach = viewer.scope.casework
    if not reach.everything:
        rows = rows.filter(pk__in=reach.authority_ids)
    return rows.order_by("code")


def owing_offices(campaign: Campaign) -> QuerySet[Authority]:
    """Who hands in a table: every bureau below the organiser, and whoever a standard is routed to."""
    organiser = campaign.organiser_id
    routed = RoutedStandard.objects.filter(campaign=campaign).values("inspecting_authority")
    return Authority.objects.filter(
        Q(parent=organiser) | Q(parent__parent=organiser) | Q(pk__in=routed)
    ).order_by("code")


def people_of(user: Actor) -> frozenset[int | None]:
    """The authorities a person belongs to, in whatever capacity."""
    return frozenset(user.memberships.active().values_list("authority", flat=True))
