"""Standards and certificates a person sees."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
)

from metrostd.common.actors import Actor
from metrostd.common.outside import is_key
from metrostd.common.text import name_key
from metrostd.registry.enums import CertificateState
from metrostd.registry.numbers import numbered_like

from .aging import in_state, state_today
from .organisation import called
from .relations import OfStandardQuerySet, paths_to_standard, related

#: What a part of a certificate number holds; other words need not be looked for among the numbers.
_NUMBER_LIKE = re.compile(r"[0-9量标证字第号〔〕\[\]]")


class StandardQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> StandardQuerySet:
        """Standards a person's offices issued, host, or have in their territory; units see their own."""
        return self.filter(user.scope.register.as_q(**paths_to_standard("")))

    def in_scope(self) -> StandardQuerySet:
        """Hosted at city or district level (通知一、监督检查范围), not a draft without certificate."""
        return self.filter(in_scope=True).exclude(certificates__state=CertificateState.DRAFT)

    def operating(self) -> StandardQuerySet:
        """Not 封存 and not ended: what a unit may use, an expired certificate and none yet included."""
        stopped = related(self, "certificates").objects.filter(
            in_state(*CertificateState.ended, CertificateState.SEALED)
        )
        return self.exclude(pk__in=stopped.values("standard"))

    def with_records(self) -> StandardQuerySet:
        """Something was entered about them: an instrument, a person, a test or a public certificate."""
        kinds = ("instruments", "persons", "capability_tests", "public_certificates")
        entered = [
            Exists(related(self, kind).objects.filter(standard=OuterRef("pk"))) for kind in kinds
        ]
        return self.filter(reduce(or_, (Q(found) for found in entered)))

    def search(self, text: str, *, many: bool = False) -> StandardQuerySet:
        """By name, initials, code, certificate number, or the unit's name, code or initials.

        ``many`` finds the same another way: it judges row by row, joined with the unit, so that a
        list in the order of an index ends with its page instead of sorting all that was found.
        Without it the units are found first, which is the cheaper the fewer they are.
        """
        unit = related(self, "unit")
        if many:
            found = Q(unit__merged_into=None) & called(unit, text, at="unit__")
        else:
            found = Q(unit__in=unit.objects.search(text).order_by().values("pk"))
        return self.filter(found | self.own(text))

    def own(self, text: str) -> Q:
        """What a text names of a standard itself, without its unit."""
        found = Q(name_key__contains=name_key(text))
        if _NUMBER_LIKE.search(text):
            certificates = related(self, "certificates").objects.filter(numbered_like(text))
            found |= Q(pk__in=certificates.order_by().values("standard"))
        if text.isascii():
            found |= Q(pinyin__contains=text.lower())
        if is_key(text):
            found |= Q(jjf1022_code__startswith=text)
        return found

    def with_certificate_columns(self) -> StandardQuerySet:
        """Number, end and state of the current certificate as columns; None without one."""
        return self.annotate(
            certificate=FilteredRelation(
                "certificates", condition=Q(certificates__is_current=True)
            ),
            valid_until=F("certificate__valid_until"),
            certificate_number=F("certificate__number"),
            certificate_state=state_today("certificate__"),
        )

    def with_certificate(self) -> StandardQuerySet:
        """The current certificate as ``current`` (a list of at most one) and as columns to sort by."""
        certificates = related(self, "certificates").objects.filter(is_current=True)
        return self.with_certificate_columns().prefetch_related(
            Prefetch("certificates", queryset=certificates, to_attr="current")
        )

    def for_list(self) -> StandardQuerySet:
        return self.select_related(
            "unit__territorial_authority", "field", "issuing_authority"
        ).order_by("unit__name", "unit_id", "pk")


class CertificateQuerySet(OfStandardQuerySet):
    """Every certificate a standard has or had."""
