"""The records that figures are counted in, one function per family: frame, draw, self-check, teams.

Every function returns rows annotated alike, so that one engine can count and list them all:
``in_office`` (inspecting authority), ``in_unit``, ``in_standard``, ``in_category``, ``in_field``
(code of the professional field, null for 未归类), and the flags that figures filter on. Category and
field are those frozen with the frame or task, everything else is as it was known at the cut-off.
What was found on site and what followed is in ``visits``.
"""

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    Field,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from campaigns.enums import DrawKind, DrawState, FrameState
from campaigns.models import (
    DrawnStandard,
    DrawnUnit,
    EarlierRouting,
    FrameStandard,
    RoutedStandard,
)
from inspections.enums import TaskKind, TaskState
from inspections.models import InspectionTask, TaskStandard, TeamMember
from metrostd.registry.enums import RecordState, TraceResult
from metrostd.registry.models import StandardCertificate, StandardInstrument, TraceRecord
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import (
    EarlierProblem,
    SelfCheckProblem,
    SelfCheckReport,
    SelfCheckStandard,
)

from .past import REPORT_UNIT, ROUTED_UNIT, TASK_UNIT
from .placing import flag, own_or_first, rank
from .scope import Scope
from .visits import acts_then, signed_then


def frame_entries(scope: Scope) -> QuerySet:
    """Standards in the frozen frames: what the office has to inspect from (u_total, s_total)."""
    return FrameStandard.objects.filter(
        Q(frame__state=FrameState.FROZEN) | Q(frame__state_since__gt=scope.as_of),
        frame__campaign=scope.campaign_id,
        frame__frozen_at__lte=scope.as_of,
        **scope.by_authority("frame__authority"),
    ).annotate(
        in_office=F("frame__authority_id"),
        in_unit=_frozen_unit(scope, "unit"),
        in_standard=F("standard_id"),
        in_category=F("category"),
        in_field=F("field__code"),
        is_expiring=flag(Exists(_expiring(scope))),
        is_tracing_due=flag(Exists(_tracing_due(scope))),
    )


def _expiring(scope: Scope) -> QuerySet[StandardCertificate]:
    """The valid certificate of a standard that runs out within half a year of the cut-off."""
    return StandardCertificate.objects.filter(
        standard=OuterRef("standard"),
        is_current=True,
        state=StandardCertificate.States.VALID,
        valid_until__gte=scope.day,
        valid_until__lte=scope.soon,
    )


def _tracing_due(scope: Scope) -> QuerySet[StandardInstrument]:
    """Instruments in use whose tracing ends within a month of the cut-off or has ended (``tracing.tracing_on``).

    A failed result ends what was valid before it: it is due as well.
    """
    made = TraceRecord.objects.filter(state=RecordState.RECORDED, traced_on__lte=scope.day)
    failed = made.exclude(result__in=TraceResult.passing).filter(
        instrument=OuterRef("instrument"), traced_on__gt=OuterRef("traced_on")
    )
    passed = made.filter(instrument=OuterRef("pk"), result__in=TraceResult.passing)
    lasting = passed.filter(Q(valid_until=None) | Q(valid_until__gt=scope.due))
    used = StandardInstrument.objects.in_use().filter(standard=OuterRef("standard"))
    return used.filter(Exists(passed), ~Exists(lasting.filter(~Exists(failed))))


