"""Lists and their rows on the support desk: to look at and to export."""

from django.contrib import admin

from metrostd.common.admin import ExportAdmin
from metrostd.registry.models import ImportBatch, ImportRow

from .resources import ImportBatchResource, ImportRowResource


@admin.register(ImportBatch)
class ImportBatchAdmin(ExportAdmin):
    resource_classes = (ImportBatchResource,)
    list_display = ("filename", "category", "issuing_authority", "state", "created_at")
    list_select_related = ("issuing_authority",)
    list_filter = ("state", "category")
    search_fields = ("filename",)


@admin.register(ImportRow)
class ImportRowAdmin(ExportAdmin):
    resource_classes = (ImportRowResource,)
    list_display = ("batch", "sheet", "row_no", "change", "unit", "standard")
    list_select_related = ("batch", "unit", "standard")
    list_filter = ("change",)
    search_fields = ("batch__filename", "unit__name")
