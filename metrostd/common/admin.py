"""What every admin page of the support desk shares: rights come from the site, changes leave a trail."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import flatten
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from import_export.admin import ExportMixin, ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX, Format
from import_export.forms import ExportForm
from import_export.results import Result, RowResult
from tablib import Dataset

from . import audit
from .actors import Actor
from .encodings import decode

#: What Django says of a change: in words, or as parts that name the fields.
_Message = str | list[dict[str, dict[str, list[str]]]]


def person(request: HttpRequest) -> Actor:
    """Who is at the support desk: the site lets nobody in who has not signed in."""
    return cast("Actor", request.user)


class DeskRights:
    """Whoever the site lets in may see and edit, on a page or in a table on it; nothing is deleted."""

    admin_site: AdminSite

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class LookUpRights(DeskRights):
    """To look things up; the screens write."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class DeskAdmin(DeskRights, admin.ModelAdmin):
    """States never change here."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    # Any: an admin class is for any table; which columns there are only the record knows
    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """A form somebody has open elsewhere learns that the record is newer."""
        if change and hasattr(obj, "version"):
            obj.version += 1
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: _Message) -> LogEntry:
        audit.record(obj, actor=person(request), action="admin.add", label="管理端新增")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: _Message) -> LogEntry:
        audit.record(
            obj,
            actor=person(request),
            action="admin.change",
            label="管理端修改",
            note=self.construct_note(message),
        )
        return super().log_change(request, obj, message)

    def construct_note(self, message: _Message) -> str:
        """The labels of the fields that changed, for the trail."""
        parts = message if isinstance(message, list) else []
        changed = [name for part in parts for name in part.get("changed", {}).get("fields", ())]
        return "、".join(map(str, changed))


class DeskInline(DeskRights, admin.TabularInline):
    extra = 0


class LookUpInline(LookUpRights, admin.TabularInline):
    """Says in ``fields`` what is shown."""

    extra = 0

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        return tuple(flatten(self.fields or ()))


UNREADABLE = "文件无法读取。请核对所选格式与文件是否一致，或用 Excel、WPS 另存后再导入。"


class ChineseCSV(CSV):
    """Tables as Excel and WPS save them on Chinese machines: GB18030, UTF-16 or UTF-8."""

    def get_title(self) -> str:
        return "csv"

    def is_binary(self) -> bool:
        """The library would decode as UTF-8 before asking; bytes it leaves alone."""
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes | str, **kwargs: object) -> Dataset:
        if isinstance(in_stream, str):
            return super().create_dataset(in_stream, **kwargs)
        if (decoded := decode(in_stream)) is None:
            raise ValidationError(
                "文件的字符编码无法识别。请用 Excel 或 WPS 打开，另存为 .xlsx 或“CSV UTF-8”后再导入。"
            )
        return super().create_dataset(decoded[0], **kwargs)

    def export_data(self, dataset: Dataset, **kwargs: object) -> bytes:
        text: str = super().export_data(dataset, **kwargs)
        return text.encode("utf-8-sig")


class Exported(ExportMixin):
    """Whoever takes a table out is noted."""

    formats = (XLSX, ChineseCSV)
    export_form_class = ExportForm

    def get_export_data(
        self, file_format: Format, request: HttpRequest, queryset: QuerySet, **kwargs: object
    ) -> bytes | str:
        what = f"管理端导出 {self.model._meta.verbose_name}"
        audit.record_access(actor=person(request), kind="export", what=what)
        return super().get_export_data(file_format, request, queryset, **kwargs)


class ExportAdmin(LookUpRights, Exported, DeskAdmin):
    """To look things up and to take them out."""


class TableAdmin(Exported, ImportExportMixin, DeskAdmin):
    """Imports leave a trail like every other change."""

    skip_admin_log = True

    def add_data_read_fail_error_to_form(self, form: Form, error: Exception) -> None:
        """Say in Chinese what is wrong with a file; the library tells the name of the exception."""
        said = error.messages if isinstance(error, ValidationError) else [UNREADABLE]
        form.add_error("import_file", said)

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        changed = {RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE}
        pks = [row.object_id for row in result if row.import_type in changed]
        rows = self.model._base_manager.filter(pk__in=pks)
        audit.record_many(rows, actor=person(request), action="admin.import", label="管理端导入")
        self.after_import(request, rows)
        return super().process_result(result, request)

    def after_import(self, request: HttpRequest, rows: QuerySet) -> None:
        """What follows from the rows (a queryset) that a table has made or changed."""


class LookUpTableAdmin(LookUpRights, TableAdmin):
    """Tables to look things up in, to import and to export; single records the screens write."""
