"""Beside act two: drawn bureaus, their certification work reviewed with Annex 2 (通知二(二)2、二(四))."""

import datetime as dt
from dataclasses import replace
from random import Random

from campaigns.enums import FrameSubject, StageKind
from campaigns.models import DrawRun
from inspections import casework, completeness, hints, services
from inspections.enums import EvidenceKind, TeamRole
from inspections.models import CaseRecord, CertificationReview, ChecklistSheet
from inspections.moves import result as result_moves
from inspections.moves import review as moves
from inspections.moves import task as task_moves
from metrostd.accounts.models import Membership, User
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.common.enums import Answer
from metrostd.common.roles import Role
from metrostd.common.uploads import store_upload

from . import onsite, pictures
from .setting import Setting, office, person

_DAY = dt.timedelta(days=1)
_YEAR = dt.timedelta(days=365)
#: Certificates of so many days before the stage are drawn from.
_PERIOD = 2 * _YEAR
#: Of a hundred items so many are deficient.
_FAULTS = 6


def play(setting: Setting) -> None:
    """Draw, visit and follow up the bureaus, as far as the day of the play goes."""
    # Dice of their own: what bureaus come to does not change the visits to units.
    own = replace(setting, dice=Random(f"bureaus-{setting.campaign.code}"))  # noqa: S311 -- sample data
    start = own.calendar.stages[StageKind.ONSITE][0]
    day = start - 2 * _DAY
    if not own.happens(day):
        return
    run = onsite.draw(
        own,
        own.campaign.organiser,
        day,
        subject=FrameSubject.BUREAUS,
        issued_from=start - _PERIOD,
    )
    for number, review in enumerate(_reviews(run)):
        _review(own, review, start + dt.timedelta(days=9 + 7 * number), number)


def _reviews(run: DrawRun) -> list[CertificationReview]:
    return [row.review for row in run.bureaus.select_related("review").order_by("order")]


def _fresh(review: CertificationReview) -> CertificationReview:
    return CertificationReview.objects.select_related(
        "campaign", "authority", "bureau", "drawn", "task"
    ).get(pk=review.pk)


def _review(setting: Setting, review: CertificationReview, day: dt.date, number: int) -> None:
    """One bureau: notice and files two weeks before, the visit, its problems until they are confirmed."""
    city, bureau = person("city"), office(review.bureau)
    told = day - 7 * _DAY
    if not setting.happens(told):
        return
    task = review.task
    with setting.on(told, 9):
        task_moves.assign(task, actor=city, members=_team(), planned_on=day)
        task_moves.notify(task, actor=city)
    with setting.on(told, 10):
        moves.request_files(_fresh(review), due_on=day, note="考核制度汇编、台账", actor=city)
    if not setting.happens(day) or day == setting.until:
        return
    _visit(setting, _fresh(review), day)
    if not setting.happens(day + 3 * _DAY):
        return
    with setting.on(day + 3 * _DAY, 10):
        result_moves.review(_fresh(review).task, actor=city, note="检查表填写完整，同意检查结论。")
        if not _fresh(review).problems.counted().exists():
            moves.clear(_fresh(review), actor=city)
            return
        due = setting.calendar.stages[StageKind.RECTIFY][1]
        moves.demand_measures(
            _fresh(review), due_on=due, requirement="举一反三，完善考核管理制度。", actor=city
        )
    _measures(setting, review, day + dt.timedelta(days=20 + number), city=city, bureau=bureau)


def _team() -> list[tuple[Membership, TeamRole]]:
    officers = Membership.objects.active().filter(role=Role.CITY_INSPECTOR).order_by("pk")[:2]
    return list(zip(officers, (TeamRole.LEADER, TeamRole.OFFICER), strict=False))


