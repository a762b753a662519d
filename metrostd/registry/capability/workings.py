"""How a statistic came about: the formula, the same with its numbers, the comparison."""

from decimal import Decimal

from metrostd.registry.enums import LimitBasis, TestMethod, TestOutcome

from .entry import Entry
from .numbers import figure
from .sentences import with_unit

_EN = frozenset({TestMethod.CHECK_EN, TestMethod.COMPARISON_EN})
#: Stability is smaller than its limit; everything else does not exceed it.
_BELOW = frozenset({TestMethod.NEW_GROUPS, TestMethod.YEARLY})


def working(
    entry: Entry,
    *,
    mean: Decimal | None,
    statistic: Decimal | None,
    limit: Decimal | None,
    unit: str,
) -> str:
    """The formula and its numbers up to the comparison, e.g. |En| = … = 0.447214 ≤ 1; empty for a chart."""
    if mean is None:
        return ""
    formula = _formula(entry, mean)
    if statistic is None:
        return f"ȳ = {with_unit(mean, TestMethod.YEARLY, unit)}"
    found = f"{formula} = {with_unit(statistic, entry.method, unit)}"
    if limit is None:
        return found
    if entry.method in _BELOW:
        sign = "<" if statistic < limit else "≥"
    else:
        sign = "≤" if statistic <= limit else ">"
    return f"{found} {sign} {_bound(entry, limit, unit)}"


def verdict(outcome: str, basis: str) -> str:
    """The outcome in the words of its method: E_n is 满意 or 不满意."""
    if basis == LimitBasis.EN and outcome in (TestOutcome.PASSED, TestOutcome.FAILED):
        return "满意" if outcome == TestOutcome.PASSED else "不满意"
    return str(TestOutcome(outcome).label)


def _formula(entry: Entry, mean: Decimal) -> str:
    given = entry.given
    y, u_lab, u_ref, reference, previous = (
        figure(value, digits=9)
        for value in (mean, given.u_lab, given.u_ref, given.reference, given.previous)
    )
    match entry.method:
        case TestMethod.REPEATED:
            return f"s = √(Σ(yᵢ − ȳ)² ÷ (n − 1))，n = {len(entry.groups[0].readings)}，ȳ = {y}，s"
        case TestMethod.YEARLY:
            return f"|ȳ − ȳ上年| = |{y} − {_signed(previous)}|"
        case TestMethod.CHECK_EN | TestMethod.COMPARISON_EN:
            numbers = f"|{y} − {_signed(reference)}| ÷ √({u_lab}² + {u_ref}²)"
            return f"|En| = |ȳ − y参考| ÷ √(U实验² + U参考²) = {numbers}"
        case TestMethod.CHECK_LIMIT | TestMethod.TRANSFER:
            return f"|ȳ − y参考| = |{y} − {_signed(reference)}|"
    return f"统计量（ȳ = {y}）"


def _bound(entry: Entry, limit: Decimal, unit: str) -> str:
    if entry.method in _EN:
        return "1"
    words = with_unit(limit, entry.method, unit)
    if entry.method == TestMethod.TRANSFER:
        u_lab, u_ref = figure(entry.given.u_lab, digits=9), figure(entry.given.u_ref, digits=9)
        return f"√({u_lab}² + {u_ref}²) = {words}"
    basis = (
        LimitBasis.ESTABLISHED if entry.method == TestMethod.REPEATED else entry.given.limit_basis
    )
    return f"{words}（{basis.label}）" if basis else words


def _signed(number: str) -> str:
    """A negative number within a difference stands in brackets."""
    return f"({number})" if number.startswith("-") else number
