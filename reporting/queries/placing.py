"""Where a record belongs in the table: office, unit, category and field, as they were frozen."""

from django.db import models
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from inspections.models import TaskStandard
from reporting.rows import CATEGORY_ORDER

from .past import TASK_UNIT
from .scope import Scope


def of_task(scope: Scope, task: str, standard: str) -> dict[str, object]:
    """Office, unit, category and field of a row that belongs to a task and perhaps a standard."""
    rows = TaskStandard.objects.filter(task=OuterRef(task))
    own = rows.filter(standard=OuterRef(standard))
    return {
        "in_office": F(f"{task}__authority_id"),
        "in_unit": scope.past.unit(TASK_UNIT, f"{task}__unit_id", task),
        "in_standard": F(f"{standard}_id"),
        "in_category": own_or_first(own, rows.order_by(rank(), "pk"), "category", CharField()),
        "in_field": Subquery(own.values("field__code")[:1]),
    }


def own_or_first(own: QuerySet, first: QuerySet, column: str, output: models.Field) -> Coalesce:
    return Coalesce(
        Subquery(own.values(column)[:1]),
        Subquery(first.values(column)[:1]),
        output_field=output,
    )


def rank() -> Case:
    """The place of a category in the table."""
    whens = [When(category=key, then=Value(place)) for place, key in enumerate(CATEGORY_ORDER)]
    return Case(*whens, default=Value(len(whens)))


def flag(condition: Q | Combinable) -> Case:
    """A condition as a plain true or false, also where it would be unknown."""
    return Case(When(condition, then=Value(True)), default=Value(False))
