"""What a test says, in one sentence that names both sides of the comparison."""

from decimal import Decimal

from metrostd.registry.enums import LimitBasis, TestMethod, TestOutcome

from .numbers import figure

_WHAT = {
    TestMethod.REPEATED: "实验标准偏差 s",
    TestMethod.NEW_GROUPS: "各组测得值的最大变化",
    TestMethod.YEARLY: "与上年测得值之差",
    TestMethod.TRANSFER: "与参考值之差",
    TestMethod.MULTI_LAB: "与各台平均值之差",
    TestMethod.CHECK_LIMIT: "与参考值之差",
    TestMethod.CHECK_EN: "|En|",
    TestMethod.COMPARISON_EN: "|En|",
}
_NO_UNIT = frozenset({TestMethod.CHECK_EN, TestMethod.COMPARISON_EN})
#: Stability is smaller than its limit; everything else does not exceed it.
_BELOW = frozenset({TestMethod.NEW_GROUPS, TestMethod.YEARLY})


def statistic_name(method: str) -> str:
    """What the statistic of a method is called; empty for a control chart."""
    return _WHAT.get(TestMethod(method), "")


def with_unit(value: Decimal | None, method: str, unit: str, *, digits: int = 6) -> str:
    """A figure with its unit; E_n has none."""
    if value is None:
        return "–"
    return " ".join(
        filter(None, (figure(value, digits=digits), "" if TestMethod(method) in _NO_UNIT else unit))
    )


def sentence(
    *,
    method: str,
    outcome: str,
    statistic: Decimal | None,
    limit: Decimal | None,
    basis: str,
    unit: str,
) -> str:
    """Statistic, limit and what follows."""
    if outcome == TestOutcome.CHART:
        return "保持控制图并受控，不另作稳定性考核。"
    what = _WHAT[TestMethod(method)]
    if statistic is None:
        return "首次考核，没有上年的测得值可以比较；本次测得值作为下一年的基准。"
    found = f"{what} = {with_unit(statistic, method, unit)}"
    if limit is None:
        return f"{found}；台账中没有新建时的重复性，本次作为以后的基准。"
    bound = f"{LimitBasis(basis).label} {with_unit(limit, method, unit)}"
    if LimitBasis(basis) == LimitBasis.EN:
        bound = "1"
    below = TestMethod(method) in _BELOW
    within = statistic < limit if below else statistic <= limit
    words = ("小于" if within else "不小于") if below else ("不大于" if within else "大于")
    ending = {
        TestOutcome.PASSED: "合格" if within else "已重新评定不确定度且仍满足要求，合格",
        TestOutcome.FAILED: "超差" if within is False else "不合格",
        TestOutcome.REASSESS: "应当重新评定测量不确定度，满足要求后方为合格",
    }.get(TestOutcome(outcome), "")
    return f"{found}，{words}{bound}，{ending}。"
