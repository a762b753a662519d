"""Reads of the reports offices hand in."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import BulletinState, StatReportState


class StatReportQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> StatReportQuerySet:
        """The municipal office all of them, a district its own and those of offices below it."""
        return self.filter(user.scope.casework.as_q(authority="authority"))

    def owed(self) -> StatReportQuerySet:
        """Those the office still has to hand in, or to hand in again."""
        return self.filter(state__in=StatReportState.with_office)

    def for_list(self) -> StatReportQuerySet:
        """Without the tables, with the number of the edition that was accepted last."""
        editions = self.model._meta.get_field("editions").related_model
        accepted = editions._base_manager.filter(  # type: ignore[union-attr]
            report=OuterRef("pk"), accepted_at__isnull=False
        ).order_by("-number")
        rows = self.select_related("campaign", "authority").defer("table", "evidence")
        return rows.annotate(
            is_accepted=Exists(accepted), accepted_number=Subquery(accepted.values("number")[:1])
        ).order_by("authority__code")


class StatEditionQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> StatEditionQuerySet:
        return self.filter(user.scope.casework.as_q(authority="report__authority"))

    def without_tables(self) -> StatEditionQuerySet:
        return self.defer("table", "evidence", "results")

    def standing(self) -> StatEditionQuerySet:
        """The accepted edition of each report that no later accepted one has replaced."""
        later = self.model._base_manager.filter(
            report=OuterRef("report"), accepted_at__isnull=False, number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later), accepted_at__isnull=False)


class TypicalCaseQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> TypicalCaseQuerySet:
        """With the report they are part of."""
        return self.filter(user.scope.casework.as_q(authority="report__authority"))


class ReportChapterQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ReportChapterQuerySet:
        """With the report they are part of."""
        return self.filter(user.scope.casework.as_q(authority="report__authority"))


class ReportTemplateQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ReportTemplateQuerySet:
        """Those of the office a person acts for, and of offices it looks after."""
        return self.filter(user.scope.casework.as_q(authority="authority"))

    def in_use(self) -> ReportTemplateQuerySet:
        return self.filter(retired_at=None)


class CityReportQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> CityReportQuerySet:
        """The organiser of the campaign alone: its offices have reports of their own."""
        return self.filter(user.scope.casework.as_q(authority="campaign__organiser"))


class BulletinQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> BulletinQuerySet:
        """The organiser of the campaign; everybody else reads what is public on its own page."""
        return self.filter(user.scope.casework.as_q(authority="campaign__organiser"))

    def public_on(self, day: dt.date) -> BulletinQuerySet:
        """What anybody may read on a day: published, not withdrawn, within its time."""
        until = models.Q(visible_until=None) | models.Q(visible_until__gte=day)
        return self.filter(until, state=BulletinState.PUBLISHED, visible_from__lte=day)

    def search(self, words: str) -> BulletinQuerySet:
        """By any word of what was published, names of units included."""
        found = models.Q(searched__icontains=words) | models.Q(title__icontains=words)
        return self.filter(found | models.Q(text__icontains=words))


class RecordRequestQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> RecordRequestQuerySet:
        """The office that was asked, and the municipal office."""
        return self.filter(user.scope.casework.as_q(authority="authority"))


class Annex3FormQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Annex3FormQuerySet:
        """The administrator's; everybody else sees a form in the tables that are made in it."""
        return self if user.scope.role == Role.SYSTEM_ADMIN else self.none()

    def in_force(self, day: dt.date) -> Annex3FormQuerySet:
        """Those in force by a day, the one that counts first."""
        return self.filter(in_force_from__lte=day).order_by("-in_force_from", "-pk")
