"""What goes wrong outside the rules: a full disk, a busy database, a file that is gone. In words to act on."""

import errno
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, DataError, OperationalError
from django.http.multipartparser import MultiPartParserError


@dataclass(frozen=True, slots=True)
class Mishap:
    """The status of the answer and the sentence in it."""

    status: int
    sentence: str


BUSY = Mishap(
    503, "系统正忙（正在入库或写入大量数据），本次没有保存。请稍候再试，已填的内容请勿关闭。"
)
FULL = Mishap(507, "服务器磁盘空间不足，本次没有保存。请联系系统管理员清理后再试。")
MISSING = Mishap(404, "文件已登记，但存储中找不到。请联系系统管理员核对文件存储。")
UNWRITABLE = Mishap(507, "服务器无法写入文件，本次没有保存。请联系系统管理员检查存储目录及其权限。")
AWAY = Mishap(503, "数据库暂时连接不上，本次没有保存。请稍候再试；仍不成功时请联系系统管理员。")
OUT_OF_RANGE = Mishap(400, "提交的数字超出范围，请刷新页面后再试。")
CUT = Mishap(400, "提交的内容没有传完整，系统没有做任何改动。请返回上一页，刷新后重新提交。")

#: What the two engines say when somebody else holds what is needed.
_WAITING = ("locked", "lock timeout", "deadlock", "canceling statement", "busy")
_DISK = ("disk is full", "no space left", "disk i/o error", "could not extend file")
_READ_ONLY = ("readonly", "read-only", "unable to open database file")
_RANGE = ("out of range", "too large", "overflow")


def explained(error: BaseException) -> Mishap | None:
    """What a person or an operator can do about an error; None for a bug."""
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _of_body(error)
    if isinstance(error, MultiPartParserError):
        return CUT
    if isinstance(error, FileNotFoundError):
        return MISSING
    if isinstance(error, OverflowError):
        return OUT_OF_RANGE
    if isinstance(error, OSError):
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return FULL
        return UNWRITABLE if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS} else None
    return _of_database(str(error).lower(), error) if isinstance(error, DatabaseError) else None


def _of_body(error: RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent) -> Mishap:
    """Which of the limits of one request it was; nothing of it has been looked at."""
    if isinstance(error, RequestDataTooBig):
        most = f"文字超过 {settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20} MB"
    elif isinstance(error, TooManyFieldsSent):
        most = f"填写项超过 {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} 个"
    else:
        most = f"文件超过 {settings.DATA_UPLOAD_MAX_NUMBER_FILES} 个"
    return Mishap(413, f"一次提交的{most}，没有保存。请返回上一页，减少后分次提交。")


def _of_database(said: str, error: DatabaseError) -> Mishap | None:
    if isinstance(error, DataError):
        return OUT_OF_RANGE if any(words in said for words in _RANGE) else None
    if any(words in said for words in _DISK):
        return FULL
    if any(words in said for words in _READ_ONLY):
        return UNWRITABLE
    if not isinstance(error, OperationalError):
        return None
    if any(words in said for words in _WAITING):
        return BUSY
    lost = any(words in said for words in ("connect", "server closed", "terminat", "shutting down"))
    return AWAY if lost else None
