"""A campaign played day by day: on every day somebody does something of everything that is possible.

The simulator tells the story of one unit after the other; here all of them move on together, so
that there is a table made on every day. Everything goes through the moves.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from django.core.exceptions import ValidationError
from django.db import models, transaction

from campaigns import sampling
from campaigns.dates import Calendar
from campaigns.models import Campaign, DrawRun, SamplingFrame
from campaigns.moves import close_campaign, open_campaign, void_draw
from campaigns.protocol import nonces
from campaigns.services import create_campaign, resolve_routing
from inspections import moves as visits
from inspections.enums import NotPerformedReason
from inspections.models import ChecklistSheet, Finding, InspectionTask, StopTransferOrder
from inspections.serving import Service
from metrostd.common import clock, table_statistics
from metrostd.common.transitions import TransitionError
from metrostd.demo.city import Scale, build_city
from metrostd.demo.people import People
from metrostd.demo.play import afterwards, onsite, register, selfchecks
from metrostd.demo.play.setting import LIAISON, Setting, name_the_parties, office, person, unit_user
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    StandardCertificate,
    Unit,
    UnitMerge,
)
from metrostd.registry.moves import certificate as certificates
from metrostd.registry.services.editing import update_standard, update_unit
from metrostd.registry.services.merging import merge_units, objections
from metrostd.registry.services.unmerging import undo_merge
from rectification import moves as repairs
from rectification.enums import DispositionAction
from rectification.models import CaseReferral, CertificateDisposition, RectificationOrder
from selfcheck import moves as reports
from selfcheck import services as answers
from selfcheck.models import SelfCheckReport
from tests import draws

SCALE = Scale(enterprises=12, institutions=5, departments=2, per_unit=(1, 2))
#: Four districts are enough for units that move between them.
DISTRICTS = ("120101", "120102", "120110", "120111")
#: How often, in percent, what has not happened yet is tried on a row.
RARELY = 50
#: When the database looks at its tables again; without, PostgreSQL takes them for as empty as they began.
MONDAY = 0
_DAY = dt.timedelta(days=1)
_WHY = "示例理由：与现场核实的情况一致，依据记录作出。"


class Eventful(Setting):
    """What is rare in the sample city is common here: problems, above all."""

    def chance(self, percent: float) -> bool:
        return super().chance(percent * 5 if percent < 2 else percent)


class Days:
    """The campaign of the notice in 2021, from its first day on; ``done`` counts what happened."""

    def __init__(self, seed: int, folder: Path) -> None:
        person.cache_clear()  # of a play before this one
        self.dice = Random(seed)
        self.calendar = Calendar.of_notice(2021)
        self.done: Counter[str] = Counter()
        self.day = self.calendar.notice_on
        self._furnish(seed, folder)
        self.campaign = self._open()

    def _furnish(self, seed: int, folder: Path) -> None:
        before = self.calendar.notice_on - 14 * _DAY
        people = People(seed=seed)
        units = build_city(SCALE, seed=seed, on=before)
        for place, unit in enumerate(units):
            unit.district_code = DISTRICTS[place % len(DISTRICTS)]
            unit.district = Authority.objects.get(code=unit.district_code).region_name
        with clock.pinned(clock.at_time(before, 8)):
            people.offices()
        register.fill(units, on=before, folder=folder, campaign_code="2021")
        with clock.pinned(clock.at_time(before, 12)):
            people.technicians()
            people.units()

    def _open(self) -> Campaign:
        with clock.pinned(clock.at_time(self.day, 9)):
            campaign = create_campaign(
                code="2021",
                title="示例专项行动",
                organiser=Authority.objects.get(level="city"),
                calendar=self.calendar,
                actor=person("city"),
            )
            open_campaign(campaign, actor=person("city"))
        return campaign

    def offices(self) -> list[Authority | None]:
        """Whose tables there are: every office that inspects, and the whole city."""
        codes = Authority.objects.filter(code__in=DISTRICTS).order_by("code")
        return [None, self.campaign.organiser, *codes]

    def play(self, day: dt.date, acts: Iterable[str]) -> None:
        """One day: of everything that can be done, some is done."""
        self.day = day
        self.setting = Eventful(self.campaign, self.calendar, day, self.dice)
        if day.weekday() == MONDAY:
            table_statistics.refresh()
        for name in acts:
            with clock.pinned(clock.at_time(day, 11)):
                getattr(self, name)()

    def some(
        self, name: str, rows: models.QuerySet, percent: float, act: Callable[..., object]
    ) -> None:
        """Do ``act`` to some of the rows; what the rules refuse does not happen.

        What has not happened yet is not left to the dice: a draw differs from run to run.
        """
        for row in list(rows.order_by("pk")):
            if not self.setting.chance(percent if self.done[name] else max(percent, RARELY)):
                continue
            try:
                with transaction.atomic():
                    act(row)
            except (ValidationError, TransitionError):
                continue
            self.done[name] += 1

    # Self-check ----------------------------------------------------------------------------------

    def self_check(self) -> None:
        rows = SelfCheckReport.objects.filter(campaign=self.campaign, kind="unit")
        rows = rows.select_related("unit", "receiver", "campaign")
        self.some("exempt", rows.exclude(state="accepted"), 30, self._exempt)
        self.some("accept", rows.filter(state="submitted"), 30, self._accept)
        self.some("send back", rows.filter(state="submitted"), 20, self._send_back)
        self.some("reopen report", rows.filter(state="accepted"), 3, self._reopen_report)
        again = rows.filter(state__in=("returned", "reopened"))
        self.some("amend", again, 60, self._amend)
        self.some("submit again", again, 25, self._submit)
        new = rows.filter(state__in=("not_started", "draft", "overdue"))
        self.some(
            "submit", new, 6, lambda r: selfchecks._fill_and_submit(self.setting, r, self.day)
        )
        reports.mark_overdue(self.day)

    def _exempt(self, report: SelfCheckReport) -> None:
        reports.exempt(report, actor=office(report.receiver), note=_WHY)

    def _accept(self, report: SelfCheckReport) -> None:
        reports.accept(report, actor=office(report.receiver))

    def _send_back(self, report: SelfCheckReport) -> None:
        reports.send_back(
            report, actor=office(report.receiver), note=_WHY, due_on=self.day + 5 * _DAY
        )

    def _reopen_report(self, report: SelfCheckReport) -> None:
        reports.reopen(report, actor=office(report.receiver), note=_WHY)

    def _submit(self, report: SelfCheckReport) -> None:
        selfchecks._submit(report, summary=_WHY)

    def _amend(self, report: SelfCheckReport) -> None:
        """A problem is added, or one on record is said to be corrected, or to concern another."""
        problem = self.setting.pick([*report.problems.order_by("pk"), None])
        standards = [row.standard for row in report.covered.select_related("standard")]
        answers.save_problem(
            report,
            client_id=uuid.uuid4(),
            actor=unit_user(report.unit),
            problem=problem if self.setting.chance(70) else None,
            standard=self.setting.pick([None, *standards]),
            description=_WHY,
            measure=_WHY,
            found_on=self.day - _DAY,
            rectified_on=self.setting.pick([None, self.day]),
        )

    # Draws ---------------------------------------------------------------------------------------

    def draw(self) -> None:
        routed = Authority.objects.filter(routed_standards__campaign=self.campaign).distinct()
        frozen = SamplingFrame.objects.filter(campaign=self.campaign)
        missing = routed.exclude(pk__in=frozen.values("authority"))
        self.some(
            "freeze",
            missing,
            40,
            lambda a: draws.freeze(self.campaign, a, actor=office(a)),
        )
        undrawn = frozen.exclude(runs__state="valid").select_related("authority", "campaign")
        self.some("draw", undrawn, 60, self._draw)
        runs = DrawRun.objects.filter(frame__campaign=self.campaign, state="valid")
        runs = runs.select_related("frame__authority", "frame__campaign")
        self.some("void", runs, 8, self._void)
        self.some("direct", runs, 15, self._direct)

    def _draw(self, frame: SamplingFrame) -> None:
        low = self.setting.chance(40)
        with nonces.foreseen(self.dice.randbytes):
            draws.draw(
                frame,
                ratio=10 if low else 50,
                ratio_reason="疫情防控" if low else "",
                actor=office(frame.authority),
            )

    def _void(self, run: DrawRun) -> None:
        void_draw(run, actor=office(run.frame.authority), note=_WHY)

    def _direct(self, run: DrawRun) -> None:
        rows = self.campaign.routed.filter(inspecting_authority=run.frame.authority)
        row = self.setting.pick(rows.select_related("unit", "standard"))
        sampling.add_directed(
            run,
            row.unit,
            standards=[row.standard],
            reason="投诉举报",
            actor=office(run.frame.authority),
        )

    # On site -------------------------------------------------------------------------------------

    def visit(self) -> None:
        rows = InspectionTask.objects.filter(campaign=self.campaign).listed()
        rows = rows.select_related("authority", "unit", "campaign", "drawn_unit")
        self.some("close", rows.filter(state="reviewed"), 5, self._close)
        self.some("reopen", rows.filter(state="concluded"), 15, self._reopen)
        self.some("review", rows.filter(state="concluded"), 50, self._review)
        self.some("again", rows.filter(state="in_progress"), 40, self._sign_again)
        self.some("visit", rows.filter(state__in=("assigned", "notified")), 40, self._visit)
        ready = rows.filter(state__in=("planned", "assigned", "notified"))
        self.some("not performed", ready, 4, self._not_performed)
        ended = rows.filter(state__in=("not_performed", "refused"))
        self.some("follow up", ended, 20, self._follow_up)
        self.some("end", ended, 20, self._end)
        self.some("assign", rows.filter(state="planned"), 30, self._assign)

    def _assign(self, task: InspectionTask) -> None:
        team = onsite._team(self.setting, task)
        visits.task.assign(
            task, actor=office(task.authority), members=team, planned_on=self.day + _DAY
        )

    def _visit(self, task: InspectionTask) -> None:
        if self.setting.chance(12):
            leader = onsite.leader_of(task)
            visits.task.start(
                task,
                actor=leader,
                arrived_at=clock.now(),
                credential_shown=True,
                rules_read=True,
                attendees="示例门卫",
            )
            visits.not_performed.refuse(task, actor=leader, note=_WHY)
        else:
            onsite.visit(self.setting, task, self.day)

    def _reopen(self, task: InspectionTask) -> None:
        visits.result.reopen(task, actor=office(task.authority), note=_WHY)

    def _sign_again(self, task: InspectionTask) -> None:
        """The sheets are filled in anew: other answers, other conclusions, other findings."""
        leader = onsite.leader_of(task)
        for sheet in task.sheets.select_related("standard", "task").order_by("pk"):
            onsite._fill(self.setting, sheet, leader)
            onsite.services.set_conclusion(
                sheet,
                conclusion=onsite.services.suggested_conclusion(sheet),
                reason="",
                actor=leader,
            )
        visits.task.to_signing(task, actor=leader)
        onsite.sign_and_conclude(self.setting, task, self.day, leader)

    def _review(self, task: InspectionTask) -> None:
        visits.result.review(task, actor=office(task.authority))

    def _close(self, task: InspectionTask) -> None:
        visits.result.close(task, actor=office(task.authority))

    def _not_performed(self, task: InspectionTask) -> None:
        final = self.setting.chance(40)
        visits.not_performed.record_not_performed(
            task,
            actor=office(task.authority),
            reason=NotPerformedReason.DISSOLVED if final else NotPerformedReason.SUSPENDED,
            detail=_WHY,
            attempted_at=clock.now(),
            follow_up_due=None if final else self.day + 5 * _DAY,
        )

    def _follow_up(self, task: InspectionTask) -> None:
        visits.not_performed.arrange_follow_up(
            task, actor=office(task.authority), due_on=self.day + 5 * _DAY
        )

    def _end(self, task: InspectionTask) -> None:
        visits.not_performed.close_not_performed(task, actor=office(task.authority), note=_WHY)

    # What follows --------------------------------------------------------------------------------

    def _serve(self, order: StopTransferOrder) -> None:
        service = Service(served_on=clock.today(), how="direct", by="示例送达人", to="示例受送达人")
        visits.stop.serve_stop(order, service=service, actor=_of(order.task))

    def _approve(self, order: StopTransferOrder) -> None:
        name_the_parties(order.task)
        visits.stop.approve_stop(order, actor=_of(order.task))

    def stop(self) -> None:
        sheets = ChecklistSheet.objects.filter(
            task__campaign=self.campaign, standard__isnull=False, signed_at__isnull=False
        ).exclude(conclusion="conform")
        self.some("propose stop", sheets.select_related("task", "standard"), 10, self._propose_stop)
        rows = StopTransferOrder.objects.filter(task__campaign=self.campaign)
        rows = rows.select_related("task__authority", "task__unit", "standard")
        proposed = rows.filter(state="proposed")
        stop = visits.stop
        self.some("approve stop", proposed, 25, self._approve)
        self.some(
            "reject stop",
            rows.filter(state="proposed"),
            10,
            lambda s: stop.reject_stop(s, actor=_of(s.task), note=_WHY),
        )
        approved = rows.filter(state="approved")
        self.some("serve stop", approved, 30, self._serve)
        served = rows.filter(state="in_force")
        self.some("lift stop", served, 10, self._lift)

    def _lift(self, order) -> None:
        visits.stop.accept_standard(
            order, accepted_on=clock.today(), acceptance=_WHY, actor=_of(order.task)
        )
        visits.stop.lift_stop(order, actor=_of(order.task), basis=_WHY)

    def _propose_stop(self, sheet: ChecklistSheet) -> None:
        visits.stop.propose_stop(
            sheet.task, standard=sheet.standard, basis=_WHY, actor=onsite.leader_of(sheet.task)
        )

    def findings(self) -> None:
        rows = Finding.objects.filter(task__campaign=self.campaign)
        rows = rows.select_related(
            "task__authority", "task__unit", "task__campaign", "sheet", "standard", "item"
        )
        raised = rows.filter(state="raised")
        self.some(
            "dispute",
            raised,
            15,
            lambda f: repairs.objection.dispute(f, reason=_WHY, actor=unit_user(f.task.unit)),
        )
        self.some("decide", rows.filter(state="disputed"), 30, self._decide_objection)
        self.some(
            "on the spot",
            rows.filter(state="raised"),
            8,
            lambda f: repairs.objection.correct_on_spot(f, note=_WHY, actor=_of(f.task)),
        )
        self.some("review finding", rows.filter(state="submitted"), 35, self._review_finding)
        self.some("propose", rows.filter(state="failed", standard__isnull=False), 40, self._propose)
        self.some("refer", rows.filter(state__in=("failed", "ordered")), 8, self._refer)

    def _decide_objection(self, finding: Finding) -> None:
        repairs.objection.decide_objection(
            finding, upheld=self.setting.chance(40), decision=_WHY, actor=_of(finding.task)
        )

    def _review_finding(self, finding: Finding) -> None:
        result = self.setting.pick(["passed", "passed", "returned", "failed"])
        repairs.report.review_finding(
            finding, method="documents", result=result, opinion=_WHY, actor=_of(finding.task)
        )

    def orders(self) -> None:
        tasks = InspectionTask.objects.filter(campaign=self.campaign, state="reviewed")
        self.some("order", tasks.select_related("authority", "unit", "campaign"), 60, self._order)
        waiting = RectificationOrder.objects.filter(
            task__campaign=self.campaign, state__in=("pending", "partially_verified")
        ).select_related("task__unit", "task__authority", "task__campaign")
        self.some("report", waiting, 10, self._report)
        self.some("withdraw order", waiting, 6, self._withdraw_order)
        # Every other night nobody writes down what has lapsed: no figure may depend on it.
        if self.day.day % 2:
            self.done["overdue"] += repairs.order.fail_overdue(self.day)

    def _order(self, task: InspectionTask) -> None:
        findings = [f for f in task.findings.filter(state="raised") if self.setting.chance(70)]
        name_the_parties(task)
        repairs.order.issue_order(
            task,
            findings=findings,
            kind="correction",
            due_on=self.day + 6 * _DAY,
            requirement=_WHY,
            actor=office(task.authority),
        )

    def _withdraw_order(self, order: RectificationOrder) -> None:
        repairs.withdrawal.withdraw(order, reason=_WHY, actor=_of(order.task))

    def _report(self, order: RectificationOrder) -> None:
        """Only what is still with the unit; a returned report goes in with another text."""
        afterwards._report(self.setting, order, self.day)

    def _propose(self, finding: Finding) -> None:
        repairs.disposition.propose_disposition(
            finding,
            action=self.setting.pick(DispositionAction),
            reason=_WHY,
            actor=_of(finding.task),
        )

    def _refer(self, finding: Finding) -> None:
        repairs.referral.refer_case(
            finding,
            sent_to="示例总队",
            reason=_WHY,
            legal_basis="《计量法》",
            actor=_of(finding.task),
        )

    def consequences(self) -> None:
        rows = CertificateDisposition.objects.filter(state="proposed")
        self.some("dispose", rows.select_related("decider", "finding"), 60, self._dispose)
        cases = CaseReferral.objects.exclude(state__in=("result_returned", "not_filed"))
        self.some("case", cases.select_related("finding__task"), 25, self._case)

    def _dispose(self, row: CertificateDisposition) -> None:
        repairs.disposition.decide_disposition(
            row,
            actor=office(row.decider),
            decision_no=f"示例〔2021〕{row.pk}号",
            decided_on=self.day - self.dice.randint(0, 3) * _DAY,
            accept=self.setting.chance(75),
            note=_WHY,
        )

    def _case(self, row: CaseReferral) -> None:
        state = self.setting.pick(["received", "filed", "decided", "result_returned", "not_filed"])
        filed = state != "not_filed"
        repairs.referral.record_case_result(
            row,
            state=state,
            case_no=f"示例案{row.pk}" if filed and state != "received" else "",
            fine=self.setting.pick([0, 500, 1200]) if filed else 0,
            outcome=_WHY,
            actor=person(LIAISON),
        )

    # The register --------------------------------------------------------------------------------

    def register(self) -> None:
        unresolved = self.campaign.routed.unresolved().select_related("campaign", "standard")
        self.some("resolve", unresolved, 20, self._resolve)
        self.some("move", Unit.objects.all(), 0.4, self._move)
        self.some("merge", Unit.objects.all(), 0.2, self._merge)
        merges = UnitMerge.objects.filter(undone_at=None)
        self.some("unmerge", merges, 15, lambda m: undo_merge(m, actor=person("city"), note=_WHY))
        live = StandardCertificate.objects.filter(is_current=True, state__in=("valid", "expiring"))
        self.some("withdraw", live, 0.05, self._withdraw)
        self.some("domain", MeasurementStandard.objects.all(), 0.5, self._redomain)

    def _redomain(self, standard: MeasurementStandard) -> None:
        domains = self.setting.pick(([], ["food"], ["health", "food"], ["ecology"]))
        update_standard(
            standard,
            base_version=standard.version,
            values={},
            domains=domains,
            actor=person("city"),
        )

    def _resolve(self, routed) -> None:
        chosen = Authority.objects.get(code=self.setting.pick(DISTRICTS))
        resolve_routing(routed, authority=chosen, actor=person("city"), note=_WHY)

    def _move(self, unit: Unit) -> None:
        chosen = Authority.objects.get(code=self.setting.pick(DISTRICTS))
        unit.refresh_from_db()
        update_unit(
            unit,
            base_version=unit.version,
            values={"territorial_authority": chosen},
            actor=person("city"),
        )

    def _merge(self, gone: Unit) -> None:
        gone.refresh_from_db()
        others = list(Unit.objects.exclude(pk=gone.pk).order_by("pk"))
        self.dice.shuffle(others)
        for survivor in others:
            if not objections(survivor, gone):
                versions = (survivor.version, gone.version)
                merge_units(
                    survivor, gone, versions=versions, take=(), actor=person("city"), note=_WHY
                )
                return
        raise ValidationError("没有可以合并的单位。")

    def _withdraw(self, certificate: StandardCertificate) -> None:
        """All of a unit's standards end: its report may be waived."""
        unit = certificate.standard.unit
        for row in StandardCertificate.objects.filter(standard__unit=unit, is_current=True):
            certificates.withdraw(row, actor=office(unit.territorial_authority), note=_WHY)

    def close(self) -> None:
        """The campaign ends whatever is still open: nobody has to be asked here."""
        self.some(
            "end of the campaign", Campaign.objects.filter(pk=self.campaign.pk), 100, self._end_all
        )

    def _end_all(self, campaign: Campaign) -> None:
        close_campaign(campaign, actor=person("city"))


def _of(task: InspectionTask):
    return office(task.authority)
