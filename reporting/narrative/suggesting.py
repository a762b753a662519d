"""Text to begin a chapter with, made of what the table says; the office goes on from there."""

from collections.abc import Callable, Iterable

from campaigns.enums import ProblemCategory
from reporting.enums import Chapter
from reporting.table import Annex3

from .tokens import DISTRICT_RISK, DOMAIN_RISK, FIELD_RISK, ITEMS, OFFICES, token

#: Says a figure of the row 合计 of block I, or of another row and block.
_Say = Callable[..., str]
_MOST = 3
_DOMAINS = ("（二）重点领域情况", "【表：VI】")
_ADVICE = {
    "A": "加强计量标准器及配套设备的溯源管理，督促建标单位按期检定、校准并确认结果。",
    "B": "督促建标单位核查计量标准的主要计量特性，发现变化及时处理并报告。",
    "C": "督促建标单位改善环境条件及设施，保持监控记录完整。",
    "D": "加强检定、校准人员的能力建设和培训考核，保证每项计量标准的持证人员数量。",
    "E": "规范文件集和原始记录、证书的管理，督促建标单位使用现行有效的技术规范。",
    "F": "指导建标单位按规定开展重复性试验、稳定性考核和测量不确定度评定。",
    "G": "加强考核的后续监管，对到期复查、更换、封存和撤销及时提醒、及时办理。",
    "H": "严肃查处禁止性行为，对涉嫌违法的依法移送、立案。",
    "J": "规范考核程序和考评方法，加强对考评员的管理。",
}


def suggested(
    annex: Annex3, *, office: str, plan: Iterable[str] = (), risk: str = ""
) -> dict[str, str]:
    """A text for each chapter; figures are tokens, so that they follow the table.

    ``plan``: what the office planned; ``risk``: the levels of its units in a sentence.
    """

    def say(figure: str, row: str = "total", block: str = "I") -> str:
        return token(annex, (block, row, figure))

    return {
        Chapter.BASICS: _basics(annex, office, say),
        Chapter.PRACTICE: _practice(say, plan),
        Chapter.CASES: _cases(annex),
        Chapter.PROBLEMS: _lines(_problems(annex, say), _risks(risk)),
        Chapter.ADVICE: _advice(annex),
    }


def analysed(annex: Annex3, *, risk: str = "") -> str:
    """风险分析 of the city: by category, domain, field, kind of problem, item, office and level; ``risk`` says the levels."""

    def say(figure: str, row: str = "total", block: str = "I") -> str:
        return token(annex, (block, row, figure))

    kinds = list(_ranked(annex))[:_MOST]
    named = "、".join(f"{ProblemCategory(row).label}（{say('fd', row, 'III')}条）" for row in kinds)
    return _lines(
        f"全市检查计量标准{say('s_insp')}项，问题率{say('prob_rate')}。",
        "（一）按计量标准类别",
        "【表：I】",
        "（二）按重点领域",
        "【表：VI】",
        "（三）按专业计量领域",
        "【表：II】",
        "（四）按问题类别",
        f"问题集中在{named}。" if named else "没有发现问题。",
        "【表：III】",
        "（五）按检查项",
        f"【表：{ITEMS}】",
        "（六）按部门",
        f"【表：{OFFICES}】",
        "（七）按风险等级",
        risk,
        f"【表：{DISTRICT_RISK}】",
        f"【表：{FIELD_RISK}】",
        f"【表：{DOMAIN_RISK}】",
    )


def _risks(said: str) -> str:
    """风险分析 of an office: its units by level, where anybody counted them."""
    if not said:
        return ""
    return _lines("（三）风险分析", said, f"【表：{FIELD_RISK}】", f"【表：{DOMAIN_RISK}】")


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _basics(annex: Annex3, office: str, say: _Say) -> str:
    missed = f"另有{say('u_np')}家单位未能实施检查。" if _count(annex, "u_np") else ""
    return _lines(
        f"按照{annex.campaign_title}的部署，{office}对由本部门检查的计量标准开展了监督检查。"
        f"检查范围内有建标单位{say('u_total')}家、计量标准{say('s_total')}项。",
        f"应报自查报告的单位{say('u_sc_due')}家，已报{say('u_sc_in')}家，其中逾期报送{say('u_sc_late')}家；"
        f"自查计量标准{say('s_sc')}项，自查发现问题{say('p_sc')}条，已整改{say('p_sc_fixed')}条。",
        f"列入检查清单的单位{say('u_plan')}家，其中随机抽取{say('u_rand')}家、定向增加{say('u_direct')}家；"
        f"实际检查{say('u_insp')}家，抽查比例{say('ratio')}；检查计量标准{say('s_insp')}项，"
        f"覆盖专业计量领域{say('f_cov')}个（应覆盖{say('f_all')}个）。{missed}",
    )


