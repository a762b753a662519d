"""One office's 附件3 on its way: the page, and what the office and the municipal office do on it."""

from collections.abc import Callable
from operator import attrgetter

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.attempts import Attempt, attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.handwriting import handwriting
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import Verdict, require
from metrostd.common.shapes import Context, Sent
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.notifications.chasing import last_days
from reporting import drafts, edition_files, frozen, moves, page, policies, services
from reporting.enums import Chapter, StatReportState
from reporting.forms import EnterForm, ReasonsForm, ReturnForm, SignForm, TableForm, TakeOutForm
from reporting.layout import NOT_INSPECTED
from reporting.models import StatReport
from reporting.narrative import screen as narrative_screen
from reporting.narrative.paper import by_chapter, from_plain
from reporting.table import Block, Cell, Row

from .tables import block_of, tabs_of

_TIMELINE = 60
#: A row with the cells something can be said about: cell, its key, what was said.
MarkableRow = tuple[Row, list[tuple[Cell, str, str]]]
#: A chapter, what was said about it, how it reads.
MarkableChapter = tuple[Chapter, str, tuple[narrative_screen.Paragraph, ...]]


def fetch(request: PortalRequest, pk: int) -> StatReport:
    """The report within the person's scope."""
    rows = StatReport.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("campaign__organiser", "authority", "signature"), pk=pk
    )


