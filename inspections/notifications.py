"""Who is told of what about a visit."""

import datetime as dt

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications.services import tell

from .deadlines import OBJECTION_WORKDAYS
from .integrity.words import TO_UNITS
from .models import CertificationReview, InspectionTask


def tell_team(task: InspectionTask, *, sender: Actor | None) -> None:
    """The members of the team: where they go and when."""
    when = cn_date(task.planned_on) if task.planned_on else "日期待定"
    tell(
        [place.membership for place in task.team.select_related("membership")],
        subject=f"检查任务：{task.subject}（{when}）",
        body=f"地点：{task.place or (task.unit and task.unit.actual_address) or '未填'}",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_unit_of_visit(
    task: InspectionTask, *, sender: Actor | None, partner: InspectionTask | None = None
) -> None:
    """The unit: who comes when (通知二(二)), ``partner`` at the same time; a bureau the same of its certification work."""
    when = cn_date(task.planned_on) if task.planned_on else "具体日期另行通知"
    if task.bureau_id is not None:
        _tell_offices(
            task.bureau_id,
            task,
            subject=f"考核工作监督检查通知：{task.authority}，{when}",
            body="请准备考核制度、台账、证后监督检查记录；抽查的案卷另行调取。检查不收取任何费用。",
            sender=sender,
        )
        return
    who = f"{task.authority}、{partner.authority}联合检查" if partner else f"{task.authority}"
    tell(
        Membership.objects.of_unit(task.unit),
        subject=f"现场检查通知：{who}，{when}",
        body=f"请准备考核证书、溯源证书、技术报告、履历书、原始记录等材料。{TO_UNITS}",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_unit_of_result(task: InspectionTask, *, findings: int, sender: Actor | None) -> None:
    """The unit: the record has been signed; it may object within five work days. Or the bureau."""
    if task.bureau_id is not None:
        _tell_offices(
            task.bureau_id,
            task,
            subject=f"考核工作监督检查结束：发现问题 {findings} 个",
            body="请等待整改要求。" if findings else "",
            sender=sender,
        )
        return
    tell(
        Membership.objects.of_unit(task.unit),
        subject=f"现场检查结束：发现问题 {findings} 个",
        body=f"对问题有异议的，可在{OBJECTION_WORKDAYS}个工作日内提出。" if findings else "",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_bureau(
    review: CertificationReview, *, subject: str, body: str = "", sender: Actor | None
) -> None:
    """The office of the bureau whose certification work is inspected."""
    _tell(review.bureau_id, review, subject=subject, body=body, sender=sender)


def tell_city(review: CertificationReview, *, subject: str, sender: Actor | None) -> None:
    """The office that inspects the bureau."""
    _tell(review.authority_id, review, subject=subject, body="", sender=sender)


def tell_discipline_of_review(review: CertificationReview, *, sender: Actor | None) -> None:
    """纪检监督 learns that a bureau has been reported up."""
    desk = Membership.objects.active().filter(role=Role.DISCIPLINE, authority=review.authority_id)
    tell(
        desk,
        subject=f"{review.bureau}考核工作整改不合格，已上报{review.reported_to}",
        body=f"上报日期{cn_date(review.reported_on)}。",
        sender=sender,
    )


def tell_office(
    task: InspectionTask, *, subject: str, body: str = "", sender: Actor | None
) -> None:
    """The office that organises the visit."""
    _tell_offices(task.authority_id, task, subject=subject, body=body, sender=sender)


def tell_owner(
    task: InspectionTask, owner: Membership, *, due_on: dt.date, sender: Actor | None
) -> None:
    """Who is named to see to the follow-up of a visit not performed."""
    tell(
        [owner],
        subject=f"后续检查责任人：{task.subject}",
        body=f"未能实施检查，请在{cn_date(due_on)}前组织后续检查。",
        url=task.get_absolute_url(),
        sender=sender,
    )


def tell_organiser(
    task: InspectionTask, *, subject: str, body: str = "", sender: Actor | None
) -> None:
    """The office that organises the campaign: for what has to be escalated."""
    _tell_offices(task.campaign.organiser_id, task, subject=subject, body=body, sender=sender)


def _tell_offices(
    authority_id: int, task: InspectionTask, *, subject: str, body: str, sender: Actor | None
) -> None:
    _tell(authority_id, task, subject=subject, body=body, sender=sender)


def _tell(
    authority_id: int,
    about: InspectionTask | CertificationReview,
    *,
    subject: str,
    body: str,
    sender: Actor | None,
) -> None:
    members = Membership.objects.active().filter(authority=authority_id, role__in=Role.offices)
    tell(members, subject=subject, body=body, url=about.get_absolute_url(), sender=sender)
