"""Where later stages join the page of a visit; this stage imports none of them."""

from collections.abc import Callable

from metrostd.common.actors import Actor

from .models import InspectionTask

#: Given a task that was reviewed or not performed and the viewer: label and address of what comes next, or None.
NextStep = Callable[[InspectionTask, Actor], tuple[str, str] | None]

#: Given a visit and the viewer: the address where all its papers are packed, or None.
PackedPapers = Callable[[InspectionTask, Actor], str | None]

_packed: list[PackedPapers] = []
_next_steps: list[NextStep] = []


def next_step(function: NextStep) -> NextStep:
    """Register what a later stage does next with a reviewed task; it asks its own policies."""
    _next_steps.append(function)
    return function


def packed_papers(function: PackedPapers) -> PackedPapers:
    """Register where a later stage packs all papers of a visit; it asks its own policies."""
    _packed.append(function)
    return function


def where_packed(task: InspectionTask, user: Actor) -> str:
    """Where the papers of a visit are packed for this person; empty where they are not."""
    return next((url for function in _packed if (url := function(task, user))), "")


def next_steps(task: InspectionTask, user: Actor) -> list[tuple[str, str]]:
    """What later stages have this person do next."""
    return [step for function in _next_steps if (step := function(task, user))]
