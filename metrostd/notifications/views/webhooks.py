"""对接系统: which other systems are told, what was sent to them and what they answered."""

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.notifications import policies
from metrostd.notifications.forms import EndpointForm
from metrostd.notifications.models import WebhookDelivery, WebhookEndpoint
from metrostd.notifications.webhooks import deliveries, endpoints


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Every endpoint, when it last took something, and what it did not take."""
    require(policies.may_keep_webhooks(request.user))
    rows = WebhookEndpoint.objects.visible_to(request.user).annotate(
        last=Max("deliveries__sent_at"),
        failed=Count("deliveries", filter=Q(deliveries__failed_at__isnull=False)),
    )
    return render(request, "notifications/webhooks.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """A new endpoint; the answer shows its secret, this once."""
    require(policies.may_keep_webhooks(request.user))
    return _write(request, WebhookEndpoint())


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    require(policies.may_keep_webhooks(request.user))
    return _write(request, endpoint)


def _write(request: PortalRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    form = EndpointForm(request.POST or None, initial={"name": endpoint.name, "url": endpoint.url})
    tried = attempt(
        request, form, lambda: endpoints.write(endpoint, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        if tried.made:
            return _shown(request, endpoint, secret=tried.made)
        messages.success(request, "已保存。")
        return redirect(endpoint)
    context: Context = {"form": form, "title": "修改对接系统" if endpoint.pk else "增加对接系统"}
    return render(request, "notifications/webhook_form.html", context, status=tried.status)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """One endpoint and its events, the newest first, each with the last answer."""
    endpoint = _endpoint(request, pk)
    require(policies.may_keep_webhooks(request.user))
    return _shown(request, endpoint)


def _shown(request: PortalRequest, endpoint: WebhookEndpoint, *, secret: str = "") -> HttpResponse:
    events = endpoint.deliveries.prefetch_related("attempts")
    context: Context = {
        "endpoint": endpoint,
        "secret": secret,
        "keep": policies.may_keep_webhooks(request.user),
        "page": page_of(request, events, size=30),
        "entries": AuditEntry.objects.about(endpoint)[:10],
    }
    return render(request, "notifications/webhook.html", context)


@require_POST
def switch(request: PortalRequest, pk: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    require(policies.may_keep_webhooks(request.user))
    endpoints.switch(endpoint, actor=request.user)
    messages.success(request, f"已{'启用' if endpoint.is_on else '停用'}。")
    return go(request, endpoint)


@require_POST
def renew_secret(request: PortalRequest, pk: int) -> HttpResponse:
    """Another secret; the answer shows it, this once."""
    endpoint = _endpoint(request, pk)
    require(policies.may_keep_webhooks(request.user))
    return _shown(request, endpoint, secret=endpoints.renew_secret(endpoint, actor=request.user))


@require_POST
def try_out(request: PortalRequest, pk: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    require(policies.may_keep_webhooks(request.user))
    endpoints.try_out(endpoint, actor=request.user)
    messages.success(request, "测试已排队，一分钟内发送；结果在下面的列表中。")
    return go(request, endpoint)


@require_POST
def send_again(request: PortalRequest, pk: int, event: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    row = get_object_or_404(WebhookDelivery.objects.filter(endpoint=endpoint), pk=event)
    require(policies.can_post_again(request.user, row))
    deliveries.send_again(row, actor=request.user)
    messages.success(request, "已排队，一分钟内再发一次。")
    return go(request, endpoint)


def _endpoint(request: PortalRequest, pk: int) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint.objects.visible_to(request.user), pk=pk)
