"""What an office is preparing: its table with what was entered, the rules, and what is missing yet."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist

from campaigns.models import Campaign
from metrostd.registry.models import Authority

from . import corrections, frozen, rules
from .annex3 import build
from .models import StatEdition, StatReport
from .narrative import reading
from .queries import Scope
from .queries.evidence import Evidence, evidence
from .rules import RuleResult
from .table import Annex3


@dataclass(frozen=True, slots=True)
class Draft:
    """The table as it would be handed in now, with the result of every rule."""

    annex: Annex3
    results: tuple[RuleResult, ...]

    @property
    def blocking(self) -> list[RuleResult]:
        return [one for one in self.results if not one.ok and one.severity == "block"]

    @property
    def warned(self) -> list[RuleResult]:
        return [one for one in self.results if rules.needs_reason(one)]

    @property
    def unexplained(self) -> list[RuleResult]:
        said = self.annex.corrections.reasons
        return [one for one in self.warned if not said.get(one.id, "").strip()]


def draft_of(report: StatReport) -> Draft | None:
    """The draft of a report; None before the figures were computed the first time."""
    if not report.table:
        return None
    annex = corrections.corrected(
        frozen.from_plain(report.table),
        report.overrides,
        reasons=report.reasons,
        edition=report.number,
        note=report.correction_note,
        is_imported=report.imported_id is not None,
    )
    return Draft(annex, rules.check(annex))


def table_of(edition: StatEdition) -> Annex3:
    """The table of an edition, as it was handed in."""
    return corrections.corrected(
        frozen.from_plain(edition.table),
        edition.overrides,
        reasons=edition.reasons,
        edition=edition.number,
        note=edition.correction_note,
        is_imported=edition.imported_id is not None,
    )


def computed(
    campaign: Campaign, authority: Authority, *, as_of: dt.datetime
) -> tuple[frozen.Plain, Evidence]:
    """The table of an office at a moment and the records behind it, to be kept."""
    annex = build(campaign, authority, as_of=as_of)
    return frozen.to_plain(annex), evidence(Scope.of(campaign, authority, as_of))


def content(report: StatReport) -> dict[str, object]:
    """What the head of the office signs."""
    return {
        "narrative": reading.content(report),
        "edition": report.number,
        "table": report.table,
        "overrides": report.overrides,
        "reasons": report.reasons,
        "note": report.correction_note,
    }


def unready(report: StatReport) -> list[str]:
    """The figures are computed, no rule blocks, every warning has its reason, the report is written."""
    draft = draft_of(report)
    if draft is None:
        return ["还没有统计，请先统计。"]
    missing = [f"{one.id} {one.title}：{one.detail}。" for one in draft.blocking]
    missing += [f"{one.id} {one.title}：须在规则旁说明理由。" for one in draft.unexplained]
    return missing + reading.unready(report, draft.annex)


def last_edition(report: StatReport) -> StatEdition | None:
    """The edition handed in last, without its tables."""
    try:
        return report.editions.without_tables().latest("number")
    except ObjectDoesNotExist:
        return None
