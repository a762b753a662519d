"""The facts of a case file: days, papers and people, from which the sheet's hints are counted."""

from operator import attrgetter

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from inspections import casework, policies, review_policies
from inspections.models import CaseRecord
from inspections.review_forms import CaseForm
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.http import PortalRequest
from metrostd.common.policies import require

from .found import sheet_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.subject"))
def case_record(request: PortalRequest, pk: int) -> HttpResponse:
    """Enter what the papers of a case file say; the sheet counts work days from it."""
    sheet = sheet_or_404(request, pk)
    if sheet.case is None:
        raise Http404
    require(policies.may_take_part(request.user, sheet.task))
    if request.method != "POST":
        require(review_policies.can_fill_case(request.user, sheet))
    record = CaseRecord.objects.prefetch_related("appraisers").get(sheet=sheet)
    record.sheet = sheet
    form = CaseForm(request.POST or None, record=record, certificate=sheet.case.certificate)
    tried = attempt(
        request,
        form,
        lambda: casework.save_case(
            record,
            form.values(),
            form.appraisers(),
            base_version=form.cleaned_data["base_version"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "案卷要素已保存。")
        return redirect(sheet)
    context = {"sheet": sheet, "task": sheet.task, "form": form, **tried.shown}
    return render(request, "inspections/case_record.html", context, status=tried.status)
