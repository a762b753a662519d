"""Finding the header of a sheet and what each column holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from metrostd.common.text import compact

from .measures import is_measure

SEARCH_ROWS = 15
ENOUGH = 3
_VAGUE = 3  # characters: 单位, 代码, 证书号, 有效期

TARGETS = (
    "seq",
    "district",
    "unit_name",
    "uscc",
    "org_code",
    "address",
    "contact_name",
    "contact_phone",
    "standards_count",
    "standard_name",
    "jjf1022_code",
    "cert_no",
    "issue_date",
    "valid_until",
    "measuring_range",
    "performance",
    "storage_place",
    "responsible_person",
    "field_name",
    "category",
    "remark",
)

TARGET_NAMES = {
    "seq": "序号",
    "district": "所属区",
    "unit_name": "单位名称",
    "uscc": "统一社会信用代码",
    "org_code": "组织机构代码",
    "address": "单位地址",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "standards_count": "计量标准项数",
    "standard_name": "计量标准名称",
    "jjf1022_code": "计量标准代码",
    "cert_no": "计量标准考核证书号",
    "issue_date": "发证日期",
    "valid_until": "有效期至",
    "measuring_range": "测量范围",
    "performance": "不确定度/准确度等级/最大允许误差",
    "storage_place": "保存地点",
    "responsible_person": "计量标准负责人",
    "field_name": "专业领域",
    "category": "计量标准类别",
    "remark": "备注",
}

_SYNONYMS = {
    "seq": "序号 序 序列号 编号顺序 NO NO.",
    "district": "所属区 区 区县 所在区 辖区 行政区 行政区划 属地 所属区县 所属辖区 所在区县 区域",
    "unit_name": (
        "单位名称 建标单位 建标单位名称 企业名称 申请单位 申请单位名称 保存单位 存放单位 单位 企业 持证单位 持证单位名称"
    ),
    "uscc": "统一社会信用代码 社会信用代码 信用代码 统一信用代码 统一代码 单位代码 社会统一信用代码",
    "org_code": "组织机构代码 组织机构代码证 机构代码",
    "address": "单位地址 地址 通讯地址 企业地址 注册地址 实际地址 联系地址 详细地址 单位住所",
    "contact_name": "联系人 负责人 单位联系人 联系人姓名 单位负责人",
    "contact_phone": "联系电话 电话 手机 手机号 手机号码 联系方式 联系人电话 电话号码",
    "standards_count": "计量标准项数 项数 标准项数 计量标准数量 标准数量 建标项数 建标数 计量标准数",
    "standard_name": "计量标准名称 标准名称 标准装置名称 项目名称 计量标准 计量标准装置名称 标准器名称 建标项目 建标项目名称",
    "jjf1022_code": "计量标准代码 标准代码 代码 项目编号 项目代码 计量标准分类代码 分类代码",
    "cert_no": (
        "计量标准考核证书号 考核证书号 证书号 证书编号 计量标准证书号 计量标准考核证书编号 考核证书编号 计量标准证书编号"
        " 证书号码 计量标准考核证书 考核证书"
    ),
    "issue_date": "发证日期 发证时间 批准日期 考核日期 颁证日期 发证年月 核发日期 签发日期",
    "valid_until": (
        "有效期 有效期至 有效日期 证书有效期 截止日期 证书有效期至 有效期限 有效期截止 有效期截止日期 到期日期 到期时间 有效截止日期"
    ),
    "measuring_range": "测量范围 量程 计量范围 测量范围及参数",
    "performance": "不确定度误差 准确度 技术指标 主要技术指标 精度 准确度等级 不确定度 最大允许误差",
    "storage_place": "保存地点 存放地点 保存地址 存放地址 安装地点",
    "responsible_person": "计量标准负责人 标准负责人 项目负责人 装置负责人",
    "field_name": "专业领域 专业 专业类别 计量专业 专业计量领域 所属专业 领域",
    "category": "计量标准类别 标准类别 类别 计量标准类型 标准类型",
    "remark": "备注 备 注 说明 备注说明",
}
_PERFORMANCE = re.compile(r"^(测量|扩展)?(不确定度|准确度|最大允许误差)")
_BRACKETS = str.maketrans("[]{}【】〔〕〖〗《》〈〉「」『』", "()" * 9)
_ASIDE = re.compile(r"\([^()]*\)")
_INSIDE = re.compile(r"\(([^()]*)\)")
_UNCLOSED = re.compile(r"\(.*$|^[^()]*\)")
_OR = re.compile(r"[/或、]")
_TRIM = re.compile(
    r"^(?:[*※★☆●#]|\d{1,2}[.、])+|(?:[*※★☆#:、。,;]|(?:为)?(?:必填|选填|必须填写|可不填)项?)+$"
)
_DIGITS = re.compile(r"\d")
BODY = re.compile(r"(公司|集团|工厂|厂|院|所|站|局|中心|队|部|社|学校|大学|医院)$")
_UNIT_NAME = re.compile(
    r"(?:建标|申请|申报|持证|获证|取证|保存|存放|使用|被检查?|受检|被考核|被监督检查|被监管|法定|法人|市场)?"
    r"(?:单位|企业|公司|机构|组织|法人|主体|工厂|厂家|企事业单位|(?:建标|持证)?(?:企业|单位))"
    r"(?:名称|全称|名称全称|名|名字|名称及全称)"
    r"|(?:建标|申请|申报|持证|获证|取证|保存|存放|使用|被检查?|受检查?|被考核|被监督检查|被监管|所在)(?:单位|企业|公司|机构)"
    r"|公司|医疗(?:卫生)?机构(?:名称|全称)?"
)
#: How a value is to be written, behind the title: 发证日期 yyyy-mm-dd, 有效期至（年/月/日）, 证书号 如〔2018〕…
_MANNER = re.compile(
    r"(?<=..)[:,;、]?(?:格式:?)?(?:Y{2,4}[-/.年]?M{1,2}[-/.月]?(?:D{1,2}日?)?|年[-/.]?月[-/.]?日|(?:例如|示例|例|如):?[\d(〔Y].*)$"
)
_GROUP_TAIL = re.compile(r"(基本)?(信息|情况|内容)$")

HEADERS = {compact(word): target for target, words in _SYNONYMS.items() for word in words.split()}
_AMBIGUOUS_CHILDREN = {"名称", "编号", "号", "日期", "负责人", "代码", "类别"}
_GROUP_WORDS = {
    ("单位", "名称"): "unit_name",
    ("企业", "名称"): "unit_name",
    ("标准", "名称"): "standard_name",
    ("标准", "负责人"): "responsible_person",
    ("标准", "代码"): "jjf1022_code",
    ("标准", "类别"): "category",
    ("单位", "代码"): "uscc",
    ("企业", "代码"): "uscc",
    ("证书", "编号"): "cert_no",
    ("证书", "号"): "cert_no",
}


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header ends and what it says. ``columns`` are zero-based; ``texts`` keeps every title."""

    first_row: int
    last_row: int
    columns: dict[int, str]
    texts: dict[int, str]
    duplicates: dict[int, str]
    assumed: bool = False


