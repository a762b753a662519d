"""The notice a campaign begins with: written, issued, delivered, and read by most."""

import datetime as dt
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.enums import StageKind
from metrostd.annex4.template import blank_template
from metrostd.common.templatetags.formats import cn_date
from metrostd.notices import delivering, moves
from metrostd.notices.enums import NoticeKind
from metrostd.notices.models import Notice

from .setting import Setting, person

_DAY = dt.timedelta(days=1)
#: So many open it while it is played; of a nation nobody waits for all.
_READERS = 400


def play(setting: Setting) -> None:
    """Issued on its day, delivered at once; one recipient in eight has not opened it."""
    dice = Random(f"{setting.campaign.code}-notice")  # noqa: S311 -- sample data
    who, campaign = person("city"), setting.campaign
    with setting.on(setting.calendar.notice_on, 10):
        row = moves.write(campaign, NoticeKind.MAIN, _words(setting), file=None, actor=who)
        file = SimpleUploadedFile("附件4.xlsx", blank_template([]))
        moves.add_annex(row, title="市级办理的企业最高等级计量标准的单位名单", file=file, actor=who)
        moves.issue(row, actor=who)
        # Nobody works the queue while the campaign is played.
        delivering.deliver(row)
    _read(setting, row, dice)


def _read(setting: Setting, row: Notice, dice: Random) -> None:
    members = delivering.members(row.deliveries.all()).select_related("user", "unit", "authority")
    for member in members.order_by("pk")[:_READERS]:
        day = setting.calendar.notice_on + dice.randint(0, 6) * _DAY
        if dice.random() < 0.125 or not setting.happens(day):
            continue
        person_acting = member.user
        person_acting.act_as(member)
        with setting.on(day, 9 + dice.randint(0, 8)):
            delivering.mark_read(row, user=person_acting)


def _words(setting: Setting) -> dict[str, object]:
    calendar, campaign = setting.calendar, setting.campaign
    onsite = calendar.stages[StageKind.ONSITE]
    lines = (
        "为强化计量标准事中事后监管，督促落实建标单位主体责任，提高计量标准考核工作质量，在本市范围内组织开展计量标准专项监督检查。",
        "一、监督检查范围",
        "市区两级市场监管部门主持考核的计量标准以及计量标准考核工作，重点检查社会公用计量标准、部门和企事业单位最高计量标准。",
        "二、时间安排及主要任务",
        f"（一）自查阶段。各建标单位于{cn_date(calendar.unit_self_check_due)}前向发证单位报送自查报告等材料；"
        f"各区局于{cn_date(calendar.bureau_self_check_due)}前报送考核工作自查报告。",
        f"（二）现场监督检查阶段（{cn_date(onsite[0])}至{cn_date(onsite[1])}）。抽查比例建议不少于建标单位总数量的{campaign.default_ratio}%。",
        "三、工作要求",
        f"各区局制定工作计划，畅通投诉举报途径，于{cn_date(calendar.summary_due)}前报送总结报告和统计表。",
    )
    return {
        "title": f"关于落实{campaign.title}工作有关安排的通知",
        "number": f"津市监计量〔{calendar.notice_on.year}〕示例号",
        "addressees": "各区市场监管局，各计量技术机构，各有关单位",
        "body": "\n".join(lines),
        "basis": campaign.basis,
        "issued_on": calendar.notice_on,
        "copy_to": "委综合行政执法总队",
        "is_public": True,
        "without_annexes": False,
        "to_bureaus": True,
        "to_institutes": True,
        "to_units": True,
    }
