"""On the page of a standard: its applications, and what the unit may apply for now."""

from typing import Any

from django.urls import reverse

from metrostd.common import clock
from metrostd.registry import policies
from metrostd.registry.enums import ChangeKind
from metrostd.registry.extension import standard_panel
from metrostd.registry.models import ChangeRecord, MeasurementStandard
from metrostd.registry.transitions import current_certificate

_SHOWN = 10


@standard_panel("更换、封存与撤销", group="changes", order=20, anchor="changes")
def applications(standard: MeasurementStandard, user: Any) -> tuple[str, dict[str, Any]]:
    """The newest applications, and for the unit a button per procedure with its verdict."""
    records = ChangeRecord.objects.visible_to(user).filter(standard=standard).order_by("-pk")
    verdicts = []
    if user.scope.role == "unit_user":
        certificate, on = current_certificate(standard), clock.today()
        address = reverse("registry:standard_change", args=[standard.pk])
        verdicts = [
            (
                kind.label,
                f"{address}?kind={kind.value}",
                policies.can_apply(user, standard, certificate, kind, on=on),
            )
            for kind in ChangeKind
        ]
    return "registry/panels/changes.html", {
        "standard": standard,
        "records": list(records[:_SHOWN]),
        "verdicts": verdicts,
    }
