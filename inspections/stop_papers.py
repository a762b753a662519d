"""责令停止量值传递通知书: the paper that is served, its words and the one paper made of them."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from django.urls import reverse

from metrostd.common import law
from metrostd.common.actors import Actor
from metrostd.common.models import Paper, StoredFile
from metrostd.common.papers import Words, files_of, keep, paper_of
from metrostd.common.press import Wanted
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import Authority, Unit

from .enums import TeamRole
from .models import InspectionTask, StopTransferOrder

#: The kind of paper a notice is.
NOTICE = "inspections.stop"


class Addressee(TypedDict):
    """The fields of a paper that name the unit it is served on."""

    unit: str
    credit_code: str
    address: str
    representative: str


class Contact(TypedDict):
    """The fields of a paper that say whom to ask."""

    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field of a served paper that is not on record: its name, what to say, where it is entered."""

    label: str
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class StopPaper:
    """Every field of the notice as printed."""

    number: str
    authority: str
    unit: str
    credit_code: str
    address: str
    representative: str
    opening: str
    standard: str
    facts: tuple[str, ...]
    reviewers: str
    contact: str
    phone: str
    issued_on: str
    kind: str = "责令停止量值传递通知书"
    #: What is printed over the words of an order taken back.
    withdrawn: str = ""


def paper_again(words: Words) -> StopPaper:
    """The notice again from what was kept of it."""
    return StopPaper(**{**words, "facts": tuple(words["facts"])})


def kept_paper(order: StopTransferOrder) -> StopPaper:
    """The notice as it was approved."""
    return paper_again(order.paper)


def notice(order: StopTransferOrder, paper: StopPaper) -> Paper:
    """The notice on file: made once as approved, and once more with the mark of an order taken back."""
    printed = dataclasses.asdict(as_printed(paper, order))
    return paper_of(NOTICE, printed, title=f"{paper.kind} {paper.number}")


def notices_of(
    orders: Iterable[StopTransferOrder],
) -> list[tuple[StopTransferOrder, StoredFile | None]]:
    """The notices as they are printed today, as far as they are made."""
    kept = [order for order in orders if order.paper]
    said = [dataclasses.asdict(as_printed(kept_paper(order), order)) for order in kept]
    return list(zip(kept, files_of(NOTICE, said), strict=True))


def unmade_notices(orders: Iterable[StopTransferOrder]) -> Iterator[Wanted]:
    """The notices as they are printed today that are not made yet, to be laid out."""
    for order, file in notices_of(orders):
        if file is None:
            words = dataclasses.asdict(as_printed(kept_paper(order), order))
            yield Wanted(NOTICE, words, partial(keep, NOTICE, words))


def taken_back(on: dt.date | dt.datetime | None, reason: str) -> str:
    """What stands on a served paper from the day it is taken back."""
    why = reason.strip().rstrip("。；;")
    return f"本文书已于{cn_date(on)}撤回，自撤回之日起不再执行。撤回理由：{why}。"


def as_printed(paper: StopPaper, order: StopTransferOrder) -> StopPaper:
    """The notice as it is printed today: with the mark once the order has been taken back."""
    if order.withdrawn_on is None:
        return paper
    return dataclasses.replace(
        paper, withdrawn=taken_back(order.withdrawn_on, order.withdrawal_reason)
    )


def contact_of(authority: Authority, person: Actor | None) -> Contact:
    """Whom the unit asks about a paper: the section and the person who answers for it."""
    name = person.display_name if person else ""
    return {
        "contact": " ".join(filter(None, (authority.office, name))) or authority.short_name,
        "phone": authority.phone or (person.phone if person else ""),
    }


def _answers(task: InspectionTask) -> Actor | None:
    """The leader of the team, who knows the visit."""
    leader = task.team.filter(role=TeamRole.LEADER).select_related("membership__user").first()
    return leader.membership.user if leader else None


def stop_paper(
    order: StopTransferOrder,
    *,
    certificate: str,
    approved_on: dt.date,
    approver: Actor | None = None,
) -> StopPaper:
    """What the notice of an approved order says; ``certificate`` is the number, if there is one.

    The team's leader answers questions; whoever approved does where there is no leader.
    """
    task, unit, authority = order.task, order.task.of_unit, order.task.authority
    visited = cn_date(task.arrived_at or approved_on)
    return StopPaper(
        number=order.number,
        authority=authority.name,
        **addressee(unit),
        opening=(
            f"{visited}，本机关检查人员出示执法证件后，对你单位实施计量标准监督检查"
            f"（{task.campaign.title}），查明下列事实。"
        ),
        standard=f"{order.standard.name}（{certificate}）" if certificate else order.standard.name,
        facts=tuple(line.strip() for line in order.basis.splitlines() if line.strip()),
        reviewers=reviewers(authority, on=approved_on),
        **contact_of(authority, _answers(task) or approver),
        issued_on=cn_date(approved_on),
    )


def lacking(unit: Unit, authority: Authority, person: Actor | None) -> list[Lacking]:
    """What a paper served on this unit must name and nobody has entered yet."""
    at_unit = reverse("registry:unit_edit", args=[unit.pk])
    at_office = reverse("accounts:office_edit", args=[authority.pk])
    found = [
        Lacking(label, f"{unit.name}的{label}没有登记，请在单位档案中填写。", at_unit)
        for label, known in (
            ("法定代表人", unit.legal_representative.strip()),
            (
                "注册地址或者实际地址",
                unit.registered_address.strip() or unit.actual_address.strip(),
            ),
        )
        if not known
    ]
    if not contact_of(authority, person)["phone"].strip():
        sentence = f"{authority.name}的联系电话没有登记，请在机关资料中填写。"
        found.append(Lacking("联系电话", sentence, at_office))
    return found


def stop_lacks(order: StopTransferOrder) -> list[str]:
    """Why the notice cannot be issued yet: a party it has to name is not on record."""
    task = order.task
    return [each.sentence for each in lacking(task.of_unit, task.authority, _answers(task))]


def addressee(unit: Unit) -> Addressee:
    """How a paper names the unit it is served on."""
    return {
        "unit": unit.name,
        "credit_code": unit.uscc or f"无（{unit.uscc_missing_reason or '未登记'}）",
        "address": unit.registered_address or unit.actual_address or "—",
        "representative": unit.legal_representative or "—",
    }


def reviewers(authority: Authority, *, on: dt.date) -> str:
    """Who hears an administrative appeal against an act of this day, by the law of that day."""
    if not law.APPEAL_TO_DEPARTMENT_ABOVE.on(on):
        return f"{authority.region_name}人民政府"
    above = authority.parent.name if authority.parent else "国家市场监督管理总局"
    return f"{authority.region_name}人民政府或者{above}"


def stop_pdf(paper: StopPaper) -> bytes:
    """The notice on A4, with the place of the seal left empty."""
    return render_pdf("inspections/pdf/stop.html", {"order": paper})