@require_safe
@confidential(attrgetter("authority"))
def report(request: PortalRequest, pk: int) -> HttpResponse:
    """The one page that leads: figures, rules, reasons, cells by hand, signature, receipt."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    return _shown(request, row)


def _shown(
    request: PortalRequest,
    row: StatReport,
    *,
    tried: Attempt | None = None,
    reasons: ReasonsForm | None = None,
    entering: EnterForm | None = None,
    signing: SignForm | None = None,
    taking: TableForm | None = None,
    taking_out: TakeOutForm | None = None,
) -> HttpResponse:
    user = request.user
    draft = drafts.draft_of(row)
    block = block_of(request, draft.annex) if draft else ""
    can_write = policies.can_write(user, row)
    actions = page.actions(user, row)
    editions = list(row.editions.without_tables().select_related("decided_by", "files_job"))
    context: Context = {
        "report": row,
        "today": clock.today(),
        "subtitle": f"{row.campaign} · 第{row.number}版 · 报送期限{moves.words_of_due(row)}",
        "as_of": cn_datetime(row.as_of),
        "steps": page.steps(row),
        "actions": actions,
        "unwritten": page.unwritten(actions),
        "asked": last_days(StatReport, [row.pk]).get(row.pk),
        "owes": row.state in StatReportState.with_office,
        "can_write": can_write,
        "can_sign": (can_sign := policies.can_sign(user, row)),
        "to_sign": frozen.digest(drafts.content(row)) if can_sign else "",
        "can_send_back": policies.can_send_back(user, row),
        "files_wait": bool(editions) and edition_files.is_being_made(editions[0]),
        "sign": signing or SignForm(),
        "taking": taking or TableForm(),
        "taking_open": taking is not None,
        "taking_out": taking_out,
        # A refused signature is drawn again from its strokes.
        "strokes": request.POST.get("image_strokes", "") if signing else "",
        "editions": editions,
        "last": editions[0] if editions else None,
        "entries": list(AuditEntry.objects.about(row)[:_TIMELINE]),
        "draft": draft,
        **(tried.shown if tried else {}),
        **(_of_draft(row, draft, block, reasons, entering) if draft else {}),
    }
    return render(request, "reporting/report.html", context, status=tried.status if tried else 200)


def _of_draft(
    row: StatReport,
    draft: drafts.Draft,
    block: str,
    reasons: ReasonsForm | None,
    entering: EnterForm | None,
) -> Context:
    """The parts of the page that speak of figures."""
    asked = reasons or _reasons_form(row, draft)
    warned = [
        (one, asked[one.id] if one.id in asked.fields else None)
        for one in page.broken(draft.warned, draft, row)
    ]
    return {
        "blocking": page.broken(draft.blocking, draft, row),
        "warned": warned,
        "unexplained": len(draft.unexplained),
        "passed": [one for one in draft.results if one.ok],
        "overrides": draft.annex.corrections.overrides,
        "reasons": asked,
        "entering": entering or EnterForm(annex=draft.annex, initial={"base_version": row.version}),
        "entering_open": entering is not None,
        "block_id": block,
        "tabs": tabs_of(draft.annex),
        "sections": page.parts(
            draft.annex, draft.results, block, row, linked=row.imported_id is None
        ),
        "notes": (NOT_INSPECTED, *draft.annex.notes),
    }


def _reasons_form(row: StatReport, draft: drafts.Draft, data: Sent = None) -> ReasonsForm:
    return ReasonsForm(
        data, warned=draft.warned, said=row.reasons, initial={"base_version": row.version}
    )


def _draft(row: StatReport) -> drafts.Draft:
    draft = drafts.draft_of(row)
    if draft is None:
        raise Http404
    return draft


@require_POST
def explain(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_preparer(request.user, row))
    form = _reasons_form(row, _draft(row), request.POST)
    tried = attempt(
        request,
        form,
        lambda: services.explain(
            row,
            form.reasons(),
            base_version=form.cleaned_data["base_version"],
            actor=request.user,
        ),
    )
    if not tried.done:
        return _shown(request, row, tried=tried, reasons=form)
    messages.success(request, "理由已保存。")
    return go(request, row)


@require_POST
def enter(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_preparer(request.user, row))
    form = EnterForm(request.POST, annex=_draft(row).annex)
    tried = attempt(
        request,
        form,
        lambda: services.enter(
            row,
            cell=form.cell,
            value=form.cleaned_data["value"],
            reason=form.cleaned_data["reason"],
            base_version=form.cleaned_data["base_version"],
            actor=request.user,
        ),
    )
    if not tried.done:
        return _shown(request, row, tried=tried, entering=form)
    messages.success(request, "已按手工填写的数计，表中加注标记。")
    return go(request, row)


@require_POST
def take_table(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_preparer(request.user, row))
    form = TableForm(request.POST, request.FILES)
    tried = attempt(
        request,
        form,
        lambda: services.take_table(
            row,
            form.cleaned_data["file"].read(),
            form.cleaned_data["file"].name,
            actor=request.user,
        ),
    )
    if not tried.done:
        return _shown(request, row, tried=tried, taking=form)
    messages.success(request, "已导入，表上注明由外部填写。")
    return go(request, row)


@require_POST
def take_out(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_preparer(request.user, row))
    form = TakeOutForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: services.take_out(
            row,
            cell=form.cleaned_data["cell"],
            base_version=form.cleaned_data["base_version"],
            actor=request.user,
        ),
    )
    if not tried.done:
        return _shown(request, row, tried=tried, taking_out=form)
    messages.success(request, "已恢复统计的数。")
    return go(request, row)


@require_POST
def sign(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_preparer(request.user, row))
    form = SignForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: moves.sign(
            row,
            actor=request.user,
            name=form.cleaned_data["name"],
            position=form.cleaned_data["position"],
            hand=handwriting(form.cleaned_data["image"], request.POST.get("image_strokes", "")),
            seen=request.POST.get("seen", ""),
        ),
    )
    if not tried.done:
        return _shown(request, row, tried=tried, signing=form)
    messages.success(request, "负责人已签字，可以报送。")
    return go(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Marks on cells and the reason, on one page with the table that was handed in."""
    row = fetch(request, pk)
    require(
        policies.may_decide(request.user, row)
        if request.method == "POST"
        else policies.can_send_back(request.user, row)
    )
    form = ReturnForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: moves.send_back(
            row,
            actor=request.user,
            note=form.cleaned_data["note"],
            marks=form.marks(),
            chapters=form.chapters(),
            seen=request.POST.get("seen", ""),
        ),
    )
    if tried.done:
        messages.success(request, f"已退回{row.authority}修改。")
        return go(request, row)
    draft = _draft(row)
    marked = {"/".join(one[:3]): one[3] for one in form.marks()}
    lines = [
        (block, page_rows)
        for block in draft.annex.blocks.values()
        if (page_rows := _markable(block, marked))
    ]
    context = {"report": row, "form": form, "blocks": lines, "chapters": _chapters(row, form)}
    context["seen"] = request.POST.get("seen", row.number)
    return render(request, "reporting/send_back.html", context, status=tried.status)


