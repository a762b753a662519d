"""统一身份认证: signing in with what another house has verified (OpenID Connect Core 1.0, authorization code with PKCE).

Off unless ``OIDC_ISSUER`` is set. A token says who somebody is and nothing else: the key is (issuer, subject), linked
by the person after a sign-in here. No claim opens an account or gives a right, a mail address least of all; the second
factor is asked for as after a password.
"""

import time
from functools import lru_cache
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from authlib.integrations.django_client.apps import DjangoOAuth2App
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from metrostd.common import audit
from metrostd.common.actors import Actor

from .models import Identity, User
from .telling import tell_person

#: The way out and back takes no longer; then it begins anew.
WITHIN = 600
#: A password given for linking counts so long.
ASKED_WITHIN = 300
#: In the session: what the way out was for; whose password was just right; who signed in this way.
_TRIP, _ASKED, CAME = "oidc_trip", "oidc_asked", "oidc_came"
_SECONDS = 5
#: Signatures anybody can check with the provider's public keys, none that a shared or missing key could make.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class OidcError(Exception):
    """It did not work; the text is for the person."""


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


@lru_cache(maxsize=4)
def _registered(issuer: str, client_id: str, secret: str) -> DjangoOAuth2App:
    return OAuth().register(
        "oidc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "default_timeout": _SECONDS,
        },
    )


def _client() -> DjangoOAuth2App:
    """The provider, its metadata read and looked at. Raises OidcError."""
    if settings.SECURE_HTTPS and not settings.OIDC_ISSUER.startswith("https://"):
        raise OidcError("统一身份认证的地址须以 https:// 开头，请系统管理员检查 OIDC_ISSUER。")
    app = _registered(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    try:
        known = app.load_server_metadata()
    except (RequestException, ValueError) as error:
        raise OidcError(_AWAY) from error
    if known.get("issuer") != settings.OIDC_ISSUER:
        _registered.cache_clear()
        raise OidcError("统一身份认证的设置与对方不一致，请系统管理员检查 OIDC_ISSUER。")
    offered = known.get("id_token_signing_alg_values_supported", ["RS256"])
    known["id_token_signing_alg_values_supported"] = [a for a in offered if a in _ALGORITHMS]
    return app


_AWAY = "连不上统一身份认证，请稍后再试，或者用用户名和密码登录。"
_REFUSED = "统一身份认证没有通过，请重新登录。"


def way_out(request: HttpRequest, *, wanted: str = "") -> str:
    """The provider's page to send the person to; what comes back is taken from this browser alone. Raises OidcError."""
    app = _client()
    try:
        made = app.create_authorization_url(_back(), prompt="login" if _may_link(request) else None)
    except (RequestException, AuthlibBaseError) as error:
        raise OidcError(_AWAY) from error
    app.save_authorize_data(request, redirect_uri=_back(), **made)
    request.session[_TRIP] = {
        "state": made["state"],
        "at": int(time.time()),
        "wanted": wanted,
        "link": request.user.pk if _may_link(request) else None,
    }
    return str(made["url"])


def _back() -> str:
    return settings.PORTAL_URL + reverse("accounts:oidc_callback")


def may_link(request: HttpRequest) -> None:
    """The person has just given their password: an identity may be linked within some minutes."""
    request.session[_ASKED] = int(time.time())


def _may_link(request: HttpRequest) -> bool:
    asked = request.session.get(_ASKED, 0)
    return bool(request.user.is_authenticated and time.time() - asked < ASKED_WITHIN)


def trip_of(request: HttpRequest) -> dict[str, object]:
    """What the way out was for; it ends here, whatever comes of it. Raises OidcError when it is not this browser's."""
    trip = request.session.pop(_TRIP, None)
    if not trip or trip["state"] != request.GET.get("state") or time.time() - trip["at"] > WITHIN:
        raise OidcError("登录已过期，或者是在另一个浏览器开始的，请重新登录。")
    return dict(trip)


def subject_of(request: HttpRequest) -> str:
    """Who the provider says came back, after every check of its token. Raises OidcError."""
    app = _client()
    if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:  # RFC 9207
        raise OidcError(_REFUSED)
    if request.GET.get("error"):
        raise OidcError("统一身份认证没有完成，请重新登录。")
    expected = {
        "iss": {"essential": True, "values": [settings.OIDC_ISSUER]},
        "aud": {"essential": True, "values": [settings.OIDC_CLIENT_ID]},
        "sub": {"essential": True},
    }
    try:
        token = app.authorize_access_token(request, claims_options=expected)
    except RequestException as error:
        raise OidcError(_AWAY) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as error:
        raise OidcError(_REFUSED) from error
    # Without an id_token the library returns no claims and no error.
    claims = token.get("userinfo")
    subject = claims.get("sub") if claims else None
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise OidcError(_REFUSED)
    return subject


def person_of(subject: str) -> User:
    """The person who linked this identity and may sign in. Raises OidcError."""
    row = Identity.objects.filter(issuer=settings.OIDC_ISSUER, subject=subject).first()
    if row is None:
        raise OidcError(
            f"您的{settings.OIDC_NAME}还没有关联本系统的账户。请先用用户名和密码登录，再到“我的账户”关联。"
        )
    if not row.user.is_active:
        raise OidcError("这个账户已停用或者休眠，请联系上级管理人员。")
    audit.record(row.user, actor=row.user, action="account.oidc", label="统一身份认证通过")
    return row.user


@transaction.atomic
def link(person: User, subject: str) -> None:
    """From now on this identity is that person's. Raises OidcError when it is another's, or the person has one."""
    mine = Identity.objects.filter(user=person, issuer=settings.OIDC_ISSUER)
    if mine.exclude(subject=subject).exists():
        raise OidcError("已经关联了另一个身份，请先解除。")
    try:
        with transaction.atomic():
            _, made = Identity.objects.get_or_create(
                user=person, issuer=settings.OIDC_ISSUER, subject=subject
            )
    except IntegrityError as error:
        raise OidcError("这个身份已经关联了别的账户，请联系管理人员。") from error
    if made:
        audit.record(person, actor=person, action="account.link_identity", label="关联统一身份认证")
        tell_person(
            person,
            subject=f"账户已关联{settings.OIDC_NAME}",
            body="以后可以用它代替密码登录。不是您本人关联的，请立即解除并修改密码。",
        )


def is_linked(person: User) -> bool:
    return Identity.objects.filter(user=person, issuer=settings.OIDC_ISSUER).exists()


@transaction.atomic
def unlink(person: User, *, actor: Actor, note: str = "") -> None:
    """It signs nobody in any more. Raises ValidationError when there is none."""
    gone, _ = Identity.objects.filter(user=person).delete()
    if not gone:
        raise ValidationError("没有关联统一身份认证。")
    audit.record(
        person, actor=actor, action="account.unlink_identity", label="解除统一身份认证", note=note
    )


def way_to_sign_out() -> str:
    """The provider's page that ends its own session, or nothing where it has none or does not answer."""
    try:
        page = _client().load_server_metadata().get("end_session_endpoint", "")
    except OidcError:
        return ""
    said = {
        "client_id": settings.OIDC_CLIENT_ID,
        "post_logout_redirect_uri": settings.PORTAL_URL + reverse("accounts:sign_in"),
    }
    return f"{page}{'&' if '?' in page else '?'}{urlencode(said)}" if page else ""
