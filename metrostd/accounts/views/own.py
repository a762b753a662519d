"""One's own account: password, second factor, sessions, addresses."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.accounts import letters, oidc, policies, second_factor, services, sessions
from metrostd.accounts.doors import guess
from metrostd.accounts.forms.own import AddressForm, MailCodeForm, PhoneCodeForm
from metrostd.accounts.forms.signing_in import ConfirmForm, OwnPasswordForm, PasswordForm
from metrostd.accounts.models import Membership, RecoveryCode, SignedIn, User
from metrostd.common.attempts import attempt
from metrostd.common.forms import LaidForm
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require


@require_safe
def own(request: PortalRequest) -> HttpResponse:
    """What belongs to one's account, on one page."""
    person = request.user
    rows = Membership.objects.active().filter(user=person).select_related("authority", "unit")
    context = {
        "person": person,
        "memberships": rows.order_by("pk"),
        "sessions": sessions.live_of(person),
        "session_key": request.session.session_key,
        "recovery_left": RecoveryCode.objects.filter(user=person, used_at=None).count(),
        "mail_form": MailCodeForm(),
        "phone_form": PhoneCodeForm(),
        "can_text": policies.can_prove_phone(person),
        "required": _required(person),
        "oidc_name": settings.OIDC_NAME if oidc.is_on() else "",
        "linked": oidc.is_on() and oidc.is_linked(person),
    }
    return render(request, "accounts/own.html", context)


def _required(person: User) -> bool:
    """Whether the second factor may not be switched off."""
    kept = person.has_second_factor
    person.has_second_factor = False
    needed = second_factor.must_have(person)
    person.has_second_factor = kept
    return needed


@require_http_methods(["GET", "POST"])
def password(request: PortalRequest) -> HttpResponse:
    """Change one's own password; the other sessions end, this one goes on."""
    person = request.user
    form = PasswordForm(request.POST or None, person=person)

    def change() -> None:
        ask_password(request, form.cleaned_data["old_password"], field="old_password")
        form.check_rules()
        services.change_own_password(
            person,
            form.cleaned_data["new_password1"],
            session_key=request.session.session_key or "",
        )

    tried = attempt(request, form, change)
    if tried.done:
        update_session_auth_hash(request, person)
        _keep_row(request, person)
        messages.success(request, "密码已修改，下次登录请用新密码。其他地方的登录已经退出。")
        return redirect("desk")
    forced = person.must_change_password
    template = "accounts/password_first.html" if forced else "accounts/password.html"
    return render(request, template, {"form": form}, status=tried.status)


def _keep_row(request: PortalRequest, person: User) -> None:
    """The session got a new key; its row follows."""
    key = request.session.session_key or ""
    if not SignedIn.objects.filter(session_key=key).exists():
        last = SignedIn.objects.filter(user=person, ended_at=None).order_by("-pk").first()
        if last:
            SignedIn.objects.filter(pk=last.pk).update(session_key=key)


def ask_password(request: PortalRequest, typed: str, *, field: str = "password") -> None:
    """Raises ValidationError unless it is the person's own; a wrong one counts in the lock."""
    with guess(request.user.username, request):
        if not request.user.check_password(typed):
            raise ValidationError({field: "密码不正确。"})


@require_safe
def second_factor_page(request: PortalRequest) -> HttpResponse:
    """Switch the second factor on, or see that it is."""
    return _second_factor_page(request, ConfirmForm())


def _second_factor_page(
    request: PortalRequest, form: ConfirmForm, *, status: int = 200
) -> HttpResponse:
    person = request.user
    if person.has_second_factor:
        return redirect("accounts:own")
    context = {
        "enrolment": second_factor.enrolment(person),
        "form": form,
        "forced": second_factor.must_have(person),
    }
    return render(request, "accounts/second_factor.html", context, status=status)


@require_POST
def second_factor_confirm(request: PortalRequest) -> HttpResponse:
    """The first right code switches it on and shows the recovery codes."""
    form = ConfirmForm(request.POST)

    def confirm() -> list[str]:
        with guess(request.user.username, request):
            return second_factor.confirm(request.user, form.cleaned_data["code"])

    tried = attempt(request, form, confirm)
    if not tried.done:
        return _second_factor_page(request, form, status=tried.status)
    return render(request, "accounts/recovery_codes.html", {"codes": tried.made})