def planned_standards(scope: Scope) -> QuerySet:
    """Standards drawn in draws that were valid then, random and directed (u_plan, what became of it)."""
    drawn = "drawn_unit__run__frame"
    frozen = FrameStandard.objects.filter(
        frame=OuterRef("drawn_unit__run__frame"), standard=OuterRef("standard")
    )
    listed = TaskStandard.objects.filter(
        task__drawn_unit=OuterRef("drawn_unit"), standard=OuterRef("standard")
    )
    signed = signed_then(scope)
    own = signed.filter(task__authority=OuterRef("drawn_unit__run__frame__authority"))
    return DrawnStandard.objects.filter(
        valid_then(scope, "drawn_unit__run__"),
        Q(drawn_unit__struck_at=None) | Q(drawn_unit__struck_at__gt=scope.as_of),
        drawn_unit__run__frame__campaign=scope.campaign_id,
        drawn_unit__added_at__lte=scope.as_of,
        added_at__lte=scope.as_of,
        **scope.by_authority(f"{drawn}__authority"),
    ).annotate(
        in_office=F(f"{drawn}__authority_id"),
        in_unit=_frozen_unit(scope, "drawn_unit__unit"),
        in_standard=F("standard_id"),
        in_category=Coalesce(
            Subquery(frozen.values("category")[:1]),
            Subquery(listed.values("category")[:1]),
            F("standard__category"),
        ),
        in_field=F("field__code"),
        in_kind=_kind(scope),
        is_sheet_signed=Exists(own.filter(standard=OuterRef("standard"))),
        is_not_performed=_is_not_performed(scope),
    )


def valid_then(scope: Scope, run: str = "") -> Q:
    """Draws made by the cut-off and not declared void by then; a void draw stays void."""
    return Q(**{f"{run}run_at__lte": scope.as_of}) & (
        Q(**{f"{run}state": DrawState.VALID}) | Q(**{f"{run}state_since__gt": scope.as_of})
    )


def _is_not_performed(scope: Scope) -> Case:
    """All visits listed by then had ended without a signature."""
    if scope.as_one:
        where: dict[str, object] = {"body": OuterRef("in_unit")}
    else:
        # The draw names the unit as it was; its visits follow a merge.
        unit = Coalesce(OuterRef("drawn_unit__unit__merged_into"), OuterRef("drawn_unit__unit"))
        where = {"unit": unit, "authority": OuterRef("drawn_unit__run__frame__authority")}
    # What a void draw had listed is never carried out and would keep its unit waiting for ever.
    tasks = (
        InspectionTask.objects.alias(body=scope.past.unit(TASK_UNIT, "unit_id", "pk"))
        .filter(campaign=scope.campaign_id, created_at__lte=scope.as_of, **where)
        .exclude(
            drawn_unit__run__state=DrawState.VOID, drawn_unit__run__state_since__lte=scope.as_of
        )
        .exclude(drawn_unit__struck_at__lte=scope.as_of)
        .exclude(kind=TaskKind.RECHECK)
    )
    signed = signed_then(scope).alias(body=scope.past.unit(TASK_UNIT, "task__unit_id", "task"))
    signed = signed.filter(
        **{name if name == "body" else f"task__{name}": value for name, value in where.items()}
    )
    return flag(Exists(tasks) & ~Exists(tasks.exclude(_ended(scope))) & ~Exists(signed))


def _ended(scope: Scope) -> Q:
    """Visits that had ended; of those made, the signature says so, and is asked for by itself."""
    known = Q(unvisited_at__lte=scope.as_of)
    return known | Q(unvisited_at=None, state_since__lte=scope.as_of) & ~Q(
        state__in=TaskState.unfinished
    )


def _kind(scope: Scope) -> Case | F:
    """Random or directed; over the whole city a body drawn at random anywhere is random."""
    if not scope.as_one:
        return F("drawn_unit__kind")
    # Not correlated: read once, whatever is drawn.
    by_chance = (
        DrawnUnit.objects.filter(
            valid_then(scope, "run__"),
            Q(struck_at=None) | Q(struck_at__gt=scope.as_of),
            run__frame__campaign=scope.campaign_id,
            kind=DrawKind.RANDOM,
        )
        .annotate(body=scope.past.body("unit"))
        .values("body")
    )
    return Case(
        When(in_unit__in=by_chance, then=Value(DrawKind.RANDOM.value)),
        default=F("drawn_unit__kind"),
    )


