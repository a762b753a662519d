"""A provider of identities on loopback: real HTTP, real signatures; a test says who comes and what is wrong with the token."""

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "portal", "only-for-tests"


@dataclass
class Provider:
    """Who signs in there, and how it behaves."""

    issuer: str = ""
    subject: str = "subject-1"
    #: Put into the token over what belongs there.
    claims: dict[str, object] = field(default_factory=dict)
    #: Answers instead of a code.
    error: str = ""
    #: Leave the id_token away; sign with another key; sign with a shared key; not at all.
    fault: str = ""
    slow: float = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    #: Who the provider says it is, when that is another.
    calls_itself: str = ""

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.fault == "none":
            return ".".join([*(_text(json.dumps(p)) for p in ({"alg": "none"}, claims)), ""])
        if self.fault == "shared":
            known = OctKey.import_key(json.dumps(self.key.as_dict(private=False)))
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, known, algorithms=["HS256"])
        key = RSAKey.generate_key(2048, {"kid": "one"}) if self.fault == "key" else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def _text(data: str | bytes) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class _Talk(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        provider = self.server.provider
        time.sleep(provider.slow)
        match parts.path:
            case "/.well-known/openid-configuration":
                at = provider.issuer
                self.answer(
                    {
                        "issuer": provider.calls_itself or at,
                        "authorization_endpoint": f"{at}/authorize",
                        "token_endpoint": f"{at}/token",
                        "jwks_uri": f"{at}/keys",
                        "end_session_endpoint": f"{at}/end",
                        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                    }
                )
            case "/keys":
                self.answer({"keys": [provider.key.as_dict(private=False)]})
            case "/authorize":
                self.authorize(asked)

    def authorize(self, asked: dict[str, str]) -> None:
        provider, code = self.server.provider, secrets.token_hex(8)
        provider.codes[code] = asked
        said = {"error": provider.error} if provider.error else {"code": code}
        self.send_response(302)
        self.send_header(
            "Location", f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked['state']})}"
        )
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        provider = self.server.provider
        asked = provider.codes.pop(sent["code"], None)
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proof = _text(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or self.headers["authorization"] != f"Basic {wanted}"
            or asked["code_challenge"] != proof
        ):
            self.answer({"error": "invalid_grant"}, status=400)
            return
        said = {"access_token": "x", "token_type": "Bearer"}
        if provider.fault != "nothing":
            said["id_token"] = provider.id_token(asked)
        self.answer(said)

    def answer(self, said: object, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    provider: Provider


@contextlib.contextmanager
def provider_running() -> Iterator[Provider]:
    """A provider for the time of the block."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.provider = Provider(issuer=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.provider
        finally:
            server.shutdown()
            thread.join()
