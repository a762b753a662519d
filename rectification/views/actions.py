"""What can be done next with an order, with the verdict of the policy."""

from django.urls import reverse

from inspections.enums import FindingState
from metrostd.common.actions import Action, possible
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict
from metrostd.common.roles import Role
from rectification import policies
from rectification.enums import OrderState
from rectification.models import RectificationOrder
from rectification.moves import withdrawal


def of_order(user: Actor, order: RectificationOrder) -> list[Action]:
    """Its papers first, then what the office may do with it."""
    serve = _link("登记送达", "serve", order, "mail-check", verdict=policies.can_serve(user, order))
    return [
        *_paper(order),
        *_order_anew(user, order),
        *possible(serve),
        *_withdraw(user, order),
        *_confirmation(order),
    ]


def _paper(order: RectificationOrder) -> list[Action]:
    if order.withdrawn_document:
        return [_link("撤回件 PDF", "order_pdf", order, "file-type-pdf")]
    if order.document and not order.withdrawn_at:
        return [_link("文书 PDF", "order_pdf", order, "file-type-pdf")]
    return []


def _order_anew(user: Actor, order: RectificationOrder) -> list[Action]:
    """What a withdrawn order left without one may be ordered again."""
    if order.state != OrderState.WITHDRAWN or not policies.can_issue(user, order.task):
        return []
    loose = order.withdrawn_items.filter(replaced_by=None, finding__state=FindingState.RAISED)
    if not loose.exists():
        return []
    url = reverse("rectification:issue", args=[order.task_id])
    return [Action("重新下达", url, YES, "link", tone="primary", icon="file-check")]


def _withdraw(user: Actor, order: RectificationOrder) -> list[Action]:
    """Nothing for those who never could, or once it has been taken back."""
    office = user.acting and user.acting.role in Role.offices
    if not office or not withdrawal.WITHDRAW.allowed_from(order.state):
        return []
    verdict = policies.can_withdraw(user, order)
    return [_link("撤回文书", "withdraw", order, "arrow-back-up", verdict=verdict, tone="danger")]


def _confirmation(order: RectificationOrder) -> list[Action]:
    if not order.confirmation:
        return []
    return [_link("整改情况确认单", "confirmation_pdf", order, "file-certificate")]


def _link(
    label: str,
    route: str,
    order: RectificationOrder,
    icon: str,
    *,
    verdict: Verdict = YES,
    tone: str = "default",
) -> Action:
    url = reverse(f"rectification:{route}", args=[order.pk])
    return Action(label, url, verdict, "link", tone=tone, icon=icon)
