"""What closing a campaign leaves behind: what was not done, and the table of that moment."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import Count

from metrostd.common import clock, turns
from metrostd.common.actors import Actor
from metrostd.common.letters import words_in
from metrostd.common.templatetags.formats import cn_date

from . import duties, extension
from .dates import stage_starts
from .enums import DutyKind, StageKind
from .models import Campaign, ClosedEdition, Duty

#: Duties taken back at a time.
SLICE = 2_000


def left_open(campaign: Campaign) -> list[str]:
    """What makes closing a campaign unusual: too early, or with work nobody has done.

    It does not stand against closing; who closes all the same says why and names the campaign.
    """
    found = []
    start = stage_starts(campaign, StageKind.HANDLE_SUMMARY).get(None)
    if start is not None and clock.today() < start:
        found.append(f"“{StageKind.HANDLE_SUMMARY.label}”阶段{cn_date(start)}才开始。")
    if unrouted := campaign.routed.unresolved().count():
        found.append(f"{unrouted} 项计量标准没有确定由谁检查。")
    owed = Duty.objects.by_now(clock.today()).open().filter(campaign=campaign)
    waiting = owed.order_by("kind").values("kind")
    return found + [
        f"{DutyKind(row['kind']).label}：{row['many']} 项没有办理，结束后取消。"
        for row in waiting.annotate(many=Count("pk"))
    ]


def check_sure(campaign: Campaign, unusual: list[str], *, code: str, note: str) -> None:
    """Who closes early or over open work types the campaign's code and says why."""
    if not unusual:
        return
    errors = {}
    if code.strip() != campaign.code:
        errors["code"] = f"请输入本次专项行动的编号“{campaign.code}”，以确认结束的是它。"
    if not words_in(note):
        errors["note"] = "尚有未办事项或者未到处理总结阶段，请说明提前结束的理由。"
    if errors:
        raise ValidationError(errors)


def keep_edition(
    campaign: Campaign, *, unusual: list[str], actor: Actor | None, note: str
) -> ClosedEdition:
    """Keep how the campaign ended; its table, and what is owed no more, follow (``finish``)."""
    return ClosedEdition.objects.create(
        campaign=campaign,
        number=campaign.editions.count() + 1,
        closed_by=actor,
        left_open=unusual,
        reason=note.strip(),
    )


def finish(edition: ClosedEdition, *, progress: Callable[..., None] = lambda *_args: None) -> None:
    """Keep the table as of the end, then take back what is still owed; some at a time, again and again.

    Nothing of a closed campaign changes, so the table may be made a little after its moment. What has been opened
    again meanwhile is left alone.
    """
    progress(0, 0, "留存统计表")
    keep_table(edition)
    campaign, taken = edition.campaign, 0
    owed = Duty.objects.open().filter(campaign=campaign).count()
    progress(0, owed, "取消未办事项")
    while True:
        with turns.turn():
            Campaign.objects.select_for_update().get(pk=campaign.pk)
            stands = ClosedEdition.objects.filter(pk=edition.pk, reopened_at=None).exists()
            now = stands and duties.cancel_some(campaign, at=edition.closed_at, most=SLICE)
        if not now:
            return
        taken += now
        progress(taken, owed, "取消未办事项")


def keep_table(edition: ClosedEdition) -> None:
    """Make the table of a closing unless it is there."""
    if edition.table_id is not None:
        return
    table = extension.closing_table(edition.campaign, at=edition.closed_at)
    if ClosedEdition.objects.filter(pk=edition.pk, table=None).update(table=table):
        edition.table = table


def latest(campaign: Campaign) -> ClosedEdition | None:
    """The closing that stands, for a campaign that is closed."""
    return campaign.editions.filter(reopened_at=None).first()
