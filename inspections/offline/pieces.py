"""Files of a device come in pieces, each as often as the network wants; whole they are one file."""

import hashlib
import uuid

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from inspections.models import LeasePiece, TaskLease
from metrostd.common.saves import only_once

#: A piece is at most this large, and a file has at most so many.
PIECE_BYTES = 1024 * 1024
MOST_PIECES = 400


class MissingError(Exception):
    """Parts that were declared are not here yet; ``parts`` names them. The device sends them again."""

    def __init__(self, parts: list[int] | list[str]) -> None:
        super().__init__("还有内容没有收到。")
        self.parts = parts


def keep(lease: TaskLease, *, upload: uuid.UUID, number: int, sha256: str, data: bytes) -> None:
    """Keep one piece; the same one again changes nothing.

    Raises ValidationError for a piece that is too large, was damaged on the way, or says something else
    than the one that came before under its number.
    """
    if not data or len(data) > PIECE_BYTES or not 0 <= number < MOST_PIECES:
        raise ValidationError("文件分片的大小不对，请重新添加这个文件。")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValidationError("文件分片在传输中损坏，将重新发送。")
    known = LeasePiece.objects.filter(upload=upload, number=number).first()
    if known:
        if known.sha256 != sha256 or known.lease_id != lease.pk:
            raise ValidationError("同一编号的文件分片内容不同，请重新添加这个文件。")
        return
    piece = LeasePiece(lease=lease, upload=upload, number=number, sha256=sha256)
    piece.content.save(f"{upload}-{number}", ContentFile(data), save=False)
    with only_once("这个文件分片正在另一个标签页发送。"):
        piece.save(force_insert=True)


def whole(
    lease: TaskLease, *, upload: uuid.UUID, pieces: int, sha256: str, name: str
) -> SimpleUploadedFile:
    """The file of all its pieces. Raises MissingError naming those not here, ValidationError for a wrong hash."""
    rows = {row.number: row for row in LeasePiece.objects.filter(lease=lease, upload=upload)}
    if missing := [number for number in range(pieces) if number not in rows]:
        raise MissingError(missing)
    data = b"".join(_read(rows[number]) for number in range(pieces))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValidationError("文件收齐后与设备上的内容不一致，请重新添加这个文件。")
    return SimpleUploadedFile(name, data)


def _read(piece: LeasePiece) -> bytes:
    with piece.content.open("rb") as file:
        return bytes(file.read())


def let_go(lease: TaskLease, upload: uuid.UUID | None = None) -> None:
    """A file is kept as evidence, or the lease is over: its pieces are not needed any more."""
    rows = lease.pieces.filter(upload=upload) if upload else lease.pieces.all()
    files = [row.content for row in rows]
    rows.delete()

    def remove() -> None:
        for file in files:
            file.delete(save=False)

    transaction.on_commit(remove)
