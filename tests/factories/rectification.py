import datetime as dt
import io
import uuid

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from factory.django import DjangoModelFactory
from PIL import Image

from campaigns.enums import ItemLevel
from inspections.enums import FindingState, Severity, TaskState
from inspections.models import ChecklistAnswer, ChecklistSheet, Finding, InspectionTask
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.models import StoredFile
from metrostd.common.uploads import JPEG, store_bytes
from metrostd.registry.models import Authority
from rectification import drafts
from rectification.enums import OrderKind
from rectification.models import RectificationOrder
from rectification.moves import order as order_moves
from rectification.moves import report as report_moves
from rectification.wording import DEFAULT_REQUIREMENT

from .accounts import MembershipFactory
from .campaigns import CampaignFactory, ItemFactory, SectionFactory, TemplateFactory
from .registry import AuthorityFactory, StandardFactory, UnitFactory

#: The visit ends on a Thursday; five work days later is Thursday 15 July 2021.
VISITED_ON = dt.date(2021, 7, 8)
ORDERED_ON = dt.date(2021, 7, 16)


class ReviewedTaskFactory(DjangoModelFactory):
    """A visit that has been concluded and reviewed by the unit's district bureau."""

    class Meta:
        model = InspectionTask

    campaign = factory.SubFactory(CampaignFactory)
    unit = factory.SubFactory(
        UnitFactory,
        registered_address="天津市示例区示例路18号",
        legal_representative="示例法人",
        uscc_missing_reason="示例",
    )
    authority = factory.SelfAttribute("unit.territorial_authority")
    planned_on = VISITED_ON
    place = "天津市示例区示例路18号"
    arrived_at = clock.at_time(VISITED_ON, 9)
    left_at = clock.at_time(VISITED_ON, 16)
    credential_shown = True
    conclusion = "deficient"
    state = TaskState.REVIEWED


class SheetFactory(DjangoModelFactory):
    class Meta:
        model = ChecklistSheet

    task = factory.SubFactory(ReviewedTaskFactory)
    standard = factory.SubFactory(StandardFactory, unit=factory.SelfAttribute("..task.unit"))
    template = factory.SubFactory(TemplateFactory)
    conclusion = "deficient"
    signed_at = clock.at_time(VISITED_ON, 16)


class RaisedFindingFactory(DjangoModelFactory):
    """A confirmed finding on an item of its own, with the answer it came from."""

    class Meta:
        model = Finding

    class Params:
        ordered = factory.Trait(state=FindingState.ORDERED, due_on=dt.date(2021, 8, 15))

    task = factory.SubFactory(ReviewedTaskFactory)
    campaign = factory.SelfAttribute("task.campaign")
    authority = factory.SelfAttribute("task.authority")
    sheet = factory.SubFactory(SheetFactory, task=factory.SelfAttribute("..task"))
    standard = factory.SelfAttribute("sheet.standard")
    item = factory.SubFactory(
        ItemFactory,
        section=factory.SubFactory(SectionFactory),
        code=factory.Sequence(lambda n: f"R{n % 1000}"),
        level=ItemLevel.STANDARD,
        basis="JJF 1033—2016 4.1.3",
    )
    answer = factory.LazyAttribute(
        lambda o: ChecklistAnswer.objects.create(
            sheet=o.sheet, item=o.item, answer=str(o.severity), note=o.fact, version=1
        )
    )
    category = "A"
    severity = Severity.DEFICIENT
    fact = factory.Sequence(lambda n: f"示例事实{n}：主标准器检定证书已过有效期")
    basis = factory.SelfAttribute("item.basis")
    state = FindingState.RAISED


def office_of(authority: Authority) -> Membership:
    """The person who acts for an authority (made once)."""
    known = Membership.objects.filter(
        authority=authority, role__in=("district_admin", "city_admin")
    )
    role = "city_admin" if authority.level == "city" else "district_admin"
    return known.first() or MembershipFactory(authority=authority, role=role)


def user_of(unit) -> Membership:
    """The unit's person (made once)."""
    return Membership.objects.filter(unit=unit).first() or MembershipFactory(
        as_unit=True, unit=unit
    )


def issue(
    task: InspectionTask | None = None,
    *,
    findings: int = 1,
    on: dt.date = ORDERED_ON,
    due_on: dt.date = dt.date(2021, 8, 15),
    kind: str = OrderKind.CORRECTION,
    **fields,
) -> RectificationOrder:
    """An order over fresh findings of a reviewed task, issued through the service."""
    task = task or ReviewedTaskFactory()
    sheet = SheetFactory(task=task)
    rows = RaisedFindingFactory.create_batch(findings, task=task, sheet=sheet, **fields)
    with clock.pinned(clock.at_time(on)):
        return order_moves.issue_order(
            task,
            findings=rows,
            kind=kind,
            due_on=due_on,
            requirement=DEFAULT_REQUIREMENT,
            actor=office_of(task.authority).user,
        )


def photo(name: str = "整改后.jpg", shade: int = 90) -> SimpleUploadedFile:
    """A small real JPEG."""
    data = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 120, 160)).save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/jpeg")


def stored_photo(shade: int = 40) -> StoredFile:
    return store_bytes(photo(shade=shade).read(), media_type=JPEG)


def fill(finding: Finding, *, actor, files: int = 1) -> None:
    """Complete the unit's report on one finding."""
    report = finding.rectifications.latest("round")
    drafts.save_rectification(
        finding,
        cause="示例原因：送检计划遗漏",
        action="示例措施：已送检并取得证书",
        prevention="示例预防：到期前六十日提醒",
        base_version=report.version,
        client_id=uuid.uuid4(),
        actor=actor,
    )
    for n in range(files):
        drafts.add_file(
            finding,
            file=photo(shade=n),
            name=f"整改后{n}.jpg",
            client_id=uuid.uuid4(),
            actor=actor,
        )


def submitted(
    order: RectificationOrder, *, on: dt.date = dt.date(2021, 8, 2)
) -> RectificationOrder:
    """Fill and submit everything that waits for the unit."""
    actor = user_of(order.task.unit).user
    with clock.pinned(clock.at_time(on)):
        for item in order.items.filter(finding__state__in=("ordered", "returned")):
            fill(item.finding, actor=actor)
        report_moves.submit_rectification(order, actor=actor)
    order.refresh_from_db()
    return order


def failed_finding(**fields) -> Finding:
    """A finding whose rectification did not do."""
    finding = submitted(issue(**fields)).items.get().finding
    with clock.pinned(clock.at_time(dt.date(2021, 8, 10))):
        report_moves.review_finding(
            finding,
            method="on_site",
            result="failed",
            opinion="示例意见：现场复核仍不符合",
            actor=office_of(finding.task.authority).user,
        )
    finding.refresh_from_db()
    return finding


def city() -> Authority:
    return Authority.objects.filter(code="120000").first() or AuthorityFactory(city=True)
