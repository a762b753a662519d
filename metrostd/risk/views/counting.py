"""Figures counted beforehand: a page that would make somebody wait says so, and has them counted by a job."""

import datetime as dt
from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from metrostd.common import clock
from metrostd.common.http import PortalRequest, go
from metrostd.common.jobs import start_job
from metrostd.common.policies import require
from metrostd.common.templatetags.formats import cn_date
from metrostd.risk import policies
from metrostd.risk.counting import NotCountedError
from metrostd.risk.runners import JOB

_LATEST_YEARS = 20
_View = Callable[[PortalRequest], HttpResponse]


def plausible(asked: str) -> dt.date:
    """The day asked for; today where none or an implausible one is."""
    today = clock.today()
    try:
        day = dt.date.fromisoformat(asked)
    except ValueError:
        return today
    return day if abs(day.year - today.year) <= _LATEST_YEARS else today


def day_of(request: PortalRequest) -> dt.date:
    """The day a page is asked for."""
    return plausible(request.GET.get("on", ""))


def counted(view: _View) -> _View:
    """Have a page offer the job where its figures are not counted."""

    @wraps(view)
    def shown(request: PortalRequest) -> HttpResponse:
        try:
            return view(request)
        except NotCountedError as error:
            return render(request, "risk/not_counted.html", {"error": error, "tab": view.__name__})

    return shown


@require_POST
def count(request: PortalRequest) -> HttpResponse:
    """Have a day counted, again where it is, and go back to the page it was asked from."""
    require(policies.may_see(request.user))
    day, back = plausible(request.POST.get("on", "")), request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    job = start_job(
        JOB,
        title=f"统计{cn_date(day)}的台账风险指标",
        owner=request.user,
        on=day.isoformat(),
        back=back if own else reverse("risk:index"),
    )
    return go(request, reverse("common:job", args=[job.pk]))
