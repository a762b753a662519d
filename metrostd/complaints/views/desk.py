"""The channels an office publishes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.complaints import desks, policies
from metrostd.complaints.forms import DeskForm
from metrostd.registry.models import Authority


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Every office with what it publishes; who publishes nothing yet stands there, too."""
    require(policies.may_enter(request.user))
    known = {row.authority_id: row for row in desks.published()}
    offices = Authority.objects.order_by("code").select_related("parent")
    context = {
        "rows": [
            (office, known.get(office.pk), policies.may_publish_desk(request.user, office))
            for office in offices
        ],
        "missing": offices.exclude(pk__in=known).count(),
    }
    return render(request, "complaints/desks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest, authority_pk: int) -> HttpResponse:
    office = get_object_or_404(Authority.objects.visible_to(request.user), pk=authority_pk)
    require(policies.may_publish_desk(request.user, office))
    row = desks.published().filter(authority=office).first()
    known = {name: getattr(row, name) for name in desks.FIELDS} if row else {}
    first = {"phone": office.phone, "address": office.address} | known
    form = DeskForm(
        request.POST or None, initial=first | {"base_version": row.version if row else 0}
    )

    def publish() -> object:
        words = {name: form.cleaned_data[name] for name in desks.FIELDS}
        return desks.publish(
            office, words, base_version=form.cleaned_data["base_version"], actor=request.user
        )

    tried = attempt(request, form, publish)
    if tried.done:
        messages.success(request, "已公布，任何人不登录即可查看。")
        return redirect("complaints:desks")
    context = {
        "office": office,
        "form": form,
        "entries": AuditEntry.objects.about(row)[:20] if row else [],
        **tried.shown,
    }
    return render(request, "complaints/desk.html", context, status=tried.status)
