"""The administration site: for those who act as system administrator, and nobody else."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from .enums import Role


class PortalAdminSite(AdminSite):
    """Rights come from the acting membership; staff and superuser flags mean nothing here."""

    site_header = site_title = "系统管理"
    index_title = "数据维护"
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.acting and user.acting.role == Role.SYSTEM_ADMIN)
