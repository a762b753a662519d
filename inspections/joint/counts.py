"""How many visits were made together with others, as it was known at a moment."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Case, CharField, Count, Exists, F, FilteredRelation, OuterRef, Q, When
from django.db.models.functions import Coalesce

from campaigns.models import Campaign
from campaigns.together import MadeTogether, joined_with, made_source, sentence
from inspections.enums import JointState, TaskKind
from inspections.models import ChecklistSheet, EarlierSigning, InspectionTask
from metrostd.registry.models import Authority


@made_source
def made_together(
    campaign: Campaign, authority: Authority | None, by: dt.datetime
) -> Iterator[MadeTogether]:
    """Signed visits that were joined with another signed one, or merged with an inspection of another kind; 1 query.

    Two tasks of one office at one door are one visit, counted where it was proposed. Neither can change once a visit
    has begun, so that the signatures of that moment decide.
    """
    own = {} if authority is None else {"authority": authority}
    pairs = {
        side: FilteredRelation(
            f"joint_{side}", condition=Q(**{f"joint_{side}__state": JointState.JOINED})
        )
        for side in ("first", "second")
    }
    rows = (
        InspectionTask.objects.filter(_signed("pk", by), campaign=campaign, **own)
        .annotate(as_first=pairs["first"], as_second=pairs["second"])
        .filter(Q(as_first__isnull=False) | Q(as_second__isnull=False) | ~Q(merged_with=""))
        .annotate(partner=Coalesce("as_first__second", "as_second__first"))
        .annotate(
            with_kind=Case(
                When(
                    _signed("partner", by),
                    then=Coalesce("as_first__second__kind", "as_second__first__kind"),
                ),
                output_field=CharField(),
            ),
            with_office=Coalesce(
                "as_first__second__authority__short_name", "as_second__first__authority__short_name"
            ),
            proposed_by=F("as_second__first__authority"),
        )
        .values_list(
            "authority__short_name",
            "authority",
            "merged_with",
            "with_kind",
            "with_office",
            "proposed_by",
        )
        .annotate(visits=Count("pk"))
        .order_by("authority__code", "merged_with", "with_kind", "with_office")
    )
    for office, key, merged_with, kind, partner, proposed_by, visits in rows:
        if kind and proposed_by == key:
            continue
        joined = joined_with(partner, TaskKind(kind).label) if kind else ""
        ways = tuple(filter(None, (joined, sentence(merged_with))))
        if ways:
            yield MadeTogether(office, ways, visits)


def _signed(task: str, by: dt.datetime) -> Q:
    """Signed by then; of a visit given back since, what had been signed before counts."""
    then = {"signed_at__lte": by}
    sheets = ChecklistSheet.objects.filter(task=OuterRef(task), **then)
    earlier = EarlierSigning.objects.filter(sheet__task=OuterRef(task), until__gt=by, **then)
    return Q(Exists(sheets)) | Q(Exists(earlier))
