"""见证人 of a draw: who commits to which number, and what it was."""

from django.db import models
from django.db.models import Q

from metrostd.accounts.models import Membership

from .terms import DrawTerms


class DrawWitness(models.Model):
    """One witness named in the terms. The number is known to the device alone until all have committed."""

    terms = models.ForeignKey(DrawTerms, on_delete=models.CASCADE, related_name="witnesses")
    order = models.PositiveSmallIntegerField("次序")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    #: As the terms name the person, byte for byte what the commitment covers.
    person = models.CharField("见证人", max_length=120)
    commitment = models.CharField("承诺", max_length=64, blank=True)
    committed_at = models.DateTimeField("承诺时间", null=True)
    number = models.CharField("公布的数", max_length=12, blank=True)
    salt = models.CharField("随机盐", max_length=32, blank=True)
    revealed_at = models.DateTimeField("公布时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽取见证人"
        ordering = ("terms", "order")
        constraints = [
            models.UniqueConstraint(fields=["terms", "order"], name="one_witness_per_place"),
            models.UniqueConstraint(fields=["terms", "membership"], name="a_witness_is_named_once"),
            models.UniqueConstraint(
                fields=["terms", "commitment"],
                condition=~Q(commitment=""),
                name="no_commitment_is_copied",
            ),
            models.CheckConstraint(
                name="nobody_reveals_without_a_commitment",
                condition=Q(revealed_at=None)
                | (Q(committed_at__isnull=False) & ~Q(commitment="") & ~Q(number="")),
            ),
        ]

    def __str__(self) -> str:
        return self.person
