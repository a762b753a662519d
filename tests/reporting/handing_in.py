"""One district with one standard in its frame and nothing inspected: two warnings, nothing that blocks."""

import datetime as dt
import uuid
from dataclasses import dataclass

from campaigns.models import Campaign, DrawnStandard, FrameStandard
from metrostd.accounts.models import Membership, User
from metrostd.common import clock
from metrostd.common.roles import Role
from reporting import edition_files, moves, services
from reporting.enums import Chapter
from reporting.models import StatEdition, StatReport
from reporting.narrative import writing
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import (
    CampaignFactory,
    DrawnUnitFactory,
    FrameFactory,
    RoutedStandardFactory,
)
from tests.factories.inspections import StoredFileFactory, hand
from tests.factories.registry import AuthorityFactory, FieldFactory, StandardFactory, UnitFactory

DAY = dt.date(2021, 10, 12)
#: What the warnings of the district ask for.
REASONS = {"R22": "疫情期间企业停产", "R23": "力学标准停用"}


@dataclass
class Desk:
    """A campaign, the district that owes a table, and the people at both desks."""

    campaign: Campaign
    report: StatReport
    district: Membership
    office: Membership
    frame: FrameStandard

    @property
    def clerk(self) -> User:
        return self.district.user

    @property
    def city(self) -> User:
        return self.office.user


def desk(beside: Desk | None = None) -> Desk:
    """The days before the table is due; nothing has been computed yet.

    ``beside`` another desk: a second district of its campaign, which inspects a standard of the same unit.
    """
    organiser = beside.campaign.organiser if beside else None
    organiser = organiser or AuthorityFactory(level="city", document_prefix="津")
    bureau = AuthorityFactory(parent=organiser)
    campaign = beside.campaign if beside else CampaignFactory(organiser=organiser)
    unit = beside.frame.unit if beside else UnitFactory(territorial_authority=bureau)
    field = beside.frame.field if beside else FieldFactory()
    standard = StandardFactory(unit=unit, field=field, category="ent_highest")
    RoutedStandardFactory(campaign=campaign, standard=standard, inspecting_authority=bureau)
    frame = FrameStandard.objects.create(
        frame=FrameFactory(
            campaign=campaign, authority=bureau, frozen_at=clock.at_time(dt.date(2021, 6, 1))
        ),
        unit=unit,
        standard=standard,
        category=standard.category,
        field=standard.field,
    )
    with clock.pinned(clock.at_time(dt.date(2021, 4, 23))):
        services.prepare(campaign, actor=None)
    office = beside.office if beside else None
    return Desk(
        campaign,
        StatReport.objects.get(authority=bureau),
        MembershipFactory(authority=bureau),
        office or MembershipFactory(role=Role.CITY_ADMIN, authority=organiser),
        frame,
    )


def draw(at: Desk) -> DrawnStandard:
    """A unit drawn and never visited: from here R03 blocks."""
    drawn = DrawnUnitFactory(
        run__frame=at.frame.frame,
        run__run_at=clock.at_time(dt.date(2021, 6, 2)),
        unit=at.frame.unit,
        added_at=clock.at_time(dt.date(2021, 6, 2)),
    )
    return DrawnStandard.objects.create(
        drawn_unit=drawn,
        standard=at.frame.standard,
        field=at.frame.field,
        why="field_minimum",
        added_at=clock.at_time(dt.date(2021, 6, 2)),
    )


def save(at: Desk, *, on: int = 0) -> writing.Save:
    """One save of the district's clerk, based on version ``on``."""
    return writing.Save(on, uuid.uuid4(), at.clerk)


#: A report that says something in each chapter, with two figures of the table.
TEXTS = {
    Chapter.BASICS: "有建标单位【建标单位总数：I.total.u_total】家。\n实际检查【I.total.u_insp】家。",
    Chapter.PRACTICE: "（一）周密部署\n逐级落实责任。",
    Chapter.CASES: "本次检查没有发现问题，无典型案例。",
    Chapter.PROBLEMS: "没有发现问题。\n【表：I】",
    Chapter.ADVICE: "继续加强监管。",
}


def write(at: Desk) -> None:
    """The five chapters, unless they are there from an edition before."""
    if not at.report.chapters.exists():
        for chapter, text in TEXTS.items():
            writing.save_chapter(at.report, chapter, text, save(at))


def checked(at: Desk) -> StatReport:
    """Computed, explained, written, gone through."""
    services.compute(at.report, actor=at.clerk)
    services.explain(at.report, REASONS, base_version=at.report.version, actor=at.clerk)
    write(at)
    moves.check(at.report, actor=at.clerk)
    return at.report


def signed(at: Desk) -> StatReport:
    moves.sign(checked(at), actor=at.clerk, name="示例局长", position="局长", hand=hand())
    return at.report


def submitted(at: Desk, *, day: dt.date = DAY) -> StatEdition:
    with clock.pinned(clock.at_time(day, 10)):
        return moves.submit(signed(at), actor=at.clerk)


def filed(at: Desk, *, day: dt.date = DAY) -> StatEdition:
    """Handed in, and the worker has made its files."""
    edition = submitted(at, day=day)
    edition_files.make(edition)
    edition.refresh_from_db()
    return edition


def on_file(at: Desk, *, day: dt.date = DAY) -> StatEdition:
    """Handed in, with files that lie where a worker leaves those it makes: for what does not read them."""
    edition = submitted(at, day=day)
    file = StoredFileFactory.create()
    StatEdition.objects.filter(pk=edition.pk).update(
        xlsx=file, pdf=file, report_pdf=file, report_docx=file
    )
    edition.refresh_from_db()
    return edition


def accepted(at: Desk) -> StatEdition:
    edition = on_file(at)
    moves.accept(at.report, actor=at.city)
    return edition
