"""Running campaigns follow another routing table: whom it moves is counted first, what is frozen or drawn stays.

Both the preview and the act go by groups of standards that one answer of the table holds for, so that neither grows
with their number. A standard somebody gave to an office by hand keeps that office.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from metrostd.common import audit, turns
from metrostd.common.actors import Actor
from metrostd.common.shapes import JsonValue
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority

from . import notifications, services
from .enums import CampaignState, DrawState, FrameState
from .models import Campaign, DrawnStandard, FrameStandard, RoutedStandard
from .routing import BATCH, Rules, keep_earlier

#: Standards named in a preview.
_NAMED = 200


@dataclass(frozen=True, slots=True)
class Group:
    """Standards of a campaign that one answer of the old and of the new table holds for."""

    category: str
    territory: int | None
    version: int
    office: int | None
    to: int | None
    reason: str
    standards: int
    units: int

    @property
    def of_it(self) -> Q:
        return Q(
            category=self.category,
            territorial_authority=self.territory,
            rule_version=self.version,
            inspecting_authority=self.office,
        )


@dataclass(frozen=True, slots=True)
class Moving:
    """What would move between two offices (None: settled by hand)."""

    before: Authority | None
    after: Authority | None
    standards: int
    units: int


@dataclass(slots=True)
class Effect:
    """What a table would do to a running campaign."""

    campaign: Campaign
    moves: list[Moving] = field(default_factory=list)
    named: list[tuple[RoutedStandard, Authority | None]] = field(default_factory=list)
    #: Standards in frozen lists or valid draws that stay with the office that has them.
    listed: int = 0
    #: Standards given to an office by hand, which stay with it.
    by_hand: int = 0

    @property
    def standards(self) -> int:
        return sum(one.standards for one in self.moves)


def running() -> QuerySet[Campaign]:
    return Campaign.objects.filter(state=CampaignState.OPEN).select_related("organiser")


def is_due(rules: Rules) -> bool:
    """Whether the table moves anything of a running campaign."""
    return any(_groups(campaign, rules)[0] for campaign in running())


def check_followed(campaign: Campaign, authority: Authority) -> None:
    """A list is made of what the table of the day gives an office, and stays: TransitionError while that is still
    to be moved."""
    rules = Rules.in_force_or_none()
    if rules is None:
        return
    about = {authority.pk}
    if any(about & {one.office, one.to} for one in _groups(campaign, rules)[0]):
        raise TransitionError(
            f"第{rules.version}版任务分工已经生效，{authority}组织检查的计量标准还没有随之调整；"
            "系统每小时调整一次，请稍后再办理。",
            obj=campaign,
        )


def effect_of(campaign: Campaign, rules: Rules) -> Effect:
    """Counted by groups, named up to a bound; the same number of queries for any number of standards."""
    groups, listed, by_hand = _groups(campaign, rules)
    offices = Authority.objects.in_bulk({pk for one in groups for pk in (one.office, one.to) if pk})
    effect = Effect(campaign, listed=listed, by_hand=by_hand)
    totals: dict[tuple[int | None, int | None], Counter[str]] = {}
    for one in groups:
        total = totals.setdefault((one.office, one.to), Counter())
        total["standards"] += one.standards
        total["units"] += one.units
    effect.moves = [
        Moving(offices.get(before or 0), offices.get(after or 0), n["standards"], n["units"])
        for (before, after), n in totals.items()
    ]
    if groups:
        wanted = Q()
        for one in groups:
            wanted |= one.of_it
        rows = (
            _free(campaign)
            .filter(wanted)
            .select_related("unit", "standard", "inspecting_authority")
        )
        to = {
            (g.category, g.territory, g.version, g.office): offices.get(g.to or 0) for g in groups
        }
        for row in rows.order_by("unit__name", "pk")[:_NAMED]:
            key = (
                row.category,
                row.territorial_authority_id,
                row.rule_version,
                row.inspecting_authority_id,
            )
            effect.named.append((row, to[key]))
    return effect


@dataclass(slots=True)
class Moved:
    """How many standards each office has gained and lost, and whether the offices have been told."""

    gained: Counter[int] = field(default_factory=Counter)
    lost: Counter[int] = field(default_factory=Counter)
    told: bool = False

    @classmethod
    def kept(cls, found: Mapping[str, Any]) -> "Moved":  # Any: a value of JSON
        """As a job keeps it."""
        gained, lost = (
            Counter({int(office): n for office, n in found.get(name, {}).items()})
            for name in ("gained", "lost")
        )
        return cls(gained, lost, bool(found.get("told")))

    def as_json(self) -> dict[str, JsonValue]:
        gained, lost = (
            {str(office): n for office, n in counter.items()}
            for counter in (self.gained, self.lost)
        )
        return {"gained": gained, "lost": lost, "told": self.told}


def follow(
    campaign: Campaign,
    rules: Rules,
    *,
    actor: Actor | None,
    progress: Callable[[int], None] = lambda done: None,
    moved: Moved | None = None,
    keep: Callable[[Moved], None] = lambda moved: None,
) -> int:
    """Move what the table in force gives to another office; running it again moves nothing. Returns how many.

    ``moved`` is what an attempt before this one has moved; each slice says how far it has come (``keep``) in its own
    transaction, and so do the messages: offices are told of all of it, once.
    """
    if moved is None or moved.told:
        moved = Moved()
    groups, _, _ = _groups(campaign, rules)
    done = 0
    for group in groups:
        while now := _move(campaign, group, rules, moved, actor=actor, keep=keep):
            done += now
            progress(done)
    if moved.gained or moved.lost:
        with transaction.atomic():
            services.drop_idle_draws(campaign)
            notifications.tell_rerouted(
                campaign, gained=moved.gained, lost=moved.lost, sender=actor
            )
            moved.told = True
            keep(moved)
    return done


def _move(
    campaign: Campaign,
    group: Group,
    rules: Rules,
    moved: Moved,
    *,
    actor: Actor | None,
    keep: Callable[[Moved], None],
) -> int:
    with turns.turn():
        rows = list(
            _free(campaign)
            .filter(group.of_it)
            .select_for_update(of=("self",))
            .select_related("standard", "unit", "campaign")
            .order_by("pk")[:BATCH]
        )
        if not rows:
            return 0
        keep_earlier(rows)
        RoutedStandard.objects.filter(pk__in=[row.pk for row in rows]).update(
            inspecting_authority=group.to,
            unresolved_reason=group.reason,
            rule_version=rules.version,
        )
        if group.to:
            services.owe_draw(campaign, Authority.objects.get(pk=group.to))
            moved.gained[group.to] += len(rows)
        if group.office:
            moved.lost[group.office] += len(rows)
        audit.record_many(
            rows,
            actor=actor,
            action="routing.follow_table",
            label="按新的任务分工表改派",
            after={row.pk: {"version": rules.version} for row in rows},
        )
        keep(moved)
    return len(rows)


def _groups(campaign: Campaign, rules: Rules) -> tuple[list[Group], int, int]:
    """Groups that move, and how many standards stay because they are listed, or were given by hand."""
    counted = (
        campaign.routed.filter(standard__in_scope=True)
        .annotate(listed=_listed())
        .order_by(
            "category", "territorial_authority", "rule_version", "inspecting_authority", "listed"
        )
        .values_list(
            "category", "territorial_authority", "rule_version", "inspecting_authority", "listed"
        )
        .annotate(standards=Count("pk"), units=Count("unit", distinct=True))
    )
    earlier: dict[int, Rules] = {}
    groups, listed, by_hand = [], 0, 0
    for category, territory, version, office, is_listed, standards, units in counted:
        old = earlier.setdefault(version, Rules.of(version))
        where = {"city_id": campaign.organiser_id, "territory_id": territory}
        was, _ = old.resolve(category, **where)
        to, reason = rules.resolve(category, **where)
        if version == rules.version or to == office:
            continue
        if office is not None and was != office:
            by_hand += standards
        elif is_listed:
            listed += standards
        else:
            groups.append(Group(category, territory, version, office, to, reason, standards, units))
    return groups, listed, by_hand


def _free(campaign: Campaign) -> QuerySet[RoutedStandard]:
    return campaign.routed.filter(~_listed(), standard__in_scope=True)


def _listed() -> Exists:
    """Stands in a frozen list or a valid draw of its campaign."""
    frozen = FrameStandard.objects.filter(
        frame__campaign=OuterRef("campaign"), frame__state=FrameState.FROZEN,
        standard=OuterRef("standard"),
    )  # fmt: skip
    drawn = DrawnStandard.objects.filter(
        drawn_unit__run__frame__campaign=OuterRef("campaign"),
        drawn_unit__run__state=DrawState.VALID,
        standard=OuterRef("standard"),
    )
    return Exists(frozen) | Exists(drawn)  # type: ignore[return-value]
