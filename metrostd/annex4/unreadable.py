"""The one exception for a file whose cells cannot be read at all."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError

UNREADABLE = {
    "EMPTY_FILE": "文件是空的",
    "NOT_A_WORKBOOK": "不是电子表格，也不是文本表格",
    "WRONG_KIND": "是另一种文件（Word、PDF、压缩包、网页、.xlsb、.ods 等），说明中写明是哪一种",
    "PASSWORD": "设有打开密码",
    "DAMAGED": "文件不完整或已损坏",
    "TOO_LARGE": "超过大小上限",
}


class UnreadableFile(Exception):  # noqa: N818 -- named for what it says to the reader
    """The upload is not a workbook this portal reads.

    ``code`` is one of ``UNREADABLE``; ``message`` is a Chinese sentence that names what was found and
    what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_DAMAGE = (
    CalamineError,
    ParseError,
    ExpatError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    ArithmeticError,
    LookupError,
    NotImplementedError,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
)


@contextmanager
def damage_refused() -> Iterator[None]:
    """Whatever a reader of foreign bytes stumbles over becomes ``UnreadableFile`` with ``DAMAGED``."""
    try:
        yield
    except BaseException as error:
        # A panic of the native reader is no Exception and has no importable name.
        if isinstance(error, _DAMAGE) or type(error).__name__ == "PanicException":
            raise UnreadableFile(
                "DAMAGED",
                "文件不完整或已损坏，无法读取。请用表格软件打开原文件，另存为 .xlsx 后重新上传。",
            ) from error
        raise
