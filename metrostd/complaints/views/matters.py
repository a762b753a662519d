"""The list, one matter with everything about it, what is entered by an office, and attachments."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.extension import visits_of
from campaigns.models import Duty
from metrostd.common import audit, clock
from metrostd.common.actions import Action, possible
from metrostd.common.attempts import attempt
from metrostd.common.enums import AccessKind
from metrostd.common.exports import Export, exported
from metrostd.common.forms import LaidForm
from metrostd.common.found import get_object_or_404
from metrostd.common.http import INLINE, PortalRequest, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import Verdict, require
from metrostd.common.shapes import CellValue, Context
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.complaints import codes, forms, policies, services
from metrostd.complaints.enums import ComplaintChannel, ComplaintKind, ComplaintState
from metrostd.complaints.models import Complaint, ComplaintFile
from metrostd.complaints.querysets import ComplaintQuerySet

_COLUMNS = (
    Column("登记号", 30), Column("类别", 8), Column("来源", 14), Column("实名", 8),
    Column("收到日期", 14), Column("决定日期", 14), Column("答复日期", 14), Column("状态", 12),
)  # fmt: skip
_TIMELINE = 60


def fetch(request: PortalRequest, pk: int) -> Complaint:
    rows = Complaint.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("authority__parent", "unit", "about_office", "registered_by"), pk=pk
    )


def _rows(request: PortalRequest) -> ComplaintQuerySet:
    """The matters the address asks for; what was said is not searched, it is sealed."""
    rows = Complaint.objects.visible_to(request.user)
    asked = request.GET
    if asked.get("state") in ComplaintState.values:
        rows = rows.filter(state=asked["state"])
    if asked.get("kind") in ComplaintKind.values:
        rows = rows.filter(kind=asked["kind"])
    if words := asked.get("q", "").strip():
        rows = rows.filter(number__icontains=words)
    return rows


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    require(policies.may_see_list(request.user))
    page = page_of(request, _rows(request).for_list())
    due: dict[int, Duty] = {}
    for duty in (
        Duty.objects.owed_by(request.user).open().about_all(Complaint, [r.pk for r in page])
    ):
        due.setdefault(duty.target_id, duty)
    context = {
        "page": page,
        "rows": [(row, due.get(row.pk)) for row in page],
        "today": clock.today(),
        "states": ComplaintState.choices,
        "kinds": ComplaintKind.choices,
        "enter": policies.may_enter(request.user),
        "query": request.GET.urlencode(),
        "filtered": any(request.GET.get(name) for name in ("state", "kind", "q")),
    }
    return render(request, "complaints/index.html", context)


@require_safe
@exported
def export(request: PortalRequest) -> Export:
    """The register of matters: numbers, days and states; nothing of what was said, by whom or about whom."""
    require(policies.may_see_list(request.user))
    rows = _rows(request).for_list()
    return Export(
        what="投诉举报登记簿",
        filename=f"投诉举报登记簿-{clock.today():%Y%m%d}.xlsx",
        count=rows.count,
        restricted=True,
        sheets=lambda: [
            Sheet("登记簿", "投诉举报登记簿", _COLUMNS, (_cells(row) for row in rows.iterator(500)))
        ],
    )


def _cells(row: Complaint) -> list[CellValue]:
    return [
        row.number,
        row.get_kind_display(),
        row.get_channel_display(),
        "是" if row.real_name else "否",
        row.received_on,
        row.decided_at,
        row.answered_at,
        row.get_state_display(),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Take down a call, a letter, a transfer; the code is shown once, to be told or sent to whoever brought it."""
    require(policies.may_enter(request.user))
    form = forms.EntryForm(
        request.POST or None,
        request.FILES or None,
        initial={"channel": ComplaintChannel.PHONE, "received_on": clock.today()},
    )

    def take() -> tuple[Complaint, str]:
        given = dict(form.cleaned_data)
        sent = given.pop("sent")
        office = request.user.acting.authority if request.user.acting else None
        said = services.Statement(**given, office=office)
        return services.receive(said, sent=sent, actor=request.user)

    tried = attempt(request, form, take)
    if tried.done:
        row, code = tried.made
        seen = Complaint.objects.visible_to(request.user).filter(pk=row.pk).exists()
        context = {"complaint": row, "code": codes.shown(code), "on": clock.today(), "seen": seen}
        return render(request, "complaints/entered.html", context)
    return render(request, "complaints/enter.html", {"form": form}, status=tried.status)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    return page(request, fetch(request, pk))


