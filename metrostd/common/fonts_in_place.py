"""WeasyPrint reads a font where the system has mapped it, instead of copying the file for every paper.

A Chinese font is a file of 20 to 27 MB and a paper uses three: WeasyPrint holds a copy of each from the
first glyph drawn until the subset is made, 70 MB that nobody reads but for their first four bytes.
"""

from typing import Any

from weasyprint.pdf import fonts, stream
from weasyprint.text.ffi import ffi, harfbuzz

_copied = fonts.get_hb_object_data

#: Smaller ones, subsets above all, are copied as before.
LARGE = 1 << 20


# Any: a pointer of cffi, and what cffi makes of the memory behind it; neither has a type of its own
def in_place(hb_object: Any, ot_color: str | None = None, glyph: int | None = None) -> Any:
    """The data of a Harfbuzz face: a large one as a view that keeps the font's blob alive."""
    if ot_color:
        return _copied(hb_object, ot_color, glyph)
    blob = harfbuzz.hb_face_reference_blob(hb_object)
    length = ffi.new("unsigned int *")
    data = harfbuzz.hb_blob_get_data(blob, length)
    if data == ffi.NULL or length[0] < LARGE:
        harfbuzz.hb_blob_destroy(blob)
        return _copied(hb_object)
    held = ffi.gc(data, lambda _data: harfbuzz.hb_blob_destroy(blob))
    return ffi.buffer(held, length[0])


class Font(fonts.Font):  # type: ignore[misc]
    """WeasyPrint's; a font that could not be made smaller goes into the document as bytes."""

    file_content: object

    def subset(self, to_unicode: dict[int, str], hinting: bool) -> None:
        super().subset(to_unicode, hinting)
        if not isinstance(self.file_content, bytes):
            self.file_content = bytes(self.file_content)  # type: ignore[call-overload]


def install() -> None:
    """From now on WeasyPrint reads fonts in place."""
    fonts.get_hb_object_data = in_place
    stream.Font = Font
