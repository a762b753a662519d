"""Problems found in the self-check and the files that go with them."""

import datetime as dt
import uuid
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, models, transaction

from metrostd.common import act_dates, audit
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.models import StoredFile
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.quotas import Quota
from metrostd.common.shapes import Values
from metrostd.common.transitions import check_state
from metrostd.common.uploads import clean_name, store_upload
from selfcheck import notifications, queries
from selfcheck.enums import ReportState
from selfcheck.models import EarlierProblem, SelfCheckFile, SelfCheckProblem, SelfCheckReport
from selfcheck.moves import not_running

from .editing import begin, editable_rows, hold, require_editable

_M = TypeVar("_M", bound=models.Model)

_TYPED = ("description", "measure", "prevention_measure", "rectified_on", "found_on")
_PROBLEM_FIELDS = ("standard", "item", *_TYPED)

REPORT_QUOTA = Quota("一份自查报告", files=300, megabytes=1000)


@transaction.atomic
def save_problem(
    report: SelfCheckReport,
    *,
    client_id: uuid.UUID | str,
    actor: Actor | None,
    problem: SelfCheckProblem | None = None,
    base_version: int | None = None,
    late_reason: str = "",
    **fields: object,
) -> SelfCheckProblem:
    """Record a problem with its measure and prevention, or change one (通知二(一)).

    ``fields``: standard, item, description, measure, prevention_measure, found_on, rectified_on.
    The same ``client_id`` again gives what it made the first time. Raises StaleError, Transition-
    Error, ValidationError like ``save_answer``.
    """
    client_id = uuid.UUID(str(client_id))
    if done := report.problems.filter(client_id=client_id).first():
        return done
    require_editable(report)
    values = {name: fields[name] for name in _PROBLEM_FIELDS if name in fields}
    if problem is None:
        hold(report)
        problem = SelfCheckProblem(report=report, client_id=client_id, **values)
        _check_problem(problem)
        _check_days(problem, ("found_on", "rectified_on"), late_reason)
        try:
            with transaction.atomic():
                problem.save(force_insert=True)
        except IntegrityError:
            # The same save arriving twice at once.
            return _sent_before(report.problems.filter(client_id=client_id).first())
        before, label = None, "记录自查问题"
    else:
        before, label = queries.problem_data(problem), "修改自查问题"
        _change_problem(problem, values, base_version, client_id, late_reason)
    audit.record(
        report,
        actor=actor,
        action="selfcheck.save_problem",
        label=label,
        before=before,
        after=queries.problem_data(problem),
        note=act_dates.noted("", late_reason),
    )
    begin(report, actor)
    return problem


def handed_in(report: SelfCheckReport) -> Verdict:
    """With the office or accepted, in a campaign that runs."""
    if reason := not_running(report):
        return not_now(reason)
    if report.state in ReportState.handed_in:
        return YES
    return not_now("报送以后才单独登记整改完成；填报中的请在问题中填写。")


def correctable(problem: SelfCheckProblem) -> Verdict:
    """A problem handed in as open can be reported corrected later, without opening the report again."""
    done = "这个问题已登记完成整改。" if problem.rectified_on else ""
    return handed_in(problem.report) and not_now(done)


@transaction.atomic
def record_correction(
    problem: SelfCheckProblem,
    *,
    rectified_on: dt.date,
    how: str,
    actor: Actor | None,
    file: UploadedFile | None = None,
    late_reason: str = "",
) -> None:
    """Record that a problem of a report already handed in has been corrected since (通知二(一)).

    Answers and declaration stay as they were accepted. Raises TransitionError when there is nothing
    to record, ValidationError for a wrong day or without saying what was done.
    """
    held = SelfCheckProblem.objects.select_for_update(of=("self",)).select_related(
        "report__campaign", "item"
    )
    problem = held.get(pk=problem.pk)
    check_state(correctable(problem), obj=problem.report)
    if not how.strip():
        raise ValidationError({"how": "请写明整改完成的情况。"})
    before = queries.problem_data(problem)
    EarlierProblem.objects.create(
        problem=problem, standard_id=problem.standard_id, rectified_on=problem.rectified_on
    )
    act_dates.check(
        rectified_on,
        field="rectified_on",
        what="完成整改日期",
        reason=late_reason,
        after=problem.found_on,
        follows="发现日期",
    )
    problem.rectified_on = rectified_on
    _check_problem(problem)
    problem.version += 1
    problem.save(update_fields=["rectified_on", "version"])
    if file is not None:
        _keep_proof(problem, file, actor=actor)
    audit.record(
        problem.report,
        actor=actor,
        action="selfcheck.record_correction",
        label="登记问题整改完成",
        before=before,
        after=queries.problem_data(problem),
        note=act_dates.noted(f"{problem}：{how.strip()}", late_reason),
    )
    notifications.tell_receiver(
        problem.report,
        subject=f"{problem.report.subject}登记自查问题整改完成",
        body=f"{problem}：{how.strip()}",
        sender=actor,
    )


def _keep_proof(problem: SelfCheckProblem, file: UploadedFile, *, actor: Actor | None) -> None:
    """The proof of a correction goes with the problem."""
    report = problem.report
    REPORT_QUOTA.require_room(report.files.all(), adding=file.size or 0)
    SelfCheckFile.objects.create(
        report=report,
        problem=problem,
        file=store_upload(file),
        name=clean_name(file.name or ""),
        client_id=uuid.uuid4(),
        added_by=actor,
    )


