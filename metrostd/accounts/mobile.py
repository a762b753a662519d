"""A mobile number of the mainland, however it was typed."""

import re
import unicodedata

WRONG = "手机号码应当是11位数字，以1开头，例如13800138000。"
_SHAPE = re.compile(r"1[3-9][0-9]{9}")


def figures(text: str) -> str:
    """The number without blanks, dashes, brackets and the code of the country, in plain figures."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s()-]", "", plain).removeprefix("+86")


def is_mobile(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None