def _frozen_unit(scope: Scope, path: str) -> Combinable:
    """The unit as frozen; over the whole city the body it is part of (one credit code)."""
    return scope.past.body(path) if scope.as_one else F(f"{path}_id")


def self_checked_standards(scope: Scope) -> QuerySet:
    """Standards covered by owed self-check reports, under the office that inspects them.

    The report goes to the issuing authority; the table of an inspecting office counts the reports
    that cover standards routed to it.
    """
    routing = routed_then(scope).filter(standard=OuterRef("standard"))
    rows = SelfCheckStandard.objects.filter(_owed(scope)).annotate(
        in_office=Subquery(routing.values("office_then")[:1]),
        in_unit=scope.past.unit(REPORT_UNIT, "report__unit_id", "report"),
        in_standard=F("standard_id"),
        in_category=Subquery(routing.values("category")[:1]),
        in_field=Subquery(routing.values("field__code")[:1]),
        routing_id=Subquery(routing.values("pk")[:1]),
        is_received=flag(_received(scope)),
        is_overdue=flag(Q(report__due_on__lt=scope.day) & ~_received(scope)),
    )
    return _of_office(rows, scope)


def self_check_problems(scope: Scope) -> QuerySet:
    """Problems of received reports, under the office inspecting the standard they concern.

    One that concerns the unit as a whole follows the first covered standard in the order of the
    table, so that it is counted once.
    """
    routed = routed_then(scope).filter(office_then__isnull=False)
    own = routed.filter(standard=OuterRef("in_standard"))
    place = routed.filter(standard=OuterRef("standard"))
    covered = SelfCheckStandard.objects.filter(report=OuterRef("report")).annotate(
        office_then=Subquery(place.values("office_then")[:1]),
        category=Subquery(place.values("category")[:1]),
    )
    first = covered.filter(office_then__isnull=False).order_by(rank(), "pk")
    rows = (
        SelfCheckProblem.objects.filter(_owed(scope), _received(scope), created_at__lte=scope.as_of)
        .annotate(**_problem_then(scope))
        .annotate(
            in_office=own_or_first(own, first, "office_then", BigIntegerField()),
            in_unit=scope.past.unit(REPORT_UNIT, "report__unit_id", "report"),
            in_category=own_or_first(own, first, "category", CharField()),
            in_field=Subquery(own.values("field__code")[:1]),
            is_fixed=flag(Q(fixed_on__lte=scope.day)),
        )
    )
    return _of_office(rows, scope)


def _problem_then(scope: Scope) -> dict[str, object]:
    """Which standard a problem concerned, and when it was said to be corrected."""
    if not scope.past.amended:
        return {"in_standard": F("standard_id"), "fixed_on": F("rectified_on")}
    earlier = EarlierProblem.objects.filter(problem=OuterRef("pk"), until__gt=scope.as_of).order_by(
        "until", "pk"
    )

    def then(column: str, kind: Field) -> Case:
        was = Subquery(earlier.values(column)[:1])
        return Case(When(Exists(earlier), then=was), default=F(column), output_field=kind)

    return {
        "in_standard": then("standard_id", BigIntegerField()),
        "fixed_on": then("rectified_on", DateField()),
    }


def visiting_teams(scope: Scope) -> QuerySet:
    """Members of the teams whose visit ended with a signed sheet (执法人员人次)."""
    signed = signed_then(scope).filter(task=OuterRef("task"))
    nothing = Value(None, output_field=CharField())
    return TeamMember.objects.filter(
        Exists(signed), task__campaign=scope.campaign_id, **scope.by_authority("task__authority")
    ).annotate(
        in_office=F("task__authority_id"),
        in_unit=scope.past.unit(TASK_UNIT, "task__unit_id", "task"),
        in_category=nothing,
        in_field=nothing,
    )


