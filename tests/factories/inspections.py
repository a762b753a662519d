import datetime as dt
import io
import uuid
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory
from PIL import Image, ImageDraw

from inspections.enums import EvidenceKind, Severity, StopState, TaskState, TeamRole
from inspections.models import (
    ChecklistAnswer,
    ChecklistSheet,
    Evidence,
    Finding,
    InspectionTask,
    SingleIssueReport,
    StopTransferOrder,
    TaskStandard,
    TeamMember,
)
from metrostd.common.handwriting import Handwriting, Strokes, handwriting
from metrostd.common.uploads import PNG, store_bytes

from .accounts import MembershipFactory, UserFactory
from .campaigns import CampaignFactory, ItemFactory, TemplateFactory
from .registry import AuthorityFactory, StandardFactory, UnitFactory

ARRIVED = dt.datetime(2021, 6, 15, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_VISITED = frozenset({"in_progress", "signing", "concluded", "reviewed", "closed", "refused"})


STROKES: Strokes = [[(20.0 * n, 60.0 + 25 * (-1) ** n, 40 * n) for n in range(12)]]


def png(colour: str = "white", size: tuple[int, int] = (60, 24)) -> bytes:
    """A real PNG: for photos and signatures. There is ink on it, dark on a light ground or light on dark."""
    picture = Image.new("RGB", size, colour)
    ink = "black" if picture.convert("L").getpixel((0, 0)) > 127 else "white"
    across, down = size
    points = [(across * n // 10, down * (1 + n % 2) // 3) for n in range(1, 10)]
    ImageDraw.Draw(picture).line(points, fill=ink, width=1)
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def hand(colour: str = "white") -> Handwriting:
    """A signature as a pad sends it."""
    return handwriting(png(colour), STROKES)


class TaskFactory(DjangoModelFactory):
    """A listed task; from 检查中 on it has an arrival."""

    class Meta:
        model = InspectionTask

    campaign = factory.SubFactory(CampaignFactory)
    authority = factory.SubFactory(AuthorityFactory)
    unit = factory.SubFactory(
        UnitFactory, territorial_authority=factory.SelfAttribute("..authority")
    )
    state = TaskState.PLANNED
    arrived_at = factory.LazyAttribute(lambda o: ARRIVED if o.state in _VISITED else None)
    credential_shown = factory.LazyAttribute(lambda o: o.state in _VISITED)


class TaskStandardFactory(DjangoModelFactory):
    class Meta:
        model = TaskStandard

    task = factory.SubFactory(TaskFactory)
    standard = factory.SubFactory(StandardFactory, unit=factory.SelfAttribute("..task.unit"))
    category = factory.SelfAttribute("standard.category")
    field = factory.SelfAttribute("standard.field")


class TeamMemberFactory(DjangoModelFactory):
    """By default a district officer of the task's authority."""

    class Meta:
        model = TeamMember

    task = factory.SubFactory(TaskFactory)
    membership = factory.SubFactory(
        MembershipFactory,
        role="district_inspector",
        authority=factory.SelfAttribute("..task.authority"),
    )
    role = TeamRole.OFFICER


class SheetFactory(DjangoModelFactory):
    """The sheet of one standard; ``standard=None`` makes the unit's."""

    class Meta:
        model = ChecklistSheet

    task = factory.SubFactory(TaskFactory, state=TaskState.IN_PROGRESS)
    standard = factory.SubFactory(StandardFactory, unit=factory.SelfAttribute("..task.unit"))
    template = factory.SubFactory(TemplateFactory)


class ChecklistAnswerFactory(DjangoModelFactory):
    class Meta:
        model = ChecklistAnswer

    sheet = factory.SubFactory(SheetFactory)
    item = factory.SubFactory(ItemFactory)


class StoredFileFactory:
    """A stored PNG; the same colour is the same file."""

    @staticmethod
    def create(colour: str = "white"):
        return store_bytes(png(colour), media_type=PNG)


class EvidenceFactory(DjangoModelFactory):
    class Meta:
        model = Evidence

    answer = factory.SubFactory(ChecklistAnswerFactory)
    sheet = factory.SelfAttribute("answer.sheet")
    kind = EvidenceKind.PHOTO
    file = factory.LazyFunction(StoredFileFactory.create)
    name = "现场照片.png"
    captured_by = factory.SubFactory(UserFactory)
    client_id = factory.LazyFunction(uuid.uuid4)


class FindingFactory(DjangoModelFactory):
    class Meta:
        model = Finding

    class Params:
        due = None

    sheet = factory.SubFactory(SheetFactory, task__state=TaskState.CONCLUDED)
    task = factory.SelfAttribute("sheet.task")
    campaign = factory.SelfAttribute("task.campaign")
    authority = factory.SelfAttribute("task.authority")
    answer = factory.SubFactory(
        ChecklistAnswerFactory,
        sheet=factory.SelfAttribute("..sheet"),
        answer="deficient",
        note="示例事实：人员证明已经过期未能续期",
    )
    standard = factory.SelfAttribute("sheet.standard")
    item = factory.SelfAttribute("answer.item")
    category = factory.SelfAttribute("item.problem_category")
    severity = Severity.DEFICIENT
    fact = factory.SelfAttribute("answer.note")
    basis = "JJF 1033-2016 4.4.2"
    state = "raised"
    due_on = factory.LazyAttribute(
        lambda o: dt.date(2021, 8, 31) if o.state in ("ordered", "submitted", "returned") else None
    )


class StopOrderFactory(DjangoModelFactory):
    class Meta:
        model = StopTransferOrder

    task = factory.SubFactory(TaskFactory, state=TaskState.CONCLUDED)
    standard = factory.SubFactory(StandardFactory, unit=factory.SelfAttribute("..task.unit"))
    basis = "溯源证书已过有效期，仍在开展检定。"
    state = StopState.PROPOSED
    in_force_from = factory.LazyAttribute(
        lambda o: dt.date(2021, 6, 20) if o.state in ("in_force", "lifted") else None
    )
    withdrawn_on = factory.LazyAttribute(
        lambda o: dt.date(2021, 6, 25) if o.state == "withdrawn" else None
    )


class SingleIssueFactory(DjangoModelFactory):
    """One matter put to the office above, two days before it has to be answered."""

    class Meta:
        model = SingleIssueReport

    class Params:
        answered = factory.Trait(
            state="answered",
            answer="按示例口径处理。",
            answered_at=factory.LazyAttribute(lambda row: row.reported_at + dt.timedelta(days=1)),
        )

    campaign = factory.SubFactory(CampaignFactory)
    authority = factory.SubFactory(AuthorityFactory)
    reported_to = factory.SelfAttribute("campaign.organiser")
    reported_by = factory.SubFactory(
        MembershipFactory, authority=factory.SelfAttribute("..authority")
    )
    number = factory.Sequence(lambda n: f"示例计量事报〔2021〕{n + 1}号")
    subject = factory.Sequence(lambda n: f"示例事项{n + 1}")
    facts = "主标准器正在送检，单位出示了受理单，没有替代的主标准器。"
    question = "送检期间能否由配套设备代替？"
    reported_at = ARRIVED
    due_on = factory.LazyAttribute(lambda row: row.reported_at.date() + dt.timedelta(days=2))
