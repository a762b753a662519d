"""What the answers of a sheet amount to. Pure rules over plain values; no queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from metrostd.common.enums import Answer, Conclusion
from metrostd.common.letters import words_in

from .enums import Severity

#: A note that states a fact is at least this long.
MIN_FACT = 10
#: Offered for 不适用; long enough where it counts as a fault, too (``OPEN_WHEN_INAPPLICABLE``).
INAPPLICABLE_PHRASES = (
    "本单位没有开展该项业务，不涉及本项",
    "该计量标准没有相应的设备或者要求，不涉及本项",
    "检查所涉期间没有发生该情形，不涉及本项",
)
#: When no test object is available on site, the experiment stays open: 不适用 counts as 有缺陷.
OPEN_WHEN_INAPPLICABLE = frozenset({"F01"})


#: Who says what speaks against 符合, unless another source does.
REGISTER_SAYS = "台账记载"


@dataclass(frozen=True, slots=True)
class Answered:
    """One item as answered: what the rules look at."""

    code: str
    answer: str
    is_key: bool


def severity_of(code: str, answer: str) -> Severity | None:
    """How grave the answer is as a finding; None when it is no problem."""
    if answer == Answer.NONCONFORM:
        return Severity.NONCONFORM
    if answer == Answer.DEFICIENT:
        return Severity.DEFICIENT
    if answer == Answer.NOT_APPLICABLE and code in OPEN_WHEN_INAPPLICABLE:
        return Severity.DEFICIENT
    return None


def suggested(answers: Iterable[Answered]) -> Conclusion:
    """The suggested conclusion: a key item 不符合 → 不符合; any problem → 存在缺陷; else 符合."""
    worst = Conclusion.CONFORM
    for row in answers:
        severity = severity_of(row.code, row.answer)
        if severity == Severity.NONCONFORM and row.is_key:
            return Conclusion.NONCONFORM
        if severity is not None:
            worst = Conclusion.DEFICIENT
    return worst


def worst_of(conclusions: Iterable[str]) -> Conclusion:
    """The conclusion on a unit: the worst of its standards and of the unit items."""
    values = [Conclusion(value) for value in conclusions if value]
    return max(values, key=lambda value: value.severity, default=Conclusion.CONFORM)


def may_answer(*, value: str, is_prohibition: bool, may_be_inapplicable: bool) -> str:
    """Why an item cannot be answered so, or an empty string.

    Prohibited conduct is either 未发现 (符合) or 发现 (不符合); only items that allow it may be 不适用.
    """
    if value and value not in Answer.values:
        return "没有这个选项。"
    if is_prohibition and value in (Answer.DEFICIENT, Answer.NOT_APPLICABLE):
        return "禁止性行为只能判定为“未发现”或“发现”。"
    if value == Answer.NOT_APPLICABLE and not may_be_inapplicable:
        return "本项不能判定为“不适用”。"
    return ""


def gaps(
    *,
    code: str,
    answer: str,
    note: str,
    evidence: int,
    against: str = "",
    source: str = REGISTER_SAYS,
) -> list[str]:
    """What an item still lacks before the sheet may be signed (通知三(二) 完整填写检查表).

    ``against`` is what is known that speaks against 符合, ``source`` where from; then 符合 needs its reason.
    """
    if not answer:
        return ["未判定"]
    found = []
    text = note.strip()
    written = words_in(text)
    if severity_of(code, answer) is not None and written < MIN_FACT:
        found.append(f"事实记录不少于{MIN_FACT}个字")
    elif answer == Answer.NOT_APPLICABLE and not written:
        found.append("不适用的理由未填")
    if answer == Answer.CONFORM and against and written < MIN_FACT:
        found.append(f"{source}“{against}”，判定符合的理由不少于{MIN_FACT}个字")
    if answer in Answer.problem and not evidence:
        found.append("缺少证据")
    return found
