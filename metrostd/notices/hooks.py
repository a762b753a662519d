"""What notices add to campaigns: a cloned campaign begins with the notice of the one before, as a draft; who may still deliver."""

from campaigns.cloning import on_cloned
from campaigns.models import Campaign
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.jobs import job_right
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict

from . import moves, policies
from .enums import NoticeKind, NoticeState
from .models import Notice, NoticeAnnex


@on_cloned
def take_over_notice(source: Campaign, campaign: Campaign, *, actor: Actor | None) -> str:
    """The words and annexes of last year's, with the year in its words moved; says what is to be looked through."""
    known = source.notices.filter(kind=NoticeKind.MAIN).exclude(state=NoticeState.WITHDRAWN)
    row = known.prefetch_related("annexes").first()
    if row is None:
        return ""
    before, after = source.notice_on.year, campaign.notice_on.year
    moved = {
        name: getattr(row, name).replace(f"{before}年", f"{after}年")
        for name in ("title", "body", "addressees", "copy_to")
    }
    copy = Notice.objects.create(
        campaign=campaign, kind=NoticeKind.MAIN, basis=row.basis, issued_on=campaign.notice_on,
        is_public=row.is_public, without_annexes=row.without_annexes, to_bureaus=row.to_bureaus,
        to_institutes=row.to_institutes, to_units=row.to_units, **moved,
    )  # fmt: skip
    NoticeAnnex.objects.bulk_create(
        NoticeAnnex(notice=copy, place=a.place, title=a.title, file=a.file)
        for a in row.annexes.all()
    )
    audit.record(copy, actor=actor, action="notice.clone", label="沿用上次通知", note=str(row))
    return "通知和附件已沿用上次的，年份已改；正文中的日期、文号请逐项核对。"


@job_right(moves.DELIVERY_JOB)
def may_still_deliver(job: Job) -> Verdict:
    """Who issued it issues notices when its turn comes, too."""
    return YES if job.owner is None else policies.may_write(job.owner)
