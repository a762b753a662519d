"""Lists: upload, look at what would happen, put cells right, commit, take back."""

import datetime as dt
from collections.abc import Iterable
from typing import TypedDict, Unpack
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.accounts.bulk import units_in_reach, without_account
from metrostd.accounts.policies import can_open_in_bulk
from metrostd.annex4.headers import TARGET_NAMES
from metrostd.annex4.template import blank_template
from metrostd.common import clock
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of, send_file
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.spreadsheet import xlsx_response
from metrostd.common.templatetags.lists import query_string
from metrostd.lists import imports
from metrostd.lists.forms.upload import UploadForm
from metrostd.lists.imports.decisions import SKIP, key_of_row
from metrostd.lists.imports.grid import build_grid, issue_groups, sheet_maps
from metrostd.lists.imports.questions import decided, known_map, questions
from metrostd.lists.moves.imports import COMMIT
from metrostd.lists.policies import imports as policies
from metrostd.lists.queries import handed_over
from metrostd.registry.enums import ImportState, RowChange
from metrostd.registry.models import Authority, ImportBatch

from . import actions

_TABS = (
    ("", "全部"),
    (RowChange.NEW, "新增"),
    (RowChange.CHANGED, "变更"),
    (RowChange.UNCHANGED, "无变化"),
    (RowChange.CONFLICT, "待决定"),
    (RowChange.ERROR, "有错误"),
    (RowChange.SKIPPED, "跳过"),
)
_ROWS = 50
_TRAIL = 10


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """All lists, newest first, with who uploaded them."""
    require(policies.can_import(request.user))
    batches = ImportBatch.objects.visible_to(request.user).for_list()
    page = page_of(request, batches)
    entries = AuditEntry.objects.about_all(ImportBatch, [b.pk for b in page])
    read = {e.target_id: e for e in entries.filter(action="import.read")}
    rows = [(batch, read.get(batch.pk)) for batch in page]
    return render(request, "lists/imports.html", {"page": page, "rows": rows})


@require_safe
def template(request: PortalRequest) -> HttpResponse:
    """A blank list whose cells check themselves."""
    require(policies.can_import(request.user))
    districts = Authority.objects.districts().values_list("region_name", flat=True)
    return xlsx_response(
        blank_template(list(dict.fromkeys(districts))), filename="名单空白模板.xlsx"
    )


@require_http_methods(["GET", "POST"])
def upload(request: PortalRequest) -> HttpResponse:
    """Take a list in; a long one is read in the background."""
    require(policies.can_import(request.user))
    acting = request.user.acting
    initial = {"issuing_authority": acting.authority_id if acting else None}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _take(request, form.cleaned_data)
        except ValidationError as error:
            form.add_error("file", error)
    status = 422 if form.is_bound else 200
    return render(request, "lists/import_upload.html", {"form": form}, status=status)


def _take(request: PortalRequest, given: dict) -> HttpResponse:
    upload = given["file"]
    data, name = upload.read(), upload.name or "名单"
    common = {
        "category": given["category"],
        "issuing_authority": given["issuing_authority"],
        "campaign_code": given["campaign_code"],
        "on": clock.today(),
        "actor": request.user,
    }
    stored, big = imports.store_list(data, name)
    if big:
        return go(
            request, reverse("common:job", args=[imports.queue_read(stored, name, **common).pk])
        )
    batch = imports.start_import(data, name, **common)
    waiting = next((c for c in ("error", "conflict") if batch.summary["rows"][c]), "")
    return go(request, batch.get_absolute_url() + (f"?change={waiting}" if waiting else ""))


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """What committing would do, row by row, and what stands in its way."""
    batch = _batch(request, pk)
    chosen = request.GET.get("change", "")
    rows = batch.rows.select_related("unit", "standard").order_by("pk")
    if chosen in RowChange.values:
        rows = rows.filter(change=chosen)
    page = page_of(request, rows, size=_ROWS)
    maps = sheet_maps(batch)
    user = request.user
    may_edit = bool(policies.can_reread(user, batch))
    context = {
        "batch": batch,
        "page": page,
        "change": chosen,
        "grid": build_grid(batch, page.object_list),
        "groups": issue_groups(batch),
        "questions": questions(batch),
        "decided": decided(batch),
        "known_map": known_map(batch) if may_edit else None,
        "tabs": _tabs(request, batch, chosen),
        "maps": maps,
        "unknown_columns": sum(m.unknown for m in maps),
        "no_header": not any(m.header_row for m in maps),
        "targets": list(TARGET_NAMES.items()),
        "errors": batch.summary["issues"]["error"] - batch.summary["conflicts"]["open"],
        "judged_on": dt.date.fromisoformat(batch.summary["on"]),
        "may_edit": may_edit,
        "actions": actions.of_list(user, batch),
        "hand_over": handed_over(batch, on=clock.today()),
        "unserved": _unserved(request, batch),
        "entries": AuditEntry.objects.about(batch)[:_TRAIL],
    }
    return render(request, "lists/import_detail.html", context)


def _unserved(request: PortalRequest, batch: ImportBatch) -> int:
    """Units of a committed list that nobody can sign in for: they are offered an account."""
    if batch.state != ImportState.COMMITTED or not can_open_in_bulk(request.user):
        return 0
    return without_account(units_in_reach(request.user), batch=batch).count()


