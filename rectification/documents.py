"""The papers of rectification: the order, the confirmation. Plain data in, PDF bytes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inspections.stop_papers import addressee, contact_of, reviewers
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_date, is_long

from . import wording
from .enums import OrderKind
from .models import OrderItem, Rectification, RectificationOrder


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding as an order states it."""

    subject: str
    fact: str
    basis: str
    #: What is on record of the unit giving up its days to object.
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class OrderPaper:
    """Every field of 责令改正通知书 or 整改通知书 as printed."""

    kind: str
    number: str
    authority: str
    unit: str
    credit_code: str
    address: str
    representative: str
    opening: str
    findings: tuple[FindingLine, ...]
    demand_title: str
    demand: str
    requirements: tuple[str, ...]
    consequence: str
    remedy_title: str
    remedy: str
    contact: str
    phone: str
    issued_on: str
    is_preview: bool = False
    #: What is printed over the words of an order taken back.
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmedLine:
    """One finding, what the unit did about it, and what the office found."""

    subject: str
    fact: str
    cause: str
    action: str
    prevention: str
    files: int
    submitted_on: str
    is_late: bool
    method: str
    result: str
    opinion: str
    reviewed_on: str
    reviewer: str

    @property
    def is_long(self) -> bool:
        """Whether its row may break inside."""
        return is_long(self.fact + self.cause + self.action + self.prevention + self.opinion)


@dataclass(frozen=True, slots=True)
class ConfirmationPaper:
    """整改情况确认单 (通知二(三): 市场监管部门对整改情况予以确认)."""

    number: str
    unit: str
    credit_code: str
    authority: str
    due_on: str
    requirement: str
    lines: tuple[ConfirmedLine, ...]
    confirmed_on: str


def order_paper(
    order: RectificationOrder,
    items: Iterable[OrderItem],
    *,
    certificates: Mapping[int, str],
    replaces: Iterable[str] = (),
) -> OrderPaper:
    """What the order says. ``items`` come with finding and standard, ``certificates`` maps
    standards to certificate numbers; nothing is fetched here but what they bring along, and what the law is called
    on the day of issue."""
    task, unit, authority = order.task, order.task.of_unit, order.task.authority
    items = list(items)
    demands = [wording.sentence(line) for line in order.requirement.splitlines() if line.strip()]
    demands += [
        wording.own_demand(place, item.requirement)
        for place, item in enumerate(items, 1)
        if item.requirement
    ]
    kind = OrderKind(order.kind)
    laws = wording.laws(on=order.issued_on)
    return OrderPaper(
        kind=order.get_kind_display(),
        number=order.number,
        authority=authority.name,
        **addressee(unit),
        opening=wording.opening(
            visited_on=task.arrived_at or order.issued_on,
            place=task.place or unit.actual_address or unit.registered_address,
            campaign=task.campaign.title,
        )
        + wording.replacing(replaces),
        findings=tuple(_finding_line(item, certificates) for item in items),
        demand_title=wording.DEMAND_TITLES[kind],
        demand=wording.demand(order.kind, order.due_on, laws=laws),
        requirements=tuple(f"{place}.{line}" for place, line in enumerate(demands, 1)),
        consequence=wording.consequence(order.kind, laws=laws),
        remedy_title=wording.REMEDY_TITLES[kind],
        remedy=wording.remedy(order.kind, reviewer=reviewers(authority, on=order.issued_on)),
        **contact_of(authority, order.issued_by),
        issued_on=cn_date(order.issued_on),
    )


# Any: what ``asdict`` made of the paper, read back from JSON
def order_paper_of(words: Mapping[str, Any]) -> OrderPaper:
    """The paper again from what was kept of it."""
    findings = tuple(FindingLine(**line) for line in words["findings"])
    requirements = tuple(words["requirements"])
    return OrderPaper(**{**words, "findings": findings, "requirements": requirements})


# Any: what ``asdict`` made of the paper, read back from JSON
def confirmation_paper_of(words: Mapping[str, Any]) -> ConfirmationPaper:
    """The confirmation again from what was kept of it."""
    lines = tuple(ConfirmedLine(**line) for line in words["lines"])
    return ConfirmationPaper(**{**words, "lines": lines})


def order_pdf(paper: OrderPaper) -> bytes:
    """The order as PDF; the place of the seal stays empty (GB/T 9704 layout)."""
    return render_pdf("rectification/pdf/order.html", {"order": paper})


def confirmation_paper(
    order: RectificationOrder,
    accepted: Iterable[tuple[OrderItem, Rectification]],
    *,
    certificates: Mapping[int, str],
    files: Mapping[int, int],
) -> ConfirmationPaper:
    """What was confirmed: each finding with the submission that passed and its review.

    ``files`` maps findings to the number of files of evidence.
    """
    lines, days = [], []
    for item, report in accepted:
        review = report.review
        line = _finding_line(item, certificates)
        days.append(review.reviewed_at)
        lines.append(
            ConfirmedLine(
                subject=line.subject,
                fact=line.fact,
                cause=report.cause,
                action=report.action,
                prevention=report.prevention,
                files=files.get(item.finding_id, 0),
                submitted_on=cn_date(report.submitted_at),
                is_late=report.is_late,
                method=review.get_method_display(),
                result=review.get_result_display(),
                opinion=review.opinion,
                reviewed_on=cn_date(review.reviewed_at),
                reviewer=getattr(review.reviewed_by, "display_name", ""),
            )
        )
    task = order.task
    return ConfirmationPaper(
        number=order.number,
        unit=task.of_unit.name,
        credit_code=task.of_unit.uscc or "—",
        authority=task.authority.name,
        due_on=cn_date(order.due_on),
        requirement=order.requirement,
        lines=tuple(lines),
        confirmed_on=cn_date(max(days)) if days else "",
    )


def confirmation_pdf(paper: ConfirmationPaper) -> bytes:
    """The confirmation as PDF: a form inside the margins of official documents."""
    return render_pdf("rectification/pdf/confirmation.html", {"paper": paper})


def _finding_line(item: OrderItem, certificates: Mapping[int, str]) -> FindingLine:
    finding = item.finding
    subject = ""
    if finding.standard is not None:
        number = certificates.get(finding.standard.pk, "")
        subject = wording.subject(finding.standard.name, number)
    return FindingLine(
        subject=subject,
        fact=wording.sentence(finding.fact),
        basis=finding.basis.rstrip("。；; "),
        waiver=wording.sentence(finding.objection_waiver) if finding.objection_waiver else "",
    )
