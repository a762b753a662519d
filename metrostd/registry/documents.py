"""Lists of the register as sheets of a workbook: the rows the screen shows, in columns the list import reads.

Importing an export changes nothing: what the import would take for something else has a title it does
not know, and what is not shown in full (phones) it does not take.
"""

from collections.abc import Iterable

from metrostd.common.spreadsheet import Column, Sheet
from metrostd.common.templatetags.formats import local_day, mask_phone

from .models import ChangeRecord, MeasurementStandard, Unit

_UNIT_COLUMNS = (
    Column("单位名称", 34),
    Column("统一社会信用代码", 22),
    Column("单位类型", 20),
    Column("属地", 16),
    Column("计量标准项数", 12),
    Column("即将到期", 10),
    Column("已过有效期", 12),
    Column("联系人", 12),
    Column("联系电话", 16),
)
_STANDARD_COLUMNS = (
    Column("单位名称", 34),
    Column("统一社会信用代码", 22),
    Column("属地", 14),
    Column("计量标准名称", 32),
    Column("计量标准代码", 14),
    Column("计量标准类别", 26),
    Column("专业计量领域", 14),
    Column("考核证书号", 30),
    Column("发证部门", 16),
    Column("发证日期", 14),
    Column("有效期至", 14),
    Column("证书状态", 16),
    Column("测量范围", 30),
    Column("不确定度或准确度等级或最大允许误差", 36),
    Column("保存地点", 24),
    Column("计量标准负责人", 16),
)
_CHANGE_COLUMNS = (
    Column("编号", 24),
    Column("事项", 16),
    Column("单位名称", 34),
    Column("属地", 14),
    Column("计量标准名称", 32),
    Column("主持考核部门", 16),
    Column("提交日期", 14),
    Column("决定日期", 14),
    Column("停用日期起", 14),
    Column("停用日期止", 14),
    Column("状态", 12),
)


def unit_list(units: Iterable[Unit]) -> Sheet:
    """Units; phones masked as on the screen."""
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
    return Sheet("建标单位", "建标单位台账", _UNIT_COLUMNS, rows)


def standard_list(standards: Iterable[MeasurementStandard]) -> Sheet:
    """Standards with their current certificates."""
    return Sheet("计量标准", "计量标准台账", _STANDARD_COLUMNS, map(_standard, standards))


def change_list(records: Iterable[ChangeRecord]) -> Sheet:
    """Applications for replacing, sealing, withdrawing and resuming."""
    rows = (
        (
            record.number,
            record.get_kind_display(),
            record.standard.unit.name,
            str(record.standard.unit.territorial_authority or ""),
            record.standard.name,
            str(record.standard.hosting_authority),
            local_day(record.submitted_at) if record.submitted_at else None,
            record.decided_on,
            record.stop_from,
            record.stop_until,
            record.get_state_display(),
        )
        for record in records
    )
    return Sheet("变更与封存", "计量标准更换、封存与撤销", _CHANGE_COLUMNS, rows)


def _standard(standard: MeasurementStandard) -> tuple:
    certificate = standard.current[0] if standard.current else None  # type: ignore[attr-defined]
    return (
        standard.unit.name,
        standard.unit.uscc,
        str(standard.unit.territorial_authority or ""),
        standard.name,
        standard.jjf1022_code,
        standard.get_category_display(),
        str(standard.field or ""),
        certificate.number if certificate else "",
        str(standard.issuing_authority),
        certificate.issue_date if certificate else None,
        certificate.valid_until if certificate else None,
        certificate.get_state_display() if certificate else "",
        standard.measuring_range,
        standard.performance,
        standard.storage_place,
        standard.responsible_person,
    )