@lru_cache(maxsize=4096)
def match(text: str, group: str = "") -> str:
    """The target one header cell names, or ``""``; ``group`` is the cell above it in a two-row header."""
    key = _TRIM.sub("", compact(text)).upper()
    if not key:
        return ""
    bare = _without_asides(key)
    if group and bare in _AMBIGUOUS_CHILDREN:
        above = _GROUP_TAIL.sub("", compact(group))
        if target := HEADERS.get(above + bare):
            return target
        for (word, child), target in _GROUP_WORDS.items():
            if child == bare and word in above:
                return target
    if target := HEADERS.get(key) or HEADERS.get(bare):
        measures = target == "unit_name" and any(map(is_measure, _INSIDE.findall(compact(text))))
        return "" if measures else target
    if _UNIT_NAME.fullmatch(bare):
        return "unit_name"
    return "performance" if _PERFORMANCE.match(key) else _either(bare)


def _without_asides(key: str) -> str:
    """A title without what stands in brackets of any kind, within each other or left open."""
    bare, before = key.translate(_BRACKETS), ""
    while bare != before:
        before, bare = bare, _ASIDE.sub("", bare)
    return _TRIM.sub("", _MANNER.sub("", _UNCLOSED.sub("", bare)))


def _either(title: str) -> str:
    """The target of a title that offers two words for one thing, such as 统一社会信用代码/组织机构代码."""
    targets = {HEADERS.get(word, "") for word in _OR.split(title)}
    if targets == {"uscc", "org_code"}:
        return "uscc"
    return targets.pop() if len(targets) == 1 else ""


def known(cells: Sequence[object]) -> int:
    """How many different targets a row of cells names."""
    return len({target for cell in cells if isinstance(cell, str) and (target := match(cell))})


def find(
    rows: Sequence[tuple[int, Sequence[object]]], wide: Mapping[int, Sequence[tuple[int, int]]]
) -> Header | None:
    """The first header within ``rows`` (numbered from one), with one or two rows; None if there is none.

    ``wide`` gives for a row number the column spans merged in it.
    """
    for index, (number, cells) in enumerate(rows):
        if number > SEARCH_ROWS:
            break
        below = rows[index + 1] if index + 1 < len(rows) else None
        if (
            below is not None
            and below[0] == number + 1
            and _is_pair(cells, below[1], wide.get(number, ()))
        ):
            groups = _spread(cells, below[1], wide.get(number, ()))
            header = _build(number, number + 1, below[1], groups)
            if len(header.columns) >= ENOUGH:
                return header
        if known(cells) >= ENOUGH:
            return _build(number, number, cells, {})
    return None


def assume(
    rows: Sequence[tuple[int, Sequence[object]]], mapped: Mapping[int, str]
) -> Header | None:
    """A header for a sheet mapped by hand: the first row that has text in most mapped columns.

    If that row holds the name of a body or any number, it is data already and the header is empty.
    """
    wanted = [column for column, target in mapped.items() if target]
    named = next((column for column, target in mapped.items() if target == "unit_name"), None)
    for number, cells in rows[:SEARCH_ROWS]:
        if sum(1 for c in wanted if _text(cells, c)) * 2 > len(wanted):
            if _is_data(cells) or (named is not None and is_body(_text(cells, named))):
                return _build(number - 1, number - 1, [], {})
            return replace(_build(number, number, cells, {}), assumed=True)
    return None


