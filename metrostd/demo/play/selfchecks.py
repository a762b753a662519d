"""Act one: units and bureaus check themselves, offices receive what they send (通知二(一))."""

import datetime as dt
import uuid

from metrostd.common.enums import Answer
from selfcheck import extension, moves, services
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import SelfCheckReport

from .setting import Setting, office, unit_user

#: Items many units have no business with: comparisons, sealing, withdrawal, resumption.
OFTEN_INAPPLICABLE = frozenset({"B05", "F02", "F03", "G05", "G06", "G07", "R06", "C21"})
_MEASURES = "已制定措施并明确责任人，限期完成。"
_PREVENTION = "修订岗位制度，列入每季度内部检查。"


def play(setting: Setting) -> None:
    """Fill, submit and accept; a few are late, a few are sent back, two never arrive in time."""
    reports = (
        SelfCheckReport.objects.filter(campaign=setting.campaign)
        .select_related("unit", "bureau", "receiver", "campaign")
        .order_by("pk")
    )
    for report in reports:
        _play_report(setting, report)
    for day in {setting.calendar.bureau_self_check_due, setting.calendar.unit_self_check_due}:
        after = day + dt.timedelta(days=1)
        if setting.happens(after):
            with setting.on(after, 0, 10):
                moves.mark_overdue(after)


def play_latecomers(setting: Setting, *, by: dt.date) -> None:
    """What was overdue arrives at last, so that a finished campaign can be closed."""
    rows = SelfCheckReport.objects.filter(
        campaign=setting.campaign, state__in=ReportState.editable
    ).select_related("unit", "bureau", "receiver", "campaign")
    for report in rows:
        _fill_and_submit(setting, report, by)
        with setting.on(by + dt.timedelta(days=2)):
            moves.accept(report, actor=office(report.receiver))


def _play_report(setting: Setting, report: SelfCheckReport) -> None:
    due = report.due_on
    submitted = setting.day_in(due - dt.timedelta(days=20), due)
    if setting.chance(4):
        submitted = due + dt.timedelta(days=setting.dice.randint(1, 6))
    if setting.chance(2) or not setting.happens(submitted):
        return
    _fill_and_submit(setting, report, submitted)
    reviewed = submitted + dt.timedelta(days=setting.dice.randint(1, 4))
    if not setting.happens(reviewed) or setting.waits(3):
        return
    reviewer = office(report.receiver)
    if setting.chance(6) and setting.happens(reviewed + dt.timedelta(days=5)):
        with setting.on(reviewed):
            moves.send_back(
                report,
                actor=reviewer,
                note="第一项标准的溯源情况写得过于简单，请补充证书编号和有效期。",
                due_on=reviewed + dt.timedelta(days=5),
            )
        with setting.on(reviewed + dt.timedelta(days=2)):
            _explain(report)
            _submit(report, summary="已按退回意见补充溯源证书编号和有效期。")
        reviewed += dt.timedelta(days=4)
    with setting.on(reviewed, 15):
        moves.accept(report, actor=reviewer)


_BEHIND = "已核对实物和证书，台账未及时登记，随后补登。"


def _fill_and_submit(setting: Setting, report: SelfCheckReport, day: dt.date) -> None:
    who = _reporter(report)
    with setting.on(day, 9):
        if moves.START.allowed_from(report.state_now):
            moves.start(report, actor=who)
        services.ensure_answers(report, actor=who)
        rows = list(report.answers.prefetch_related("item"))
        told = extension.known(report, rows)
        values = {
            row.pk: _answer(
                setting, row.item, against=told[row.pk].against if row.pk in told else ""
            )
            for row in rows
        }
        services.answer_many(report, values, actor=who)
        for row in rows:
            value, note = values[row.pk]
            if value in Answer.problem:
                services.save_problem(
                    report,
                    client_id=uuid.UUID(int=setting.dice.getrandbits(128), version=4),
                    actor=who,
                    standard=row.standard,
                    item=row.item,
                    description=note,
                    measure=_MEASURES,
                    prevention_measure=_PREVENTION,
                    found_on=day,
                    rectified_on=day if setting.chance(85) else None,
                )
    with setting.on(day, 16):
        _submit(report, summary="对照检查项逐项自查，发现的问题已列出并落实整改。")


def _explain(report: SelfCheckReport) -> None:
    """A proof may have run out between two submissions: what speaks against 符合 now wants a reason."""
    rows = list(report.answers.prefetch_related("item"))
    told = extension.known(report, rows)
    owed = {
        row.pk: (Answer.CONFORM, _BEHIND)
        for row in rows
        if row.answer == Answer.CONFORM and not row.note and row.pk in told and told[row.pk].against
    }
    if owed:
        services.answer_many(report, owed, actor=_reporter(report))


def _submit(report: SelfCheckReport, *, summary: str) -> None:
    moves.submit(report, actor=_reporter(report), summary=summary, declaration_by="示例负责人")


def _reporter(report: SelfCheckReport):
    return office(report.bureau) if report.kind == SubjectKind.BUREAU else unit_user(report.unit)


def _answer(setting: Setting, item, *, against: str) -> tuple[str, str]:
    if against:
        return Answer.CONFORM, _BEHIND
    if item.is_prohibition or item.is_key:
        return Answer.CONFORM, ""
    if setting.chance(2.5):
        phrase = setting.pick(item.stock_phrases or ["执行不够到位"])
        return Answer.DEFICIENT, f"自查发现：{phrase}。"
    if item.code in OFTEN_INAPPLICABLE and setting.chance(15):
        return Answer.NOT_APPLICABLE, "本单位没有该项业务。"
    return Answer.CONFORM, ""
