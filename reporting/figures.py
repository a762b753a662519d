"""The figures of the statistics table (附件3) as data: name, what is counted, and its definition.

``definition`` is the legal definition of a figure: screen, workbook and ``docs/figures.md`` print it.
``family`` names the records a figure is counted in (``reporting.queries.families``), ``counts`` what
is counted among them, ``where`` which of them; the value and the list behind it use the same three.
"""

from types import MappingProxyType

from django.db.models import Q

from campaigns.enums import DrawKind
from inspections.enums import Severity
from metrostd.common.enums import Conclusion
from metrostd.registry.enums import CertificateActKind

from . import single_figures
from .definitions import Counts, Figure, Group, Kind

PARTS = MappingProxyType(
    {
        "scope": "检查对象和自查",
        "visits": "检查情况",
        "results": "结论和问题",
        "rectification": "整改",
        "disposal": "处置",
        "organisation": "组织实施",
        "certification": "考核工作监督检查",
    }
)
GROUPS = MappingProxyType(
    {
        group.id: group
        for group in (
            Group("stock", "检查对象", "scope"),
            Group("self_check", "自查情况", "scope"),
            Group("plan_units", "检查单位", "visits"),
            Group("plan_standards", "检查标准", "visits"),
            Group("conclusion", "检查结论（项）", "results"),
            Group("problems", "发现问题", "results"),
            Group("by_finding", "整改（条）", "rectification"),
            Group("by_unit", "整改（单位）", "rectification"),
            Group("measures", "责令停止和证书处置（项）", "disposal"),
            Group("cases", "立案和移送", "disposal"),
            *single_figures.GROUPS,
        )
    }
)

#: What became of a unit, by weight: one bad finding outweighs all others.
UNIT_OK, UNIT_OPEN, UNIT_BAD = 1, 2, 3

_ALL = ("I", "II", "VI")
_ISSUED = Q(is_ordered=True)
_UNFOUNDED = "；发现问题经异议认定不成立的，结论按仍成立的问题确定。"

