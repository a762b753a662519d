"""名册, taken in: a short one at once, all rows or none; a long one by a job, in parts that are whole or not there.

A part that a worker took in before it died is found as it is by the next attempt, and left alone.
"""

from collections import Counter

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.jobs import Progress, job_runner, start_job
from metrostd.common.models import Job

from . import policies, roster, staffing
from .models import RosterFile
from .roster import Issue, Line, Plan

#: The kind of the job.
JOB = "accounts.import_roster"
#: Rows that a job takes in together: what others save meanwhile waits no longer than for these.
PART = 100
_CHANGED = "等待期间人员有了变化，名册与之不符，没有导入。请重新上传并按提示改正。"


def carry_out(plan: Plan, *, actor: Actor) -> Counter[str]:
    """Do what a plan without issues says; all rows or none. Raises ValidationError naming the row."""
    if plan.issues:
        raise ValidationError("名册中还有错误，没有导入。")
    _take_all(plan.lines, actor=actor, said="没有导入任何一行。")
    return plan.counts


@transaction.atomic
def queue(data: bytes, name: str, plan: Plan, *, actor: Actor) -> Job:
    """Leave a long one to a job; the file stays sealed, and only until it is done."""
    row = RosterFile(filename=name[-200:], made_by_id=actor.pk, rows=len(plan.lines))
    row.content.save("roster.sealed", ContentFile(sealing.seal_bytes(data)), save=False)
    row.save()
    audit.record(
        row, actor=actor, action="roster.upload", label="上传名册", note=f"{row.rows}行，后台导入"
    )
    title = f"导入名册“{row.filename}”（{row.rows}行）"
    return start_job(JOB, title=title, owner=actor, roster=row.pk)


@job_runner(JOB)
def import_roster(job: Job, progress: Progress) -> str:
    """Take in a long roster; another attempt goes on where the one before ended."""
    if job.owner is None:
        raise PermissionDenied("任务没有发起人。")
    row = RosterFile.objects.get(pk=job.arguments["roster"])
    take_in(row, actor=job.owner, progress=progress)
    return f"{reverse('accounts:people_import')}?done={row.pk}"


def take_in(row: RosterFile, *, actor: Actor, progress: Progress) -> None:
    """Read the file again, as everything is by now, and take in what it says. Raises ValidationError naming the row."""
    if row.finished_at:
        return
    if not row.content:
        raise ValidationError("名册文件已过保存期限，没有导入完。请重新上传，已经导入的不会重复。")
    progress(0, row.rows, "核对名册")
    with row.content.open("rb") as kept:
        plan = roster.read(sealing.unseal_bytes(kept.read()), row.filename, viewer=actor)
    if plan.issues:
        raise ValidationError(f"{_CHANGED}{_first(plan.issues)}")
    total = len(plan.lines)
    for start in range(0, total, PART):
        with transaction.atomic():
            part = plan.lines[start : start + PART]
            _count(row, part)
            _take_all(part, actor=actor, said=_so_far(start))
        progress(min(start + PART, total), total, "导入名册")
    _finish(row, total)


def _so_far(start: int) -> str:
    done = f"前{start}行已经导入，其余没有。" if start else "没有导入任何一行。"
    return f"{done}改好后重新上传同一文件，已经导入的不会重复。"


def _first(issues: list[Issue]) -> str:
    told = "；".join(f"{issue.cell}：{issue.advice}" for issue in issues[:3])
    return f"{told}等{len(issues)}处。" if len(issues) > 3 else told


def _count(row: RosterFile, lines: list[Line]) -> None:
    """What is done, beside it in one transaction; what was there already is counted at the end."""
    done = Counter(row.done) + Counter(line.change for line in lines if line.change != "无变化")
    RosterFile.objects.filter(pk=row.pk).update(done=done)
    row.done = dict(done)


def _finish(row: RosterFile, total: int) -> None:
    """The file has served; what it did stays."""
    row.content.delete(save=False)
    row.done = dict(Counter(row.done) + Counter({"无变化": total - sum(row.done.values())}))
    row.content, row.finished_at = "", clock.now()
    row.save(update_fields=["content", "done", "finished_at"])


def forget() -> int:
    """Delete the files of jobs that nobody finished for three days; returns how many."""
    over = RosterFile.objects.filter(created_at__lte=clock.now() - RosterFile.KEPT)
    rows = list(over.exclude(content=""))
    for row in rows:
        row.content.delete(save=False)
        RosterFile.objects.filter(pk=row.pk).update(content="")
    return len(rows)


@transaction.atomic
def _take_all(lines: list[Line], *, actor: Actor, said: str) -> None:
    for line in lines:
        try:
            _take(line, actor=actor)
        except ValidationError as error:
            raise ValidationError(
                f"第{line.number}行（{line.name}）：{'；'.join(error.messages)}{said}"
            ) from error


def _take(line: Line, *, actor: Actor) -> None:
    if line.person is None:
        staffing.open_account(
            name=line.name,
            username=line.username,
            phone=line.phone,
            email=line.email,
            capacity=line.capacity,
            actor=actor,
        )
        return
    if line.membership is None:
        staffing.grant(line.person, line.capacity, actor=actor)
    else:
        staffing.change_membership(line.membership, line.capacity, actor=actor)
    wanted = (line.name, line.phone, line.email)
    if wanted != (line.person.display_name, line.person.phone, line.person.email):
        current = list(line.person.memberships.not_ended())  # type: ignore[attr-defined]
        verdict = policies.can_manage(actor, line.person, current)
        if not verdict:
            raise ValidationError(verdict.reason)
        staffing.rename(
            line.person, name=line.name, phone=line.phone, email=line.email, actor=actor
        )
