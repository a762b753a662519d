"""Which procedure follows when equipment is replaced, and whether a certificate allows an application.

JJF 1033 第七章: a changed uncertainty, class or MPE asks for a new examination, a changed range or
item for a re-examination; with neither changed the declaration and the tracing certificate suffice.
"""

import datetime as dt
from dataclasses import dataclass

from metrostd.common.policies import YES, Verdict, first_no, not_now
from metrostd.common.transitions import Transition
from metrostd.registry.enums import CertificateState, ChangeEffect, ChangeKind
from metrostd.registry.models import StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The procedure that follows, why, and whether the declaration settles it."""

    procedure: str
    reason: str
    settles: bool
    tone: str


_FOLLOWS = {
    ChangeEffect.UNCHANGED: FollowUp(
        "报送更换申报表，附更换后设备的检定或校准证书",
        "计量特性没有变化，测量范围和项目也没有变化，由主持考核部门审核批准即可，不需要重新考核。",
        settles=True,
        tone="ok",
    ),
    ChangeEffect.SCOPE: FollowUp(
        "申请计量标准复查考核",
        "测量范围或者开展的项目与考核证书不再一致，须复查考核合格、换发证书后才能按新的范围开展工作。"
        "更换申报表不能代替复查。",
        settles=False,
        tone="warn",
    ),
    ChangeEffect.CHARACTERISTICS: FollowUp(
        "按新建计量标准申请考核",
        "不确定度、准确度等级或者最大允许误差有变化，已经不是原来考核合格的那项计量标准。"
        "更换申报表不能代替考核。",
        settles=False,
        tone="bad",
    ),
}

_MOVES: dict[str, Transition] = {
    ChangeKind.SEAL: certificate_moves.SEAL,
    ChangeKind.WITHDRAW: certificate_moves.WITHDRAW,
}


def follow_up(effect: str) -> FollowUp | None:
    """What follows from the stated effect of a replacement; None while nothing is stated."""
    return _FOLLOWS[ChangeEffect(effect)] if effect else None


def certificate_allows(
    kind: str, certificate: StandardCertificate | None, *, on: dt.date
) -> Verdict:
    """Whether the certificate leaves room for an application of this kind on a day.

    What an approval would do is a move of the certificate, and the move says whether it may start. A
    replacement moves nothing.
    """
    if certificate is None:
        return not_now(f"没有现行考核证书，不能申请{ChangeKind(kind).label}。")
    if kind == ChangeKind.REPLACE:
        if certificate.state_now in CertificateState.replaceable:
            return YES
        return not_now(f"证书目前是“{certificate.get_state_display()}”，不能申报更换。")
    if kind == ChangeKind.RESUME:
        return first_no(
            certificate_moves.RESUME.verdict(certificate),
            not_now(certificate_moves.run_out(certificate, on=on)),
        )
    return _MOVES[kind].verdict(certificate)
