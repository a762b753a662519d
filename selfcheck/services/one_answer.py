"""The statements around the save of one answer, compiled once: which answer it is, and the write."""

from dataclasses import dataclass
from typing import cast

from django.db import models

from metrostd.accounts.scopes import Reach, Scope
from metrostd.common.actors import Actor
from metrostd.common.prepared import Given, Prepared, PreparedUpdate
from selfcheck.models import SelfCheckAnswer

from .editing import editable_rows

_RELATED = ("report__campaign", "item__section")


@dataclass(frozen=True, slots=True)
class _OfUnit:
    """Whoever sees nothing but one unit."""

    scope: Scope


def _only(unit: int) -> Reach:
    return Reach(unit_ids=frozenset({unit}))


def _of_unit(answer: int, unit: int) -> models.QuerySet:
    # Querysets ask whoever looks for their scope and nothing else.
    viewer = cast(Actor, _OfUnit(Scope(casework=_only(unit))))
    return (
        SelfCheckAnswer.objects.visible_to(viewer)
        .filter(pk=answer)
        .select_related(*_RELATED)
        .only(
            *("answer", "note", "version", "client_id", "answered_at", "standard"),
            *("report__kind", "report__unit", "report__bureau", "report__receiver"),
            *("report__state", "report__due_on", "report__template", "report__campaign__state"),
            *("item__code", "item__is_prohibition", "item__may_be_inapplicable"),
            *("item__section__code",),
        )
    )


_OF_UNIT = Prepared(_of_unit)
_WRITE = PreparedUpdate(
    lambda row, report: SelfCheckAnswer.objects.filter(
        pk=row,
        version=Given("base_version", models.PositiveIntegerField()),
        report__in=editable_rows(report),
    ),
    *("answer", "note", "version", "client_id", "answered_by", "answered_at"),
)


def seen_by(user: Actor, answer: int) -> SelfCheckAnswer | None:
    """An answer with its report and item, if the acting membership sees it; for the save of it.

    A unit's people take the compiled way, whom a bureau's report belongs to the ordinary one.
    """
    acting, reach = user.acting, user.scope.casework
    if acting is None or acting.unit_id is None or reach != _only(acting.unit_id):
        rows = SelfCheckAnswer.objects.visible_to(user).select_related(*_RELATED, "report__bureau")
        return rows.filter(pk=answer).first()
    return _OF_UNIT.first(answer=answer, unit=acting.unit_id)  # type: ignore[no-any-return]


def write(row: SelfCheckAnswer, *, base_version: int, **values: object) -> bool:
    """Set the columns of a save; False when somebody saved in between or the report was handed in."""
    return _WRITE.run(row=row.pk, report=row.report_id, base_version=base_version, **values) == 1
