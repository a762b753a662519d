"""Background jobs of the register: bulk edits."""

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job

from .models import BulkEdit
from .services import apply_bulk


@job_runner("registry.bulk_edit")
def bulk_edit(job: Job, progress: Progress) -> str:
    """Write one value to many records."""
    edit = BulkEdit.objects.select_related("made_by").get(pk=job.arguments["edit"])
    if job.owner is not None:
        edit.made_by = job.owner  # who acts again in the membership of then
    apply_bulk(edit, progress=progress)
    return edit.get_absolute_url()
