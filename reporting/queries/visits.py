"""What was found on site and what followed, as it was known at the cut-off: sheets to referrals."""

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DecimalField,
    Exists,
    F,
    Field,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from inspections.enums import FindingState, Severity, StopState, TaskKind
from inspections.models import (
    ChecklistAnswer,
    ChecklistSheet,
    CostDeclaration,
    EarlierFinding,
    EarlierSigning,
    Finding,
    StopTransferOrder,
)
from metrostd.common.enums import Answer, Conclusion
from metrostd.registry.models import CertificateAct
from rectification.enums import DispositionState, ReferralState
from rectification.lapsing import lapsed_then
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    EarlierProgress,
    Rectification,
    RectificationOrder,
    WithdrawnItem,
)
from reporting.figures import UNIT_BAD, UNIT_OK, UNIT_OPEN

from .past import TASK_UNIT
from .placing import flag, of_task
from .scope import Scope

#: Visits whose result counts: no 复查.
_COUNTED = (TaskKind.ONSITE, TaskKind.FOLLOW_UP)
_STOP_ENDED = (StopState.LIFTED, StopState.SUPERSEDED)


def signed_then(scope: Scope) -> QuerySet[ChecklistSheet]:
    """Sheets of standards that were signed at the cut-off, of visits that count."""
    return ChecklistSheet.objects.filter(
        signature_held(scope),
        task__campaign=scope.campaign_id,
        task__kind__in=_COUNTED,
        standard__isnull=False,
    )


def signed_sheets(scope: Scope) -> QuerySet:
    """The first signed sheet of every inspected standard (u_insp, s_insp, conclusions)."""
    signed = signed_then(scope)
    earlier = signed.filter(
        standard=OuterRef("standard"),
        task__authority=OuterRef("task__authority"),
        pk__lt=OuterRef("pk"),
    )
    return (
        signed.filter(~Exists(earlier), **scope.by_authority("task__authority"))
        .annotate(**of_task(scope, "task", "standard"))
        .annotate(is_acted_on=flag(_acted_on(scope)), **_signing(scope))
    )


def _acted_on(scope: Scope) -> Q:
    """Something had been done about the standard: a stop, a disposition not turned down, a case."""
    standard = OuterRef("standard")
    dispositions = CertificateDisposition.objects.filter(
        finding__task__campaign=scope.campaign_id, standard=standard, created_at__lte=scope.as_of
    ).exclude(state=DispositionState.REJECTED, state_since__lte=scope.as_of)
    referrals = CaseReferral.objects.filter(
        finding__task__campaign=scope.campaign_id,
        finding__standard=standard,
        sent_on__lte=scope.day,
    )
    stops = _stops_then(scope).filter(standard=standard)
    acts = acts_then(scope).filter(standard=standard)
    return Q(Exists(stops)) | Q(Exists(acts)) | Q(Exists(dispositions)) | Q(Exists(referrals))


def acts_then(scope: Scope) -> QuerySet[CertificateAct]:
    """Acts on certificates decided and put on record while the campaign ran, up to the cut-off.

    What was decided before the notice is no act of the campaign, however late it was entered.
    """
    first, _ = scope.days
    return CertificateAct.objects.filter(
        Q(decided_on=None) | Q(decided_on__gte=first),
        decided_at__range=(scope.started, scope.last),
    )


def signature_held(scope: Scope) -> Q:
    """Signed by the cut-off; of a visit given back since, what had been signed before counts."""
    signed = Q(signed_at__lte=scope.as_of)
    return (
        signed | Q(pk__in=signed_before(scope).values("sheet")) if scope.past.resigned else signed
    )


def signed_before(scope: Scope) -> QuerySet[EarlierSigning]:
    """Signatures that held at the cut-off and have been void since."""
    return EarlierSigning.objects.filter(
        sheet__task__campaign=scope.campaign_id,
        signed_at__lte=scope.as_of,
        until__gt=scope.as_of,
    )


def _signing(scope: Scope) -> dict[str, object]:
    """Conclusion and time of the signature that held at the cut-off."""
    if not scope.past.resigned:
        return {"in_conclusion": _standing_conclusion(scope), "in_signed_at": F("signed_at")}
    own = signed_before(scope).filter(sheet=OuterRef("pk"))
    return {
        "in_conclusion": Coalesce(
            Subquery(own.values("conclusion")[:1]), _standing_conclusion(scope)
        ),
        "in_signed_at": Coalesce(Subquery(own.values("signed_at")[:1]), F("signed_at")),
    }


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
    """Findings of signed sheets that stand (fd) with what had become of them (整改)."""
    rows = _with_outcome(_findings(scope), scope).annotate(**of_task(scope, "task", "standard"))
    return rows.filter(**scope.by_authority("task__authority")).annotate(
        **_judgement(scope),
        **_of_whole_unit(rows, scope),
        is_corrected_on_spot=flag(Q(state=FindingState.NO_ACTION, state_since__lte=scope.as_of)),
        in_item=F("item__code"),
        is_late=flag(_is_late(scope)),
    )


