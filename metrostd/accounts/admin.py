"""Support desk for accounts: open one, close one, see who acts as what."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from metrostd.common.admin import DeskAdmin, DeskInline

from .models import Membership, User


class MembershipInline(DeskInline):
    model = Membership
    fields = ("role", "authority", "unit", "employer", "officer_cert_no", "is_active")
    autocomplete_fields = ("authority", "unit", "employer")


@admin.register(User)
class PortalUserAdmin(DeskAdmin, UserAdmin):
    list_display = ("username", "display_name", "phone", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("username", "display_name", "phone")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("个人信息", {"fields": ("display_name", "phone", "email")}),
        ("状态", {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "phone", "password1", "password2")}),
    )


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    list_display = ("user", "role", "authority", "unit", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "authority", "unit")
    search_fields = ("user__username", "user__display_name", "unit__name", "authority__short_name")
    autocomplete_fields = ("user", "authority", "unit", "employer")
    readonly_fields = ("created_at",)
    filter_horizontal = ("fields",)
