"""Reads over the platform's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import models

from metrostd.common.actors import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable


class AuditQuerySet(models.QuerySet):
    def about(self, *objects: models.Model) -> AuditQuerySet:
        """The trail of these objects, newest first."""
        keys: dict[type[models.Model], list[int]] = {}
        for obj in objects:
            keys.setdefault(type(obj), []).append(obj.pk)
        # A condition for each kind and not for each object: SQLite nests them, a thousand at most.
        wanted = models.Q(pk__in=[])
        for model, pks in keys.items():
            kind = ContentType.objects.get_for_model(model)
            wanted |= models.Q(target_type=kind, target_id__in=pks)
        return self.filter(wanted).select_related("actor").order_by("-pk")

    def about_all(self, model: type[models.Model], pks: Iterable[int]) -> AuditQuerySet:
        """The trail of many rows of one model, newest first."""
        kind = ContentType.objects.get_for_model(model)
        return (
            self.filter(target_type=kind, target_id__in=pks).select_related("actor").order_by("-pk")
        )


class JobQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> JobQuerySet:
        """A job belongs to the person who started it."""
        return self.filter(owner=user)


class KeptListQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> KeptListQuerySet:
        """How somebody looks at a list is their own affair."""
        return self.filter(user=user.pk)
