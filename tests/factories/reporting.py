"""A small city with a campaign in full swing, written straight to the tables in bulk.

Everything that may be counted occurs, and everything that must not be: void draws, unsigned sheets,
rechecks, withdrawn findings, rejected dispositions, standards nobody inspects. The same seed gives
the same city. It does not follow the moves between states; the simulated city does that.
"""

import datetime as dt
import random
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.enums import ProblemCategory
from campaigns.models import (
    Campaign,
    ChecklistItem,
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    FrameStandard,
    RoutedStandard,
    RoutingRule,
    SamplingFrame,
)
from inspections.enums import FindingState, StopState
from inspections.models import (
    ChecklistAnswer,
    ChecklistSheet,
    Finding,
    InspectionTask,
    StopTransferOrder,
    TaskStandard,
    TeamMember,
)
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.complaints.enums import ComplaintState
from metrostd.registry.enums import Category, CertificateActKind
from metrostd.registry.models import (
    Authority,
    CertificateAct,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    StandardDomain,
    Unit,
)
from rectification.enums import DispositionAction, DispositionState, ReferralState
from rectification.models import CaseReferral, CertificateDisposition, OrderItem, RectificationOrder
from selfcheck.enums import ReportState
from selfcheck.models import (
    SelfCheckProblem,
    SelfCheckReport,
    SelfCheckStandard,
)

from .accounts import MembershipFactory
from .campaigns import CampaignFactory, ItemFactory, SectionFactory, TemplateFactory
from .complaints import ComplaintFactory
from .inspections import SingleIssueFactory
from .registry import AuthorityFactory, FieldFactory

FIELDS = {"01": "几何量", "04": "热学", "12": "力学", "15": "电磁学", "46": "物理化学"}
TO_CITY = ("sp_statutory", "sp_authorised", "dept_highest")
TASK_STATES = ("reviewed", "closed", "concluded", "reviewed", "planned", "in_progress", "not_performed",
               "refused", "shut", "follow_up", "reviewed", "concluded")  # fmt: skip
FINDING_STATES = [*FindingState.values, "verified", "verified", "verified", "failed", "ordered"]
WITH_ORDER = ("ordered", "submitted", "verified", "returned", "failed", "handled")


@dataclass
class City:
    """What was built, for tests to look things up."""

    campaign: Campaign
    organiser: Authority
    districts: list[Authority]
    staff: list[Membership]
    expert: Membership
    dice: random.Random
    units: list[Unit] = field(default_factory=list)
    standards: list[MeasurementStandard] = field(default_factory=list)
    tasks: list[tuple[InspectionTask, list[TaskStandard]]] = field(default_factory=list)


def small_city(
    *, units: int = 40, districts: int = 2, seed: int = 1, drawn: int = 50, code: str = "2021-ci"
) -> City:
    """A campaign in the organiser's and the districts' hands; ``drawn`` percent of units are drawn."""
    dice = random.Random(seed)
    organiser = Authority.objects.filter(code="120000").first() or AuthorityFactory(city=True)
    bureaus = list(Authority.objects.filter(level="district").order_by("code")[:districts])
    while len(bureaus) < districts:
        bureaus.append(AuthorityFactory(code=f"1201{len(bureaus) + 1:02d}", parent=organiser))
    city = City(
        campaign=CampaignFactory(code=code, organiser=organiser),
        organiser=organiser,
        districts=bureaus,
        staff=[MembershipFactory(authority=bureau) for bureau in (organiser, *bureaus)],
        expert=MembershipFactory(authority=organiser, role=Role.INSTITUTE_EXPERT),
        dice=dice,
    )
    for version, category in enumerate(Category.values):
        RoutingRule.objects.get_or_create(
            version=1,
            category=category,
            defaults={"inspector": _inspector(category), "basis": f"通知二（二）{version}"},
        )
    with clock.pinned(_at(4, 20)):  # whatever says no day of its own was there from the start
        _register(city, units)
        _route(city)
        for bureau in (organiser, *bureaus):
            _draw(city, bureau, drawn)
        _self_check(city)
        _bureau_self_check(city)
        _inspect(city)
        _ask_above(city)
        _complaints(city)
    return city


