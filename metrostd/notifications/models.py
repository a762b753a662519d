"""The inbox, and the outbox: what one person is told about one thing over one channel, told once."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from metrostd.common import clock
from metrostd.common.addresses import address

from .enums import Channel, Progress, Reply
from .querysets import (
    EnvelopeQuerySet,
    LineQuerySet,
    MessageQuerySet,
    WebhookDeliveryQuerySet,
    WebhookEndpointQuerySet,
)


class Message(models.Model):
    """A message of the inbox, with the page it is about."""

    membership = models.ForeignKey(
        "accounts.Membership", on_delete=models.CASCADE, related_name="messages"
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    subject = models.CharField("主题", max_length=200)
    body = models.TextField("正文", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    sent_at = models.DateTimeField("时间", default=clock.now, editable=False)
    read_at = models.DateTimeField("阅读时间", null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ("-sent_at", "-pk")
        indexes = [models.Index(fields=["membership", "read_at"], name="message_by_reader")]

    def __str__(self) -> str:
        return self.subject


class Preference(models.Model):
    """Whether a person wants a channel; without a row the usual ones."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_choices"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    is_wanted = models.BooleanField("接收")

    class Meta:
        verbose_name = verbose_name_plural = "通知渠道"
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="one_choice_per_channel"),
            models.CheckConstraint(
                name="the_inbox_is_no_choice", condition=Q(channel__in=Channel.outward)
            ),
        ]

    def __str__(self) -> str:
        return self.get_channel_display()


