"""Notices of a campaign: written, issued, delivered, read; the recipient opens the same page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import current_campaign
from campaigns.policies import may_chase
from metrostd.common import clock
from metrostd.common.actions import Action
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.exports import Export, exported
from metrostd.common.forms import LaidForm
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of, send_file
from metrostd.common.jobs import with_progress
from metrostd.common.models import AuditEntry
from metrostd.common.picking import picked
from metrostd.common.policies import require
from metrostd.common.shapes import CellValue, Context
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.notices import delivering, moves, policies
from metrostd.notices.enums import NoticeKind, NoticeState, RecipientKind
from metrostd.notices.forms import AnnexForm, NoticeForm
from metrostd.notices.models import Delivery, Notice, NoticeAnnex
from metrostd.notices.querysets import DeliveryQuerySet

_COLUMNS = (
    Column("对象", 20), Column("名称", 40), Column("所在区", 16), Column("送达时间", 18),
    Column("阅收时间", 18), Column("阅收人", 14),
)  # fmt: skip


def fetch(request: PortalRequest, pk: int) -> Notice:
    rows = Notice.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("campaign__organiser", "file", "published_by"), pk=pk
    )


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The notices of the campaign, each with how many have read it."""
    campaign = current_campaign(request)
    rows = Notice.objects.visible_to(request.user).filter(campaign=campaign)
    writes = policies.may_write(request.user)
    context = {
        "campaign": campaign,
        "page": page_of(request, rows.with_counts() if writes else rows),
        "writes": writes,
        "has_main": rows.filter(kind=NoticeKind.MAIN).exclude(state=NoticeState.WITHDRAWN).exists(),
    }
    return render(request, "notices/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    require(policies.may_write(request.user))
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404
    kind = NoticeKind.FURTHER if request.GET.get("kind") == NoticeKind.FURTHER else NoticeKind.MAIN
    first: dict[str, object] = {
        "issued_on": campaign.notice_on if kind == NoticeKind.MAIN else clock.today(),
        "basis": campaign.basis,
        "title": f"关于开展{campaign.title}的通知" if kind == NoticeKind.MAIN else "",
        "copy_to": "委综合行政执法总队",
        "base_version": 0,
    }
    form = NoticeForm(request.POST or None, request.FILES or None, initial=first)
    tried = attempt(
        request,
        form,
        lambda: moves.write(
            campaign,
            kind,
            form.words(),
            file=form.cleaned_data["file"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "已保存为草稿，请添加附件后印发。")
        return go(request, tried.made)
    context = {
        "form": form,
        "heading": f"拟写{kind.label}",
        "campaign": campaign,
        "back": reverse("notices:index"),
    }
    return render(request, "notices/form.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.may_write(request.user))
    if request.method != "POST":
        require(policies.can_edit(request.user, row))
    first = {name: getattr(row, name) for name in moves.FIELDS} | {"base_version": row.version}
    form = NoticeForm(request.POST or None, request.FILES or None, initial=first)
    tried = save_edit(
        request,
        form,
        lambda record, **given: moves.rewrite(record, given.pop("words"), **given),
        row,
        words=form.words,
        file=lambda: form.cleaned_data["file"],
    )
    if tried.done:
        return go(request, row)
    context = {
        "form": form,
        "heading": "修改通知",
        "campaign": row.campaign,
        "back": row.get_absolute_url(),
        **tried.shown,
    }
    return render(request, "notices/form.html", context, status=tried.status)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """For whoever received it: the notice, and that it was read is on record. For the office: its delivery, too."""
    row = fetch(request, pk)
    if row.state == NoticeState.ISSUED:
        delivering.mark_read(row, user=request.user)
    return page(request, row)


def _deliveries(request: PortalRequest, row: Notice) -> DeliveryQuerySet:
    rows = Delivery.objects.within(notice=row).visible_to(request.user).filter(notice=row)
    if request.GET.get("kind") in RecipientKind.values:
        rows = rows.filter(kind=request.GET["kind"])
    match request.GET.get("read"):
        case "yes":
            rows = rows.exclude(read_at=None)
        case "no":
            rows = rows.unread()
    return rows


def page(
    request: PortalRequest, row: Notice, *, status: int = 200, annex: LaidForm | None = None
) -> HttpResponse:
    writes, chases = policies.may_write(request.user), may_chase(request.user)
    issued = row.state != NoticeState.DRAFT
    listed = page_of(request, _deliveries(request, row).for_list()) if chases and issued else None
    context: Context = {
        "notice": row,
        "annexes": [
            {
                "place": each.place,
                "name": each.title,
                "url": reverse("notices:annex", args=[each.pk]),
                "drop_url": reverse("notices:drop_annex", args=[each.pk]),
            }
            for each in row.annexes.all()
        ],
        "writes": writes,
        "actions": _actions(request, row) if writes else [],
        "delivery": _delivery(row) if writes else None,
        "against": moves.not_ready(row) if writes and not issued else [],
        "annex_form": annex or AnnexForm(),
        "list": listed,
        "chases": chases,
        "kinds": RecipientKind.choices,
        "readings": (("yes", "已阅收"), ("no", "未阅收")),
        "counts": _counts(request, row) if chases and issued else [],
        "query": request.GET.urlencode(),
        "entries": list(AuditEntry.objects.about(row)[:40]) if writes else [],
    }
    return render(request, "notices/detail.html", context, status=status)


def _delivery(row: Notice) -> Context | None:
    """How far the delivery is while not everybody has it, and whether nobody is at it any more."""
    if row.state != NoticeState.ISSUED or row.delivered_at is not None:
        return None
    job = moves.delivery_of(row)
    return {"job": with_progress(job), "undone": bool(moves.undelivered(row))} if job else None


def _counts(request: PortalRequest, row: Notice) -> list[tuple[str, int, int]]:
    """By class: how many it went to, how many of them have read it."""
    seen = Delivery.objects.within(notice=row).visible_to(request.user).filter(notice=row)
    pairs = seen.order_by().values_list("kind", "read_at")
    return [
        (kind.label, len(of_kind), sum(read is not None for read in of_kind))
        for kind in RecipientKind
        if (of_kind := [read for name, read in pairs if name == kind])
    ]


def _actions(request: PortalRequest, row: Notice) -> list[Action]:
    who = request.user
    if row.state == NoticeState.DRAFT:
        url = reverse("notices:edit", args=[row.pk])
        return [
            Action("修改", url, policies.can_edit(who, row), kind="link", icon="pencil"),
            Action(
                "印发",
                reverse("notices:issue", args=[row.pk]),
                policies.can_issue(who, row),
                tone="primary",
                icon="send",
                confirm="印发后不能再修改，并送到名单上所有单位和部门的收件箱。确定印发？",
            ),
        ]
    found = []
    if go_on := policies.can_go_on_delivering(who, row):
        url = reverse("notices:go_on_delivering", args=[row.pk])
        found.append(Action("继续送达", url, go_on, tone="primary", icon="send"))
    if withdraws := policies.can_withdraw(who, row):
        url = reverse("notices:withdraw", args=[row.pk])
        found.append(Action("撤回", url, withdraws, kind="note", note_label="撤回理由"))
    return found


@require_POST
def add_annex(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.may_write(request.user))
    form = AnnexForm(request.POST, request.FILES)
    tried = attempt(
        request, form, lambda: moves.add_annex(row, actor=request.user, **form.cleaned_data)
    )
    if not tried.done:
        return page(request, row, status=tried.status, annex=form)
    messages.success(request, f"已添加{tried.made}。")
    return go(request, row)


@require_POST
def drop_annex(request: PortalRequest, pk: int) -> HttpResponse:
    rows = NoticeAnnex.objects.filter(notice__in=Notice.objects.visible_to(request.user))
    row = get_object_or_404(rows.select_related("notice"), pk=pk)
    require(policies.may_write(request.user))
    moves.drop_annex(row, actor=request.user)
    messages.success(request, "附件已移除。")
    return go(request, row.notice)


@require_POST
def issue(request: PortalRequest, pk: int) -> HttpResponse:
    """Public at once; the inboxes are filled in the background, with progress."""
    row = fetch(request, pk)
    require(policies.may_write(request.user))
    job = moves.issue(row, actor=request.user)
    return redirect("common:job", pk=job.pk)


@require_POST
def go_on_delivering(request: PortalRequest, pk: int) -> HttpResponse:
    """The rest of a delivery that failed, by whoever may issue notices."""
    row = fetch(request, pk)
    require(policies.may_write(request.user))
    job = moves.go_on_delivering(row, actor=request.user)
    return redirect("common:job", pk=job.pk)


@require_POST
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.may_write(request.user))
    moves.withdraw(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已撤回，公开页不再显示。")
    return go(request, row)


@require_POST
def chase(request: PortalRequest, pk: int) -> HttpResponse:
    """催办 of those ticked, or of all that the conditions found, who have not read it."""
    row = fetch(request, pk)
    require(may_chase(request.user))
    rows = picked(request, _deliveries(request, row))
    try:
        outcome = delivering.chase(rows, text=request.POST.get("text", ""), actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        (messages.success if outcome.told else messages.warning)(request, outcome.sentence)
    query = request.GET.urlencode()
    return go(request, f"{row.get_absolute_url()}?{query}" if query else row.get_absolute_url())


@require_safe
@exported
def export(request: PortalRequest, pk: int) -> Export:
    """The delivery list as it stands: who got it, who has read it and when."""
    row = fetch(request, pk)
    require(may_chase(request.user))
    rows = _deliveries(request, row)
    return Export(
        what=f"送达情况：{row}",
        filename=f"送达情况-{row.pk}-{clock.today():%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [
            Sheet(
                "送达情况", f"{row}送达情况", _COLUMNS, map(_cells, rows.for_list().iterator(500))
            )
        ],
    )


def _cells(row: Delivery) -> list[CellValue]:
    area = row.unit.territorial_authority if row.unit else row.authority
    return [
        row.get_kind_display(),
        row.recipient,
        str(area or ""),
        row.sent_at,
        row.read_at,
        str(row.read_by or ""),
    ]


@require_safe
def file(request: PortalRequest, pk: int) -> FileResponse:
    row = fetch(request, pk)
    if row.file is None:
        raise Http404
    return send_file(request, row.file, filename=row.title, what=f"通知：{row}")


@require_safe
def annex(request: PortalRequest, pk: int) -> FileResponse:
    rows = NoticeAnnex.objects.filter(notice__in=Notice.objects.visible_to(request.user))
    row = get_object_or_404(rows.select_related("file"), pk=pk)
    return send_file(request, row.file, filename=str(row), what=f"通知附件：{row}")
