"""Everything that refers to a unit, read from the models: what follows a merge and what stays.

A relation added later by any app is found here without a word. A model may say otherwise with two
attributes: ``frozen_relations`` names relations that are evidence and keep the row they named;
``stays_when_taken`` gives the values of a row that cannot follow because the survivor has the like.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from metrostd.registry.models import Unit


@dataclass(frozen=True, slots=True)
class Relation:
    """One way of referring to a unit: a model and the column that names the unit."""

    model: type[models.Model]
    name: str
    column: str
    generic: str = ""

    @property
    def key(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    @property
    def label(self) -> str:
        """What its rows are called; the column too, where a model refers to units in two ways."""
        return str(self.model._meta.verbose_name)

    @property
    def is_frozen(self) -> bool:
        return self.name in getattr(self.model, "frozen_relations", ())

    @property
    def stays(self) -> dict[str, object] | None:
        return getattr(self.model, "stays_when_taken", None)

    def rows(self, unit: Unit) -> models.QuerySet:
        """The rows that refer to a unit."""
        wanted: dict[str, object] = {self.column: unit.pk}
        if self.generic:
            wanted[self.generic] = ContentType.objects.get_for_model(Unit).pk
        return self.model._base_manager.filter(**wanted)

    def clashes(self, survivor: Unit, gone: Unit) -> Iterator[tuple[models.Model, models.Model]]:
        """Rows of ``gone`` whose place at the survivor is taken, each with the row that has it."""
        seen: set[object] = set()
        for fields, condition in self._unique():
            others = [name for name in fields if name != self.name]
            taken = {
                tuple(getattr(row, self._attname(name)) for name in others): row
                for row in self.rows(survivor).filter(condition)
            }
            for row in self.rows(gone).filter(condition) if taken else ():
                place = tuple(getattr(row, self._attname(name)) for name in others)
                if place in taken and None not in place and row.pk not in seen:
                    seen.add(row.pk)
                    yield row, taken[place]

    def _unique(self) -> Iterator[tuple[tuple[str, ...], Q]]:
        meta = self.model._meta
        for constraint in meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and self.name in constraint.fields:
                yield tuple(constraint.fields), constraint.condition or Q()
        for together in meta.unique_together:
            if self.name in together:
                yield tuple(together), Q()
        field = None if self.generic else meta.get_field(self.name)
        if isinstance(field, models.Field) and field.unique:
            yield (self.name,), Q()

    def _attname(self, name: str) -> str:
        return self.model._meta.get_field(name).attname  # type: ignore[union-attr]


def relations() -> list[Relation]:
    """Every relation to a unit, frozen ones too, in a stable order."""
    found = []
    for link in Unit._meta.get_fields(include_hidden=True):
        if isinstance(link, models.ManyToOneRel) and link.auto_created:
            field = link.field
            found.append(Relation(link.related_model, field.name, field.attname))
    found += [
        Relation(model, field.name, field.fk_field, field.ct_field)
        for model in apps.get_models()
        for field in model._meta.private_fields
        if isinstance(field, GenericForeignKey)
    ]
    return sorted(found, key=lambda relation: relation.key)
