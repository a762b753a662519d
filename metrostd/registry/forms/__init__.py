"""Input of the register, by subject."""

from .changes import AfterLineForm, BeforeLineForm, ChangeForm, DecisionForm, line_formset
from .records import RecordForm, StandardForm, UnitForm
from .upload import UploadForm

__all__ = (
    "AfterLineForm",
    "BeforeLineForm",
    "ChangeForm",
    "DecisionForm",
    "RecordForm",
    "StandardForm",
    "UnitForm",
    "UploadForm",
    "line_formset",
)
