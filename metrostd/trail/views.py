"""The auditors' desk: the trail searched, what is unusual in it, where its seal stands, rows with their proof."""

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import audit, clock
from metrostd.common.enums import JobState
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.jobs import start_job
from metrostd.common.models import Job
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_datetime

from . import policies, protection, rights, sealing, unusual
from .enums import Kind
from .models import TrailBlock
from .proof import AT_MOST, proof_of
from .runners import CHECK
from .searching import REFUSED, TrailSearch, day_of

#: How far back the page of unusual access looks by itself, in days.
_LOOKS_BACK = 30


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Who did or saw what, when and from where. That an auditor looked is on record as well."""
    require(policies.can_audit(request.user))
    found = TrailSearch(request.GET, on=clock.today())
    audit.record_access(
        actor=request.user, kind="审计查询", what=f"审计 {request.GET.urlencode()}".strip()
    )
    context: Context = {
        "page": page_of(request, found.rows()),
        "search": found,
        "changes": found.kind == Kind.CHANGE,
        "kinds": [*Kind.choices, (REFUSED, "被拒绝的访问")],
        "query": request.GET.urlencode(),
    }
    return render(request, "trail/index.html", context)


@require_safe
@exported
def export(request: PortalRequest) -> Export:
    """The rows of a search with their proof, for somebody who does not trust the portal."""
    require(policies.can_audit(request.user))
    search = TrailSearch(request.GET, on=clock.today())

    def proof() -> bytes:
        keys = list(search.rows().order_by("pk").values_list("pk", flat=True)[: AT_MOST + 1])
        return proof_of({search.kind.value: keys}, asked=search.in_words())

    return Export(
        what=f"审计记录及证明 {search.in_words()}",
        filename=f"审计记录及证明-{clock.today():%Y%m%d}.json",
        paper=proof,
        restricted=True,
    )


@require_safe
def unusual_access(request: PortalRequest) -> HttpResponse:
    """Who looked at very many units, at night, in vain, or after leaving a team."""
    require(policies.can_audit(request.user))
    today = clock.today()
    since = day_of(request.GET.get("since", "")) or today - dt.timedelta(_LOOKS_BACK)
    until = day_of(request.GET.get("until", "")) or today
    audit.record_access(actor=request.user, kind="审计查询", what=f"异常访问 自{since}至{until}")
    context: Context = {
        "page": page_of(request, unusual.found(since, until)),
        "since": since,
        "until": until,
        "many_units": unusual.MANY_UNITS,
        "night": unusual.NIGHT,
        "many_refusals": unusual.MANY_REFUSALS,
    }
    return render(request, "trail/unusual.html", context)


@require_safe
def blocks(request: PortalRequest) -> HttpResponse:
    """The blocks of the seal: an auditor compares heads with those of earlier messages and papers."""
    require(policies.can_audit(request.user))
    context: Context = {
        "page": page_of(request, TrailBlock.objects.order_by("-number")),
        "state": _state(),
    }
    return render(request, "trail/blocks.html", context)


def _state() -> Context:
    """Where the seal stands, as far as that can be told at once; the whole check is a job."""
    last = TrailBlock.objects.order_by("-number").first()
    noted = sealing.heads_outside()
    lost = [number for number, head in noted if not sealing.in_chain(number, head)]
    waiting = sum(map(len, sealing.unsealed(sealing.BLOCK, deep=False).values()))
    return {
        "checked": _checked(),
        "last": last,
        "waiting": waiting,
        "missing": protection.missing(),
        "changeable": rights.changeable(),
        "outside": noted[0][0] if noted else None,
        "lost": lost,
    }


def _checked() -> str:
    """When somebody last had the whole seal computed again, and what came out."""
    job = Job.objects.filter(kind=CHECK).order_by("-pk").first()
    if job is None:
        return ""
    said = job.failure or ("无异常" if job.state == JobState.DONE else job.get_state_display())
    return f"{cn_datetime(job.created_at)}：{said}"


@require_POST
def check(request: PortalRequest) -> HttpResponse:
    """Compute the whole seal again, in the background; the page of the job says what came out."""
    require(policies.can_audit(request.user))
    audit.record_access(actor=request.user, kind="审计查询", what="重新核验全部封存")
    job = start_job(CHECK, title="核验审计记录", owner=request.user)
    return go(request, reverse("common:job", args=[job.pk]))
