"""Reading settings from the environment, or from files as container secrets arrive."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_email_url
from django.core.exceptions import ImproperlyConfigured

_BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def _raw(name: str) -> str | None:
    """The content of the file that NAME_FILE points at, else the value of NAME, else None."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from None


def text(name: str, default: str | None = None) -> str:
    """NAME as it is. Raises ImproperlyConfigured when it is not set and there is no default."""
    raw = _raw(name)
    value = default if raw is None else raw
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE).")
    return value


def flag(name: str, *, default: bool) -> bool:
    """NAME as a truth value; anything but the usual words is a configuration error."""
    raw = _raw(name)
    if raw is None:
        return default
    try:
        return _BOOLEANS[raw.strip().lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name}={raw!r} is neither true nor false.") from None


def number(name: str, *, default: int) -> int:
    """NAME as a whole number."""
    raw = _raw(name)
    if raw is None:
        return default
    try:
        return int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None


def words(name: str, *, default: str = "") -> list[str]:
    """NAME as a list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def mail(url: str) -> dict[str, object]:
    """A mail server from ``smtp://user:password@host:port/?tls=True&timeout=20``; what the address does not say is left
    out and stays as it is: above all the time-out, for without one a server that hangs holds a worker for ever."""
    said = dj_email_url.parse(url)
    return {k: v for k, v in said.items() if k.startswith("EMAIL") and v is not None}


def storage(url: str) -> dict:
    """An S3-compatible store from ``s3://key:secret@host:port/bucket`` (``s3+http`` for plain HTTP).

    Raises ImproperlyConfigured for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"s3", "s3+http"}:
        raise ImproperlyConfigured(
            f"STORAGE_URL scheme {parts.scheme!r} is neither s3 nor s3+http."
        )
    scheme = "http" if parts.scheme == "s3+http" else "https"
    host = parts.hostname or ""
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "bucket_name": parts.path.strip("/"),
            "endpoint_url": f"{scheme}://{host}:{parts.port}"
            if parts.port
            else f"{scheme}://{host}",
            "file_overwrite": False,
            "querystring_auth": True,
        },
    }
