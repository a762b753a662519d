"""How querysets reach other models, which are not there yet when these are imported."""

from typing import Any, Self, TypedDict

from django.db import models

from metrostd.common.actors import Actor


class Paths(TypedDict):
    """Where a person's reach is looked for: see ``Reach.as_q``."""

    authority: tuple[str, ...]
    unit: str


def paths_to_standard(prefix: str) -> Paths:
    """Who sees a standard: the unit itself, its district, and who hosts or certified it.

    ``prefix`` leads from a row to its standard, for instance ``instrument__standard__``.
    """
    return {
        "authority": (
            f"{prefix}unit__territorial_authority",
            f"{prefix}issuing_authority",
            f"{prefix}hosting_authority",
        ),
        "unit": f"{prefix}unit",
    }


class OfStandardQuerySet(models.QuerySet):
    """Rows that belong to one standard are seen by whoever sees it."""

    def visible_to(self, user: Actor) -> Self:
        return self.filter(user.scope.register.as_q(**paths_to_standard("standard__")))


# Any: which model that is, only the running program knows
def related(rows: models.QuerySet | type[models.Model], name: str) -> Any:
    """The model at the other end of a relation of the rows' model, or of a model."""
    model = rows if isinstance(rows, type) else rows.model
    return model._meta.get_field(name).related_model
