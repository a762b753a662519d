"""Lists taken into the register."""

from __future__ import annotations

from django.db import models

from metrostd.common.actors import Actor


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ImportBatchQuerySet:
        """Imports are the business of administrators and of the municipal office."""
        return self if user.scope.register.everything else self.none()

    def for_list(self) -> ImportBatchQuerySet:
        """Without the long columns a list of imports does not show."""
        return self.select_related("issuing_authority").defer(
            "issues", "edits", "header_map", "conflicts", "decisions"
        )
