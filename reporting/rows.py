"""The rows of the three blocks: categories with their subtotals, fields, problem categories."""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from campaigns.enums import ProblemCategory
from metrostd.registry.enums import Category, PriorityDomain

from .definitions import Figure

TOTAL = "total"
UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, slots=True)
class RowSpec:
    """``parts``: the category rows a subtotal or total covers (empty for plain rows).

    ``note`` says what stands beside a row whose figures nobody records yet.
    """

    id: str
    label: str
    kind: Literal["plain", "subtotal", "total"] = "plain"
    parts: tuple[str, ...] = ()
    note: str = ""

    @property
    def printed(self) -> str:
        return f"{self.label}（{self.note}）" if self.note else self.label


#: Printing order; also the order in which unit-level problems choose their category.
CATEGORY_ORDER = (
    Category.SP_STATUTORY,
    Category.SP_AUTHORISED,
    Category.DEPT_HIGHEST,
    Category.ENT_HIGHEST,
    Category.INST_HIGHEST,
    Category.OTHER,
)
SUBTOTALS = MappingProxyType(
    {
        "subtotal_public": ("小计（社会公用）", ("sp_statutory", "sp_authorised")),
        "subtotal_department": ("小计（部门）", ("dept_highest",)),
        "subtotal_enterprise": ("小计（企事业）", ("ent_highest", "inst_highest")),
    }
)


def category_rows(*, with_other: bool) -> tuple[RowSpec, ...]:
    """Block I. 其他 (授权专项检定等) is no row of the form and appears only when there are any."""
    rows: list[RowSpec] = []
    for key, (label, parts) in SUBTOTALS.items():
        rows += [RowSpec(part, Category(part).label) for part in parts]
        rows.append(RowSpec(key, label, "subtotal", parts))
    if with_other:
        rows.append(RowSpec("other", Category.OTHER.label))
    plain = tuple(row.id for row in rows if row.kind == "plain")
    return (*rows, RowSpec(TOTAL, "合计（单位去重）", "total", plain))


def field_rows(fields: list[tuple[str, str]]) -> tuple[RowSpec, ...]:
    """Block II: (code, name) of every professional field, then 未归类 and 合计."""
    rows = [RowSpec(code, name) for code, name in fields]
    rows.append(RowSpec(UNCLASSIFIED, "未归类"))
    return (*rows, RowSpec(TOTAL, "合计（单位去重）", "total", tuple(row.id for row in rows)))


def problem_rows(*, with_reviews: bool = False) -> tuple[RowSpec, ...]:
    """Block III: problem categories A–H of Annex 1, and J of the certification work."""
    rows = [RowSpec(kind.value, f"{kind.value} {kind.label}") for kind in ProblemCategory]
    if not with_reviews:
        rows[-1] = replace(rows[-1], note="考核工作的问题见考核工作监督检查情况")
    return (*rows, RowSpec(TOTAL, "合计", "total", tuple(row.id for row in rows)))


def domain_rows() -> tuple[RowSpec, ...]:
    """Block VI: the priority domains of the notice (通知一); a standard may be of several."""
    rows = [RowSpec(domain.value, domain.label) for domain in PriorityDomain]
    return (*rows, RowSpec(TOTAL, "合计（去重）", "total", tuple(row.id for row in rows)))


def single_rows(figures: tuple[Figure, ...]) -> tuple[RowSpec, ...]:
    """Blocks IV and V: a row for each figure."""
    return tuple(RowSpec(figure.id, figure.name, note=figure.absent) for figure in figures)
