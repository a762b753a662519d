"""The administration site: for those who act as system administrator, and nobody else."""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from metrostd.common.roles import Role
from metrostd.common.shapes import Context


class PortalAdminSite(AdminSite):
    """Rights come from the acting membership; staff and superuser flags mean nothing here."""

    site_header = site_title = "系统管理"
    index_title = "数据维护"
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.acting and user.acting.role == Role.SYSTEM_ADMIN)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        """There is one way in: the portal's own, which counts wrong passwords and leaves a trail."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied("数据维护由系统管理员办理。")
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(wanted, reverse("accounts:sign_in"))
