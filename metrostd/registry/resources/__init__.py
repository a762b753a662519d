"""Plain import and export of register tables in the administration site, by business key.

All rows or none, validated like forms; importing an export changes nothing. States are exported and
never imported: they move by transitions only.
"""

from .capability import TestResource
from .equipment import InstrumentResource, TraceResource
from .legal import LegalBasisResource
from .organisation import (
    AuthorityResource,
    FormerNameResource,
    ProfessionalFieldResource,
    UnitResource,
)
from .persons import ItemResource, PersonResource, PublicCertificateResource
from .standard import CertificateResource, DomainResource, StandardResource

__all__ = (
    "AuthorityResource",
    "CertificateResource",
    "DomainResource",
    "FormerNameResource",
    "InstrumentResource",
    "ItemResource",
    "LegalBasisResource",
    "PersonResource",
    "ProfessionalFieldResource",
    "PublicCertificateResource",
    "StandardResource",
    "TestResource",
    "TraceResource",
    "UnitResource",
)