@require_http_methods(["GET", "POST"])
def recovery_codes(request: PortalRequest) -> HttpResponse:
    """New recovery codes instead of the old ones, for one's own password."""
    form = OwnPasswordForm(request.POST or None)

    def renew() -> list[str]:
        ask_password(request, form.cleaned_data["password"])
        return second_factor.renew_recovery_codes(request.user)

    tried = attempt(request, form, renew)
    if tried.done:
        return render(request, "accounts/recovery_codes.html", {"codes": tried.made})
    return _ask(request, form, "重新生成恢复码", tried.status)


@require_http_methods(["GET", "POST"])
def second_factor_off(request: PortalRequest) -> HttpResponse:
    """Do without it again, where nothing asks for it."""
    form = OwnPasswordForm(request.POST or None)

    def switch_off() -> None:
        if _required(request.user):
            raise ValidationError(
                "市场监管部门的账户须使用动态口令，不能关闭。换手机时请先关闭再启用由上级办理。"
            )
        ask_password(request, form.cleaned_data["password"])
        second_factor.clear(request.user, actor=request.user)

    tried = attempt(request, form, switch_off)
    if tried.done:
        messages.success(request, "动态口令已关闭，登录只需密码。")
        return redirect("accounts:own")
    return _ask(request, form, "关闭动态口令", tried.status)


def _ask(request: PortalRequest, form: OwnPasswordForm, title: str, status: int) -> HttpResponse:
    return render(request, "accounts/ask_password.html", {"form": form, "title": title}, status=status)  # fmt: skip


@require_POST
def close_session(request: PortalRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions elsewhere."""
    row = get_object_or_404(SignedIn, pk=pk, user=request.user, ended_at=None)
    sessions.close([row], actor=request.user, note=f"{row.browser} {row.address or ''}".strip())
    messages.success(request, "已退出该处的登录。")
    return go(request, "accounts:own")


@require_POST
def close_others(request: PortalRequest) -> HttpResponse:
    """End all of one's own sessions but this."""
    ended = sessions.close_all(
        request.user, actor=request.user, but=request.session.session_key or ""
    )
    messages.success(request, f"已退出其他 {ended} 处登录。")
    return go(request, "accounts:own")


@require_http_methods(["GET", "POST"])
def addresses(request: PortalRequest) -> HttpResponse:
    """One's mobile number and mail address; a new mail address gets a code at once."""
    person = request.user
    initial = {"phone": person.phone, "email": person.email}
    form = AddressForm(request.POST or None, initial=initial)
    tried = attempt(
        request,
        form,
        lambda: services.set_addresses(person, actor=person, **form.cleaned_data),
    )
    if tried.done:
        if "邮箱" in tried.made and person.email:
            letters.check_address(person)
            messages.success(request, "已保存。邮箱的验证码已经发出，请在下面填写。")
        else:
            messages.success(request, "已保存。")
        return redirect("accounts:own")
    return render(request, "accounts/addresses.html", {"form": form}, status=tried.status)


@require_POST
def send_mail_code(request: PortalRequest) -> HttpResponse:
    """The code once more; not twice within two minutes."""
    letters.check_address(request.user)
    messages.success(request, "验证码已经发出，30分钟内有效；两分钟内只发一次。")
    return redirect("accounts:own")


@require_POST
def send_phone_code(request: PortalRequest) -> HttpResponse:
    """A code to the mobile number on record; not twice within two minutes."""
    require(policies.can_prove_phone(request.user))
    letters.check_phone(request.user)
    messages.success(request, "短信验证码已经发出，30分钟内有效；两分钟内只发一次。")
    return redirect("accounts:own")


@require_POST
def prove_phone(request: PortalRequest) -> HttpResponse:
    """The code of the short message proves the number."""
    form = PhoneCodeForm(request.POST)
    return _proved(request, form, services.prove_phone, "手机已核实。")


@require_POST
def prove_mail(request: PortalRequest) -> HttpResponse:
    """The code of the mail proves the address."""
    form = MailCodeForm(request.POST)
    return _proved(request, form, services.prove_mail, "邮箱已核实，忘记密码时可以用它重设。")


def _proved(
    request: PortalRequest, form: LaidForm, prove: Callable[[User, str], None], said: str
) -> HttpResponse:
    def act() -> None:
        with guess(request.user.username, request):
            prove(request.user, form.cleaned_data["code"])

    tried = attempt(request, form, act)
    if tried.done:
        messages.success(request, said)
    else:
        messages.error(
            request, "；".join(str(each) for row in form.errors.values() for each in row)
        )
    return redirect("accounts:own")
