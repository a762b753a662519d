"""Where later stages join the page of a visit; this stage imports none of them."""

from collections.abc import Callable

from metrostd.common.actors import Actor

from .models import InspectionTask

#: Given a task that was reviewed or not performed and the viewer: label and address of what comes next, or None.
NextStep = Callable[[InspectionTask, Actor], tuple[str, str] | None]

_next_steps: list[NextStep] = []


def next_step(function: NextStep) -> NextStep:
    """Register what a later stage does next with a reviewed task; it asks its own policies."""
    _next_steps.append(function)
    return function


def next_steps(task: InspectionTask, user: Actor) -> list[tuple[str, str]]:
    """What later stages have this person do next."""
    return [step for function in _next_steps if (step := function(task, user))]
