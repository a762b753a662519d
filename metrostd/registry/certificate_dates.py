"""What a certificate's number and dates alone say: kind of issue, state on one day, when it can end at the latest."""

import datetime as dt

from django.core.exceptions import ValidationError

from metrostd.common.calendar import months_later
from metrostd.common.templatetags.formats import cn_date

from .enums import CertificateState, IssueKind
from .querysets.aging import aged

#: A certificate is valid for at most five years (JJF 1033).
LONGEST_YEARS = 5


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


def check_dates(issue_date: dt.date, valid_until: dt.date, *, field: str = "valid_until") -> None:
    """A certificate outlasts the day it is issued, and not its fifth anniversary.

    Raises ValidationError about ``field``, naming the last day there can be.
    """
    if valid_until <= issue_date:
        raise ValidationError({field: "有效期止应当晚于发证日期。"})
    last = months_later(issue_date, LONGEST_YEARS * 12)
    if valid_until > last:
        words = (
            f"证书有效期最长{LONGEST_YEARS}年，{cn_date(issue_date)}发证的最晚到{cn_date(last)}。"
        )
        raise ValidationError({field: words})
