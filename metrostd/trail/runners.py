"""The whole seal computed again by a job, as the nightly check does."""

from itertools import islice

from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job

from . import sealing
from .anchors import known_heads
from .checking import problems
from .models import TrailBlock

CHECK = "trail.check"
_SHOWN = 20


@job_runner(CHECK)
def check(job: Job, progress: Progress) -> str:
    """Seal what waits and recompute; what is wrong fails the job, which then names it."""
    progress(0, 0, "封存并核验")
    sealing.seal(deep=True)
    found = [problem.what for problem in islice(problems(known_heads()), _SHOWN)]
    if found:
        raise ValidationError("；".join(found))
    last = TrailBlock.objects.order_by("-number").first()
    progress(1, 1, f"无异常：至第{last.number}块，共{last.total}条" if last else "尚无封存")
    return reverse("trail:blocks")
