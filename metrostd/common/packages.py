"""Office files as packages (ISO/IEC 29500-2): the same content is the same bytes whenever it is written."""

import io
import zipfile

#: The first moment a package can name; what lies inside says nothing of its own.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)


def without_moment(data: bytes) -> bytes:
    """The package with the moment each part was packed taken out, so that its hash is that of what it says."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as packed,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as steady,
    ):
        for part in packed.infolist():
            about = zipfile.ZipInfo(part.filename, _NO_MOMENT)
            about.compress_type = zipfile.ZIP_DEFLATED
            steady.writestr(about, packed.read(part))
    return out.getvalue()
