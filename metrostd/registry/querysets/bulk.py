"""Changes applied to many records."""

from __future__ import annotations

from django.db import models

from metrostd.common.actors import Actor


class BulkEditQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> BulkEditQuerySet:
        """Offices their own; those that see the whole register see all."""
        reach = user.scope.register
        if reach.everything:
            return self
        return self.filter(made_by=user) if reach.authority_ids else self.none()
