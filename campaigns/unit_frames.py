"""The units an office inspects with their standards, as a list to draw from: what belongs into it, what does not and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from metrostd.registry.enums import CertificateState, Regime
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
)
from metrostd.registry.querysets.aging import state_today

from . import routing
from .models import Campaign, FrameExclusion, FrameStandard, SamplingFrame
from .protocol.hashing import identity

NO_CERTIFICATE = "没有现行考核证书"
NOT_IN_SCOPE = "不属于市区两级主持考核的计量标准"
DRAFT = "在办，尚未取得考核证书"
AFTER_OPENING = "专项行动开启后新增，未列入任务分工"
WHOLE_UNIT = "所持计量标准均未列入，整户不参与抽取"


#: One row of a list by names and identities, and where it belongs: unit or bureau first, standard or case second.
Line = dict[str, str]
Lines = dict[tuple[str, str], Line]


@dataclass(frozen=True, slots=True)
class Contents:
    """An office's list at this moment: what can be drawn, and what is left out and why."""

    entries: list[FrameStandard]
    exclusions: list[FrameExclusion]

    @property
    def units(self) -> int:
        return len({entry.unit_id for entry in self.entries})

    @property
    def said(self) -> str:
        return f"{self.units}家单位，{len(self.entries)}项计量标准"

    @property
    def counts(self) -> dict[str, int]:
        found = {"units": self.units, "standards": len(self.entries)}
        return found | {"excluded": len(self.exclusions)}

    @property
    def reasons(self) -> dict[tuple[str, str], str]:
        """Why something is left out, by its identity."""
        return {(x.unit_key, x.standard_key): x.reason for x in self.exclusions}

    def lines(self) -> Lines:
        """The rows by their identities."""
        return lines_of(self.entries)

    def keep(self, frame: SamplingFrame) -> None:
        """Write the rows beside the list."""
        for entry in self.entries:
            entry.frame = frame
        for exclusion in self.exclusions:
            exclusion.frame = frame
        FrameStandard.objects.bulk_create(self.entries, batch_size=1000)
        FrameExclusion.objects.bulk_create(self.exclusions, batch_size=1000)


def lines_of(entries: Iterable[FrameStandard]) -> Lines:
    return {
        (e.unit_key, e.standard_key): {
            "unit": e.unit_key,
            "unit_name": e.unit_name,
            "standard": e.standard_key,
            "standard_name": e.standard_name,
        }
        for e in entries
    }


@dataclass(frozen=True, slots=True)
class Basis:
    """What a list of units is made of, as routing and register say it at a moment; the same gives the same list."""

    routed: list["_Routed"]
    unrouted: list["_Unrouted"]
    #: The offices of the campaign's city.
    here: set[int]


def basis_of(campaign: Campaign, authority: Authority, rules: routing.Rules) -> Basis:
    """Read what the authority inspects in this campaign; nothing is stored."""
    return Basis(
        list(_routed(campaign, authority)),
        list(_unrouted(campaign, authority, rules)),
        set(routing.jurisdiction(campaign.organiser)),
    )


def contents(basis: Basis) -> Contents:
    """The list that gives.

    Standards that are sealed, withdrawn or otherwise ended are left out with the reason; expired
    ones stay in. Drafts and standards outside the notice's scope are named as well, and a unit of
    which nothing is left gets a row of its own.
    """
    entries: list[FrameStandard] = []
    exclusions: list[FrameExclusion] = []
    names = _Identities()
    for row in basis.routed:
        unit = names.of_unit(row["unit_id"], row["unit__uscc"], row["unit__name"])
        key = names.of_standard(
            row["standard_id"], unit, row["certificate__number"] or "", row["standard__name"]
        )
        if reason := _left_out(row):
            exclusions.append(
                FrameExclusion(
                    unit_id=row["unit_id"],
                    standard_id=row["standard_id"],
                    reason=reason,
                    unit_key=unit,
                    standard_key=key,
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
                unit_key=unit,
                unit_name=identity(row["unit__name"]),
                standard_key=key,
                standard_name=identity(row["standard__name"]),
            )
        )
    exclusions += [_not_taken_up(row, basis.here, names) for row in basis.unrouted]
    bare = {row.unit_id: row.unit_key for row in exclusions}
    for entry in entries:
        bare.pop(entry.unit_id, None)
    exclusions += [
        FrameExclusion(unit_id=pk, reason=WHOLE_UNIT, unit_key=bare[pk]) for pk in sorted(bare)
    ]
    return Contents(entries, exclusions)


