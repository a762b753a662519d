"""What is entered beside a sheet, as a device takes it along: the forms of the pages with the version they show.

A device that has one fills it in, keeps the fields and sends them; ``inspections.offline`` reads them with the
same forms.
"""

from django.forms import Form
from django.template.loader import render_to_string

from inspections.interviews import papers
from inspections.interviews.forms import BeginForm
from inspections.interviews.moves import OPENING
from inspections.interviews.policies import may_sign
from inspections.measured import entering
from inspections.measured.forms import METHODS, EnvironmentForm
from inspections.measured.lines import EXPERIMENT_ITEM, environment_lines, line_of
from inspections.models import (
    CaseRecord,
    ChecklistSheet,
    InspectionTask,
    Interview,
    SiteExperiment,
    TaskLease,
)
from inspections.offline import entries
from inspections.review_forms import CaseForm
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.registry.enums import LimitBasis, TestMethod, TestOutcome


def forms_of(sheet: ChecklistSheet) -> list[Context]:
    """The forms beside one sheet: what is on record, and an empty one for each method of an experiment."""
    if sheet.case_id is not None:
        return [_case(sheet)]
    if sheet.standard_id is None:
        return []
    rows = SiteExperiment.objects.filter(sheet=sheet, withdrawn_at=None).order_by("place")
    kept = [_experiment(sheet, row) for row in rows]
    return [_environment(sheet), *kept, *(_empty(sheet, TestMethod(method)) for method in METHODS)]


def _entry(about: str, sheet: ChecklistSheet, form: Form, template: str, **more: object) -> Context:
    html = render_to_string(template, {"form": form, "sheet": sheet})
    return {"about": about, "sheet": sheet.pk, "html": html, "version": 0, "lines": [], **more}


def _environment(sheet: ChecklistSheet) -> Context:
    kept = entering.environment_of(sheet)
    return _entry(
        f"{entries.ENVIRONMENT}:{sheet.pk}",
        sheet,
        EnvironmentForm(sheet=sheet, kept=kept),
        "inspections/environment_fields.html",
        title="现场环境",
        version=kept.version,
        lines=entries.lines_said(environment_lines(kept)),
    )


def _experiment(sheet: ChecklistSheet, row: SiteExperiment) -> Context:
    row.sheet = sheet
    method = TestMethod(row.method)
    return _entry(
        f"{entries.EXPERIMENT}:{row.client_id}",
        sheet,
        entering.experiment_form(sheet, method=method, row=row),
        "inspections/experiment_fields.html",
        title=str(row),
        method=row.method,
        version=row.version,
        lines=entries.lines_said([line_of(row)]),
    )


def _empty(sheet: ChecklistSheet, method: TestMethod) -> Context:
    """``about`` says that it is a new one; the device gives it an id of its own."""
    return _entry(
        f"{entries.EXPERIMENT}:new",
        sheet,
        entering.experiment_form(sheet, method=method),
        "inspections/experiment_fields.html",
        title="现场实验",
        method=method.value,
        label=method.label,
    )


def _case(sheet: ChecklistSheet) -> Context:
    record = CaseRecord.objects.prefetch_related("appraisers").get(sheet=sheet)
    assert sheet.case is not None  # noqa: S101 -- asked for a case file alone
    form = CaseForm(record=record, certificate=sheet.case.certificate)
    chosen = [row.membership_id for row in record.appraisers.all() if row.membership_id]
    for name, field in form.fields.items():
        if name.startswith("person-"):
            # Everybody on record comes once with the bundle, here only who has been chosen.
            people = Membership.objects.filter(pk__in=chosen).select_related("user")
            field.queryset = people  # type: ignore[attr-defined]
    return _entry(
        f"{entries.CASE}:{sheet.pk}",
        sheet,
        form,
        "inspections/case_fields.html",
        title="案卷要素",
        version=record.version,
    )


def people_of(task: InspectionTask) -> list[list[object]]:
    """The appraisers a case file may name, once for all its forms."""
    if task.bureau_id is None:
        return []
    rows = Membership.objects.filter(role__in=Role.technical).select_related(
        "user", "authority", "employer", "unit"
    )
    return [[row.pk, str(row)] for row in rows]


def rules() -> Context:
    """What the device's own look at a measurement follows (static/js/onsite/figures.mjs)."""
    return {
        "experiment_item": EXPERIMENT_ITEM,
        "bases": {basis.value: basis.label for basis in LimitBasis},
        "outcomes": {each.value: [each.label, TestOutcome(each).tone] for each in TestOutcome},
    }


# 现场笔录 ------------------------------------------------------------------------------------------


def interviews_of(task: InspectionTask, user: Actor) -> Context:
    """The records of a visit, and what a new one begins with."""
    rows = task.interviews.select_related(
        "task__authority", "task__campaign", "recorder__user"
    ).prefetch_related("signatures")
    return {
        "rows": [interview(row, user) for row in rows],
        "opening": [text.format(authority=task.authority.name) for text in OPENING],
        "begin_html": render_to_string(
            "inspections/interview_begin_fields.html", {"form": BeginForm(task=task)}
        ),
        "line_html": render_to_string(
            "inspections/interview_line.html", {"number": "", "question": "", "answer": ""}
        ),
    }


def interview(row: Interview, user: Actor) -> Context:
    """One record as it stands."""
    standing = [each for each in row.signatures.all() if each.void_at is None]
    acting = user.acting.pk if user.acting else 0
    return {
        "id": row.pk,
        "title": str(row),
        "state": row.state,
        "state_label": row.get_state_display(),
        "person": row.person,
        "position": row.position,
        "place": row.place,
        "began_at": cn_datetime(row.began_at),
        "lines": row.lines,
        "remark": row.remark,
        "seen": papers.content_hash(row),
        "signed": [each.name for each in standing],
        "person_signed": any(each.membership_id is None for each in standing),
        "own_signed": any(each.membership_id == acting for each in standing),
        "may_sign": bool(may_sign(user, row)),
    }


def fresh(lease: TaskLease, about: object, user: Actor) -> Context:
    """What a conflict was about, as it stands now: the device shows it instead of what it had taken along."""
    kind, _, key = str(about).partition(":")
    if kind == "interview":
        return interview(lease.task.interviews.get(pk=key), user)
    rows = lease.task.sheets.select_related("standard", "case__certificate")
    if kind == entries.EXPERIMENT:
        row = SiteExperiment.objects.get(client_id=key, sheet__task=lease.task)
        return _experiment(rows.get(pk=row.sheet_id), row)
    sheet = rows.get(pk=key)
    return _case(sheet) if kind == entries.CASE else _environment(sheet)
