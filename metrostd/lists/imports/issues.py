"""The issue codes of a list: what can be wrong between it and the register, beside what reading it finds.

``CODES`` has them all; those the parser gives stand in ``metrostd/annex4/issues.py``.
"""

import re
from collections.abc import Iterable
from typing import TypedDict

from metrostd.annex4 import CATALOGUE, Issue, Severity
from metrostd.annex4.issues import Kind

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

REGISTER_CATALOGUE: dict[str, Kind] = {
    "TOO_LONG": Kind(_E, "内容过长", "请缩短后再导入，完整内容可写在备注中"),
    "REG_USCC_CONFLICT": Kind(
        _E, "与台账中的信用代码不一致", "请选择是同一单位还是另一单位，或在表中改正信用代码"
    ),
    "REG_UNIT_AMBIGUOUS": Kind(
        _E, "台账中有多个同名单位", "请选择是哪一个单位，或填写统一社会信用代码"
    ),
    "REG_NAME_TAKEN": Kind(
        _E, "新名称已属于台账中另一单位", "请选择保留哪个名称；如为同一单位，请先在台账中合并"
    ),
    "REG_CERT_TAKEN": Kind(
        _E, "证书号已属于另一单位", "请选择以台账为准还是并入该单位，或在表中改正证书号"
    ),
    "REG_CERT_ENDED": Kind(
        _W, "台账中该证书已停用", "入库只更新资料，证书状态不变；如已恢复，请在台账中办理"
    ),
    "REG_FORMER_NAME": Kind(_I, "按曾用名匹配", "沿用台账中的现用名称"),
    "REG_RENAMED": Kind(_W, "单位名称有变化", "入库后改用新名称，原名称列为曾用名；请核对"),
    "REG_OTHER_NAME": Kind(
        _E,
        "一个信用代码，两个不同的名称",
        "请核对信用代码，选择是同一单位还是代码有误；未作选择前不改台账",
    ),
    "REG_OTHER_STANDARD": Kind(
        _E,
        "一个证书号，两项不同的计量标准",
        "请核对证书号，选择是同一项还是证书号有误；未作选择前不改台账",
    ),
    "REG_NAME_SIMILAR": Kind(
        _W, "台账中有名称相近的单位", "将作为新单位入库；如为同一单位，请选择并入"
    ),
    "REG_DRAFT_TWIN": Kind(
        _W, "该单位已有同名的有证标准", "将作为在办草稿另行入库；如为同一项，请选择不再新增"
    ),
    "REG_ISSUER": Kind(
        _W, "发证部门与台账不一致", "保留台账中的发证部门；如有变更，请选择以名单为准"
    ),
    "REG_EDITED": Kind(
        _W,
        "台账中的内容在名单之后有变动",
        "不覆盖台账中登记、修改的内容；如应以名单为准，请作出选择",
    ),
    "REG_CATEGORY": Kind(
        _W, "标准类别与台账不一致", "保留台账中的类别；如有变更，请选择以名单为准"
    ),
}
#: Every code a list may get.
CODES: dict[str, Kind] = CATALOGUE | REGISTER_CATALOGUE
_ROW = re.compile(r"^[A-Z]+(\d+)$")


class KeptIssue(TypedDict):
    """An issue as it is kept with the list, and in the JSON of ``import_units``."""

    code: str
    severity: str
    sheet: str
    cell: str
    found: str
    advice: str


def kind_of(code: str) -> Kind:
    """Title, severity and standing advice of a code, from either catalogue."""
    return CODES[code]


def register_issue(code: str, *, sheet: str, cell: str, found: str, advice: str = "") -> Issue:
    """An issue found against the register; ``advice`` is put before the standing advice."""
    kind = kind_of(code)
    text = f"{advice}。{kind.advice}" if advice else kind.advice
    return Issue(code, kind.severity, sheet, cell, found, text)


def as_json(issues: Iterable[Issue]) -> list[KeptIssue]:
    """The stable shape of issues in the JSON of ``import_units``."""
    return [
        {
            "code": issue.code,
            "severity": issue.severity.value,
            "sheet": issue.sheet,
            "cell": issue.cell,
            "found": issue.found,
            "advice": issue.advice,
        }
        for issue in issues
    ]


def has_errors(issues: Iterable[KeptIssue]) -> bool:
    return any(issue["severity"] == _E.value for issue in issues)


def row_of(cell: str) -> int | None:
    """The row number in a cell address; None for an issue about a whole sheet."""
    match = _ROW.match(cell)
    return int(match[1]) if match else None


def rows_in_error(issues: Iterable[KeptIssue]) -> set[tuple[str, int]]:
    """Sheet and row of every cell with an error."""
    return {
        (issue["sheet"], row)
        for issue in issues
        if issue["severity"] == _E.value and (row := row_of(issue["cell"])) is not None
    }
