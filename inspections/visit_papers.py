"""What goes along to a visit on paper: the letter that announces it, and its sheets to be filled in by hand."""

from typing import Any

from campaigns.models import ChecklistItem
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.enums import Answer
from metrostd.common.models import AuditEntry, Paper
from metrostd.common.papers import Words, paper_of
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.registry.models import StandardCertificate

from .joint.queries import joined_of
from .models import InspectionTask
from .sheets import Fits, items_for, wanted_sheets

#: The kinds of papers.
LETTER, BLANKS = "inspections.visit_notice", "inspections.blank_sheets"


#: The trail keeps what the letter names.
_NAMED = "task.letter"


def _told(task: InspectionTask) -> AuditEntry | None:
    return AuditEntry.objects.about(task).filter(action="task.notify").order_by("pk").last()


def was_told(task: InspectionTask) -> bool:
    """Whether the unit was told beforehand, of this visit or of both; visits without notice have no letter."""
    joint = joined_of(task)
    return any(map(_told, [joint.first, joint.second] if joint else [task]))


def keep_names(task: InspectionTask, *, actor: Actor | None) -> None:
    """What the letter calls unit, place and standards on the day it is sent: later names do not reach it."""
    named = _names_of_today(task)
    audit.record(task, actor=actor, action=_NAMED, label="检查通知书所列名称", after=named)


# Any: as the trail gives it back
def _names_of_today(task: InspectionTask) -> dict[str, Any]:
    found = {
        row.standard_id: row.standard.name for row in task.standards.select_related("standard")
    }
    rows = StandardCertificate.objects.filter(standard__in=found, is_current=True)
    numbers = dict(rows.values_list("standard", "number"))
    unit = task.unit
    return {
        "campaign": task.campaign.title,
        "subject": task.subject.name,
        "address": (unit.actual_address or unit.registered_address) if unit else "",
        "standards": {str(pk): [found[pk], numbers.get(pk, "")] for pk in sorted(found)},
    }


# Any: as above
def _names(task: InspectionTask) -> dict[str, Any]:
    """The names as kept when the unit was told, of standards added since those of today."""
    today = _names_of_today(task)
    entry = AuditEntry.objects.about(task).filter(action=_NAMED).order_by("pk").last()
    if entry is None:
        return today
    kept = entry.after["standards"]
    return {
        **entry.after,
        "standards": {pk: kept.get(pk, line) for pk, line in today["standards"].items()},
    }


def letter_words(task: InspectionTask) -> dict[str, object]:
    """What the letter says: who comes when, to which standards; two offices that come together write one letter."""
    joint = joined_of(task)
    tasks = [joint.first, joint.second] if joint else [task]
    told = next(filter(None, map(_told, tasks)), None)
    names = [_names(each) for each in tasks]
    standards = {pk: line for each in names for pk, line in each["standards"].items()}
    day, place = (joint.planned_on, joint.place) if joint else (task.planned_on, task.place)
    return {
        "campaign": names[0]["campaign"],
        "subject": names[0]["subject"],
        "offices": list(dict.fromkeys(each.authority.name for each in tasks)),
        "kinds": list(dict.fromkeys(str(each.get_kind_display()) for each in tasks)),
        "planned_on": cn_date(day) or "另行通知",
        "place": place or tasks[0].place or names[0]["address"],
        "merged_with": "；".join(filter(None, (each.merged_with.strip() for each in tasks))),
        "teams": [
            {
                "office": each.authority.name,
                "phone": each.authority.phone,
                "people": [
                    f"{row.membership.user}（{row.get_role_display()}"
                    + (f"，执法证 {row.officer_cert_no}）" if row.officer_cert_no else "）")
                    for row in each.team.select_related("membership__user").order_by("pk")
                ],
            }
            for each in tasks
        ],
        "standards": list(standards.values()),
        "sent_on": cn_date(local_day(told.at)) if told else "",
    }


def letter_paper(task: InspectionTask) -> Paper:
    """The letter on file; other words are another letter."""
    return paper_of(LETTER, letter_words(task), title=f"检查通知书 {task.subject}"[:200])


def blank_words(task: InspectionTask) -> dict[str, object]:
    """Every sheet of the visit with its items and nothing filled in, also before the visit has begun."""
    template, items = items_for(task)
    return {
        "campaign": task.campaign.title,
        "subject": task.subject.name,
        "authority": task.authority.name,
        "edition": str(template),
        "sheets": [
            {"about": about or "单位层面", "sections": _sections(items, fits)}
            for about, fits in wanted_sheets(task)
        ],
    }


def _sections(items: list[ChecklistItem], fits: Fits) -> list[dict[str, object]]:
    blocks: dict[str, list[dict[str, object]]] = {}
    for item in items:
        if not fits(item):
            continue
        choices = Answer.choices_for(
            prohibition=item.is_prohibition, inapplicable=item.may_be_inapplicable
        )
        line = {
            "code": item.code,
            "text": item.text,
            "is_key": item.is_key,
            "look": item.evidence_hint,
            "choices": [str(label) for _, label in choices],
        }
        blocks.setdefault(str(item.section), []).append(line)
    return [{"title": title, "lines": lines} for title, lines in blocks.items()]


def blank_paper(task: InspectionTask) -> Paper:
    """The sheets to print; the same version of the checklist gives the same paper."""
    return paper_of(BLANKS, blank_words(task), title=f"空白检查表 {task.subject}"[:200])


def letter_pdf(words: Words) -> bytes:
    """Lay out 检查通知书 (A4)."""
    return render_pdf("inspections/pdf/visit_notice.html", {"words": words})


def blanks_pdf(words: Words) -> bytes:
    """Lay out the blank sheets (A4)."""
    return render_pdf("inspections/pdf/blank_sheets.html", {"words": words})
