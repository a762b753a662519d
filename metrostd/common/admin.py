"""What every admin page of the support desk shares: rights come from the site, changes leave a trail."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from . import audit


class DeskAdmin(admin.ModelAdmin):
    """Whoever the site lets in may see and edit; nothing is deleted here, and states never change here."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        audit.record(obj, actor=request.user, action="admin.add", label="管理端新增")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        audit.record(
            obj,
            actor=request.user,
            action="admin.change",
            label="管理端修改",
            note=self.construct_note(message),
        )
        return super().log_change(request, obj, message)

    def construct_note(self, message: Any) -> str:
        """The labels of the fields that changed, for the trail."""
        parts = message if isinstance(message, list) else []
        changed = [name for part in parts for name in part.get("changed", {}).get("fields", ())]
        return "、".join(map(str, changed))


class ReadOnlyAdmin(DeskAdmin):
    """To look things up; the screens write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
