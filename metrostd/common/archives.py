"""Files packed together, each under its place, with a list of what is there and what is not.

Every file is hashed as it is packed and compared with what was registered when it was kept; the list
says so, and ``SHA256SUMS`` lets anybody check it again without the portal.
"""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from django.utils import timezone

from .models import StoredFile
from .press import Wanted
from .shapes import CellValue
from .spreadsheet import Column, Sheet, write_workbook
from .uploads import named_as

_LIST, _SUMS = "清单.xlsx", "SHA256SUMS"
_BLOCK = 1 << 20
_COLUMNS = (Column("文件", 60), Column("字节数", 12), Column("SHA-256", 68), Column("说明", 28))
#: What no file system takes in a name.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Member:
    """A file with its folders and name, and the cells of the list that say what it is; None: not there yet."""

    folders: tuple[str, ...]
    name: str
    file: StoredFile | None
    said: tuple[CellValue, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """What is packed: the title and first columns of the list, and the members, read when they are packed."""

    title: str
    columns: Sequence[Column]
    count: Callable[[], int]
    members: Callable[[], Iterable[Member]]
    #: Papers that are not made yet: laid out before anything is packed.
    missing: Callable[[], Iterable[Wanted]] = tuple


def write_archive(out: IO[bytes], archive: Archive, *, told: Callable[[int], None]) -> int:
    """Write the .zip file; returns how many files are in it. ``told`` hears how many were packed so far."""
    rows: list[tuple[CellValue, ...]] = []
    sums: list[str] = []
    taken: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for member in archive.members():
            place = _place(member, taken) if member.file else ""
            size, digest, note = _packed(packed, place, member.file)
            rows.append((*member.said, place if digest else "", size, digest, note))
            if digest:
                sums.append(f"{digest}  {place}\n")
                told(len(sums))
        columns = [Column("序号", 8), *archive.columns, *_COLUMNS]
        numbered = ((number, *row) for number, row in enumerate(rows, 1))
        with tempfile.TemporaryFile() as listed:
            write_workbook(listed, [Sheet("清单", archive.title, columns, numbered)])
            listed.seek(0)
            packed.writestr(_LIST, listed.read(), zipfile.ZIP_DEFLATED)
        packed.writestr(_SUMS, "".join(sums))
    return len(sums)


def _packed(
    packed: zipfile.ZipFile, place: str, file: StoredFile | None
) -> tuple[int | None, str, str]:
    """Size and digest of what was packed, and what the list has to say about it."""
    if file is None:
        return None, "", "还没有生成"
    try:
        content = file.content.open("rb")
    except FileNotFoundError:
        return None, "", "文件缺失，请联系系统管理员"
    kept = timezone.localtime(file.created_at)
    about = zipfile.ZipInfo(place, kept.timetuple()[:6])
    size, digest = 0, hashlib.sha256()
    with content, packed.open(about, "w", force_zip64=True) as into:
        while block := content.read(_BLOCK):
            size += len(block)
            digest.update(block)
            into.write(block)
    same = digest.hexdigest() == file.sha256
    return size, digest.hexdigest(), "" if same else "与归档时的内容不一致，请联系系统管理员"


def _place(member: Member, taken: set[str]) -> str:
    """A path that is there once, whatever the names hold."""
    folders = "/".join(_clean(folder) for folder in member.folders)
    file = member.file
    name = named_as(_clean(member.name), file.media_type if file else "")
    stem, dot, suffix = name.rpartition(".")
    place, again = f"{folders}/{name}", 1
    while place in taken:
        again += 1
        place = f"{folders}/{stem}（{again}）{dot}{suffix}"
    taken.add(place)
    return place


def _clean(name: str) -> str:
    return _FORBIDDEN.sub("_", name).strip(" .")[:_LONGEST] or "_"
