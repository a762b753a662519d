"""The district of `domain.md` §4.5 as records: who holds what, what was found, what became of it."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.models import (
    Campaign,
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    FrameStandard,
    RoutedStandard,
    RoutingRule,
    SamplingFrame,
)
from inspections.models import (
    ChecklistAnswer,
    ChecklistSheet,
    Finding,
    InspectionTask,
    StopTransferOrder,
    TaskStandard,
    TeamMember,
)
from metrostd.common import clock
from metrostd.complaints.enums import ComplaintState
from metrostd.registry.models import (
    Authority,
    CertificateAct,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    Unit,
)
from rectification.models import CaseReferral, OrderItem, RectificationOrder
from selfcheck.models import SelfCheckProblem, SelfCheckReport, SelfCheckStandard
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, ItemFactory, SectionFactory, TemplateFactory
from tests.factories.complaints import ComplaintFactory
from tests.factories.inspections import SingleIssueFactory
from tests.factories.registry import AuthorityFactory, FieldFactory

FIELDS = {"01": "几何量", "04": "热学", "12": "力学", "15": "电磁学", "46": "物理化学"}
ENT, INST = "ent_highest", "inst_highest"
#: Inspected standards by unit: category, field, conclusion, categories of the problems found.
INSPECTED = {
    "E1": [(ENT, "12", "deficient", "AAC"), (ENT, "04", "deficient", "BE"), (ENT, "15", "", ""),
           (ENT, "12", "", "")],
    "E2": [(ENT, "12", "nonconform", "AAD"), (ENT, "15", "deficient", "EE"), (ENT, "12", "", ""),
           (ENT, "46", "", "")],
    "E4": [(ENT, "01", "deficient", "CF"), (ENT, "15", "", ""), (ENT, "12", "", "")],
    "both": [(ENT, "04", "", ""), (ENT, "01", "", ""), (INST, "12", "", ""), (INST, "04", "", "")],
    "I1": [(INST, "12", "deficient", "EG"), (INST, "04", "", "")],
}  # fmt: skip
#: Findings that weigh 不符合 and those of key items, by unit, standard and place.
NONCONFORM = {("E2", 0, 0), ("E2", 0, 1)}
KEY = NONCONFORM | {("E1", 0, 0)}
#: What nobody looked at: standards by unit and category, and how many of each field are left for them.
HELD = {"E3": (ENT, 3), "E17": (ENT, 2)}
HELD |= {f"E{n}": (ENT, 3 if n < 11 else 2) for n in range(5, 17)}
HELD |= {"I2": (INST, 3), "I3": (INST, 2), "I4": (INST, 2), "I5": (INST, 2)}
REST = {ENT: {"12": 12, "04": 6, "15": 8, "01": 6, "46": 3}, INST: {"12": 5, "04": 4}}
#: The random ones; E4 was drawn for a complaint, E3 could not be inspected.
DRAWN = ("E1", "E2", "E3", "both", "I1", "E4")
#: Leaders and officers, assessors, experts of each visit.
TEAMS = {"E1": (3, 2, 1), "E2": (3, 1, 1), "E4": (2, 1, 0), "both": (2, 1, 0), "I1": (2, 1, 0)}


@dataclass
class Dossier:
    """What the records are of, and who holds which standards."""

    campaign: Campaign
    bureau: Authority
    units: dict[str, Unit] = field(default_factory=dict)
    standards: dict[str, list[MeasurementStandard]] = field(default_factory=dict)


def build() -> Dossier:
    known = Authority.objects.all()
    organiser = known.filter(code="120000").first() or AuthorityFactory(city=True)
    bureau = known.filter(code="120111").first() or AuthorityFactory(
        code="120111", parent=organiser
    )
    made = Dossier(CampaignFactory(organiser=organiser), bureau)
    for category in (ENT, INST):
        RoutingRule.objects.get_or_create(
            version=1, category=category, defaults={"inspector": "district"}
        )
    with clock.pinned(_at(4, 24)):
        _register(made)
        _self_check(made)
        tasks = _draw(made)
        _inspect(made, tasks)
        ComplaintFactory.in_state(ComplaintState.CLOSED, authority=bureau, campaign=made.campaign)
    return made


def _register(made: Dossier) -> None:
    fields = {code: FieldFactory(code=code, name=name) for code, name in FIELDS.items()}
    left = {kind: [code for code, n in by.items() for _ in range(n)] for kind, by in REST.items()}
    held = {name: [(kind, code) for kind, code, _, _ in rows] for name, rows in INSPECTED.items()}
    held |= {name: [(kind, left[kind].pop()) for _ in range(n)] for name, (kind, n) in HELD.items()}
    assert not any(left.values())
    frame = SamplingFrame.objects.create(
        campaign=made.campaign, authority=made.bureau, hash="0" * 64, state="frozen",
        frozen_at=_at(5, 31),
    )  # fmt: skip
    for name, rows in held.items():
        unit = Unit.objects.create(
            name=f"示例单位{name}", name_key=f"示例单位{name}", unit_type="enterprise",
            territorial_authority=made.bureau,
        )  # fmt: skip
        made.units[name], made.standards[name] = unit, []
        for kind, code in rows:
            _hold(made, frame, unit, kind, fields[code], name)


def _hold(
    made: Dossier, frame: SamplingFrame, unit: Unit, kind: str, at: ProfessionalField, name: str
) -> None:
    issuer = made.campaign.organiser
    standard = MeasurementStandard.objects.create(
        unit=unit, name=f"示例{len(made.standards[name])}号标准装置", category=kind, field=at,
        issuing_authority=issuer, hosting_authority=issuer,
    )  # fmt: skip
    made.standards[name].append(standard)
    FrameStandard.objects.create(frame=frame, unit=unit, standard=standard, category=kind, field=at)
    RoutedStandard.objects.create(
        campaign=made.campaign, standard=standard, unit=unit, category=kind, field=at,
        issuing_authority=issuer, territorial_authority=made.bureau, inspecting_authority=made.bureau,
        rule_version=1,
    )  # fmt: skip


def _self_check(made: Dossier) -> None:
    """All report but E17, E16 in June; 34 problems, 31 of them put right."""
    template = TemplateFactory()
    covered = []
    for name, unit in made.units.items():
        sent = None if name == "E17" else _at(6, 3) if name == "E16" else _at(5, 20)
        report = SelfCheckReport.objects.create(
            campaign=made.campaign, kind="unit", unit=unit, receiver=made.campaign.organiser,
            template=template, due_on=dt.date(2021, 5, 31), state="accepted" if sent else "draft",
            first_submitted_at=sent, submitted_at=sent, is_late=name == "E16",
        )  # fmt: skip
        for standard in made.standards[name]:
            SelfCheckStandard.objects.create(report=report, standard=standard)
            covered += [(report, standard)] if sent else []
    for kind, count, fixed in ((ENT, 28, 26), (INST, 6, 5)):
        own = [pair for pair in covered if pair[1].category == kind][:count]
        for n, (report, standard) in enumerate(own):
            SelfCheckProblem.objects.create(
                report=report, standard=standard, description="示例问题", client_id=uuid.uuid4(),
                rectified_on=dt.date(2021, 5, 25) if n < fixed else None,
            )  # fmt: skip
    SelfCheckReport.objects.create(
        campaign=made.campaign, kind="bureau", bureau=made.bureau, receiver=made.campaign.organiser,
        template=template, due_on=dt.date(2021, 5, 25), state="accepted",
        first_submitted_at=_at(5, 20), submitted_at=_at(5, 20),
    )  # fmt: skip


def _draw(made: Dossier) -> dict[str, InspectionTask]:
    frame = SamplingFrame.objects.get()
    run = DrawRun.objects.create(
        frame=frame, ratio=20, required=5, seed="示例", algorithm="1", result_hash="0" * 64,
        state="valid", run_at=_at(6, 1),
    )  # fmt: skip
    tasks = {}
    for n, name in enumerate(DRAWN, 1):
        directed, missed = name == "E4", name == "E3"
        drawn = DrawnUnit.objects.create(
            run=run, unit=made.units[name], order=n, kind="directed" if directed else "random",
            reason="投诉举报" if directed else "",
        )  # fmt: skip
        tasks[name] = task = InspectionTask.objects.create(
            campaign=made.campaign, authority=made.bureau, unit=made.units[name], drawn_unit=drawn,
            kind="onsite", planned_on=dt.date(2021, 6, 20),
            state="not_performed" if missed else "reviewed", unvisited_at=_at(6, 21) if missed else None,
            arrived_at=None if missed else _at(6, 20), credential_shown=not missed,
            created_at=_at(6, 2), state_since=_at(6, 21),
        )  # fmt: skip
        for standard in made.standards[name]:
            DrawnStandard.objects.create(
                drawn_unit=drawn, standard=standard, field=standard.field, why="field_minimum"
            )
            TaskStandard.objects.create(
                task=task, standard=standard, category=standard.category, field=standard.field
            )
    return tasks


def _inspect(made: Dossier, tasks: dict[str, InspectionTask]) -> None:
    template, number = TemplateFactory(), 0
    for name, rows in INSPECTED.items():
        task, found = tasks[name], []
        _send(made, task, *TEAMS[name])
        for at, (_, _, conclusion, problems) in enumerate(rows):
            sheet = ChecklistSheet.objects.create(
                task=task, standard=made.standards[name][at], template=template,
                conclusion=conclusion or "conform", signed_at=_at(6, 20, 17),
            )  # fmt: skip
            for place, kind in enumerate(problems):
                number += 1
                found.append(_find(sheet, kind, number, (name, at, place)))
        if found:
            _order(task, found)
    _follow(made, tasks["E2"])


def _send(made: Dossier, task: InspectionTask, officers: int, assessors: int, experts: int) -> None:
    roles = ["leader"] + ["officer"] * (officers - 1)
    roles += ["assessor"] * assessors + ["expert"] * experts
    for role in roles:
        member = MembershipFactory(authority=made.bureau)
        TeamMember.objects.create(task=task, membership=member, role=role)


def _find(sheet: ChecklistSheet, kind: str, number: int, place: tuple[str, int, int]) -> Finding:
    severity = "nonconform" if place in NONCONFORM else "deficient"
    item = ItemFactory(
        section=SectionFactory(),
        code=f"{kind}{number:02d}",
        problem_category=kind,
        is_key=place in KEY,
    )
    return Finding.objects.create(
        task=sheet.task, campaign=sheet.task.campaign, authority=sheet.task.authority, sheet=sheet,
        standard=sheet.standard, item=item, category=kind, is_key=item.is_key, fact="示例事实记录",
        answer=ChecklistAnswer.objects.create(sheet=sheet, item=item, answer=severity, note="示例事实"),
        severity=severity, basis="规范", state="failed" if place == ("E2", 0, 0) else "verified",
        due_on=dt.date(2021, 8, 31), state_since=_at(8, 28),
    )  # fmt: skip


def _order(task: InspectionTask, found: list[Finding]) -> None:
    order = RectificationOrder.objects.create(
        task=task, kind="correction", number=f"示例〔2021〕{task.pk}号", requirement="限期改正",
        issued_on=dt.date(2021, 7, 1), due_on=dt.date(2021, 8, 31),
    )  # fmt: skip
    for finding in found:
        OrderItem.objects.create(order=order, finding=finding)


def _follow(made: Dossier, task: InspectionTask) -> None:
    """The standard that is 不符合: stopped, a case with a fine; another one was sealed; one matter asked above."""
    failed = Finding.objects.get(state="failed")
    StopTransferOrder.objects.create(
        task=task, standard=failed.standard, basis="示例", state="in_force",
        in_force_from=dt.date(2021, 6, 21), created_at=_at(6, 21),
    )  # fmt: skip
    CaseReferral.objects.create(
        finding=failed, task=task, sent_to="综合行政执法总队", reason="示例", legal_basis="计量法",
        sent_on=dt.date(2021, 9, 5), state="decided", fine=Decimal("500.00"), case_no="示例〔2021〕1号",
    )  # fmt: skip
    sealed = made.standards["E5"][0]
    certificate = StandardCertificate.objects.create(standard=sealed, state="sealed")
    CertificateAct.objects.create(
        certificate=certificate, standard=sealed, kind="sealed", decided_at=_at(9, 5)
    )
    SingleIssueFactory(
        campaign=made.campaign, authority=made.bureau, reported_to=made.campaign.organiser, task=task,
        reported_by=MembershipFactory(authority=made.bureau), reported_at=_at(6, 21), answered=True,
    )  # fmt: skip


def _at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return clock.at_time(dt.date(2021, month, day), hour)
