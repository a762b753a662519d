"""Whether two names may be the same thing under another spelling, or name two things.

What a list calls by another name under a known credit code or certificate number is taken over unless
somebody decides otherwise; so only names count as alike that say the same trade name (字号) or the same
standard. All others are decided first: a wrong code must not rename another company.
"""

import difflib
import re

from metrostd.common.text import loose_key

#: What nearly every body has in its name says nothing about which one it is. Districts do.
_OF_BODIES = re.compile(
    r"有限责任公司|股份有限公司|有限公司|集团|控股|公司|天津市?|总厂|分厂|工厂|厂|研究院|研究所|中心|科技|技术|仪器|仪表"
    r"|机电|计量|检测|检定|检验|测试|测控|校准|电子|电气|电器|设备|工程|制造|实业|工业|贸易|商贸|发展|开发|服务|机械|器械"
    r"|自动化|智能|信息|系统|精密|国际|投资|咨询|管理"
)
#: What nearly every standard has in its name.
_OF_STANDARDS = re.compile(r"标准装置|检定装置|校准装置|检测装置|标准器组|标准器|计量标准|装置")
_NUMERAL = re.compile(r"[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十]+")
#: Below this much in common two names are of two things until somebody says otherwise.
_ENOUGH = 0.7
_SHORTEST = 2


def one_body(one: str, other: str) -> bool:
    """Names of which one may have become the other: the trade name is the same."""
    return _alike(one, other, _OF_BODIES)


def one_standard(one: str, other: str) -> bool:
    """Names of one standard, one of them perhaps shorter; another class or number is another standard."""
    return _alike(one, other, _OF_STANDARDS)


def _alike(one: str, other: str, common: re.Pattern[str]) -> bool:
    whole = loose_key(one), loose_key(other)
    first, second = (common.sub("", key) for key in whole)
    if not first or not second:  # nothing but what others have in their names, too
        first, second = whole
    if first == second:
        return True
    numerals = [_NUMERAL.findall(name) for name in (first, second)]
    if all(numerals) and numerals[0] != numerals[1]:
        return False
    if min(len(first), len(second)) >= _SHORTEST and (first in second or second in first):
        return True
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ENOUGH
