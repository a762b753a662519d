"""Work belongs to whom its page was written for, whoever is signed in by the time it arrives.

A page names its person and membership once (``<meta name="written-for">``) and its scripts send that with
everything they post: as a header in the background, as a field of a form. On a shared tablet a session ends,
a colleague signs in in another tab, and what the first one typed arrives in the colleague's session: it is
refused here, for every view alike, and stays where it was typed.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from .models import Membership

#: Which membership acts, in the session.
SESSION_KEY = "acting_membership"
HEADER, FIELD = "X-Written-For", "written_for"
#: Says to scripts who is signed in now, so that a form is not even sent; proves nothing to the portal.
COOKIE = "signed_in_as"
#: Who signs in or out or takes on another membership says so; these pages are nobody's work.
ANYBODYS = frozenset(
    {
        "accounts:sign_in",
        "accounts:sign_out",
        "accounts:second_step",
        "accounts:activate",
        "accounts:forgotten",
        "accounts:act",
    }
)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody else is signed in, or the same person acts as somebody else."""

    now: str
    advice: str

    @property
    def sentence(self) -> str:
        return f"{self.now}，{self.advice}"


def written_for(request: HttpRequest) -> str:
    """The person and the membership a page of this request is written for; empty without a sign-in."""
    if not request.user.is_authenticated:
        return ""
    return f"{request.user.pk}.{request.session.get(SESSION_KEY) or 0}"


def stranger(request: HttpRequest) -> Stranger | None:
    """Why a request is not the work of who is signed in; None when it is, or when no page names anybody."""
    if request.method in ("GET", "HEAD", "OPTIONS") or not request.user.is_authenticated:
        return None
    if request.resolver_match and request.resolver_match.view_name in ANYBODYS:
        return None
    claimed = request.headers.get(HEADER) or request.POST.get(FIELD, "")
    if not claimed or claimed == written_for(request):
        return None
    person, _, membership = claimed.partition(".")
    if person != str(request.user.pk):
        return Stranger(
            f"现在登录的是{request.user}",
            "本页是另一账户打开的，没有保存。请由填写人重新登录后再保存；填写的内容留在原页面和本机，不会记到别人名下。",
        )
    return Stranger(
        f"现在的身份是“{_label(request, str(request.session.get(SESSION_KEY) or ''))}”",
        f"本页是以“{_label(request, membership)}”身份打开的，没有保存。请先切换回原来的身份；填写的内容留在原页面和本机。",
    )


def _label(request: HttpRequest, pk: str) -> str:
    """One of the person's own memberships in words."""
    own = Membership.objects.filter(user=request.user.pk).select_related("authority", "unit")
    found = own.filter(pk=pk).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
    return found.label if found else "尚未选择"
