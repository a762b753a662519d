"""Act two: frames, draws, visits with filled sheets, evidence and signatures (通知二(二))."""

import datetime as dt
import uuid

from campaigns import announcing, sampling, settling, terms
from campaigns.enums import DutyKind, FrameSubject, StageKind
from campaigns.models import DrawRun, Duty
from campaigns.protocol import lottery, nonces
from inspections import completeness, hints, services, signatures
from inspections.enums import EvidenceKind, NotPerformedReason, TeamRole
from inspections.integrity import acts as integrity
from inspections.models import ChecklistSheet, CostDeclaration, InspectionTask, TeamMember
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import stop as stop_moves
from inspections.moves import task as task_moves
from inspections.serving import Service
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.enums import Answer
from metrostd.common.roles import Role
from metrostd.demo.city import SHOWN
from metrostd.plans.models import WorkPlan
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority

from . import pictures
from .measuring import measure
from .selfchecks import OFTEN_INAPPLICABLE
from .setting import Setting, name_the_parties, office, person

_DAY = dt.timedelta(days=1)
_FACT = "经核对现场情况和记录，"
#: What the inspectors answer where the tracing in the register is at fault.
_TRACING = {"A03": Answer.NONCONFORM, "A04": Answer.DEFICIENT, "A05": Answer.DEFICIENT}


def draw_all(setting: Setting) -> list[DrawRun]:
    """Every office that owes a draw goes through the protocol and draws 20 % of its units."""
    start = setting.calendar.stages[StageKind.ONSITE][0]
    owing = Duty.objects.filter(campaign=setting.campaign, kind=DutyKind.DRAW).open()
    runs = []
    for authority in Authority.objects.filter(pk__in=owing.values("authority")).order_by("code"):
        day = start - dt.timedelta(days=setting.dice.randint(1, 5))
        if not setting.happens(day):
            continue
        runs.append(draw(setting, authority, day))
    return runs


def draw(
    setting: Setting,
    authority: Authority,
    day: dt.date,
    *,
    subject: FrameSubject = FrameSubject.UNITS,
    issued_from: dt.date | None = None,
) -> DrawRun:
    """Shown, frozen, announced, acknowledged above; the numbers of the evening before are entered twice."""
    who, above = office(authority), person(Role.DISCIPLINE.value)
    if authority != setting.campaign.organiser:
        above = person("city")
    evening = terms.known_at(day - _DAY)
    counted = f"{day.year}{day.timetuple().tm_yday * 3 // 7 + 1:03d}"
    issue = min(counted, lottery.issues_about(day - _DAY)[1])
    reds = sorted(setting.dice.sample(range(1, 34), 6))
    numbers = " ".join(f"{n:02d}" for n in (*reds, setting.dice.randint(1, 16)))
    with setting.on(day - 7 * _DAY, 9):
        frame = sampling.show_frame(
            setting.campaign, authority, subject=subject, issued_from=issued_from, actor=who
        )
    with setting.on(day - 4 * _DAY, 9, 30), nonces.foreseen(setting.dice.randbytes):
        frame = sampling.freeze_frame(frame, actor=who)
        sampling.rehearse(frame, ratio=setting.campaign.default_ratio, actor=who)
        row = announcing.announce_draw(
            frame,
            ratio=setting.campaign.default_ratio,
            floor=setting.campaign.default_ratio,
            issue=issue,
            moment=evening,
            actor=who,
        )
    with setting.on(day - 3 * _DAY, 10):
        terms.acknowledge(row, actor=above)
    with setting.on(day, 9):
        settling.enter_value(row, issue=issue, numbers=numbers, actor=who)
    with setting.on(day, 9, 30):
        run = settling.confirm_value(row, issue=issue, numbers=numbers, actor=above)
    assert run is not None  # noqa: S101 -- both entered the same
    return run


def visit_all(setting: Setting) -> None:
    """Plan every task inside the on-site stage; what lies before today has happened."""
    start, end = setting.calendar.stages[StageKind.ONSITE]
    tasks = list(
        InspectionTask.objects.filter(campaign=setting.campaign, unit__isnull=False)
        .select_related("unit", "authority", "campaign")
        .order_by("pk")
    )
    impossible = {task.pk for task in setting.dice.sample(tasks, min(2, len(tasks)))}
    # What the shown district has on its desk belongs to the stage: later it is visited like the others.
    shown = [task for task in tasks if task.authority.code == SHOWN]
    today = setting.until
    under_way = shown[-1:] if start <= today <= end else []
    ahead = shown[-2:-1] if start <= today + 3 * _DAY <= end else []
    for n, task in enumerate(tasks):
        if task in under_way:
            _begin_today(setting, task)
            continue
        if task in ahead:
            _assign(setting, task, today + 3 * _DAY, max(start, today - 2 * _DAY))
            continue
        planned = setting.day_in(start + 3 * _DAY, end - 3 * _DAY)
        assigned = max(start, planned - dt.timedelta(days=setting.dice.randint(4, 12)))
        if not setting.happens(assigned) or (n % 4 == 3 and not setting.happens(planned)):
            continue
        _assign(setting, task, planned, assigned)
        if not setting.happens(planned) or planned == setting.until:
            continue
        if task.pk in impossible:
            _not_performed(setting, task, planned)
        else:
            visit(setting, task, planned)


