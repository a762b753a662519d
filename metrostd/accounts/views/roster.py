"""名册: people of offices from a workbook and into one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from metrostd.accounts import policies, roster, roster_sheet
from metrostd.accounts.forms.roster import RosterForm
from metrostd.annex4.unreadable import UnreadableFile
from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest
from metrostd.common.policies import require
from metrostd.common.spreadsheet import Sheet


@require_http_methods(["GET", "POST"])
def people_import(request: PortalRequest) -> HttpResponse:
    """Look a roster through, or take it in: all rows or none, what is wrong by its cell."""
    require(policies.can_open_in_bulk(request.user))
    form = RosterForm(request.POST or None, request.FILES or None)
    plan: roster.Plan | None = None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (plan := _read(request, form)) is not None and not plan.issues:
            status = 200
            if request.POST.get("act") == "import" and _carried_out(request, form, plan):
                return redirect("accounts:people")
    context = {
        "form": form,
        "plan": plan,
        "counts": sorted(plan.counts.items()) if plan else [],
        "headings": roster_sheet.HEADINGS,
        "bulk": policies.can_open_in_bulk(request.user),
    }
    return render(request, "accounts/roster.html", context, status=status)


def _read(request: PortalRequest, form: forms.Form) -> roster.Plan | None:
    upload = form.cleaned_data["file"]
    try:
        return roster.read(upload.read(), upload.name, viewer=request.user)
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return None


def _carried_out(request: PortalRequest, form: forms.Form, plan: roster.Plan) -> bool:
    try:
        done = roster.carry_out(plan, actor=request.user)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    said = "，".join(f"{what}{count}人" for what, count in sorted(done.items()))
    messages.success(request, f"名册已导入：{said}。新增人员请发放一次性验证码。")
    return True


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