def _is_late(scope: Scope) -> Q:
    """Due before the day, and neither put right, nor dealt with, nor with the office to be looked at.

    What failed by delay, or was found not to be put right, stays late until it is dealt with (已处理).
    """
    handled = Q(state=FindingState.HANDLED, state_since__lte=scope.as_of)
    with_office = Q(state=FindingState.SUBMITTED, state_since__lte=scope.as_of)
    # What has been decided since was with the office, if its report was there and nobody had decided.
    waiting = Rectification.objects.filter(finding=OuterRef("pk"), submitted_at__lte=scope.as_of)
    waiting = waiting.exclude(review__reviewed_at__lte=scope.as_of)
    with_office |= Q(Exists(waiting), state_since__gt=scope.as_of)
    owed = Q(outcome__in=("open", "bad"), due_on__lt=scope.day)
    return owed & ~handled & ~with_office


def signed_answers(scope: Scope) -> QuerySet[ChecklistAnswer]:
    """What signed sheets say item by item; 不适用 judges nothing."""
    signed = ChecklistSheet.objects.filter(
        signature_held(scope),
        task__campaign=scope.campaign_id,
        task__kind__in=_COUNTED,
        **scope.by_authority("task__authority"),
    )
    answers = ChecklistAnswer.objects.filter(sheet__in=signed.values("pk"))
    return answers.exclude(answer__in=("", Answer.NOT_APPLICABLE))


def judged_answers(scope: Scope) -> QuerySet:
    """Those answers with where they belong (judged, judged_ok, judged_bad).

    An item of the unit as a whole belongs to no category.
    """
    same = Q(sheet__task__standards__standard=F("sheet__standard"))
    return signed_answers(scope).annotate(
        placed=FilteredRelation("sheet__task__standards", condition=same),
        in_office=F("sheet__task__authority_id"),
        in_unit=scope.past.unit(TASK_UNIT, "sheet__task__unit_id", "sheet__task"),
        in_standard=F("sheet__standard_id"),
        in_category=F("placed__category"),
        in_field=F("placed__field__code"),
        in_item=F("item__code"),
    )


def _of_whole_unit(rows: QuerySet, scope: Scope) -> dict[str, object]:
    """What all findings of a unit say together: the worst outcome, and whether none is of a standard.

    Counting reads all of them, in one pass. A list shows some of them and asks for the others.
    """
    same = ("in_unit",) if scope.as_one else ("task__unit", "task__authority")
    if scope.counting:
        of_standards = Max(Case(When(standard__isnull=False, then=Value(1)), default=Value(0)))
        return {
            "is_unit_level_only": flag(Q(Exact(Window(of_standards, partition_by=same), 0))),
            "unit_outcome": Window(Max(_weight()), partition_by=same),
        }
    siblings = rows.filter(**{name: OuterRef(name) for name in same})
    worst = siblings.order_by().values(same[0]).annotate(worst=Max(_weight()))
    return {
        "is_unit_level_only": flag(~Exists(siblings.filter(standard__isnull=False))),
        "unit_outcome": Subquery(worst.values("worst")[:1]),
    }


def _stands(scope: Scope) -> Q:
    """Findings that stood at the cut-off: confirmed, and not withdrawn by then."""
    withdrawn_later = Q(state=FindingState.WITHDRAWN, state_since__gt=scope.as_of)
    return Q(state__in=FindingState.counted) | withdrawn_later


def _findings(scope: Scope) -> QuerySet:
    found = _stands(scope) & Q(sheet__signed_at__lte=scope.as_of)
    if scope.past.resigned:
        before = EarlierFinding.objects.filter(signing__in=signed_before(scope))
        found |= Q(pk__in=before.values("finding"))
    return Finding.objects.filter(found, task__campaign=scope.campaign_id, task__kind__in=_COUNTED)


def _judgement(scope: Scope) -> dict[str, object]:
    """Category, severity and weight of a finding under the signature that held at the cut-off."""
    names = {"in_problem": "category", "in_severity": "severity", "in_key": "is_key"}
    if not scope.past.resigned:
        return {name: F(column) for name, column in names.items()}
    before = EarlierFinding.objects.filter(signing__in=signed_before(scope), finding=OuterRef("pk"))
    kinds = {"is_key": BooleanField()}
    return {
        name: Coalesce(
            Subquery(before.values(column)[:1]),
            F(column),
            output_field=kinds.get(column, CharField()),
        )
        for name, column in names.items()
    }


