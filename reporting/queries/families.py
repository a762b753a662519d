"""The records that figures are counted in, one function per family.

Every function returns rows annotated alike, so that one engine can count and list them all:
``in_office`` (inspecting authority), ``in_unit``, ``in_standard``, ``in_category``, ``in_field``
(code of the professional field, null for 未归类), and the flags that figures filter on.
Category and field are those frozen with the frame or task, not today's register.
"""

from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from campaigns.enums import DrawState
from campaigns.models import DrawnStandard, FrameStandard, RoutedStandard
from inspections.enums import FindingState, Severity, StopState, TaskKind, TaskState
from inspections.models import (
    ChecklistSheet,
    Finding,
    InspectionTask,
    StopTransferOrder,
    TaskStandard,
    TeamMember,
)
from metrostd.common.enums import Conclusion
from rectification.enums import DispositionState, ReferralState
from rectification.models import CaseReferral, CertificateDisposition
from reporting.figures import UNIT_BAD, UNIT_OK, UNIT_OPEN
from reporting.rows import CATEGORY_ORDER
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import SelfCheckProblem, SelfCheckStandard

from .scope import Scope

_PENDING = ("planned", "assigned", "notified", "in_progress", "signing")
_DECIDED = ("verified", "failed", "handled")


def frame_entries(scope: Scope) -> QuerySet:
    """Standards in the frozen frames: what the office has to inspect from (u_total, s_total)."""
    return FrameStandard.objects.filter(
        frame__campaign=scope.campaign_id,
        frame__frozen_at__lte=scope.as_of,
        **scope.by_authority("frame__authority"),
    ).annotate(
        in_office=F("frame__authority_id"),
        in_unit=F("unit_id"),
        in_standard=F("standard_id"),
        in_category=F("category"),
        in_field=F("field__code"),
    )


def planned_standards(scope: Scope) -> QuerySet:
    """Standards drawn in valid draws, random and directed (u_plan and what became of it)."""
    frozen = FrameStandard.objects.filter(
        frame=OuterRef("drawn_unit__run__frame"), standard=OuterRef("standard")
    )
    office = OuterRef("drawn_unit__run__frame__authority")
    # The draw names the unit as it was; its visits follow a merge.
    unit = Coalesce(OuterRef("drawn_unit__unit__merged_into"), OuterRef("drawn_unit__unit"))
    # What a void draw had listed is never carried out and would keep its unit waiting for ever.
    tasks = (
        InspectionTask.objects.listed()
        .filter(campaign=scope.campaign_id, authority=office, unit=unit)
        .exclude(kind=TaskKind.RECHECK)
    )
    signed = _signed_sheets(scope).filter(task__authority=office)
    return DrawnStandard.objects.filter(
        drawn_unit__run__frame__campaign=scope.campaign_id,
        drawn_unit__run__state=DrawState.VALID,
        drawn_unit__run__run_at__lte=scope.as_of,
        **scope.by_authority("drawn_unit__run__frame__authority"),
    ).annotate(
        in_office=F("drawn_unit__run__frame__authority_id"),
        in_unit=F("drawn_unit__unit_id"),
        in_standard=F("standard_id"),
        in_category=Coalesce(Subquery(frozen.values("category")[:1]), F("standard__category")),
        in_field=F("field__code"),
        is_sheet_signed=Exists(signed.filter(standard=OuterRef("standard"))),
        is_not_performed=_flag(
            Exists(tasks)
            & ~Exists(tasks.filter(state__in=_PENDING))
            & ~Exists(signed.filter(task__unit=unit))
        ),
    )


def signed_sheets(scope: Scope) -> QuerySet:
    """The first signed sheet of every inspected standard (u_insp, s_insp, conclusions)."""
    signed = _signed_sheets(scope)
    earlier = signed.filter(
        standard=OuterRef("standard"),
        task__authority=OuterRef("task__authority"),
        pk__lt=OuterRef("pk"),
    )
    acted_on = (
        Exists(issued_stops(scope).filter(standard=OuterRef("standard")))
        | Exists(
            CertificateDisposition.objects.filter(
                finding__task__campaign=scope.campaign_id, standard=OuterRef("standard")
            ).exclude(state=DispositionState.REJECTED)
        )
        | Exists(
            CaseReferral.objects.filter(
                finding__task__campaign=scope.campaign_id, finding__standard=OuterRef("standard")
            )
        )
    )
    return (
        signed.filter(~Exists(earlier), **scope.by_authority("task__authority"))
        .annotate(**_of_task("task", "standard"))
        .annotate(is_acted_on=_flag(acted_on), in_conclusion=_standing_conclusion(scope))
    )


