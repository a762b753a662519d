"""What the form of an application says about unit, standard and certificate, kept when it is submitted."""

import datetime as dt
from typing import TypedDict

from metrostd.registry.models import ChangeRecord, StandardCertificate


class Words(TypedDict):
    """The fields of the form that the register might name otherwise later."""

    unit: str
    credit_code: str
    address: str
    contact: str
    phone: str
    standard: str
    code: str
    measuring_range: str
    performance: str
    certificate: str
    valid_until: str
    host: str


def words_of(
    record: ChangeRecord, certificate: StandardCertificate | None, *, valid_until: dt.date | None
) -> Words:
    """The words of today; ``valid_until`` is the certificate's last day, ISO in what is kept."""
    standard, unit = record.standard, record.standard.unit
    return {
        "unit": unit.name,
        "credit_code": unit.uscc,
        "address": unit.actual_address or unit.registered_address,
        "contact": unit.contact_name,
        "phone": unit.contact_phone,
        "standard": standard.name,
        "code": standard.jjf1022_code,
        "measuring_range": standard.measuring_range,
        "performance": standard.performance,
        "certificate": certificate.number if certificate else "",
        "valid_until": valid_until.isoformat() if valid_until else "",
        "host": str(standard.hosting_authority),
    }
