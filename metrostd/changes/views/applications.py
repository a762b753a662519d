"""变更与封存: the list, one application on one page, writing it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.changes import policies, rules, services
from metrostd.changes.checks import missing
from metrostd.changes.filters import ChangeFilter
from metrostd.changes.forms import (
    AfterLineForm,
    BeforeLineForm,
    ChangeForm,
    DecisionForm,
    LineFormSet,
    held_by,
    line_formset,
)
from metrostd.changes.services import Lines
from metrostd.common import clock
from metrostd.common.actions import Action, possible
from metrostd.common.actors import Actor
from metrostd.common.attempts import Attempt, attempt, save_edit
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import Verdict, first_no, not_now, require
from metrostd.common.roles import Role
from metrostd.common.shapes import Context
from metrostd.registry import documents
from metrostd.registry.enums import ChangeEffect, ChangeKind, ChangeState, LineSide
from metrostd.registry.models import ChangeLine, ChangeRecord, MeasurementStandard
from metrostd.registry.moves.certificate import current_certificate
from metrostd.registry.views.units import district_choices

#: The tables of one application, by side.
Tables = dict[str, LineFormSet]

_FORMSETS = {
    LineSide.BEFORE: line_formset(BeforeLineForm),
    LineSide.AFTER: line_formset(AfterLineForm),
}


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The applications the person may see, newest first."""
    rows = ChangeRecord.objects.visible_to(request.user)
    context = {
        "page": page_of(request, ChangeFilter(request.GET).apply(rows)),
        "is_unit": request.user.scope.role == Role.UNIT_USER,
        "districts": district_choices(request),
        "kinds": ChangeKind.choices,
        "states": ChangeState.choices,
    }
    return render(request, "changes/changes.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The rows of the list under the same filter and in the same order, as a workbook."""
    rows = ChangeFilter(request.GET).apply(ChangeRecord.objects.visible_to(request.user))
    return Export(
        what=f"变更与封存 {request.GET.urlencode()}",
        filename=f"变更与封存{clock.today():%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [documents.change_list(rows.iterator(chunk_size=2000))],
    )


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """One application: what is asked for, what follows, what may be done now, who did what."""
    return page(request, fetch(request, pk))


def page(
    request: PortalRequest,
    record: ChangeRecord,
    *,
    form: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an application; ``form`` is a decision that was refused."""
    on, user = clock.today(), request.user
    lines = list(record.lines.select_related("instrument"))
    faults = missing(record, lines, on=on) if record.state in ChangeState.editable else {}
    certificate = current_certificate(record.standard)
    decide = policies.can_decide_change(user, record)
    if form is None and decide:
        form = DecisionForm(record=record, initial={"decided_on": on})
    edit = policies.can_edit_change(user, record)
    gaps = sum(map(len, faults.values()))
    submit = first_no(
        policies.can_submit_change(user, record),
        not_now(f"还有 {gaps} 处没有填好，见下面的提示。" if faults else ""),
    )
    context = {
        "record": record,
        "standard": record.standard,
        "unit": record.standard.unit,
        "certificate": certificate,
        "sides": _sides(lines) if record.kind == ChangeKind.REPLACE else [],
        "follows": rules.follow_up(record.effect),
        "faults": [reason for reasons in faults.values() for reason in reasons] if edit else [],
        "allowed": rules.certificate_allows(record.kind, certificate, on=on),
        "files": list(record.files.filter(removed_at=None).select_related("file")),
        "form": form,
        "edit_verdict": edit,
        "actions": _actions(user, record, edit, submit),
        "decide_verdict": decide,
        "entries": AuditEntry.objects.about(record),
    }
    return render(request, "changes/change.html", context, status=status)


def _actions(user: Actor, record: ChangeRecord, edit: Verdict, submit: Verdict) -> list[Action]:
    """The paper for everybody; the rest is the unit's, and stands there only while it can be done."""

    def address(name: str) -> str:
        return reverse(f"changes:{name}", args=[record.pk])

    paper = Action("打印申报表", address("paper"), kind="link", icon="printer")
    if user.scope.role != Role.UNIT_USER:
        return [paper]
    found = [
        paper,
        *possible(
            Action("修改", address("edit"), edit, "link", icon="pencil"),
            Action(
                "撤回",
                address("take_back"),
                policies.can_take_back_change(user, record),
                icon="arrow-back-up",
                confirm="撤回后这份申请不再办理，需要时须重新填写。",
            ),
        ),
    ]
    if edit:
        words = "提交给主持考核部门审批？提交后不能修改，可以撤回。"
        found.append(
            Action("提交", address("submit"), submit, tone="primary", icon="send", confirm=words)
        )
    return found


@require_http_methods(["GET", "POST"])
def create(request: PortalRequest, pk: int) -> HttpResponse:
    """Begin an application about a standard; ``kind`` comes with the address."""
    standards = MeasurementStandard.objects.visible_to(request.user)
    standard = get_object_or_404(standards.select_related("unit", "hosting_authority"), pk=pk)
    kind = request.GET.get("kind", ChangeKind.REPLACE)
    if kind not in ChangeKind.values:
        raise Http404
    certificate = current_certificate(standard)
    require(policies.can_apply(request.user, standard, certificate, kind, on=clock.today()))
    record = ChangeRecord(standard=standard, certificate=certificate, kind=kind)
    form, tables = _forms(request, record)
    tried = attempt(
        request,
        form,
        lambda: services.create_change(
            standard,
            kind=kind,
            values=form.changes(),
            lines=_rows(tables),
            actor=request.user,
        ),
        valid=_all_valid(form, tables),
    )
    if tried.done:
        messages.success(request, "已保存。核对无误后请提交。")
        return go(request, tried.made)
    return _render_form(request, record, form, tables, tried)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct an application before it is submitted; a colleague's save meanwhile shows both values."""
    record = fetch(request, pk)
    require(policies.can_edit_change(request.user, record))
    form, tables = _forms(request, fetch(request, pk))
    tried = save_edit(
        request,
        form,
        services.update_change,
        record,
        valid=_all_valid(form, tables),
        values=form.changes,
        lines=lambda: _rows(tables),
    )
    if tried.done:
        return go(request, record)
    return _render_form(request, record, form, tables, tried)


def fetch(request: PortalRequest, pk: int) -> ChangeRecord:
    """An application within the person's scope, with what its page names."""
    rows = ChangeRecord.objects.visible_to(request.user).select_related(
        "standard__unit__territorial_authority", "standard__hosting_authority", "certificate"
    )
    return get_object_or_404(rows, pk=pk)


def _forms(request: PortalRequest, record: ChangeRecord) -> tuple[ChangeForm, Tables]:
    form = ChangeForm(request.POST or None, instance=record, kind=record.kind)
    tables: Tables = {}
    if record.kind == ChangeKind.REPLACE:
        lines = list(record.lines.all()) if record.pk else []
        held = held_by(record.standard)
        for side, formset in _FORMSETS.items():
            tables[side.value] = formset(
                request.POST or None,
                prefix=side.value,
                initial=[_initial(line) for line in lines if line.side == side],
                form_kwargs={"held": held},
            )
    return form, tables


def _initial(line: ChangeLine) -> Context:
    names = AfterLineForm.Meta.fields if line.side == LineSide.AFTER else BeforeLineForm.Meta.fields
    return {
        name: getattr(line, "instrument_id" if name == "instrument" else name) for name in names
    }


def _all_valid(form: ChangeForm, tables: Tables) -> bool:
    # A list, so that every part says what is wrong with it at once.
    return all([form.is_valid(), *(table.is_valid() for table in tables.values())])


def _rows(tables: Tables) -> Lines:
    return {side: table.rows() for side, table in tables.items()}


def _sides(lines: list[ChangeLine]) -> list[tuple[str, list[ChangeLine]]]:
    return [(side.label, [line for line in lines if line.side == side]) for side in LineSide]


def _render_form(
    request: PortalRequest,
    record: ChangeRecord,
    form: ChangeForm,
    tables: Tables,
    tried: Attempt,
) -> HttpResponse:
    context = {
        "record": record,
        "standard": record.standard,
        "form": form,
        "tables": [(LineSide(side).label, side, table) for side, table in tables.items()],
        "rules": [(effect.label, rules.follow_up(effect)) for effect in ChangeEffect]
        if tables
        else [],
        **tried.shown,
    }
    return render(request, "changes/change_form.html", context, status=tried.status)
