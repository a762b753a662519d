"""Input of the register, by subject."""

from .changes import AfterLineForm, BeforeLineForm, ChangeForm, DecisionForm, line_formset
from .equipment import InstrumentForm, MoveForm, TraceForm
from .records import RecordForm, StandardForm, UnitForm
from .upload import UploadForm

__all__ = (
    "AfterLineForm",
    "BeforeLineForm",
    "ChangeForm",
    "DecisionForm",
    "InstrumentForm",
    "MoveForm",
    "RecordForm",
    "StandardForm",
    "TraceForm",
    "UnitForm",
    "UploadForm",
    "line_formset",
)
