"""Who is told what about a self-check report."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse

from campaigns.models import Campaign
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications.services import tell

from .deadlines import first_due
from .enums import SubjectKind
from .models import SelfCheckReport


def tell_subject(
    report: SelfCheckReport, *, subject: str, body: str = "", sender: Actor | None
) -> int:
    """Tell the people of the unit, or the office of the bureau, that checked itself."""
    if report.unit_id:
        members = Membership.objects.of_unit(report.unit_id)
    else:
        members = Membership.objects.of_authority(report.bureau_id).filter(role__in=Role.offices)
    url = report.get_absolute_url()
    return tell(members, subject=subject, body=body, url=url, sender=sender)


def tell_receiver(
    report: SelfCheckReport, *, subject: str, body: str = "", sender: Actor | None
) -> int:
    """Tell the office that receives the report."""
    members = Membership.objects.of_authority(report.receiver_id).filter(role__in=Role.offices)
    url = report.get_absolute_url()
    return tell(members, subject=subject, body=body, url=url, sender=sender)


def tell_opened(campaign: Campaign, *, first_new: int, sender: Actor | None) -> int:
    """One message to everybody who owes one of the reports made from ``first_new`` on."""
    made = SelfCheckReport.objects.filter(campaign=campaign, pk__gte=first_new)
    units = Membership.objects.active().filter(
        unit__in=made.filter(kind=SubjectKind.UNIT).values("unit")
    )
    bureaus = Membership.objects.active().filter(
        role__in=Role.offices, authority__in=made.filter(kind=SubjectKind.BUREAU).values("bureau")
    )
    url = reverse("selfcheck:index")
    told = tell(
        units,
        subject=f"请于{cn_date(first_due(campaign, SubjectKind.UNIT))}前报送自查报告",
        body=f"{campaign.title}：请对本单位的计量标准逐项自查，填写存在问题和整改情况后报送发证部门。",
        url=url,
        sender=sender,
    )
    return told + tell(
        bureaus,
        subject=f"请于{cn_date(first_due(campaign, SubjectKind.BUREAU))}前报送考核工作自查报告",
        body=f"{campaign.title}：请对考核程序、考评方法、考评结果处理和证后监督管理进行自查后报送。",
        url=url,
        sender=sender,
    )


def tell_due_moved(reports: list[int], *, old: dt.date, new: dt.date) -> int:
    """Tell everybody who owes one of these reports its new day: one message each."""
    moved = SelfCheckReport.objects.filter(pk__in=reports)
    members = Membership.objects.active().filter(
        Q(unit__in=moved.exclude(unit=None).values("unit"))
        | Q(role__in=Role.offices, authority__in=moved.exclude(bureau=None).values("bureau"))
    )
    return tell(
        members,
        subject=f"自查报告的报送期限调整为{cn_date(new)}",
        body=f"原期限为{cn_date(old)}。",
        url=reverse("selfcheck:index"),
    )
