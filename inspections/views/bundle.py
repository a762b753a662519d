"""What a device takes along of a visit: its sheets as the pages show them, and the facts their rules need.

The items are the very markup of the online sheet, so that both look and read the same; what the device has to
judge by itself (progress, gaps, suggested conclusion) comes beside it as plain values.
"""

import datetime as dt

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string

from inspections import conclusions, policies
from inspections.deadlines import day_of
from inspections.enums import EvidenceKind, TeamRole
from inspections.models import ChecklistSheet, Evidence, InspectionTask, TaskLease
from metrostd.accounts.models import Membership
from metrostd.common import clock, watermark
from metrostd.common.actors import Actor
from metrostd.common.enums import Answer, Conclusion
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.registry.models import StandardCertificate

from . import bundle_forms, cards

#: Of what a bundle is made; a device says which one it has, and older ones are understood as long as leases last.
SCHEMA = 1


def bundle_of(lease: TaskLease, *, user: Actor) -> Context:
    """The bundle of a lease, as JSON holds it; a fixed number of queries for every sheet."""
    task = lease.task
    prefetch_related_objects([task], "team__membership__user", "team__membership__authority")
    sheets = list(
        task.sheets.select_related(
            "standard", "case__certificate", "task__unit", "task__bureau", "task__campaign"
        ).order_by("pk")
    )
    numbers = _certificates(sheets)
    return {
        "schema": SCHEMA,
        "lease": lease.pk,
        "made_at": _millis(clock.now()),
        "expires_at": _millis(lease.expires_at),
        "task": {
            "id": task.pk,
            "title": str(task.subject),
            "place": task.place,
            "state": task.state,
            "state_label": task.get_state_display(),
            "arrived_at": cn_datetime(task.arrived_at) if task.arrived_at else "",
            "attendees": task.attendees,
            "url": task.get_absolute_url(),
        },
        "me": _me(lease.membership, task, user),
        "team": [
            {
                "membership": place.membership_id,
                "name": str(place.membership.user),
                "role": place.get_role_display(),
                "own": place.membership_id == lease.membership_id,
            }
            for place in task.team.all()
        ],
        "rules": _rules(),
        "sheets": [_sheet(each, task, numbers, user) for each in sheets],
        # Over everything that is shown of the visit, as on the pages of the portal.
        "watermark": render_to_string(
            "components/watermark.html", {"text": watermark.text_for(user)}
        ),
        "signing_html": render_to_string("inspections/onsite_signature.html"),
        "people": bundle_forms.people_of(task),
        "interviews": bundle_forms.interviews_of(task, user),
    }


def _me(member: Membership, task: InspectionTask, user: Actor) -> Context:
    role = policies.team_role(user, task)
    return {
        "name": str(member.user),
        "leads": role == TeamRole.LEADER,
        "officer": role in TeamRole.officers,
    }


def _rules() -> Context:
    """What the device's own look at a sheet follows; the server judges again with the same values."""
    return {
        "min_fact": conclusions.MIN_FACT,
        "problems": sorted(Answer.problem),
        "most_bytes": settings.UPLOAD_MAX_BYTES,
        "conclusions": [
            {"value": each.value, "label": str(each.label), "severity": each.severity}
            for each in Conclusion
        ],
        "measured": bundle_forms.rules(),
    }


def _sheet(
    sheet: ChecklistSheet, task: InspectionTask, numbers: dict[int, str], user: Actor
) -> Context:
    sheet.task = task  # with its team, as it was read
    found = cards.cards_of(
        sheet,
        on=day_of(sheet),
        fill=lambda answer: policies.can_answer(user, answer),
        with_hints=True,
    )
    sections: dict[str, Context] = {}
    for card in found:
        its = card.row.item.section
        section = sections.setdefault(its.code, {"code": its.code, "label": its.short_title})
        section["html"] = str(section.get("html", "")) + _html(card, task, user)
    return {
        "id": sheet.pk,
        "title": str(sheet),
        "certificate": numbers.get(sheet.standard_id or 0, ""),
        "conclusion": sheet.conclusion,
        "reason": sheet.override_reason,
        "sections": list(sections.values()),
        "items": [_item(card) for card in found],
        "forms": bundle_forms.forms_of(sheet),
    }


def _html(card: cards.Card, task: InspectionTask, user: Actor) -> str:
    context = {
        "card": card,
        "row": card.row,
        "item": card.row.item,
        "fill": policies.can_fill(user, task),
        "task": task,
        "kinds": EvidenceKind.choices,
        "csrf_token": "",
    }
    return render_to_string("inspections/item.html", context)


def _item(card: cards.Card) -> Context:
    row = card.row
    return {
        "id": row.pk,
        "code": row.item.code,
        "section": row.item.section.code,
        "key": row.item.is_key,
        "fault_if_inapplicable": row.item.code in conclusions.OPEN_WHEN_INAPPLICABLE,
        "against": card.against,
        "against_source": cards.source_of(row),
        "measures": card.measures,
        "may": bool(card.fill),
        "answer": row.answer,
        "note": row.note,
        "version": row.version,
        "files": [each.file.sha256 for each in card.evidence],
        "evidence": [_evidence(each) for each in card.evidence],
    }


def _evidence(row: Evidence) -> Context:
    """A piece the portal has, as the list says it where the inspected confirm."""
    said = [
        row.get_kind_display(),
        cn_datetime(row.captured_at),
        str(row.captured_by or ""),
        "标注副本" if row.copy_of_id else "",
        f"取证位置 {row.position}" if row.position else "",
        f"拍摄时间（照片自带）{cn_datetime(row.taken_at)}" if row.taken_at else "",
        "不在检查期间，请核对" if row.taken_outside else "",
        f"拍摄位置（照片自带）{row.taken_where}" if row.taken_where else "",
    ]
    return {
        "id": row.pk,
        "name": row.name,
        "words": " · ".join(filter(None, said)),
        "confirmed": f"{row.confirmed_by} {cn_datetime(row.confirmed_at)}"
        if row.confirmed_at
        else "",
    }


def _certificates(sheets: list[ChecklistSheet]) -> dict[int, str]:
    wanted = [each.standard_id for each in sheets if each.standard_id]
    rows = StandardCertificate.objects.filter(standard__in=wanted, is_current=True)
    return dict(rows.values_list("standard", "number"))


def _millis(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)
