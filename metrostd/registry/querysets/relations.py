"""Models reached through relations: querysets are imported before the models exist."""

from typing import Any

from django.db import models


def related(rows: models.QuerySet, name: str) -> Any:
    """The model at the other end of a relation of the rows' model."""
    return rows.model._meta.get_field(name).related_model
