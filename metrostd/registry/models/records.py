"""What all records of the register have in common that people enter one by one."""

from django.db import models
from django.db.models import Q

from metrostd.common.models import StatefulModel, state_field
from metrostd.registry.enums import RecordState


class VoidableRecord(StatefulModel):
    """A versioned record; void, with the reason, when it was entered by mistake. It stays to be seen.

    Subclasses add ``void_says_why`` and ``state_known`` to their constraints.
    """

    States = RecordState

    version = models.PositiveIntegerField(default=1, editable=False)
    void_reason = models.TextField("作废理由", blank=True, editable=False)
    state = state_field(RecordState.RECORDED, max_length=10)

    class Meta:
        abstract = True


def void_says_why(name: str) -> models.CheckConstraint:
    """A reason where there is a void, and only there."""
    return models.CheckConstraint(
        name=name,
        condition=Q(state=RecordState.VOID, void_reason__gt="")
        | (~Q(state=RecordState.VOID) & Q(void_reason="")),
    )
