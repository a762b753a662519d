"""Bulletins at the desk of the municipal office: written, published, withdrawn."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import current_campaign
from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.actions import Action
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_date
from reporting import policies
from reporting.enums import BulletinKind, BulletinState
from reporting.forms import BulletinForm
from reporting.models import Bulletin
from reporting.narrative import bulletins as acts
from reporting.narrative import outcomes, screen
from reporting.separation import writers_of

_TIMELINE = 40


def fetch(request: PortalRequest, pk: int) -> Bulletin:
    rows = Bulletin.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("campaign__organiser", "published_by"), pk=pk)


@require_safe
def bulletins(request: PortalRequest) -> HttpResponse:
    require(policies.can_consolidate(request.user))
    campaign = current_campaign(request)
    rows = Bulletin.objects.visible_to(request.user).filter(campaign=campaign)
    context = {
        "campaign": campaign,
        "page": page_of(request, rows.select_related("published_by")),
        "can_write": campaign and policies.can_write_bulletins(request.user, campaign),
        "owed": outcomes.owed(campaign) if campaign else [],
        "today": clock.today(),
    }
    return render(request, "reporting/bulletins/index.html", context)


def _about(request: PortalRequest, campaign: Campaign) -> outcomes.About | None:
    """Which of what is owed to the public the address asks for; 404 for one that is not."""
    kind = request.GET.get("kind", "")
    if kind not in BulletinKind.limited:
        return None
    for one in outcomes.owed(campaign):
        if one.kind == kind and str(one.authority.pk) == request.GET.get("office"):
            return one
    raise Http404


def _first(campaign: Campaign, about: outcomes.About | None) -> dict[str, object]:
    """What a new one begins with."""
    first: dict[str, object] = {"base_version": 0, "visible_from": clock.today()}
    if about is None:
        return first | {"title": f"关于{campaign.title}情况的通报"}
    done = "抽取了检查对象" if about.run else "检查了下列单位"
    return first | {
        "title": f"{campaign.title}{about.title}",
        "text": f"按照{campaign.title}的部署，{about.authority.name}{done}，现将结果公开如下。",
        "basis": outcomes.basis(clock.today()),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    require(policies.can_consolidate(request.user))
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404
    require(policies.can_write_bulletins(request.user, campaign))
    about = _about(request, campaign)
    form = BulletinForm(request.POST or None, initial=_first(campaign, about))
    tried = attempt(
        request,
        form,
        lambda: acts.create(campaign, words=form.words(), actor=request.user, about=about),
    )
    if tried.done:
        messages.success(request, "已保存为草稿，发布之前外部看不到。")
        return go(request, tried.made)
    context = {
        "form": form,
        "heading": f"公开{about.kind.label}" if about else "拟写通报",
        "back": reverse("reporting:bulletins"),
        "becomes_writer": True,
        **_figures(campaign),
    }
    return render(request, "reporting/bulletins/form.html", context, status=tried.status)


def _figures(campaign: Campaign) -> Context:
    """What may be put into the text: figures of the city's table."""
    annex = acts.table_of(campaign)
    return {"rows": screen.rows_to_choose(annex), "figures": screen.figures_to_choose(annex)}


@require_safe
def bulletin(request: PortalRequest, pk: int) -> HttpResponse:
    """As it is or would be published, what speaks against that, and what was done with it."""
    row = fetch(request, pk)
    require(policies.is_city_writer(request.user, row.campaign))
    told = acts.published(row) if row.published else acts.paper_of(row)
    context: Context = {
        "bulletin": row,
        "today": clock.today(),
        "paper": told,
        "paragraphs": screen.paragraphs(told.blocks, lambda _: ""),
        "against": acts.unpublishable(row) if row.state == BulletinState.DRAFT else [],
        "actions": _actions(request, row),
        "entries": list(AuditEntry.objects.about(row)[:_TIMELINE]),
    }
    return render(request, "reporting/bulletins/bulletin.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """As it was published, on paper; a draft has none."""
    row = fetch(request, pk)
    require(policies.is_city_writer(request.user, row.campaign))
    if not row.published:
        raise Http404
    wanted = kept(
        acts.file_of(row), title="通报", filename=f"{row.title}.pdf", back=row.get_absolute_url()
    )
    return hand_out(request, wanted)


def _actions(request: PortalRequest, row: Bulletin) -> list[Action]:
    url = lambda name: reverse(f"reporting:bulletin_{name}", args=[row.pk])  # noqa: E731
    who = request.user
    if row.state == BulletinState.DRAFT:
        edit = policies.can_edit_bulletin(who, row)
        return [
            Action("修改", url("edit"), edit, kind="link", icon="pencil"),
            Action(
                "发布",
                url("publish"),
                policies.can_publish(who, row),
                tone="primary",
                icon="world",
                confirm="发布后任何人不登录即可查看，确定发布？",
            ),
        ]
    if row.state == BulletinState.PUBLISHED:
        verdict = policies.can_withdraw(who, row)
        return [Action("撤回", url("withdraw"), verdict, kind="note", note_label="撤回理由")]
    return []


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(
        policies.is_city_writer(request.user, row.campaign)
        if request.method == "POST"
        else policies.can_edit_bulletin(request.user, row)
    )
    initial = {
        "title": row.title,
        "text": row.text,
        "basis": row.basis,
        "visible_from": row.visible_from,
        "visible_until": row.visible_until,
        "base_version": row.version,
    }
    form = BulletinForm(request.POST or None, initial=initial)
    tried = save_edit(request, form, acts.update, row, words=form.words)
    if tried.done:
        return go(request, row)
    context = {
        "form": form,
        "heading": "修改通报",
        "back": row.get_absolute_url(),
        "becomes_writer": request.user.pk not in writers_of(row),
        **_figures(row.campaign),
        **tried.shown,
    }
    return render(request, "reporting/bulletins/form.html", context, status=tried.status)


@require_POST
def publish(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.may_publish(request.user, row))
    acts.publish(row, actor=request.user)
    since = f"{cn_date(row.visible_from)}起" if row.visible_from > clock.today() else ""
    messages.success(request, f"已发布，{since}任何人不登录即可查看。")
    return go(request, row)


@require_POST
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_city_writer(request.user, row.campaign))
    acts.withdraw(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已撤回，外部不再能看到。")
    return go(request, row)
