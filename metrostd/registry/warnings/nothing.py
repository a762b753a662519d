"""A standard of which the register knows no more than a list said: one warning instead of one a rule."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse

from metrostd.registry.querysets import StandardQuerySet

from .core import Kind, OpenWarning, warning_rule

NOTHING = Kind("nothing_recorded", "尚未登记设备、人员和试验", "warn")


@warning_rule(NOTHING)
def nothing_recorded(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Neither instrument nor person, test or public certificate: says what to enter first."""
    bare = standards.exclude(pk__in=standards.with_records().values("pk"))
    for pk in bare.order_by("pk").values_list("pk", flat=True):
        what = "台账只有名单上的内容：先登记计量标准器及其溯源证书，再登记人员和历年试验"
        url = f"{reverse('registry:standard', args=[pk])}#equipment"
        yield OpenWarning(NOTHING, what, standard=pk, url=url)
