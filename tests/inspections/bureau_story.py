"""A drawn bureau from the draw to what became of its problems, through the services the screens use."""

import datetime as dt
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.enums import FrameSubject
from campaigns.models import DrawnBureau
from inspections import casework
from inspections.models import CaseRecord, CertificationReview, ChecklistSheet, ReviewProblem
from inspections.moves import result as result_moves
from inspections.moves import review as moves
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.common.uploads import store_upload
from metrostd.registry.models import Authority
from tests import draws
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.inspections import png
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory
from tests.inspections.story import VISIT, Visit, annex

SINCE = dt.date(2019, 1, 1)
DUE = dt.date(2021, 8, 31)
FACT = "抽查的案卷中没有补正告知书，受理单没有签收日期。"


@dataclass
class BureauVisit(Visit):
    """``unit`` is the office of the bureau; ``second`` is of the city's office and not on the team."""

    second: Membership | None = None

    @property
    def review(self) -> CertificationReview:
        return CertificationReview.objects.select_related("drawn", "bureau").get(task=self.task)

    def request_files(self):
        moves.request_files(self.review, due_on=VISIT.date(), note="", actor=self.office.user)
        return self

    def start(self):
        annex("annex2")
        return super().start()

    def standard_sheet(self) -> ChecklistSheet:
        return self.whole()

    def whole(self) -> ChecklistSheet:
        return self.task.sheets.get(case=None)

    def case(self) -> ChecklistSheet:
        return self.task.sheets.exclude(case=None).order_by("pk").first()

    def record(self, appraisers=(), **values) -> CaseRecord:
        """What the papers of the first case file say."""
        record = CaseRecord.objects.get(sheet=self.case())
        people = [{"place": n, **row} for n, row in enumerate(appraisers, start=1)]
        casework.save_case(
            record, values, people, base_version=record.version, actor=self.leader.user
        )
        return record

    def signed(self, problems=None):
        self.assign().notify().request_files().start().fill(problems).conclude_sheets().send()
        return self.sign_team().sign_unit().conclude()

    def reviewed(self, problems=None):
        """Signed, and looked at by somebody who was not there."""
        self.signed(problems)
        self.task.refresh_from_db()
        result_moves.review(self.task, actor=self.second.user)
        return self

    def demanded(self, problems=None):
        self.reviewed(problems or {"P01": ("deficient", FACT)})
        moves.demand_measures(
            self.review, due_on=DUE, requirement="举一反三。", actor=self.second.user
        )
        return self

    def measured(self, problem: ReviewProblem | None = None):
        for row in [problem] if problem else self.review.problems.counted():
            file = SimpleUploadedFile("整改.png", png("red"), content_type="image/png")
            moves.save_measure(
                row,
                {
                    "measure": "补发受理单，完善窗口公示。",
                    "prevention": "每季度自查一次公示内容。",
                    "completed_on": dt.date(2021, 6, 15),
                    "proof": store_upload(file),
                    "proof_name": "整改.png",
                },
                base_version=row.version,
                actor=self.unit.user,
            )
        return self

    def submitted(self, problems=None):
        self.demanded(problems).measured()
        moves.submit_measures(self.review, actor=self.unit.user)
        return self

    def decided(self, result="confirmed", opinion="措施属实"):
        decisions = {row.pk: (result, opinion) for row in self.review.problems.counted()}
        moves.decide(self.review, decisions, actor=self.second.user)
        return self


def make_bureau_visit(*, cases: int = 1, commission: Authority | None = None) -> BureauVisit:
    """One bureau has issued certificates and is drawn with their files; the city goes there."""
    return make_bureau_visits(1, cases=cases, commission=commission)[0]


def make_bureau_visits(
    count: int, *, cases: int = 1, commission: Authority | None = None
) -> list[BureauVisit]:
    """So many bureaus have issued certificates and are all drawn with their files, by one draw."""
    commission = commission or AuthorityFactory(city=True)
    campaign = CampaignFactory(organiser=commission)
    bureaus = [AuthorityFactory(parent=commission) for _ in range(count)]
    for bureau in bureaus:
        unit = UnitFactory(territorial_authority=bureau)
        for n in range(cases):
            standard = StandardFactory(unit=unit, issuing_authority=bureau)
            day = dt.date(2020, 1, 1) + dt.timedelta(days=30 * n)
            standard.certificates.update(
                issue_date=day, valid_until=day.replace(year=2025), issue_kind="new"
            )
    frame = draws.freeze(campaign, commission, subject=FrameSubject.BUREAUS, since=SINCE)
    run = draws.draw(frame, ratio=100)
    return [_visit(run.bureaus.get(bureau=bureau), commission) for bureau in bureaus]


def _visit(drawn: DrawnBureau, commission: Authority) -> BureauVisit:
    """The visit to one drawn bureau, with people of its own."""
    staff = {"authority": commission}
    made = BureauVisit(
        task=drawn.review.task,
        office=MembershipFactory(role=Role.CITY_ADMIN, **staff),
        second=MembershipFactory(role=Role.CITY_ADMIN, **staff),
        leader=MembershipFactory(role=Role.CITY_INSPECTOR, officer_cert_no="津执101", **staff),
        officer=MembershipFactory(role=Role.CITY_INSPECTOR, officer_cert_no="津执102", **staff),
        unit=MembershipFactory(role=Role.DISTRICT_ADMIN, authority=drawn.bureau),
    )
    for member in (made.office, made.second, made.leader, made.officer, made.unit):
        member.user.act_as(member)
    return made
