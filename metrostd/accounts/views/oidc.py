"""统一身份认证: out to the provider and back, linking and unlinking, what to know after signing out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.accounts import oidc, policies
from metrostd.accounts.forms.signing_in import OwnPasswordForm
from metrostd.common.attempts import attempt
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require

from .own import ask_password
from .people import current, fetch
from .signing_in import let_in


def _only_when_on() -> None:
    if not oidc.is_on():
        raise Http404


@login_not_required
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """A link leads here and on to the provider; a form would be stopped by the content-security policy."""
    _only_when_on()
    wanted = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        wanted = ""
    try:
        return redirect(oidc.way_out(request, wanted=wanted))
    except oidc.OidcError as error:
        return _told(request, str(error))


@login_not_required
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider: link for whoever has just given a password, sign in for anybody else."""
    _only_when_on()
    try:
        trip = oidc.trip_of(request)
        subject = oidc.subject_of(request)
        if request.user.is_authenticated:
            return _linked(request, trip, subject)
        person = oidc.person_of(subject)
    except oidc.OidcError as error:
        return _told(request, str(error))
    request.session[oidc.CAME] = True
    return let_in(request, person, wanted=str(trip["wanted"]))


def _linked(request: HttpRequest, trip: dict[str, object], subject: str) -> HttpResponse:
    if trip["link"] != request.user.pk:
        raise oidc.OidcError("请在“我的账户”输入密码后再关联。")
    oidc.link(request.user, subject)  # type: ignore[arg-type]  # signed in, as was just asked
    messages.success(request, f"已关联{settings.OIDC_NAME}，以后可以用它登录。")
    return redirect("accounts:own")


def _told(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("accounts:own" if request.user.is_authenticated else "accounts:sign_in")


@require_http_methods(["GET", "POST"])
def link(request: PortalRequest) -> HttpResponse:
    """Ask for the password once more, then lead to the provider."""
    _only_when_on()
    form = OwnPasswordForm(request.POST or None)
    tried = attempt(request, form, lambda: ask_password(request, form.cleaned_data["password"]))
    if tried.done:
        oidc.may_link(request)
        return render(request, "accounts/oidc_link.html", {"name": settings.OIDC_NAME})
    context = {"form": form, "title": f"关联{settings.OIDC_NAME}"}
    return render(request, "accounts/ask_password.html", context, status=tried.status)


@require_POST
def unlink(request: PortalRequest) -> HttpResponse:
    """One's own, at once: it takes a way in away and gives none."""
    oidc.unlink(request.user, actor=request.user)
    messages.success(request, "已解除关联。")
    return redirect("accounts:own")


@require_POST
def unlink_other(request: PortalRequest, pk: int) -> HttpResponse:
    """Whoever manages the account takes the way in away."""
    row = fetch(request, pk)
    require(policies.can_manage(request.user, row, current(row)))
    oidc.unlink(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"已解除{row}的统一身份认证。")
    return go(request, row)


@login_not_required
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Signed out here; the provider may still know the person, and the next one at this machine."""
    _only_when_on()
    context = {"name": settings.OIDC_NAME, "way": oidc.way_to_sign_out()}
    return render(request, "accounts/oidc_left.html", context)
