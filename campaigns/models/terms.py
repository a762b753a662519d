"""抽取约定: what is fixed and made known before a draw, the secret that belongs to it, and who did what."""

import json

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from campaigns.enums import AnnulGround, TermsKind, TermsState
from campaigns.querysets import TermsQuerySet
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.common.shapes import Context
from metrostd.registry.models import Authority

from .campaign import Campaign
from .sampling import DrawRun, SamplingFrame


def _person() -> models.ForeignKey:
    """Somebody who did one step of a draw."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )


class DrawTerms(StatefulModel):
    """The terms of one draw with their hash, the commitment to a secret nonce, and the public value.

    Numbers of an office in a campaign have no gap: who has seen number 3 asks for 1 and 2. ``nonce`` stays
    empty until the terms have come to their end; before, the number exists sealed alone, under a key that
    is not in the database (``FIELD_KEYS``). The database itself refuses a draw before its moment, without
    acknowledgement, or by one person.
    """

    States = TermsState

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="terms")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    frame = models.ForeignKey(SamplingFrame, on_delete=models.CASCADE, related_name="terms")
    #: The draw that is supplemented or whose units are replaced.
    run = models.ForeignKey(
        DrawRun, on_delete=models.CASCADE, null=True, related_name="later_terms"
    )
    kind = models.CharField("事项", max_length=12, choices=TermsKind.choices)
    number = models.PositiveSmallIntegerField("约定序号", editable=False)
    ratio_reason = models.CharField("低于建议比例的理由", max_length=200, blank=True)
    #: With witnesses: the issue that counts when one of them does not reveal.
    issue = models.CharField("公开来源的期号", max_length=12)
    #: Until then witnesses reveal; without witnesses there is none.
    fallback_at = models.DateTimeField("改以双色球为准的时间", null=True, editable=False)
    moment = models.DateTimeField("约定时间")
    acknowledge_by = models.DateTimeField("收悉期限", editable=False)
    #: Canonical JSON, byte for byte what ``hash`` covers.
    text = models.TextField("约定内容", editable=False)
    hash = models.CharField("约定哈希", max_length=64, editable=False)
    sealed_nonce = models.TextField(blank=True, editable=False)
    nonce = models.CharField("公布的随机数", max_length=64, blank=True, editable=False)
    commitment = models.CharField("随机数承诺", max_length=64, blank=True, editable=False)
    #: The same number sealed once more, under a code 纪检监督 keeps on paper.
    envelope = models.TextField(blank=True, editable=False)
    announced_by = _person()
    announced_at = models.DateTimeField("公布时间", default=clock.now, editable=False)
    acknowledged_by = _person()
    acknowledged_at = models.DateTimeField("收悉时间", null=True, editable=False)
    #: What the receipt is kept of: who, for which office.
    receipt = models.CharField("收悉人", max_length=120, blank=True, editable=False)
    value = models.CharField("公开的号码", max_length=60, blank=True, editable=False)
    entered_by = _person()
    entered_at = models.DateTimeField("录入时间", null=True, editable=False)
    confirmed_by = _person()
    confirmed_at = models.DateTimeField("核对时间", null=True, editable=False)
    #: When those above were told that the grace has passed.
    reported_at = models.DateTimeField("上报时间", null=True, editable=False)
    ground = models.CharField("废止原因", max_length=16, choices=AnnulGround.choices, blank=True)
    end_note = models.CharField("说明", max_length=300, blank=True, editable=False)
    state = state_field(TermsState.ANNOUNCED, max_length=12)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽取约定"
        ordering = ("campaign", "authority", "number")
        constraints = [
            state_known("draw_terms_state_known", TermsState),
            models.UniqueConstraint(
                fields=["campaign", "authority", "number"], name="one_number_per_terms_of_an_office"
            ),
            models.UniqueConstraint(
                fields=["frame"],
                condition=Q(state__in=["announced", "acknowledged", "entered"]),
                name="one_live_terms_per_frame",
            ),
            models.CheckConstraint(
                name="terms_are_acknowledged_in_time",
                condition=Q(acknowledged_at=None) | Q(acknowledged_at__lte=F("acknowledge_by")),
            ),
            models.CheckConstraint(
                name="no_value_before_the_moment",
                condition=~Q(state__in=["entered", "drawn"])
                | (
                    Q(acknowledged_at__isnull=False) & Q(entered_at__gte=F("moment")) & ~Q(value="")
                ),
            ),
            models.CheckConstraint(
                name="two_people_know_the_value",
                condition=~Q(state="drawn")
                | (Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("entered_by"))),
            ),
            models.CheckConstraint(
                name="no_nonce_is_known_before_the_end",
                condition=Q(state__in=["drawn", "lapsed", "annulled", "acknowledged", "entered"])
                | Q(nonce=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority.short_name} 抽取约定第{self.number}号"

    def get_absolute_url(self) -> str:
        return address("campaigns:terms", self.pk)

    @property
    def content(self) -> Context:
        """The terms as a value."""
        return json.loads(self.text)  # type: ignore[no-any-return]

    @property
    def is_witnessed(self) -> bool:
        """Whether witnesses are the public source."""
        return self.fallback_at is not None

    @property
    def required(self) -> int:
        """So many are drawn at most."""
        return int(self.content["required"])  # type: ignore[call-overload]

    @property
    def ratio(self) -> int:
        return int(self.content["ratio"])  # type: ignore[call-overload]
