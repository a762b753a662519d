"""Support desk for accounts: open one, close one, see who acts as what."""

import datetime as dt
from http import HTTPStatus

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from metrostd.common.admin import DeskAdmin, DeskInline, LookUpRights, person

from . import lockout
from .models import Membership, User
from .telling import tell_person


class MembershipInline(LookUpRights, DeskInline):
    """Looked at here; granted on the page of the person, where nobody grants themselves and a second person confirms."""

    model = Membership
    fk_name = "user"
    fields = ("role", "authority", "unit", "employer", "officer_cert_no", "is_active")


@admin.register(User)
class PortalUserAdmin(DeskAdmin, UserAdmin):
    list_display = ("username", "display_name", "state", "last_login")
    list_filter = ("state", "memberships__role")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("state", "last_login", "date_joined", "paused_until")
    actions = ("unlock",)
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("个人信息", {"fields": ("display_name",)}),
        ("状态", {"fields": ("state", "paused_until", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Whoever is added here has a password somebody else knows."""
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """A password set here is changed at the next sign-in."""
        response = super().user_change_password(request, id, form_url)
        if response.status_code == HTTPStatus.FOUND:
            User.objects.filter(pk=id).update(must_change_password=True)
            actor = person(request)
            tell_person(
                User.objects.get(pk=id),
                subject="您的密码已由系统管理员重新设置",
                body=f"由{actor}办理，只能用一次，登录后须改成自己的密码。不是您要求的，请立即核实。",
                sender=actor,
            )
        return response

    @admin.display(description="暂停登录至")
    def paused_until(self, person: User) -> dt.datetime | None:
        """Nobody is kept out of a device they use; elsewhere the name may have to wait."""
        return lockout.paused_until(person)

    @admin.action(description="解除登录暂停")
    def unlock(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let the chosen people try again at once; each of them has it in the trail."""
        actor = person(request)
        released = [user for user in people if lockout.unlock(user, actor=actor)]
        names = "、".join(map(str, released))
        self.message_user(
            request,
            f"已解除登录暂停：{names}。" if released else "所选人员没有登录失败的记录，无须解除。",
        )


@admin.register(Membership)
class MembershipAdmin(LookUpRights, DeskAdmin):
    """To look things up: rights are granted on the page of the person alone."""

    list_display = ("user", "role", "authority", "unit", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "authority", "unit")
    search_fields = ("user__username", "user__display_name", "unit__name", "authority__short_name")
    autocomplete_fields = ("user", "authority", "unit", "employer")
    readonly_fields = ("created_at",)
    filter_horizontal = ("fields",)
