"""PDF: whole, open to everybody who may see it, and nothing in it that acts by itself."""

import io
import re
from collections.abc import Iterator

import pikepdf
from pikepdf import settings as limits

from .fault import Fault

#: A small file may unpack to no more than this while it is looked through.
_MAX_UNPACKED = 32 << 20
#: Readers look for the end mark in the last kilobyte; scanners pad behind it.
_TAIL = 2048

_CUT = Fault("damaged", "不完整或已损坏（缺少文件结尾），请重新扫描、导出或下载后再传。")
_BROKEN = Fault("damaged", "不完整或已损坏，无法作为 PDF 打开，请重新扫描、导出或下载后再传。")
_LOCKED = Fault(
    "password", "设有打开密码，他人无法查看。请取消密码保护（或重新打印为 PDF）后再传。"
)

#: Names that only a document which acts by itself uses, and how a person calls them.
_ACTIVE = {
    "/JavaScript": "脚本（JavaScript）",
    "/JS": "脚本（JavaScript）",
    "/XFA": "动态表单脚本（XFA）",
    "/Launch": "启动程序的动作",
    "/EmbeddedFile": "嵌入的文件",
    "/EmbeddedFiles": "嵌入的文件",
    "/FileAttachment": "嵌入的文件",
    "/GoToE": "嵌入的文件",
    "/RichMedia": "嵌入的多媒体",
    "/RichMediaExecute": "嵌入的多媒体",
    "/Rendition": "嵌入的多媒体",
    "/Movie": "嵌入的多媒体",
    "/3D": "嵌入的多媒体",
    "/GoToR": "打开其他文件的动作",
    "/SubmitForm": "自动提交数据的动作",
    "/ImportData": "自动读入数据的动作",
}
_HINT = re.compile(
    rb"/(?:JavaScript|JS|XFA|Launch|EmbeddedFiles?|FileAttachment|GoToE|RichMedia|RichMediaExecute|"
    rb"Rendition|Movie|3D|GoToR|SubmitForm|ImportData)\b"
)

limits.set_qpdf_limits(flate_max_memory=_MAX_UNPACKED, run_length_max_memory=_MAX_UNPACKED)


def fault(data: bytes) -> Fault | None:
    """What speaks against a PDF; None for a whole one that only shows pages."""
    if b"%%EOF" not in data.rstrip(b"\0 \t\r\n")[-_TAIL:] or b"startxref" not in data:
        return _CUT
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            if not document.pages:
                return _BROKEN
            active = next(_active(document), "") or _on_opening(document)
    except pikepdf.PasswordError:
        return _LOCKED
    except Exception:  # a broken document makes the reader raise nearly anything
        return _BROKEN
    if active:
        return Fault(
            "active_content",
            f"含有{active}，打开时可能自行执行，不予接收。请重新打印为 PDF（不含脚本和附件）后再传。",
        )
    return None


def _active(document: pikepdf.Pdf) -> Iterator[str]:
    """What in the document acts by itself, as a person calls it.

    Written out anew a name has one spelling, so a quick look tells which objects deserve a slow one.
    """
    for found in document.objects:
        plain = found.stream_dict if isinstance(found, pikepdf.Stream) else found
        if isinstance(plain, pikepdf.Object) and _HINT.search(plain.unparse(resolved=True)):
            yield from _names(plain)


def _on_opening(document: pikepdf.Pdf) -> str:
    """What happens by itself when the document or a page is opened; a link waits for a click."""
    root = document.Root
    for owner in (root, *document.pages):
        acts = [owner.get("/OpenAction"), *(owner.get("/AA", {}) or {}).values()]
        if any(isinstance(act, pikepdf.Dictionary) and act.get("/S") == "/URI" for act in acts):
            return "自动打开网址的动作"
    return ""


def _names(value: object, depth: int = 0) -> Iterator[str]:
    """Active names used as a key or as a value; a text that mentions one is a text."""
    if depth > 50 or (depth and getattr(value, "is_indirect", False)):
        return
    if isinstance(value, pikepdf.Dictionary):
        for key, inner in value.items():
            if key in _ACTIVE:
                yield _ACTIVE[key]
            yield from _names(inner, depth + 1)
    elif isinstance(value, pikepdf.Array):
        for inner in value:
            yield from _names(inner, depth + 1)
    elif isinstance(value, pikepdf.Name) and str(value) in _ACTIVE:
        yield _ACTIVE[str(value)]
