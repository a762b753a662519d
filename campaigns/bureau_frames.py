"""The bureaus of a campaign with the case files of their certificates, as a list to draw from (通知二(二)2)."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from metrostd.registry.enums import CertificateState
from metrostd.registry.models import Authority, StandardCertificate

from . import routing
from .models import Campaign, FrameBureau, FrameCase, SamplingFrame
from .protocol.hashing import identity
from .protocol.order import Holder, Item


@dataclass(frozen=True, slots=True)
class Bureaus:
    """The bureaus and their case files at this moment; nothing is left out, so nothing needs a reason."""

    rows: list[FrameBureau]
    cases: list[FrameCase]

    @property
    def said(self) -> str:
        return f"{len(self.rows)}个区局，{len(self.cases)}份案卷"

    @property
    def counts(self) -> dict[str, int]:
        return {"bureaus": len(self.rows), "cases": len(self.cases)}

    @property
    def reasons(self) -> dict[tuple[str, str], str]:
        return {}

    def lines(self) -> dict[tuple[str, str], dict[str, str]]:
        """The rows by their identities: one for each bureau, one for each case."""
        return _lines(self.rows, self.cases)

    def keep(self, frame: SamplingFrame) -> None:
        """Write the rows beside the list."""
        for row in self.rows:
            row.frame = frame
        FrameBureau.objects.bulk_create(self.rows)
        for case in self.cases:
            case.listed_id = case.listed.pk  # known only now
        FrameCase.objects.bulk_create(self.cases, batch_size=1000)


def contents(campaign: Campaign, issued_from: dt.date) -> Bureaus:
    """Every bureau below the organiser, and the certificates it issued since the day (drafts are none)."""
    bureaus = Authority.objects.districts().filter(
        pk__in=routing.jurisdiction(campaign.organiser) - {campaign.organiser_id}
    )
    rows = {
        bureau.pk: FrameBureau(bureau=bureau, key=identity(bureau.code), name=identity(bureau.name))
        for bureau in bureaus
    }
    issued = (
        StandardCertificate.objects.filter(
            standard__issuing_authority__in=rows, issue_date__gte=issued_from
        )
        .exclude(state=CertificateState.DRAFT)
        .select_related("standard__unit")
        .order_by("standard__issuing_authority__code", "number", "issue_date", "pk")
    )
    used: Counter[tuple[int, str]] = Counter()
    cases = []
    for row in issued:
        standard = row.standard
        key = f"{identity(row.number) or '无证书号'} {row.issue_date:%Y-%m-%d}"
        used[standard.issuing_authority_id, key] += 1
        n = used[standard.issuing_authority_id, key]
        cases.append(
            FrameCase(
                listed=rows[standard.issuing_authority_id],
                certificate=row,
                category=standard.category,
                field_id=standard.field_id,
                key=key if n == 1 else f"{key} #{n}",
                name=identity(f"{standard.unit.name} {standard.name}"),
            )
        )
    return Bureaus(list(rows.values()), cases)


def kept_lines(frame: SamplingFrame) -> dict[tuple[str, str], dict[str, str]]:
    """The rows that were kept with a list of bureaus."""
    rows = list(frame.bureaus.all())
    return _lines(
        rows, list(FrameCase.objects.filter(listed__frame=frame).select_related("listed"))
    )


def _lines(
    rows: list[FrameBureau], cases: list[FrameCase]
) -> dict[tuple[str, str], dict[str, str]]:
    found = {
        (row.key, ""): {"unit": row.key, "unit_name": row.name, "standard": "", "standard_name": ""}
        for row in rows
    }
    for case in cases:
        found[case.listed.key, case.key] = {
            "unit": case.listed.key,
            "unit_name": case.listed.name,
            "standard": case.key,
            "standard_name": case.name,
        }
    return found


def holders_of(frame: SamplingFrame) -> list[Holder]:
    """The list as the draw reads it: bureaus without case files stand in it as well."""
    items: dict[int, list[Item]] = {}
    cases = FrameCase.objects.filter(listed__frame=frame).order_by("pk")
    columns = ("listed_id", "key", "field__code", "category", "name")
    for listed, key, code, category, name in cases.values_list(*columns):
        items.setdefault(listed, []).append(Item(key, code or "", category, name=name))
    return [
        Holder(row.key, tuple(items.get(row.pk, ())), row.name)
        for row in frame.bureaus.order_by("pk")
    ]