@transaction.atomic
def remove_problem(problem: SelfCheckProblem, *, actor: Actor | None) -> None:
    """Take back a problem recorded by mistake; once reported it can only be changed."""
    report = problem.report
    hold(report)
    if report.first_submitted_at is not None:
        raise ValidationError("已报送过的问题不能删除，请在问题中填写整改情况。")
    audit.record(
        report,
        actor=actor,
        action="selfcheck.remove_problem",
        label="删除自查问题",
        before=queries.problem_data(problem),
    )
    problem.delete()


@transaction.atomic
def add_file(
    report: SelfCheckReport,
    *,
    file: UploadedFile | StoredFile,
    name: str,
    client_id: uuid.UUID | str,
    actor: Actor | None,
    problem: SelfCheckProblem | None = None,
) -> SelfCheckFile:
    """Attach material to a report or to one of its problems; refused files raise ValidationError."""
    client_id = uuid.UUID(str(client_id))
    if done := report.files.filter(client_id=client_id).first():
        return done
    hold(report)
    REPORT_QUOTA.require_room(report.files.all(), adding=file.size or 0)
    stored = file if isinstance(file, StoredFile) else store_upload(file)
    try:
        with transaction.atomic():
            added = SelfCheckFile.objects.create(
                report=report,
                problem=problem,
                file=stored,
                name=clean_name(name or getattr(file, "name", "")),
                client_id=client_id,
                added_by=actor,
            )
    except IntegrityError:
        return _sent_before(report.files.filter(client_id=client_id).first())
    audit.record(
        report,
        actor=actor,
        action="selfcheck.add_file",
        label="上传材料",
        after={"file": added.name, "sha256": stored.sha256},
    )
    return added


@transaction.atomic
def remove_file(added: SelfCheckFile, *, actor: Actor | None) -> None:
    """Take back a file added since the last submission; what was handed in stays."""
    report = added.report
    hold(report)
    if report.submitted_at is not None and added.added_at <= report.submitted_at:
        raise ValidationError("已报送的材料不能删除，可以补充新的材料。")
    audit.record(
        report,
        actor=actor,
        action="selfcheck.remove_file",
        label="删除材料",
        before={"file": added.name, "sha256": added.file.sha256},
    )
    added.delete()


def _sent_before(known: _M | None) -> _M:
    """What the same client id made; ValidationError when it made something of another report."""
    if known is None:
        raise ValidationError("上传标识重复，请刷新页面后重试。")
    return known


def _check_problem(problem: SelfCheckProblem) -> None:
    problem.full_clean(exclude=["client_id", "report"], validate_unique=False)
    if (
        problem.standard_id
        and not problem.report.covered.standing().filter(standard=problem.standard_id).exists()
    ):
        raise ValidationError({"standard": "这项计量标准不在本报告范围内。"})


def _check_days(problem: SelfCheckProblem, entered: tuple[str, ...], late_reason: str) -> None:
    """Found after the notice of the campaign, corrected after it was found; ``entered`` are asked for words.

    A day that stands since an earlier save has had its reason then.
    """
    follows = {
        "found_on": ("发现日期", problem.report.campaign.notice_on, "通知日期"),
        "rectified_on": ("完成整改日期", problem.found_on, "发现日期"),
    }
    for name, (what, after, event) in follows.items():
        day = getattr(problem, name)
        if day is None:
            continue
        if name in entered:
            act_dates.check(
                day, field=name, what=what, reason=late_reason, after=after, follows=event
            )
        elif name == "rectified_on":
            act_dates.check_fact(day, field=name, what=what, after=after, follows=event)


def _both(theirs: SelfCheckProblem, mine: SelfCheckProblem) -> dict[str, list[object]]:
    """What a colleague saved and what was typed, by label, where they differ."""
    now, typed = dict(queries.problem_data(theirs)), dict(queries.problem_data(mine))
    return {
        str(field.verbose_name): [now[field.name], typed[field.name]]
        for field in SelfCheckProblem._meta.concrete_fields
        if field.name in _TYPED and now[field.name] != typed[field.name]
    }


def _change_problem(
    problem: SelfCheckProblem,
    values: Values,
    base_version: int | None,
    client_id: uuid.UUID,
    late_reason: str,
) -> None:
    """Once the report was handed in, what the problem was before is kept for the statistics."""
    earlier = EarlierProblem(
        problem=problem, standard_id=problem.standard_id, rectified_on=problem.rectified_on
    )
    changed = tuple(
        name
        for name in ("found_on", "rectified_on")
        if name in values and values[name] != getattr(problem, name)
    )
    for name, value in values.items():
        setattr(problem, name, value)
    _check_problem(problem)
    _check_days(problem, changed, late_reason)
    _swap_problem(problem, base_version, client_id, values)
    if problem.report.first_submitted_at is not None:
        earlier.save(force_insert=True)


def _swap_problem(
    problem: SelfCheckProblem,
    base_version: int | None,
    client_id: uuid.UUID,
    values: Values,
) -> None:
    based_on = problem.version if base_version is None else base_version
    changed = SelfCheckProblem.objects.filter(
        pk=problem.pk, version=based_on, report__in=editable_rows(problem.report_id)
    ).update(**values, version=based_on + 1, client_id=client_id)
    if not changed:
        current = SelfCheckProblem.objects.select_related("report__campaign", "item").get(
            pk=problem.pk
        )
        require_editable(current.report)
        raise StaleError(
            "这个问题刚刚被他人改过，请核对后再保存。",
            payload={"version": current.version, "fields": _both(current, problem)},
        )
    problem.version, problem.client_id = based_on + 1, client_id
