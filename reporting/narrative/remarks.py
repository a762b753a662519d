"""What the municipal office said about chapters when it gave a report back, until the next edition is handed in."""

import datetime as dt
from dataclasses import dataclass

from metrostd.common.models import AuditEntry
from reporting.drafts import last_edition
from reporting.enums import Chapter
from reporting.models import StatEdition, StatReport

from .reading import Written
from .writing import REMOVED


@dataclass(frozen=True, slots=True)
class Remark:
    """The remark on a chapter, and whether the office has changed the chapter since."""

    text: str
    is_answered: bool = False


Remarks = dict[Chapter, Remark]


def of_edition(edition: StatEdition) -> dict[Chapter, str]:
    """What was said about the chapters of an edition."""
    return {Chapter(mark["chapter"]): mark["text"] for mark in edition.marks if "chapter" in mark}


def open_ones(report: StatReport, found: Written) -> Remarks:
    """The remarks the office has to answer: those on its last edition, when it was given back."""
    edition = last_edition(report)
    if edition is None or edition.returned_at is None:
        return {}
    said = of_edition(edition)
    return {
        chapter: Remark(text, _changed_since(edition.returned_at, report, chapter, found))
        for chapter, text in said.items()
    }


def _changed_since(
    moment: dt.datetime, report: StatReport, chapter: Chapter, found: Written
) -> bool:
    written = [found.chapters[chapter], *(found.cases if chapter == Chapter.CASES else ())]
    if any(row.saved_at and row.saved_at > moment for row in written):
        return True
    if chapter != Chapter.CASES:
        return False
    entries = AuditEntry.objects.about(report).filter(action=REMOVED)
    return entries.filter(at__gt=moment).exists()
