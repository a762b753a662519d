"""Who is told of what about a visit."""

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications.services import tell

from .deadlines import OBJECTION_WORKDAYS
from .models import InspectionTask


def tell_team(task: InspectionTask, *, sender: Actor | None) -> None:
    """The members of the team: where they go and when."""
    when = cn_date(task.planned_on) if task.planned_on else "日期待定"
    tell(
        [place.membership for place in task.team.select_related("membership")],
        subject=f"检查任务：{task.unit}（{when}）",
        body=f"地点：{task.place or task.unit.actual_address or '未填'}",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_unit_of_visit(task: InspectionTask, *, sender: Actor | None) -> None:
    """The unit: who comes when (通知二(二))."""
    when = cn_date(task.planned_on) if task.planned_on else "具体日期另行通知"
    tell(
        Membership.objects.of_unit(task.unit),
        subject=f"现场检查通知：{task.authority}，{when}",
        body="请准备考核证书、溯源证书、技术报告、履历书、原始记录等材料。检查不收取任何费用。",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_unit_of_result(task: InspectionTask, *, findings: int, sender: Actor | None) -> None:
    """The unit: the record has been signed; it may object within five work days."""
    tell(
        Membership.objects.of_unit(task.unit),
        subject=f"现场检查结束：发现问题 {findings} 个",
        body=f"对问题有异议的，可在{OBJECTION_WORKDAYS}个工作日内提出。" if findings else "",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_office(
    task: InspectionTask, *, subject: str, body: str = "", sender: Actor | None
) -> None:
    """The office that organises the visit."""
    _tell_offices(task.authority_id, task, subject=subject, body=body, sender=sender)


def tell_organiser(
    task: InspectionTask, *, subject: str, body: str = "", sender: Actor | None
) -> None:
    """The office that organises the campaign: for what has to be escalated."""
    _tell_offices(task.campaign.organiser_id, task, subject=subject, body=body, sender=sender)


def _tell_offices(
    authority_id: int, task: InspectionTask, *, subject: str, body: str, sender: Actor | None
) -> None:
    members = Membership.objects.active().filter(authority=authority_id, role__in=Role.offices)
    tell(members, subject=subject, body=body, url=task.get_absolute_url(), sender=sender)
