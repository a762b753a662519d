"""What rectification adds below: the order as next step of a visit, reasons against closing a
campaign, how far the stage has come.
"""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import BigIntegerField, Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from campaigns.enums import StageKind
from campaigns.extension import closing_guard, stage_note
from campaigns.models import Campaign
from campaigns.overseers import overseer_of
from campaigns.pledges import Kept, keep_under_pledge
from inspections.enums import FindingState
from inspections.extension import next_step, packed_papers
from inspections.models import Finding, InspectionTask
from metrostd.accounts.asked_by import AskedBy
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.prepared import Given

from . import lapsing, policies
from .enums import DispositionState, OrderState, ReferralState
from .models import CaseReferral, CertificateDisposition, RectificationOrder


@next_step
def issue_order(task: InspectionTask, user: Actor) -> tuple[str, str] | None:
    """A reviewed visit with confirmed findings wants an order."""
    if not policies.can_issue(user, task):
        return None
    if not task.findings.filter(state=FindingState.RAISED).exists():
        return None
    return "下达整改文书", reverse("rectification:issue", args=[task.pk])


@next_step
def refer_refusal(task: InspectionTask, user: Actor) -> tuple[str, str] | None:
    """A refused visit is a case of its own."""
    if not policies.can_refer_refusal(user, task, task.referrals.all()):
        return None
    return "移送案件", reverse("rectification:refer_task", args=[task.pk])


@packed_papers
def pack(task: InspectionTask, user: Actor) -> str | None:
    """An office takes out what a visit left on paper, once there is some."""
    return (
        reverse("rectification:task_archive", args=[task.pk]) if policies.can_pack(user) else None
    )


@closing_guard
def unfinished_rectification(campaign: Campaign) -> Iterator[str]:
    """Orders under way, proposals undecided, failures that nobody has followed up."""
    on = clock.today()
    under_way = RectificationOrder.objects.filter(
        task__campaign=campaign, state__in=OrderState.open
    )
    if orders := under_way.count() - under_way.filter(lapsing.with_lapsed(campaign, on)).count():
        yield f"还有 {orders} 份整改文书没有办结。"
    proposals = CertificateDisposition.objects.filter(
        finding__campaign=campaign, state=DispositionState.PROPOSED
    ).count()
    if proposals:
        yield f"还有 {proposals} 项证书处置建议没有决定。"
    cases = CaseReferral.objects.filter(task__campaign=campaign)
    if open_cases := cases.exclude(state__in=ReferralState.settled).count():
        yield f"还有 {open_cases} 件移送的案件没有处理结果。"
    failed = Finding.objects.filter(campaign=campaign)
    for followed in (CertificateDisposition.objects.all(), CaseReferral.objects.all()):
        failed = failed.exclude(Exists(followed.filter(finding=OuterRef("pk"))))
    # One after the other: each is found by its part of an index.
    states = (Q(state=FindingState.FAILED), lapsing.lapsed(on))
    if idle := sum(failed.filter(state).count() for state in states):
        yield f"还有 {idle} 项整改不合格的问题没有提出处置建议或者移送。"


def _found(user: Actor) -> QuerySet:
    """How many of a campaign's findings are in which state; of every state, since naming some costs more."""
    rows = Finding.objects.visible_to(user).filter(campaign=Given("campaign", BigIntegerField()))
    return rows.order_by().values_list("state").annotate(n=Count("*"))


_FOUND = AskedBy(_found)


@stage_note(StageKind.RECTIFY)
def closed_out(campaign: Campaign, user: Actor) -> str:
    """Findings struck off of those confirmed, within the viewer's scope (销号管理)."""
    states = _FOUND.rows(user, campaign=campaign.pk)
    found = {state: n for state, n in states if state in FindingState.counted}
    settled = sum(n for state, n in found.items() if state in FindingState.terminal)
    return f"销号 {settled}/{sum(found.values())} 条" if found else ""


@overseer_of("rectification.rectificationorder")
def offices_of_orders(orders: Collection[int]) -> Mapping[int, int | None]:
    """The office whose visit led to the order sees to it."""
    rows = RectificationOrder.objects.filter(pk__in=orders)
    return dict(rows.values_list("pk", "task__authority"))


keep_under_pledge(
    "rectification",
    {
        "rectification/tasks/": Kept("inspections.InspectionTask"),
        "rectification/units/": Kept("inspections.InspectionTask", by="unit"),
        "rectification/orders/": Kept("rectification.RectificationOrder", "task__campaign"),
        "rectification/findings/": Kept("inspections.Finding"),
        "rectification/extensions/": Kept("rectification.ExtensionRequest", "finding__campaign"),
        "rectification/files/": Kept("rectification.RectificationFile", "finding__campaign"),
        "rectification/dispositions/": Kept(
            "rectification.CertificateDisposition", "finding__campaign"
        ),
        "rectification/referrals/": Kept("rectification.CaseReferral", "task__campaign"),
    },
)
