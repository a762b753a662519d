"""What a device sends of the forms beside a sheet: experiments, environment, the facts of a case file.

They are read by the forms of the pages and written by their acts. A stale one is refused with both values;
whose act it was stays on record when it gives way.
"""

import uuid
from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import QueryDict

from inspections import casework, policies
from inspections.measured import acts, entering
from inspections.measured.forms import METHODS, EnvironmentForm
from inspections.measured.lines import Line, environment_lines, line_of
from inspections.models import (
    CaseRecord,
    ChecklistSheet,
    SiteEnvironment,
    SiteExperiment,
    TaskLease,
)
from inspections.review_forms import CaseForm
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.found import get_object_or_404
from metrostd.common.http import StaleError
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.enums import TestMethod

from .records import Content, Sent, base_version, number_in, pairs_in, stands_on, text_in, uuid_in

#: What a device calls each of them, with the key of its sheet or its own.
EXPERIMENT, ENVIRONMENT, CASE = "experiment", "environment", "case_record"


def _sheet(lease: TaskLease, data: Content, actor: Actor) -> ChecklistSheet:
    rows = lease.task.sheets.select_related("standard", "case__certificate")
    sheet: ChecklistSheet = get_object_or_404(rows, pk=number_in(data, "sheet_id"))
    sheet.task = lease.task
    require(policies.may_take_part(actor, lease.task))
    return sheet


def _fields(data: Content, **own: object) -> QueryDict:
    """The fields as a page would send them; ``own`` stands over what the device says of them."""
    sent = QueryDict(mutable=True)
    for name, value in pairs_in(data, "fields"):
        sent.appendlist(name, value)
    for name, said in own.items():
        sent[name] = str(said)
    return sent


def require_valid(form: Form) -> None:
    """Raise ValidationError with every sentence of the form."""
    if not form.is_valid():
        raise ValidationError([text for found in form.errors.values() for text in found])


def _both_values(about: str, act: Callable[[], None]) -> None:
    """A stale write says what it is about, so that the device can show what stands now."""
    try:
        act()
    except StaleError as error:
        raise StaleError(str(error), payload={**error.payload, "about": about}) from error


def lines_said(lines: list[Line]) -> list[dict[str, str]]:
    """Judged lines as the device shows them."""
    return [
        {"title": x.title, "words": x.words, "verdict": x.verdict, "tone": x.tone} for x in lines
    ]


