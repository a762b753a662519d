"""What moves have written over in a row since a cut-off: its state, the days it was due under.

The figures of an earlier day are counted in ``queries``; this is for the list that names their records.
"""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from inspections.enums import FindingState
from inspections.models import EarlierReviewProblem, EarlierSigning, Finding, ReviewProblem
from inspections.moves.finding import EXTEND, EXTEND_RETURNED
from metrostd.common import clock
from metrostd.common.models import AuditEntry, StatefulModel
from metrostd.common.templatetags.formats import local_day
from rectification.lapsing import lapsed_then
from rectification.models import WithdrawnItem
from selfcheck.models import EarlierProblem, SelfCheckProblem


def with_rewritten(rows: QuerySet, as_of: dt.datetime) -> QuerySet:
    """Findings and problems with ``is_rewritten``: whether their words may have been others at the cut-off.

    A sheet given back and a problem changed after it was reported leave a row of their own; what they
    said word for word is with the record on file.
    """
    if rows.model is Finding:
        given_back = EarlierSigning.objects.filter(sheet=OuterRef("sheet"), until__gt=as_of)
        return rows.annotate(is_rewritten=Exists(given_back))
    if rows.model is SelfCheckProblem:
        changed = EarlierProblem.objects.filter(problem=OuterRef("pk"), until__gt=as_of)
        return rows.annotate(is_rewritten=Exists(changed))
    if rows.model is ReviewProblem:
        found_anew = EarlierReviewProblem.objects.filter(
            problem=OuterRef("pk"), signing__until__gt=as_of
        )
        return rows.annotate(is_rewritten=Exists(found_anew))
    return rows


def with_state_then(rows: QuerySet, as_of: dt.datetime) -> QuerySet:
    """The rows with ``state_then``, and of findings the days of the order they stood under."""
    if rows.model is Finding:
        rows = rows.annotate(**_under_gone(as_of))
    rows = rows.annotate(**_then(rows.model, as_of))
    return rows.annotate(state_then=_state(rows.model, as_of))


def _state(model: type[StatefulModel], as_of: dt.datetime) -> Case:
    """What the trail says of the cut-off; a finding had failed once its day was over, put on record or not."""
    failed = []
    if model is Finding:
        gone = WithdrawnItem.objects.filter(
            finding=OuterRef("pk"), until__gt=as_of, failed_at__lte=as_of
        )
        by_then = Q(failed_at__lte=as_of) | Exists(gone) | lapsed_then(local_day(as_of), as_of)
        waited = Q(state_in_trail__in=FindingState.owed_by_unit)
        failed = [When(waited & by_then, then=Value(FindingState.FAILED.value))]
    return Case(*failed, default=F("state_in_trail"), output_field=CharField())


def _under_gone(as_of: dt.datetime) -> dict[str, object]:
    """The days of a finding under the order it stood under at the cut-off and that was taken back since."""
    under = WithdrawnItem.objects.filter(
        finding=OuterRef("pk"), until__gt=as_of, order__issued_on__lte=local_day(as_of)
    ).order_by("until")
    names = {"gone_due": "due_on", "gone_from": "extended_from", "gone_until": "until"}
    return {name: Subquery(under.values(column)[:1]) for name, column in names.items()}


def _then(model: type[StatefulModel], as_of: dt.datetime) -> dict[str, object]:
    """What moves have written over since ``as_of``: the first of them in the trail says what was before."""
    later = AuditEntry.objects.filter(
        target_type=ContentType.objects.get_for_model(model), target_id=OuterRef("pk"), at__gt=as_of
    ).order_by("pk")
    extended = later.filter(action__in=(EXTEND.name, EXTEND_RETURNED.name))
    if model is Finding:
        extended = extended.filter(at__lt=Coalesce(OuterRef("gone_until"), clock.now()))
    moved = later.filter(before__has_key="state").annotate(was=KT("before__state"))
    return {
        "state_in_trail": Coalesce(
            Subquery(moved.values("was")[:1]), F("state"), output_field=CharField()
        ),
        "is_extended_later": Exists(extended),
    }
