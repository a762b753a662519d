"""Lists as offices send them, small enough to read in a test."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

HEADERS = (
    "序号", "所属区", "单位名称", "统一社会信用代码", "单位地址", "联系人", "联系电话",
    "计量标准名称", "计量标准代码", "计量标准考核证书号", "发证日期", "有效期至", "保存地点",
)  # fmt: skip
CODES = ("91120116MA0TE5T16U", "91120111MA05XY127C", "911201101030000119")


def row(number: int = 1, **changes: Any) -> list[Any]:
    """One valid line; keyword arguments are column titles."""
    values = dict(
        zip(
            HEADERS,
            (
                number,
                "西青区",
                f"天津示例{number}号仪器有限公司",
                CODES[(number - 1) % 3] if number <= 3 else "",
                f"天津市西青区示例路{number}号",
                "示例人",
                f"1380000{number:04d}",
                "示例压力表检定装置",
                "12010100",
                f"〔2018〕津量标企证字第{number:03d}号",
                "2018-06-01",
                "2023-05-31",
                f"计量室{number}",
            ),
            strict=True,
        )
    )
    return list({**values, **changes}.values())


def sheet(*rows: Sequence[Any], headers: Sequence[str] = HEADERS, title: str = "名单") -> bytes:
    """An .xlsx with a title row, a header and these rows: headers stand in row 2, data from row 3."""
    book = Workbook()
    page = book.active
    page.title = title
    page.append(["市级办理的企业最高等级计量标准的单位名单"])
    page.append(list(headers))
    for values in rows:
        page.append(list(values))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