def _begin_today(setting: Setting, task: InspectionTask) -> None:
    """A visit that is under way this morning: half of one sheet is filled in."""
    _assign(setting, task, setting.until, setting.until - 5 * _DAY, shown=True)
    leader = leader_of(task)
    with setting.on(setting.until, 9) as arrival:
        task_moves.start(
            task,
            actor=leader,
            arrived_at=arrival,
            credential_shown=True,
            rules_read=True,
            attendees="示例计量主管、示例质量负责人",
        )
        sheet = _first_of_a_standard(task)
        _fill(setting, sheet, leader, share=0.5)
        measure(sheet, leader)


def _first_of_a_standard(task: InspectionTask) -> ChecklistSheet:
    rows = task.sheets.filter(standard__isnull=False).select_related("standard", "task")
    return rows.order_by("pk")[0]


def _assign(
    setting: Setting,
    task: InspectionTask,
    planned: dt.date,
    assigned: dt.date,
    *,
    shown: bool = False,
) -> None:
    team = _team(setting, task, shown=shown)
    with setting.on(assigned, 9):
        task_moves.assign(
            task,
            actor=office(task.authority),
            members=team,
            planned_on=planned,
            merged_with=_merged_with(task) if task.pk % 2 else "",
        )
    with setting.on(assigned, 15):
        task_moves.notify(task, actor=office(task.authority))


def _merged_with(task: InspectionTask) -> str:
    """As the plan of the office says."""
    plans = WorkPlan.objects.handed_in(clock.now()).filter(campaign=task.campaign)
    own = plans.filter(authority=task.authority)
    return own.values_list("merged_with", flat=True).first() or ""


def _team(
    setting: Setting, task: InspectionTask, *, shown: bool = False
) -> list[tuple[Membership, TeamRole]]:
    """Two officers and sometimes an expert; ``shown`` visits are led by the account printed."""
    city = task.authority.level == Level.CITY
    role = Role.CITY_INSPECTOR if city else Role.DISTRICT_INSPECTOR
    officers = list(
        Membership.objects.of_authority(task.authority).filter(role=role).order_by("pk")
    )
    if not shown:
        setting.dice.shuffle(officers)
    team = [(officers[0], TeamRole.LEADER), (officers[1], TeamRole.OFFICER)]
    helpers = Membership.objects.active().exclude(employer=task.unit).select_related("employer")
    if city:
        outside = helpers.filter(role=Role.INSTITUTE_EXPERT).exclude(employer=task.unit)
        team += [(m, TeamRole.EXPERT) for m in outside[:1]]
    elif setting.chance(40):
        assessors = list(helpers.filter(role=Role.ASSESSOR))
        team.append((setting.pick(assessors), TeamRole.ASSESSOR))
    return team


def visit(setting: Setting, task: InspectionTask, day: dt.date) -> None:
    """One visit from the door to the last signature, and the office's review two days later."""
    leader = leader_of(task)
    with setting.on(day, 9) as arrival:
        task_moves.start(
            task,
            actor=leader,
            arrived_at=arrival,
            credential_shown=True,
            rules_read=True,
            attendees="示例计量主管、示例质量负责人",
        )
    for place, sheet in enumerate(task.sheets.select_related("standard").order_by("pk")):
        with setting.on(day, 9 + min(place, 5), 30):
            _fill(setting, sheet, leader)
    if task.pk % 2 == 0:
        with setting.on(day, 14, 40):
            measure(_first_of_a_standard(task), leader)
    with setting.on(day, 15):
        for sheet in task.sheets.select_related("standard", "task").order_by("pk"):
            suggested = completeness.suggested_conclusion(sheet)
            services.set_conclusion(sheet, conclusion=suggested, reason="", actor=leader)
        _propose_stops(setting, task, leader)
        task_moves.to_signing(task, actor=leader)
    sign_and_conclude(setting, task, day, leader)
    review = day + 2 * _DAY
    if setting.happens(review) and not setting.waits(15):
        with setting.on(review, 10):
            result_moves.review(
                task, actor=office(task.authority), note="检查表填写完整，同意检查结论。"
            )
            _serve_stops(setting, task)


def leader_of(task: InspectionTask):
    row = TeamMember.objects.select_related("membership__user").get(task=task, role=TeamRole.LEADER)
    return person(row.membership.user.username)


