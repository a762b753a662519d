"""系统预判: what the register and the campaign's own records say about an item before a person answers.

A hint never answers for the inspector. Rules are named by the checklist item; a rule the register
has no data for says so. One module for each subject holds its ``RULES``.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

from campaigns.models import ChecklistItem
from inspections.conclusions import REGISTER_SAYS
from inspections.measured.lines import NOTHING, measured_of, summed
from inspections.models import ChecklistSheet, InspectionTask

from . import bureau, capability, case, certificate, changes, tracing, unit
from .bureau import BureauFacts, bureau_facts
from .case import CaseFacts
from .certificate import certificate_hint
from .facts import NO_DATA, Facts, Hint, facts_by_standard, facts_for

__all__ = (
    "DECISIVE",
    "DECISIVE_OF_BUREAUS",
    "NO_DATA",
    "OF_STANDARDS",
    "RULES",
    "Facts",
    "Hint",
    "against",
    "certificate_hint",
    "facts_by_standard",
    "facts_for",
    "hint_for",
    "known_of",
    "known_of_task",
    "source_of",
)

#: Rules that speak of a standard from its own records in the register: what its unit sees, too.
OF_STANDARDS: dict[str, Callable[[Facts], Hint]] = {
    **capability.RULES,
    **certificate.RULES,
    **changes.RULES,
    **tracing.RULES,
}
RULES: dict[str, Callable[[Facts], Hint]] = {**OF_STANDARDS, **unit.RULES}

#: The item of the experiment on site: what speaks against 符合 is what was measured at this visit.
EXPERIMENT_RULE = "en_value"
#: Rules whose facts may speak against a 符合: certificates, tracing, instruments, persons, the experiment.
DECISIVE = frozenset(
    {
        "certificate_valid",
        "certificate_exists",
        "public_certificate",
        "main_instrument_traced",
        "auxiliary_traced",
        "tracing_without_gaps",
        "two_valid_persons",
        EXPERIMENT_RULE,
    }
)


#: Of Annex 2: what the days and people of a case file, and the register, may say against 符合.
DECISIVE_OF_BUREAUS = frozenset(
    {
        "host_allowed",
        "documents_listed",
        "told_in_time",
        "organised_in_time",
        "appraised_in_time",
        "decided_in_time",
        "issued_in_time",
        "appraiser_qualified",
        "appraiser_count",
        "appraiser_interest",
        "days_in_order",
        "rectified_in_time",
        "different_people",
        "certificates_adjoin",
        "expired_deregistered",
    }
)
#: What hints of one sheet are read from: a standard or unit, a case file, a bureau.
Known = Facts | CaseFacts | BureauFacts


def known_of(sheet: ChecklistSheet, *, on: dt.date) -> Known:
    """What is known about a sheet, in a fixed number of queries."""
    if sheet.task.bureau_id is None:
        found = facts_for(sheet, on=on)
        return replace(found, site=measured_of([sheet.pk]).get(sheet.pk, NOTHING))
    if sheet.case_id is None:
        return bureau_facts(sheet.task)
    return case.facts_by_sheet([sheet.pk])[sheet.pk]


def known_of_task(
    task: InspectionTask, sheets: Iterable[ChecklistSheet], *, on: dt.date
) -> dict[int, Known]:
    """What may speak against answers of the sheets of a visit, by sheet; as many queries for ten as for one."""
    rows = list(sheets)
    if task.bureau_id is None:
        standards = [sheet.standard for sheet in rows if sheet.standard is not None]
        if not standards:
            return {}
        facts = facts_by_standard(standards, unit=task.of_unit, on=on)
        site = measured_of(sheet.pk for sheet in rows)
        return {
            s.pk: replace(facts[s.standard_id], site=site.get(s.pk, NOTHING))
            for s in rows
            if s.standard_id is not None
        }
    found: dict[int, Known] = dict(case.facts_by_sheet(s.pk for s in rows if s.case_id))
    whole = bureau_facts(task)
    return found | {sheet.pk: whole for sheet in rows if sheet.case_id is None}


def against(rule: str, facts: Known) -> str:
    """What is known that speaks against 符合, e.g. that an instrument is out of its period or an experiment failed."""
    if not isinstance(facts, Facts):
        hint = _of_bureau(rule, facts) if rule in DECISIVE_OF_BUREAUS else None
        return hint.text if hint is not None and hint.tone == "bad" else ""
    if rule not in DECISIVE or facts.standard is None:
        return ""
    if rule == EXPERIMENT_RULE:
        found = Hint(*summed(facts.site.experiments))
        return found.text if found.tone == "bad" else ""
    if rule in certificate.RULES and facts.certificate is None:
        return ""
    hint = RULES[rule](facts)
    return hint.text if hint.tone == "bad" else ""


def source_of(rule: str, *, of_case: bool) -> str:
    """Where what speaks against 符合 comes from, as the sentence about it begins."""
    if rule == EXPERIMENT_RULE:
        return "现场实验结果为"
    return "案卷和台账显示" if of_case else REGISTER_SAYS


def _of_bureau(rule: str, facts: CaseFacts | BureauFacts) -> Hint | None:
    if isinstance(facts, CaseFacts):
        return case.RULES[rule](facts) if rule in case.RULES else None
    return bureau.RULES[rule](facts) if rule in bureau.RULES else None


def hint_for(item: ChecklistItem, facts: Known) -> Hint | None:
    """The hint of an item; None when the item has no rule."""
    if not item.hint_rule:
        return None
    if not isinstance(facts, Facts):
        return _of_bureau(item.hint_rule, facts) or NO_DATA
    rule = RULES.get(item.hint_rule)
    return rule(facts) if rule else NO_DATA
