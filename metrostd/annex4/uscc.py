"""统一社会信用代码 (GB 32100-2015) and 组织机构代码 (GB 11714): checks, normal form, hints."""

from dataclasses import dataclass

from metrostd.common.letters import in_latin
from metrostd.common.text import compact

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {char: index for index, char in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))

_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_VALUE = {char: index for index, char in enumerate(_ORG_ALPHABET)}
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# Letters the alphabet leaves out, and the digit they are usually a misreading of. V has no such twin.
LOOKALIKES = str.maketrans("OIZS", "0125")

# First two characters: registering authority and kind of body (GB 32100-2015, table 2).
KINDS = {
    "11": "机关",
    "12": "事业单位",
    "13": "群众团体",
    "19": "机构编制其他",
    "51": "社会团体",
    "52": "民办非企业单位",
    "53": "基金会",
    "59": "民政其他",
    "91": "企业",
    "92": "个体工商户",
    "93": "农民专业合作社",
}
CATEGORIES = {"11": "inst_highest", "12": "inst_highest", "91": "ent_highest"}


@dataclass(frozen=True, slots=True)
class UsccReading:
    """``value`` is set only when the code can be used; ``problem`` is an issue code or ``""``."""

    value: str | None
    problem: str = ""
    hint: str = ""


def normalise(text: str) -> str:
    """Half-width Latin capitals and digits, without spaces, hyphens and invisible characters."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return in_latin(compact(text).upper()).replace("-", "")


def check_char(first17: str) -> str:
    """The eighteenth character for seventeen valid ones; raises KeyError on a foreign character."""
    total = sum(_VALUE[char] * weight for char, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def org_check_char(first8: str) -> str:
    """The ninth character of an organisation code (GB 11714)."""
    total = sum(
        _ORG_VALUE[char] * weight for char, weight in zip(first8, _ORG_WEIGHTS, strict=True)
    )
    return {10: "X", 11: "0"}.get(rest := 11 - total % 11, str(rest))


def is_valid(code: str) -> bool:
    """True when eighteen characters of the alphabet end in the right check character."""
    return (
        len(code) == 18
        and all(char in _VALUE for char in code)
        and check_char(code[:17]) == code[17]
    )


def is_valid_org_code(code: str) -> bool:
    """True for nine characters whose last one is the GB 11714 check character."""
    return (
        len(code) == 9
        and all(c in _ORG_VALUE for c in code)
        and org_check_char(code[:8]) == code[8]
    )


def suggestion(code: str) -> str:
    """The code with misread letters put right, if that makes it valid; a hint for a person, never applied."""
    candidate = code.translate(LOOKALIKES)
    return candidate if candidate != code and is_valid(candidate) else ""


def kind_of(code: str) -> str:
    """What kind of body the first two characters name, or ``""``."""
    return KINDS.get(code[:2], "其他" if code[:1] == "Y" else "")


def category_of(code: str) -> str:
    """The category of a highest standard that fits the kind of body, or ``""`` if none follows."""
    return CATEGORIES.get(code[:2], "")


def read_uscc(text: str) -> UsccReading:
    """Normalise and check one code as typed.

    Returns a reading with ``USCC_LENGTH``, ``USCC_CHARSET`` or ``USCC_CHECK`` and no value when the code
    is wrong, with ``USCC_ORG_CHECK`` and the value when only the inner organisation check fails.
    """
    code = normalise(text)
    if len(code) != 18:
        return UsccReading(None, "USCC_LENGTH")
    if any(char not in _VALUE for char in code):
        return UsccReading(None, "USCC_CHARSET", suggestion(code))
    if check_char(code[:17]) != code[17]:
        return UsccReading(None, "USCC_CHECK")
    if not is_valid_org_code(code[8:17]):
        return UsccReading(code, "USCC_ORG_CHECK")
    return UsccReading(code)
