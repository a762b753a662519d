"""Reads of campaigns, duties, frames and draws."""

from __future__ import annotations

import datetime as dt

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from metrostd.accounts.absences import represented_by
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.keyed import AnyOf
from metrostd.common.roles import Role

from .enums import CampaignState, DrawState, DutyKind, FrameState, TermsState, UsedIn


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> CampaignQuerySet:
        """Members see campaigns that have been opened; the municipal office sees drafts too."""
        scope = user.scope
        if scope.casework.everything or scope.role == Role.SYSTEM_ADMIN:
            return self
        return self.exclude(state=CampaignState.DRAFT) if scope.is_member else self.none()

    def with_choice_of(self, user: Actor) -> CampaignQuerySet:
        """Each campaign with ``is_chosen``: the one this person has chosen to look at."""
        chosen = apps.get_model("campaigns", "ChosenCampaign").objects.filter(user=user.pk)
        return self.annotate(is_chosen=Exists(chosen.filter(campaign=OuterRef("pk"))))


#: Spelled as the index over these rows spells it.
SETTLED = Q(fulfilled_at__isnull=False) | Q(cancelled_at__isnull=False)


def _of_absent(acting: Membership) -> Q:
    """What those owe whom somebody stands in for: a condition of its own, so that an index finds it."""
    return Q(membership__isnull=False, membership__in=represented_by(acting))


class DutyQuerySet(AnyOf):
    def visible_to(self, user: Actor) -> DutyQuerySet:
        """Everyone what they owe; offices also what their people owe and the self-checks of the
        units in their territory, but not what such a unit owes to another office."""
        reach = user.scope.casework
        if reach.everything:
            return self
        own, absent = reach.as_q(authority="authority", unit="unit"), Q(pk__in=[])
        if user.acting:
            own |= Q(membership=user.acting)
            absent = _of_absent(user.acting)
            if user.acting.role == Role.DISTRICT_APPROVER:
                desk = Q(kind__in=DutyKind.of_register, authority=user.acting.authority_id)
                own |= desk
        if not reach.authority_ids:
            return self.filter(own | absent)
        territory = reach.as_q(authority="unit__territorial_authority")
        return self.any_of(
            own,
            absent,
            # Said though it follows: the planner does not know that hardly any duty has a member.
            Q(membership__isnull=False) & reach.as_q(authority="membership__authority"),
            Q(kind=DutyKind.SELF_CHECK) & territory,
        )

    def of_authority(self, authority_id: int) -> DutyQuerySet:
        """What an authority, its people and the units in its territory owe."""
        return self.any_of(
            Q(authority=authority_id),
            Q(membership__isnull=False, membership__authority=authority_id),
            Q(unit__territorial_authority=authority_id),
        )

    def owed_by(self, user: Actor) -> DutyQuerySet:
        """What the acting membership itself has to do: its office's, its unit's, or its own."""
        acting = user.acting
        if acting is None:
            return self.none()
        mine = Q(membership=acting) | _of_absent(acting)
        if acting.role in Role.offices:
            own = Q(membership=acting), Q(authority=acting.authority_id)
            return self.any_of(*own, _of_absent(acting))
        if acting.role in Role.registrars:
            desk = Q(authority=acting.authority_id, kind__in=DutyKind.of_register)
            return self.any_of(mine, desk)
        if acting.unit_id:
            return self.any_of(mine, Q(unit=acting.unit_id))
        return self.filter(mine)

    def not_about(self, target: models.Model) -> DutyQuerySet:
        """Without what is owed for one object."""
        kind = ContentType.objects.get_for_model(target)
        return self.exclude(target_type=kind, target_id=target.pk)

    def open(self) -> DutyQuerySet:
        return self.filter(fulfilled_at=None, cancelled_at=None)

    def settled(self) -> DutyQuerySet:
        """Done or taken back: whatever is not open."""
        return self.filter(SETTLED)

    def overdue(self, on: dt.date) -> DutyQuerySet:
        return self.open().filter(due_on__lt=on)

    def tally(self, on: dt.date) -> dict[str, dict[str, int]]:
        """By kind: how many wait, how many of these are late, how many are done."""
        waits = Q(fulfilled_at=None, cancelled_at=None)
        rows = (
            self.order_by()
            .values("kind")
            .annotate(
                waiting=Count("kind", filter=waits),
                late=Count("kind", filter=waits & Q(due_on__lt=on)),
                done=Count("kind", filter=Q(fulfilled_at__isnull=False)),
            )
        )
        return {row["kind"]: row for row in rows}

    def for_list(self) -> DutyQuerySet:
        return self.select_related(
            "campaign", "authority", "unit", "membership__user", "target_type"
        ).order_by("due_on", "pk")


class RoutedStandardQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> RoutedStandardQuerySet:
        """Seen by the office that inspects, the one that issued, and the unit itself."""
        return self.filter(
            user.scope.casework.as_q(
                authority=("inspecting_authority", "issuing_authority"), unit="unit"
            )
        )

    def unresolved(self) -> RoutedStandardQuerySet:
        """Nobody knows yet who inspects them; what has left the scope needs nobody."""
        return self.filter(inspecting_authority=None, standard__in_scope=True)


class FrameQuerySet(models.QuerySet):
    def frozen(self) -> FrameQuerySet:
        """Those that stand: a freeze taken back before its draw is kept, and counts for nothing."""
        return self.filter(state=FrameState.FROZEN)

    def live(self) -> FrameQuerySet:
        """Those that are to be drawn from: shown or frozen."""
        return self.filter(state__in=FrameState.live)

    def visible_to(self, user: Actor) -> FrameQuerySet:
        """Only offices: a unit must not learn of a draw before it is notified."""
        return self.filter(user.scope.casework.as_q(authority="authority"))


class DrawRunQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> DrawRunQuerySet:
        return self.filter(user.scope.casework.as_q(authority="frame__authority"))

    def valid(self) -> DrawRunQuerySet:
        return self.filter(state=DrawState.VALID)


class DrawnUnitQuerySet(models.QuerySet):
    def standing(self) -> DrawnUnitQuerySet:
        """Without what was struck."""
        return self.filter(struck_at=None)


class TermsQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> TermsQuerySet:
        """The office and those above it; 纪检监督 of the organiser sees the terms of every office."""
        acting = user.acting
        if acting is not None and acting.role == Role.DISCIPLINE:
            return self.filter(campaign__organiser=acting.authority_id)
        return self.filter(user.scope.casework.as_q(authority="authority"))

    def live(self) -> TermsQuerySet:
        """Announced and not come to an end."""
        return self.filter(state__in=TermsState.live)


class EditionQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> EditionQuerySet:
        """What the whole city came to is the municipal office's to read."""
        return self if user.scope.casework.everything else self.none()


class ItemQuerySet(models.QuerySet):
    def for_self_check(self) -> ItemQuerySet:
        return self.filter(used_in__in=UsedIn.self_check_items)

    def for_onsite(self) -> ItemQuerySet:
        return self.filter(used_in__in=UsedIn.onsite_items)
