"""Rules of reminding as data, and the days on which they were applied."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from campaigns.enums import DutyKind
from metrostd.common import clock
from metrostd.common.addresses import address

from .enums import Audience, Moment

_WEEKDAYS = "一二三四五六日"


class ReminderRule(models.Model):
    """提醒规则: for duties of one kind, when and to whom. A new one is off until somebody has seen its preview."""

    kind = models.CharField("事项", max_length=24, choices=DutyKind.choices)
    moment = models.CharField("时点", max_length=8, choices=Moment.choices)
    #: Days before or after the deadline; for 每周汇总 the weekday, Monday is 1; otherwise 0.
    days = models.PositiveSmallIntegerField("天数", default=0)
    audience = models.CharField("提醒谁", max_length=8, choices=Audience.choices)
    is_on = models.BooleanField("启用", default=False)
    #: A mail goes out even to whoever has switched mails off.
    by_law = models.BooleanField("法定告知", default=False)
    #: Its own words, with the variables of ``wording``; without any it speaks with the text of its moment.
    text = models.CharField("文字", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒规则"
        ordering = ("kind", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "moment", "days", "audience"],
                name="one_rule_per_kind_moment_and_audience",
            ),
            models.CheckConstraint(
                name="rule_days_fit_its_moment",
                condition=Q(moment__in=[Moment.NEW, Moment.ON_DAY], days=0)
                | Q(moment__in=[Moment.BEFORE, Moment.AFTER], days__range=(1, 90))
                | Q(moment=Moment.WEEKLY, days__range=(1, 7)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.when_label}提醒{self.get_audience_display()}"

    def get_absolute_url(self) -> str:
        return address("reminders:edit", self.pk)

    @property
    def when_label(self) -> str:
        """到期前3天, 每周一汇总 and the like."""
        if self.moment == Moment.WEEKLY:
            return f"每周{_WEEKDAYS[self.days - 1]}汇总"
        counted = self.moment in (Moment.BEFORE, Moment.AFTER)
        return f"{self.get_moment_display()}{f'{self.days}天' if counted else ''}"

    @property
    def origin(self) -> str:
        """How a line of the outbox names this rule."""
        return f"rule:{self.pk}"

    def clean(self) -> None:
        """The number says what the moment counts."""
        if self.moment in (Moment.NEW, Moment.ON_DAY) and self.days:
            raise ValidationError({"days": f"“{self.get_moment_display()}”不用填天数，请填0。"})
        if self.moment in (Moment.BEFORE, Moment.AFTER) and not 1 <= self.days <= 90:
            raise ValidationError({"days": "请填1至90天。"})
        if self.moment == Moment.WEEKLY and not 1 <= self.days <= 7:
            raise ValidationError({"days": "请填星期几：1是星期一，7是星期日。"})


class ReminderDay(models.Model):
    """A day whose reminders were worked out; the next run takes up every day after the last one."""

    day = models.DateField("日期", unique=True)
    begun_at = models.DateTimeField("开始时间", default=clock.now, editable=False)
    finished_at = models.DateTimeField("完成时间", null=True, editable=False)
    lines = models.PositiveIntegerField("通知", default=0)
    #: Why nothing was sent, for the office.
    trouble = models.CharField("未能发送的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒运行"
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class ReminderText(models.Model):
    """Another text than the one the portal comes with (``wording.DEFAULTS``)."""

    key = models.CharField("用于", max_length=10, unique=True)
    text = models.CharField("文字", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "提醒文字"

    def __str__(self) -> str:
        return self.text
