"""Input of the register, by subject."""

from .capability import (
    TestForm,
)
from .changes import AfterLineForm, BeforeLineForm, ChangeForm, DecisionForm, line_formset
from .equipment import InstrumentForm, MoveForm, TraceForm
from .persons import (
    ItemForm,
    PersonForm,
    PublicCertificateForm,
)
from .records import RecordForm, StandardForm, UnitForm
from .upload import UploadForm

__all__ = (
    "AfterLineForm",
    "BeforeLineForm",
    "ChangeForm",
    "DecisionForm",
    "InstrumentForm",
    "ItemForm",
    "MoveForm",
    "PersonForm",
    "PublicCertificateForm",
    "RecordForm",
    "StandardForm",
    "TestForm",
    "TraceForm",
    "UnitForm",
    "UploadForm",
    "line_formset",
)
