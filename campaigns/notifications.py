"""Messages of a campaign: who is told, and in which words."""

from collections.abc import Collection
from typing import Any

from metrostd.accounts.enums import Role
from metrostd.accounts.models import Membership
from metrostd.notifications.services import tell

from .models import Campaign, DrawRun, RoutedStandard


def offices(authority_ids: Collection[int | None]) -> list[Membership]:
    """The people who run a campaign at these authorities."""
    return list(
        Membership.objects.active().filter(role__in=Role.offices, authority__in=authority_ids)
    )


def tell_opened(campaign: Campaign, *, sender: Any) -> int:
    """Tell every office that inspects or receives reports in the campaign; returns how many."""
    concerned = {campaign.organiser_id}
    for column in ("inspecting_authority", "issuing_authority", "territorial_authority"):
        ids = campaign.routed.order_by(column).values_list(column, flat=True).distinct()
        concerned.update(pk for pk in ids if pk)
    return tell(
        offices(concerned),
        subject=f"{campaign}已开启",
        body="任务分工已完成，请在工作台查看本部门的应办事项。",
        url=campaign.get_absolute_url(),
        sender=sender,
    )


def tell_resolved(routed: RoutedStandard, *, sender: Any) -> int:
    """Tell the office that was given a standard by hand."""
    return tell(
        offices([routed.inspecting_authority_id]),
        subject=f"新增检查任务：{routed.unit}的{routed.standard}",
        body="该计量标准经人工确定由本部门组织检查，请按期冻结名单并抽取检查对象。",
        url=routed.campaign.get_absolute_url(),
        sender=sender,
    )


def tell_void(run: DrawRun, *, sender: Any, note: str) -> int:
    """Tell the office that its draw no longer counts."""
    return tell(
        offices([run.frame.authority_id]),
        subject="抽取结果已作废，须重新抽取",
        body=note,
        url=run.frame.get_absolute_url(),
        sender=sender,
    )
