"""Act three: orders, what units report, decisions, failures and what follows (通知二(三)、(四))."""

import datetime as dt
import uuid

from campaigns.enums import StageKind
from inspections.enums import FindingState, StopState, TaskState
from inspections.models import Finding, InspectionTask
from inspections.moves import finding as finding_moves
from inspections.moves import result as result_moves
from inspections.moves import stop as stop_moves
from metrostd.common.enums import Answer
from metrostd.registry.models import StandardCertificate
from rectification import drafts
from rectification.enums import (
    DispositionAction,
    OrderKind,
    ReferralRecipient,
    ReferralState,
    ReviewMethod,
    ReviewResult,
)
from rectification.models import RectificationOrder
from rectification.moves import disposition as disposition_moves
from rectification.moves import order as order_moves
from rectification.moves import referral as referral_moves
from rectification.moves import report as report_moves

from . import pictures
from .setting import LIAISON, Setting, name_the_parties, office, person, unit_user

_DAY = dt.timedelta(days=1)


def order_all(setting: Setting) -> None:
    """Each unit with findings gets its order, once reviewed and once it can object no more."""
    tasks = InspectionTask.objects.filter(
        campaign=setting.campaign, state=TaskState.REVIEWED
    ).select_related("authority", "unit", "campaign")
    for task in tasks.order_by("pk"):
        findings = list(
            task.findings.filter(state=FindingState.RAISED).select_related("sheet", "item", "task")
        )
        waits = [last for f in findings if (last := finding_moves.objection_deadline(f))]
        day = max([task.state_since.date() + 3 * _DAY, *(last + _DAY for last in waits)])
        if not findings or not setting.happens(day):
            continue
        severe = any(finding.severity == Answer.NONCONFORM for finding in findings)
        last = setting.calendar.stages[StageKind.RECTIFY][1]
        with setting.on(day, 11):
            name_the_parties(task)
            order_moves.issue_order(
                task,
                findings=findings,
                kind=OrderKind.CORRECTION if severe else OrderKind.NOTICE,
                due_on=max(min(day + 30 * _DAY, last), day),
                requirement="对下列问题逐条整改，查明原因，采取防止再发生的措施，并报送整改情况和证明材料。",
                actor=office(task.authority),
            )


def rectify_all(setting: Setting) -> None:
    """Units report in time but for a few; offices confirm, send back, or find it wanting."""
    orders = RectificationOrder.objects.filter(task__campaign=setting.campaign).select_related(
        "task__unit", "task__authority", "task__campaign"
    )
    for n, order in enumerate(orders.order_by("pk")):
        if n % 12 == 11:  # this one lets the time run out
            continue
        day = setting.day_in(order.issued_on + 5 * _DAY, order.due_on - 2 * _DAY)
        if not setting.happens(day):
            continue
        _report(setting, order, day)
        review = day + setting.dice.randint(1, 3) * _DAY
        if setting.happens(review) and not setting.waits(30):
            _review(setting, order, review, fails=n % 12 == 5)
    after = setting.calendar.stages[StageKind.RECTIFY][1] + _DAY
    if setting.happens(after):
        with setting.on(after, 0, 20):
            order_moves.fail_overdue(after)


def _report(setting: Setting, order: RectificationOrder, day: dt.date) -> None:
    who = unit_user(order.task.unit)
    with setting.on(day, 14):
        for item in order.items.select_related("finding__item", "finding__task"):
            drafts.save_rectification(
                item.finding,
                cause="岗位职责不清，到期提醒没有落实到人。",
                action="已按要求改正，相关记录和证书见附件。",
                prevention="建立到期提醒台账，每月由质量负责人核对。",
                base_version=0,
                client_id=_uuid(setting),
                actor=who,
            )
            photo = pictures.photo(setting.dice, item.finding.item.code)
            drafts.add_file(
                item.finding,
                file=photo,
                name=f"整改后{item.finding.item.code}.jpg",
                client_id=_uuid(setting),
                actor=who,
            )
        report_moves.submit_rectification(order, actor=who)


def _review(setting: Setting, order: RectificationOrder, day: dt.date, *, fails: bool) -> None:
    reviewer = office(order.task.authority)
    with setting.on(day, 10):
        for place, item in enumerate(order.items.select_related("finding__order_item__order")):
            bad = fails and place == 0
            report_moves.review_finding(
                item.finding,
                method=ReviewMethod.ON_SITE if bad else ReviewMethod.DOCUMENTS,
                result=ReviewResult.FAILED if bad else ReviewResult.PASSED,
                opinion="现场复核，问题仍然存在，整改不符合要求。"
                if bad
                else "证明材料齐全，整改符合要求。",
                actor=reviewer,
            )