def bureau_reports(scope: Scope) -> QuerySet:
    """The bureaus' reports on their own certification work, under the bureau (bureau_sc_in)."""
    nothing = Value(None, output_field=CharField())
    waived = Q(state=ReportState.EXEMPTED, state_since__lte=scope.as_of)
    rows = SelfCheckReport.objects.filter(
        campaign=scope.campaign_id,
        kind=SubjectKind.BUREAU,
        created_at__lte=scope.as_of,
        **scope.by_authority("bureau"),
    )
    return rows.exclude(waived).annotate(
        in_office=F("bureau_id"),
        in_unit=Value(None, output_field=BigIntegerField()),
        in_category=nothing,
        in_field=nothing,
        is_received=flag(Q(first_submitted_at__lte=scope.as_of)),
    )


def bureau_problems(scope: Scope) -> QuerySet:
    """Problems the bureaus reported of their own certification work (bureau_sc_p)."""
    nothing = Value(None, output_field=CharField())
    rows = SelfCheckProblem.objects.filter(
        _received(scope),
        report__campaign=scope.campaign_id,
        report__kind=SubjectKind.BUREAU,
        created_at__lte=scope.as_of,
        **scope.by_authority("report__bureau"),
    )
    return rows.annotate(fixed_then=_problem_then(scope)["fixed_on"]).annotate(
        in_office=F("report__bureau_id"),
        in_unit=Value(None, output_field=BigIntegerField()),
        in_category=nothing,
        in_field=nothing,
        is_fixed=flag(Q(fixed_then__lte=scope.day)),
    )


def routed_then(scope: Scope) -> QuerySet:
    """Who inspects each standard: ``office_then``, ``territory_then``."""
    rows = RoutedStandard.objects.filter(campaign=scope.campaign_id)
    names = {"office_then": "inspecting_authority_id", "territory_then": "territorial_authority_id"}
    if not scope.past.rerouted:
        return rows.annotate(**{name: F(column) for name, column in names.items()})
    earlier = EarlierRouting.objects.filter(routed=OuterRef("pk"), until__gt=scope.as_of)
    earlier = earlier.order_by("until", "pk")
    return rows.annotate(
        **{
            name: Case(
                When(Exists(earlier), then=Subquery(earlier.values(column)[:1])),
                default=F(column),
                output_field=BigIntegerField(),
            )
            for name, column in names.items()
        }
    )


def certificate_acts(scope: Scope) -> QuerySet:
    """封存、撤销、注销、吊销 decided in the campaign, under the office that inspects the standard.

    Whether they followed an inspection or were decided in the register is the same (s_seal … s_annul).
    """
    routing = routed_then(scope).filter(standard=OuterRef("standard"))
    routing = routing.annotate(unit_then=scope.past.unit(ROUTED_UNIT, "unit_id", "pk"))
    rows = acts_then(scope).annotate(
        in_office=Subquery(routing.values("office_then")[:1]),
        in_unit=Subquery(routing.values("unit_then")[:1]),
        in_standard=F("standard_id"),
        in_category=Subquery(routing.values("category")[:1]),
        in_field=Subquery(routing.values("field__code")[:1]),
    )
    return _of_office(rows, scope)


def _of_office(rows: QuerySet, scope: Scope) -> QuerySet:
    """Rows whose standard is routed: to the office of the table, or to any."""
    if scope.authority_id is None:
        return rows.filter(in_office__isnull=False)
    return rows.filter(in_office=scope.authority_id)


def _owed(scope: Scope) -> Q:
    """Reports of units that existed then and had not been waived; a waiver is for good."""
    waived = Q(report__state=ReportState.EXEMPTED, report__state_since__lte=scope.as_of)
    return (
        Q(
            report__campaign=scope.campaign_id,
            report__kind=SubjectKind.UNIT,
            report__created_at__lte=scope.as_of,
        )
        & ~waived
    )


def _received(scope: Scope) -> Q:
    """Handed in by then: a report that has been is never again one that has not."""
    return Q(report__first_submitted_at__lte=scope.as_of)
