"""Lists taken in and their rows: they go out, and come in by the import of lists only."""

import json

from import_export import fields, widgets

from metrostd.annex4.headers import TARGET_NAMES
from metrostd.registry.models import ImportBatch, ImportRow
from metrostd.registry.resources.base import RegisterResource, in_chinese


@in_chinese
class ImportBatchResource(RegisterResource):
    issuing_authority = fields.Field("issuing_authority__code", "发证部门代码")
    sha256 = fields.Field("file__sha256", "文件校验值（SHA-256）")
    created_at = fields.Field("created_at", "读取时间", widgets.DateTimeWidget("%Y-%m-%d %H:%M"))

    class Meta(RegisterResource.Meta):
        model = ImportBatch
        fields = (
            "id",
            "filename",
            "sha256",
            "category",
            "issuing_authority",
            "campaign_code",
            "state",
            "created_at",
        )


@in_chinese
class ImportRowResource(RegisterResource):
    """``content`` names every value with its cell, ``changes`` the old and the new ones."""

    batch = fields.Field("batch__filename", "文件名")
    sha256 = fields.Field("batch__file__sha256", "文件校验值（SHA-256）")
    unit = fields.Field("unit__name", "台账单位")
    standard = fields.Field("standard__name", "台账计量标准")
    content = fields.Field(column_name="内容及单元格")
    changes = fields.Field(column_name="新旧值")

    class Meta(RegisterResource.Meta):
        model = ImportRow
        fields = (
            "batch",
            "sha256",
            "sheet",
            "row_no",
            "change",
            "unit",
            "standard",
            "content",
            "changes",
        )

    def get_queryset(self):
        return ImportRow.objects.select_related("batch__file", "unit", "standard").order_by("pk")

    def dehydrate_content(self, row):
        parts = (
            f"{TARGET_NAMES[target]} {entry[1]}：{entry[0] or ''}"
            for target, entry in row.values.items()
        )
        return "；".join(parts)

    def dehydrate_changes(self, row):
        return json.dumps(row.differences, ensure_ascii=False) if row.differences else ""
