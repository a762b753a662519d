"""Reads of campaigns, duties, frames and draws."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from typing import Self

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.query import ModelIterable

from metrostd.accounts.absences import represented_by
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.keyed import AnyOf
from metrostd.common.roles import Role

from . import by_clock
from .by_clock import ByClock
from .enums import (
    CampaignState,
    DrawState,
    DutyKind,
    FrameState,
    FrameSubject,
    TermsState,
    UsedIn,
)


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


def being_opened(*, column: str = "campaign") -> Q:
    """Of a draft that is being opened: what has been made so far is nobody's to see."""
    campaigns = apps.get_model("campaigns", "Campaign").objects
    drafts = campaigns.filter(state=CampaignState.DRAFT, opening_begun_at__isnull=False)
    # Whether there is any is asked first, and once: nearly always there is none.
    return Q(Exists(drafts)) & Q(**{f"{column}__in": drafts.values("pk")})


#: Nobody has done it or taken it back, as far as is on record.
WAITING = Q(fulfilled_at=None, cancelled_at=None)
#: Spelled as the index over these rows spells it.
SETTLED = Q(fulfilled_at__isnull=False) | Q(cancelled_at__isnull=False)


def _but(rows: Q, left_out: Q) -> Q:
    """These without those; the condition stays as it is where nothing is left out."""
    return rows & ~left_out if left_out else rows


def _of_absent(acting: Membership) -> Q:
    """What those owe whom somebody stands in for: a condition of its own, so that an index finds it."""
    return Q(membership__isnull=False, membership__in=represented_by(acting))


