"""A small world in which every route finds its object: one bureau's case, and people beside, above and away from it.

The case belongs to a functional-zone bureau below a district below the city, so that every relation exists: its own people,
another bureau's beside it, the district and the city above, another district away. What a route shows is looked up in
the table of tests/test_simulated_city.py, so both sweeps mean the same objects.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from campaigns.models import ClosedEdition, Pledge, PledgeWords
from inspections.enums import TeamRole
from inspections.models import InspectionTask
from inspections.moves import result as result_moves
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.models import KeptList
from metrostd.common.roles import Role
from metrostd.complaints.models import ComplaintDesk
from metrostd.notifications.models import WebhookDelivery, WebhookEndpoint
from metrostd.plans.models import WorkPlan
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority
from rectification.models import RectificationOrder
from rectification.moves import order as order_moves
from reporting import layouts
from reporting.models import Annex3Form, StatEdition, StatReport
from tests import draws
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import (
    CampaignFactory,
    DutyFactory,
    RoutedStandardFactory,
    routing_rules,
)
from tests.factories.capability import CapabilityTestFactory, ItemFactory, PersonFactory
from tests.factories.hand_overs import BatchFactory, HandedRowFactory
from tests.factories.inspections import StoredFileFactory
from tests.factories.notifications import MessageFactory
from tests.factories.rectification import fill
from tests.factories.registry import (
    AuthorityFactory,
    InstrumentFactory,
    StandardFactory,
    TraceFactory,
    UnitFactory,
)
from tests.factories.reminders import RuleFactory
from tests.factories.selfcheck import report_with_answers
from tests.inspections.bureau_story import make_bureau_visit
from tests.inspections.story import FACT, VISIT, Visit
from tests.reporting import handing_in

DAY = VISIT.date()
#: Afternoon of the day of the visit.
NOW = VISIT.replace(hour=16)
ABOVE = (
    Role.CITY_ADMIN, Role.CITY_INSPECTOR, Role.SYSTEM_ADMIN, Role.AUDITOR, Role.DISCIPLINE,
    Role.ENFORCEMENT_LIAISON,
)  # fmt: skip


@dataclass
class World:
    """The order everything hangs on, and who asks: role and relation → capacity."""

    order: RectificationOrder
    people: dict[tuple[str, str], Membership]


@contextmanager
def held() -> Iterator[World]:
    """The world for as long as it is asked; nothing of it stays."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        with clock.pinned(NOW):
            world = build()
        yield world
        transaction.set_rollback(True)


def build() -> World:
    """Everything, as of the afternoon of the visit."""
    review = make_bureau_visit()
    city, zone = Authority.objects.get(level="city"), review.review.bureau
    people = _people(city, zone)
    people[Role.CITY_INSPECTOR, "own"] = review.leader
    people[Role.DISTRICT_ADMIN, "own"] = review.unit
    campaign = review.task.campaign
    routing_rules()
    review.submitted()
    visit = _visited(people, zone, campaign)
    _others(visit, people, campaign, zone, city)
    world = World(_ordered(visit, people), people)
    _papers(world)
    return world


def _people(city: Authority, zone: Authority) -> dict[tuple[str, str], Membership]:
    district, away = AuthorityFactory(parent=city), AuthorityFactory(parent=city)
    Authority.objects.filter(pk=zone.pk).update(parent=district)
    zone.refresh_from_db()
    places = {
        "sibling": AuthorityFactory(parent=district),
        "superior": district,
        "foreign": away,
    }
    found: dict[tuple[str, str], Membership] = {}
    for relation in ("sibling", "superior", "foreign"):
        found[Role.DISTRICT_ADMIN, relation] = _member(Role.DISTRICT_ADMIN, places[relation])
    for relation, place in (("own", zone), ("sibling", zone), ("foreign", away)):
        found[Role.DISTRICT_INSPECTOR, relation] = _member(Role.DISTRICT_INSPECTOR, place)
    for relation, place in (("own", zone), ("foreign", away)):
        found[Role.DISTRICT_APPROVER, relation] = _member(Role.DISTRICT_APPROVER, place)
    for role in ABOVE:
        found[role, "superior"] = _member(role, city)
    for role in (Role.ASSESSOR, Role.INSTITUTE_EXPERT):
        for relation in ("own", "foreign"):
            found[role, relation] = _member(role, city)
    for relation, place in (("own", zone), ("sibling", zone), ("foreign", away)):
        unit = UnitFactory(territorial_authority=place, uscc_missing_reason="示例")
        found[Role.UNIT_USER, relation] = MembershipFactory(as_unit=True, unit=unit)
    for member in found.values():
        member.user.act_as(member)
    return found


def _member(role: str, authority: Authority) -> Membership:
    return MembershipFactory(role=role, authority=authority, officer_cert_no="津执900")


