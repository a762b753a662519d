"""Tests of a standard: choosing the method, entering readings, the result, correcting and voiding."""

import datetime as dt

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common import clock
from metrostd.common.attempts import Attempt, attempt, save_edit
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Values
from metrostd.registry import policies, services
from metrostd.registry.enums import TestMethod, TestOutcome
from metrostd.registry.forms import TestForm
from metrostd.registry.models import CapabilityTest, MeasurementStandard
from metrostd.registry.queries.capability import TestDetail, methods_by_kind, series_chart
from metrostd.registry.views import actions

_TRAIL = 20
_MORE_ROWS = 4


def standard_of(request: PortalRequest, pk: int) -> MeasurementStandard:
    """The standard within the person's scope, or 404."""
    standards = MeasurementStandard.objects.visible_to(request.user).select_related("unit")
    return get_object_or_404(standards, pk=pk)


def _tell(request: PortalRequest, did: str, test: CapabilityTest) -> None:
    """What came out; a result that leaves something to do is no success."""
    level = messages.WARNING if test.outcome in TestOutcome.open else messages.SUCCESS
    messages.add_message(request, level, f"{did}：{test.get_outcome_display()}。")


def _test(request: PortalRequest, pk: int) -> CapabilityTest:
    rows = CapabilityTest.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("standard__unit", "file"), pk=pk)


@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose a method, then enter a test; ``like`` starts from an earlier one."""
    standard = standard_of(request, pk)
    require(policies.can_maintain(request.user, standard))
    method = request.GET.get("method", "")
    if method not in TestMethod.values:
        context = {"standard": standard, "kinds": methods_by_kind()}
        return render(request, "registry/test_choose.html", context)
    form = _form(request, method=TestMethod(method), instance=_start(request, standard))
    tried: Attempt[CapabilityTest] = Attempt()
    if not _wants_more(request):
        tried = attempt(
            request,
            form,
            lambda: services.add_test(
                standard,
                form.entry(),
                tested_on=_tested_on(form),
                values=_values(form),
                actor=request.user,
            ),
        )
    if tried.done:
        _tell(request, "已登记并计算", tried.made)
        return go(request, tried.made)
    context = {"form": form, "standard": standard, "test": None}
    return render(request, "registry/test_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct a test; it is judged anew. A second editor sees both values and chooses."""
    test = _test(request, pk)
    require(policies.can_edit_record(request.user, test))
    form = _form(request, method=TestMethod(test.method), instance=test)
    tried: Attempt[object] = Attempt()
    if not _wants_more(request):
        tried = save_edit(
            request,
            form,
            services.update_test,
            test,
            said="",
            entry=form.entry,
            tested_on=lambda: _tested_on(form),
            values=lambda: _values(form),
        )
    if tried.done:
        _tell(request, "已保存并重新计算", test)
        return go(request, test)
    context = {"form": form, "standard": test.standard, "test": test, **tried.shown}
    return render(request, "registry/test_form.html", context, status=tried.status)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """One test: the result, how it came about, the readings, where it stands in its series."""
    test = _test(request, pk)
    series = list(CapabilityTest.objects.series_of(test).order_by("tested_on", "pk"))
    context = {
        "test": test,
        "standard": test.standard,
        "detail": TestDetail(test),
        "chart": series_chart(series),
        "actions": actions.of_test(request.user, test),
        "entries": AuditEntry.objects.about(test)[:_TRAIL],
    }
    return render(request, "registry/test.html", context)


@require_POST
def void(request: PortalRequest, pk: int) -> HttpResponse:
    """作废 with the reason; the test stays to be seen."""
    test = _test(request, pk)
    require(policies.can_void_record(request.user, test))
    services.void_test(test, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已作废，不再计入；作废有误可以撤销。")
    return go(request, test)


@require_POST
def restore(request: PortalRequest, pk: int) -> HttpResponse:
    """Undo a void."""
    test = _test(request, pk)
    require(policies.can_restore_record(request.user, test))
    services.restore_test(test, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已恢复，重新计入。")
    return go(request, test)


@require_safe
def scan(request: PortalRequest, pk: int) -> FileResponse:
    """The scan of the original record, under its own name."""
    test = _test(request, pk)
    if test.file is None:
        raise Http404("这次试验没有原始记录扫描件。")
    what = f"{test.standard.unit}：试验原始记录"
    return send_file(request, test.file, filename=test.file_name, what=what)


def _wants_more(request: PortalRequest) -> bool:
    """The button for more rows saves nothing."""
    return "more" in request.POST


def _form(request: PortalRequest, *, method: TestMethod, instance: CapabilityTest) -> TestForm:
    """The form as posted; the button for more rows gives it back with more of them."""
    rows = request.POST.get("rows", "")
    more = _wants_more(request)
    subjects = CapabilityTest.objects.recorded().filter(standard=instance.standard_id)
    count = int(rows) if rows.isascii() and rows.isdecimal() and len(rows) < 4 else 0
    form = TestForm(
        None if more else request.POST or None,
        request.FILES or None,
        method=method,
        instance=instance,
        on=clock.today(),
        rows=count + (_MORE_ROWS if more else 0),
        subjects=sorted(set(subjects.values_list("subject", flat=True))),
    )
    if more:
        form.initial.update({n: request.POST[n] for n in form.fields if n in request.POST})
    return form


def _start(request: PortalRequest, standard: MeasurementStandard) -> CapabilityTest:
    """An empty test, or one with the object, unit and limits of an earlier one of this standard."""
    like = request.GET.get("like", "")
    if like.isascii() and like.isdecimal() and len(like) < 18:
        old = CapabilityTest.objects.filter(standard=standard, pk=int(like)).first()
        if old is not None:
            given = old.values.get("given", {})
            kept = {k: v for k, v in given.items() if not k.startswith(("previous", "established"))}
            return CapabilityTest(
                standard=standard,
                method=old.method,
                subject=old.subject,
                unit_symbol=old.unit_symbol,
                values={"given": kept},
            )
    return CapabilityTest(standard=standard)


def _tested_on(form: TestForm) -> dt.date:
    return form.cleaned_data.get("tested_on") or form.on


def _values(form: TestForm) -> Values:
    """The columns a person typed, and the scan."""
    return form.values() | services.stored_scan(form.cleaned_data["scan"])
