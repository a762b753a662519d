"""Which office inspects which standard (通知二(二)1), by rules that are data with a version."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.registry.enums import Category, Level
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from .enums import CampaignState, DrawState, FrameState, Inspector
from .models import (
    Campaign,
    DrawnStandard,
    EarlierRouting,
    FrameStandard,
    RoutedStandard,
    RoutingRule,
    RoutingTable,
    SamplingFrame,
)

BATCH = 2000
UNKNOWN_TERRITORY = "建标单位的属地区局未知"
#: Of a standard a running campaign no longer has anybody inspect; nobody has to settle it.
LEFT_SCOPE = "不再属于监督检查范围"
_NAMED = ("campaign", "unit", "standard", "issuing_authority")
BY_HAND = "该类别须人工确定组织检查的部门"


@dataclass(frozen=True, slots=True)
class Rules:
    """A version of the routing table."""

    version: int
    inspectors: dict[str, Inspector]

    @classmethod
    def in_force(cls) -> Rules:
        """The table of today; ValidationError when there is none."""
        found = cls.in_force_or_none()
        if found is None:
            raise ValidationError("还没有任务分工规则，请先装入基础数据。")
        return found

    @classmethod
    def in_force_or_none(cls, on: dt.date | None = None) -> Rules | None:
        """The table of a day: the last one put in force by then, otherwise the newest of those delivered."""
        tables = RoutingTable.objects.filter(in_force_from__lte=on or clock.today())
        taken = tables.order_by("-in_force_from").values("version")[:1]
        delivered = RoutingRule.objects.exclude(
            version__in=RoutingTable.objects.values("version")
        ).order_by("-version")
        version = Coalesce(Subquery(taken), Subquery(delivered.values("version")[:1]))
        return cls._read(RoutingRule.objects.filter(version=version))

    @classmethod
    def of(cls, version: int) -> Rules:
        """The table of a number; of one that is gone everything is settled by hand."""
        return cls._read(RoutingRule.objects.filter(version=version)) or cls(version, {})

    @classmethod
    def _read(cls, rules: QuerySet[RoutingRule]) -> Rules | None:
        rows = list(rules)
        if not rows:
            return None
        return cls(rows[0].version, {row.category: Inspector(row.inspector) for row in rows})

    def categories(self, inspector: Inspector) -> list[str]:
        """The categories this kind of office inspects; those without a rule are by hand."""
        return [c for c in Category.values if self.inspectors.get(c, Inspector.MANUAL) == inspector]

    def resolve(
        self, category: str, *, city_id: int, territory_id: int | None
    ) -> tuple[int | None, str]:
        """The inspecting authority, or None with the reason a person reads in the queue."""
        match self.inspectors.get(category, Inspector.MANUAL):
            case Inspector.CITY:
                return city_id, ""
            case Inspector.DISTRICT:
                return territory_id, "" if territory_id else UNKNOWN_TERRITORY
            case _:
                return None, BY_HAND


def jurisdiction(organiser: Authority) -> set[int]:
    """The organiser with every authority below it; bureaus under no city count as its own."""
    nodes = {pk: (parent, level) for pk, parent, level in _tree()}
    members = set()
    for pk in nodes:
        node = pk
        while node != organiser.pk and (parent := nodes[node][0]) is not None:
            node = parent
        if node == organiser.pk or nodes[node][1] == Level.DISTRICT:
            members.add(pk)
    return members


def _tree() -> Iterable[tuple[int, int | None, str]]:
    return Authority.objects.order_by("pk").values_list("pk", "parent_id", "level")


def in_scope(campaign: Campaign) -> QuerySet[MeasurementStandard]:
    """Standards hosted at city or district level here, drafts without certificate left out."""
    return MeasurementStandard.objects.in_scope().filter(
        hosting_authority__in=jurisdiction(campaign.organiser)
    )


def of_authority(campaign: Campaign, authority: Authority, rules: Rules) -> Q:
    """Standards which the rules give to an authority, whatever the campaign has routed."""
    wanted = Q(pk__in=[])
    if authority.pk == campaign.organiser_id:
        wanted |= Q(category__in=rules.categories(Inspector.CITY))
    return wanted | Q(
        category__in=rules.categories(Inspector.DISTRICT),
        unit__territorial_authority=authority,
    )


def route(
    campaign: Campaign,
    standards: QuerySet[MeasurementStandard],
    *,
    rules: Rules,
    progress: Callable[[int], None],
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> int:
    """Write who inspects each standard, a batch a ``turn``; a standard routed before is routed afresh.

    Values are copied from the register so that later changes there leave the campaign alone.
    """
    columns = ("pk", "unit_id", "category", "field_id", "issuing_authority_id")
    rows = standards.order_by("pk").values_list(*columns, "unit__territorial_authority_id")
    written = last = 0
    # No batch is written while rows are still being read: SQLite refuses that once somebody else has written.
    more = True
    while more and (part := list(rows.filter(pk__gt=last)[:BATCH])):
        last, more = part[-1][0], len(part) == BATCH
        batch = []
        for pk, unit_id, category, field_id, issuer_id, territory_id in part:
            inspecting_id, reason = rules.resolve(
                category, city_id=campaign.organiser_id, territory_id=territory_id
            )
            row = RoutedStandard(
                campaign=campaign,
                standard_id=pk,
                unit_id=unit_id,
                category=category,
                field_id=field_id,
                issuing_authority_id=issuer_id,
                territorial_authority_id=territory_id,
                inspecting_authority_id=inspecting_id,
                unresolved_reason=reason,
                rule_version=rules.version,
            )
            batch.append(row)
        with turn():
            written += _write(batch)
        progress(written)
    return written


def _write(batch: list[RoutedStandard]) -> int:
    RoutedStandard.objects.bulk_create(
        batch,
        update_conflicts=True,
        unique_fields=["campaign", "standard"],
        update_fields=[
            "unit",
            "category",
            "field",
            "issuing_authority",
            "territorial_authority",
            "inspecting_authority",
            "unresolved_reason",
            "rule_version",
        ],
        batch_size=BATCH,
    )
    return len(batch)


def settle(campaign: Campaign, rules: Rules) -> dict[str, int]:
    """Make the routed standards exactly those in scope now; returns the counts."""
    scope = in_scope(campaign)
    campaign.routed.exclude(standard__in=scope.values("pk")).delete()
    missing = scope.exclude(pk__in=campaign.routed.values("standard"))
    route(campaign, missing, rules=rules, progress=lambda done: None)
    return {
        "routed": campaign.routed.count(),
        "unresolved": campaign.routed.unresolved().count(),
        "rule_version": rules.version,
    }


def take_in(standard: MeasurementStandard, *, actor: Actor | None) -> list[RoutedStandard]:
    """Route a standard that came into scope in every running campaign that did not take it up.

    Until now nobody inspected it: figures of earlier days do not count it. Returns the rows.
    """
    taken = []
    running = Campaign.objects.filter(state=CampaignState.OPEN)
    routed = RoutedStandard.objects.filter(standard=standard).exclude(
        inspecting_authority=None, unresolved_reason=LEFT_SCOPE
    )
    for campaign in running.exclude(pk__in=routed.values("campaign")).order_by("pk"):
        earlier = list(campaign.routed.filter(standard=standard))
        keep_earlier(earlier)
        found = in_scope(campaign).filter(pk=standard.pk)
        route(campaign, found, rules=Rules.in_force(), progress=lambda done: None)
        rows = list(campaign.routed.filter(standard=standard).select_related(*_NAMED))
        if not earlier:
            EarlierRouting.objects.bulk_create(
                EarlierRouting(routed=row, until=clock.now()) for row in rows
            )
        taken += rows
    audit.record_many(
        taken,
        actor=actor,
        action="routing.take_in",
        label="列入专项行动",
        note=standard.scope_reason,
    )
    return taken


def leave_out(standard: MeasurementStandard, *, actor: Actor | None) -> list[RoutedStandard]:
    """Nobody inspects a standard that has left the scope, from now on; returns the rows that moved.

    One that stands in a frozen frame or a valid draw stays with the office that has it.
    """
    rows = list(
        RoutedStandard.objects.select_for_update(of=("self",))
        .filter(standard=standard, campaign__state=CampaignState.OPEN)
        .exclude(inspecting_authority=None, unresolved_reason=LEFT_SCOPE)
        .select_related(*_NAMED)
        .order_by("pk")
    )
    listed = _listed(rows)
    left = [row for row in rows if (row.campaign_id, row.standard_id) not in listed]
    keep_earlier(left)
    RoutedStandard.objects.filter(pk__in=[row.pk for row in left]).update(
        inspecting_authority=None, unresolved_reason=LEFT_SCOPE
    )
    audit.record_many(
        left,
        actor=actor,
        action="routing.leave_out",
        label="移出专项行动",
        note=standard.scope_reason,
    )
    return left


@dataclass(slots=True)
class Rerouted:
    """What became of a unit's standards in one running campaign when the unit changed district."""

    campaign: Campaign
    moved: int = 0
    #: Offices whose frozen frame holds a standard, and how many: these stay where they are.
    frozen: Counter[str] = field(default_factory=Counter)
    #: The new district has frozen its frame: what it was given now is not in it.
    late: bool = False


