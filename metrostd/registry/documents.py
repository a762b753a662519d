"""Lists of the register as workbooks: exactly the rows and columns the screen shows."""

from collections.abc import Iterable

from metrostd.common.spreadsheet import Column, Sheet, workbook
from metrostd.common.templatetags.formats import mask_phone

from .models import MeasurementStandard, Unit

_UNIT_COLUMNS = (
    Column("单位名称", 34),
    Column("统一社会信用代码", 22),
    Column("单位类型", 20),
    Column("属地", 16),
    Column("计量标准", 10),
    Column("即将到期", 10),
    Column("已过有效期", 12),
    Column("联系人", 12),
    Column("联系电话", 16),
)
_STANDARD_COLUMNS = (
    Column("单位名称", 34),
    Column("属地", 14),
    Column("计量标准名称", 32),
    Column("计量标准类别", 26),
    Column("专业计量领域", 14),
    Column("考核证书号", 30),
    Column("发证部门", 16),
    Column("有效期至", 14),
    Column("证书状态", 16),
)


def unit_list(units: Iterable[Unit]) -> bytes:
    """An .xlsx of units; phones masked as on the screen."""
    rows = (
        (
            unit.name,
            unit.uscc,
            unit.get_unit_type_display(),
            str(unit.territorial_authority or ""),
            unit.standards_count,  # type: ignore[attr-defined]
            unit.expiring_count,  # type: ignore[attr-defined]
            unit.expired_count,  # type: ignore[attr-defined]
            unit.contact_name,
            mask_phone(unit.contact_phone),
        )
        for unit in units
    )
    return workbook([Sheet("建标单位", "建标单位台账", _UNIT_COLUMNS, rows)])


def standard_list(standards: Iterable[MeasurementStandard]) -> bytes:
    """An .xlsx of standards with their current certificates."""
    return workbook(
        [Sheet("计量标准", "计量标准台账", _STANDARD_COLUMNS, map(_standard, standards))]
    )


def _standard(standard: MeasurementStandard) -> tuple:
    certificate = standard.current[0] if standard.current else None  # type: ignore[attr-defined]
    return (
        standard.unit.name,
        str(standard.unit.territorial_authority or ""),
        standard.name,
        standard.get_category_display(),
        str(standard.field or ""),
        certificate.number if certificate else "",
        str(standard.issuing_authority),
        certificate.valid_until if certificate else None,
        certificate.get_state_display() if certificate else "",
    )
