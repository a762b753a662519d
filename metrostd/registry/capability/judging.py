"""From what was entered to statistic, limit and outcome; one function for each method.

Compared is what is stored: twelve significant digits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from metrostd.registry.enums import LimitBasis, Reassessment, TestMethod, TestOutcome

from . import formulas
from .entry import NAMES, NEEDS, OPTIONAL, Entry
from .numbers import rounded

_NEVER_NEGATIVE = frozenset({"limit", "u_lab", "u_ref", "established"})
#: What a column of the register holds.
MOST = Decimal("1e12")
#: Readings a group has at least where its mean is what counts.
LEAST_FOR_A_MEAN = {TestMethod.NEW_GROUPS: 2, TestMethod.YEARLY: 2}


@dataclass(frozen=True, slots=True)
class History:
    """What earlier tests of the same object say, where a person has not typed it.

    ``established``: the repeatability to compare with; ``previous``: the mean of ``previous_year``.
    """

    established: Decimal | None = None
    previous: Decimal | None = None
    previous_year: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a test says. ``mean`` is the measured value: the mean of the last group."""

    n: int
    m: int
    outcome: TestOutcome
    mean: Decimal | None = None
    statistic: Decimal | None = None
    limit: Decimal | None = None
    basis: LimitBasis | None = None


def judge(entry: Entry, history: History | None = None) -> Judgement:
    """Apply the formulas of the entry's method.

    Raises ValidationError (a dict by field where a field is missing) with a sentence for everything
    that is missing, too few or contradictory.
    """
    _refuse_missing(entry)
    found = _JUDGES[entry.method](entry, history or History())
    if any(v is not None and v >= MOST for v in (found.mean, found.statistic, found.limit)):
        raise ValidationError("计算结果过大，请核对读数、不确定度和计量单位。", code="too_large")
    return found


def _refuse_missing(entry: Entry) -> None:
    missing: dict[str, list[str]] = {}
    for name in NEEDS[entry.method]:
        value = getattr(entry.given, name)
        if value in (None, "", ()):
            if name not in OPTIONAL:
                missing[name] = [f"请填写{NAMES[name]}。"]
        elif name in _NEVER_NEGATIVE and value < 0:
            missing[name] = [f"{NAMES[name]}不能是负数。"]
        elif name == "k" and value <= 0:
            missing[name] = ["包含因子k应当大于零。"]
    if missing:
        raise ValidationError(missing)
    if entry.method == TestMethod.CONTROL_CHART:
        return
    if not entry.groups:
        raise ValidationError("没有读数。请至少填写一组试验日期和读数。", code="too_few")
    if entry.method != TestMethod.NEW_GROUPS and len(entry.groups) > 1:
        raise ValidationError(f"这种方法只用一组数据，现有{len(entry.groups)}组。", code="too_many")
    _refuse_short_groups(entry)


def _refuse_short_groups(entry: Entry) -> None:
    least = LEAST_FOR_A_MEAN.get(entry.method, 1)
    sizes = [len(group.readings) for group in entry.groups]
    for position, size in enumerate(sizes, start=1):
        if size < least:
            raise ValidationError(
                f"第{position}组至少需要{least}个读数，现有{size}个。", code="too_few"
            )
        if size != sizes[0]:
            raise ValidationError(
                f"各组测量次数不一致：第1组{sizes[0]}次，第{position}组{size}次。", code="uneven"
            )


def _repeated(entry: Entry, history: History) -> Judgement:
    """s against that of the establishment; a larger one asks for the uncertainty anew (4.2.4)."""
    readings = entry.groups[0].readings
    s = rounded(formulas.experimental_deviation(readings))
    typed = entry.given.established
    limit = typed if typed is not None else history.established
    if limit is None:
        outcome = TestOutcome.BASELINE
    elif s <= limit or entry.reassessment == Reassessment.MEETS:
        outcome = TestOutcome.PASSED
    else:
        outcome = TestOutcome.FAILED if entry.reassessment else TestOutcome.REASSESS
    return Judgement(
        n=len(readings),
        m=1,
        mean=formulas.mean(readings),
        statistic=s,
        limit=limit,
        basis=None if limit is None else LimitBasis.ESTABLISHED,
        outcome=outcome,
    )


