"""Input of the register, by subject."""

from .records import RecordForm, StandardForm, UnitForm
from .upload import UploadForm

__all__ = (
    "RecordForm",
    "StandardForm",
    "UnitForm",
    "UploadForm",
)
