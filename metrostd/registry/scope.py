"""Whether a standard belongs to what city and districts inspect (通知一), by certificate and issuer.

The notice covers what city and districts host. What stands before 量标 in the number says who hosts:
国 is the national authority whichever province follows (国量标津…), a character is that province. The
issuer says it as well; where the two disagree the narrower one decides and a person is asked. This is
the only place that knows; what a person decided (``scope_reason``) stands above it.
"""

from dataclasses import dataclass

from metrostd.annex4.certificates import NATIONAL, PROVINCES, prefix_of, same_province

from .enums import Level
from .models import Authority


@dataclass(frozen=True, slots=True)
class ScopeReading:
    """``in_doubt``: number and issuer contradict each other; a person has to look."""

    in_scope: bool
    reason: str
    in_doubt: bool = False


def read_scope(number: str, issuer: Authority, host: Authority) -> ScopeReading:
    """What a certificate number (also none yet) and the two authorities say together."""
    prefix = prefix_of(number)
    own = province_of(issuer)
    for authority, does in ((host, "主持考核"), (issuer, "发证")):
        if authority.level in Level.above_city:
            level = Level(authority.level).label
            local = prefix != "" and prefix != NATIONAL and authority.level == Level.NATIONAL
            also = f"，证书号却以“{prefix}量标”开头" if local else ""
            return ScopeReading(False, f"由{level}部门（{authority}）{does}{also}", local)
    if prefix == NATIONAL:
        what = f"证书号以“国量标”开头，由国家级部门主持考核，台账登记的发证部门却是{issuer}"
        return ScopeReading(False, what, True)
    if prefix and own and not same_province(prefix, own):
        what = f"证书号以“{prefix}量标”开头，不是本地的“{own}量标”，台账登记的发证部门却是{issuer}"
        return ScopeReading(False, what, True)
    return ScopeReading(True, f"由{Level(host.level).label}部门（{host}）主持考核")


def province_of(authority: Authority) -> str:
    """The character numbers of this authority begin with, from its 文书代字; nothing when unknown."""
    first = authority.document_prefix[:1]
    return first if first and first in PROVINCES else ""
