"""What complaints add to what is below: columns that outlive a key, pages that say whose copy they are."""

from metrostd.common import sealing
from metrostd.common.watermark import mark_pages

from .models import Complaint, ComplaintFile, ComplaintMeasure

mark_pages("complaints")
sealing.keep_sealed(
    Complaint, "sealed_name", "sealed_contact", "sealed_content", "sealed_reason", "sealed_answer"
)
sealing.keep_sealed(ComplaintMeasure, "sealed_note")
sealing.keep_sealed(ComplaintFile, "sealed_name")
