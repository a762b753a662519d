"""Figures of a campaign: one function, one meaning; every count is a grouped query."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q

from metrostd.common.actors import Actor
from metrostd.common.enums import Turn
from metrostd.registry.enums import HandOverState
from metrostd.registry.models import Authority, HandOver

from .enums import DutyKind, FrameSubject
from .models import (
    Campaign,
    DrawRun,
    DrawTerms,
    FrameStandard,
    RoutedStandard,
    SamplingFrame,
)
from .querysets import DutyQuerySet

_NONE = {"total": 0, "done": 0, "overdue": 0}


@dataclass(frozen=True, slots=True)
class DutyCounts:
    """Duties of a campaign as the viewer sees them; cancelled ones are not counted."""

    total: int
    done: int
    running: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Done:
    """How much of what is owed has been done; ``overdue`` counts what is open after its day."""

    total: int
    done: int
    overdue: int


@dataclass(frozen=True, slots=True)
class OfficeProgress:
    """One inspecting authority: what it inspects, what it drew, what it and its units still owe."""

    authority: Authority
    units: int
    standards: int
    drawn: int
    duties: Done
    self_checks: Done


@dataclass(frozen=True, slots=True)
class OfficeSampling:
    """One inspecting authority: its list, the frame if frozen, the valid draw if there is one."""

    authority: Authority
    units: int
    standards: int
    frame: SamplingFrame | None
    frame_units: int
    terms: DrawTerms | None
    run: DrawRun | None
    random: int
    directed: int

    @property
    def percent(self) -> float | None:
        """Drawn units, directed ones included, of the units in the frame."""
        drawn = self.random + self.directed
        return drawn * 100 / self.frame_units if self.run and self.frame_units else None


def duty_counts(owed: DutyQuerySet, *, viewer: Actor, on: dt.date) -> DutyCounts:
    """Of a campaign's duties those visible to the viewer: all, fulfilled, open and not late, open and late."""
    found = owed.visible_to(viewer).totals(on)
    return DutyCounts(total=sum(found.values()), **found)


def progress_by_office(
    campaign: Campaign, owed: DutyQuerySet, *, viewer: Actor, on: dt.date
) -> list[OfficeProgress]:
    """Inspecting authorities within the viewer's reach, by code, with their part of the duties ``owed``.

    Self-checks are those of the units in the authority's territory, to whichever office they report.
    """
    routed = routed_by_office(campaign, viewer=viewer)
    owed = owed.kept()
    own = _done_by(owed.filter(authority__in=routed), "authority", on=on)
    units = owed.filter(kind=DutyKind.SELF_CHECK, unit__territorial_authority__in=routed)
    self_checks = _done_by(units, "unit__territorial_authority", on=on)
    drawn = _drawn_by_office(campaign, routed)
    return [
        OfficeProgress(
            authority=authority,
            units=routed[authority.pk]["units"],
            standards=routed[authority.pk]["standards"],
            drawn=sum(drawn.get(authority.pk, {}).values()),
            duties=Done(**own.get(authority.pk, _NONE)),
            self_checks=Done(**self_checks.get(authority.pk, _NONE)),
        )
        for authority in _authorities(routed)
    ]


def sampling_by_office(campaign: Campaign, *, viewer: Actor) -> list[OfficeSampling]:
    """Inspecting authorities within the viewer's reach, with frame and valid draw, by code."""
    routed = routed_by_office(campaign, viewer=viewer)
    frames = {
        f.authority_id: f for f in campaign.frames.live().of_units().filter(authority__in=routed)
    }
    sizes = dict(
        FrameStandard.objects.filter(frame__in=frames.values())
        .order_by()
        .values_list("frame__authority")
        .annotate(Count("unit", distinct=True))
    )
    runs = {
        r.frame.authority_id: r
        for r in DrawRun.objects.valid()
        .filter(frame__in=frames.values())
        .select_related("frame__authority")
    }
    under_way = {
        t.authority_id: t for t in DrawTerms.objects.live().filter(frame__in=frames.values())
    }
    drawn = _drawn_by_office(campaign, routed)
    return [
        OfficeSampling(
            authority=authority,
            units=routed[authority.pk]["units"],
            standards=routed[authority.pk]["standards"],
            frame=frames.get(authority.pk),
            frame_units=sizes.get(authority.pk, 0),
            terms=under_way.get(authority.pk),
            run=runs.get(authority.pk),
            random=drawn.get(authority.pk, {}).get("random", 0),
            directed=drawn.get(authority.pk, {}).get("directed", 0),
        )
        for authority in _authorities(routed)
    ]


def unsigned_lists(authorities: Iterable[Authority]) -> dict[int, int]:
    """Lists handed to these offices that they have not signed for: what is frozen may still change."""
    waiting = HandOver.objects.filter(
        authority__in=list(authorities), state__in=HandOverState.turns[Turn.DISTRICT]
    )
    rows = waiting.order_by().values_list("authority").annotate(Count("pk"))
    return dict(rows.values_list("authority", "pk__count"))


def routed_by_office(campaign: Campaign, *, viewer: Actor) -> dict[int, dict[str, int]]:
    """Units and standards each authority within the viewer's reach inspects in the campaign."""
    rows = (
        RoutedStandard.objects.filter(campaign=campaign, inspecting_authority__isnull=False)
        .filter(viewer.scope.casework.as_q(authority="inspecting_authority"))
        .order_by()
        .values("inspecting_authority")
        .annotate(units=Count("unit", distinct=True), standards=Count("*"))
    )
    return {
        row["inspecting_authority"]: {"units": row["units"], "standards": row["standards"]}
        for row in rows
    }


def units_in_territory(frame: SamplingFrame) -> int:
    """Units with a routed standard in the authority's area, whoever inspects them: the wider base
    of the ratio. For the municipal commission all units of the campaign."""
    rows = frame.campaign.routed.all()
    if frame.authority_id != frame.campaign.organiser_id:
        rows = rows.filter(territorial_authority=frame.authority)
    return rows.aggregate(units=Count("unit", distinct=True))["units"]


def fields_of(frame: SamplingFrame) -> list[dict[str, object]]:
    """Per professional field: code, name, units and standards in the frame, by code."""
    rows = (
        frame.entries.order_by("field__code")
        .values(code=F("field__code"), name=F("field__name"))
        .annotate(units=Count("unit", distinct=True), standards=Count("pk"))
    )
    return [dict(row) for row in rows]


def _authorities(routed: Iterable[int]) -> list[Authority]:
    return list(Authority.objects.filter(pk__in=list(routed)).order_by("code"))


def _drawn_by_office(campaign: Campaign, routed: Iterable[int]) -> dict[int, dict[str, int]]:
    rows = (
        DrawRun.objects.valid()
        .filter(frame__campaign=campaign, frame__authority__in=list(routed))
        .filter(frame__subject=FrameSubject.UNITS)
        .order_by()
        .values_list("frame__authority", "drawn__kind")
        .annotate(n=Count("drawn", filter=Q(drawn__struck_at=None)))
    )
    found: dict[int, dict[str, int]] = {}
    for authority, kind, count in rows:
        found.setdefault(authority, {})[kind] = count
    return found


def _done_by(rows: DutyQuerySet, column: str, *, on: dt.date) -> dict[int, dict[str, int]]:
    grouped = rows.order_by().values(key=F(column))
    found = grouped.annotate(**rows.counts(on))
    columns = found.values_list("key", "total", "done", "overdue")
    return {
        key: {"total": total, "done": done, "overdue": late} for key, total, done, late in columns
    }
