"""封存、撤销（计量标准）、注销、吊销、撤销（行政许可）: five words for five meanings, said in one sentence each."""

import datetime as dt
from dataclasses import dataclass

from metrostd.registry import legal
from metrostd.registry.enums import CertificateState


@dataclass(frozen=True, slots=True)
class Ending:
    """What a word means, who asks for it and who decides, whether it can be undone, its basis."""

    state: CertificateState
    meaning: str
    decided_by: str
    reversible: str
    #: A provision of the library, or the words of a technical rule.
    basis: str

    @property
    def word(self) -> str:
        return str(self.state.label)


ENDINGS = (
    Ending(
        CertificateState.SEALED,
        "建标单位暂时停用，证书保留，停用期间不得用它开展检定、校准。",
        "建标单位申请，经主管部门同意，主持考核部门批准",
        "可以：有效期内复查考核合格后恢复使用；过了有效期按新建办理",
        "JJF 1033 第7章",
    ),
    Ending(
        CertificateState.WITHDRAWN,
        "建标单位不再保留这项计量标准，交回证书，到此终止。",
        "建标单位申请，经主管部门同意，主持考核部门批准",
        "不可以：需要时按新建计量标准申请考核",
        "JJF 1033 第7章",
    ),
    Ending(
        CertificateState.DEREGISTERED,
        "证书过期未延续、被吊销或者许可被撤销之后，办结登记、终结证书的手续。",
        "发证部门依职权办理",
        "不可以",
        legal.DEREGISTRATION,
    ),
    Ending(
        CertificateState.REVOKED,
        "责令改正后仍达不到原考核条件的，取消证书，是行政处罚。",
        "发证部门决定，须有决定文号",
        "不可以",
        legal.VIOLATIONS,
    ),
    Ending(
        CertificateState.ANNULLED,
        "许可当初就不应当给（违法准予、以欺骗等不正当手段取得），收回许可，不是处罚。",
        "发证部门或者其上级决定，须有决定文号",
        "不可以",
        legal.ANNULMENT,
    ),
)


def bases(*, on: dt.date) -> dict[str, str]:
    """What each ending rests on, as it is called on a day."""
    codes = [one.basis for one in ENDINGS if one.basis in _OF_LIBRARY]
    return dict(zip(codes, legal.named(*codes, on=on), strict=True))


_OF_LIBRARY = frozenset({legal.DEREGISTRATION, legal.ANNULMENT, legal.VIOLATIONS})
