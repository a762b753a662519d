"""Blocks IV and V: figures that stand alone (组织实施, 考核工作监督检查), each a row of its own.

What no record is kept of yet says so; an office that knows the figure enters it by hand with a reason,
and as soon as there are records ``absent`` gives way to a family.
"""

from django.db.models import Q

from inspections.enums import TeamRole
from rectification.enums import OrderKind

from .definitions import Figure, Group

#: Blocks whose rows are single figures.
SINGLE = frozenset({"IV", "V"})
GROUPS = (
    Group("value", "数据", "organisation"),
    Group("team", "检查力量和文书", "organisation"),
    Group("voices", "一事一报、投诉举报和预警", "organisation"),
    Group("bureau", "区局考核工作自查", "organisation"),
    Group("certification", "考核工作监督检查", "certification"),
)
_FOUR = ("IV",)
_FIVE = ("V",)


def _review(
    name: str, title: str, definition: str, family: str = "review_problem", where: Q | None = None
) -> Figure:
    return Figure(
        name,
        title,
        "certification",
        definition,
        family,
        where=where if where is not None else Q(),
        blocks=_FIVE,
    )


_PROBLEMS = {
    "P": "考核程序",
    "M": "考评方法",
    "R": "考评结果处理",
    "S": "对获证计量标准的监督管理",
    "C": "审批与监管协同、风险预警",
    "D": "档案、公开与廉政",
}

FIGURES: tuple[Figure, ...] = (
    Figure(
        "people_officer", "执法人员人次", "team",
        "有签字检查表的检查任务中组长和执法人员的人次。",
        "team", where=Q(role__in=TeamRole.officers), blocks=_FOUR,
    ),
    Figure(
        "people_assessor", "考评员人次", "team",
        "有签字检查表的检查任务中计量标准考评员的人次。",
        "team", where=Q(role=TeamRole.ASSESSOR), blocks=_FOUR,
    ),
    Figure(
        "people_expert", "市计量院专家人次", "team",
        "有签字检查表的检查任务中市计量院专家的人次。",
        "team", where=Q(role=TeamRole.EXPERT), blocks=_FOUR,
    ),
    Figure(
        "teams", "检查组数", "team",
        "有签字检查表的检查任务所派出的检查组数，每次检查派出一组。",
        "team", "task", blocks=_FOUR,
    ),
    Figure(
        "orders", "责令改正文书数", "team",
        "截止时已下达、没有撤回的责令改正通知书份数。",
        "order", where=Q(kind=OrderKind.CORRECTION), blocks=_FOUR,
    ),
    Figure(
        "hard", "一事一报件数", "voices",
        "截止时已上报的疑难复杂情况一事一报件数；再次请示的不重复计。",
        "single_issue", blocks=_FOUR,
    ),
    Figure(
        "cmp_in", "投诉举报受理件数", "voices",
        "行动期间收到、截止时已决定受理的投诉举报件数；不含由纪检监督办理的。",
        "complaint", blocks=_FOUR,
    ),
    Figure(
        "cmp_done", "投诉举报办结件数", "voices",
        "受理的投诉举报中截止时已办结的件数。",
        "complaint", where=Q(is_closed=True), blocks=_FOUR,
    ),
    Figure(
        "cmp_open", "投诉举报在办件数", "voices",
        "受理的投诉举报中截止时尚未办结的件数。",
        "complaint", where=Q(is_closed=False), blocks=_FOUR,
    ),
    Figure(
        "warn", "风险预警条数", "voices",
        "行动期间（通知之日起，截止时或行动结束为止）发出、由本部门负责处置的风险预警条数，不论是否已经办结。",
        "warning", blocks=_FOUR,
    ),
    Figure(
        "cost_unit", "由被检单位承担费用金额（元）", "voices",
        "各次检查的费用申报中由被检查单位承担、截止时纪检监督尚未核实退还的金额，应当为 0。",
        "cost", "amount", kind="money", blocks=_FOUR,
    ),
    Figure(
        "bureau_sc_in", "区局自查已报", "bureau",
        "区局考核工作自查报告截止时已收到的份数（每区局1份）。",
        "bureau", where=Q(is_received=True), blocks=_FOUR,
    ),
    Figure(
        "bureau_sc_p", "区局自查发现问题数", "bureau",
        "已收到的区局考核工作自查报告中的问题条数。",
        "bureau_problem", blocks=_FOUR,
    ),
    Figure(
        "bureau_sc_fixed", "区局自查已整改数", "bureau",
        "区局自查发现问题中，已填写完成整改日期的条数。",
        "bureau_problem", where=Q(is_fixed=True), blocks=_FOUR,
    ),
    _review("d_drawn", "抽取区局数", "随机抽取进行考核工作监督检查的区局数。", "review"),
    _review(
        "d_reviewed", "实际检查区局数", "抽取的区局中检查表已签字的区局数。",
        "review", Q(is_reviewed=True),
    ),
    _review("cf", "抽查案卷数", "考核工作监督检查中检查表已签字的考核案卷数。", "case"),
    *(
        _review(
            f"cfp_{group}", f"{name}问题数", f"考核工作监督检查发现的问题中属{name}的条数。",
            where=Q(group=group),
        )
        for group, name in _PROBLEMS.items()
    ),
    _review("cfp_total", "考核工作问题合计", "考核工作监督检查发现的问题条数。"),
    _review("cfp_fixed", "考核工作问题已整改", "考核工作监督检查发现的问题中已整改并经确认的条数。",
            where=Q(is_confirmed=True)),
    _review("cfp_open", "考核工作问题整改中", "考核工作监督检查发现的问题中尚未经确认整改的条数。",
            where=Q(is_confirmed=False)),
)  # fmt: skip
#: The groups of problems of the certification work, for the rule that adds them up.
PROBLEM_GROUPS = tuple(f"cfp_{group}" for group in _PROBLEMS)
#: The one column of these blocks.
VALUE = Figure("value", "数值", "value", "该项指标的数值。", blocks=("IV", "V"))
