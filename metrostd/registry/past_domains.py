"""Which standards were of a priority domain on an earlier day: figures by domain ask that (通知一)."""

from collections.abc import Iterable

from .models import EarlierDomain


def keep_earlier(standards: Iterable[int], domain: str, *, was: bool) -> None:
    """Put on record that these standards were of a domain until now, or were not."""
    EarlierDomain.objects.bulk_create(
        (EarlierDomain(standard_id=pk, domain=domain, was=was) for pk in standards),
        batch_size=1000,
    )
