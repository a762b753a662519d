"""Who is told what about a table that is handed in."""

from campaigns.notifications import offices
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.notifications.services import tell

from .models import StatEdition, StatReport


def tell_submitted(edition: StatEdition, *, sender: Actor | None) -> int:
    """Tell the municipal office that a table has come."""
    report = edition.report
    late = "，逾期报送" if report.is_late else ""
    return tell(
        offices([report.campaign.organiser_id]),
        subject=f"{report.authority}报送了统计表（附件3）",
        body=f"第{edition.number}版，回执{edition.receipt_no}{late}。请审核。",
        url=report.get_absolute_url(),
        sender=sender,
    )


def tell_returned(report: StatReport, *, sender: Actor | None, note: str) -> int:
    return _tell_office(report, "统计表（附件3）已退回修改", note, sender)


def tell_accepted(report: StatReport, *, sender: Actor | None) -> int:
    return _tell_office(report, "统计表（附件3）已接收", f"第{report.number}版已接收。", sender)


def tell_allowed(report: StatReport, *, sender: Actor | None, note: str) -> int:
    return _tell_office(report, "统计表（附件3）可以更正，请重新报送", note, sender)


def tell_due_moved(report: StatReport, *, due: str) -> int:
    return _tell_office(report, f"统计表（附件3）的报送期限调整为{due}", "", None)


def tell_discipline(report: StatReport, cost: str, *, sender: Actor | None) -> int:
    """Tell the discipline inspectors that units are said to have borne costs (通知三(四))."""
    authorities = [report.authority_id, report.campaign.organiser_id]
    people = Membership.objects.active().filter(role=Role.DISCIPLINE, authority__in=authorities)
    return tell(
        people,
        subject=f"{report.authority}填报：由被检单位承担费用 {cost} 元",
        body=f"{report.campaign}统计表中的该项应当为 0，请核查。",
        sender=sender,
    )


def _tell_office(report: StatReport, subject: str, body: str, sender: Actor | None) -> int:
    return tell(
        offices([report.authority_id]),
        subject=subject,
        body=body,
        url=report.get_absolute_url(),
        sender=sender,
    )
