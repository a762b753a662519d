"""What belongs into a frame and what does not, read from routing and register."""

from dataclasses import dataclass
from typing import TypedDict

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from metrostd.registry.enums import CertificateState, Regime
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
)
from metrostd.registry.querysets.aging import in_state, state_today

from . import routing
from .drawing import FrameItem, FrameUnit
from .models import Campaign, FrameExclusion, FrameStandard, SamplingFrame

NO_CERTIFICATE = "没有现行考核证书"
NOT_IN_SCOPE = "不属于市区两级主持考核的计量标准"
DRAFT = "在办，尚未取得考核证书"
AFTER_OPENING = "专项行动开启后新增，未列入任务分工"
WHOLE_UNIT = "所持计量标准均未列入，整户不参与抽取"


@dataclass(frozen=True, slots=True)
class Contents:
    """An office's list at this moment: what can be drawn, and what is left out and why."""

    entries: list[FrameStandard]
    exclusions: list[FrameExclusion]
    units: list[FrameUnit]


def contents(campaign: Campaign, authority: Authority, rules: routing.Rules) -> Contents:
    """Read what the authority inspects in this campaign; nothing is stored.

    Standards that are sealed, withdrawn or otherwise ended are left out with the reason; expired
    ones stay in. Drafts and standards outside the notice's scope are named as well, and a unit of
    which nothing is left gets a row of its own.
    """
    entries: list[FrameStandard] = []
    exclusions: list[FrameExclusion] = []
    grouped: dict[int, list[FrameItem]] = {}
    for row in _routed(campaign, authority):
        if reason := _left_out(row):
            exclusions.append(
                FrameExclusion(
                    unit_id=row["unit_id"], standard_id=row["standard_id"], reason=reason
                )
            )
            continue
        entries.append(
            FrameStandard(
                unit_id=row["unit_id"],
                standard_id=row["standard_id"],
                category=row["category"],
                field_id=row["field_id"],
                is_priority=row["priority"],
            )
        )
        grouped.setdefault(row["unit_id"], []).append(
            FrameItem(
                row["standard_id"], row["field__code"] or "", row["category"], row["priority"]
            )
        )
    exclusions += _unrouted(campaign, authority, rules)
    bare = {row.unit_id for row in exclusions} - grouped.keys()
    exclusions += [FrameExclusion(unit_id=pk, reason=WHOLE_UNIT) for pk in sorted(bare)]
    units = [FrameUnit(pk, tuple(items)) for pk, items in grouped.items()]
    return Contents(entries, exclusions, units)


def units_of(frame: SamplingFrame) -> list[FrameUnit]:
    """The frozen list as the draw reads it, from the record and not from the register."""
    grouped: dict[int, list[FrameItem]] = {}
    columns = ("unit_id", "standard_id", "field__code", "category", "is_priority")
    for unit_id, pk, code, category, priority in frame.entries.order_by("pk").values_list(*columns):
        grouped.setdefault(unit_id, []).append(FrameItem(pk, code or "", category, priority))
    return [FrameUnit(unit_id, tuple(items)) for unit_id, items in grouped.items()]


def added_later(frame: SamplingFrame) -> QuerySet[MeasurementStandard]:
    """Standards this office would inspect that are neither in the frame nor excluded from it.

    They were certified, moved here or given to the office after the list was frozen.
    """
    campaign, authority = frame.campaign, frame.authority
    ruled = routing.of_authority(campaign, authority, routing.Rules.newest())
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


def _routed(campaign: Campaign, authority: Authority) -> QuerySet:
    domains = StandardDomain.objects.filter(standard=OuterRef("standard"))
    return (
        campaign.routed.filter(inspecting_authority=authority)
        .annotate(
            certificate=FilteredRelation(
                "standard__certificates", condition=Q(standard__certificates__is_current=True)
            ),
            priority=Exists(domains),
            certificate_state=state_today("certificate__"),
        )
        .order_by("unit_id", "standard_id")
        .values(
            "unit_id",
            "standard_id",
            "category",
            "field_id",
            "field__code",
            "standard__regime",
            "standard__in_scope",
            "certificate_state",
            "priority",
        )
    )


class _Routed(TypedDict):
    """What decides whether a routed standard can be drawn, of a row of ``_routed``."""

    standard__in_scope: bool
    standard__regime: str
    certificate_state: str | None


def _left_out(row: _Routed) -> str:
    """Why a routed standard cannot be drawn; who decided on its scope since may have taken it out."""
    if not row["standard__in_scope"]:
        return NOT_IN_SCOPE
    return _ended(row["certificate_state"], row["standard__regime"])


def _ended(state: str | None, regime: str) -> str:
    """Why a standard cannot be drawn because of its certificate; empty when it can."""
    if state in CertificateState.in_frame or (state is None and regime == Regime.SELF_MANAGED):
        return ""
    return f"证书状态：{CertificateState(state).label}" if state else NO_CERTIFICATE


def _unrouted(
    campaign: Campaign, authority: Authority, rules: routing.Rules
) -> list[FrameExclusion]:
    """Standards the rules would give to this office but the campaign did not take up."""
    here = routing.jurisdiction(campaign.organiser)
    drafts = StandardCertificate.objects.filter(
        standard=OuterRef("pk"), state=CertificateState.DRAFT
    )
    rows = (
        MeasurementStandard.objects.filter(routing.of_authority(campaign, authority, rules))
        .exclude(
            pk__in=campaign.routed.exclude(unresolved_reason=routing.LEFT_SCOPE).values("standard")
        )
        .annotate(draft=Exists(drafts))
        .order_by("unit_id", "pk")
    )
    if authority.pk == campaign.organiser_id:
        rows = rows.filter(
            Q(unit__territorial_authority__in=here) | Q(unit__territorial_authority=None)
        )
    found = []
    for row in rows.only("pk", "unit_id", "in_scope", "hosting_authority_id"):
        if row.draft:
            reason = DRAFT
        elif not row.in_scope or row.hosting_authority_id not in here:
            reason = NOT_IN_SCOPE
        else:
            reason = AFTER_OPENING
        found.append(FrameExclusion(unit_id=row.unit_id, standard=row, reason=reason))
    return found
