"""What a certificate said at an earlier moment: renewals give one row new dates."""

import datetime as dt

from metrostd.registry.models import StandardCertificate


def valid_until_at(certificate: StandardCertificate, moment: dt.datetime | None) -> dt.date | None:
    """The last valid day as the certificate had it at a moment; None means now."""
    if moment is None:
        return certificate.valid_until
    since = certificate.earlier_issues.filter(replaced_at__gt=moment).order_by("replaced_at", "pk")
    then = since.first()
    return then.valid_until if then else certificate.valid_until
