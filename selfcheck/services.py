"""Writes of a report's content: answers, problems, files. A save says what it is based on."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from campaigns.enums import CampaignState
from campaigns.models import ChecklistItem
from metrostd.common import audit, clock
from metrostd.common.enums import Answer
from metrostd.common.http import StaleError
from metrostd.common.models import StoredFile
from metrostd.common.saves import write_answers
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import store_upload

from . import queries
from .enums import ReportState
from .models import SelfCheckAnswer, SelfCheckFile, SelfCheckProblem, SelfCheckReport
from .moves import START

_STALE = "这一项刚刚被他人改过，请选择保留哪一个。"
_PROBLEM_FIELDS = (
    "standard",
    "item",
    "description",
    "measure",
    "prevention_measure",
    "rectified_on",
    "found_on",
)


@transaction.atomic
def ensure_answers(report: SelfCheckReport, *, actor: Any = None) -> int:
    """Make the answer rows that are still missing; returns how many. Running twice does no harm."""
    have = set(report.answers.values_list("standard_id", "item_id"))
    made = [
        SelfCheckAnswer(report=report, standard_id=one.standard_id, item=one.item)
        for one in queries.asked(report)
        if (one.standard_id, one.item.pk) not in have
    ]
    SelfCheckAnswer.objects.bulk_create(made, batch_size=1000, ignore_conflicts=True)
    if made:
        audit.record(
            report, actor=actor, action="prepare", label="建立自查表", after={"items": len(made)}
        )
    return len(made)


@transaction.atomic
def save_answer(
    answer: SelfCheckAnswer,
    *,
    value: str,
    note: str,
    base_version: int,
    client_id: uuid.UUID | str,
    actor: Any,
) -> SelfCheckAnswer:
    """Save one answer based on ``base_version``; an empty ``value`` takes the answer back.

    The same ``client_id`` again changes nothing. Raises StaleError with both values when somebody
    saved in between, TransitionError when the report can no longer be edited, ValidationError
    when the item does not take this answer.
    """
    client_id = uuid.UUID(str(client_id))
    if answer.client_id == client_id:
        return answer
    report = answer.report
    _require_editable(report)
    _require_allowed(answer.item, value)
    note = note.strip()
    before = _answer_data(answer)
    known = answer.version == base_version
    changed = SelfCheckAnswer.objects.filter(
        pk=answer.pk, version=base_version, report__in=_editable_rows(report)
    ).update(
        answer=value,
        note=note,
        version=base_version + 1,
        client_id=client_id,
        answered_by=actor,
        answered_at=clock.now(),
    )
    if not changed:
        return _lost(answer, client_id, {"answer": value, "note": note})
    if not known:
        before = {"version": base_version}
    answer.answer, answer.note = value, note
    answer.version, answer.client_id = base_version + 1, client_id
    answer.answered_by, answer.answered_at = actor, clock.now()
    audit.record(
        answer,
        actor=actor,
        action="save_answer",
        label="填写检查项",
        before=before,
        after=_answer_data(answer),
    )
    _begin(report, actor)
    return answer


@transaction.atomic
def answer_many(
    report: SelfCheckReport, values: Mapping[int, tuple[str, str]], *, actor: Any
) -> int:
    """Save many answers at once, by primary key to (answer, note); one trail row for each.

    Used where one person takes over a whole section; raises ValidationError for an answer an
    item does not take, TransitionError when the report cannot be edited.
    """
    _require_editable(report)
    rows = list(
        report.answers.select_for_update(of=("self",))
        .filter(pk__in=list(values))
        .select_related("item")
    )
    entries = []
    for row in rows:
        value, note = values[row.pk]
        _require_allowed(row.item, value)
        before = _answer_data(row)
        row.answer, row.note, row.version = value, note.strip(), row.version + 1
        entries.append(
            audit.entry(
                row,
                actor=actor,
                action="save_answer",
                label="填写检查项",
                before=before,
                after=_answer_data(row),
            )
        )
    write_answers(report.answers, {row.pk: values[row.pk] for row in rows}, actor=actor)
    audit.AuditEntry.objects.bulk_create(entries, batch_size=1000)
    if rows:
        _begin(report, actor)
    return len(rows)


def copy_section(
    report: SelfCheckReport, *, source_id: int, target_id: int, section: str, actor: Any
) -> int:
    """Take over the answers of one section from another standard where none is given yet.

    Only 符合 and 不适用 are taken over: a problem belongs to the standard it was found on.
    """
    rows = report.answers.filter(item__section__code=section)
    given = {
        row.item_id: (row.answer, row.note)
        for row in rows.filter(
            standard=source_id, answer__in=[Answer.CONFORM, Answer.NOT_APPLICABLE]
        )
    }
    wanted = rows.filter(standard=target_id, answer="", item__in=list(given))
    values = {row.pk: given[row.item_id] for row in wanted}
    return answer_many(report, values, actor=actor)


@transaction.atomic
def save_problem(
    report: SelfCheckReport,
    *,
    client_id: uuid.UUID | str,
    actor: Any,
    problem: SelfCheckProblem | None = None,
    base_version: int | None = None,
    **fields: Any,
) -> SelfCheckProblem:
    """Record a problem with its measure and prevention, or change one (通知二(一)).

    ``fields``: standard, item, description, measure, prevention_measure, found_on, rectified_on.
    The same ``client_id`` again gives what it made the first time. Raises StaleError, Transition-
    Error, ValidationError like ``save_answer``.
    """
    client_id = uuid.UUID(str(client_id))
    if done := report.problems.filter(client_id=client_id).first():
        return done
    _require_editable(report)
    values = {name: fields[name] for name in _PROBLEM_FIELDS if name in fields}
    if problem is None:
        problem = SelfCheckProblem(report=report, client_id=client_id, **values)
        _check_problem(problem)
        problem.save(force_insert=True)
        before, label = None, "记录自查问题"
    else:
        before, label = queries.problem_data(problem), "修改自查问题"
        for name, value in values.items():
            setattr(problem, name, value)
        _check_problem(problem)
        _swap_problem(problem, base_version, client_id, values)
    audit.record(
        report,
        actor=actor,
        action="save_problem",
        label=label,
        before=before,
        after=queries.problem_data(problem),
    )
    _begin(report, actor)
    return problem


@transaction.atomic
def remove_problem(problem: SelfCheckProblem, *, actor: Any) -> None:
    """Take back a problem recorded by mistake; once reported it can only be changed."""
    report = problem.report
    _require_editable(report)
    if report.first_submitted_at is not None:
        raise ValidationError("已报送过的问题不能删除，请在问题中填写整改情况。")
    audit.record(
        report,
        actor=actor,
        action="remove_problem",
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
    actor: Any,
    problem: SelfCheckProblem | None = None,
) -> SelfCheckFile:
    """Attach material to a report or to one of its problems; refused files raise ValidationError."""
    client_id = uuid.UUID(str(client_id))
    if done := report.files.filter(client_id=client_id).first():
        return done
    _require_editable(report)
    stored = file if isinstance(file, StoredFile) else store_upload(file)
    added = SelfCheckFile.objects.create(
        report=report,
        problem=problem,
        file=stored,
        name=(name or getattr(file, "name", "") or "未命名")[:200],
        client_id=client_id,
        added_by=actor,
    )
    audit.record(
        report,
        actor=actor,
        action="add_file",
        label="上传材料",
        after={"file": added.name, "sha256": stored.sha256},
    )
    return added


@transaction.atomic
def remove_file(added: SelfCheckFile, *, actor: Any) -> None:
    """Take back a file added since the last submission; what was handed in stays."""
    report = added.report
    _require_editable(report)
    if report.submitted_at is not None and added.added_at <= report.submitted_at:
        raise ValidationError("已报送的材料不能删除，可以补充新的材料。")
    audit.record(
        report,
        actor=actor,
        action="remove_file",
        label="删除材料",
        before={"file": added.name, "sha256": added.file.sha256},
    )
    added.delete()


def _editable_rows(report: SelfCheckReport) -> Any:
    """The report as a locked sub-select: a save and a submission cannot pass each other."""
    return SelfCheckReport.objects.select_for_update().filter(
        pk=report.pk, state__in=ReportState.editable
    )


def _require_editable(report: SelfCheckReport) -> None:
    if report.campaign.state != CampaignState.OPEN:
        raise TransitionError("专项行动不在进行中，自查报告不能再填写。", obj=report)
    if report.state not in ReportState.editable:
        raise TransitionError(
            f"自查报告目前是“{report.get_state_display()}”，不能填写。", obj=report
        )


def _require_allowed(item: ChecklistItem, value: str) -> None:
    if value and value not in dict(queries.choices_for(item)):
        raise ValidationError({"answer": f"{item.code} 不能选择这个答案。"})


def _begin(report: SelfCheckReport, actor: Any) -> None:
    """The first thing filled in makes the report a draft; an overdue one stays overdue."""
    if START.allowed_from(report.state):
        START.apply(report, actor=actor)


def _answer_data(answer: SelfCheckAnswer) -> dict[str, Any]:
    return {"answer": answer.answer, "note": answer.note, "version": answer.version}


def _lost(answer: SelfCheckAnswer, client_id: uuid.UUID, mine: dict[str, str]) -> SelfCheckAnswer:
    """Why nothing was written: sent twice, no longer editable, or saved by somebody else."""
    theirs = SelfCheckAnswer.objects.select_related(
        "report__campaign", "item__section", "answered_by"
    ).get(pk=answer.pk)
    if theirs.client_id == client_id:
        return theirs
    _require_editable(theirs.report)
    raise StaleError(
        _STALE,
        payload={
            "mine": mine,
            "theirs": {"answer": theirs.answer, "note": theirs.note},
            "version": theirs.version,
            "theirs_by": str(theirs.answered_by or ""),
            "theirs_at": theirs.answered_at.isoformat() if theirs.answered_at else "",
        },
    )


def _check_problem(problem: SelfCheckProblem) -> None:
    problem.full_clean(exclude=["client_id", "report"], validate_unique=False)
    today = clock.today()
    if problem.found_on > today:
        raise ValidationError({"found_on": "发现日期不能晚于今天。"})
    if problem.rectified_on is not None and not _between(
        problem.found_on, problem.rectified_on, today
    ):
        raise ValidationError({"rectified_on": "完成整改日期应在发现日期之后，且不晚于今天。"})
    if (
        problem.standard_id
        and not problem.report.covered.filter(standard=problem.standard_id).exists()
    ):
        raise ValidationError({"standard": "这项计量标准不在本报告范围内。"})


def _between(first: dt.date, day: dt.date, last: dt.date) -> bool:
    return first <= day <= last


def _swap_problem(
    problem: SelfCheckProblem,
    base_version: int | None,
    client_id: uuid.UUID,
    values: dict[str, Any],
) -> None:
    based_on = problem.version if base_version is None else base_version
    changed = SelfCheckProblem.objects.filter(
        pk=problem.pk, version=based_on, report__in=_editable_rows(problem.report)
    ).update(**values, version=based_on + 1, client_id=client_id)
    if not changed:
        current = SelfCheckProblem.objects.select_related("report__campaign", "item").get(
            pk=problem.pk
        )
        _require_editable(current.report)
        raise StaleError(
            "这个问题刚刚被他人改过，请核对后再保存。",
            payload={
                "mine": queries.problem_data(problem),
                "theirs": queries.problem_data(current),
                "version": current.version,
                "theirs_by": "",
                "theirs_at": "",
            },
        )
    problem.version, problem.client_id = based_on + 1, client_id