def _inspector(category: str) -> str:
    return "city" if category in TO_CITY else "manual" if category == "other" else "district"


def _register(city: City, count: int) -> None:
    fields = [FieldFactory(code=code, name=name) for code, name in FIELDS.items()]
    dice = city.dice
    city.units = Unit.objects.bulk_create(
        Unit(
            name=f"示例单位{city.campaign.code}-{n}",
            name_key=f"示例单位{n}",
            unit_type="enterprise",
            territorial_authority=city.districts[n % len(city.districts)],
        )
        for n in range(count)
    )
    rows = []
    for n, unit in enumerate(city.units):
        first = ("ent_highest", "ent_highest", "inst_highest", "ent_highest", "sp_statutory",
                 "ent_highest", "sp_authorised", "dept_highest", "ent_highest", "other")[n % 10]  # fmt: skip
        for _ in range(dice.randint(1, 4)):
            category = first if dice.random() < 0.7 else dice.choice(Category.values)
            issuer = dice.choice([city.organiser, unit.territorial_authority])
            rows.append(
                MeasurementStandard(
                    unit=unit,
                    name=f"示例{len(rows)}号标准装置",
                    category=category,
                    field=dice.choice([*fields, None]),
                    issuing_authority=issuer,
                    hosting_authority=issuer,
                )
            )
    city.standards = MeasurementStandard.objects.bulk_create(rows)
    StandardDomain.objects.bulk_create(
        StandardDomain(standard=standard, domain=domain)
        for n, standard in enumerate(city.standards)
        for domain in ((), ("food",), ("health", "food"), ("ecology", "work_safety"))[n % 4]
    )


def _route(city: City) -> None:
    rows = []
    for standard in city.standards:
        inspector = {"city": city.organiser, "district": standard.unit.territorial_authority}.get(
            _inspector(standard.category)
        )
        if inspector is None and city.dice.random() < 0.5:
            inspector = city.organiser
        rows.append(
            RoutedStandard(
                campaign=city.campaign,
                standard=standard,
                unit=standard.unit,
                category=standard.category,
                field=standard.field,
                issuing_authority=standard.issuing_authority,
                territorial_authority=standard.unit.territorial_authority,
                inspecting_authority=inspector,
                unresolved_reason="" if inspector else "类别需人工确定",
                rule_version=1,
            )
        )
    RoutedStandard.objects.bulk_create(rows)


def _draw(city: City, bureau: Authority, percent: int) -> None:
    dice = city.dice
    routed = RoutedStandard.objects.filter(campaign=city.campaign, inspecting_authority=bureau)
    frame = SamplingFrame.objects.create(
        campaign=city.campaign,
        authority=bureau,
        hash="0" * 64,
        frozen_at=_at(6, 1),
        state="frozen",
    )
    kept: dict[int, list[RoutedStandard]] = {}
    entries = []
    for row in routed.order_by("pk"):
        if dice.random() < 0.95:
            kept.setdefault(row.unit_id, []).append(row)
            entries.append(
                FrameStandard(
                    frame=frame, unit_id=row.unit_id, standard_id=row.standard_id,
                    category=row.category, field_id=row.field_id,
                )
            )  # fmt: skip
    FrameStandard.objects.bulk_create(entries)
    for state in ("void", "valid"):
        _run(city, frame, kept, state, percent)


def _run(city: City, frame: SamplingFrame, kept: dict, state: str, percent: int) -> None:
    dice = city.dice
    run = DrawRun.objects.create(
        frame=frame, ratio=20, required=1, seed="示例", algorithm="1", result_hash="0" * 64,
        state=state, run_at=_at(6, 2),
    )  # fmt: skip
    drawn, chosen = [], []
    for unit_id, rows in kept.items():
        if dice.randrange(100) < percent:
            kind = dice.choice(["random", "random", "random", "directed"])
            drawn.append(
                DrawnUnit(
                    run=run, unit_id=unit_id, order=len(drawn) + 1, kind=kind,
                    reason="投诉举报" if kind == "directed" else "",
                )
            )  # fmt: skip
            chosen.append(rows[: dice.randint(1, len(rows))])
    DrawnUnit.objects.bulk_create(drawn)
    pairs = [(unit, row) for unit, rows in zip(drawn, chosen, strict=True) for row in rows]
    DrawnStandard.objects.bulk_create(
        DrawnStandard(
            drawn_unit=unit, standard_id=row.standard_id, field_id=row.field_id, why="field_minimum"
        )
        for unit, row in pairs
    )
    if state == "valid":
        _tasks(city, frame.authority, drawn, chosen)
    else:
        InspectionTask.objects.bulk_create(
            _task(city, frame.authority, unit, "planned", "onsite") for unit in drawn
        )


