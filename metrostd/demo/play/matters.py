"""疑难复杂情况一事一报 (通知三(二)): what the shown district could not settle by itself, without dice."""

import datetime as dt

from campaigns.models import ChecklistItem
from inspections.models import InspectionTask, SingleIssueReport
from inspections.single_issues import moves
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.demo.city import SHOWN

from .setting import Setting, person

_DAY = dt.timedelta(days=1)
#: Item, urgency, subject, facts, question, what the district would do, the answer, the ruling.
_ASKED = (
    (
        "A03",
        "ordinary",
        "主标准器送检期间的量值传递",
        "主标准器正在送检，单位出示了送检受理单，现场没有替代的主标准器，仍收到委托。",
        "主标准器送检期间，能否由同等级的配套设备代替开展检定？",
        "暂停受理，待溯源证书返回后恢复。",
        "不能代替。送检期间应当暂停开展相应项目，并告知委托单位。",
        "主标准器送检期间不得以配套设备代替开展检定、校准；应当暂停相应项目并有记录。",
    ),
    (
        "C01",
        "urgent",
        "环境监测记录缺少一天的处理",
        "查看环境监测记录，整月只缺一天，当天没有开展检定，单位当场说明了原因。",
        "整月只缺一天、当天没有检定的，判为有缺陷还是符合？",
        "判为符合，要求单位今后补记。",
        "判为符合，在事实记录中写明。",
        "",
    ),
)


def ask_above(setting: Setting) -> None:
    """Two matters of the shown district: one answered with a ruling, one that waits for some days."""
    tasks = InspectionTask.objects.filter(
        campaign=setting.campaign, authority__code=SHOWN, arrived_at__isnull=False
    )
    rows = (
        tasks.exclude(team=None)
        .order_by("arrived_at", "pk")
        .prefetch_related("team__membership__user")
    )
    for task, words in zip(rows, _ASKED, strict=False):
        _ask(setting, task, words)


def _ask(setting: Setting, task: InspectionTask, words: tuple[str, ...]) -> None:
    code, urgency, subject, facts, question, proposal, answer, ruling = words
    templates = task.sheets.values("template")
    item = ChecklistItem.objects.filter(code=code, section__template__in=templates).first()
    by = next(member.membership for member in task.team.all())
    day = task.arrived_at.date() if task.arrived_at else setting.until
    if not setting.happens(day):
        return
    with setting.on(day, 11):
        issue = moves.report(
            task.campaign,
            {"task": task, "finding": None, "item": item},
            {
                "urgency": urgency,
                "subject": subject,
                "facts": facts,
                "question": question,
                "proposal": proposal,
            },
            by=by,
        )
    answered = day + (2 if ruling else 10) * _DAY
    if setting.happens(answered):
        _settle(setting, issue, answered, answer=answer, ruling=ruling)


def _settle(
    setting: Setting, issue: SingleIssueReport, answered: dt.date, *, answer: str, ruling: str
) -> None:
    """An expert is asked, then the office answers."""
    city = person("city")
    expert = (
        Membership.objects.active()
        .filter(role=Role.INSTITUTE_EXPERT)
        .exclude(employer=issue.task.unit if issue.task else None)
        .order_by("pk")
        .first()
    )
    with setting.on(answered - _DAY, 9):
        if expert is not None:
            moves.consult(issue, [expert], actor=city)
            opinion = issue.opinions.get()
            moves.give_opinion(opinion, "配套设备未经考核不能单独使用。", actor=expert.user)
    with setting.on(answered, 9):
        moves.answer(issue, text=answer, basis="计量标准考核办法", ruling=ruling, actor=city)