def _tabs(request: PortalRequest, batch: ImportBatch, chosen: str) -> list[dict]:
    counts = {"": sum(batch.summary["rows"].values()), **batch.summary["rows"]}
    return [
        {
            "label": label,
            "count": counts[value],
            "current": value == chosen,
            "url": query_string(request, change=value, page=None),
        }
        for value, label in _TABS
        if counts[value] or value in ("", RowChange.ERROR)
    ]


@require_safe
def original(request: PortalRequest, pk: int) -> HttpResponseBase:
    """The file as it was uploaded."""
    batch = _batch(request, pk)
    return send_file(request, batch.file, filename=batch.filename, what="名单原件")


@require_POST
def reread(request: PortalRequest, pk: int) -> HttpResponse:
    """Read again with the columns and cells put right on the page."""
    batch = _batch(request, pk)
    require(policies.can_import(request.user))  # a list already done answers 409
    header_map = _given(request, "map:", _mapped(batch))
    edits = _given(request, "edit:", {})
    if back := request.POST.get("back", ""):  # one cell as the file has it
        sheet, _, cell = back.removeprefix("edit:").rpartition("!")
        edits.setdefault(sheet, {})[cell] = ""
    return _again(request, batch, header_map=header_map, edits=edits)


@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Settle conflicts one by one or all of a kind, leave rows out, take a decision back."""
    batch = _batch(request, pk)
    require(policies.can_import(request.user))  # a list already done answers 409
    decisions = {
        prefix.replace("all:", "*").replace("choose:", "") + key.removeprefix(prefix): value
        for prefix in ("all:", "choose:")
        for key, value in _fields(request, prefix)
        if value
    }
    sheet, _, number = request.POST.get("leave", "").rpartition("!")
    if sheet and is_key(number):
        decisions[key_of_row(sheet, int(number))] = SKIP
    if revoked := request.POST.get("revoke", ""):
        decisions = {revoked: ""}
    return _again(request, batch, decisions=decisions)


class Given(TypedDict, total=False):
    """What a person adds to a list before it is read again: headings, cells, decisions."""

    header_map: dict[str, dict[str, str]]
    edits: dict[str, dict[str, str]]
    decisions: dict[str, str]


def _again(request: PortalRequest, batch: ImportBatch, **given: Unpack[Given]) -> HttpResponse:
    """Read the list again with what was given; a long one in the background."""
    if imports.is_long(batch):
        job = imports.queue_reread(batch, actor=request.user, **given)
        return go(request, reverse("common:job", args=[job.pk]))
    imports.reparse(batch, actor=request.user, **given)
    if verdict := policies.can_commit(request.user, batch):
        messages.success(request, "已重新检查，没有错误，可以入库。")
    else:
        messages.warning(request, f"已重新检查。{verdict.reason}")
    change = request.POST.get("change", "")
    if change in RowChange.values and not batch.summary["rows"][change]:
        change = ""
    query = {"change": change} if change in RowChange.values else {}
    if is_key(page := request.POST.get("page", "")) and page != "1":
        query["page"] = page
    return go(request, batch.get_absolute_url() + (f"?{urlencode(query)}" if query else ""))


def _mapped(batch: ImportBatch) -> dict[str, str]:
    """The columns as they are read now, under the names of the form's fields."""
    return {
        f"map:{sheet['name']}!{column}": target
        for sheet in batch.summary["sheets"]
        for column, target, _ in sheet["columns"]
    }


def _given(request: PortalRequest, prefix: str, now: dict[str, str]) -> dict[str, dict[str, str]]:
    """What the page sent under ``prefix`` and is different from what stands."""
    found: dict[str, dict[str, str]] = {}
    for key, value in _fields(request, prefix):
        if value == now.get(key, "" if prefix == "map:" else request.POST.get(f"was:{key}")):
            continue
        sheet, _, place = key.removeprefix(prefix).rpartition("!")
        if sheet and place:
            found.setdefault(sheet, {})[place] = value
    return found


def _fields(request: PortalRequest, prefix: str) -> Iterable[tuple[str, str]]:
    return ((k, str(v).strip()) for k, v in request.POST.items() if k.startswith(prefix))


@require_POST
def commit(request: PortalRequest, pk: int) -> HttpResponse:
    """Write the list to the register, in the background."""
    batch = _batch(request, pk)
    if COMMIT.allowed_from(batch.state):  # otherwise 409
        require(policies.can_commit(request.user, batch))
    job = imports.queue_commit(batch, actor=request.user)
    return go(request, reverse("common:job", args=[job.pk]))


@require_POST
def discard(request: PortalRequest, pk: int) -> HttpResponse:
    """Give the list up."""
    batch = _batch(request, pk)
    require(policies.can_import(request.user))
    imports.discard(batch, actor=request.user)
    messages.success(request, "已放弃，名单没有写入台账。")
    return go(request, "lists:index")


@require_POST
def undo(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a committed list back as a whole; a long one in the background."""
    batch, note = _batch(request, pk), request.POST.get("note", "")
    require(policies.can_import(request.user))
    if imports.is_long(batch):
        job = imports.queue_undo(batch, actor=request.user, note=note)
        return go(request, reverse("common:job", args=[job.pk]))
    imports.undo_import(batch, actor=request.user, note=note)
    messages.success(request, "已撤回：新增的单位和计量标准已删除，变更的内容已恢复。")
    return go(request, batch)


def _batch(request: PortalRequest, pk: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(request.user)
    return get_object_or_404(batches.select_related("issuing_authority", "file"), pk=pk)
