"""送达: how a paper reached the unit it is addressed to; the same for every paper that is served."""

from django.db import models

from inspections.enums import ServiceHow
from metrostd.common.models import StoredFile


class ServedPaper(models.Model):
    """A paper whose service is on record once: how, when, by whom, to whom, with what proof."""

    served_on = models.DateField("送达日期", null=True, editable=False)
    served_how = models.CharField(
        "送达方式", max_length=12, choices=ServiceHow.choices, blank=True, editable=False
    )
    served_by = models.CharField("送达人", max_length=40, blank=True, editable=False)
    served_to = models.CharField("受送达人", max_length=40, blank=True, editable=False)
    service_note = models.CharField("送达说明", max_length=300, blank=True, editable=False)
    service_receipt = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        abstract = True
