"""现场笔录: begun, written down, signed on the pad, kept as paper."""

from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections.enums import InterviewState
from inspections.interviews import moves, papers, policies
from inspections.interviews.forms import BeginForm, WriteForm
from inspections.models import Interview
from inspections.policies import is_inspected, may_take_part
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.handwriting import handwriting
from metrostd.common.http import PortalRequest, go
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import YES, not_now, require
from metrostd.common.shapes import Context

from .found import require_step, task_or_404

#: Empty lines that are offered after what is written.
_MORE = 3


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def begin(request: PortalRequest, pk: int) -> HttpResponse:
    """Whom, where, from when on."""
    row = task_or_404(request, pk)
    require_step(request, row, may=may_take_part, can=policies.can_begin)
    form = BeginForm(request.POST or None, task=row)
    tried = attempt(
        request, form, lambda: moves.begin(row, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        return go(request, tried.made)
    context = {
        "task": row,
        "form": form,
        "title": "制作现场笔录",
        "submit": "开始记录",
        "text": "每份笔录记录一名被询问人。告知执法身份和权利的两个问题已列在开头，其余问题随问随记。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_safe
@confidential(attrgetter("task.subject"))
def interview(request: PortalRequest, pk: int) -> HttpResponse:
    """The record: being written, or as it was signed."""
    return _page(request, _interview_or_404(request, pk))


def _page(
    request: PortalRequest, row: Interview, *, form: WriteForm | None = None, status: int = 200
) -> HttpResponse:
    user, seen = request.user, papers.content_hash(row)
    lines = form.lines() if form else [tuple(pair) for pair in row.lines]
    standing = list(row.signatures.filter(void_at=None))
    may_write = row.state == InterviewState.DRAFT and bool(may_take_part(user, row.task))
    acting = user.acting.pk if user.acting else None
    context: Context = {
        "interview": row,
        "task": row.task,
        "lines": lines,
        "more": range(_MORE if may_write else 0),
        "form": form or WriteForm(initial={"remark": row.remark, "seen": seen}),
        "may_write": may_write,
        "seen": seen,
        "signatures": standing,
        "person_signed": any(each.membership_id is None for each in standing),
        "own_signed": any(each.membership_id == acting for each in standing),
        "may_sign": row.state == InterviewState.DRAFT and bool(policies.may_sign(user, row)),
        "close": policies.can_close(user, row),
        "refuse": policies.can_refuse(user, row),
        "void": policies.can_void(user, row),
        "strokes": request.POST.get("image_strokes", ""),
    }
    return render(request, "inspections/interview.html", context, status=status)


@require_POST
def write(request: PortalRequest, pk: int) -> HttpResponse:
    row = _interview_or_404(request, pk)
    require(may_take_part(request.user, row.task))
    form = WriteForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: moves.write(row, actor=request.user, lines=form.lines(), **form.cleaned_data),
    )
    if not tried.done:
        return _page(request, row, form=form, status=tried.status)
    messages.success(request, "已保存。")
    return go(request, row)


@require_POST
def sign(request: PortalRequest, pk: int) -> HttpResponse:
    """``who`` is the person asked or the acting officer."""
    row = _interview_or_404(request, pk)
    require(policies.may_sign(request.user, row))
    try:
        hand = handwriting(request.POST.get("image", ""), request.POST.get("image_strokes", ""))
        made = moves.sign(
            row,
            actor=request.user,
            membership=None if request.POST.get("who") == "person" else request.user.acting,
            hand=hand,
            seen=request.POST.get("seen", ""),
        )
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, f"{made.name}已签字。")
    return redirect(row)


@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    """With all signatures; or, when ``witness`` is sent, without that of whoever answered."""
    row = _interview_or_404(request, pk)
    require(policies.may_sign(request.user, row))
    try:
        if "witness" in request.POST:
            told = {name: request.POST.get(name, "") for name in ("note", "witness")}
            moves.refuse(row, actor=request.user, **told)
        else:
            moves.close(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "笔录已完成，正在归档。")
    return go(request, row)


@require_POST
def void(request: PortalRequest, pk: int) -> HttpResponse:
    row = _interview_or_404(request, pk)
    require(policies.may_sign(request.user, row))
    moves.void(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "笔录已作废。")
    return go(request, row.task)


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """现场笔录 as it was signed."""
    row = _interview_or_404(request, pk)
    require(YES if row.words else not_now("笔录还没有签字完成。"))
    title = f"{row} {row.task.subject}"
    return hand_out(
        request,
        kept(papers.paper(row), title=title, filename=f"{title}.pdf", back=row.get_absolute_url()),
    )


def _interview_or_404(request: PortalRequest, pk: int) -> Interview:
    rows = Interview.objects.visible_to(request.user).select_related(
        *("task__unit", "task__bureau", "task__authority", "task__campaign"), "recorder__user"
    )
    row: Interview = get_object_or_404(rows, pk=pk)
    if is_inspected(request.user, row.task):
        # What is being written is the team's own; the unit reads what was signed.
        return get_object_or_404(rows.filter(state__in=InterviewState.on_paper), pk=pk)
    return row
