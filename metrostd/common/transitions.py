"""The engine of all state machines: compare-and-swap, with the trail row in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from metrostd.common.actors import Actor

from . import audit, clock
from .by_now import catch_up, state_by_now
from .letters import words_in
from .policies import YES, Verdict, not_now

_S = TypeVar("_S", bound=models.Model)

#: What a move asks of its object beyond the state: the reason against it, or all of them; nothing
#: when there is none. Any: each guard names the model of its own machine.
Guard = Callable[[Any], str | Sequence[str]]


class TransitionError(Exception):
    """The object is not, or no longer, in a state this transition starts from (answered with 409)."""

    def __init__(self, message: str, *, obj: models.Model | None = None) -> None:
        super().__init__(message)
        self.obj = obj


def check_state(verdict: Verdict, *, obj: models.Model) -> None:
    """Raise TransitionError with the reason of a no: for writes that need a state and move nothing."""
    if not verdict:
        raise TransitionError(verdict.reason, obj=obj)


@dataclass(frozen=True, slots=True)
class Transition:
    """One move of a state machine: identifier, label for people, source states, target state.

    The identifier names the machine too (``selfcheck.submit``): the trail keeps it as it is.
    ``otherwise`` says what a state outside the sources means for the person who wants the move;
    ``guards`` are asked in turn once the state permits it, and the state is that of this moment
    (``kept_by_clock``). Whether a move may start is answered here alone: ``verdict`` for a page or a table of actions, ``check`` and ``apply`` for a POST.
    """

    name: str
    label: str
    sources: frozenset[str]
    target: str
    needs_note: bool = False
    otherwise: str = ""
    guards: tuple[Guard, ...] = ()

    def __str__(self) -> str:
        return self.name

    def allowed_from(self, state: str) -> bool:
        """Whether the move belongs to this state at all; a page leaves out what does not."""
        return state in self.sources

    def state_verdict(self, obj: models.Model) -> Verdict:
        """May this move start as far as the state goes: for the way to a page that asks the guards itself."""
        if not self.allowed_from(state_by_now(obj)):
            return not_now(self._wrong_state(obj, subject=str(obj._meta.verbose_name)))
        return YES

    def verdict(self, obj: models.Model) -> Verdict:
        """May this move start: the state first, then the guards; who asks is a policy's business."""
        if not (in_state := self.state_verdict(obj)):
            return in_state
        for guard in self.guards:
            if found := guard(obj):
                return Verdict.against([found] if isinstance(found, str) else found)
        return YES

    def check(self, obj: models.Model, *, beside: str = "") -> None:
        """Raise unless the verdict is yes: TransitionError for the state, ValidationError for a guard.

        ``beside`` names the field of the form at which a guard's reason is to stand.
        """
        if not self.allowed_from(state_by_now(obj)):
            raise self.refusal(obj)
        if not (verdict := self.verdict(obj)):
            reasons = list(verdict.reasons)
            raise ValidationError({beside: reasons} if beside else reasons)

    def refusal(self, obj: models.Model) -> TransitionError:
        """What to raise when the object stands in a state this move does not start from."""
        return TransitionError(self._wrong_state(obj, subject=f"“{obj}”"), obj=obj)

    def _wrong_state(self, obj: models.Model, *, subject: str) -> str:
        state = obj.States(state_by_now(obj)).label  # type: ignore[attr-defined]
        return f"{subject}目前是“{state}”，{self.otherwise or f'不能“{self.label}”'}。"

    @transaction.atomic
    def apply(
        self, obj: models.Model, *, actor: Actor | None, note: str = "", **fields: object
    ) -> None:
        """Move ``obj``; the row changes only if it is still in the state the caller saw.

        ``actor`` None means the clock did it; ``fields`` are further columns to set.
        Raises TransitionError when stale or not allowed, ValidationError when a reason is missing
        or a guard refuses.
        """
        if self.needs_note and not words_in(note):
            raise ValidationError({"note": "请说明理由。"})
        catch_up(obj)
        seen = obj.state  # type: ignore[attr-defined]
        self.check(obj)
        changes = {"state": self.target, "state_since": clock.now(), **fields}
        rows = type(obj)._base_manager.filter(pk=obj.pk, state=seen)
        if rows.update(**changes) != 1:
            raise TransitionError(f"“{obj}”刚刚被他人更新，请查看最新状态。", obj=obj)
        for field, value in changes.items():
            setattr(obj, field, value)
        states = obj.States  # type: ignore[attr-defined]
        audit.record(
            obj,
            actor=actor,
            action=self.name,
            label=self.label,
            before={"state": seen, "state_label": states(seen).label},
            after={"state": self.target, "state_label": states(self.target).label},
            note=note,
        )


def bulk_apply(
    move: Transition,
    objects: Sequence[_S],
    *,
    actor: Actor | None,
    note: str = "",
    **fields: object,
) -> int:
    """Apply one move to many rows of one model with one UPDATE; returns how many moved.

    Rows no longer in a source state are left alone (the clock may run twice). A move with guards is
    asked row by row, so it is not for here.
    """
    if move.guards:
        raise ValueError(f"{move.name} has guards; apply it row by row")
    if not objects:
        return 0
    model, states = type(objects[0]), objects[0].States  # type: ignore[attr-defined]
    with transaction.atomic():
        rows = model._base_manager.select_for_update().filter(
            pk__in=[o.pk for o in objects], state__in=move.sources
        )
        seen = dict(rows.values_list("pk", "state"))
        # The caller's own objects, so that their labels need no further queries.
        ready = [o for o in objects if o.pk in seen]
        model._base_manager.filter(pk__in=list(seen)).update(
            state=move.target, state_since=clock.now(), **fields
        )
        audit.AuditEntry.objects.bulk_create(
            [
                audit.entry(
                    o,
                    actor=actor,
                    action=move.name,
                    label=move.label,
                    before={"state": seen[o.pk], "state_label": states(seen[o.pk]).label},
                    after={"state": move.target, "state_label": states(move.target).label},
                    note=note,
                )
                for o in ready
            ],
            batch_size=1000,
        )
    return len(ready)
