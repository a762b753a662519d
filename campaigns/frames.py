"""What belongs into a frame and what does not, read from routing and register.

What a list of bureaus holds instead of units stands in ``bureau_frames``; whoever shows, freezes, hashes or
draws asks here and need not know which it is.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from django.db.models import Q, QuerySet

from metrostd.registry.enums import CertificateState
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
)
from metrostd.registry.querysets.aging import in_state

from . import bureau_frames, routing, unit_frames
from .enums import FrameSubject
from .models import Campaign, SamplingFrame
from .protocol import first
from .protocol.order import Holder, Item, frame_json


class Listed(Protocol):
    """What a list holds at this moment, of whatever subject."""

    @property
    def said(self) -> str: ...
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def reasons(self) -> dict[tuple[str, str], str]: ...
    def lines(self) -> unit_frames.Lines: ...
    def keep(self, frame: SamplingFrame) -> None: ...


def read(
    campaign: Campaign, authority: Authority, subject: str, *, issued_from: dt.date | None
) -> Listed:
    """What a list of this subject holds at this moment; nothing is stored."""
    if subject == FrameSubject.BUREAUS and issued_from is not None:
        return bureau_frames.contents(campaign, issued_from)
    return unit_frames.contents(unit_frames.basis_of(campaign, authority, routing.Rules.in_force()))


def read_again(frame: SamplingFrame) -> Listed:
    """What a list that is shown already would hold now."""
    return read(frame.campaign, frame.authority, frame.subject, issued_from=frame.issued_from)


def kept_lines(frame: SamplingFrame) -> unit_frames.Lines:
    """The rows that were kept with a list."""
    return (
        bureau_frames.kept_lines(frame)
        if frame.of_bureaus
        else unit_frames.lines_of(frame.entries.all())
    )


def forget(frame: SamplingFrame) -> None:
    """Take the rows off a list that is read anew before it is frozen."""
    frame.entries.all().delete()
    frame.exclusions.all().delete()
    frame.bureaus.all().delete()


def holders_of(frame: SamplingFrame) -> list[Holder]:
    """The list as the draw reads it, from the record and not from the register."""
    if frame.of_bureaus:
        return bureau_frames.holders_of(frame)
    columns = ("unit_key", "unit_name", "standard_key", "field__code", "category", "is_priority")
    return group(frame.entries.order_by("pk").values_list(*columns, "standard_name"))


def group(rows: Iterable[tuple[str, str, str, str | None, str, bool, str]]) -> list[Holder]:
    """Units with their standards, of rows in the order of ``holders_of``."""
    grouped: dict[str, list[Item]] = {}
    names: dict[str, str] = {}
    for unit, name, key, code, category, priority, said in rows:
        names[unit] = name
        grouped.setdefault(unit, []).append(Item(key, code or "", category, priority, said))
    return [Holder(unit, tuple(items), names[unit]) for unit, items in grouped.items()]


def names_of(frame: SamplingFrame) -> dict[str, str]:
    """The name of each line of a list by its identity."""
    if frame.of_bureaus:
        return dict(frame.bureaus.values_list("key", "name"))
    return dict(frame.entries.values_list("unit_key", "unit_name"))


def keys_of(frame: SamplingFrame) -> dict[int, str]:
    """The identity of each unit of a list by its key in this database."""
    return dict(frame.entries.values_list("unit_id", "unit_key"))


def json_of(frame: SamplingFrame) -> dict[str, object]:
    """The list as it is hashed and published."""
    left_out = frame.exclusions.values_list("unit_key", "standard_key", "reason")
    return as_json(frame, holders_of(frame), left_out)


def as_json(
    frame: SamplingFrame, holders: Iterable[Holder], left_out: Iterable[tuple[str, str, str]]
) -> dict[str, object]:
    """The same of a list that is not written yet."""
    return frame_json(
        holders,
        campaign=frame.campaign.code,
        authority=frame.authority.code,
        excluded=[{"unit": u, "standard": s, "reason": r} for u, s, r in left_out],
    )


def units_of(frame: SamplingFrame) -> list[first.FrameUnit]:
    """The frozen list as draws of the first algorithm read it: by the keys of this database."""
    grouped: dict[int, list[first.FrameItem]] = {}
    columns = ("unit_id", "standard_id", "field__code", "category", "is_priority")
    for unit_id, pk, code, category, priority in frame.entries.order_by("pk").values_list(*columns):
        grouped.setdefault(unit_id, []).append(first.FrameItem(pk, code or "", category, priority))
    return [first.FrameUnit(unit_id, tuple(items)) for unit_id, items in grouped.items()]


def added_later(frame: SamplingFrame) -> QuerySet[MeasurementStandard]:
    """Standards this office would inspect that are neither in the frame nor excluded from it.

    They were certified, moved here or given to the office after the list was frozen.
    """
    campaign, authority = frame.campaign, frame.authority
    ruled = routing.of_authority(campaign, authority, routing.Rules.in_force())
    elsewhere = campaign.routed.exclude(inspecting_authority=authority).exclude(
        inspecting_authority=None
    )
    routed_here = campaign.routed.filter(inspecting_authority=authority)
    return (
        routing.in_scope(campaign)
        .filter(ruled | Q(pk__in=routed_here.values("standard")))
        .filter(in_state(*CertificateState.in_frame, at="certificates__"))
        .exclude(pk__in=elsewhere.values("standard"))
        .exclude(pk__in=frame.entries.values("standard"))
        .exclude(pk__in=frame.exclusions.filter(standard__isnull=False).values("standard"))
        .select_related("unit", "field")
        .order_by("unit__name", "pk")
    )