def page(
    request: PortalRequest,
    row: Complaint,
    *,
    status: int = 200,
    identity: services.Identity | None = None,
    bound: Mapping[str, LaidForm] | None = None,
) -> HttpResponse:
    """Everything about one matter; whoever looks is on record. ``bound`` forms come back filled."""
    user, shown = request.user, bound or {}
    audit.note_reading(actor=user, kind=AccessKind.READ, what=f"投诉举报内容：{row.number}")
    made = list(row.measures.select_related("made_by", "drawn_unit__run", "drawn_unit__unit"))
    drawn = [measure.drawn_unit for measure in made if measure.drawn_unit]
    visits = visits_of(drawn, viewer=user)
    handler = policies.is_handler(user, row)
    context: Context = {
        "complaint": row,
        "files": list(row.files.all()),
        "measures": [(each, visits.get(each.drawn_unit_id or 0, [])) for each in made],
        "duties": list(Duty.objects.visible_to(user).open().about_all(Complaint, [row.pk])),
        "today": clock.today(),
        "identity": identity,
        "actions": _actions(request, row) if handler else [],
        "panels": _panels(request, row, shown) if handler else [],
        "reveal": _panel(
            row, "identity", "查看反映人信息", "查看", policies.can_reveal(user, row),
            shown.get("identity") or forms.RevealForm(),
        ),
        "entries": list(AuditEntry.objects.about(row)[:_TIMELINE]) if handler else [],
    }  # fmt: skip
    return render(request, "complaints/detail.html", context, status=status)


def _url(name: str, row: Complaint) -> str:
    return reverse(f"complaints:{name}", args=[row.pk])


def _actions(request: PortalRequest, row: Complaint) -> list[Action]:
    """The next step first; what belongs to another state is left out."""
    who = request.user
    forget = Action(
        "按反映人要求删除其信息",
        _url("forget", row),
        policies.can_forget(who, row),
        kind="note",
        note_label="反映人何时、以何种方式提出",
    )
    return [*_next(request, row), *possible(forget)]


def _next(request: PortalRequest, row: Complaint) -> list[Action]:
    who = request.user
    match row.state:
        case ComplaintState.RECEIVED if row.kind == ComplaintKind.TIP_OFF:
            verdict = policies.can_extend(who, row)
            return [Action("延长核查期限", _url("extend", row), verdict, kind="note", icon="clock")]
        case ComplaintState.ACCEPTED:
            verdict = policies.can_start(who, row)
            return [Action("开始办理", _url("start", row), verdict, tone="primary")]
        case ComplaintState.HANDLING:
            verdict = policies.can_direct(who, row)
            return [
                Action("列为定向检查", _url("direct", row), verdict, kind="link", icon="target")
            ]
        case ComplaintState.ANSWERED:
            close, reopen = policies.can_close(who, row), policies.can_reopen(who, row)
            return [
                Action("办结", _url("close", row), close, tone="primary"),
                Action("重新办理", _url("reopen", row), reopen, kind="note"),
            ]
    return []


def _panels(
    request: PortalRequest, row: Complaint, bound: Mapping[str, LaidForm]
) -> list[dict[str, object]]:
    """The forms of this state, each with its verdict."""
    who, found = request.user, []

    def add(name: str, title: str, label: str, verdict: Verdict, form: type[LaidForm]) -> None:
        found.append(_panel(row, name, title, label, verdict, bound.get(name) or form()))

    if row.state == ComplaintState.RECEIVED:
        add("accept", "受理", "受理", policies.can_accept(who, row), forms.AcceptForm)
        decline = policies.can_decline(who, row)
        add("decline", "不予受理", "不予受理", decline, forms.DeclineForm)
        pass_on = policies.can_pass_on(who, row)
        add("pass_on", "转交其他部门", "转交", pass_on, forms.PassOnForm)
    if tell := policies.can_tell(who, row):
        add("tell", "告知举报人", "登记告知", tell, forms.TellForm)
    if row.state == ComplaintState.HANDLING:
        can = policies.can_measure(who, row)
        add("answer", "答复", "答复", policies.can_answer(who, row), forms.AnswerForm)
        add("verify", "登记核查情况", "登记", can, forms.VerifyForm)
        add("refer", "移送", "移送", can, forms.ReferForm)
    return found


def _panel(
    row: Complaint, name: str, title: str, label: str, verdict: Verdict, form: LaidForm
) -> dict[str, object]:
    return {
        "id": name,
        "title": title,
        "label": label,
        "url": _url(name, row),
        "verdict": verdict,
        "form": form,
        "is_open": form.is_bound,
    }


@require_safe
def file(request: PortalRequest, pk: int) -> HttpResponse:
    """An attachment, opened for whoever handles the matter, with a record of it."""
    rows = ComplaintFile.objects.visible_to(request.user).select_related("complaint")
    row = get_object_or_404(rows, pk=pk)
    audit.record_access(
        actor=request.user,
        kind=AccessKind.FILE,
        what=f"投诉举报材料{row.pk}：{row.complaint.number}",
    )
    shown = row.media_type in INLINE
    return HttpResponse(
        services.open_file(row),
        content_type=row.media_type,
        headers={
            "Content-Disposition": content_disposition_header(not shown, row.name) or "attachment"
        },
    )
