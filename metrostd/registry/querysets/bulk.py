"""Changes applied to many records."""

from __future__ import annotations

from typing import Any

from django.db import models


class BulkEditQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> BulkEditQuerySet:
        """Everyone their own; offices that see the whole register see all."""
        if user.scope.register.everything:
            return self
        return self.filter(made_by=user) if user.scope.is_member else self.none()
