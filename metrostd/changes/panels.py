"""On the page of a standard: what may be done with its certificate, and its applications."""

from django.urls import reverse

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict, first_no, not_now
from metrostd.common.roles import Role
from metrostd.common.shapes import Shown
from metrostd.registry import policies
from metrostd.registry.enums import CertificateState, ChangeKind
from metrostd.registry.extension import standard_panel
from metrostd.registry.models import ChangeRecord, MeasurementStandard
from metrostd.registry.moves.certificate import current_certificate
from metrostd.registry.paper_search import paper_source

from .policies import can_apply
from .procedures import ENDINGS, bases

_SHOWN = 10
#: Route of each ending, in the order of the table; the unit applies for the first two, in the panel
#: of its applications.
_APPLIED_FOR = {
    CertificateState.SEALED: ChangeKind.SEAL,
    CertificateState.WITHDRAWN: ChangeKind.WITHDRAW,
}
_DECIDED = {
    CertificateState.DEREGISTERED: ("registry:standard_deregister", policies.can_deregister),
    CertificateState.REVOKED: ("registry:standard_revoke", policies.can_revoke),
    CertificateState.ANNULLED: ("registry:standard_annul", policies.can_annul),
}

#: Label, address, verdict.
Button = tuple[str, str, Verdict]


@standard_panel("证书手续", group="changes", order=10, anchor="procedures")
def procedures(standard: MeasurementStandard, user: Actor) -> Shown | None:
    """Re-examination and renewal, and the five endings explained, with a button for each.

    What a unit applies for itself has its button in the panel below; the row leads there.
    """
    certificate = current_certificate(standard)
    if certificate is None:
        return None
    buttons = _applications(standard, user)
    steps = [
        (
            "登记复查申请",
            reverse("registry:standard_apply", args=[standard.pk]),
            policies.can_record_application(user, standard, certificate),
        ),
        (
            "复查合格换证",
            reverse("registry:standard_renew", args=[standard.pk]),
            policies.can_renew(user, standard, certificate),
        ),
    ]
    if certificate.state_now == CertificateState.REEXAM_APPLIED:
        url = reverse("registry:standard_end_reexamination", args=[standard.pk])
        verdict = policies.can_end_reexamination(user, standard, certificate)
        steps.append(("终止复查考核", url, verdict))
    endings = []
    called = bases(on=clock.today())
    for ending in ENDINGS:
        if kind := _APPLIED_FOR.get(ending.state):
            _, url, verdict = buttons[kind]
            if user.scope.role == Role.UNIT_USER:
                url = "#changes"
        else:
            route, rule = _DECIDED[ending.state]
            url = reverse(route, args=[standard.pk])
            verdict = rule(user, standard, certificate)
        endings.append((ending, called.get(ending.basis, ending.basis), url, verdict))
    return "changes/panels/certificate.html", {"steps": steps, "endings": endings}


@standard_panel("更换、封存与撤销", group="changes", order=20, anchor="changes")
def applications(standard: MeasurementStandard, user: Actor) -> Shown:
    """The newest applications, and for the unit a button per procedure with its verdict."""
    records = ChangeRecord.objects.visible_to(user).filter(standard=standard).order_by("-pk")
    buttons: list[Button] = []
    if user.scope.role == Role.UNIT_USER:
        buttons = list(_applications(standard, user).values())
    return "changes/panels/changes.html", {"records": list(records[:_SHOWN]), "buttons": buttons}


def _applications(standard: MeasurementStandard, user: Actor) -> dict[ChangeKind, Button]:
    """A button for each kind of application; one that is under way bars another of its kind."""
    certificate, on = current_certificate(standard), clock.today()
    address = reverse("changes:create", args=[standard.pk])
    waiting = {
        record.kind: record.get_state_display()
        for record in ChangeRecord.objects.visible_to(user).open().filter(standard=standard)
    }
    buttons = {}
    for kind in ChangeKind:
        verdict = can_apply(user, standard, certificate, kind, on=on)
        if kind in waiting:
            verdict = first_no(verdict, not_now(f"已有一份申请“{waiting[kind]}”。"))
        buttons[kind] = (str(kind.label), f"{address}?kind={kind.value}", verdict)
    return buttons


paper_source(
    "变更与封存",
    field="number",
    rows=lambda user: ChangeRecord.objects.visible_to(user).select_related("standard__unit"),
    note=lambda row: f"{row.get_kind_display()} · {row.standard}",
)