def lift_stops(setting: Setting) -> None:
    """Value transfer resumes where everything about the standard has been settled."""
    for task in InspectionTask.objects.filter(
        campaign=setting.campaign, stop_orders__state=StopState.IN_FORCE
    ):
        for order in task.stop_orders.filter(state=StopState.IN_FORCE).select_related(
            "task__authority", "standard"
        ):
            open_findings = Finding.objects.filter(task=task, standard=order.standard).exclude(
                state__in=FindingState.terminal
            )
            if not open_findings.exists():
                day = setting.calendar.stages[StageKind.HANDLE_SUMMARY][0] + 5 * _DAY
                with setting.on(day):
                    stop_moves.accept_standard(
                        order,
                        accepted_on=day,
                        acceptance="现场复核，达到原核准条件。",
                        actor=office(task.authority),
                    )
                    stop_moves.lift_stop(
                        order,
                        actor=office(task.authority),
                        basis="整改合格并通过验收，恢复量值传递。",
                    )


def handle_failures(setting: Setting) -> None:
    """Failed rectification ends in a proposal to the issuing authority or in a referral."""
    start = setting.calendar.stages[StageKind.HANDLE_SUMMARY][0]
    failed = Finding.objects.filter(
        task__campaign=setting.campaign, state=FindingState.FAILED
    ).select_related("task__authority", "task__campaign", "standard__issuing_authority", "item")
    for n, finding in enumerate(failed.order_by("pk")):
        proposed, decided = start + 3 * _DAY, start + 15 * _DAY
        if not setting.happens(decided):
            return
        if _may_be_sealed(setting, finding, proposed, decided):
            _dispose(setting, finding, proposed, decided, n)
        else:
            _refer(setting, finding, proposed, decided, n)


def _may_be_sealed(setting: Setting, finding: Finding, *days: dt.date) -> bool:
    """Whether its certificate can be sealed on each of these days: it may run out before the proposal or the decision."""
    certificate = StandardCertificate.objects.filter(
        standard=finding.standard_id, is_current=True
    ).first()
    for day in days:
        with setting.on(day, 10):
            if DispositionAction.SEALED not in disposition_moves.permitted_actions(certificate):
                return False
    return True


def _dispose(
    setting: Setting, finding: Finding, proposed: dt.date, decided: dt.date, n: int
) -> None:
    with setting.on(proposed, 10):
        disposition = disposition_moves.propose_disposition(
            finding,
            action=DispositionAction.SEALED,
            reason="整改后仍达不到原核准条件，建议封存，经重新考核合格后恢复使用。",
            actor=office(finding.task.authority),
        )
    with setting.on(decided, 10):
        disposition_moves.decide_disposition(
            disposition,
            actor=office(disposition.decider),
            decision_no=f"津市监计量〔{decided.year}〕{n + 11}号",
            decided_on=decided,
            accept=True,
        )


def _refer(setting: Setting, finding: Finding, sent: dt.date, decided: dt.date, n: int) -> None:
    with setting.on(sent, 10):
        referral = referral_moves.refer_case(
            finding,
            recipient=ReferralRecipient.CORPS,
            sent_to=ReferralRecipient.CORPS.label,
            reason="限期内没有整改，涉嫌违反计量法律法规。",
            legal_basis="《计量法》第25条、《计量法实施细则》第43条",
            actor=office(finding.task.authority),
        )
    with setting.on(decided, 10):
        referral_moves.record_case_result(
            referral,
            state=ReferralState.RETURNED,
            case_no=f"津市监案〔{decided.year}〕{n + 3}号",
            fine=500,
            outcome="责令停止使用，罚款500元，已履行。",
            actor=person(LIAISON),
        )


def close_tasks(setting: Setting, *, day: dt.date) -> None:
    """Every task whose findings are settled is closed."""
    rows = InspectionTask.objects.filter(campaign=setting.campaign, state=TaskState.REVIEWED)
    for task in rows.select_related("authority", "unit", "campaign"):
        if not task.findings.exclude(state__in=FindingState.terminal).exists():
            with setting.on(day, 11):
                result_moves.close(task, actor=office(task.authority))


def _uuid(setting: Setting) -> uuid.UUID:
    return uuid.UUID(int=setting.dice.getrandbits(128), version=4)
