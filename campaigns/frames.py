"""What belongs into a frame and what does not, read from routing and register.

What a list of bureaus holds instead of units stands in ``bureau_frames``; whoever shows, freezes, hashes or
draws asks here and need not know which it is.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypedDict

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from metrostd.registry.enums import CertificateState, Regime
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
)
from metrostd.registry.querysets.aging import in_state, state_today

from . import bureau_frames, routing
from .enums import FrameSubject
from .models import Campaign, FrameExclusion, FrameStandard, SamplingFrame
from .protocol import first
from .protocol.hashing import identity
from .protocol.order import Holder, Item, frame_json

NO_CERTIFICATE = "没有现行考核证书"
NOT_IN_SCOPE = "不属于市区两级主持考核的计量标准"
DRAFT = "在办，尚未取得考核证书"
AFTER_OPENING = "专项行动开启后新增，未列入任务分工"
WHOLE_UNIT = "所持计量标准均未列入，整户不参与抽取"


#: One row of a list by names and identities, and where it belongs: unit or bureau first, standard or case second.
Line = dict[str, str]
Lines = dict[tuple[str, str], Line]


class Listed(Protocol):
    """What a list holds at this moment, of whatever subject."""

    @property
    def said(self) -> str: ...
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def reasons(self) -> dict[tuple[str, str], str]: ...
    def lines(self) -> Lines: ...
    def keep(self, frame: SamplingFrame) -> None: ...


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
        return _lines(self.entries)

    def keep(self, frame: SamplingFrame) -> None:
        """Write the rows beside the list."""
        for entry in self.entries:
            entry.frame = frame
        for exclusion in self.exclusions:
            exclusion.frame = frame
        FrameStandard.objects.bulk_create(self.entries, batch_size=1000)
        FrameExclusion.objects.bulk_create(self.exclusions, batch_size=1000)


def read(
    campaign: Campaign, authority: Authority, subject: str, *, issued_from: dt.date | None
) -> Listed:
    """What a list of this subject holds at this moment; nothing is stored."""
    if subject == FrameSubject.BUREAUS and issued_from is not None:
        return bureau_frames.contents(campaign, issued_from)
    return contents(campaign, authority, routing.Rules.in_force())


def read_again(frame: SamplingFrame) -> Listed:
    """What a list that is shown already would hold now."""
    return read(frame.campaign, frame.authority, frame.subject, issued_from=frame.issued_from)


def kept_lines(frame: SamplingFrame) -> Lines:
    """The rows that were kept with a list."""
    return bureau_frames.kept_lines(frame) if frame.of_bureaus else _lines(frame.entries.all())


def forget(frame: SamplingFrame) -> None:
    """Take the rows off a list that is read anew before it is frozen."""
    frame.entries.all().delete()
    frame.exclusions.all().delete()
    frame.bureaus.all().delete()


def _lines(entries: Iterable[FrameStandard]) -> Lines:
    return {
        (e.unit_key, e.standard_key): {
            "unit": e.unit_key,
            "unit_name": e.unit_name,
            "standard": e.standard_key,
            "standard_name": e.standard_name,
        }
        for e in entries
    }


def contents(campaign: Campaign, authority: Authority, rules: routing.Rules) -> Contents:
    """Read what the authority inspects in this campaign; nothing is stored.

    Standards that are sealed, withdrawn or otherwise ended are left out with the reason; expired
    ones stay in. Drafts and standards outside the notice's scope are named as well, and a unit of
    which nothing is left gets a row of its own.
    """
    entries: list[FrameStandard] = []
    exclusions: list[FrameExclusion] = []
    names = _Identities()
    for row in _routed(campaign, authority):
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
    exclusions += _unrouted(campaign, authority, rules, names)
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


def holders_of(frame: SamplingFrame) -> list[Holder]:
    """The list as the draw reads it, from the record and not from the register."""
    if frame.of_bureaus:
        return bureau_frames.holders_of(frame)
    grouped: dict[str, list[Item]] = {}
    names: dict[str, str] = {}
    columns = ("unit_key", "unit_name", "standard_key", "field__code", "category", "is_priority")
    rows = frame.entries.order_by("pk").values_list(*columns, "standard_name")
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
    return frame_json(
        holders_of(frame),
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
    campaign: Campaign, authority: Authority, rules: routing.Rules, names: _Identities
) -> list[FrameExclusion]:
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
        .select_related("unit")
        .order_by("unit_id", "pk")
    )
    if authority.pk == campaign.organiser_id:
        rows = rows.filter(
            Q(unit__territorial_authority__in=here) | Q(unit__territorial_authority=None)
        )
    found = []
    columns = ("pk", "name", "unit__uscc", "unit__name", "in_scope", "hosting_authority_id")
    for row in rows.only(*columns):
        if row.draft:
            reason = DRAFT
        elif not row.in_scope or row.hosting_authority_id not in here:
            reason = NOT_IN_SCOPE
        else:
            reason = AFTER_OPENING
        unit = names.of_unit(row.unit_id, row.unit.uscc, row.unit.name)
        key = names.of_standard(row.pk, unit, row.cert_no or "", row.name)
        found.append(
            FrameExclusion(
                unit_id=row.unit_id,
                standard=row,
                reason=reason,
                unit_key=unit,
                standard_key=key,
            )
        )
    return found
