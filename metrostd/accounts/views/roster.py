"""名册: people of offices from a workbook and into one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from metrostd.accounts import policies, roster, roster_sheet, roster_writing
from metrostd.accounts.forms.roster import RosterForm
from metrostd.accounts.models import RosterFile
from metrostd.annex4.unreadable import UnreadableFile
from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, go
from metrostd.common.outside import whole
from metrostd.common.policies import require
from metrostd.common.spreadsheet import Sheet

#: So many rows of a roster the page lists; the file itself lists all.
_SHOWN = 100


@require_http_methods(["GET", "POST"])
def people_import(request: PortalRequest) -> HttpResponse:
    """Look a roster through, or take it in: all rows or none, what is wrong by its cell; a long one by a job."""
    require(policies.can_open_in_bulk(request.user))
    form = RosterForm(request.POST or None, request.FILES or None)
    plan: roster.Plan | None = None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (plan := _read(request, form)) is not None and not plan.issues:
            status = 200
            wanted = request.POST.get("act") == "import"
            if wanted and (answer := _taken_in(request, form, plan)) is not None:
                return answer
    context = {
        "form": form,
        "plan": plan,
        "shown": plan.lines[:_SHOWN] if plan else [],
        "counts": sorted(plan.counts.items()) if plan else [],
        "headings": roster_sheet.HEADINGS,
        "bulk": policies.can_open_in_bulk(request.user),
        "done": _done(request),
    }
    return render(request, "accounts/roster.html", context, status=status)


def _done(request: PortalRequest) -> RosterFile | None:
    """The roster whose job led here."""
    if (wanted := whole(request.GET.get("done", ""))) is None:
        return None
    rows = RosterFile.objects.filter(pk=wanted, made_by=request.user)
    return rows.exclude(finished_at=None).first()


def _read(request: PortalRequest, form: forms.Form) -> roster.Plan | None:
    upload = form.cleaned_data["file"]
    try:
        return roster.read(upload.read(), upload.name, viewer=request.user)
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return None


def _taken_in(request: PortalRequest, form: forms.Form, plan: roster.Plan) -> HttpResponse | None:
    """Where to go next, or nothing when a row was refused."""
    if plan.is_long:
        upload = form.cleaned_data["file"]
        upload.seek(0)
        job = roster_writing.queue(upload.read(), upload.name, plan, actor=request.user)
        return go(request, reverse("common:job", args=[job.pk]))
    try:
        done = roster_writing.carry_out(plan, actor=request.user)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    said = "，".join(f"{what}{count}人" for what, count in sorted(done.items()))
    messages.success(request, f"名册已导入：{said}。新增人员的启用通知单在“账户启用”中打印。")
    return redirect("accounts:people")


@require_POST
@exported
def people_export(request: PortalRequest) -> Export:
    """Everybody of offices one manages; also the form to fill in."""
    require(policies.can_open_in_bulk(request.user))
    title = "检查人员、考评员和专家名册"
    return Export(
        what=title,
        filename=f"人员名册{clock.today():%Y%m%d}.xlsx",
        count=lambda: sum(1 for _ in roster_sheet.members_for_export(request.user)),
        sheets=lambda: [
            Sheet(
                "名册",
                title,
                roster_sheet.COLUMNS,
                map(roster_sheet.cells, roster_sheet.members_for_export(request.user)),
            )
        ],
    )