def _visit(setting: Setting, review: CertificationReview, day: dt.date) -> None:
    task, leader = review.task, onsite.leader_of(review.task)
    with setting.on(day, 9) as arrival:
        task_moves.start(
            task,
            actor=leader,
            arrived_at=arrival,
            credential_shown=True,
            attendees="示例计量科负责人",
            rules_read=True,
        )
    with setting.on(day, 10):
        for record in CaseRecord.objects.filter(sheet__task=task).select_related(
            "sheet__task", "sheet__case__certificate"
        ):
            _facts(setting, record, leader)
    with setting.on(day, 14):
        for sheet in task.sheets.select_related("task", "case").order_by("pk"):
            _fill(setting, sheet, leader)
    with setting.on(day, 15):
        for sheet in task.sheets.select_related("task").order_by("pk"):
            suggested = completeness.suggested_conclusion(sheet)
            services.set_conclusion(sheet, conclusion=suggested, reason="", actor=leader)
        task_moves.to_signing(task, actor=leader)
    onsite.sign_and_conclude(setting, task, day, leader)


def _facts(setting: Setting, record: CaseRecord, leader: User) -> None:
    """Days of a file that end with its certificate; now and then one stage took too long."""
    case = record.sheet.case
    issued = case.certificate.issue_date if case else None
    if issued is None:
        return
    accepted = issued - dt.timedelta(days=70)
    slow = 14 if setting.chance(25) else 7
    organised = add_workdays(accepted, slow)
    casework.save_case(
        record,
        {
            "applied_on": accepted - 4 * _DAY,
            "accepted_on": accepted,
            "organised_on": dt.date(organised.year, organised.month, organised.day),
            "appraised_on": issued - 20 * _DAY,
            "materials_on": issued - 14 * _DAY,
            "decided_on": issued - 5 * _DAY,
            "delivered_on": issued,
            "reviewer": "示例复核人",
            "approver": "示例审批人",
        },
        [
            {
                "place": 1,
                "membership": None,
                "name": "示例考评员",
                "employer": "示例计量院",
                "cert_valid_until": issued + _YEAR,
            }
        ],
        base_version=record.version,
        actor=leader,
    )


def _fill(setting: Setting, sheet: ChecklistSheet, leader: User) -> None:
    rows = list(
        sheet.answers.select_related("item").order_by("item__section__order", "item__order")
    )
    known = hints.known_of(sheet, on=clock.today())
    values = {}
    for row in rows:
        wrong = hints.against(row.item.hint_rule, known)
        if wrong or setting.chance(_FAULTS):
            said = wrong or f"经查阅案卷和记录，{row.item.stock_phrases[0]}"
            values[row.pk] = (Answer.DEFICIENT, f"{said}。")
        else:
            values[row.pk] = (Answer.CONFORM, "")
    services.answer_many(sheet, values, actor=leader)
    for row in rows:
        if values[row.pk][0] in Answer.problem:
            row.refresh_from_db()
            services.add_evidence(
                row,
                file=pictures.photo(setting.dice, row.item.code),
                name=f"案卷照片{row.item.code}.jpg",
                kind=EvidenceKind.PHOTO,
                client_id=onsite.client_id(setting),
                actor=leader,
            )


def _measures(
    setting: Setting, review: CertificationReview, day: dt.date, *, city: User, bureau: User
) -> None:
    """The bureau says what it does, the city confirms a week later."""
    if not setting.happens(day):
        return
    with setting.on(day, 10):
        for problem in _fresh(review).problems.counted().select_related("item"):
            moves.save_measure(
                problem,
                {
                    "measure": "对照要求补齐案卷材料，修订考核工作流程。",
                    "prevention": "每季度抽查一次案卷，纳入科室考核。",
                    "completed_on": day,
                    "proof": store_upload(pictures.photo(setting.dice, problem.item.code)),
                    "proof_name": f"整改证明{problem.item.code}.jpg",
                },
                base_version=problem.version,
                actor=bureau,
            )
        moves.submit_measures(_fresh(review), actor=bureau)
    if not setting.happens(day + 7 * _DAY):
        return
    with setting.on(day + 7 * _DAY, 10):
        found = _fresh(review).problems.counted()
        moves.decide(
            _fresh(review), {row.pk: ("confirmed", "措施属实") for row in found}, actor=city
        )
        result_moves.close(_fresh(review).task, actor=city)