def _visited(people: dict, zone: Authority, campaign) -> Visit:
    """The unit of the own bureau: drawn by the protocol, visited by a team of everybody, reviewed."""
    unit = people[Role.UNIT_USER, "own"].unit
    standard = StandardFactory(
        unit=unit, issuing_authority=zone, category=Category.ENT_HIGHEST, hosting_authority=zone
    )
    RoutedStandardFactory(campaign=campaign, standard=standard, inspecting_authority=zone)
    run = draws.draw(draws.freeze(campaign, zone))
    visit = Visit(
        task=run.drawn.get().tasks.get(),
        office=people[Role.DISTRICT_ADMIN, "own"],
        leader=people[Role.DISTRICT_INSPECTOR, "own"],
        officer=_member(Role.DISTRICT_INSPECTOR, zone),
        unit=people[Role.UNIT_USER, "own"],
        extra=[
            (people[Role.ASSESSOR, "own"], TeamRole.ASSESSOR),
            (people[Role.INSTITUTE_EXPERT, "own"], TeamRole.EXPERT),
        ],
    )
    visit.concluded({"D02": ("deficient", FACT)})
    visit.task.refresh_from_db()
    result_moves.review(visit.task, actor=visit.office.user)
    return visit


def _ordered(visit: Visit, people: dict) -> RectificationOrder:
    order = order_moves.issue_order(
        visit.task,
        findings=visit.task.findings.all(),
        kind="correction",
        due_on=DAY + dt.timedelta(days=45),
        requirement="举一反三。",
        waiver="当场表示没有异议。",
        actor=visit.office.user,
    )
    fill(order.items.get().finding, actor=visit.unit.user)
    return order


def _papers(world: World) -> None:
    """Files a worker or a later step would leave."""
    file = StoredFileFactory.create()
    RectificationOrder.objects.update(document=file, service_receipt=file)
    InspectionTask.objects.filter(pk=world.order.task_id).update(refusal_evidence=file)
    StatEdition.objects.update(
        xlsx=file, pdf=file, report_pdf=file, report_docx=file, report_own=file
    )


def _others(visit: Visit, people: dict, campaign, zone: Authority, city: Authority) -> None:
    """What stands beside the visit: the register, self-check, lists, tables, messages, settings."""
    unit, standard = visit.unit.unit, visit.task.standards.get().standard
    instrument = InstrumentFactory(standard=standard)
    TraceFactory(instrument=instrument)
    CapabilityTestFactory(standard=standard)
    PersonFactory(standard=standard)
    ItemFactory(standard=standard)
    report = report_with_answers(
        campaign=campaign, unit=unit, receiver=zone, state="submitted", standards=0
    )
    report.covered.create(standard=standard)
    HandedRowFactory(
        hand_over__authority=zone, hand_over__batch=BatchFactory(issuing_authority=city),
        standard=standard, unit=unit,
    )  # fmt: skip
    DutyFactory(campaign=campaign, authority=None, unit=unit)
    MessageFactory(membership=visit.unit)
    words = PledgeWords.objects.create(version=1, title="保密承诺书", basis="通知", lines=["示例"])
    officer = Membership.objects.filter(role=Role.DISTRICT_INSPECTOR, authority=zone).first()
    Pledge.objects.create(
        campaign=campaign, person=officer.user, membership=officer, words=words,
        named=officer.user.display_name, acting_as="示例",
    )  # fmt: skip
    WorkPlan.objects.create(
        campaign=campaign, authority=zone, ratio_percent=20, onsite_start=DAY, onsite_end=DAY
    )
    ClosedEdition.objects.create(campaign=campaign, number=1, table=StoredFileFactory.create())
    _tables(people, zone, city)
    _settings(people, city)


def _tables(people: dict, zone: Authority, city: Authority) -> None:
    """A table that was handed in for a campaign of its own, with its files."""
    campaign = CampaignFactory(organiser=city)
    desk = handing_in.Desk(
        campaign, StatReport.objects.create(campaign=campaign, authority=zone),
        people[Role.DISTRICT_ADMIN, "own"], people[Role.CITY_ADMIN, "superior"], None,
    )  # fmt: skip
    handing_in.submitted(desk)


def _settings(people: dict, city: Authority) -> None:
    """What is nobody's case."""
    admin = people[Role.SYSTEM_ADMIN, "superior"].user
    RuleFactory()
    ComplaintDesk.objects.create(authority=city, phone="12315", address="示例", hours="示例")
    endpoint = WebhookEndpoint.objects.create(
        name="示例", url="https://example.org/", sealed_secret="", made_by=admin
    )
    WebhookDelivery.objects.create(endpoint=endpoint, event_id="1", kind="示例", body="{}")
    Annex3Form.objects.create(version="2099-1", content=layouts.to_plain(layouts.current()))
    KeptList.objects.create(user=admin, path="/registry/units/", query="q=1", name="示例")
