"""Whether every stored file still is what was stored."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from .models import StoredFile

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """A stored file that is missing, or whose bytes are not those that were stored."""

    pk: int
    name: str
    kind: str
    detail: str


def damaged_files() -> Iterator[Damage | None]:
    """For every stored file in turn what is wrong with it, or None."""
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=1000):
        yield _damage(stored)


def _damage(stored: StoredFile) -> Damage | None:
    name = stored.content.name or ""
    digest, size = hashlib.sha256(), 0
    try:
        with stored.content.storage.open(name) as source:
            while block := source.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except FileNotFoundError:
        return Damage(stored.pk, name, "missing", "文件不在存储中")
    except OSError as error:
        return Damage(stored.pk, name, "damaged", f"无法读取：{error.strerror or error}")
    if size != stored.size:
        return Damage(stored.pk, name, "damaged", f"应有 {stored.size} 字节，实有 {size} 字节")
    if digest.hexdigest() != stored.sha256:
        return Damage(stored.pk, name, "damaged", "内容与登记的 SHA-256 不符")
    return None
