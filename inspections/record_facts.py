"""What the signed record of a visit says of unit, standards and people: gathered when the visit ends, kept with it.

Answers, evidence and signatures are rows nobody changes any more; names, numbers and days of the register
go on living, so the record takes them from here.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import MeasurementStandard, StandardCertificate

from .models import ChecklistSheet, Evidence, InspectionTask


@dataclass(frozen=True, slots=True)
class StandardFacts:
    """A standard as it stood when the visit ended."""

    name: str
    certificate: str
    valid_until: str
    category: str


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """The names, numbers and days of one record; ``standards`` and ``people`` by primary key."""

    campaign: str
    unit: str
    credit_code: str
    authority: str
    team: list[str]
    standards: dict[str, StandardFacts] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    #: How each signature was given and who took it.
    signed: dict[str, str] = field(default_factory=dict)

    def standard(self, sheet: ChecklistSheet) -> StandardFacts | None:
        """The standard of a sheet; None for the sheet of the unit."""
        return self.standards.get(str(sheet.standard_id))

    def person(self, pk: int | None) -> str:
        """Who took a piece of evidence; nothing when nobody is on record."""
        return self.people.get(str(pk), "")


def _signed(task: InspectionTask) -> dict[str, str]:
    standing = task.signatures.filter(void_at=None).select_related("collected_by")
    return {str(row.pk): row.how for row in standing.order_by("pk")}


def gather(task: InspectionTask, sheets: Iterable[ChecklistSheet]) -> RecordFacts:
    """Read them from the register as it is now, in a fixed number of queries."""
    team = task.team.select_related("membership__user").order_by("pk")
    captured = Evidence.objects.filter(sheet__task=task, captured_by__isnull=False)
    return RecordFacts(
        campaign=task.campaign.title,
        unit=task.subject.name,
        credit_code=task.unit.uscc if task.unit else "",
        authority=task.authority.name,
        team=[
            f"{row.membership.user}（{row.get_role_display()}"
            + (f"，执法证号 {row.officer_cert_no}" if row.officer_cert_no else "")
            + "）"
            for row in team
        ],
        standards=_standards(task, sheets),
        people={
            str(row.captured_by_id): str(row.captured_by)
            for row in captured.select_related("captured_by").order_by("pk")
        },
        signed=_signed(task),
    )


def kept(task: InspectionTask, sheets: Iterable[ChecklistSheet]) -> RecordFacts:
    """What was kept when the visit ended; of one that has not ended, the register as it is now."""
    words = task.record_facts
    if not words:
        return gather(task, sheets)
    standards = {pk: StandardFacts(**row) for pk, row in words["standards"].items()}
    return RecordFacts(**{**words, "standards": standards})


def words_of(facts: RecordFacts) -> dict[str, object]:
    """As a visit keeps them."""
    return asdict(facts)


def _standards(task: InspectionTask, sheets: Iterable[ChecklistSheet]) -> dict[str, StandardFacts]:
    rows = [sheet.standard for sheet in sheets if sheet.standard is not None]
    current = StandardCertificate.objects.filter(standard__in=rows, is_current=True)
    certificates = {row.standard_id: row for row in current}
    categories = {row.standard_id: row.category for row in task.standards.all()}
    words = dict(MeasurementStandard._meta.get_field("category").choices or ())  # type: ignore[union-attr]
    found = {}
    for standard in rows:
        certificate = certificates.get(standard.pk)
        found[str(standard.pk)] = StandardFacts(
            name=standard.name,
            certificate=certificate.number if certificate else "",
            valid_until=cn_date(certificate.valid_until) if certificate else "",
            category=str(words.get(categories.get(standard.pk, ""), "")),
        )
    return found
