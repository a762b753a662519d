"""Who is told what about a self-check report."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from campaigns.models import Campaign
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications.models import Message
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


def untold(campaign: Campaign) -> QuerySet[Membership]:
    """The people of units that owe reports and have no message about it since the campaign is open."""
    owing = SelfCheckReport.objects.filter(campaign=campaign, kind=SubjectKind.UNIT)
    told = Message.objects.filter(
        membership=OuterRef("pk"), sent_at__gte=campaign.state_since, body=_asked_of_units(campaign)
    )
    members = Membership.objects.active().filter(unit__in=owing.values("unit"))
    return members.filter(~Exists(told))


def tell_units_opened(campaign: Campaign, members: Collection[int], *, sender: Actor | None) -> int:
    """Those of these people who have not been told that their unit owes a report; returns how many."""
    return _tell_units(campaign, untold(campaign).filter(pk__in=members), sender=sender)


def tell_owed(report: SelfCheckReport, *, sender: Actor | None) -> int:
    """Tell the people of a unit that owes a report from now on."""
    members = Membership.objects.of_unit(report.unit_id)
    return _tell_units(report.campaign, members, sender=sender)


def _asked_of_units(campaign: Campaign) -> str:
    return f"{campaign.title}：请对本单位的计量标准逐项自查，填写存在问题和整改情况后报送发证部门。"


def _tell_units(campaign: Campaign, members: Iterable[Membership], *, sender: Actor | None) -> int:
    return tell(
        members,
        subject=f"请于{cn_date(first_due(campaign, SubjectKind.UNIT))}前报送自查报告",
        body=_asked_of_units(campaign),
        url=reverse("selfcheck:index"),
        sender=sender,
    )


def tell_bureaus_opened(
    campaign: Campaign, made: list[SelfCheckReport], *, sender: Actor | None
) -> int:
    """Tell the offices of the bureaus that owe these reports; returns how many."""
    bureaus = Membership.objects.active().filter(
        role__in=Role.offices, authority__in=[report.bureau_id for report in made]
    )
    return tell(
        bureaus,
        subject=f"请于{cn_date(first_due(campaign, SubjectKind.BUREAU))}前报送考核工作自查报告",
        body=f"{campaign.title}：请对考核程序、考评方法、考评结果处理和证后监督管理进行自查后报送。",
        url=reverse("selfcheck:index"),
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