def _practice(say: _Say, plan: Iterable[str]) -> str:
    def one(figure: str) -> str:
        return say(figure, figure, "IV")

    return _lines(
        "（一）精心组织实施",
        *plan,
        f"派出检查组{one('teams')}个，执法人员{one('people_officer')}人次、考评员{one('people_assessor')}人次、"
        f"市计量院专家{one('people_expert')}人次参加现场检查。",
        "（二）督促单位自查",
        f"督促检查范围内的建标单位对照检查项逐项自查，收到自查报告的单位{say('u_sc_in')}家。",
        "（三）随机抽查与定向检查相结合",
        f"检查对象由随机抽取{say('u_rand')}家、定向增加{say('u_direct')}家组成，抽取过程和结果留有记录。",
        "（四）逐条跟踪整改",
        f"下达责令改正文书{one('orders')}份；应整改{say('fd_due')}条，整改合格{say('fd_ok')}条，"
        f"整改中{say('fd_open')}条，整改不合格{say('fd_bad')}条。",
    )


def _cases(annex: Annex3) -> str:
    if _count(annex, "fd"):
        return "从检查发现的问题中选取以下案例，单位的名称等信息已作处理。"
    return "本次检查没有发现问题，无典型案例。"


def _problems(annex: Annex3, say: _Say) -> str:
    if not _count(annex, "fd"):
        return _lines(
            "（一）总体情况",
            f"检查的{say('s_insp')}项计量标准中，符合{say('s_ok')}项，没有发现问题。",
            *_DOMAINS,
        )
    kinds = "、".join(
        f"{ProblemCategory(row).label}{say('fd', row, 'III')}条" for row in _ranked(annex)
    )
    return _lines(
        "（一）总体情况",
        f"检查的{say('s_insp')}项计量标准中，符合{say('s_ok')}项、存在缺陷{say('s_def')}项、不符合{say('s_nc')}项，"
        f"问题率{say('prob_rate')}；存在问题的单位{say('u_prob')}家。",
        f"共发现问题{say('fd')}条，其中重点项{say('fd_key')}条；按程度分，不符合{say('fd_nc')}条、"
        f"有缺陷{say('fd_def')}条。按类别分：{kinds}。",
        "【表：III】",
        f"责令停止量值传递{say('s_stop')}项，封存{say('s_seal')}项，撤销{say('s_wd')}项，注销{say('s_cancel')}项，"
        f"吊销{say('s_revoke')}项；立案{say('case')}件，移送{say('refer')}件。",
        *_DOMAINS,
    )


def _advice(annex: Annex3) -> str:
    """One paragraph for each of the kinds of problem there are most of."""
    ranked = list(_ranked(annex))[:_MOST]
    if not ranked:
        return "继续督促建标单位落实主体责任，保持计量标准的正常运行。"
    numbers = "一二三"
    return _lines(
        *(
            f"{'' if len(ranked) == 1 else f'{numbers[at]}是'}{_ADVICE[row]}"
            for at, row in enumerate(ranked)
        )
    )


def _ranked(annex: Annex3) -> Iterable[str]:
    """Kinds of problem with any finding, most first."""
    rows = [row for row in annex.blocks["III"].rows if row.spec.kind == "plain" and row["fd"]]
    return (row.id for row in sorted(rows, key=lambda row: (-int(row["fd"] or 0), row.id)))


def _count(annex: Annex3, figure: str) -> int:
    return int(annex.value("I", "total", figure) or 0)