def _is_data(cells: Sequence[object]) -> bool:
    """True for a row that holds what no title does: a number, a long text, a certificate number, a date."""
    return any(
        cell != ""
        and (not isinstance(cell, str) or "量标" in cell or len(_DIGITS.findall(cell)) > 3)
        for cell in cells
    )


def is_body(text: str) -> bool:
    """True when a text ends as names of companies, institutes and offices do."""
    return BODY.search(compact(text)) is not None and match(text) == ""


def _text(cells: Sequence[object], column: int) -> str:
    cell = cells[column] if column < len(cells) else ""
    return cell.strip() if isinstance(cell, str) else ""


def _is_pair(
    upper: Sequence[object], lower: Sequence[object], spans: Sequence[tuple[int, int]]
) -> bool:
    """True when ``lower`` holds the child titles of ``upper``."""
    children = [column for column in range(len(lower)) if lower[column] != ""]
    if not children or any(not isinstance(lower[c], str) for c in children):
        return False
    named = [
        c for c in children if match(_text(lower, c)) or match(_text(lower, c), _group(upper, c))
    ]
    under_group = any(
        left <= c <= right
        for c in children
        for left, right in spans
        if left > 0 or right < len(upper) - 1
    )
    clash = [
        c
        for c in children
        if match(_text(upper, c)) and match(_text(lower, c)) == "" and not under_group
    ]
    whole_row = len(spans) == 1 and sum(1 for cell in upper if cell != "") == 1
    if whole_row:
        return False
    if not any(match(_text(upper, c)) for c in range(len(upper))):
        return len(spans) > 1 and len(named) >= ENOUGH  # nothing but groups
    if under_group:
        return bool(named)
    free = all(_text(upper, c) == "" or not match(_text(upper, c)) for c in children)
    return free and len(named) == len(children) >= 2 and not clash


def _group(upper: Sequence[object], column: int) -> str:
    """The nearest title at or to the left of a column of the upper row."""
    for c in range(min(column, len(upper) - 1), -1, -1):
        if text := _text(upper, c):
            return text
    return ""


def _spread(
    upper: Sequence[object], lower: Sequence[object], spans: Sequence[tuple[int, int]]
) -> dict[int, str]:
    """The group title over each column: merged spans first, else the nearest title to the left."""
    groups = {}
    for column in range(max(len(upper), len(lower))):
        own = _text(upper, column)
        span = next((left for left, right in spans if left <= column <= right), None)
        if span is not None:
            groups[column] = _text(upper, span)
        elif own:
            groups[column] = own
        elif _text(lower, column):
            groups[column] = _group(upper, column)
    return groups


def _build(first: int, last: int, cells: Sequence[object], groups: Mapping[int, str]) -> Header:
    columns: dict[int, str] = {}
    texts: dict[int, str] = {}
    duplicates: dict[int, str] = {}
    in_charge: list[int] = []
    for column in range(max(len(cells), max(groups, default=-1) + 1)):
        child, group = _text(cells, column), groups.get(column, "")
        title = "/".join(part for part in (group, child) if part) if child else group
        if not title:
            continue
        texts[column] = title.replace("\n", "")
        target = match(child, group) if child else match(group)
        if target == "contact_name" and compact(child or group) == "负责人":
            in_charge.append(column)
            continue
        if not target:
            continue
        other = next((c for c, t in columns.items() if t == target), None)
        if other is None:
            columns[column] = target
        elif _is_vague(texts[other]) and len(_core(title)) > len(_core(texts[other])):
            duplicates[other] = columns.pop(other)
            columns[column] = target
        else:
            duplicates[column] = target
    for column in in_charge:  # of the unit, or of the standard where the unit has a contact already
        free = [t for t in ("contact_name", "responsible_person") if t not in columns.values()]
        if free:
            columns[column] = free[0]
        else:
            duplicates[column] = "contact_name"
    return Header(first, last, dict(sorted(columns.items())), texts, duplicates)


def _core(title: str) -> str:
    return _without_asides(compact(title.rpartition("/")[2]))


def _is_vague(title: str) -> bool:
    """True for 单位 and its like, which give way to a fuller title for the same thing."""
    return len(_core(title)) <= _VAGUE


def without(header: Header, column: int) -> Header:
    """The header with one column left unread."""
    columns = {c: t for c, t in header.columns.items() if c != column}
    return replace(header, columns=columns)


def apply_map(header: Header, mapped: Mapping[int, str]) -> Header:
    """The header with columns decided by hand; an empty target means the column is left out."""
    columns = {
        c: t for c, t in header.columns.items() if c not in mapped and t not in mapped.values()
    }
    columns |= {column: target for column, target in mapped.items() if target}
    duplicates = {c: t for c, t in header.duplicates.items() if c not in mapped}
    return replace(header, columns=dict(sorted(columns.items())), duplicates=duplicates)