def _tasks(city: City, bureau: Authority, drawn: list[DrawnUnit], chosen: list) -> None:
    plans = []
    for unit, rows in zip(drawn, chosen, strict=True):
        state = city.dice.choice(TASK_STATES)
        plans.append((_task(city, bureau, unit, state, "onsite"), rows))
        if state == "follow_up":
            follow = city.dice.choice(["reviewed", "not_performed", "planned"])
            plans.append((_task(city, bureau, unit, follow, "follow_up"), rows))
        elif state == "reviewed" and city.dice.random() < 0.2:
            plans.append((_task(city, bureau, unit, "concluded", "recheck"), rows))
    tasks = InspectionTask.objects.bulk_create(task for task, _ in plans)
    parts = [
        [
            TaskStandard(
                task=task, standard_id=row.standard_id, category=row.category, field_id=row.field_id
            )
            for row in rows
        ]
        for task, (_, rows) in zip(tasks, plans, strict=True)
    ]
    TaskStandard.objects.bulk_create(row for rows in parts for row in rows)
    city.tasks += list(zip(tasks, parts, strict=True))


def _task(city: City, bureau: Authority, unit: DrawnUnit, state: str, kind: str) -> InspectionTask:
    visited = state in ("in_progress", "concluded", "reviewed", "closed")
    task = InspectionTask(
        campaign=city.campaign, authority=bureau, unit_id=unit.unit_id, drawn_unit=unit, kind=kind,
        planned_on=dt.date(2021, 6, 20), state="closed" if state == "shut" else state,
        arrived_at=_at(6, 20) if visited else None, credential_shown=visited,
        unvisited_at=_at(6, 21) if state in ("not_performed", "refused", "shut", "follow_up") else None,
        created_at=_at(6, 2), state_since=_at(6, 21),
    )  # fmt: skip
    task.was_visited = visited and state != "in_progress"
    return task


def _self_check(city: City) -> None:
    dice = city.dice
    template = TemplateFactory()
    owed: dict[tuple[int, int], list[int]] = {}
    for row in RoutedStandard.objects.filter(campaign=city.campaign).order_by("pk"):
        owed.setdefault((row.unit_id, row.issuing_authority_id), []).append(row.standard_id)
    reports = []
    for unit_id, issuer_id in owed:
        state = dice.choice([*ReportState.values, "accepted", "accepted", "submitted"])
        sent = (
            _at(dice.choice([5, 6]), dice.randint(1, 28)) if state in ReportState.received else None
        )
        reports.append(
            SelfCheckReport(
                campaign=city.campaign, kind="unit", unit_id=unit_id, receiver_id=issuer_id,
                template=template, due_on=dt.date(2021, 5, 31), state=state,
                first_submitted_at=sent, submitted_at=sent, is_late=bool(sent and sent.month > 5),
            )
        )  # fmt: skip
    reports = SelfCheckReport.objects.bulk_create(reports)
    covered = list(owed.values())
    SelfCheckStandard.objects.bulk_create(
        SelfCheckStandard(report=report, standard_id=pk)
        for report, pks in zip(reports, covered, strict=True)
        for pk in pks
    )
    SelfCheckProblem.objects.bulk_create(
        SelfCheckProblem(
            report=report, standard_id=dice.choice([*pks, None]), description="示例问题",
            rectified_on=dice.choice([None, dt.date(2021, 5, 20)]), client_id=uuid.UUID(int=dice.getrandbits(128)),
        )
        for report, pks in zip(reports, covered, strict=True)
        for _ in range(dice.randint(0, 3))
    )  # fmt: skip


