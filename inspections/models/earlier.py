"""What a reopened visit said before: kept, so that earlier days keep their figures.

A row is written when a signed visit is given back to its team and never changed afterwards.
"""

from django.db import models
from django.db.models import F, Q

from campaigns.enums import ProblemCategory
from inspections.enums import Severity
from metrostd.common.enums import Conclusion

from .finding import Finding
from .review import ReviewProblem
from .sheet import ChecklistSheet


class EarlierSigning(models.Model):
    """A sheet as it had been signed, from the signature to the day it was given back."""

    sheet = models.ForeignKey(
        ChecklistSheet, on_delete=models.CASCADE, related_name="earlier_signings"
    )
    signed_at = models.DateTimeField("签字完成时间")
    until = models.DateTimeField("退回时间")
    conclusion = models.CharField("结论", max_length=12, choices=Conclusion.choices)

    class Meta:
        verbose_name = verbose_name_plural = "退回前的签字"
        ordering = ("sheet", "pk")
        constraints = [
            models.CheckConstraint(
                name="an_earlier_signing_had_ended", condition=Q(until__gte=F("signed_at"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.get_conclusion_display()}"


class EarlierFinding(models.Model):
    """A finding as it stood under an earlier signing; the team may have judged otherwise since."""

    signing = models.ForeignKey(EarlierSigning, on_delete=models.CASCADE, related_name="findings")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="earlier")
    category = models.CharField("问题类别", max_length=1, choices=ProblemCategory.choices)
    severity = models.CharField("程度", max_length=12, choices=Severity.choices)
    is_key = models.BooleanField("重点项", default=False)
    fact = models.TextField("事实")

    class Meta:
        verbose_name = verbose_name_plural = "退回前的问题"
        ordering = ("signing", "pk")

    def __str__(self) -> str:
        return str(self.finding)


class EarlierReviewProblem(models.Model):
    """A problem of the certification work that stood under an earlier signing; its group is that of its item."""

    signing = models.ForeignKey(
        EarlierSigning, on_delete=models.CASCADE, related_name="review_problems"
    )
    problem = models.ForeignKey(ReviewProblem, on_delete=models.CASCADE, related_name="earlier")

    class Meta:
        verbose_name = verbose_name_plural = "退回前的考核工作问题"
        ordering = ("signing", "pk")

    def __str__(self) -> str:
        return str(self.problem)
