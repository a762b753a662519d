"""What closing a campaign leaves behind: what was not done, and the table of that moment."""

from django.core.exceptions import ValidationError
from django.db.models import Count

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date

from . import extension
from .dates import stage_starts
from .enums import DutyKind, StageKind
from .models import Campaign, ClosedEdition, Duty


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
    if not note.strip():
        errors["note"] = "尚有未办事项或者未到处理总结阶段，请说明提前结束的理由。"
    if errors:
        raise ValidationError(errors)


def keep_edition(
    campaign: Campaign, *, unusual: list[str], actor: Actor | None, note: str
) -> ClosedEdition:
    """Keep what the campaign has come to, with its table, before anything is taken back."""
    return ClosedEdition.objects.create(
        campaign=campaign,
        number=campaign.editions.count() + 1,
        closed_by=actor,
        left_open=unusual,
        reason=note.strip(),
        table=extension.closing_table(campaign),
    )


def latest(campaign: Campaign) -> ClosedEdition | None:
    """The closing that stands, for a campaign that is closed."""
    return campaign.editions.filter(reopened_at=None).first()