def _bureau_self_check(city: City) -> None:
    """Each bureau about its own certification work: the first has not handed in yet."""
    for n, bureau in enumerate(city.districts):
        sent = _at(5, 20) if n else None
        report = SelfCheckReport.objects.create(
            campaign=city.campaign, kind="bureau", bureau=bureau, receiver=city.organiser,
            template=TemplateFactory(), due_on=dt.date(2021, 5, 25),
            state="accepted" if n else "draft", first_submitted_at=sent, submitted_at=sent,
        )  # fmt: skip
        SelfCheckProblem.objects.bulk_create(
            SelfCheckProblem(
                report=report, description="示例问题", client_id=uuid.uuid4(),
                rectified_on=dt.date(2021, 6, 1) if fixed else None,
            )
            for fixed in (True, False, True)
        )  # fmt: skip


def _items() -> list[ChecklistItem]:
    return [
        ItemFactory(
            section=SectionFactory(code=kind.value, title=kind.label),
            code=f"{kind.value}01",
            problem_category=kind.value,
            is_key=kind.value in "AFG",
        )
        for kind in ProblemCategory
        if kind.value != "J"
    ]


def _ask_above(city: City) -> None:
    """Matters put to the organiser, some waiting and some answered; no dice, so that the rest stays as it is."""
    for n, (task, _) in enumerate(city.tasks[:7]):
        SingleIssueFactory(
            campaign=city.campaign,
            authority=task.authority,
            reported_to=city.organiser,
            task=task,
            reported_by=city.staff[0],
            reported_at=_at(6, 21),
            answered=n % 2 == 1,
        )


def _inspect(city: City) -> None:
    dice = city.dice
    items = _items()
    template = TemplateFactory()
    sheets = []
    for task, rows in city.tasks:
        signed = _at(6, 20, 17) if task.was_visited else None
        for row in (*rows, None):
            conclusion = dice.choice(["conform", "conform", "deficient", "nonconform"])
            sheets.append(
                ChecklistSheet(
                    task=task, standard_id=row.standard_id if row else None, template=template,
                    conclusion=conclusion if signed else "", signed_at=signed,
                )
            )  # fmt: skip
    sheets = ChecklistSheet.objects.bulk_create(sheets)
    answers, findings = [], []
    for sheet in sheets:
        problems = sheet.conclusion in ("deficient", "nonconform") or (
            sheet.signed_at is None and dice.random() < 0.2
        )
        for item in dice.sample(items, dice.randint(1, 3)) if problems else ():
            answers.append(
                ChecklistAnswer(sheet=sheet, item=item, answer="deficient", note="示例事实")
            )
            state = dice.choice(FINDING_STATES)
            findings.append(
                Finding(
                    task=sheet.task, campaign_id=sheet.task.campaign_id,
                    authority_id=sheet.task.authority_id, sheet=sheet,
                    standard_id=sheet.standard_id, item=item,
                    category=item.problem_category, is_key=item.is_key, fact="示例事实记录",
                    severity=dice.choice(["nonconform", "deficient", "deficient"]), basis="规范",
                    self_check_answer=("conform", "deficient", "")[len(findings) % 3],
                    state=state, due_on=dt.date(2021, 8, 31), state_since=_at(8, 10),
                )
            )  # fmt: skip
    _pass(sheets, items, {(answer.sheet, answer.item) for answer in answers})
    answers = ChecklistAnswer.objects.bulk_create(answers)
    for finding, answer in zip(findings, answers, strict=True):
        finding.answer = answer
    findings = Finding.objects.bulk_create(findings)
    _order(city, findings)
    _act(city, findings)
    TeamMember.objects.bulk_create(
        TeamMember(task=task, membership=member, role=role)
        for task, _ in city.tasks
        for member, role in zip(
            (*city.staff[:3], city.expert),
            ("leader", "officer", "assessor", "expert"),
            strict=False,
        )
    )


