"""Work plans: asked for when the campaign opens, handed in by most, one with an adjustment, filed."""

import datetime as dt

from campaigns.dates import Calendar
from campaigns.enums import StageKind
from metrostd.plans import moves
from metrostd.plans.models import WorkPlan

from .setting import Setting, office, person

_DAY = dt.timedelta(days=1)


def play(setting: Setting) -> None:
    """By a week before the visits; the last two districts have not handed in."""
    calendar: Calendar = setting.calendar
    due = calendar.stages[StageKind.ONSITE][0] - 7 * _DAY
    asked = calendar.notice_on + _DAY
    if not setting.happens(asked):
        return
    with setting.on(asked, 9):
        moves.ask(setting.campaign, due_on=due, actor=person("city"))
    rows = WorkPlan.objects.filter(campaign=setting.campaign).for_list()
    for n, row in enumerate(rows[: max(len(rows) - 2, 0)]):
        day = due - (1 + n % 5) * _DAY
        if setting.happens(day + _DAY):
            _hand_in(setting, row, n, day)


def _hand_in(setting: Setting, row: WorkPlan, n: int, day: dt.date) -> None:
    words = {
        "ratio_percent": row.ratio_percent + (5 if n % 4 == 1 else 0),
        "onsite_start": row.onsite_start,
        "onsite_end": row.onsite_end,
        "teams": "设两个检查组，每组由两名执法人员和一名计量标准考评员组成。",
        "merged_with": "检验检测机构双随机抽查" if n % 3 == 0 else "",
        "measures": "突出食品安全、生产安全、生态环境、医疗卫生领域。\n检查全过程留痕，问题逐条跟踪到整改合格。",
        "coordination": "与审批部门每月会商，发证、变更和检查结果当日互相推送。"
        if row.authority.approval_split
        else "",
    }
    who = office(row.authority)
    with setting.on(day, 10):
        moves.write(row, words, base_version=row.version, actor=who)
        row.refresh_from_db()
        moves.submit(row, actor=who)
    with setting.on(day + _DAY, 15):
        moves.file(row, actor=person("city"))
