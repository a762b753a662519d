"""Hand-overs, their rows, and the rows that came back."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from metrostd.common.actors import Actor
from metrostd.registry.enums import Category, HandOverState, ReturnState, RowChange

from .relations import related

#: Inspected by districts though the city certified them (通知二(二)1); 附件4 lists the first kind.
HANDED = frozenset({Category.ENT_HIGHEST, Category.INST_HIGHEST})
#: Annex 4 does not list institutions: the district confirms each of their rows (domain.md §1.4).
TO_CONFIRM = Category.INST_HIGHEST


class HandOverQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> HandOverQuerySet:
        """A district its own, the municipal office all; no unit learns of them."""
        return self.filter(user.scope.register.as_q(authority="authority"))

    def sent(self) -> HandOverQuerySet:
        return self.filter(state=HandOverState.SENT)

    def standing(self) -> HandOverQuerySet:
        return self.exclude(state=HandOverState.WITHDRAWN)

    def overdue(self, on: dt.date) -> HandOverQuerySet:
        return self.sent().filter(due_on__lt=on)

    def with_counts(self) -> HandOverQuerySet:
        """Rows, rows still to be confirmed, and returns by what has become of them."""
        rows = related(self, "rows").objects.filter(hand_over=OuterRef("pk"))
        returns = related(self, "returns").objects.filter(hand_over=OuterRef("pk"))

        def count(found: models.QuerySet) -> Coalesce:
            grouped = found.order_by().values("hand_over").annotate(n=Count("pk")).values("n")
            return Coalesce(Subquery(grouped), 0)

        return self.annotate(
            row_count=count(rows),
            new_count=count(rows.filter(change=RowChange.NEW)),
            unconfirmed_count=count(rows.unconfirmed()),
            draft_count=count(returns.filter(state=ReturnState.DRAFT)),
            open_count=count(returns.filter(state=ReturnState.OPEN)),
            answered_count=count(returns.filter(state=ReturnState.ANSWERED)),
            returned_count=count(
                returns.exclude(state__in=(ReturnState.DRAFT, ReturnState.WITHDRAWN))
            ),
        )

    def for_list(self) -> HandOverQuerySet:
        return self.select_related("batch__issuing_authority", "authority").defer(
            "receipt", "batch__issues", "batch__edits", "batch__header_map"
        )


class HandOverReturnQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> HandOverReturnQuerySet:
        """The district that sent the row back, and the municipal office once it was sent."""
        reach = user.scope.register
        mine = self.filter(reach.as_q(authority="hand_over__authority"))
        return mine.exclude(state=ReturnState.DRAFT) if reach.everything else mine

    def pending(self) -> HandOverReturnQuerySet:
        return self.filter(state__in=ReturnState.pending)

    def open(self) -> HandOverReturnQuerySet:
        return self.filter(state=ReturnState.OPEN)

    def for_list(self) -> HandOverReturnQuerySet:
        return self.select_related(
            "hand_over__authority",
            "hand_over__batch",
            "row__unit__territorial_authority",
            "row__standard",
            "district",
            "moved_to",
        ).defer("hand_over__receipt", "hand_over__batch__issues", "hand_over__batch__edits")


class ImportRowQuerySet(models.QuerySet):
    def without_district(self) -> ImportRowQuerySet:
        """Handed to nobody yet, because the district of the unit is not known."""
        return self.filter(no_district=True)

    def to_confirm(self) -> ImportRowQuerySet:
        """Rows of institutions, whose list the notice does not have."""
        return self.filter(
            Q(standard__category=TO_CONFIRM) | Q(standard=None, batch__category=TO_CONFIRM)
        )

    def unconfirmed(self) -> ImportRowQuerySet:
        """Of these, the ones nobody has confirmed and nobody is sending back."""
        pending = related(self, "returns").objects.pending()
        return self.to_confirm().filter(confirmed_at=None).exclude(pk__in=pending.values("row"))

    def search(self, text: str) -> ImportRowQuerySet:
        """By unit (name, former name, code, initials), standard or certificate number."""
        units = related(self, "unit").objects.search(text)
        standards = related(self, "standard").objects.search(text)
        return self.filter(Q(unit__in=units.values("pk")) | Q(standard__in=standards.values("pk")))

    def for_district(self) -> ImportRowQuerySet:
        """With unit, standard, its current certificate, and what is being sent back, in order."""
        standards = related(self, "standard").objects.with_certificate()
        returns = related(self, "returns").objects.pending().select_related("district")
        return (
            self.select_related("unit__territorial_authority")
            .prefetch_related(
                Prefetch("standard", queryset=standards),
                Prefetch("returns", queryset=returns, to_attr="pending"),
            )
            .order_by("unit__name", "pk")
        )
