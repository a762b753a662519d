"""Objects of one unit's case in the sample city that hang on what stands beside the casework.

Each takes the case (``Owner`` of tests/test_simulated_city.py) and returns a row its office and the municipal office
know of, but nobody else; where the city has none of its own, one is made.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db.models import Model

from campaigns.models import DrawTerms, Pledge
from inspections.enums import InterestKind, Manner
from inspections.models import (
    AssignmentRun,
    ChecklistSheet,
    CostDeclaration,
    DeclaredInterest,
    InspectionTask,
    IntegrityFeedback,
    Interview,
    JointVisit,
    Opinion,
    SingleIssueReport,
    TaskLease,
)
from metrostd.accounts.models import Membership
from metrostd.common import clock, sealing
from metrostd.common.models import StoredFile
from metrostd.common.roles import Role
from metrostd.complaints.models import Complaint, ComplaintFile
from metrostd.notices.enums import NoticeKind
from metrostd.notices.models import Notice, NoticeAnnex
from metrostd.plans.models import WorkPlan
from metrostd.registry.models import Authority
from metrostd.risk.models import RiskWarning, WarningProcedure
from reporting.models import RecordRequest
from tests.factories.complaints import ComplaintFactory

if TYPE_CHECKING:
    from tests.test_simulated_city import Owner

_DAY = dt.date(2026, 7, 14)


def city() -> Authority:
    return Authority.objects.get(level="city")


def officer(owner: "Owner") -> Membership:
    """One of the people of the office."""
    office = owner.task.authority
    return Membership.objects.filter(role=Role.DISTRICT_INSPECTOR, authority=office).first()


def _file() -> StoredFile:
    return StoredFile.objects.order_by("pk").first()


def _pledge(owner: "Owner") -> Pledge:
    return Pledge.objects.get(campaign=owner.task.campaign, person=officer(owner).user)


def _terms(owner: "Owner") -> DrawTerms:
    task = owner.task
    return DrawTerms.objects.filter(campaign=task.campaign, authority=task.authority).first()


def _complaint(owner: "Owner") -> Complaint:
    """Handled by the municipal office: what a district handles, nobody above it sees."""
    return ComplaintFactory(authority=city(), unit=owner.task.unit, campaign=owner.task.campaign)


def _complaint_file(owner: "Owner") -> ComplaintFile:
    made = ComplaintFile(
        complaint=_complaint(owner), sealed_name=sealing.seal("示例.jpg"),
        media_type="image/png", size=1,
    )  # fmt: skip
    made.content.save(f"{uuid.uuid4()}.sealed", ContentFile(sealing.seal_bytes(b"0")))
    return made


def _notice(owner: "Owner") -> Notice:
    """A draft, which the municipal office alone knows of."""
    return Notice.objects.create(
        campaign=owner.task.campaign, kind=NoticeKind.FURTHER, title="示例", addressees="示例",
        body="示例", issued_on=_DAY, file=_file(),
    )  # fmt: skip


def _annex(owner: "Owner") -> NoticeAnnex:
    return NoticeAnnex.objects.create(notice=_notice(owner), place=1, title="示例", file=_file())


def _run(owner: "Owner") -> AssignmentRun:
    parts = ("people", "visits", "teams", "without", "barred", "away", "left_out")
    record = {name: [] for name in parts} | {"seed": "00" * 32}
    return AssignmentRun.objects.create(
        campaign=owner.task.campaign, authority=owner.task.authority, number=1, record=record
    )


def _interest(owner: "Owner") -> DeclaredInterest:
    return DeclaredInterest.objects.create(
        membership=officer(owner), unit=owner.task.unit, kind=InterestKind.OTHER, detail="示例"
    )


def _cost(owner: "Owner") -> CostDeclaration:
    return CostDeclaration.objects.get(task=owner.task)


def _feedback(owner: "Owner") -> IntegrityFeedback:
    given = Membership.objects.get(unit=owner.task.unit)
    return IntegrityFeedback.objects.create(
        task=owner.task, costs_borne=False, gifts=False, meals=False, favours=False,
        manner=Manner.GOOD, given_by=given, named="示例",
    )  # fmt: skip


def _lease(owner: "Owner") -> TaskLease:
    return TaskLease.objects.create(
        task=owner.task, membership=officer(owner), device="示例", key=sealing.seal("00"),
        expires_at=clock.now() + dt.timedelta(days=1),
    )  # fmt: skip


def _interview(owner: "Owner") -> Interview:
    return Interview.objects.create(
        task=owner.task, number=1, person="示例甲", position="主任", place="示例路1号",
        began_at=clock.now(), ended_at=clock.now(), recorder=officer(owner), state="signed",
        lines=[["问题", "回答"]], words={"person": "示例甲", "lines": [["问题", "回答"]]},
    )  # fmt: skip


def _joint(owner: "Owner") -> JointVisit:
    task = owner.task
    second = InspectionTask.objects.create(
        campaign=task.campaign, authority=city(), unit=task.unit, kind="recheck"
    )
    return JointVisit.objects.create(first=task, second=second, planned_on=_DAY)


def _issue(owner: "Owner") -> SingleIssueReport:
    return SingleIssueReport.objects.create(
        campaign=owner.task.campaign, authority=owner.task.authority, reported_to=city(),
        number=str(uuid.uuid4()), task=owner.task, subject="示例", facts="示例", question="示例",
        reported_by=officer(owner), due_on=_DAY,
    )  # fmt: skip


def _opinion(owner: "Owner") -> Opinion:
    asked = Membership.objects.filter(role=Role.CITY_ADMIN).earliest("pk")
    return Opinion.objects.create(issue=_issue(owner), membership=asked, asked_by=asked.user)


def _plan(owner: "Owner") -> WorkPlan:
    return WorkPlan.objects.get(campaign=owner.task.campaign, authority=owner.task.authority)


def _sheet(owner: "Owner") -> ChecklistSheet:
    return ChecklistSheet.objects.filter(task=owner.task).first()


def _warning(owner: "Owner") -> RiskWarning:
    return RiskWarning.objects.get_or_create(
        kind="main_overdue", standard=owner.standard, authority=owner.task.authority,
        defaults={"kind_label": "示例", "tone": "bad", "sentence": "示例", "raised_on": _DAY},
    )[0]  # fmt: skip


def _procedure(owner: "Owner") -> WarningProcedure:
    return WarningProcedure.objects.create(
        authority=owner.task.authority, title="示例", adopted_on=_DAY, file=_file()
    )


def _request(owner: "Owner") -> RecordRequest:
    return RecordRequest.objects.create(
        authority=owner.task.authority, received_on=_DAY, sealed_applicant=sealing.seal("示例"),
        wanted="示例",
    )  # fmt: skip


#: As OBJECTS of tests/test_simulated_city.py: the longest prefix counts.
BESIDE: dict[str, Callable[["Owner"], Model]] = {
    "campaigns:pledge_paper": _pledge,
    "campaigns:witness_": _terms,
    "campaigns:seal_nonce": _terms,
    "campaigns:open_nonce": _terms,
    "complaints:": _complaint,
    "complaints:file": _complaint_file,
    "notices:": _notice,
    "notices:annex": _annex,
    "notices:drop_annex": _annex,
    "notices_public:": _notice,
    "notices_public:annex": _annex,
    "inspections:interview": _interview,
    "inspections:write_interview": _interview,
    "inspections:sign_interview": _interview,
    "inspections:close_interview": _interview,
    "inspections:void_interview": _interview,
    "inspections:agree_joint": _joint,
    "inspections:decline_joint": _joint,
    "inspections:part_joint": _joint,
    "inspections:assignment": _run,
    "inspections:end_declaration": _interest,
    "inspections:settle_cost": _cost,
    "inspections:feedback": _feedback,
    "inspections:lease_": _lease,
    "inspections:single_issue": _issue,
    "inspections:give_opinion": _opinion,
    "inspections:conform_rest": _sheet,
    "plans:": _plan,
    "reporting:request": _request,
    "risk:": _warning,
    "risk:unit": lambda owner: owner.task.unit,
    "risk:direct": lambda owner: owner.task.unit,
    "risk:procedure_file": _procedure,
}
