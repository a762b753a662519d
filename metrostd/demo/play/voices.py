"""What people say while the campaign runs, and where they can: a few complaints on their way, one about an office."""

import datetime as dt
import uuid
from random import Random

from campaigns.enums import StageKind
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role
from metrostd.complaints import desks, limits, measures, moves, services
from metrostd.complaints.enums import ComplaintChannel, ComplaintKind, Recipient
from metrostd.complaints.models import Complaint, ComplaintDesk
from metrostd.registry.models import Authority, Unit

from .setting import Setting, office

_DAY = dt.timedelta(days=1)
_SAID = (
    (
        ComplaintKind.TIP_OFF,
        "示例内容：该单位使用超过有效期的标准器出具检定证书，证书编号见附件。",
        True,
    ),
    (ComplaintKind.COMPLAINT, "示例内容：送检的仪器三个月没有取回，多次催问没有答复。", True),
    (ComplaintKind.TIP_OFF, "示例内容：实验室温度湿度记录事后补写。", False),
    (ComplaintKind.TIP_OFF, "示例内容：检定人员没有到场，证书上有其签字。", False),
    (ComplaintKind.COMPLAINT, "示例内容：收费与公示的标准不一致。", True),
)
#: How far each of them gets, in turn.
_STEPS = ("closed", "answered", "declined", "handling", "received")


def play(setting: Setting) -> None:
    """Channels of every office, then five matters in as many districts; dice of its own, so that nothing else moves."""
    dice = Random(f"{setting.campaign.code}-voices")  # noqa: S311 -- sample data
    first = setting.calendar.stages[StageKind.ONSITE][0]
    districts = list(Authority.objects.districts().filter(pk__in=_manned())[: len(_SAID)])
    _publish(setting)
    for n, (bureau, (kind, words, named)) in enumerate(zip(districts, _SAID, strict=False)):
        day = first + (2 + 4 * n) * _DAY
        unit = Unit.objects.filter(territorial_authority=bureau).order_by("pk").first()
        if unit is None or not setting.happens(day):
            continue
        statement = services.Statement(
            kind=kind,
            content=words,
            target=unit.name,
            office=bureau,
            name=f"示例群众{n + 1}" if named else "",
            contact=f"1380000{n:04d}" if named else "",
            channel=ComplaintChannel.PHONE if n == 1 else ComplaintChannel.WEB,
        )
        with setting.on(day, 15):
            sent = uuid.UUID(int=dice.getrandbits(128), version=4)
            row, _ = services.receive(statement, sent=sent, actor=None)
        _handle(setting, row, day, _STEPS[n])


def _manned() -> list[int]:
    """Offices with an account of the sample city's own, by the name under which ``office`` looks for it."""
    members = Membership.objects.active().filter(role__in=Role.offices)
    rows = members.values_list("authority", "authority__code", "user__username")
    return [pk for pk, code, name in rows if name in ("city", f"d{code}")]


def _publish(setting: Setting) -> None:
    with setting.on(setting.calendar.notice_on, 16):
        published = ComplaintDesk.objects.values("authority")
        for authority in Authority.objects.filter(pk__in=_manned()).exclude(pk__in=published):
            words = {
                "phone": f"022-1234{authority.code[-4:]}",
                "address": authority.address or f"{authority.region_name}示例路1号",
                "hours": "工作日 9:00—12:00，14:00—17:30",
                "mail": "",
            }
            desks.publish(authority, words, base_version=0, actor=office(authority))


def _handle(setting: Setting, row: Complaint, day: dt.date, until: str) -> None:
    """Decided within a week, answered within the month."""
    who = office(row.authority)
    decided, done = limits.decide_by(ComplaintKind.COMPLAINT, day) - _DAY, day + 25 * _DAY
    if until == "received" or not setting.happens(decided):
        return
    with setting.on(decided, 10):
        if until == "declined":
            moves.decline(row, reason="反映的事项已经由其他机关处理。", actor=who)
            return
        moves.accept(row, reason="已受理，将依法核查。", actor=who)
        if moves.tellable(row):
            moves.tell_informant(row, told_on=decided, told_how="电话", actor=who)
        moves.start(row, actor=who)
        measures.verify(row, note="调取了有关证书和原始记录，已向单位了解情况。", actor=who)
    if until == "handling" or not setting.happens(done):
        return
    with setting.on(done, 10):
        measures.refer(
            row, recipient=Recipient.CORPS, sent_to="", note="涉嫌违反计量法律法规。", actor=who
        )
        moves.answer(row, answer="经核查，情况部分属实，已责令改正并移送执法机构。", actor=who)
        if until == "closed":
            moves.close(row, actor=who)
