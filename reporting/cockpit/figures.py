"""What the cockpit counts: figures of Annex 3, and a few of its own that open their records like those.

Those of its own are not printed in the table handed in; they say what waits for somebody now.
"""

from types import MappingProxyType

from django.db.models import Q

from metrostd.common.enums import Answer
from metrostd.registry.tracing import DUE_DAYS
from reporting import figures
from reporting.definitions import Figure

OWN: tuple[Figure, ...] = (
    Figure(
        "u_sc_out",
        "逾期未报自查单位",
        "self_check",
        "应报自查单位中，报送期限已过而截止时还没有报送过的单位数。",
        "self_check",
        "unit",
        Q(is_overdue=True),
        check=True,
    ),
    Figure(
        "fd_late",
        "逾期未整改问题",
        "by_finding",
        "应整改的发现问题中，整改期限（有延期的为延期后的期限）已过、截止时没有整改合格、也没有处理完毕的条数，"
        "包括因逾期或审核成为整改不合格、还没有处理的；已报整改、在检查部门审核的不计。",
        "finding",
        where=Q(is_late=True),
        check=True,
    ),
    Figure(
        "s_tracing",
        "溯源将到期或已超期的标准",
        "stock",
        f"抽样框内，在用的标准器或配套设备检定、校准有效期在截止日起{DUE_DAYS}天内到期或已经超期的计量标准项数；"
        "没有溯源记录的不计。",
        "frame",
        "standard",
        Q(is_tracing_due=True),
        check=True,
    ),
    Figure(
        "s_stop_on",
        "责令停止量值传递未解除",
        "measures",
        "已下达责令停止量值传递文书，截止时未解除、也未由证书处置取代的计量标准项数。",
        "stop",
        "standard",
        Q(is_in_force=True),
        check=True,
    ),
    Figure(
        "s_expiring",
        "六个月内到期的证书",
        "stock",
        "抽样框内，现行考核证书有效而在截止日起六个月内到期的计量标准项数。",
        "frame",
        "standard",
        Q(is_expiring=True),
        check=True,
    ),
    Figure(
        "fd_gap",
        "自查不实",
        "by_finding",
        "发现问题中，记录问题时建标单位自查对同一计量标准（或单位层面）的同一检查项填写符合（禁止性行为为未发现）的条数。",
        "finding",
        where=Q(self_check_answer=Answer.CONFORM),
        blocks=("I", "III"),
        check=True,
    ),
)
#: Counted by ``units``, for the units it names.
OF_UNITS: tuple[Figure, ...] = (
    Figure(
        "fd_late_bad",
        "逾期未整改问题中整改不合格的",
        "by_finding",
        "逾期未整改问题中，截止时已是整改不合格（统计表的整改不合格条数，不含已处理的）的条数。",
        "finding",
        where=Q(is_late=True, outcome="bad"),
        check=True,
    ),
)
#: Counted by ``judging`` in one reading of the answers, which are many.
JUDGED: tuple[Figure, ...] = (
    Figure(
        "judged", "判定项次", "by_finding",
        "截止时已签字的检查表上判定为符合、有缺陷、不符合（禁止性行为为未发现、发现）的检查项次；不适用的不计。"
        "单位层面的检查项没有类别，按类别筛选时不列。",
        "answer", check=True,
    ),
    Figure(
        "judged_ok", "其中符合", "by_finding",
        "判定项次中，判定为符合（禁止性行为为未发现）的项次。",
        "answer", where=Q(answer=Answer.CONFORM), check=True,
    ),
    Figure(
        "judged_bad", "其中有问题", "by_finding",
        "判定项次中，判定为有缺陷、不符合（禁止性行为为发现）的项次。",
        "answer", where=Q(answer__in=Answer.problem), check=True,
    ),
)  # fmt: skip
_OF_ANNEX3 = (
    "u_total", "s_total", "u_sc_due", "u_sc_in", "u_plan", "u_np", "u_insp", "s_insp", "s_prob",
    "u_prob", "fd", "fd_nc", "fd_due", "fd_ok", "fd_bad", "u_due", "u_ok", "s_stop", "s_seal", "s_wd",
    "s_cancel", "s_revoke", "s_annul", "case", "refer",
)  # fmt: skip

FIGURES: tuple[Figure, ...] = (*(figures.BY_ID[key] for key in _OF_ANNEX3), *OWN)
#: Every figure that has a list: those of the table, and those of the cockpit alone.
LISTED = MappingProxyType(
    dict(figures.BY_ID) | {figure.id: figure for figure in (*OWN, *OF_UNITS, *JUDGED)}
)

__all__ = ("FIGURES", "JUDGED", "LISTED", "OWN")