def _standing_conclusion(scope: Scope) -> Case:
    """The signed conclusion, less what the office found unfounded on the unit's objection.

    The signed sheet stays as it is. A sheet none of whose findings stands is 符合; 不符合 that no
    key item bears out any more is 存在缺陷, unless the leader had raised it with a reason.
    """
    own = Finding.objects.filter(sheet=OuterRef("pk"))
    standing = own.filter(_stands(scope))
    unfounded = Exists(own.filter(state=FindingState.WITHDRAWN, state_since__lte=scope.as_of))
    borne_out = Exists(standing.filter(severity=Severity.NONCONFORM, is_key=True))
    return Case(
        When(unfounded & ~Exists(standing), then=Value(Conclusion.CONFORM.value)),
        When(
            Q(conclusion=Conclusion.NONCONFORM, override_reason="") & unfounded & ~borne_out,
            then=Value(Conclusion.DEFICIENT.value),
        ),
        default=F("conclusion"),
        output_field=CharField(),
    )


def standing_findings(scope: Scope) -> QuerySet:
    """Findings of signed sheets that stand (fd) with what became of them (整改)."""
    rows = _with_outcome(_findings(scope), scope)
    siblings = rows.filter(
        task__unit=OuterRef("task__unit"), task__authority=OuterRef("task__authority")
    )
    return rows.filter(**scope.by_authority("task__authority")).annotate(
        **_of_task("task", "standard"),
        is_unit_level_only=_flag(~Exists(siblings.filter(standard__isnull=False))),
        is_corrected_on_spot=_flag(Q(state=FindingState.NO_ACTION)),
        unit_outcome=Subquery(
            siblings.order_by()
            .values("task__unit")
            .annotate(worst=Max(_weight()))
            .values("worst")[:1]
        ),
    )


def _weight() -> Case:
    """bad over open over ok: what one finding says about its unit."""
    places = {UNIT_BAD: "bad", UNIT_OPEN: "open", UNIT_OK: "ok"}
    whens = [When(outcome=outcome, then=Value(weight)) for weight, outcome in places.items()]
    return Case(*whens, default=Value(0))


def issued_stops(scope: Scope) -> QuerySet:
    """Orders to stop value transfer issued in the campaign, lifted ones included (s_stop)."""
    return StopTransferOrder.objects.filter(
        task__campaign=scope.campaign_id,
        state__in=StopState.issued,
        created_at__lte=scope.as_of,
        **scope.by_authority("task__authority"),
    ).annotate(**_of_task("task", "standard"))


def decided_dispositions(scope: Scope) -> QuerySet:
    """Dispositions of certificates decided by the issuing authority (s_seal … s_revoke)."""
    return CertificateDisposition.objects.filter(
        finding__task__campaign=scope.campaign_id,
        state=DispositionState.DECIDED,
        decided_on__lte=scope.day,
        **scope.by_authority("finding__task__authority"),
    ).annotate(**_of_task("finding__task", "standard"))


def case_referrals(scope: Scope) -> QuerySet:
    """Cases handed to enforcement (case, refer, fine)."""
    return CaseReferral.objects.filter(
        finding__task__campaign=scope.campaign_id,
        sent_on__lte=scope.day,
        **scope.by_authority("finding__task__authority"),
    ).annotate(
        **_of_task("finding__task", "finding__standard"),
        # 不予立案 comes back as 结果已反馈 too, but never has a number.
        is_filed=_flag(
            Q(state__in=ReferralState.filed_cases) & ~Q(state=ReferralState.RETURNED, case_no="")
        ),
    )


def self_checked_standards(scope: Scope) -> QuerySet:
    """Standards covered by owed self-check reports, under the office that inspects them.

    The report goes to the issuing authority; the table of an inspecting office counts the reports
    that cover standards routed to it.
    """
    routing = RoutedStandard.objects.filter(
        campaign=scope.campaign_id, standard=OuterRef("standard")
    )
    rows = (
        SelfCheckStandard.objects.filter(
            report__campaign=scope.campaign_id, report__kind=SubjectKind.UNIT
        )
        .exclude(report__state=ReportState.EXEMPTED)
        .annotate(
            in_office=Subquery(routing.values("inspecting_authority_id")[:1]),
            in_unit=F("report__unit_id"),
            in_standard=F("standard_id"),
            in_category=Subquery(routing.values("category")[:1]),
            in_field=Subquery(routing.values("field__code")[:1]),
            routing_id=Subquery(routing.values("pk")[:1]),
            is_received=_flag(_received(scope)),
        )
    )
    return _of_office(rows, scope)


