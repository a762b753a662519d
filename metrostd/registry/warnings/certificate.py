"""The examination certificate has run out, or will and nobody has applied."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse

from metrostd.common.calendar import months_later
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import StandardCertificate
from metrostd.registry.querysets import StandardQuerySet
from metrostd.registry.querysets.aging import EXPIRING_MONTHS

from .core import Kind, OpenWarning, warning_rule

EXPIRED = Kind("certificate_expired", "考核证书已过有效期", "bad")
UNAPPLIED = Kind("certificate_unapplied", "考核证书6个月内到期未申请复查", "warn")


@warning_rule(EXPIRED, UNAPPLIED)
def certificates(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """By the date of the current certificate, not by the state the clock has given it (考核办法: 届满前6个月)."""
    rows = StandardCertificate.objects.filter(
        standard__in=standards,
        is_current=True,
        valid_until__lte=months_later(on, EXPIRING_MONTHS),
    )
    for row in rows.order_by("pk"):
        applied = row.state_now == CertificateState.REEXAM_APPLIED
        left = (row.valid_until - on).days if row.valid_until else 0
        if left < 0:
            rest = "，已登记复查申请" if applied else ""
            what = f"考核证书{row}已过有效期{-left}天，有效期至{cn_date(row.valid_until)}{rest}"
            yield _warning(EXPIRED, what, row)
        elif not applied:
            when = f"还有{left}天到期" if left else "今天到期"
            what = f"考核证书{row}{when}，有效期至{cn_date(row.valid_until)}，未登记复查申请"
            yield _warning(UNAPPLIED, what, row)


def _warning(kind: Kind, what: str, row: StandardCertificate) -> OpenWarning:
    # Where something can be done about it. The address by number: asking the certificate would read
    # its standard.
    url = f"{reverse('registry:standard', args=[row.standard_id])}#procedures"
    return OpenWarning(kind, what, standard=row.standard_id, url=url, day=row.valid_until)
