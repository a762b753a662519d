"""What a merge of two units moved, so that it can be taken back."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from metrostd.common import clock
from metrostd.registry.querysets import UnitMergeQuerySet

from .organisation import Unit


class UnitMerge(models.Model):
    """One merge: which row remained, which went, what was taken over and what followed."""

    survivor = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="merges", verbose_name="保留单位"
    )
    gone = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name="并入的单位"
    )
    #: Fields of the survivor that took the other's value, with the value they had before.
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    #: Relation to the primary keys of the rows that followed.
    moved = models.JSONField(default=dict)
    #: Relation to the rows that stayed because the survivor has the like, with their values before.
    stayed = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    #: Relation to the number of rows the survivor had afterwards.
    counts = models.JSONField(default=dict)
    names_made = models.JSONField(default=list)
    names_dropped = models.JSONField(default=list)
    survivor_version = models.PositiveIntegerField()
    gone_version = models.PositiveIntegerField()
    note = models.CharField("理由", max_length=300, blank=True)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    merged_at = models.DateTimeField("合并时间", default=clock.now, editable=False)
    undone_at = models.DateTimeField("撤回时间", null=True, editable=False)

    objects = UnitMergeQuerySet.as_manager()

    #: A later merge of the survivor leaves the record of an earlier one alone.
    frozen_relations: ClassVar[frozenset[str]] = frozenset({"survivor", "gone"})

    class Meta:
        verbose_name = verbose_name_plural = "单位合并"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="a_unit_is_not_merged_into_itself", condition=~Q(survivor=F("gone"))
            ),
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="a_unit_is_merged_away_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone} → {self.survivor}"
