"""Input of the register, by subject."""

from .capability import (
    TestForm,
)
from .certificates import (
    DeregistrationForm,
    EndForm,
    NewStandardForm,
    NewUnitForm,
    PenaltyForm,
    ReexaminationForm,
    RenewalForm,
)
from .equipment import InstrumentForm, MoveForm, TraceForm
from .persons import (
    ItemForm,
    PersonForm,
    PublicCertificateForm,
)
from .records import RecordForm, ScopeForm, StandardForm, UnitForm

__all__ = (
    "DeregistrationForm",
    "EndForm",
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
    "ScopeForm",
    "StandardForm",
    "TestForm",
    "TraceForm",
    "UnitForm",
)
