"""All state machines of the portal in one place, for people: the source of docs/states.md.

Part of the roof: it reads the tables of moves that the apps own and adds nothing to them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.enums import CampaignState, DrawState, FrameState, TermsState
from campaigns.moves import CAMPAIGN_MOVES, DRAW_MOVES, FRAME_MOVES
from campaigns.terms import TERMS_MOVES
from inspections import moves as inspection_moves
from inspections.enums import (
    FindingState,
    InterviewState,
    JointState,
    LeaseState,
    SingleIssueState,
    StopState,
    TaskState,
)
from inspections.enums.reviews import ReviewState
from inspections.interviews import moves as interview_moves
from inspections.joint import moves as joint_moves
from inspections.single_issues import moves as single_issue_moves
from metrostd.accounts.enums import AccountState
from metrostd.common.enums import StateChoices
from metrostd.common.transitions import Transition
from metrostd.registry.enums import (
    CertificateState,
    ChangeState,
    HandOverState,
    ImportState,
    InstrumentState,
    RecordState,
    ReturnState,
)
from metrostd.registry.moves import certificate as certificate_moves
from rectification.enums import DispositionState, ExtensionState, OrderState, ReferralState
from rectification.moves import disposition, extension, order, referral
from reporting import disclosure
from reporting import moves as reporting_moves
from reporting.enums import BulletinState, CityReportState, RequestState, StatReportState
from reporting.narrative import bulletins as bulletin_moves
from reporting.narrative import city_moves as city_report_moves
from selfcheck import moves as selfcheck_moves
from selfcheck.enums import ReportState

from .accounts import moves as account_moves
from .changes import moves as change_moves
from .complaints import moves as complaint_moves
from .complaints.enums import ComplaintState
from .lists.moves import hand_over as hand_over_moves
from .lists.moves import imports as import_moves
from .notices import moves as notice_moves
from .notices.enums import NoticeState
from .plans import moves as plan_moves
from .plans.enums import PlanState
from .registry.moves import equipment as equipment_moves
from .registry.moves import record as record_moves
from .risk import moves as risk_moves
from .risk.enums import WarningState


@dataclass(frozen=True, slots=True)
class Machine:
    """One state machine: what it is about, its states, its moves."""

    title: str
    states: type[StateChoices]
    moves: tuple[Transition, ...]


MACHINES: tuple[Machine, ...] = (
    Machine("账户 account", AccountState, account_moves.MOVES),
    Machine(
        "名单导入 import batch",
        ImportState,
        import_moves.MOVES,
    ),
    Machine("名单移交 hand-over", HandOverState, hand_over_moves.HAND_OVER_MOVES),
    Machine("退回的名单行 returned row", ReturnState, hand_over_moves.RETURN_MOVES),
    Machine(
        "计量标准考核证书 certificate",
        CertificateState,
        (*certificate_moves.MOVES, *import_moves.CERTIFICATE_MOVES),
    ),
    Machine("标准器及配套设备 instrument", InstrumentState, equipment_moves.INSTRUMENT_MOVES),
    Machine("溯源记录 trace record", RecordState, equipment_moves.TRACE_MOVES),
    Machine("人员、试验、项目等登记 record of a standard", RecordState, record_moves.MOVES),
    Machine("变更与封存 change record", ChangeState, change_moves.MOVES),
    Machine("专项行动 campaign", CampaignState, CAMPAIGN_MOVES),
    Machine("抽样框 frame", FrameState, FRAME_MOVES),
    Machine("抽取约定 terms", TermsState, TERMS_MOVES),
    Machine("抽取 draw", DrawState, DRAW_MOVES),
    Machine("自查报告 self-check report", ReportState, selfcheck_moves.MOVES),
    Machine("检查任务 inspection task", TaskState, inspection_moves.TASK_MOVES),
    Machine("考核工作监督检查 certification review", ReviewState, inspection_moves.REVIEW_MOVES),
    Machine("发现问题 finding", FindingState, inspection_moves.FINDING_MOVES),
    Machine("责令停止量值传递 stop-transfer order", StopState, inspection_moves.STOP_MOVES),
    Machine("现场笔录 interview", InterviewState, interview_moves.MOVES),
    Machine("联合检查 joint visit", JointState, joint_moves.MOVES),
    Machine("带走 task lease", LeaseState, inspection_moves.LEASE_MOVES),
    Machine("一事一报 single issue", SingleIssueState, single_issue_moves.MOVES),
    Machine("整改文书 rectification order", OrderState, order.MOVES),
    Machine("延期申请 extension request", ExtensionState, extension.MOVES),
    Machine("证书处置 disposition", DispositionState, disposition.MOVES),
    Machine("案件移送 referral", ReferralState, referral.MOVES),
    Machine("通知 notice", NoticeState, notice_moves.MOVES),
    Machine("工作计划 work plan", PlanState, plan_moves.MOVES),
    Machine("投诉举报 complaint", ComplaintState, complaint_moves.MOVES),
    Machine("风险预警 risk warning", WarningState, risk_moves.MOVES),
    Machine("统计表报送 statistics report", StatReportState, reporting_moves.MOVES),
    Machine("全市总结报告 city report", CityReportState, city_report_moves.MOVES),
    Machine("通报和结果公开 bulletin", BulletinState, bulletin_moves.MOVES),
    Machine("依申请公开 record request", RequestState, disclosure.MOVES),
)


def document(machines: Iterable[Machine] = MACHINES) -> str:
    """The Markdown text of docs/states.md."""
    lines = [
        "# State machines",
        "",
        "Generated from the tables of moves in the code (`metrostd/states.py`); a test compares.",
        "A move applies only to a row that is still in the state the person saw, and leaves a trail",
        "row in the same transaction. Beyond the state a move may ask more of its object.",
    ]
    for machine in machines:
        lines += [
            "",
            f"## {machine.title}",
            "",
            *_turns(machine),
            "| move | from | to | reason needed | asks beyond the state |",
            "|---|---|---|---|---|",
        ]
        for move in machine.moves:
            sources = [state.label for state in machine.states if state.value in move.sources]
            target = machine.states(move.target).label
            reason = "yes" if move.needs_note else ""
            asks = " ".join(str(guard.__doc__).splitlines()[0] for guard in move.guards)
            lines.append(
                f"| {move.label} `{move.name}` | {'、'.join(sources)} | {target} | {reason} | {asks} |"
            )
    return "\n".join(lines) + "\n"


def _turns(machine: Machine) -> list[str]:
    """Whose turn each state is."""
    turns = getattr(machine.states, "turns", {})
    said = [
        f"{turn.label}: {'、'.join(s.label for s in machine.states if s.value in states)}."
        for turn, states in turns.items()
        if states
    ]
    return ["Whose turn: " + " ".join(said), ""] if said else []