def _new_groups(entry: Entry, history: History) -> Judgement:
    del history
    groups = sorted(entry.groups, key=lambda group: group.on)
    change = formulas.greatest_change([(group.on, group.readings) for group in groups])
    return _within(entry, change, below=True, value=formulas.mean(groups[-1].readings))


def _yearly(entry: Entry, history: History) -> Judgement:
    value = formulas.mean(entry.groups[0].readings)
    typed = entry.given.previous
    previous = typed if typed is not None else history.previous
    if previous is None:
        return Judgement(
            n=len(entry.groups[0].readings),
            m=1,
            mean=value,
            limit=entry.given.limit,
            basis=entry.given.limit_basis,
            outcome=TestOutcome.BASELINE,
        )
    return _within(entry, formulas.difference(value, previous), below=True, value=value)


def _chart(entry: Entry, history: History) -> Judgement:
    del entry, history
    return Judgement(n=0, m=0, outcome=TestOutcome.CHART)


def _transfer(entry: Entry, history: History) -> Judgement:
    del history
    given = entry.given
    value = formulas.mean(entry.groups[0].readings)
    limit = formulas.combined_uncertainty(given.u_lab, given.u_ref)  # type: ignore[arg-type]
    apart = formulas.difference(value, given.reference)  # type: ignore[arg-type]
    return _within(entry, apart, value=value, limit=limit, basis=LimitBasis.COMBINED)


def _labs(entry: Entry, history: History) -> Judgement:
    del history
    value = formulas.mean(entry.groups[0].readings)
    everyone = (value, *entry.given.others)
    limit = formulas.labs_limit(entry.given.u_lab, len(everyone))  # type: ignore[arg-type]
    apart = formulas.difference(value, formulas.mean(everyone))
    return _within(entry, apart, value=value, limit=limit, basis=LimitBasis.LABS)


def _check(entry: Entry, history: History) -> Judgement:
    del history
    value = formulas.mean(entry.groups[0].readings)
    apart = formulas.difference(value, entry.given.reference)  # type: ignore[arg-type]
    return _within(entry, apart, value=value)


def _en(entry: Entry, history: History) -> Judgement:
    del history
    given = entry.given
    value = formulas.mean(entry.groups[0].readings)
    en = formulas.en_value(value, given.reference, given.u_lab, given.u_ref)  # type: ignore[arg-type]
    return _within(entry, en, value=value, limit=Decimal(1), basis=LimitBasis.EN)


def _within(
    entry: Entry,
    statistic: Decimal,
    *,
    value: Decimal,
    below: bool = False,
    limit: Decimal | None = None,
    basis: LimitBasis | None = None,
) -> Judgement:
    """Passed when the statistic is at most the limit; ``below``: smaller than the limit (4.2.3)."""
    given: Decimal = limit if limit is not None else entry.given.limit  # type: ignore[assignment]
    statistic, bound = rounded(statistic), rounded(given)
    passed = statistic < bound if below else statistic <= bound
    return Judgement(
        n=len(entry.groups[0].readings),
        m=len(entry.groups),
        mean=value,
        statistic=statistic,
        limit=bound,
        basis=basis or entry.given.limit_basis,
        outcome=TestOutcome.PASSED if passed else TestOutcome.FAILED,
    )


_JUDGES: dict[TestMethod, Callable[[Entry, History], Judgement]] = {
    TestMethod.REPEATED: _repeated,
    TestMethod.NEW_GROUPS: _new_groups,
    TestMethod.YEARLY: _yearly,
    TestMethod.CONTROL_CHART: _chart,
    TestMethod.TRANSFER: _transfer,
    TestMethod.MULTI_LAB: _labs,
    TestMethod.CHECK_LIMIT: _check,
    TestMethod.CHECK_EN: _en,
    TestMethod.COMPARISON_EN: _en,
}
