"""What can be done next with a self-check report, with the verdict of the policy."""

from django.urls import reverse

from metrostd.common.actions import Action
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict
from selfcheck import policies
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport


def of_report(user: Actor, report: SelfCheckReport, *, prepared: bool) -> list[Action]:
    """The receipt, then what its subject or its receiver does next (``prepared``: it has rows to fill)."""
    receipt = [_link("回执", "receipt", report, "receipt")] if report.receipt_no else []
    mine = _of_subject(user, report, prepared) if policies.is_subject(user, report) else []
    theirs = _of_receiver(user, report) if policies.is_receiver(user, report) else []
    return [*receipt, *mine, *theirs]


def _of_subject(user: Actor, report: SelfCheckReport, prepared: bool) -> list[Action]:
    may = policies.can_edit(user, report)
    if not may:
        return [_link("填报", "form", report, "pencil", verdict=may)]
    if not prepared:
        url = reverse("selfcheck:start", args=[report.pk])
        return [Action("开始填报", url, may, tone="primary", icon="pencil")]
    can_submit = policies.can_submit(user, report)
    return [
        _link("继续填报", "form", report, "pencil"),
        _link("检查并报送", "submit", report, "send", verdict=can_submit, tone="primary"),
    ]


def _of_receiver(user: Actor, report: SelfCheckReport) -> list[Action]:
    if report.state == ReportState.ACCEPTED:
        reopen = Action(
            "允许补充",
            reverse("selfcheck:reopen", args=[report.pk]),
            policies.can_reopen(user, report),
            "note",
            icon="lock-open",
            note_label="需要补充的内容",
        )
        return [reopen]
    if report.state == ReportState.EXEMPTED:
        revive = Action(
            "恢复报送",
            reverse("selfcheck:revive", args=[report.pk]),
            policies.can_revive(user, report),
            "note",
            icon="arrow-back-up",
            note_label="恢复报送的理由",
        )
        return [revive]
    can_send_back = policies.can_send_back(user, report)
    accept = Action(
        "接收",
        reverse("selfcheck:accept", args=[report.pk]),
        policies.can_accept(user, report),
        tone="primary",
        icon="check",
        confirm="确认接收这份自查报告？",
    )
    return [
        _link("退回补正", "send_back", report, "arrow-back-up", verdict=can_send_back),
        accept,
    ]


def _link(
    label: str,
    route: str,
    report: SelfCheckReport,
    icon: str,
    *,
    verdict: Verdict = YES,
    tone: str = "default",
) -> Action:
    url = reverse(f"selfcheck:{route}", args=[report.pk])
    return Action(label, url, verdict, "link", tone=tone, icon=icon)