class Envelope(models.Model):
    """A digest on its way to one person over one channel, at most one a day; or a letter about an account.

    How far it has come is told by its times. Whoever sends it holds ``claim`` and writes under that alone.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="envelopes"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    #: The civil day it is for; the day of sending unless the server was away.
    day = models.DateField("日期")
    message_id = models.CharField(max_length=120, unique=True, editable=False)
    #: What kind of letter (``metrostd.accounts.letters``), and where it goes; a digest has neither.
    letter = models.CharField(max_length=40, blank=True, editable=False)
    sealed_address = models.TextField(blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    #: A letter nobody waits for any more after this moment.
    lapses_at = models.DateTimeField("最晚发送", null=True, editable=False)
    #: As they were when it was first sent; another try says the same. A letter with a code is kept without its words.
    subject = models.CharField("主题", max_length=200, blank=True)
    body = models.TextField("正文", blank=True)
    made_at = models.DateTimeField("建立时间", default=clock.now, editable=False)
    not_before = models.DateTimeField("最早发送", default=clock.now)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    failure = models.TextField("未能发送的原因", blank=True)
    unsure_at = models.DateTimeField("送达不明时间", null=True, editable=False)
    sent_at = models.DateTimeField("发送时间", null=True, editable=False)
    #: A mail that was taken and came back later; only what was sent comes back.
    bounced_at = models.DateTimeField("退信时间", null=True, editable=False)
    failed_at = models.DateTimeField("失败时间", null=True, editable=False)
    void_at = models.DateTimeField("作废时间", null=True, editable=False)

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外发通知"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel", "day"],
                condition=Q(letter=""),
                name="one_digest_per_person_channel_and_day",
            ),
            models.UniqueConstraint(
                fields=["user", "letter"],
                condition=~Q(letter="") & Q(sent_at=None, failed_at=None, void_at=None),
                name="one_letter_of_a_kind_is_on_its_way",
            ),
            models.CheckConstraint(
                name="letters_have_an_address_and_digests_none",
                condition=Q(letter="", sealed_address="") | (~Q(letter="") & ~Q(sealed_address="")),
            ),
            models.CheckConstraint(
                name="digest_has_one_end",
                condition=Q(sent_at=None, failed_at=None)
                | Q(sent_at=None, void_at=None)
                | Q(failed_at=None, void_at=None),
            ),
            models.CheckConstraint(
                name="only_what_was_sent_comes_back",
                condition=Q(bounced_at=None) | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at=None, failed_at=None, void_at=None),
                name="digest_to_send",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.day:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return address("notifications:envelope", self.pk)

    @property
    def progress(self) -> Progress:
        """How far it has come; the same question in SQL is ``in_progress``."""
        for progress, at in (
            (Progress.RETURNED, self.bounced_at),
            (Progress.SENT, self.sent_at),
            (Progress.FAILED, self.failed_at),
            (Progress.VOID, self.void_at),
            (Progress.SENDING, self.claim),
            (Progress.UNSURE, self.unsure_at),
        ):
            if at:
                return progress
        return Progress.WAITING


class Attempt(models.Model):
    """One try to hand a digest over: when, and what the other side said."""

    envelope = models.ForeignKey(Envelope, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField("时间", default=clock.now, editable=False)
    answer = models.CharField("结果", max_length=8, choices=Reply.choices)
    said = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_answer_display()} {self.at:%Y-%m-%d %H:%M}"

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return Reply(self.answer).tone


class Line(models.Model):
    """What one person is told about one thing over one channel, because of one rule on one day: once.

    ``origin`` names the rule, or 催办 by hand. ``day`` is the rule's own day, never that of sending: sent
    late it is still the same line.
    """

    origin = models.CharField("由来", max_length=40)
    target_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_lines"
    )
    membership = models.ForeignKey(
        "accounts.Membership", on_delete=models.CASCADE, related_name="notice_lines"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    day = models.DateField("日期")
    #: The deadline when this was planned: another one since then, and the line is not sent.
    due_on = models.DateField("到期日", null=True)
    subject = models.CharField("内容", max_length=300)
    note = models.CharField("附言", max_length=300, blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: The run that wrote it: what a run finds written by another is not its own to tell.
    batch = models.CharField(max_length=32, db_index=True, editable=False)
    made_at = models.DateTimeField("建立时间", default=clock.now, editable=False)
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, editable=False, related_name="lines"
    )
    envelope = models.ForeignKey(
        Envelope, on_delete=models.SET_NULL, null=True, editable=False, related_name="lines"
    )
    sent_at = models.DateTimeField("发送时间", null=True, editable=False)
    dropped_at = models.DateTimeField("不再发送时间", null=True, editable=False)
    dropped_why = models.CharField("不再发送的原因", max_length=60, blank=True)

    objects = LineQuerySet.as_manager()

    #: What somebody was told about a thing was about it, whatever becomes of the thing.
    frozen_relations: ClassVar[frozenset[str]] = frozenset({"target"})

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "target_type", "target_id", "user", "channel", "day"],
                name="told_once_per_origin_thing_person_channel_and_day",
            ),
            models.CheckConstraint(
                name="line_is_told_or_dropped", condition=Q(sent_at=None) | Q(dropped_at=None)
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "channel"],
                condition=Q(sent_at=None, dropped_at=None, envelope=None),
                name="line_to_pack",
            ),
            models.Index(
                fields=["target_type", "target_id", "origin", "day"], name="line_by_thing"
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class WebhookEndpoint(models.Model):
    """对接系统: a system of the house that hears what people are told. Its secret is sealed and shown once."""

    name = models.CharField("名称", max_length=60)
    url = models.CharField("网址", max_length=500)
    sealed_secret = models.TextField(editable=False)
    is_on = models.BooleanField("启用", default=True)
    #: Why the portal itself switched it off.
    stopped_why = models.CharField("停用原因", max_length=100, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    made_at = models.DateTimeField("设置时间", default=clock.now, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对接系统"
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("notifications:webhook", self.pk)


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint; the bytes and the id stay the same however often it is sent."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries"
    )
    event_id = models.CharField("编号", max_length=40, unique=True, editable=False)
    kind = models.CharField("事件", max_length=20)
    body = models.TextField(editable=False)
    made_at = models.DateTimeField("产生时间", default=clock.now, editable=False)
    not_before = models.DateTimeField("最早发送", default=clock.now)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField("接收时间", null=True, editable=False)
    failed_at = models.DateTimeField("失败时间", null=True, editable=False)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对接事件"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="event_is_taken_or_failed", condition=Q(sent_at=None) | Q(failed_at=None)
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at=None, failed_at=None),
                name="event_to_send",
            )
        ]

    def __str__(self) -> str:
        return self.event_id

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        for progress, at in (
            (Progress.SENT, self.sent_at),
            (Progress.FAILED, self.failed_at),
            (Progress.SENDING, self.claim),
        ):
            if at:
                return progress
        return Progress.WAITING


class WebhookAttempt(models.Model):
    """One request and its answer."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField("时间", default=clock.now, editable=False)
    #: The HTTP status; none when there was no answer.
    status = models.PositiveSmallIntegerField("回答", null=True)
    said = models.TextField("内容", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "对接请求"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.status or '–'} {self.at:%Y-%m-%d %H:%M}"
