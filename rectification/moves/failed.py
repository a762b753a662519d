"""What every consequence of a failed rectification does to the finding: held, then struck off."""

from inspections.models import Finding
from inspections.moves import finding as finding_moves
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up


def hold(finding: Finding) -> None:
    """Hold the finding, as it is now, until the transaction ends: one proposal, one case at a time.

    A day that has passed counts, also before the nightly job has been.
    """
    finding.refresh_from_db(fields=["state"], from_queryset=Finding.objects.select_for_update())
    catch_up(finding)


def handle(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """Strike a failed finding off; one that is still being rectified goes its own way."""
    finding.refresh_from_db(fields=["state"])
    if finding_moves.HANDLE.allowed_from(finding.state):
        finding_moves.handle(finding, actor=actor, note=note)
