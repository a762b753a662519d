"""Which standards a report answers for, where the scope changes while it is being filled in."""

from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.registry.models import MeasurementStandard
from selfcheck.models import SelfCheckReport, SelfCheckStandard

from .answers import ensure_answers
from .editing import hold


@transaction.atomic
def cover(report: SelfCheckReport, standard: MeasurementStandard, *, actor: Actor | None) -> None:
    """Let a report answer for one more standard. TransitionError when it is no longer with its unit."""
    hold(report)
    SelfCheckStandard.objects.update_or_create(
        report=report, standard=standard, defaults={"left_at": None}
    )
    _record(report, standard, actor=actor, action="selfcheck.cover", label="列入自查")
    if report.answers.exists():
        ensure_answers(report, actor=actor)


@transaction.atomic
def uncover(report: SelfCheckReport, standard: MeasurementStandard, *, actor: Actor | None) -> bool:
    """Take a standard nothing was written about out of a report; False when something was."""
    hold(report)
    rows = report.answers.filter(standard=standard)
    written = rows.exclude(answer="", note="").exists()
    if written or report.problems.filter(standard=standard).exists():
        return False
    rows.delete()
    report.covered.standing().filter(standard=standard).update(left_at=clock.now())
    _record(report, standard, actor=actor, action="selfcheck.uncover", label="移出自查")
    return True


def _record(
    report: SelfCheckReport,
    standard: MeasurementStandard,
    *,
    actor: Actor | None,
    action: str,
    label: str,
) -> None:
    audit.record(
        report,
        actor=actor,
        action=action,
        label=label,
        after={"standard": str(standard)},
        note=standard.scope_reason,
    )