def _pass(sheets: list[ChecklistSheet], items: list[ChecklistItem], problems: set) -> None:
    """What is no problem is 符合, and now and then 不适用 or left open."""
    rest = [(sheet, item) for sheet in sheets for item in items if (sheet, item) not in problems]
    ChecklistAnswer.objects.bulk_create(
        ChecklistAnswer(
            sheet=sheet, item=item, answer=("not_applicable", "", "conform")[min(place % 7, 2)]
        )
        for place, (sheet, item) in enumerate(rest)
    )


def _order(city: City, findings: list[Finding]) -> None:
    by_task: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.state in WITH_ORDER:
            by_task.setdefault(finding.task_id, []).append(finding)
    orders = RectificationOrder.objects.bulk_create(
        RectificationOrder(
            task_id=task_id, kind="correction", number=f"{city.campaign.code}-{task_id}",
            issued_on=dt.date(2021, 7, 1), due_on=dt.date(2021, 8, 31), requirement="限期改正",
        )
        for task_id in by_task
    )  # fmt: skip
    OrderItem.objects.bulk_create(
        OrderItem(order=order, finding=finding)
        for order, rows in zip(orders, by_task.values(), strict=True)
        for finding in rows
    )


def _act(city: City, findings: list[Finding]) -> None:
    dice = city.dice
    stops, dispositions, referrals = {}, [], []
    for finding in findings:
        chance = dice.random()
        if finding.standard_id and chance < 0.3:
            state = dice.choice([s for s in StopState.values if s != StopState.WITHDRAWN])
            started = dt.date(2021, 6, 21) if state in ("in_force", "lifted") else None
            stops[finding.task_id, finding.standard_id] = StopTransferOrder(
                task_id=finding.task_id, standard_id=finding.standard_id, basis="示例",
                state=state, in_force_from=started, created_at=_at(6, 21),
                withdrawn_on=dt.date(2021, 6, 22) if state == StopState.WITHDRAWN else None,
            )  # fmt: skip
        if finding.standard_id and 0.2 < chance < 0.6:
            state = dice.choice([*DispositionState.values, "decided"])
            dispositions.append(
                CertificateDisposition(
                    finding=finding, standard_id=finding.standard_id, reason="示例",
                    action=DispositionAction.values[len(dispositions) % 4], state=state,
                    proposed_by_authority_id=finding.task.authority_id, decider=city.organiser,
                    decided_on=dt.date(2021, 9, 10) if state == "decided" else None,
                    state_since=_at(9, 10),
                )
            )  # fmt: skip
        if chance > 0.75:
            referrals.append(
                CaseReferral(
                    finding=finding, task=finding.task, sent_to="综合行政执法总队", reason="示例", legal_basis="计量法",
                    sent_on=dt.date(2021, 9, 5), state=dice.choice(ReferralState.values),
                    fine=Decimal(dice.choice(["0", "500.00", "1234.56"])),
                    case_no=dice.choice(["", "示例案号"]),
                )
            )  # fmt: skip
    certificates = StandardCertificate.objects.bulk_create(
        StandardCertificate(standard=standard, state="deregistered") for standard in city.standards
    )
    CertificateAct.objects.bulk_create(
        CertificateAct(
            certificate=certificate, standard_id=certificate.standard_id,
            kind=dice.choice(CertificateActKind.values), decided_at=_at(dice.choice([2, 5, 9]), 10),
        )
        for certificate in certificates
        for _ in range(dice.choice([0, 0, 1, 2]))
    )  # fmt: skip
    StopTransferOrder.objects.bulk_create(stops.values())
    CertificateDisposition.objects.bulk_create(dispositions)
    CaseReferral.objects.bulk_create(referrals)


def _at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return clock.at_time(dt.date(2021, month, day), hour)


def fields_in_use() -> list[str]:
    return list(ProfessionalField.objects.order_by("code").values_list("code", flat=True))


def _complaints(city: City) -> None:
    """A few of each office in every state, one about the municipal office itself."""
    for office in (city.organiser, *city.districts):
        for state in ComplaintState.values:
            ComplaintFactory.in_state(state, authority=office, campaign=city.campaign)
    ComplaintFactory.in_state(
        ComplaintState.CLOSED,
        authority=city.organiser,
        about_office=city.organiser,
        by_discipline=True,
        campaign=city.campaign,
    )