FIGURES: tuple[Figure, ...] = (
    # 检查对象 ------------------------------------------------------------------------------------
    Figure(
        "u_total", "建标单位总数", "stock",
        "抽样框冻结时，持有至少1项由本部门检查的该类计量标准的建标单位数；同一单位只计一次。",
        "frame", "unit", blocks=_ALL,
    ),
    Figure(
        "s_total", "计量标准总项数", "stock",
        "抽样框冻结时，由本部门检查的该类计量标准项数。",
        "frame", "standard", blocks=_ALL,
    ),
    # 自查 ----------------------------------------------------------------------------------------
    Figure(
        "u_sc_due", "应报自查单位", "self_check",
        "应就由本部门检查的该类计量标准报送自查报告的单位数（免报的除外）；向发证部门报送的也计入检查部门。",
        "self_check", "unit",
    ),
    Figure(
        "u_sc_in", "已报自查单位", "self_check",
        "截止时至少有1份覆盖该类计量标准的自查报告已被收到（已报送、退回补正、已接收、补充）的单位数。",
        "self_check", "unit", Q(is_received=True),
    ),
    Figure(
        "u_sc_late", "其中逾期报送", "self_check",
        "已报自查单位中，首次报送晚于期限的单位数。",
        "self_check", "unit", Q(is_received=True, report__is_late=True),
    ),
    Figure(
        "s_sc", "自查标准项数", "self_check",
        "已收到的自查报告所覆盖的、由本部门检查的计量标准项数。",
        "self_check", "standard", Q(is_received=True),
    ),
    Figure(
        "s_sc_due", "应自查标准项数", "self_check",
        "应报自查报告所覆盖的、由本部门检查的计量标准项数（供核对）。",
        "self_check", "standard", check=True,
    ),
    Figure(
        "p_sc", "自查发现问题数", "self_check",
        "已收到的自查报告中的问题条数；单位层面的问题计入该报告所覆盖标准中按本表次序的第一个类别。",
        "self_check_problem",
    ),
    Figure(
        "p_sc_fixed", "自查已整改数", "self_check",
        "自查发现问题中，已填写完成整改日期的条数。",
        "self_check_problem", where=Q(is_fixed=True),
    ),
    # 检查情况 ------------------------------------------------------------------------------------
    Figure(
        "u_plan", "列入检查清单单位", "plan_units",
        "有效抽取中抽中（随机和定向）且有该类计量标准列入检查的单位数。",
        "plan", "unit",
    ),
    Figure(
        "u_rand", "其中随机", "plan_units",
        "列入检查清单的单位中随机抽取的单位数。",
        "plan", "unit", Q(in_kind=DrawKind.RANDOM),
    ),
    Figure(
        "u_direct", "其中定向", "plan_units",
        "列入检查清单的单位中因投诉举报、严重违法记录、重点领域等定向增加的单位数。",
        "plan", "unit", Q(in_kind=DrawKind.DIRECTED),
    ),
    Figure(
        "u_insp", "实际检查单位", "plan_units",
        "至少有1份该类计量标准的检查表已在现场签字的单位数。",
        "sheet", "unit", blocks=_ALL,
    ),
    Figure(
        "u_np", "未能实施单位", "plan_units",
        "列入检查清单而没有签字检查表、且其全部检查任务截止时均以未能实施结束的单位数。",
        "plan", "unit", Q(is_not_performed=True),
    ),
    Figure(
        "ratio", "抽查比例", "plan_units",
        "实际检查单位 ÷ 建标单位总数，保留两位小数；每次汇总重新计算。",
        kind="percent", ratio_of=("u_insp", "u_total"),
    ),
    Figure(
        "s_insp", "检查标准项数", "plan_standards",
        "检查表已签字的计量标准项数；复查不重复计，以首次签字的检查表为准。",
        "sheet", "standard", blocks=_ALL,
    ),
    Figure(
        "s_np", "未能实施标准项数", "plan_standards",
        "列入检查的计量标准中截止时没有签字检查表的项数。",
        "plan", "standard", Q(is_sheet_signed=False),
    ),
    Figure(
        "f_cov", "覆盖领域数", "plan_standards",
        "检查表已签字的计量标准所属的不同专业计量领域数（未归类的不计）。",
        "sheet", "field",
    ),
    Figure(
        "f_all", "应覆盖领域数", "plan_standards",
        "抽样框内计量标准所属的不同专业计量领域数（未归类的不计）。",
        "frame", "field",
    ),
    Figure(
        "visits", "现场检查次数", "plan_units",
        "有签字检查表的检查任务数（供核对）。",
        "team", "task", check=True,
    ),
    # 结论和问题 ----------------------------------------------------------------------------------
    Figure(
        "s_ok", "符合", "conclusion",
        "检查结论为符合的计量标准项数" + _UNFOUNDED,
        "sheet", "standard", Q(in_conclusion=Conclusion.CONFORM), blocks=_ALL,
    ),
    Figure(
        "s_def", "存在缺陷", "conclusion",
        "检查结论为存在缺陷的计量标准项数" + _UNFOUNDED,
        "sheet", "standard", Q(in_conclusion=Conclusion.DEFICIENT), blocks=_ALL,
    ),
    Figure(
        "s_nc", "不符合", "conclusion",
        "检查结论为不符合的计量标准项数" + _UNFOUNDED,
        "sheet", "standard", Q(in_conclusion=Conclusion.NONCONFORM), blocks=_ALL,
    ),
    Figure(
        "s_nc_open", "不符合而无处置项数", "conclusion",
        "检查结论为不符合，而没有责令停止量值传递、证书处置或案件移送的计量标准项数（供核对）。",
        "sheet", "standard", Q(in_conclusion=Conclusion.NONCONFORM, is_acted_on=False), check=True,
    ),
    Figure(
        "s_prob", "存在问题项数", "conclusion",
        "检查结论为存在缺陷或不符合的计量标准项数" + _UNFOUNDED,
        "sheet", "standard", Q(in_conclusion__in=[Conclusion.DEFICIENT, Conclusion.NONCONFORM]),
        blocks=_ALL,
    ),
    Figure(
        "prob_rate", "问题率", "conclusion",
        "存在问题项数 ÷ 检查标准项数，保留两位小数；每次汇总重新计算。",
        kind="percent", blocks=_ALL, ratio_of=("s_prob", "s_insp"),
    ),
    Figure(
        "u_prob", "存在问题单位", "problems",
        "实际检查单位中至少有1条发现问题的单位数。",
        "finding", "unit",
    ),
    Figure(
        "u_prob_unit", "其中仅单位层面", "problems",
        "存在问题单位中，发现问题都属单位层面、不涉及具体计量标准的单位数。",
        "finding", "unit", Q(is_unit_level_only=True),
    ),
    Figure(
        "fd", "发现问题数（条）", "problems",
        "已确认且未被认定不成立的发现问题条数（当场改正的也计）；单位层面的问题计入该单位受检标准中"
        "按本表次序的第一个类别。",
        "finding", blocks=("I", "III"),
    ),
    Figure(
        "fd_unit", "其中单位层面", "problems",
        "发现问题中属单位层面、不涉及具体计量标准的条数。",
        "finding", where=Q(standard=None),
    ),
    Figure(
        "fd_std", "发现问题数（条）", "problems",
        "涉及具体计量标准的发现问题条数；单位层面的问题不属任何专业领域，不计入本表。",
        "finding", where=Q(standard__isnull=False), blocks=("II", "VI"),
    ),
    Figure(
        "fd_key", "其中重点项", "problems",
        "发现问题中属检查表重点项（★）的条数。",
        "finding", where=Q(in_key=True), blocks=("I", "III"),
    ),
    Figure(
        "fd_nc", "其中不符合", "problems",
        "发现问题中程度为不符合的条数。",
        "finding", where=Q(in_severity=Severity.NONCONFORM), blocks=("I", "III"),
    ),
    Figure(
        "fd_def", "其中有缺陷", "problems",
        "发现问题中程度为有缺陷的条数。",
        "finding", where=Q(in_severity=Severity.DEFICIENT), blocks=("I", "III"),
    ),
    Figure(
        "s_touched", "涉及标准项数", "problems",
        "该类问题涉及的不同计量标准项数；一项标准可有几类问题，合计不等于各类之和。",
        "finding", "standard", Q(standard__isnull=False), blocks=("III",),
    ),
    # 整改 ----------------------------------------------------------------------------------------
    Figure(
        "fd_due", "应整改条数", "by_finding",
        "已下达整改文书的发现问题条数；文书撤回的，自撤回之日起不计。",
        "finding", where=_ISSUED, blocks=("I", "III"),
    ),
    Figure(
        "fd_ok", "整改合格条数", "by_finding",
        "应整改的发现问题中，经检查部门确认整改合格的条数。",
        "finding", where=Q(outcome="ok"), blocks=("I", "III"),
    ),
    Figure(
        "fd_bad", "整改不合格条数", "by_finding",
        "应整改的发现问题中，整改达不到要求或逾期未获延期的条数（已作后续处理的仍计）。",
        "finding", where=Q(outcome="bad"), blocks=("I", "III"),
    ),
    Figure(
        "fd_open", "整改中条数", "by_finding",
        "应整改的发现问题中，未到期、待报送或审核中的条数。",
        "finding", where=Q(outcome="open"), blocks=("I", "III"),
    ),
    Figure(
        "fd_spot", "当场改正条数", "by_finding",
        "当场改正并有证据、未下达整改文书的发现问题条数（供核对）。",
        "finding", where=Q(is_corrected_on_spot=True), check=True,
    ),
    Figure(
        "u_due", "应整改单位", "by_unit",
        "有发现问题已下达整改文书的单位数。",
        "finding", "unit", _ISSUED,
    ),
    Figure(
        "u_ok", "整改完成单位", "by_unit",
        "应整改单位中，全部应整改问题均整改合格的单位数。",
        "finding", "unit", _ISSUED & Q(unit_outcome=UNIT_OK),
    ),
    Figure(
        "u_bad", "整改不合格单位", "by_unit",
        "应整改单位中，任何一条问题整改不合格的单位数（按单位全部问题判定，不分类别）。",
        "finding", "unit", _ISSUED & Q(unit_outcome=UNIT_BAD),
    ),
    Figure(
        "u_open", "整改中单位", "by_unit",
        "应整改单位中，没有整改不合格、但有问题仍在整改的单位数。",
        "finding", "unit", _ISSUED & Q(unit_outcome=UNIT_OPEN),
    ),
    # 处置 ----------------------------------------------------------------------------------------
    Figure(
        "s_stop", "责令停止量值传递", "measures",
        "本次行动中下达责令停止量值传递文书的计量标准项数（已解除的仍计，撤回的自撤回之日起不计）。",
        "stop", "standard", blocks=_ALL,
    ),
    Figure(
        "s_seal", "封存", "measures",
        "本次行动期间决定封存的计量标准项数（在台账中批准的和整改不合格后决定的；恢复使用的仍计）。",
        "act", "standard", Q(kind=CertificateActKind.SEALED),
    ),
    Figure(
        "s_wd", "撤销（单位申请）", "measures",
        "本次行动期间依建标单位申请撤销的计量标准项数。",
        "act", "standard", Q(kind=CertificateActKind.WITHDRAWN),
    ),
    Figure(
        "s_cancel", "注销", "measures",
        "本次行动期间由发证部门注销证书的计量标准项数。",
        "act", "standard", Q(kind=CertificateActKind.DEREGISTERED),
    ),
    Figure(
        "s_revoke", "吊销", "measures",
        "本次行动期间由发证部门吊销证书的计量标准项数。",
        "act", "standard", Q(kind=CertificateActKind.REVOKED),
    ),
    Figure(
        "s_annul", "撤销（行政许可）", "measures",
        "本次行动期间撤销考核行政许可的计量标准项数。",
        "act", "standard", Q(kind=CertificateActKind.ANNULLED),
    ),
    Figure(
        "case", "立案件数", "cases",
        "移送案件中已立案（含已决定、结果已反馈）的件数，不予立案的不计。",
        "referral", where=Q(is_filed=True),
    ),
    Figure(
        "refer", "移送件数", "cases",
        "移送执法机构的案件件数。",
        "referral",
    ),
    Figure(
        "fine", "罚没金额（元）", "cases",
        "已立案案件的罚没金额合计。",
        "referral", "amount", Q(is_filed=True), kind="money",
    ),
    *single_figures.FIGURES,
)  # fmt: skip

BY_ID = MappingProxyType({figure.id: figure for figure in FIGURES})


def of_block(block: str, *, checks: bool = False) -> tuple[Figure, ...]:
    """The figures of one block in printing order; with ``checks`` also those only rules read."""
    return tuple(f for f in FIGURES if block in f.blocks and (checks or not f.check))


def of_family(family: str) -> tuple[Figure, ...]:
    return tuple(f for f in FIGURES if f.family == family)


#: What other modules take from here.
__all__ = (
    "BY_ID",
    "FIGURES",
    "GROUPS",
    "PARTS",
    "Counts",
    "Figure",
    "Group",
    "Kind",
    "of_block",
    "of_family",
)
