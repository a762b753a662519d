"""A notice is written, issued, withdrawn; issued it goes to everybody on its list."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from metrostd.common import audit, clock, jobs
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import Transition, check_state
from metrostd.common.uploads import DOCX, PDF, XLSX, store_upload

from .enums import NoticeKind
from .enums import NoticeState as State
from .models import Notice, NoticeAnnex

DELIVERY_JOB = "notices.deliver"
PAPERS = frozenset({PDF, DOCX, XLSX})
FIELDS = {
    "title": "标题", "number": "发文字号", "addressees": "主送", "body": "正文", "basis": "依据文件",
    "issued_on": "成文日期", "copy_to": "抄送", "is_public": "主动公开",
    "without_annexes": "没有附件", "to_bureaus": "送各区局", "to_institutes": "送计量技术机构",
    "to_units": "送有关单位",
}  # fmt: skip


def not_ready(row: Notice) -> list[str]:
    """What it names is there: annexes, somebody to receive it, a campaign that is not over."""
    said = []
    annexes = row.annexes.count()
    if not annexes and not row.without_annexes:
        said.append("通知还没有附件：请上传附件；确实没有附件的，勾选“本通知没有附件”。")
    if annexes and row.without_annexes:
        said.append(f"勾选了“本通知没有附件”，却有 {annexes} 个附件，请核对。")
    if not (row.to_bureaus or row.to_institutes or row.to_units):
        said.append("没有选送达对象：请至少选一类。")
    if row.campaign.state == CampaignState.CLOSED:
        said.append("专项行动已经结束，不能再印发通知。")
    return said


ISSUE = Transition(
    "notice.issue", "印发", frozenset({State.DRAFT}), State.ISSUED, guards=(not_ready,)
)
WITHDRAW = Transition(
    "notice.withdraw", "撤回", frozenset({State.ISSUED}), State.WITHDRAWN, needs_note=True
)
MOVES = (ISSUE, WITHDRAW)


def writable(row: Notice) -> Verdict:
    """A draft; what was issued stays as it was issued."""
    if row.state == State.DRAFT:
        return YES
    return not_now(f"通知{row.get_state_display()}，不能修改；有变化的另行通知。")


@transaction.atomic
def write(
    campaign: Campaign,
    kind: str,
    words: Mapping[str, object],
    *,
    file: UploadedFile | None,
    actor: Actor | None,
) -> Notice:
    """A draft of a notice. ValidationError when the campaign has a main notice already."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    mains = campaign.notices.filter(kind=NoticeKind.MAIN).exclude(state=State.WITHDRAWN)
    if kind == NoticeKind.MAIN and mains.exists():
        raise ValidationError("这次专项行动已经有通知，其他的请作为另行通知。")
    row = Notice(campaign=campaign, kind=kind, **words)
    row.file = store_upload(file, accept=PAPERS) if file else None
    row.save()
    audit.record(row, actor=actor, action="notice.write", label="拟写通知", after=_plain(words))
    return row


@transaction.atomic
def rewrite(
    row: Notice,
    words: Mapping[str, object],
    *,
    file: UploadedFile | None,
    base_version: int,
    actor: Actor | None,
) -> None:
    """Change a draft. Raises StaleError with both values when somebody saved since."""
    held = Notice.objects.select_for_update().get(pk=row.pk)
    check_state(writable(held), obj=held)
    before = {name: getattr(held, name) for name in words}
    changed = {name: value for name, value in words.items() if before[name] != value}
    if held.version != base_version:
        both = {FIELDS[n]: [str(before[n]), str(words[n])] for n in changed}
        raise StaleError(
            "通知刚刚被他人修改，请核对后再保存。",
            payload={"version": held.version, "fields": both},
        )
    for name, value in changed.items():
        setattr(held, name, value)
    if file:
        held.file = store_upload(file, accept=PAPERS)
    held.version += 1
    held.save()
    audit.record(
        held,
        actor=actor,
        action="notice.edit",
        label="修改通知",
        before=_plain({name: before[name] for name in changed}),
        after=_plain(changed),
    )


@transaction.atomic
def add_annex(row: Notice, *, title: str, file: UploadedFile, actor: Actor | None) -> NoticeAnnex:
    """One more annex at the end; ValidationError for a file that is none of PDF, Word, Excel."""
    held = Notice.objects.select_for_update().get(pk=row.pk)
    check_state(writable(held), obj=held)
    last = held.annexes.order_by("-place").values_list("place", flat=True).first() or 0
    try:
        stored = store_upload(file, accept=PAPERS)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    annex = NoticeAnnex.objects.create(
        notice=held, place=last + 1, title=title.strip(), file=stored
    )
    audit.record(
        held,
        actor=actor,
        action="notice.add_annex",
        label="添加附件",
        after={"annex": str(annex), "sha256": stored.sha256},
    )
    return annex


@transaction.atomic
def drop_annex(annex: NoticeAnnex, *, actor: Actor | None) -> None:
    """Take an annex out of a draft; those behind it move up."""
    held = Notice.objects.select_for_update().get(pk=annex.notice_id)
    check_state(writable(held), obj=held)
    audit.record(
        held,
        actor=actor,
        action="notice.drop_annex",
        label="移除附件",
        before={"annex": str(annex)},
    )
    annex.delete()
    for place, row in enumerate(list(held.annexes.order_by("place")), 1):
        if row.place != place:
            row.place = place
            row.save(update_fields=["place"])


@transaction.atomic
def issue(row: Notice, *, actor: Actor | None) -> Job:
    """Issue it: public from here if it says so; a job puts it into everybody's inbox."""
    Notice.objects.select_for_update().get(pk=row.pk)
    ISSUE.apply(row, actor=actor, published_at=clock.now(), published_by=actor)
    return jobs.start_job(DELIVERY_JOB, title=f"送达{row}"[:200], owner=actor, notice=row.pk)


def delivery_of(row: Notice) -> Job | None:
    """What puts it into the inboxes, or did not: the newest job."""
    return Job.objects.filter(kind=DELIVERY_JOB, arguments__notice=row.pk).first()


def undelivered(row: Notice) -> Verdict:
    """Issued, not delivered to everybody, and nobody is at it."""
    if row.state != State.ISSUED or row.delivered_at is not None:
        return not_now("通知已经送达，或者没有印发。")
    job = delivery_of(row)
    busy = job is not None and job.is_active and not jobs.is_lost(job)
    return not_now("正在送达，请稍候。" if busy else "")


@transaction.atomic
def go_on_delivering(row: Notice, *, actor: Actor | None) -> Job:
    """Another job delivers the rest of what one left undone, whoever had asked for that one."""
    held = Notice.objects.select_for_update().get(pk=row.pk)
    check_state(undelivered(held), obj=held)
    audit.record(held, actor=actor, action="notice.go_on_delivering", label="继续送达")
    return jobs.start_job(DELIVERY_JOB, title=f"送达{row}"[:200], owner=actor, notice=row.pk)


def withdraw(row: Notice, *, note: str, actor: Actor | None) -> None:
    """Nobody reads it from here but the office, which keeps it with the reason."""
    if len(note.strip()) > 300:
        raise ValidationError({"note": "撤回理由最多 300 字，请精简。"})
    WITHDRAW.apply(row, actor=actor, note=note, withdrawal_reason=note.strip())


def _plain(words: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in words.items()}
