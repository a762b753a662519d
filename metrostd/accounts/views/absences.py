"""请假代办 of the capacity one acts in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from metrostd.accounts import absences
from metrostd.accounts.forms.absences import AbsenceForm
from metrostd.accounts.models import Absence
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go


@require_http_methods(["GET", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """One's own absences with a form for the next, whom one stands in for, and what that allows."""
    acting = request.user.acting
    if acting is None:
        return redirect("accounts:choose")
    form = AbsenceForm(request.POST or None, membership=acting, initial={"first_on": clock.today()})
    tried = attempt(
        request,
        form,
        lambda: absences.announce(acting, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, f"已登记，期间的提醒发给{tried.made.deputy.user}。")
        return redirect("accounts:absences")
    rows = Absence.objects.filter(membership=acting).select_related("deputy__user")
    context = {
        "form": form,
        "rows": rows[:20],
        "standing_in": absences.to_come(acting),
        "today": clock.today(),
        "acting": acting,
    }
    return render(request, "accounts/absences.html", context, status=tried.status)


@require_POST
def end(request: PortalRequest, pk: int) -> HttpResponse:
    """Back early."""
    mine = Absence.objects.filter(membership=request.user.acting)
    absences.end(get_object_or_404(mine, pk=pk), actor=request.user)
    messages.success(request, "代办已结束，提醒重新发给您本人。")
    return go(request, "accounts:absences")
