"""Background work of risk."""

import datetime as dt

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job
from metrostd.common.templatetags.formats import cn_date

from . import counting, trend

JOB = "risk.count"


@job_runner(JOB)
def run_counting(job: Job, progress: Progress) -> str:
    """Count the day asked for, and the days 风险分析 shows beside it where they are due."""
    day = dt.date.fromisoformat(job.arguments["on"])
    last = counting.latest(day)
    # Somebody else may have had the same day counted while this waited.
    if last is None or last.begun_at < job.created_at:
        said = f"统计{cn_date(day)}的台账风险指标"
        counting.count(day, told=lambda done, of: progress(done, of, said))
    counting.keep_up(
        trend.days(), told=lambda done, of: progress(done, of, "统计历次专项行动的台账风险指标")
    )
    return str(job.arguments["back"])
