"""A visit from the list to the signed record, step by step, through the services the screens use."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.models import ChecklistItem, ChecklistSection, ChecklistTemplate
from inspections import completeness, services, signatures
from inspections.enums import EvidenceKind, TeamRole
from inspections.integrity import acts as integrity
from inspections.models import ChecklistAnswer, ChecklistSheet, CostDeclaration, InspectionTask
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import TaskFactory, TaskStandardFactory, hand, png

VISIT = dt.datetime(2021, 6, 15, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
FACT = "人员证明已于2021年6月1日到期，未能提供续期材料。"
FIXTURES = Path(__file__).parents[2] / "fixtures"


def annex1() -> ChecklistTemplate:
    """The 50 items of Annex 1, written in bulk: most tests of this app need them."""
    return annex("annex1")


def annex(kind: str) -> ChecklistTemplate:
    """All items of a checklist, written in bulk."""
    data = json.loads((FIXTURES / f"checklist_{kind}.json").read_text(encoding="utf-8"))
    sections = data.pop("sections")
    template = ChecklistTemplate.objects.filter(kind=kind, version=data["version"]).first()
    if template and template.sections.count() == len(sections):
        return template
    template = template or ChecklistTemplate.objects.create(**data)
    items = []
    for order, values in enumerate(sections, start=1):
        rows = values.pop("items")
        section = ChecklistSection.objects.create(template=template, order=order, **values)
        items += [
            ChecklistItem(section=section, order=number, **row)
            for number, row in enumerate(rows, start=1)
        ]
    ChecklistItem.objects.bulk_create(items)
    return template


@dataclass
class Visit:
    task: InspectionTask
    office: Membership
    leader: Membership
    officer: Membership
    unit: Membership
    extra: list[tuple[Membership, TeamRole]] = field(default_factory=list)

    @property
    def team(self):
        return [(self.leader, TeamRole.LEADER), (self.officer, TeamRole.OFFICER), *self.extra]

    def assign(self):
        task_moves.assign(
            self.task,
            actor=self.office.user,
            members=self.team,
            planned_on=VISIT.date(),
            place="示例路1号",
        )
        return self

    def notify(self):
        task_moves.notify(self.task, actor=self.office.user)
        return self

    def start(self):
        annex1()
        task_moves.start(
            self.task,
            actor=self.leader.user,
            arrived_at=VISIT,
            credential_shown=True,
            rules_read=True,
            attendees="示例人 质量部主任",
        )
        return self

    def sheet(self, standard=None) -> ChecklistSheet:
        return self.task.sheets.get(standard=standard)

    def standard_sheet(self) -> ChecklistSheet:
        return self.task.sheets.exclude(standard=None).order_by("pk").first()

    def answer(self, code, value, note="", *, sheet=None, actor=None) -> ChecklistAnswer:
        rows = ChecklistAnswer.objects.select_related("item__section", "sheet__task")
        row = rows.get(sheet=sheet or self.standard_sheet(), item__code=code)
        return services.save_answer(
            row,
            value=value,
            note=note,
            base_version=row.version,
            client_id=uuid.uuid4(),
            actor=(actor or self.leader).user,
        )

    def prove(self, answer, *, colour="red"):
        return services.add_evidence(
            answer,
            file=SimpleUploadedFile("现场.png", png(colour), content_type="image/png"),
            name="现场.png",
            kind=EvidenceKind.PHOTO,
            client_id=uuid.uuid4(),
            actor=self.leader.user,
        )

    def fill(self, problems=None):
        """Answer everything 符合 except ``problems`` (code → (value, note)) on the first standard."""
        ChecklistAnswer.objects.filter(sheet__task=self.task, answer="").update(answer="conform")
        for code, (value, note) in (problems or {}).items():
            answer = self.answer(code, value, note)
            if value in ("deficient", "nonconform"):
                self.prove(answer)
        return self

    def conclude_sheets(self):
        for sheet in self.task.sheets.all():
            services.set_conclusion(
                sheet,
                conclusion=completeness.suggested_conclusion(sheet),
                reason="",
                actor=self.leader.user,
            )
        return self

    def send(self):
        task_moves.to_signing(self.task, actor=self.leader.user)
        return self

    def sign_team(self):
        for member, _ in self.team:
            signatures.sign(
                self.task,
                actor=member.user,
                hand=hand(),
                client_id=uuid.uuid4(),
                membership=member,
            )
        return self

    def sign_unit(self):
        signatures.sign_for_unit(
            self.task,
            actor=self.leader.user,
            name="示例人",
            position="质量部主任",
            hand=hand("blue"),
            client_id=uuid.uuid4(),
        )
        return self

    def conclude(self, **kwargs):
        result_moves.conclude(self.task, actor=self.leader.user, **kwargs)
        if not CostDeclaration.objects.filter(task=self.task).exists():
            integrity.declare(self.task, {}, actor=self.leader.user)
        return self

    def to_signing(self, problems=None):
        return self.assign().start().fill(problems).conclude_sheets().send()

    def concluded(self, problems=None):
        return self.to_signing(problems).sign_team().sign_unit().conclude()


def make_visit(*, standards: int = 1, **task) -> Visit:
    """A listed task of a district with an office person, two officers and a user of the unit."""
    row = TaskFactory(**task)
    for _ in range(standards):
        TaskStandardFactory(task=row)
    staff = {"authority": row.authority}
    return Visit(
        task=row,
        office=MembershipFactory(role=Role.DISTRICT_ADMIN, **staff),
        leader=MembershipFactory(role=Role.DISTRICT_INSPECTOR, officer_cert_no="津执001", **staff),
        officer=MembershipFactory(role=Role.DISTRICT_INSPECTOR, officer_cert_no="津执002", **staff),
        unit=MembershipFactory(as_unit=True, unit=row.unit),
    )