class DutyQuerySet(AnyOf):
    #: What passed days make of them, for whoever reads them (``by_now``).
    passed: ByClock | None = None

    def visible_to(self, user: Actor) -> DutyQuerySet:
        """Everyone what they owe; offices also what their people owe and the self-checks of the
        units in their territory, but not what such a unit owes to another office."""
        reach = user.scope.casework
        rows = self.of_opened()
        if reach.everything:
            # What 纪检监督 owes about a complaint is about the municipal office itself.
            # Few duties are a person's: asked first, that spares the comparison of all the others.
            others = Q(membership__isnull=False) & ~Q(membership=user.acting)
            return rows.exclude(others & Q(kind__in=DutyKind.of_complaints))
        own = [reach.as_q(authority="authority", unit="unit")]
        if user.acting:
            own += [Q(membership=user.acting), _of_absent(user.acting)]
            if user.acting.role == Role.DISTRICT_APPROVER:
                own.append(Q(kind__in=DutyKind.of_register, authority=user.acting.authority_id))
        if not reach.authority_ids:
            return rows.filter(reduce(or_, own))
        territory = reach.as_q(authority="unit__territorial_authority")
        return rows.any_of(
            *own,
            # Said though it follows: the planners do not know that few duties have a member or a unit.
            Q(membership__isnull=False) & reach.as_q(authority="membership__authority"),
            Q(kind=DutyKind.SELF_CHECK, unit__isnull=False) & territory,
        )

    def of_opened(self) -> DutyQuerySet:
        """Without what a campaign that is being opened has made so far."""
        return self.exclude(being_opened())

    def of_authority(self, authority_id: int) -> DutyQuerySet:
        """What an authority, its people and the units in its territory owe."""
        return self.any_of(
            Q(authority=authority_id),
            Q(membership__isnull=False, membership__authority=authority_id),
            Q(unit__territorial_authority=authority_id),
        )

    def owed_by(self, user: Actor) -> DutyQuerySet:
        """What the acting membership itself has to do: its office's, its unit's, or its own."""
        return self.owed_in(user.acting) if user.acting else self.none()

    def owed_in(self, acting: Membership) -> DutyQuerySet:
        """What somebody has to do in one of their capacities."""
        rows = self.of_opened()
        mine = Q(membership=acting) | _of_absent(acting)
        if acting.role in Role.offices:
            own = Q(membership=acting), Q(authority=acting.authority_id)
            return rows.any_of(*own, _of_absent(acting))
        if acting.role in Role.registrars:
            desk = Q(authority=acting.authority_id, kind__in=DutyKind.of_register)
            return rows.any_of(mine, desk)
        if acting.unit_id:
            return rows.any_of(mine, Q(unit=acting.unit_id))
        return rows.filter(mine)

    def about_all(self, model: type[models.Model], pks: list[int]) -> DutyQuerySet:
        """What is owed for these objects of one model, the nearest day first."""
        kind = ContentType.objects.get_for_model(model)
        return self.filter(target_type=kind, target_id__in=pks).order_by("due_on", "pk")

    def not_about(self, target: models.Model) -> DutyQuerySet:
        """Without what is owed for one object."""
        kind = ContentType.objects.get_for_model(target)
        return self.exclude(target_type=kind, target_id=target.pk)

    def by_now(self, on: dt.date) -> DutyQuerySet:
        """As they stand on a day, whether the clock has written down what it makes of them or not.

        For reading: conditions asked of these and their rows are those of that day.
        """
        rows = self.all()
        rows.passed = by_clock.passed_by(on)
        return rows

    def same_day(self) -> DutyQuerySet:
        """All there are, as they stand on the day these are read for."""
        rows = type(self)(self.model)
        rows.passed = self.passed
        return rows

    def in_order(self, *columns: str) -> DutyQuerySet:
        """``order_by``, where the due day is that of the day these are read for."""
        if not self.passed or not (moved := self.passed.moved):
            return self.order_by(*columns)
        days = [When(condition, then=Value(day)) for day, condition in moved.items()]
        day_now = Case(*days, default=F("due_on"), output_field=models.DateField())
        wanted = (column.replace("due_on", "day_now") for column in columns)
        return self.alias(day_now=day_now).order_by(*wanted)

    def _clone(self) -> Self:
        made = super()._clone()
        made.passed = self.passed
        return made

    def _fetch_all(self) -> None:
        fetched = self._result_cache is None
        super()._fetch_all()  # type: ignore[misc]  # the stub leaves it out
        if fetched and self.passed and issubclass(self._iterable_class, ModelIterable):
            for duty in self._result_cache or ():
                self.passed.show(duty)  # type: ignore[arg-type]  # rows of its own model

    @property
    def _ended(self) -> Q:
        return self.passed.cancelled | self.passed.fulfilled if self.passed else Q()

    def _late(self, on: dt.date) -> Q:
        late = WAITING & Q(due_on__lt=on)
        if not self.passed:
            return late
        return _but(_but(late, self._ended), self.passed.later)

    def open(self) -> DutyQuerySet:
        return self.filter(_but(WAITING, self._ended))

    def settled(self) -> DutyQuerySet:
        """Done or taken back: whatever is not open."""
        return self.filter(SETTLED | self._ended) if self._ended else self.filter(SETTLED)

    def done(self) -> DutyQuerySet:
        return self.filter(self._done)

    @property
    def _done(self) -> Q:
        done = Q(fulfilled_at__isnull=False)
        return done | self.passed.fulfilled if self.passed and self.passed.fulfilled else done

    def cancelled(self) -> DutyQuerySet:
        gone = Q(cancelled_at__isnull=False)
        return self.filter(gone | self.passed.cancelled if self.passed else gone)

    def kept(self) -> DutyQuerySet:
        """Without what was taken back."""
        rows = self.filter(cancelled_at=None)
        return rows.exclude(gone) if self.passed and (gone := self.passed.cancelled) else rows

    def running(self, on: dt.date) -> DutyQuerySet:
        """Owed, and not late."""
        in_time = Q(due_on__gte=on)
        if self.passed and (later := self.passed.later):
            in_time |= later
        return self.open().filter(in_time)

    def overdue(self, on: dt.date) -> DutyQuerySet:
        return self.filter(self._late(on))

    def totals(self, on: dt.date) -> dict[str, int]:
        """How many of these are done, open and late, open and not late; one query."""
        if self._is_several:  # which they are is looked up once
            rows = self.kept()
            found = rows.aggregate(**rows.counts(on))
            total = found.pop("total")
            return {**found, "running": total - found["done"] - found["overdue"]}
        # Each is a stretch of the index; told apart row by row they take twice as long.
        parts = {
            "done": self.kept().done(),
            "overdue": self.overdue(on),
            "running": self.running(on),
        }
        first, *others = (
            rows.order_by().annotate(part=Value(part)).values_list("part").annotate(n=Count("*"))
            for part, rows in parts.items()
        )
        return dict.fromkeys(parts, 0) | dict(first.union(*others, all=True))

    def counts(self, on: dt.date) -> dict[str, Count]:
        """All of these, those done, those late. Named by columns of the index that answers."""
        more = self.passed.fulfilled if self.passed else Q()
        done = Count("pk", filter=self._done) if more else Count("fulfilled_at")
        return {
            "total": Count("*"),
            "done": done,
            "overdue": Count("due_on", filter=self._late(on)),
        }

    def tally(self, on: dt.date) -> dict[str, dict[str, int]]:
        """By kind: how many wait, how many of these are late, how many are done."""
        rows = (
            self.order_by()
            .values("kind")
            .annotate(
                waiting=Count("kind", filter=_but(WAITING, self._ended)),
                late=Count("kind", filter=self._late(on)),
                done=Count("kind", filter=self._done),
            )
        )
        return {row["kind"]: row for row in rows}

    def for_list(self) -> DutyQuerySet:
        return self.select_related(
            "campaign", "authority", "unit", "membership__user", "target_type"
        ).order_by("due_on", "pk")

    def for_table(self) -> DutyQuerySet:
        """What a row of the lists and of their export shows, in no order, and nothing else of wide tables."""
        related = ("campaign", "authority", "unit", "membership__user")
        return self.select_related(*related).only(
            *("kind", "title", "detail", "due_on", "due_note", "fulfilled_at", "cancelled_at"),
            *("target_type", "target_id", "campaign__title", "authority__short_name"),
            *("unit__name", "membership__user__display_name", "membership__user__username"),
        )


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

    def of_units(self) -> FrameQuerySet:
        """Lists of units: every office has one."""
        return self.filter(subject=FrameSubject.UNITS)

    def of_bureaus(self) -> FrameQuerySet:
        """Lists of bureaus: the organiser has one."""
        return self.filter(subject=FrameSubject.BUREAUS)

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
        """The office and those above it; 纪检监督 of the organiser sees the terms of every office; a witness those it is named in."""
        acting = user.acting
        if acting is not None and acting.role == Role.DISCIPLINE:
            return self.filter(campaign__organiser=acting.authority_id)
        own = user.scope.casework.as_q(authority="authority")
        if acting is not None and acting.role in Role.offices:
            witnesses = apps.get_model("campaigns", "DrawWitness").objects
            own |= Q(pk__in=witnesses.filter(membership=acting.pk).values("terms"))
        return self.filter(own)

    def live(self) -> TermsQuerySet:
        """Announced and not come to an end; what nobody acknowledged in time has, clock or no clock."""
        late = Q(state=TermsState.ANNOUNCED, acknowledge_by__lt=clock.now())
        return self.filter(~late, state__in=TermsState.live)


class PledgeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> PledgeQuerySet:
        """One's own; an office those of its people."""
        reach = user.scope.casework
        if reach.everything:
            return self
        return self.filter(Q(person=user.pk) | reach.as_q(authority="membership__authority"))


class EditionQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> EditionQuerySet:
        """What the whole city came to is the municipal office's to read."""
        return self if user.scope.casework.everything else self.none()


class TemplateQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> TemplateQuerySet:
        """The administrator's; everybody else sees a version in the sheets that are laid out in it."""
        return self if user.scope.role == Role.SYSTEM_ADMIN else self.none()


class CampaignChecklistQuerySet(models.QuerySet):
    def until(self, day: dt.date) -> CampaignChecklistQuerySet:
        """What has taken effect by a day, the one in effect first."""
        taken = self.filter(Q(since=None) | Q(since__lte=day))
        return taken.order_by(F("since").desc(nulls_last=True))


class ItemQuerySet(models.QuerySet):
    def for_self_check(self) -> ItemQuerySet:
        return self.filter(used_in__in=UsedIn.self_check_items)

    def for_onsite(self) -> ItemQuerySet:
        return self.filter(used_in__in=UsedIn.onsite_items)