def self_check_problems(scope: Scope) -> QuerySet:
    """Problems of received reports, under the office inspecting the standard they concern.

    One that concerns the unit as a whole follows the first covered standard in the order of the
    table, so that it is counted once.
    """
    routed = RoutedStandard.objects.filter(
        campaign=scope.campaign_id, inspecting_authority__isnull=False
    )
    own = routed.filter(standard=OuterRef("standard"))
    covered = SelfCheckStandard.objects.filter(report=OuterRef("report")).annotate(
        inspecting_authority_id=Subquery(own.values("inspecting_authority_id")[:1]),
        category=Subquery(own.values("category")[:1]),
    )
    first = covered.filter(inspecting_authority_id__isnull=False).order_by(_rank(), "pk")
    rows = SelfCheckProblem.objects.filter(
        _received(scope), report__campaign=scope.campaign_id, report__kind=SubjectKind.UNIT
    ).annotate(
        in_office=_own_or_first(own, first, "inspecting_authority_id", IntegerField()),
        in_unit=F("report__unit_id"),
        in_standard=F("standard_id"),
        in_category=_own_or_first(own, first, "category", CharField()),
        in_field=Subquery(own.values("field__code")[:1]),
        is_fixed=_flag(Q(rectified_on__lte=scope.day)),
    )
    return _of_office(rows, scope)


def visiting_teams(scope: Scope) -> QuerySet:
    """Members of the teams whose visit ended with a signed sheet (执法人员人次)."""
    signed = _signed_sheets(scope).filter(task=OuterRef("task"))
    nothing = Value(None, output_field=CharField())
    return TeamMember.objects.filter(
        Exists(signed), task__campaign=scope.campaign_id, **scope.by_authority("task__authority")
    ).annotate(
        in_office=F("task__authority_id"),
        in_unit=F("task__unit_id"),
        in_category=nothing,
        in_field=nothing,
    )


def _signed_sheets(scope: Scope) -> QuerySet:
    """Sheets of standards, signed by the cut-off, of visits that count (no 复查)."""
    return ChecklistSheet.objects.filter(
        task__campaign=scope.campaign_id,
        task__state__in=TaskState.inspected,
        task__kind__in=(TaskKind.ONSITE, TaskKind.FOLLOW_UP),
        standard__isnull=False,
        signed_at__lte=scope.as_of,
    )


def _stands(scope: Scope) -> Q:
    """Findings that stood at the cut-off: confirmed, and not withdrawn by then."""
    withdrawn_later = Q(state=FindingState.WITHDRAWN, state_since__gt=scope.as_of)
    return Q(state__in=FindingState.counted) | withdrawn_later


def _findings(scope: Scope) -> QuerySet:
    return Finding.objects.filter(
        _stands(scope),
        task__campaign=scope.campaign_id,
        task__state__in=TaskState.inspected,
        task__kind__in=(TaskKind.ONSITE, TaskKind.FOLLOW_UP),
        sheet__signed_at__lte=scope.as_of,
    )


def _with_outcome(rows: QuerySet, scope: Scope) -> QuerySet:
    """``outcome`` of an ordered finding at the cut-off; decided later means still open then."""
    ordered = Q(order_item__order__issued_on__lte=scope.day)
    by_then = ordered & Q(state_since__lte=scope.as_of)
    decided_later = Q(state__in=_DECIDED, state_since__gt=scope.as_of)
    return rows.annotate(
        is_ordered=_flag(ordered),
        outcome=Case(
            When(by_then & Q(state=FindingState.VERIFIED), then=Value("ok")),
            When(by_then & Q(state__in=FindingState.rectification_failed), then=Value("bad")),
            When(
                ordered & (Q(state__in=FindingState.in_rectification) | decided_later),
                then=Value("open"),
            ),
            default=Value(""),
        ),
    )


def _of_task(task: str, standard: str) -> dict[str, Any]:
    """Office, unit, category and field of a row that belongs to a task and perhaps a standard."""
    rows = TaskStandard.objects.filter(task=OuterRef(task))
    own = rows.filter(standard=OuterRef(standard))
    return {
        "in_office": F(f"{task}__authority_id"),
        "in_unit": F(f"{task}__unit_id"),
        "in_standard": F(f"{standard}_id"),
        "in_category": _own_or_first(own, rows.order_by(_rank(), "pk"), "category", CharField()),
        "in_field": Subquery(own.values("field__code")[:1]),
    }


def _of_office(rows: QuerySet, scope: Scope) -> QuerySet:
    """Rows whose standard is routed: to the office of the table, or to any."""
    if scope.authority_id is None:
        return rows.filter(in_office__isnull=False)
    return rows.filter(in_office=scope.authority_id)


def _own_or_first(own: QuerySet, first: QuerySet, column: str, output: Any) -> Coalesce:
    return Coalesce(
        Subquery(own.values(column)[:1]),
        Subquery(first.values(column)[:1]),
        output_field=output,
    )


def _rank() -> Case:
    """The place of a category in the table."""
    whens = [When(category=key, then=Value(place)) for place, key in enumerate(CATEGORY_ORDER)]
    return Case(*whens, default=Value(len(whens)))


def _received(scope: Scope) -> Q:
    return Q(report__state__in=ReportState.received, report__first_submitted_at__lte=scope.as_of)


def _flag(condition: Any) -> Case:
    """A condition as a plain true or false, also where it would be unknown."""
    return Case(When(condition, then=Value(True)), default=Value(False))
