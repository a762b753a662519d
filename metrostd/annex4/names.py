"""Whether two names, addresses or telephone numbers say the same, however each is written."""

import difflib
import re
from functools import lru_cache

from metrostd.common.text import loose_key, name_key

# What nearly every body has in its name says nothing about which one it is.
_COMMON = re.compile(
    r"有限责任公司|股份有限公司|有限公司|集团|公司|总厂|分厂|工厂|厂|研究院|研究所|分公司|中国|中华|天津|北京|滨海新?|经济技术|开发区"
    r"|和平|河东|河西|南开|河北|红桥|东丽|西青|津南|北辰|武清|宝坻|宁河|静海|蓟州|[省市区县]|第[一二三四五六七八九十]+"
)
_NO_DIGIT = re.compile(r"\D")
_ALIKE = 0.6


@lru_cache(maxsize=4096)
def _core(name: str) -> str:
    key = loose_key(name)
    return _COMMON.sub("", key) or key


def related(one: str, other: str) -> bool:
    """True when two names may be one body: a trade name in common, one inside the other, or much alike."""
    first, second = _core(one), _core(other)
    if first[:2] == second[:2] or first in second or second in first:
        return True
    return difflib.SequenceMatcher(None, first, second).ratio() >= _ALIKE


@lru_cache(maxsize=4096)
def fact_key(value: object) -> str:
    """Equal for two ways to write one address, person or telephone number."""
    key = name_key(str(value)).replace("天津市", "")
    digits = _NO_DIGIT.sub("", key)
    return digits if len(digits) >= 7 and len(digits) * 2 > len(key) else key
