"""Reads of the library of legal bases."""

from __future__ import annotations

from django.db import models
from django.db.models import OuterRef, Subquery


class LegalBasisQuerySet(models.QuerySet):
    def with_end(self) -> LegalBasisQuerySet:
        """Each with the row that replaces it: ``next_on``, ``next_law`` and ``next_article``."""
        later = self.model._default_manager.filter(
            code=OuterRef("code"), starts_on__gt=OuterRef("starts_on")
        ).order_by("starts_on")
        return self.annotate(
            next_on=Subquery(later.values("starts_on")[:1]),
            next_law=Subquery(later.values("law")[:1]),
            next_article=Subquery(later.values("article")[:1]),
        )
