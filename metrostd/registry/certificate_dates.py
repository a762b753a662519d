"""What a certificate's number and dates alone say: its kind of issue and its state on one day."""

import datetime as dt

from .enums import CertificateState, IssueKind
from .querysets.aging import aged


def issue_kind(first_year: int | None, issued: dt.date | None) -> str:
    """The year in the number is that of the first examination: a later issue date means 复查 (JJF 1033)."""
    if first_year is None or issued is None:
        return ""
    return IssueKind.NEW if first_year == issued.year else IssueKind.REEXAMINATION


def state_of(
    identity: str, valid_until: dt.date | None, *, expired: bool, on: dt.date
) -> CertificateState:
    """A certificate's state by number and dates alone, on one day.

    Without number it is a draft; listed ones that have run out stay in the register as expired.
    """
    if not identity:
        return CertificateState.DRAFT
    return CertificateState.EXPIRED if expired else aged(CertificateState.VALID, valid_until, on=on)