def _environment(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    del sent
    sheet, base = _standard_sheet(lease, data, actor), base_version(lease, data)
    kept = entering.environment_of(sheet)
    form = EnvironmentForm(_fields(data, base_version=base), sheet=sheet, kept=kept)
    require_valid(form)
    _both_values(
        f"{ENVIRONMENT}:{sheet.pk}",
        lambda: acts.save_environment(sheet, form.values(), base_version=base, actor=actor),
    )
    _settled(SiteEnvironment.objects.get(sheet=sheet), data, actor)
    kept = entering.environment_of(sheet)
    return {"version": kept.version, "lines": lines_said(environment_lines(kept))}


def _standard_sheet(lease: TaskLease, data: Content, actor: Actor) -> ChecklistSheet:
    sheet = _sheet(lease, data, actor)
    if sheet.standard_id is None:
        raise ValidationError("只有计量标准的检查表记录现场实验和环境。")
    return sheet


def _experiment_row(sheet: ChecklistSheet, own: uuid.UUID) -> SiteExperiment | None:
    row = SiteExperiment.objects.filter(client_id=own).first()
    if row is not None:
        if row.sheet_id != sheet.pk:
            raise ValidationError("同一编号已用于另一张检查表，请导出后重新填写。")
        row.sheet = sheet
    return row


def _experiment(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    del sent
    sheet, base = _standard_sheet(lease, data, actor), base_version(lease, data)
    own = uuid_in(data, "entry")
    row = _experiment_row(sheet, own)
    method = row.method if row else text_in(data, "method")
    if method not in METHODS:
        raise ValidationError("这一版门户不认识这种实验方法，请导出后联系系统管理员。")
    form = entering.experiment_form(
        sheet,
        method=TestMethod(method),
        row=row,
        data=_fields(data, base_version=max(base, 1), client_id=own),
    )
    require_valid(form)
    if row is None:
        row = acts.add_experiment(
            sheet, form.entry(), client_id=own, values=form.values(), actor=actor
        )
    else:
        kept = row
        _both_values(
            f"{EXPERIMENT}:{own}",
            lambda: acts.update_experiment(
                kept, form.entry(), base_version=base, values=form.values(), actor=actor
            ),
        )
    _settled(row, data, actor)
    return {
        "version": row.version,
        "place": row.place,
        "lines": lines_said([line_of(row)]),
    }


def _withdraw(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    """An experiment is taken off the sheet; one that was never on it is no fault."""
    del sent
    sheet = _standard_sheet(lease, data, actor)
    stands_on(lease, data)
    if row := _experiment_row(sheet, uuid_in(data, "entry")):
        acts.withdraw_experiment(row, actor=actor)
    return {"version": row.version if row else 0, "withdrawn": True}


def _case(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    del sent
    sheet, base = _sheet(lease, data, actor), base_version(lease, data)
    if sheet.case is None:
        raise ValidationError("只有案卷的检查表有案卷要素。")
    record = _record(sheet)
    form = CaseForm(
        _fields(data, base_version=base), record=record, certificate=sheet.case.certificate
    )
    require_valid(form)
    _both_values(
        f"{CASE}:{sheet.pk}",
        lambda: casework.save_case(
            record, form.values(), form.appraisers(), base_version=base, actor=actor
        ),
    )
    _settled(record, data, actor)
    return {"version": _record(sheet).version}


def _record(sheet: ChecklistSheet) -> CaseRecord:
    record = CaseRecord.objects.prefetch_related("appraisers").get(sheet=sheet)
    record.sheet = sheet
    return record


# Conflicts ----------------------------------------------------------------------------------------


def _settled(
    row: SiteEnvironment | SiteExperiment | CaseRecord,
    data: Content,
    actor: Actor,
) -> None:
    """A conflict was settled on the device: the value that gave way stays on record."""
    if "lost" in data:
        audit.record(row, actor=actor, action="sheet.settle", label="处理冲突", before=data["lost"])


def give_way(lease: TaskLease, data: Content, actor: Actor) -> Context:
    """What the colleague entered was chosen: one's own stays on record, the entry as it is."""
    sheet = _sheet(lease, data, actor)
    kind = text_in(data, "about")
    row: SiteEnvironment | SiteExperiment | CaseRecord | None = None
    if kind == EXPERIMENT:
        row = _experiment_row(sheet, uuid_in(data, "entry"))
    elif kind == ENVIRONMENT:
        row = SiteEnvironment.objects.filter(sheet=sheet).first()
    elif kind == CASE and sheet.case_id is not None:
        row = _record(sheet)
    if row is None:
        raise ValidationError("这一项不在这张检查表里了，内容可以导出。")
    _settled(row, data, actor)
    return {"version": row.version}


# Signatures ---------------------------------------------------------------------------------------


def versions_of(lease: TaskLease) -> dict[str, int]:
    """What stands beside the sheets of a task now, by what a device calls it."""
    task = lease.task_id
    found = {
        f"{EXPERIMENT}:{own}": version
        for own, version in SiteExperiment.objects.filter(
            sheet__task=task, withdrawn_at=None
        ).values_list("client_id", "version")
    }
    around = SiteEnvironment.objects.filter(sheet__task=task, version__gt=0)
    cases = CaseRecord.objects.filter(sheet__task=task, version__gt=0)
    for kind, rows in ((ENVIRONMENT, around), (CASE, cases)):
        found |= {f"{kind}:{sheet}": v for sheet, v in rows.values_list("sheet", "version")}
    return found


def are_as_shown(lease: TaskLease, data: Content) -> bool:
    """Whether what stands beside the sheets is what the device showed when somebody signed on it.

    A page of before these entries could be taken along shows none and says nothing of them.
    """
    shown = data.get("entries")
    if not isinstance(shown, Mapping):
        return True
    said = {
        str(target): base_version(lease, base)
        for target, base in shown.items()
        if isinstance(base, Mapping)
    }
    return said == versions_of(lease)


ACTS: dict[str, Callable[[TaskLease, Sent, Content, Actor], Context]] = {
    "environment": _environment,
    "experiment": _experiment,
    "withdraw": _withdraw,
    "case_record": _case,
}
