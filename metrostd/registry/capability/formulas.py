"""The formulas of JJF 1033-2016 附录C and of E_n, in decimals.

All readings and uncertainties of one call are in the same unit, and so is the result unless it says
otherwise. Every function raises ValidationError with a sentence when something is missing or too few.
"""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal, localcontext

from django.core.exceptions import ValidationError

from metrostd.common.calendar import months_later

from .numbers import WORKING

#: Fewest readings of a repeatability test; laboratories usually take ten.
LEAST_READINGS = 6
#: Fewest groups of the stability test of a new standard, and how far they lie apart at least.
LEAST_GROUPS = 4
GAP_MONTHS = 1
#: 多台比对 needs at least this many standards, one's own among them.
LEAST_LABS = 3


def mean(readings: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean of at least one reading."""
    if not readings:
        raise ValidationError("没有读数，无法计算平均值。", code="too_few")
    with localcontext(WORKING):
        return sum(readings, Decimal()) / len(readings)


def experimental_deviation(readings: Sequence[Decimal], *, least: int = LEAST_READINGS) -> Decimal:
    """重复性: s = √(Σ(yᵢ−ȳ)²/(n−1)) of n single results (Bessel; JJF 1033-2016 C.1)."""
    if len(readings) < max(least, 2):
        raise ValidationError(
            f"重复性试验至少需要{max(least, 2)}个读数，现有{len(readings)}个。", code="too_few"
        )
    with localcontext(WORKING):
        centre = sum(readings, Decimal()) / len(readings)
        squares = sum(((y - centre) ** 2 for y in readings), Decimal())
        return (squares / (len(readings) - 1)).sqrt()


def greatest_change(
    groups: Sequence[tuple[dt.date, Sequence[Decimal]]], *, least: int = LEAST_GROUPS
) -> Decimal:
    """稳定性 of a new standard: the largest minus the smallest of m group means (JJF 1033-2016 C.2).

    Groups are taken more than one month apart.
    """
    if len(groups) < least:
        raise ValidationError(
            f"新建计量标准的稳定性考核至少需要{least}组数据，现有{len(groups)}组。", code="too_few"
        )
    in_time = sorted(groups, key=lambda group: group[0])
    for (before, _), (after, _) in itertools.pairwise(in_time):
        if after <= months_later(before, GAP_MONTHS):
            raise ValidationError(
                f"{before:%Y-%m-%d}与{after:%Y-%m-%d}的两组相隔不足，应大于{GAP_MONTHS}个月。",
                code="too_close",
            )
    means = [mean(readings) for _, readings in groups]
    with localcontext(WORKING):
        return max(means) - min(means)


def difference(present: Decimal, other: Decimal) -> Decimal:
    """|y − y₀|: of two adjacent years it is the 稳定性 of an existing standard (JJF 1033-2016 C.2)."""
    with localcontext(WORKING):
        return abs(present - other)


def combined_uncertainty(u_lab: Decimal, u_ref: Decimal) -> Decimal:
    """√(U_lab²+U_ref²), both expanded with the same k (传递比较法, JJF 1033-2016 C.5)."""
    if u_lab < 0 or u_ref < 0:
        raise ValidationError("扩展不确定度不能是负数。", code="negative")
    with localcontext(WORKING):
        return (u_lab**2 + u_ref**2).sqrt()


def labs_limit(u_lab: Decimal, labs: int) -> Decimal:
    """√((n−1)/n)·U_lab for n standards of like uncertainty (比对法, JJF 1033-2016 C.5)."""
    if labs < LEAST_LABS:
        raise ValidationError(
            f"多台比对至少需要{LEAST_LABS}台（含本标准），现有{labs}台。", code="too_few"
        )
    if u_lab < 0:
        raise ValidationError("扩展不确定度不能是负数。", code="negative")
    with localcontext(WORKING):
        return (Decimal(labs - 1) / labs).sqrt() * u_lab


def en_value(y_lab: Decimal, y_ref: Decimal, u_lab: Decimal, u_ref: Decimal) -> Decimal:
    """|E_n| = |y_lab−y_ref| / √(U_lab²+U_ref²), a number without unit; at most 1 is satisfactory."""
    combined = combined_uncertainty(u_lab, u_ref)
    if combined == 0:
        raise ValidationError("两个扩展不确定度都是零，无法计算En值。", code="no_uncertainty")
    with localcontext(WORKING):
        return abs(y_lab - y_ref) / combined
