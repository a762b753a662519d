"""Act five: offices hand in Annex 3 and report, the municipal office returns one and takes the rest (通知三)."""

import datetime as dt
import uuid

from inspections.models import Finding
from reporting import drafts, edition_files, moves, services
from reporting.enums import Chapter, CityChapter, StatReportState
from reporting.models import StatReport
from reporting.narrative import bulletins, city, city_moves, reading, writing
from reporting.narrative.risks import OfficeRisks
from reporting.narrative.suggesting import suggested

from .pictures import signature
from .setting import Setting, office, person

_DAY = dt.timedelta(days=1)
_CASES = 2
#: The desk that takes the table of the municipal office itself: nobody takes what they handed in.
DEPUTY = "city2"
_REASONS = {
    "R15": "有关问题当场改正，证据已存入检查记录。",
    "R17": "整改期限未到或延期尚未届满，到期后逐条确认。",
    "R22": "部分单位停产，未能实施检查，已列入后续监督检查。",
    "R23": "有关领域的计量标准已封存或正在复查换证。",
    "R26": "有关标准正在复查换证，处置建议已送发证部门。",
}
_BULLETIN = {
    "title": "关于计量标准专项监督检查情况的通报",
    "text": "全市检查建标单位【I.total.u_insp】家、计量标准【I.total.s_insp】项，"
    "存在问题的计量标准【I.total.s_prob】项，问题率【I.total.prob_rate】。\n【表：III】\n"
    "发现问题【I.total.fd】条，整改合格【I.total.fd_ok】条。",
    "basis": "《中华人民共和国政府信息公开条例》第二十条",
    "visible_until": None,
}


def hand_in_all(setting: Setting) -> None:
    """Most in the last days, one given back and sent again, one late, one never."""
    due = setting.calendar.summary_due
    rows = StatReport.objects.filter(campaign=setting.campaign).select_related(
        "campaign__organiser", "authority", "signature"
    )
    for n, report in enumerate(rows.order_by("authority__code")):
        day = due + 2 * _DAY if n == 3 else due - (n % 4) * _DAY
        if (n == 5 and setting.is_running) or not setting.happens(day - _DAY):
            continue
        if not _prepared(setting, report, day - _DAY) or not setting.happens(day):
            continue
        _hand_in(setting, report, day)
        if n == 1 and setting.happens(day + 3 * _DAY):
            _again(setting, report, day)
        elif setting.happens(day + 2 * _DAY):
            _take(setting, report, day + 2 * _DAY)


def _prepared(setting: Setting, report: StatReport, day: dt.date) -> bool:
    """Figures, reasons and report; whether no rule stands against handing in."""
    who = office(report.authority)
    with setting.on(day, 15):
        services.compute(report, actor=who)
        draft = drafts.draft_of(report)
        reasons = {one.id: _REASONS[one.id] for one in draft.warned} if draft else {}
        services.explain(report, reasons, base_version=report.version, actor=who)
        if draft:
            _write(setting, report, draft)
        return not drafts.unready(report)


def _write(setting: Setting, report: StatReport, draft: drafts.Draft) -> None:
    """The chapters as the system suggests them, with the two weightiest findings as typical cases."""
    who = office(report.authority)
    found = reading.written(report)
    if found.chapters["basics"].pk:
        return
    risk = OfficeRisks(report.authority, who).said
    for chapter, text in suggested(draft.annex, office=report.authority.name, risk=risk).items():
        writing.save_chapter(report, Chapter(chapter), text, writing.Save(0, _uuid(setting), who))
    rows = Finding.objects.counted().filter(campaign=report.campaign, authority=report.authority)
    for finding in rows.for_list().order_by("-is_key", "-severity", "pk")[:_CASES]:
        writing.add_case(report, finding, actor=who)


def _uuid(setting: Setting) -> uuid.UUID:
    return uuid.UUID(int=setting.dice.getrandbits(128), version=4)


def _hand_in(setting: Setting, report: StatReport, day: dt.date) -> None:
    who = office(report.authority)
    with setting.on(day, 10):
        moves.check(report, actor=who)
        moves.sign(
            report,
            actor=who,
            name=f"示例{report.authority.region_name.removesuffix('区')}局长",
            position="局长",
            hand=signature(setting.dice),
        )
        # Nobody works the queue while the campaign is played: what is handed in is taken days later.
        edition_files.make(moves.submit(report, actor=who))


def _again(setting: Setting, report: StatReport, day: dt.date) -> None:
    """Given back with a mark on a cell, looked through and sent again."""
    with setting.on(day + _DAY, 9):
        moves.send_back(
            report,
            actor=person("city"),
            note="请核对检查标准项数与现场检查记录。",
            marks=[("I", "total", "s_insp", "与现场检查记录逐项核对")],
        )
    with setting.on(day + _DAY, 14):
        moves.resume(report, actor=office(report.authority))
    if _prepared(setting, report, day + _DAY):
        _hand_in(setting, report, day + 2 * _DAY)
        if setting.happens(day + 3 * _DAY):
            _take(setting, report, day + 3 * _DAY)


def _take(setting: Setting, report: StatReport, day: dt.date) -> None:
    own = report.authority_id == report.campaign.organiser_id
    with setting.on(day, 11):
        moves.accept(report, actor=person(DEPUTY if own else "city"))


def lock_all(setting: Setting, *, day: dt.date) -> None:
    """The city's table is made of what was taken."""
    rows = StatReport.objects.filter(
        campaign=setting.campaign, state=StatReportState.ACCEPTED
    ).select_related("campaign__organiser", "authority")
    for report in rows:
        with setting.on(day, 16):
            moves.lock(report, actor=person("city"))


def report_and_publish(setting: Setting, *, day: dt.date) -> None:
    """The municipal office writes its report of what was accepted, and a bulletin of its figures."""
    who, campaign = person("city"), setting.campaign
    with setting.on(day, 16):
        found, report = city.whole(campaign), city.report_of(campaign)
        for chapter, text in city.suggestions(found).items():
            save = writing.Save(0, _uuid(setting), who)
            city_moves.save_chapter(report, CityChapter(chapter), text, save)
        report = city.report_of(campaign)
        if city_moves.FINISH.verdict(report):
            city_moves.finish(report, actor=who)
        row = bulletins.create(campaign, words={**_BULLETIN, "visible_from": day}, actor=who)
        bulletins.publish(row, actor=person(DEPUTY))
