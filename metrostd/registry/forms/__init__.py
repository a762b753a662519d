"""Input of the register, by subject."""

from .capability import (
    TestForm,
)
from .certificates import (
    DeregistrationForm,
    NewStandardForm,
    NewUnitForm,
    PenaltyForm,
    ReexaminationForm,
    RenewalForm,
)
from .changes import (
    AfterLineForm,
    BeforeLineForm,
    ChangeForm,
    DecisionForm,
    held_by,
    line_formset,
)
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
    "DeregistrationForm",
    "InstrumentForm",
    "ItemForm",
    "MoveForm",
    "NewStandardForm",
    "NewUnitForm",
    "PenaltyForm",
    "PersonForm",
    "PublicCertificateForm",
    "RecordForm",
    "ReexaminationForm",
    "RenewalForm",
    "StandardForm",
    "TestForm",
    "TraceForm",
    "UnitForm",
    "UploadForm",
    "held_by",
    "line_formset",
)
