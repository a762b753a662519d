"""What goes wrong outside the rules: a full disk, a busy database, a file that is gone. In words to act on."""

import errno

from django.db import DatabaseError, OperationalError

BUSY = "系统正忙（正在入库或写入大量数据），本次没有保存。请稍候再试，已填的内容请勿关闭。"
FULL = "服务器磁盘空间不足，本次没有保存。请联系系统管理员清理后再试。"
MISSING = "文件已登记，但存储中找不到。请联系系统管理员核对文件存储（verify_files）。"
UNWRITABLE = "服务器无法写入文件，本次没有保存。请联系系统管理员检查存储目录的权限。"
AWAY = "数据库暂时连接不上，本次没有保存。请稍候再试；仍不成功时请联系系统管理员。"

#: What the two engines say when somebody else holds what is needed.
_WAITING = ("locked", "lock timeout", "deadlock", "canceling statement", "busy")
_DISK = ("disk is full", "no space left", "database or disk is full", "disk i/o error")


def explained(error: BaseException) -> str:
    """A sentence about a mishap a person or an operator can do something about; empty for a bug."""
    if isinstance(error, FileNotFoundError):
        return MISSING
    if isinstance(error, OSError):
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return FULL
        return UNWRITABLE if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS} else ""
    if isinstance(error, DatabaseError):
        said = str(error).lower()
        if any(words in said for words in _DISK):
            return FULL
        if isinstance(error, OperationalError):
            return BUSY if any(words in said for words in _WAITING) else AWAY
    return ""