class _Identities:
    """What units and standards are called in a list: credit code and certificate number.

    Where there is none the name stands in its place, marked as such; what would be the same is numbered.
    Frozen with the list, so that it outlives this database and any later correction of the register.
    """

    def __init__(self) -> None:
        self._known: dict[object, str] = {}
        self._used: set[object] = set()

    def of_unit(self, pk: int, uscc: str, name: str) -> str:
        return self._once(("unit", pk), "", identity(uscc) or f"无代码 {identity(name)}")

    def of_standard(self, pk: int, unit: str, number: str, name: str) -> str:
        return self._once(("standard", pk), unit, identity(number) or f"无证书 {identity(name)}")

    def _once(self, of: object, within: str, key: str) -> str:
        if of not in self._known:
            found, n = key, 1
            while (within, found) in self._used:
                n += 1
                found = f"{key} #{n}"
            self._used.add((within, found))
            self._known[of] = found
        return self._known[of]


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
            "unit__uscc",
            "unit__name",
            "standard_id",
            "standard__name",
            "certificate__number",
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
    """A row of ``_routed``."""

    unit_id: int
    unit__uscc: str
    unit__name: str
    standard_id: int
    standard__name: str
    certificate__number: str | None
    category: str
    field_id: int | None
    priority: bool
    standard__in_scope: bool
    standard__regime: str
    certificate_state: str | None


class _Unrouted(TypedDict):
    """A row of ``_unrouted``."""

    pk: int
    name: str
    unit_id: int
    unit__uscc: str
    unit__name: str
    in_scope: bool
    hosting_authority_id: int | None
    draft: bool
    cert_no: str | None


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


def _unrouted(campaign: Campaign, authority: Authority, rules: routing.Rules) -> QuerySet:
    """Standards the rules would give to this office but the campaign did not take up."""
    here = routing.jurisdiction(campaign.organiser)
    drafts = StandardCertificate.objects.filter(
        standard=OuterRef("pk"), state=CertificateState.DRAFT
    )
    current = StandardCertificate.objects.filter(standard=OuterRef("pk"), is_current=True)
    rows = (
        MeasurementStandard.objects.filter(routing.of_authority(campaign, authority, rules))
        .exclude(
            pk__in=campaign.routed.exclude(unresolved_reason=routing.LEFT_SCOPE).values("standard")
        )
        .annotate(draft=Exists(drafts), cert_no=Subquery(current.values("number")[:1]))
        .order_by("unit_id", "pk")
    )
    if authority.pk == campaign.organiser_id:
        rows = rows.filter(
            Q(unit__territorial_authority__in=here) | Q(unit__territorial_authority=None)
        )
    columns = ("pk", "name", "unit_id", "unit__uscc", "unit__name", "in_scope")
    return rows.values(*columns, "hosting_authority_id", "draft", "cert_no")


def _not_taken_up(row: _Unrouted, here: set[int], names: _Identities) -> FrameExclusion:
    if row["draft"]:
        reason = DRAFT
    elif not row["in_scope"] or row["hosting_authority_id"] not in here:
        reason = NOT_IN_SCOPE
    else:
        reason = AFTER_OPENING
    unit = names.of_unit(row["unit_id"], row["unit__uscc"], row["unit__name"])
    return FrameExclusion(
        unit_id=row["unit_id"],
        standard_id=row["pk"],
        reason=reason,
        unit_key=unit,
        standard_key=names.of_standard(row["pk"], unit, row["cert_no"] or "", row["name"]),
    )
