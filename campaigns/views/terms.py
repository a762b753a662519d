"""抽取约定: announced, acknowledged above, the public value entered and confirmed; one page leads through it."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import acts, announcing, documents, frames, policies, record, settling, witnessing
from campaigns import terms as terms_moves
from campaigns.enums import TermsState
from campaigns.forms.draws import AnnounceForm, ValueForm
from campaigns.forms.witnesses import CodeForm, RevealForm
from campaigns.models import DrawTerms, SamplingFrame
from campaigns.protocol import lottery, witness
from metrostd.common.attempts import attempt
from metrostd.common.by_now import show_by_now
from metrostd.common.confidential import confidential
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry, Job
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_datetime

from .chosen import chosen_campaign


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """All terms within reach, the newest first, with what became of them."""
    require(policies.may_see_terms(request.user))
    campaign = chosen_campaign(request)
    rows = DrawTerms.objects.visible_to(request.user).filter(campaign=campaign)
    rows = rows.select_related("authority", "campaign").order_by("-announced_at", "-pk")
    page = page_of(request, rows)
    for row in page.object_list:
        show_by_now(row)
    return render(request, "campaigns/terms_index.html", {"campaign": campaign, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: PortalRequest, pk: int) -> HttpResponse:
    """Fix ratio, public source and moment; the portal adds its secret number and publishes both hashes."""
    rows = SamplingFrame.objects.visible_to(request.user).select_related(
        "campaign__organiser", "authority"
    )
    frame = get_object_or_404(rows, pk=pk)
    require(policies.may_sample_for(request.user, frame.authority))
    floor = announcing.floor_of(frame)
    people = witnessing.candidates(frame.campaign, frame.authority_id)
    form = AnnounceForm(request.POST or None, floor=floor, witnesses=people)
    tried = attempt(
        request,
        form,
        lambda: announcing.announce_draw(
            frame,
            ratio=form.cleaned_data["ratio"],
            ratio_reason=form.cleaned_data["ratio_reason"],
            issue=form.cleaned_data["issue"],
            moment=form.begins(),
            witnesses=form.cleaned_data["witnesses"],
            fallback_at=form.fallback_at(),
            floor=floor,
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "抽取约定已公布，请打印约定书，并提醒上级按时收悉。")
        return go(request, tried.made)
    verdict = policies.can_announce(
        request.user,
        frame,
        drawn=frame.runs.valid().exists(),
        live=frame.terms.live().exists(),
    )
    context = {
        "frame_row": frame,
        "form": form,
        "can_announce": verdict,
        "total": len(frames.names_of(frame)),
        "plan_ratio": floor,
    }
    return render(request, "campaigns/announce.html", context, status=tried.status)


@require_safe
@confidential(attrgetter("frame.authority"))
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Where a draw stands, who is to do what next, and what has been published."""
    return _page(request, _terms(request, pk), ValueForm(initial=None))


@require_POST
def acknowledge(request: PortalRequest, pk: int) -> HttpResponse:
    row = _terms(request, pk)
    require(policies.may_acknowledge(request.user, row))
    terms_moves.acknowledge(row, actor=request.user)
    messages.success(request, f"已收悉。{cn_datetime(row.moment)}以后录入开奖号码。")
    return go(request, row)


@require_POST
def enter(request: PortalRequest, pk: int) -> HttpResponse:
    row = _terms(request, pk)
    require(policies.may_enter(request.user, row))
    form = ValueForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: settling.enter_value(row, actor=request.user, **form.cleaned_data),
    )
    if not tried.done:
        return _page(request, row, form, status=tried.status)
    messages.success(request, "号码已录入，等上级另一人核对后抽取。")
    return go(request, row)


@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    row = _terms(request, pk)
    require(policies.may_confirm(request.user, row))
    form = ValueForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: settling.request_confirming(row, actor=request.user, **form.cleaned_data),
    )
    if not tried.done:
        return _page(request, row, form, status=tried.status)
    if isinstance(tried.made, Job):
        return redirect("common:job", pk=tried.made.pk)
    if tried.made is None:
        messages.warning(request, "两人录入的号码不一致，已退回抽取部门重新录入。")
        return go(request, row)
    messages.success(request, "核对一致，已抽取。结果已固定，随机数已公布。")
    return go(request, row)


@require_POST
def missed(request: PortalRequest, pk: int) -> HttpResponse:
    """Beside lapsed terms: the value they would have been drawn with."""
    row = _terms(request, pk)
    require(policies.can_record_missed(request.user, row))
    form = ValueForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: settling.record_missed(row, actor=request.user, **form.cleaned_data),
    )
    if not tried.done:
        return _page(request, row, form, status=tried.status)
    messages.success(request, "已补录，本应抽中的名单已公布。")
    return go(request, row)