def _fill(setting: Setting, sheet: ChecklistSheet, leader, *, share: float = 1) -> None:
    rows = list(
        sheet.answers.select_related("item").order_by("item__section__order", "item__order")
    )
    rows = rows[: round(len(rows) * share)]
    facts = hints.facts_for(sheet, on=clock.today())
    values = {row.pk: _judge(setting, row.item, facts) for row in rows}
    services.answer_many(sheet, values, actor=leader)
    for row in rows:
        if values[row.pk][0] in Answer.problem:
            row.refresh_from_db()
            services.add_evidence(
                row,
                file=pictures.photo(setting.dice, row.item.code),
                name=f"现场照片{row.item.code}.jpg",
                kind=EvidenceKind.PHOTO,
                client_id=client_id(setting),
                actor=leader,
            )


def _judge(setting: Setting, item, facts: hints.Facts) -> tuple[str, str]:
    """Mostly in order; about tracing the inspectors find what the register's records say."""
    phrase = setting.pick(item.stock_phrases or ["执行不到位"])
    if item.code in _TRACING:
        hint = hints.hint_for(item, facts)
        wrong = hint is not None and hint.tone == "bad"
        return (_TRACING[item.code], f"{_FACT}{hint.text}。") if wrong else (Answer.CONFORM, "")
    if known := hints.against(item.hint_rule, facts):
        if item.hint_rule in hints.certificate.RULES:
            return Answer.NONCONFORM, f"{_FACT}{known}。"
        return Answer.CONFORM, f"台账记载{known}，现场核对证书和在岗情况符合要求。"
    if item.is_prohibition:
        found = item.code in {"H02"} and setting.chance(1.5)
        return (Answer.NONCONFORM, f"{_FACT}{phrase}。") if found else (Answer.CONFORM, "")
    if item.is_key and setting.chance(0.6):
        return Answer.NONCONFORM, f"{_FACT}{phrase}。"
    if setting.chance(1.2):
        return Answer.DEFICIENT, f"{_FACT}{phrase}。"
    if item.code in OFTEN_INAPPLICABLE and setting.chance(15):
        return Answer.NOT_APPLICABLE, "被检查单位没有该项业务。"
    return Answer.CONFORM, ""


def _propose_stops(setting: Setting, task: InspectionTask, leader) -> None:
    bad = ChecklistSheet.objects.filter(
        task=task,
        standard__isnull=False,
        answers__item__suggests_stop=True,
        answers__answer=Answer.NONCONFORM,
    ).select_related("standard")
    for sheet in bad.distinct():
        stop_moves.propose_stop(
            task,
            standard=sheet.standard,
            basis="重点项不符合，不能保证量值准确可靠，依据《计量法》第9条、第25条。",
            actor=leader,
        )


def _serve_stops(setting: Setting, task: InspectionTask) -> None:
    for order in task.stop_orders.select_related("standard", "task__authority", "task__unit"):
        name_the_parties(order.task)
        stop_moves.approve_stop(order, actor=office(task.authority))
        by = office(task.authority)
        to = task.unit.legal_representative or task.unit.contact_name or "单位负责人"
        service = Service(served_on=clock.today(), how="direct", by=by.display_name, to=to)
        stop_moves.serve_stop(order, service=service, actor=by)


def sign_and_conclude(setting: Setting, task: InspectionTask, day: dt.date, leader) -> None:
    with setting.on(day, 16):
        for member in task.team.select_related("membership__user", "membership__authority"):
            signatures.sign(
                task,
                actor=person(member.membership.user.username),
                hand=pictures.signature(setting.dice),
                client_id=client_id(setting),
                membership=member.membership,
            )
        signatures.sign_for_unit(
            task,
            actor=leader,
            name="示例计量主管",
            position="计量主管",
            hand=pictures.signature(setting.dice),
            client_id=client_id(setting),
        )
    with setting.on(day, 16, 30):
        result_moves.conclude(task, actor=leader)
        if not CostDeclaration.objects.filter(task=task).exists():  # signed again after 退回重填
            integrity.declare(task, {}, actor=leader)


def _not_performed(setting: Setting, task: InspectionTask, planned: dt.date) -> None:
    """The gate is shut: recorded, followed up two weeks later, and then it works out."""
    again = planned + dt.timedelta(days=14)
    with setting.on(planned, 10) as moment:
        not_performed_moves.record_not_performed(
            task,
            actor=leader_of(task),
            reason=NotPerformedReason.SUSPENDED,
            detail="到场时企业停产检修，计量室封闭，值班人员无法提供资料，已拍照记录。",
            attempted_at=moment,
            follow_up_due=again,
        )
    if not setting.happens(planned + _DAY):
        return
    with setting.on(planned + _DAY, 10):
        follow_up = not_performed_moves.arrange_follow_up(
            task, actor=office(task.authority), due_on=again
        )
        task_moves.assign(
            follow_up,
            actor=office(task.authority),
            members=_team(setting, follow_up),
            planned_on=again,
        )
    if setting.happens(again + _DAY):
        visit(setting, follow_up, again)


def client_id(setting: Setting) -> uuid.UUID:
    return uuid.UUID(int=setting.dice.getrandbits(128), version=4)
