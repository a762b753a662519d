"""The rows of a report's checklist and the saves of its answers."""

import uuid
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import checklists
from campaigns.enums import ChecklistKind
from campaigns.models import ChecklistItem
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.enums import Answer
from metrostd.common.http import StaleError
from metrostd.common.saves import write_answers
from selfcheck import queries
from selfcheck.enums import SubjectKind
from selfcheck.models import SelfCheckAnswer, SelfCheckReport

from . import one_answer
from .editing import begin, hold, require_editable

_STALE = "这一项刚刚被他人改过，请选择保留哪一个。"


@transaction.atomic
def ensure_answers(report: SelfCheckReport, *, actor: Actor | None = None) -> int:
    """Make the answer rows that are still missing; returns how many. Running twice does no harm.

    The first of them take the version of the checklist the campaign works with that day; later ones its own.
    """
    have = set(report.answers.values_list("standard_id", "item_id"))
    if not have and not _take_version_of_today(report):
        have = set(report.answers.values_list("standard_id", "item_id"))
    made = [
        SelfCheckAnswer(report=report, standard_id=one.standard_id, item=one.item)
        for one in queries.asked(report)
        if (one.standard_id, one.item.pk) not in have
    ]
    SelfCheckAnswer.objects.bulk_create(made, batch_size=1000, ignore_conflicts=True)
    if made:
        audit.record(
            report,
            actor=actor,
            action="selfcheck.prepare",
            label="建立自查表",
            after={"items": len(made)},
        )
    return len(made)


def _take_version_of_today(report: SelfCheckReport) -> bool:
    """Lay a report that has no answers out in the campaign's version of today; False when somebody else just has."""
    kind = ChecklistKind.ANNEX2 if report.kind == SubjectKind.BUREAU else ChecklistKind.ANNEX1
    held = SelfCheckReport.objects.select_for_update().get(pk=report.pk)
    if held.answers.exists():
        report.template_id = held.template_id
        return False
    report.template = checklists.template_for(report.campaign, kind)
    if report.template.pk != held.template_id:
        SelfCheckReport.objects.filter(pk=report.pk).update(template=report.template)
    return True


@transaction.atomic
def save_answer(
    answer: SelfCheckAnswer,
    *,
    value: str,
    note: str,
    base_version: int,
    client_id: uuid.UUID | str,
    actor: Actor | None,
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
    require_editable(report)
    _require_allowed(answer.item, value)
    note = note.strip()
    before = _answer_data(answer)
    known = answer.version == base_version
    moment = clock.now()
    changed = one_answer.write(
        answer,
        base_version=base_version,
        answer=value,
        note=note,
        version=base_version + 1,
        client_id=client_id,
        answered_by=actor.pk if actor else None,
        answered_at=moment,
    )
    if not changed:
        return _lost(answer, client_id, {"answer": value, "note": note})
    if not known:
        before = {"version": base_version}
    answer.answer, answer.note = value, note
    answer.version, answer.client_id = base_version + 1, client_id
    answer.answered_by, answer.answered_at = actor, moment
    audit.record(
        answer,
        actor=actor,
        action="selfcheck.save_answer",
        label="填写检查项",
        before=before,
        after=_answer_data(answer),
    )
    begin(report, actor)
    return answer


@transaction.atomic
def answer_many(
    report: SelfCheckReport, values: Mapping[int, tuple[str, str]], *, actor: Actor | None
) -> int:
    """Save many answers at once, by primary key to (answer, note); one trail row for each.

    Used where one person takes over a whole section; raises ValidationError for an answer an
    item does not take, TransitionError when the report cannot be edited.
    """
    hold(report)
    rows = list(
        report.answers.select_for_update(of=("self",))
        .filter(pk__in=list(values))
        .prefetch_related("item")  # many rows share an item
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
                action="selfcheck.save_answer",
                label="填写检查项",
                before=before,
                after=_answer_data(row),
            )
        )
    write_answers(report.answers.all(), {row.pk: values[row.pk] for row in rows}, actor=actor)
    audit.AuditEntry.objects.bulk_create(entries, batch_size=1000)
    if rows:
        begin(report, actor)
    return len(rows)


@transaction.atomic
def copy_section(
    report: SelfCheckReport, *, source_id: int, target_id: int, section: str, actor: Actor | None
) -> int:
    """Take over the answers of one section from another standard where none is given yet.

    Only 符合 and 不适用 are taken over: a problem belongs to the standard it was found on.
    """
    hold(report)
    rows = report.answers.filter(item__section__code=section)
    given = {
        row.item_id: (row.answer, row.note)
        for row in rows.filter(
            standard=source_id, answer__in=[Answer.CONFORM, Answer.NOT_APPLICABLE]
        )
    }
    wanted = rows.filter(standard=target_id, answer="", item__in=list(given))
    # Held, so that an answer given meanwhile is not written over.
    wanted = wanted.select_for_update(of=("self",))
    values = {row.pk: given[row.item_id] for row in wanted}
    return answer_many(report, values, actor=actor)


def _require_allowed(item: ChecklistItem, value: str) -> None:
    if value and value not in dict(queries.choices_for(item)):
        raise ValidationError({"answer": f"{item.code} 不能选择这个答案。"})


def _answer_data(answer: SelfCheckAnswer) -> dict[str, object]:
    return {"answer": answer.answer, "note": answer.note, "version": answer.version}


def _lost(answer: SelfCheckAnswer, client_id: uuid.UUID, mine: dict[str, str]) -> SelfCheckAnswer:
    """Why nothing was written: sent twice, no longer editable, or saved by somebody else."""
    theirs = SelfCheckAnswer.objects.select_related(
        "report__campaign", "item__section", "answered_by"
    ).get(pk=answer.pk)
    if theirs.client_id == client_id:
        return theirs
    require_editable(theirs.report)
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
