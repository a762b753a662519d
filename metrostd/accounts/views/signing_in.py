"""Signing in and out, a second step, activating an account with a code, choosing who one acts as."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.accounts import lockout, oidc, second_factor, services, sessions, tasks
from metrostd.accounts.authorship import SESSION_KEY
from metrostd.accounts.devices import give_name
from metrostd.accounts.doors import guess
from metrostd.accounts.forms.signing_in import ActivateForm, CodeForm, ForgottenForm, SignInForm
from metrostd.accounts.models import Membership, User
from metrostd.common import audit
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_datetime

_NEXT = "next_after_second_step"


def enter(request: HttpRequest, person: User, *, wanted: str = "") -> HttpResponse:
    """Let a person in whose factors were all right, and say when somebody last came in under the name."""
    before = sessions.begin(request, person)
    several = SESSION_KEY not in request.session
    to = wanted or reverse("accounts:choose" if several else "desk")
    response = redirect(to)
    lockout.remember_device(person, give_name(request, response))
    if before:
        where = f"，来自 {before.address}" if before.address else ""
        messages.info(
            request,
            f"上次登录：{cn_datetime(before.at)}{where}。不是您本人的，请立即修改密码。",
        )
    return response


def let_in(request: HttpRequest, person: User, *, wanted: str = "") -> HttpResponse:
    """In, or first to the second factor of whoever has one."""
    if not person.has_second_factor:
        return enter(request, person, wanted=wanted)
    sessions.ask_second_step(request, person)
    request.session[_NEXT] = wanted
    return redirect("accounts:second_step")


class SignIn(LoginView):
    """Sign in; a person with one capacity acts in it at once, others choose."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        person = cast("User", form.get_user())
        return let_in(self.request, person, wanted=self.get_redirect_url())

    def get_context_data(self, **kwargs: object) -> Context:
        """What other door there is."""
        name = settings.OIDC_NAME if oidc.is_on() else ""
        return super().get_context_data(**kwargs) | {"oidc_name": name}


@login_not_required
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator, after the password was right."""
    person = sessions.pending(request)
    if person is None:
        messages.info(request, "请先输入用户名和密码。")
        return redirect("accounts:sign_in")
    form = CodeForm(request.POST or None)

    def check() -> None:
        with guess(person.username, request):
            second_factor.check(person, form.cleaned_data["code"])

    tried = attempt(request, form, check)
    if tried.done:
        wanted = request.session.pop(_NEXT, "")
        request.session.pop(sessions.PENDING, None)
        return enter(request, person, wanted=wanted)
    return render(request, "accounts/second_step.html", {"form": form}, status=tried.status)


@login_not_required
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """A code from a slip, an office or a mail gives its holder a password of their own."""
    form = ActivateForm(request.POST or None, initial={"username": request.GET.get("u", "")[:150]})
    tried = attempt(request, form, lambda: _redeem(request, form))
    if not tried.done:
        return render(request, "accounts/activate.html", {"form": form}, status=tried.status)
    person: User = tried.made
    if person.has_second_factor:
        sessions.ask_second_step(request, person)
        return redirect("accounts:second_step")
    messages.success(request, "密码已设置，账户可以使用。")
    return enter(request, person)


def _redeem(request: HttpRequest, form: ActivateForm) -> User:
    """Use the code up for the new password; the rules are asked before, so that a weak one costs nothing."""
    name = form.cleaned_data["username"].strip()
    form.person = User.objects.filter(username__iexact=name).first()
    form.check_rules()
    with guess(name, request) as tried:
        person = services.redeem_for_password(
            form.person, form.cleaned_data["code"], form.cleaned_data["new_password1"]
        )
        tried.settles = not person.has_second_factor
    return person


@login_not_required
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """A code by mail, if the account has a verified address; the answer is the same for any name."""
    form = ForgottenForm(request.POST or None)
    tried = attempt(request, form, lambda: tasks.ask_for_reset(form.cleaned_data["username"]))
    if tried.done:
        messages.success(
            request,
            "如果这个账户登记了核实过的邮箱，几分钟内会收到一封带验证码的邮件，30分钟内有效。"
            "没有收到的，请由上级管理人员发放验证码。",
        )
        return redirect("accounts:activate")
    return render(request, "accounts/forgotten.html", {"form": form}, status=tried.status)


class SignOut(LogoutView):
    """Sign out, by POST only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        person = cast("User", request.user)
        audit.record(person, actor=person, action="account.sign_out", label="退出")
        sessions.ended(request)
        came = request.session.get(oidc.CAME) and oidc.is_on()
        answer = super().post(request, *args, **kwargs)
        return redirect("accounts:oidc_left") if came else answer


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
