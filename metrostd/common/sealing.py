"""What is personal stays sealed in the database: it opens only with a key that is not kept there.

The first of ``FIELD_KEYS`` seals, all of them open, so that a key can be replaced: put the new one in front,
run ``manage.py reseal``, take the old one out. Without one the key follows from ``SECRET_KEY``.
"""

import base64
import hashlib
import hmac
import logging
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

log = logging.getLogger(__name__)


#: Columns that outlive a key, by their model: each app adds its own; codes and slips are over before.
_columns: dict[type[models.Model], tuple[str, ...]] = {}


def keep_sealed(model: type[models.Model], *columns: str) -> None:
    """Register what ``manage.py reseal`` seals anew."""
    _columns[model] = columns


def sealed_columns() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """Everything that is sealed and kept, by model."""
    return list(_columns.items())


def _key(secret: str) -> bytes:
    """A key of the right length from a secret of any."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"field:{secret}".encode()).digest())


@lru_cache(maxsize=4)
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _secrets() -> tuple[str, ...]:
    return tuple(settings.FIELD_KEYS) or (settings.SECRET_KEY,)


def seal(text: str) -> str:
    """The text as only a holder of the key reads it; nothing stays nothing."""
    return _box(_secrets()).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text again; empty, with a line in the log, when no key of ours opens it."""
    if not sealed:
        return ""
    try:
        return _box(_secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        log.error("A sealed value cannot be opened with any of FIELD_KEYS.")
        return ""


def seal_bytes(content: bytes) -> bytes:
    """The same for a file."""
    return _box(_secrets()).encrypt(content)


def unseal_bytes(content: bytes) -> bytes:
    """The file again. Raises InvalidToken when no key of ours opens it."""
    return _box(_secrets()).decrypt(content)


def resealed(sealed: str) -> str:
    """The same text under the first key. Raises InvalidToken when none opens it."""
    return _box(_secrets()).rotate(sealed.encode()).decode() if sealed else ""


def fingerprint(purpose: str, text: str) -> str:
    """A keyed digest: tells whether a text is the same, and nothing about it."""
    key = f"{purpose}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def keys_for(purpose: str, owner: str) -> list[bytes]:
    """Keys of 256 bits that follow from ours for this purpose and owner: the one to seal with, then those that may open."""
    told = f"{purpose}:{owner}".encode()
    return [hmac.new(_key(secret), told, hashlib.sha256).digest() for secret in _secrets()]
