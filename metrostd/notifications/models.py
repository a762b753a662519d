"""The inbox: a message to one person, with the page it is about."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from metrostd.common import clock
from metrostd.common.actors import Actor


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> MessageQuerySet:
        """Everyone reads their own inbox, in the capacity the message was sent to."""
        acting = user.acting
        return self.filter(membership=acting) if acting else self.none()

    def unread(self) -> MessageQuerySet:
        return self.filter(read_at=None)


class Message(models.Model):
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
