"""What reporting adds to the layers below: reports when a campaign opens, its table when it closes."""

import datetime as dt
from collections.abc import Callable, Iterable

from django.db.models import BigIntegerField, Count, QuerySet

from campaigns import duties
from campaigns.enums import DutyKind, PlanField, StageKind
from campaigns.extension import (
    closing_guard,
    on_adjusted,
    opening_step,
    stage_note,
    table_of_closing,
)
from campaigns.models import Campaign
from campaigns.pledges import keep_lists_under_pledge
from metrostd.accounts.asked_by import AskedBy
from metrostd.common.actors import Actor
from metrostd.common.models import StoredFile
from metrostd.common.prepared import Given
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.uploads import XLSX, store_bytes
from metrostd.registry.models import Authority
from metrostd.trail.anchors import anchor_source

from . import notifications, services, workbook
from .annex3 import build
from .enums import StatReportState
from .models import StatEdition, StatReport


@opening_step("建立统计表报送任务")
def prepare_reports(
    campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None]
) -> int:
    """Every office that inspects owes its table by the day of the notice (通知三)."""
    made = services.prepare(campaign, actor=actor)
    progress(1, 1, "统计表报送任务")
    return made


@on_adjusted
def move_due(
    campaign: Campaign,
    authority: Authority | None,
    field: str,
    old: dt.date | int,
    new: dt.date | int,
) -> None:
    """The day tables are due was adjusted: what is still owed moves with it."""
    if field != PlanField.SUMMARY_DUE or not isinstance(new, dt.date):
        return
    owed = StatReport.objects.filter(campaign=campaign, first_submitted_at=None)
    for report in owed.select_related("authority"):
        duties.reschedule(report, kind=DutyKind.SUMMARY, due_on=new)
        notifications.tell_due_moved(report, due=cn_date(new))


@closing_guard
def unreviewed_tables(campaign: Campaign) -> Iterable[str]:
    """Tables handed in that nobody has decided about."""
    waiting = StatReport.objects.filter(campaign=campaign, state=StatReportState.SUBMITTED)
    if count := waiting.count():
        yield f"{count} 份统计表已报送，尚未审核。"


def _owed(user: Actor) -> QuerySet:
    """How many tables of a campaign are in which state."""
    rows = StatReport.objects.visible_to(user).filter(campaign=Given("campaign", BigIntegerField()))
    return rows.order_by().values_list("state").annotate(n=Count("*"))


_OWED = AskedBy(_owed)


@stage_note(StageKind.HANDLE_SUMMARY)
def handed_in(campaign: Campaign, user: Actor) -> str:
    """Tables handed in, of those owed within the viewer's reach."""
    found = dict(_OWED.rows(user, campaign=campaign.pk))
    there = sum(n for state, n in found.items() if state in StatReportState.handed_in)
    return f"报送 {there}/{sum(found.values())}" if found else ""


@table_of_closing
def whole_city(campaign: Campaign, at: dt.datetime) -> StoredFile:
    """Annex 3 of all offices as of that moment, as the workbook that is handed in."""
    table = build(campaign, None, as_of=at)
    return store_bytes(workbook.annex3_xlsx(table), media_type=XLSX)


keep_lists_under_pledge("reporting:records", "reporting:records_xlsx")


@anchor_source
def heads_in_editions() -> Iterable[str]:
    """Tables that were handed in say where the seal on the trail stood."""
    rows = StatEdition.objects.filter(receipt__has_key="trail_head")
    return rows.values_list("receipt__trail_head", flat=True)
