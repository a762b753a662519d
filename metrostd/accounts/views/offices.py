"""Authorities and their people; who had access to what on a day."""

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.accounts import offices, policies
from metrostd.accounts.access import Access, memberships_on, with_states
from metrostd.accounts.forms.offices import OfficeForm
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import Authority

_COLUMNS = (
    Column("姓名", 12),
    Column("用户名", 18),
    Column("任职身份", 34),
    Column("授予日期", 14),
    Column("任职至", 14),
    Column("结束日期", 14),
    Column("账户状态", 12),
    Column("证件号", 20),
    Column("证件有效期至", 14),
)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The authorities of one's reach."""
    require(policies.can_open_in_bulk(request.user))
    context = {
        "offices": offices.for_list(request.user),
        "bulk": policies.can_open_in_bulk(request.user),
        "add": policies.can_add_office(request.user),
    }
    return render(request, "accounts/offices.html", context)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """One authority: what it says of itself, and who acts for it."""
    row = get_object_or_404(offices.for_list(request.user), pk=pk)
    require(policies.can_open_in_bulk(request.user))
    members = Membership.objects.of_authority(row).select_related("user", "authority", "unit")
    context = {
        "office": row,
        "members": members.order_by("role", "user__display_name"),
        "edit": policies.can_edit_office(request.user, row),
        "today": clock.today(),
        "entries": AuditEntry.objects.about(row)[:30],
    }
    return render(request, "accounts/office.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(offices.for_list(request.user), pk=pk)
    require(policies.can_edit_office(request.user, row))
    return _write(request, row, f"{row}的资料")


@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    require(policies.can_add_office(request.user))
    return _write(request, Authority(), "增设机关")


def _write(request: PortalRequest, row: Authority, title: str) -> HttpResponse:
    form = OfficeForm(request.POST or None, may=offices.fields_for(request.user), instance=row)
    tried = attempt(
        request, form, lambda: offices.write(row, form.cleaned_data, actor=request.user)
    )
    if tried.done:
        messages.success(request, "已保存。" if tried.made else "没有改动。")
        return redirect("accounts:office", pk=row.pk)
    context = {"form": form, "title": title, "office": row if row.pk else None}
    return render(request, "accounts/office_form.html", context, status=tried.status)


def _day(request: PortalRequest) -> dt.date:
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return clock.today()


@require_safe
def access(request: PortalRequest) -> HttpResponse:
    """Who could act as what on a day, and whether the account could be signed in with."""
    require(policies.may_see_people(request.user))
    day = _day(request)
    rows = memberships_on(day, viewer=request.user)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(user__display_name__icontains=words)
    page = page_of(request, rows)
    context = {
        "page": page,
        "rows": with_states(page.object_list, day=day),
        "day": day,
        "bulk": policies.can_open_in_bulk(request.user),
    }
    return render(request, "accounts/access.html", context)


@require_POST
@exported
def access_export(request: PortalRequest) -> Export:
    """The same as a workbook."""
    require(policies.may_see_people(request.user))
    day = _day(request)
    rows = memberships_on(day, viewer=request.user)
    title = f"{cn_date(day)}的权限"
    return Export(
        what=title,
        filename=f"权限{day:%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [Sheet("权限", title, _COLUMNS, map(_cells, with_states(rows, day=day)))],
    )


def _cells(row: Access) -> tuple[CellValue, ...]:
    member = row.membership
    return (
        member.user.display_name,
        member.user.username,
        member.label,
        cn_date(member.created_at),
        cn_date(member.ends_on),
        cn_date(member.ended_at),
        row.state.label,
        member.cert_no,
        cn_date(member.cert_valid_until),
    )
