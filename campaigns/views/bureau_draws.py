"""Bureaus to be drawn (通知二(二)2): the list is shown with its first day; what its pages and the draw's say."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns import announcing, policies, sampling
from campaigns.enums import FrameSubject
from campaigns.extension import visits_of_bureaus
from campaigns.forms.draws import BureauListForm
from campaigns.models import (
    Campaign,
    DrawnCase,
    DrawRun,
    DrawTerms,
    FrameBureau,
    FrameCase,
    SamplingFrame,
)
from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import Verdict, require
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.registry.enums import Category


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the list of bureaus and of the case files since a day for three days."""
    campaign = get_object_or_404(
        Campaign.objects.visible_to(request.user).select_related("organiser"), pk=pk
    )
    require(policies.may_run_campaigns(request.user))
    form = BureauListForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: sampling.show_frame(
            campaign,
            campaign.organiser,
            subject=FrameSubject.BUREAUS,
            issued_from=form.cleaned_data["issued_from"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "区局名单已公示，3天以后冻结。")
        return go(request, tried.made)
    live = campaign.frames.live().of_bureaus().first()
    context = {
        "campaign": campaign,
        "form": form,
        "can_show": policies.can_show_bureaus(request.user, campaign, shown=live is not None),
        "live": live,
    }
    return render(request, "campaigns/show_bureaus.html", context, status=tried.status)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the draw of bureaus has come: list, terms under way, the valid draw."""

    frame: SamplingFrame | None
    terms: DrawTerms | None
    run: DrawRun | None
    drawn: int
    verdict: Verdict


def standing(user: Actor, campaign: Campaign) -> Standing | None:
    """For who runs campaigns; nobody else learns of it before notice is given."""
    if not policies.may_run_campaigns(user):
        return None
    frame = campaign.frames.live().of_bureaus().first()
    run = frame.runs.valid().annotate(count=Count("bureaus")).first() if frame else None
    return Standing(
        frame=frame,
        terms=frame.terms.live().first() if frame else None,
        run=run,
        drawn=run.count if run else 0,
        verdict=policies.can_show_bureaus(user, campaign, shown=frame is not None),
    )


@dataclass(frozen=True, slots=True)
class ListedBureau:
    """One bureau of a list with its case files by category."""

    bureau: FrameBureau
    count: int
    categories: list[tuple[str, int]]


def frame_context(frame: SamplingFrame) -> Context:
    """What the page of a list of bureaus shows of its own."""
    counted: dict[int, Counter[str]] = {}
    cases = FrameCase.objects.filter(listed__frame=frame).values_list("listed", "category")
    for listed, category in cases:
        counted.setdefault(listed, Counter())[category] += 1
    rows = [
        ListedBureau(
            row,
            sum(counted.get(row.pk, {}).values()),
            [(Category(c).label, n) for c, n in sorted(counted.get(row.pk, {}).items())],
        )
        for row in frame.bureaus.order_by("key")
    ]
    return {
        "rows": rows,
        "cases": sum(row.count for row in rows),
        "plan_ratio": announcing.BUREAU_RATIO,
    }


def draw_figures(run: DrawRun) -> Context:
    """The figures of a draw of bureaus, as page and printed record show them."""
    rows = list(run.bureaus.order_by("order").prefetch_related("cases"))
    total = run.frame.bureaus.count()
    return {
        "bureaus": rows,
        "total": total,
        "random": len(rows),
        "random_percent": len(rows) * 100 / total if total else None,
        "percent": len(rows) * 100 / total if total else None,
        "cases": sum(len(row.cases.all()) for row in rows),
        "plan_ratio": announcing.BUREAU_RATIO,
    }


def draw_context(run: DrawRun, user: Actor) -> Context:
    """What the page of a draw of bureaus shows of its own: each bureau, and what became of it."""
    figures = draw_figures(run)
    visits = visits_of_bureaus(figures["bureaus"], viewer=user)  # type: ignore[arg-type]
    return figures | {"rows": [(row, visits[row.pk]) for row in figures["bureaus"]]}  # type: ignore[attr-defined]


def preview(frame: SamplingFrame, plan: sampling.Rehearsal) -> list[dict[str, object]]:
    """The bureaus of a rehearsal with names in place of identities."""
    names = dict(frame.bureaus.values_list("key", "name"))
    return [
        {"order": row.order, "name": names[row.id], "cases": len(row.standards)}
        for row in plan.drawn
    ]


def frame_sheets(frame: SamplingFrame) -> Iterator[Sheet]:
    """The list of bureaus with its case files, one a row."""
    cases = FrameCase.objects.filter(listed__frame=frame).select_related("listed")
    yield _sheet(
        "抽样框",
        f"{frame.campaign} {frame}（哈希 {frame.hash}）",
        (
            (row.listed.key, row.listed.name, row.key, row.name, row.get_category_display())
            for row in cases.order_by("listed__key", "key")
        ),
    )


def draw_sheet(run: DrawRun) -> Sheet:
    """The drawn case files in the order of their bureaus, one a row."""
    cases = DrawnCase.objects.filter(drawn__run=run).select_related("drawn__bureau")
    return _sheet(
        "抽中案卷",
        f"{run.frame.campaign} 监督检查的区局（结果哈希 {run.result_hash}）",
        (
            (row.drawn.bureau.code, row.drawn.named, row.key, row.named, row.get_category_display())
            for row in cases.order_by("drawn__order", "pk")
        ),
    )


def _sheet(name: str, title: str, rows: Iterator[tuple[str, ...]]) -> Sheet:
    columns = (
        Column("区局代码", 12),
        Column("区局", 30),
        Column("案卷", 40),
        Column("建标单位和计量标准", 50),
        Column("类别", 24),
    )
    return Sheet(name, title, columns, rows)