def _chapters(row: StatReport, form: ReturnForm) -> list[MarkableChapter]:
    """The chapters as they were handed in, each with what was said about it."""
    last = drafts.last_edition(row)
    said = form.chapters()
    told = by_chapter(from_plain(last.narrative)) if last and last.narrative else {}
    return [
        (one, said.get(one, ""), narrative_screen.paragraphs(told[one.label], lambda _: ""))
        for one in Chapter
        if one.label in told
    ]


def _markable(block: Block, marked: dict[str, str]) -> list[MarkableRow]:
    """Rows with the cells something can be said about: those with a figure in them."""
    found: list[MarkableRow] = []
    for row in block.rows:
        cells = [
            (cell, f"{block.id}/{row.id}/{cell.figure.id}")
            for cell in row.shown
            if cell.value is not None or f"{block.id}/{row.id}/{cell.figure.id}" in marked
        ]
        if cells:
            found.append((row, [(cell, key, marked.get(key, "")) for cell, key in cells]))
    return found


def _act(
    may: Callable[[Actor, StatReport], Verdict],
    act: Callable[[StatReport, Actor, QueryDict], object],
    said: str,
) -> Callable[..., HttpResponse]:
    """A view that moves the report: who may is asked here, the rest by the move itself, which hears what was sent."""

    @require_POST
    def view(request: PortalRequest, pk: int) -> HttpResponse:
        row = fetch(request, pk)
        require(may(request.user, row))
        act(row, request.user, request.POST)
        messages.success(request, said)
        return go(request, row)

    return view


def _note(sent: QueryDict) -> str:
    return str(sent.get("note", ""))


compute = _act(
    policies.is_preparer,
    lambda row, who, _: services.compute(row, actor=who),
    "已按现在的记录统计。",
)
check = _act(
    policies.is_preparer,
    lambda row, who, _: moves.check(row, actor=who),
    "校核完成，请单位负责人签字。",
)
revise = _act(
    policies.is_preparer, lambda row, who, _: moves.revise(row, actor=who), "可以继续修改。"
)
unsign = _act(
    policies.is_preparer,
    lambda row, who, sent: moves.unsign(row, actor=who, note=_note(sent)),
    "签字已收回。",
)
submit = _act(
    policies.is_preparer,
    lambda row, who, _: moves.submit(row, actor=who),
    "已报送，回执见下方版次。",
)
resume = _act(
    policies.is_preparer, lambda row, who, _: moves.resume(row, actor=who), "请按退回意见修改。"
)
correct = _act(
    policies.is_preparer,
    lambda row, who, sent: moves.correct(row, actor=who, note=_note(sent)),
    "请重新统计，更正后报送新版；已接收的一版在新版接收前仍然有效。",
)
accept = _act(
    policies.may_decide,
    lambda row, who, sent: moves.accept(row, actor=who, seen=sent.get("seen", "")),
    "已接收，计入全市汇总。",
)
lock = _act(policies.is_receiver, lambda row, who, _: moves.lock(row, actor=who), "已锁定。")
allow_correction = _act(
    policies.is_receiver,
    lambda row, who, sent: moves.allow_correction(row, actor=who, note=_note(sent)),
    "已允许更正，并通知报送部门。",
)
remind = _act(policies.is_receiver, lambda row, who, _: services.remind(row, actor=who), "已催办。")
