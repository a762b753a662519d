"""Visits for tablets without a network, made inside the portal's own environment, and what became of them there."""

import contextlib
import io
import json
import uuid

from inspections import services
from inspections.measured.lines import measured_of
from inspections.models import (
    CaseRecord,
    ChecklistAnswer,
    Evidence,
    InspectionTask,
    LeaseReceipt,
    SiteExperiment,
)
from inspections.moves import task as task_moves
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.demo.people import PASSWORD
from metrostd.registry.enums import Level
from tests.factories.registry import AuthorityFactory
from tests.inspections.bureau_story import make_bureau_visit
from tests.inspections.story import FACT, VISIT, make_visit

from .numbers import count_from


def build(count: int, *, start: int = 5000) -> None:
    """Visits under way with nothing filled in; prints who leads, who is the officer, and the numbers of tasks."""
    count_from(start)
    found = []
    for _ in range(count):
        with clock.pinned(VISIT.replace(hour=16)):
            visit = make_visit().assign().start()
        for member in (visit.leader, visit.officer, visit.office):
            member.user.set_password(PASSWORD)
            member.user.save()
        found.append(
            {
                "task": visit.task.pk,
                "sheet": visit.standard_sheet().pk,
                "unit_sheet": visit.sheet(None).pk,
                "leader": visit.leader.user.username,
                "officer": visit.officer.user.username,
                "officer_name": str(visit.officer.user),
                "office": visit.office.user.username,
            }
        )
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def build_bureau(*, start: int) -> None:
    """A drawn bureau with one case file, visited and nothing filled in; prints like ``build``."""
    count_from(start)
    with clock.pinned(VISIT.replace(hour=16)):
        city = AuthorityFactory(level=Level.CITY, office="计量处")
        visit = make_bureau_visit(commission=city).assign().notify().request_files().start()
    for member in (visit.leader, visit.officer):
        member.user.set_password(PASSWORD)
        member.user.save()
    found = {
        "task": visit.task.pk,
        "whole": visit.whole().pk,
        "case": visit.case().pk,
        "leader": visit.leader.user.username,
    }
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def _beside(row: InspectionTask) -> dict[str, object]:
    """What a visit has beside its sheets: measured, facts of case files, interviews."""
    on = {"sheet__task": row.pk}
    found_by_sheet = measured_of(row.sheets.values_list("pk", flat=True))
    cases = CaseRecord.objects.filter(**on).values_list("accepted_on", "version")
    return {
        "measured": [line.told for each in found_by_sheet.values() for line in each.lines],
        "experiments": SiteExperiment.objects.filter(**on).count(),
        "cases": [[str(day), version] for day, version in cases],
        "interviews": [
            [each.person, each.lines, [hand.name for hand in each.signatures.filter(void_at=None)]]
            for each in row.interviews.order_by("pk")
        ],
    }


def state(task: int) -> None:
    """Everything of a visit the portal has: answers, files, signatures, receipts, and how often each was written."""
    row = InspectionTask.objects.get(pk=task)
    answers = ChecklistAnswer.objects.filter(sheet__task=task).order_by("sheet", "pk")
    files = Evidence.objects.filter(sheet__task=task).order_by("pk")
    receipts = LeaseReceipt.objects.filter(lease__task=task)
    trail = AuditEntry.objects.filter(
        action="sheet.answer", target_id__in=answers.values("pk")
    ).count()
    print(  # noqa: T201 -- read by the test
        json.dumps(
            {
                "state": row.state,
                "answers": {
                    f"{sheet}/{code}": [answer, note]
                    for sheet, code, answer, note in answers.values_list(
                        "sheet", "item__code", "answer", "note"
                    )
                },
                "versions": sum(answers.values_list("version", flat=True)),
                "trail": trail,
                "files": [
                    [f"{sheet}/{code}", name, sha]
                    for sheet, code, name, sha in files.values_list(
                        "sheet", "answer__item__code", "name", "file__sha256"
                    )
                ],
                "signatures": list(row.signatures.order_by("pk").values_list("way", "name")),
                "receipts": receipts.count(),
                "leases": list(row.leases.values_list("state", flat=True)),
                "proofs": {
                    each.name: [
                        each.get_kind_display(),
                        each.position,
                        str(each.copy_of or ""),
                        each.confirmed_by,
                        f"{each.taken_at:%Y-%m-%d %H:%M}" if each.taken_at else "",
                    ]
                    for each in files.select_related("copy_of")
                },
                **_beside(row),
            }
        )
    )


def build_filled(*, start: int) -> None:
    """A visit with everything filled in but the conclusions; prints like one of ``build``."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        build(1, start=start)
    [found] = json.loads(out.getvalue())
    for sheet in InspectionTask.objects.get(pk=found["task"]).sheets.all():
        for row in sheet.answers.select_related("item", "sheet__task"):
            _answer(row, "conform", FACT)
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def colleague(task: int, code: str, value: str) -> None:
    """Somebody else answers an item of the visit's standard meanwhile."""
    rows = ChecklistAnswer.objects.filter(sheet__task=task, sheet__standard__isnull=False)
    row = rows.select_related("item", "sheet__task").get(item__code=code)
    _answer(row, value, FACT)
    print(json.dumps(row.pk))  # noqa: T201 -- read by the test


def _answer(row: ChecklistAnswer, value: str, note: str) -> None:
    officer = row.sheet.task.team.exclude(role="leader").first()
    services.save_answer(
        row,
        value=value,
        note=note,
        base_version=row.version,
        client_id=uuid.uuid4(),
        actor=officer.membership.user if officer else None,
    )


def resume(task: int) -> None:
    """The leader gives the sheets back to be filled in."""
    row = InspectionTask.objects.get(pk=task)
    leader = row.team.get(role="leader").membership.user
    task_moves.resume(row, actor=leader, note="有一项要改")