def _with_outcome(rows: QuerySet, scope: Scope) -> QuerySet:
    """``outcome`` of an ordered finding at the cut-off; what was decided later was open then.

    What nobody reported on in time had failed by then, whether the nightly job had been there or not.

    An order counts until it is withdrawn: of an earlier day those that stood then, with what had
    become of their findings.
    """
    ordered = Q(order_item__order__issued_on__lte=scope.day)
    verified = Q(state=FindingState.VERIFIED, state_since__lte=scope.as_of)
    failed = Q(state__in=FindingState.rectification_failed) & (
        Q(failed_at__lte=scope.as_of) | Q(failed_at=None, state_since__lte=scope.as_of)
    )
    failed |= lapsed_then(scope.day, scope.as_of)
    if scope.past.taken_back:
        then = WithdrawnItem.objects.filter(
            finding=OuterRef("pk"), order__issued_on__lte=scope.day, until__gt=scope.as_of
        )
        ordered |= Q(Exists(then))
        failed |= Q(Exists(then.filter(failed_at__lte=scope.as_of)))
    return rows.annotate(
        is_ordered=flag(ordered),
        outcome=Case(
            When(ordered & verified, then=Value("ok")),
            When(ordered & failed, then=Value("bad")),
            When(ordered, then=Value("open")),
            default=Value(""),
        ),
    )


def _weight() -> Case:
    """bad over open over ok: what one finding says about its unit."""
    places = {UNIT_BAD: "bad", UNIT_OPEN: "open", UNIT_OK: "ok"}
    whens = [When(outcome=outcome, then=Value(weight)) for weight, outcome in places.items()]
    return Case(*whens, default=Value(0))


def issued_stops(scope: Scope) -> QuerySet:
    """Orders to stop value transfer decided by then, those lifted included (s_stop)."""
    over = Q(state__in=_STOP_ENDED, state_since__lte=scope.as_of)
    return _stops_then(scope).annotate(
        **of_task(scope, "task", "standard"), is_in_force=flag(~over)
    )


def _stops_then(scope: Scope) -> QuerySet:
    decided = Q(approved_at__lte=scope.as_of) | Q(approved_at=None, created_at__lte=scope.as_of)
    return StopTransferOrder.objects.filter(
        decided,
        Q(state__in=StopState.issued) | Q(state=StopState.WITHDRAWN, state_since__gt=scope.as_of),
        task__campaign=scope.campaign_id,
        **scope.by_authority("task__authority"),
    )


def issued_orders(scope: Scope) -> QuerySet:
    """Orders and notices to rectify issued by then and not taken back by then (orders)."""
    nothing = Value(None, output_field=CharField())
    rows = RectificationOrder.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=scope.as_of),
        task__campaign=scope.campaign_id,
        issued_on__lte=scope.day,
        **scope.by_authority("task__authority"),
    )
    return rows.annotate(
        in_office=F("task__authority_id"),
        in_unit=scope.past.unit(TASK_UNIT, "task__unit_id", "task"),
        in_category=nothing,
        in_field=nothing,
    )


def case_referrals(scope: Scope) -> QuerySet:
    """Cases handed to enforcement (case, refer, fine)."""
    return (
        CaseReferral.objects.filter(
            task__campaign=scope.campaign_id,
            sent_on__lte=scope.day,
            **scope.by_authority("task__authority"),
        )
        .annotate(**of_task(scope, "task", "finding__standard"))
        .annotate(**_progress(scope))
        .annotate(
            in_amount=F("in_fine"),
            # 不予立案 comes back as 结果已反馈 too, but never has a number.
            is_filed=flag(
                Q(in_state__in=ReferralState.filed_cases)
                & ~Q(in_state=ReferralState.RETURNED, in_case_no="")
            ),
        )
    )


def borne_costs(scope: Scope) -> QuerySet:
    """What inspected units had declared to have borne and 纪检监督 had not settled by then (cost_unit)."""
    nothing = Value(None, output_field=CharField())
    rows = CostDeclaration.objects.paid().filter(
        declared_at__lte=scope.as_of,
        task__campaign=scope.campaign_id,
        **scope.by_authority("task__authority"),
    )
    return rows.exclude(settled_at__lte=scope.as_of).annotate(
        in_office=F("task__authority_id"),
        in_unit=scope.past.unit(TASK_UNIT, "task__unit_id", "task"),
        in_category=nothing,
        in_field=nothing,
        in_amount=F("lodging") + F("meals") + F("transport") + F("other"),
    )


def _progress(scope: Scope) -> dict[str, object]:
    """How far a case had come at the cut-off."""
    columns: dict[str, Field] = {
        "state": CharField(),
        "case_no": CharField(),
        "fine": DecimalField(max_digits=12, decimal_places=2),
    }
    if not scope.past.progressed:
        return {f"in_{name}": F(name) for name in columns}
    earlier = EarlierProgress.objects.filter(referral=OuterRef("pk"), until__gt=scope.as_of)
    earlier = earlier.order_by("until", "pk")
    return {
        f"in_{name}": Coalesce(Subquery(earlier.values(name)[:1]), F(name), output_field=kind)
        for name, kind in columns.items()
    }