def _listed(rows: Iterable[RoutedStandard]) -> set[tuple[int, int]]:
    """(campaign, standard) of those that stand in a frozen list or a valid draw."""
    standards = {row.standard_id for row in rows}
    campaigns = {row.campaign_id for row in rows}
    frozen = FrameStandard.objects.filter(
        frame__campaign__in=campaigns, frame__state=FrameState.FROZEN, standard__in=standards
    ).values_list("frame__campaign", "standard")
    drawn = DrawnStandard.objects.filter(
        drawn_unit__run__frame__campaign__in=campaigns,
        drawn_unit__run__state=DrawState.VALID,
        standard__in=standards,
    ).values_list("drawn_unit__run__frame__campaign", "standard")
    return {*frozen, *drawn}


def keep_earlier(rows: Iterable[RoutedStandard]) -> None:
    """Keep who inspected these until now, before they are routed otherwise."""
    moment = clock.now()
    EarlierRouting.objects.bulk_create(
        EarlierRouting(
            routed=row,
            until=moment,
            inspecting_authority_id=row.inspecting_authority_id,
            territorial_authority_id=row.territorial_authority_id,
        )
        for row in rows
    )


def reroute(unit: Unit, district: Authority, *, actor: Actor | None) -> list[Rerouted]:
    """Route what districts inspect of a unit to its new district, in every running campaign.

    A standard that stands in a frozen frame or was drawn stays with the office that has it: the draw
    can be computed again only from what was frozen, and the visit is that office's. The standards are
    looked up, not the unit: lists keep the unit they named when it is merged into another. For the
    transaction of the change of district.
    """
    routed = list(
        RoutedStandard.objects.select_for_update(of=("self",))
        .filter(unit=unit, campaign__state=CampaignState.OPEN)
        .exclude(inspecting_authority=district)
        .select_related("campaign", "inspecting_authority", "standard")
        .order_by("campaign", "pk")
    )
    if not routed:
        return []
    by_district = set(Rules.in_force().categories(Inspector.DISTRICT))
    rows = [row for row in routed if row.category in by_district]
    listed = _listed(rows)
    late = set(
        SamplingFrame.objects.frozen().filter(authority=district).values_list("campaign", flat=True)
    )
    found: dict[int, Rerouted] = {}
    moved = []
    for row in rows:
        result = found.setdefault(
            row.campaign_id, Rerouted(row.campaign, late=row.campaign_id in late)
        )
        if (row.campaign_id, row.standard_id) in listed:
            result.frozen[str(row.inspecting_authority)] += 1
        else:
            result.moved += 1
            moved.append(row)
    keep_earlier(moved)
    RoutedStandard.objects.filter(pk__in=[row.pk for row in moved]).update(
        inspecting_authority=district, territorial_authority=district, unresolved_reason=""
    )
    audit.record_many(
        moved,
        actor=actor,
        action="routing.reroute",
        label="改由新的属地区局检查",
        after={row.pk: {"authority": district.code} for row in moved},
        note=f"单位属地改为{district}",
    )
    return list(found.values())