@require_safe
@exported
def paper(request: PortalRequest, pk: int) -> Export:
    """The terms on paper: what leaves the building, signed by both sides."""
    row = _terms(request, pk)
    return Export(
        what=f"抽取约定书：{row.campaign} {row}",
        filename=f"抽取约定书-{row.authority}-{row.number}.pdf",
        paper=lambda: documents.terms_paper({"terms": row, "content": row.content}),
    )


def _terms(request: PortalRequest, pk: int) -> DrawTerms:
    rows = DrawTerms.objects.visible_to(request.user).select_related(
        "campaign__organiser",
        "authority",
        "frame__campaign",
        "frame__authority",
        "run",
        "announced_by",
        "acknowledged_by",
        "entered_by",
        "confirmed_by",
    )
    row = get_object_or_404(rows, pk=pk)
    require(policies.may_see_terms(request.user))
    return row


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a draw as its page shows it."""

    title: str
    said: str
    done: bool
    now: bool


def _steps(row: DrawTerms) -> list[Step]:
    """What has happened and what comes next, in words of the desk."""
    states = TermsState
    ended = row.state in (states.LAPSED, states.ANNULLED)

    def step(title: str, done: bool, said: str, *, now: str) -> Step:
        return Step(title, said, done, row.state == now and not ended)

    acknowledged = row.acknowledged_at is not None
    entered = row.entered_at is not None
    return [
        Step(
            "公布约定",
            f"{cn_datetime(row.announced_at)}，{row.announced_by or '系统'}",
            True,
            False,
        ),
        step(
            "上级收悉",
            acknowledged,
            f"{cn_datetime(row.acknowledged_at)}，{row.receipt}"
            if acknowledged
            else f"{cn_datetime(row.acknowledge_by)}前",
            now=states.ANNOUNCED,
        ),
        step(
            "见证人公布" if row.is_witnessed else "录入开奖号码",
            entered,
            f"{cn_datetime(row.entered_at)}，{row.entered_by}"
            if entered
            else f"{cn_datetime(row.moment)}以后{_until(row)}",
            now=states.ACKNOWLEDGED,
        ),
        step(
            "抽取" if row.is_witnessed else "另一人核对并抽取",
            row.state == states.DRAWN,
            f"{cn_datetime(row.confirmed_at)}，{row.confirmed_by}"
            if row.confirmed_at
            else "全部公布后立即抽取"
            if row.is_witnessed
            else "核对的人独立再录入一次",
            now=states.ENTERED,
        ),
    ]


def _until(row: DrawTerms) -> str:
    """Until when witnesses reveal, and what counts afterwards."""
    if row.fallback_at is None:
        return ""
    return f"，{cn_datetime(row.fallback_at)}以前；届时有人没有公布的，以双色球第{row.issue}期为准"


def _page(
    request: PortalRequest, row: DrawTerms, form: ValueForm, *, status: int = 200
) -> HttpResponse:
    show_by_now(row)
    user = request.user
    if not form.is_bound:
        form = ValueForm(initial={"issue": row.issue})
    over = row.state in TermsState.over
    context: Context = {
        "terms": row,
        "act": acts.latest(row.campaign, about=acts.list_key(row.frame)),
        "content": row.content,
        "required": f"{row.required}{row.frame.counter}",
        "steps": _steps(row),
        "form": form,
        "form_for": _form_for(row)(user, row),
        "can_acknowledge": policies.can_acknowledge(user, row),
        "can_enter": policies.can_enter(user, row),
        "can_confirm": policies.can_confirm(user, row),
        "can_record_missed": policies.can_record_missed(user, row),
        "can_annul": policies.can_annul(user, row.frame),
        "places": list(row.witnesses.all()) if row.is_witnessed else [],
        "place": witnessing.own_place(row, user) if row.is_witnessed else None,
        "can_commit": witnessing.can_commit(user, row),
        "can_reveal": witnessing.can_reveal(user, row),
        "reveal_form": RevealForm(),
        "can_seal": witnessing.can_seal(user, row),
        "can_open": witnessing.can_open(user, row),
        "code_form": CodeForm(),
        "over": over,
        "value": lottery.in_words(row.value) if over else "",
        "by_witnesses": witness.is_value(row.value),
        "result": row.run or row.runs.valid().first(),
        "given": _given(row) if row.state in (TermsState.LAPSED, TermsState.ANNULLED) else [],
        "sees_frame": bool(policies.may_sample(user)),
        "entries": AuditEntry.objects.about(row)[:20],
    }
    return render(request, "campaigns/terms.html", context, status=status)


def _form_for(row: DrawTerms) -> Callable[..., object]:
    """The verdict that decides whether the two fields are on the page."""
    return {
        TermsState.ACKNOWLEDGED: policies.can_enter,
        TermsState.ENTERED: policies.can_confirm,
        TermsState.LAPSED: policies.can_record_missed,
    }.get(TermsState(row.state), lambda user, terms: False)


def _given(row: DrawTerms) -> list[str]:
    """The units terms that came to nothing would have given, by name."""
    names = frames.names_of(row.frame)
    return [names[unit.id] for unit in record.would_have_given(row)]
