"""Signing in and out, changing the password, choosing who one acts as."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.http import PortalRequest, go

from . import lockout
from .devices import give_name
from .forms import PasswordForm, SignInForm
from .middleware import SESSION_KEY
from .models import Membership


class SignIn(LoginView):
    """Sign in; a person with one capacity acts in it at once, others choose."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        own = list(user.memberships.active().select_related("authority", "unit")[:2])
        if len(own) == 1:
            self.request.session[SESSION_KEY] = own[0].pk
            user.act_as(own[0])
        lockout.remember_device(user, give_name(self.request, response))
        audit.record(user, actor=user, action="account.sign_in", label="登录")
        if len(own) != 1 and not self.get_redirect_url():
            response.headers["Location"] = reverse("accounts:choose")
        return response


class SignOut(LogoutView):
    """Sign out, by POST only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        person = cast("Actor", request.user)
        audit.record(person, actor=person, action="account.sign_out", label="退出")
        return super().post(request, *args, **kwargs)


class ChangePassword(PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("desk")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        person = cast("Actor", self.request.user)
        audit.record(person, actor=person, action="account.change_password", label="修改密码")
        messages.success(self.request, "密码已修改，下次登录请用新密码。")
        return response


@require_safe
def choose(request: PortalRequest) -> HttpResponse:
    """The capacities a person may act in."""
    rows = Membership.objects.active().filter(user=request.user)
    rows = rows.select_related("authority", "unit").order_by("pk")
    return render(request, "accounts/choose.html", {"memberships": rows})


@require_POST
def act(request: PortalRequest, pk: int) -> HttpResponse:
    """Take on one of one's own capacities; rights and scope change with the next page."""
    rows = Membership.objects.active().filter(user=request.user)
    membership = get_object_or_404(rows.select_related("authority", "unit"), pk=pk)
    request.session[SESSION_KEY] = membership.pk
    request.user.act_as(membership)
    audit.record(membership, actor=request.user, action="account.act_as", label="切换身份")
    return go(request, reverse("desk"))
