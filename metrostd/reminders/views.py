"""Rules of reminding, what they would say on a day, and in which words."""

import datetime as dt
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import DutyKind
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context

from . import policies, previews, running, services, wording
from .forms import RuleForm, TextForm
from .models import ReminderDay, ReminderRule


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """All rules by kind of duty, and how the last runs went."""
    require(policies.may_see_rules(request.user))
    rules = list(ReminderRule.objects.all())
    rules.sort(key=lambda r: (DutyKind.values.index(r.kind), r.pk))
    kinds = [
        (DutyKind(kind).label, list(rows)) for kind, rows in groupby(rules, key=lambda r: r.kind)
    ]
    context: Context = {
        "kinds": kinds,
        "write": policies.can_write_rules(request.user),
        "days": ReminderDay.objects.all()[:5],
        "trouble": ReminderDay.objects.filter(finished_at=None).exclude(trouble="").first(),
        "set_back": running.set_back(clock.today()),
    }
    return render(request, "reminders/rules.html", context)


@require_POST
def go_on(request: PortalRequest) -> HttpResponse:
    """Today is right after all, and what ran for later days does not count."""
    require(policies.can_write_rules(request.user))
    running.go_on(clock.today(), actor=request.user)
    messages.success(request, "从今天起继续提醒，已经通知过的不会重复。")
    return go(request, "reminders:index")


@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """A new rule, off until somebody has looked at its preview."""
    require(policies.can_write_rules(request.user))
    kind = request.GET.get("kind", "")
    rule = ReminderRule(kind=kind if kind in DutyKind.values else "")
    return _write(request, rule, "增加提醒规则")


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(ReminderRule, pk=pk)
    require(policies.can_write_rules(request.user))
    return _write(request, rule, str(rule))


def _write(request: PortalRequest, rule: ReminderRule, title: str) -> HttpResponse:
    was_new = rule.pk is None
    form = RuleForm(request.POST or None, instance=rule)
    tried = attempt(
        request, form, lambda: services.write(rule, form.cleaned_data, actor=request.user)
    )
    if tried.done:
        messages.success(
            request,
            "规则已增加，还没有启用。看过预览后再启用。" if was_new
            else "已保存。" if tried.made else "没有改动。",
        )  # fmt: skip
        return redirect("reminders:edit", pk=rule.pk) if was_new else redirect("reminders:index")
    kept = None if was_new else ReminderRule.objects.get(pk=rule.pk)
    context: Context = {
        "form": form,
        "title": title,
        "rule": kept,
        "delete": kept and policies.can_delete_rule(request.user, kept),
        "today": clock.today(),
        "entries": AuditEntry.objects.about(kept)[:10] if kept else [],
    }
    return render(request, "reminders/rule_form.html", context, status=tried.status)


@require_POST
def switch(request: PortalRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(ReminderRule, pk=pk)
    require(policies.can_write_rules(request.user))
    services.switch(rule, actor=request.user)
    messages.success(request, f"已{'启用' if rule.is_on else '停用'}：{rule}。")
    return go(request, "reminders:index")


@require_POST
def delete(request: PortalRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(ReminderRule, pk=pk)
    require(policies.can_delete_rule(request.user, rule))
    words = str(rule)
    services.delete(rule, actor=request.user)
    messages.success(request, f"已删除：{words}。")
    return go(request, "reminders:index")


def _day(request: PortalRequest) -> dt.date:
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return clock.today()


@require_safe
def preview(request: PortalRequest) -> HttpResponse:
    """Who would get what on a day, by all rules that are on or by one of them."""
    require(policies.may_see_rules(request.user))
    wanted = request.GET.get("rule", "")
    rule = get_object_or_404(ReminderRule, pk=wanted) if is_key(wanted) else None
    found = previews.preview(_day(request), viewer=request.user, rules=[rule] if rule else None)
    context: Context = {
        "found": found,
        "rule": rule,
        "page": page_of(request, found.people, size=30),
        "write": policies.can_write_rules(request.user),
    }
    return render(request, "reminders/preview.html", context)


@require_safe
def texts(request: PortalRequest) -> HttpResponse:
    """Every text with what it says about a duty of today."""
    require(policies.may_see_rules(request.user))
    now = wording.texts()
    rows = [
        {
            "key": key,
            "label": wording.LABELS[key],
            "text": text,
            "example": _example(key, text),
            "own": text != wording.DEFAULTS[key],
        }
        for key, text in now.items()
    ]
    context: Context = {"rows": rows, "write": policies.can_write_rules(request.user)}
    return render(request, "reminders/texts.html", context)


def _example(key: str, text: str) -> str:
    """The text about the duty that is due next, or about an invented one."""
    today = clock.today()
    if key == wording.HEADING:
        return wording.fill(text, {"count": "3", "due": wording.cn_date(today)})
    rows = Duty.objects.of_opened().open()
    rows = rows.select_related("campaign", "authority", "unit", "membership__user")
    duty = rows.filter(due_on__gte=today).order_by("due_on", "pk").first()
    if duty is None:
        duty = Duty(
            kind=DutyKind.SELF_CHECK, title="报送自查报告", due_on=today + dt.timedelta(days=3)
        )
    return wording.fill(text, wording.values_for(duty, today))


@require_http_methods(["GET", "POST"])
def text(request: PortalRequest, key: str) -> HttpResponse:
    """Write another text; ``show`` looks at it and keeps nothing."""
    if key not in wording.DEFAULTS:
        raise Http404
    require(policies.can_write_rules(request.user))
    form = TextForm(request.POST or None, key=key, text=wording.texts()[key])
    only_look = "show" in request.POST

    def act() -> str:
        if only_look:
            return wording.check(key, form.cleaned_data["text"])
        return wording.write(key, form.cleaned_data["text"], actor=request.user)

    tried = attempt(request, form, act)
    if tried.done and not only_look:
        messages.success(request, "文字已保存，从下一次发送起使用。")
        return redirect("reminders:texts")
    context: Context = {
        "form": form,
        "label": wording.LABELS[key],
        "original": wording.DEFAULTS[key],
        "example": _example(key, tried.made) if tried.done else "",
    }
    return render(request, "reminders/text_form.html", context, status=tried.status)
