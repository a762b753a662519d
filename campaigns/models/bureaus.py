"""The second object of a campaign (通知二(二)2): bureaus of a list with their case files, and what was drawn."""

from django.db import models

from campaigns.enums import DrawReason
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority, ProfessionalField, StandardCertificate

from .sampling import DrawRun, SamplingFrame


class FrameBureau(models.Model):
    """A bureau of a list, by the code and name it had when the list was frozen."""

    frame = models.ForeignKey(SamplingFrame, on_delete=models.CASCADE, related_name="bureaus")
    bureau = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    key = models.CharField("区局标识", max_length=140, editable=False)
    name = models.CharField("区局名称", max_length=140, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "抽样框区局"
        constraints = [
            models.UniqueConstraint(fields=["frame", "bureau"], name="a_bureau_is_once_in_a_frame")
        ]

    def __str__(self) -> str:
        return self.name


class FrameCase(models.Model):
    """案卷: the file of one certificate a bureau issued in the period, as it was frozen."""

    listed = models.ForeignKey(FrameBureau, on_delete=models.CASCADE, related_name="cases")
    certificate = models.ForeignKey(StandardCertificate, on_delete=models.PROTECT, related_name="+")
    category = models.CharField("类别", max_length=16, choices=Category.choices)
    field = models.ForeignKey(
        ProfessionalField, on_delete=models.PROTECT, null=True, related_name="+"
    )
    key = models.CharField("案卷标识", max_length=220, editable=False)
    name = models.CharField("案卷名称", max_length=260, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "抽样框案卷"
        constraints = [
            models.UniqueConstraint(
                fields=["listed", "certificate"], name="a_case_is_once_in_a_frame"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DrawnBureau(models.Model):
    """A bureau chance has picked; what is looked at there hangs on its row."""

    run = models.ForeignKey(DrawRun, on_delete=models.CASCADE, related_name="bureaus")
    bureau = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveIntegerField("次序")
    named = models.CharField("列入时名称", max_length=140, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "抽中区局"
        ordering = ("run", "order")
        constraints = [
            models.UniqueConstraint(fields=["run", "bureau"], name="a_bureau_is_drawn_once")
        ]

    def __str__(self) -> str:
        return self.named


class DrawnCase(models.Model):
    """A case file drawn with its bureau, from the same seed."""

    drawn = models.ForeignKey(DrawnBureau, on_delete=models.CASCADE, related_name="cases")
    certificate = models.ForeignKey(StandardCertificate, on_delete=models.PROTECT, related_name="+")
    category = models.CharField("类别", max_length=16, choices=Category.choices)
    field = models.ForeignKey(
        ProfessionalField, on_delete=models.PROTECT, null=True, related_name="+"
    )
    why = models.CharField("原因", max_length=16, choices=DrawReason.choices)
    key = models.CharField("案卷标识", max_length=220, editable=False)
    named = models.CharField("列入时名称", max_length=260, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "抽中案卷"
        ordering = ("drawn", "pk")
        constraints = [
            models.UniqueConstraint(fields=["drawn", "certificate"], name="a_case_is_drawn_once")
        ]

    def __str__(self) -> str:
        return self.named
