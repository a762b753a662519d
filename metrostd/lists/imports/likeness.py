"""Whether two names may be the same thing under another spelling, or name two things."""

import difflib
import re

from metrostd.common.text import loose_key

#: What most names share says nothing about whose they are.
_COMMON = re.compile(
    r"天津|股份|集团|有限|责任|公司|分公司|标准装置|检定装置|校准装置|检测装置|标准器组|标准器|计量标准|装置"
)
#: Below this much in common two names are of two things until somebody says otherwise.
_ENOUGH = 0.5


def alike(one: str, other: str) -> bool:
    """Names with so much in common that one may have become the other."""
    first, second = (_COMMON.sub("", loose_key(name)) for name in (one, other))
    if not first or not second:
        return first == second
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ENOUGH
