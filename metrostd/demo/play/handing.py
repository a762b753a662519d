"""名单签收: the districts acknowledge what the city hands over; two are late, two rows come back."""

import datetime as dt
from random import Random

from metrostd.demo.city import SHOWN
from metrostd.lists.services import hand_overs, returns
from metrostd.registry.enums import Category, HandOverState, ReturnDecision
from metrostd.registry.models import Authority, HandOver, HandOverReturn

from .setting import Setting, office, person

_DAY = dt.timedelta(days=1)
#: 静海区局 and 蓟州区局 have not looked at the institutions' list, which the notice does not have.
_LATE = frozenset({"120118", "120119"})
#: 北辰区局 has just sent a row back.
_SENDS_BACK = "120113"
_ENOUGH = 20 * _DAY


def play(setting: Setting) -> None:
    """Most acknowledge within a week and a half of the opening; rows come back in a running campaign."""
    dice = Random(f"handing-{setting.campaign.code}")  # noqa: S311 -- sample data
    for hand_over in list(HandOver.objects.sent().for_list().order_by("pk")):
        day = _week_day(setting.calendar.notice_on + dice.randint(1, 9) * _DAY)
        late = hand_over.authority.code in _LATE
        if setting.happens(day) and not (late and _of_institutions(hand_over)):
            with setting.on(day, 9 + dice.randint(0, 7)):
                _acknowledge(hand_over)
    if not setting.is_running:
        return
    if setting.until >= setting.calendar.notice_on + _ENOUGH:
        _send_back(setting)
        with setting.on(setting.until - _DAY, 9):
            for batch in {h.batch for h in HandOver.objects.sent().for_list()}:
                hand_overs.remind(batch.hand_overs.all(), actor=person("city"))


def _week_day(day: dt.date) -> dt.date:
    """The day itself, or the Monday after a weekend."""
    return day + (7 - day.weekday()) * _DAY if day.weekday() > 4 else day


def _of_institutions(hand_over: HandOver) -> bool:
    return hand_over.batch.category == Category.INST_HIGHEST


def _acknowledge(hand_over: HandOver) -> None:
    actor = office(hand_over.authority)
    hand_overs.confirm_rows(hand_over, None, actor=actor)
    hand_overs.acknowledge(hand_over, accepted=hand_over.rows.count(), returned=0, actor=actor)


def _send_back(setting: Setting) -> None:
    """One row is answered and waits for the district shown, one waits for the office."""
    with setting.on(setting.until - 6 * _DAY, 14):
        answered = _return(SHOWN, reason="wrong", words="计量标准负责人已更换，请核实后更正")
    with setting.on(setting.until - 2 * _DAY, 10):
        if answered is not None:
            returns.answer(
                answered,
                decision=ReturnDecision.CORRECTED,
                words="已与单位核实，负责人以考核证书的最新变更为准，台账已更正。",
                actor=person("city"),
            )
    with setting.on(setting.until - 3 * _DAY, 15):
        _return(
            _SENDS_BACK,
            reason="moved",
            words="上门核对时已搬离，登记地址也已变更",
            district=Authority.objects.get(code=SHOWN),
        )


def _return(
    code: str, *, reason: str, words: str, district: Authority | None = None
) -> HandOverReturn | None:
    """Send the last row of a district's Annex 4 back; None when it has none in this city."""
    taken = HandOver.objects.filter(
        authority__code=code, batch__category=Category.ENT_HIGHEST, state=HandOverState.ACKNOWLEDGED
    )
    hand_over = taken.for_list().order_by("pk").first()
    row = hand_over.rows.order_by("-pk").first() if hand_over else None
    if hand_over is None or row is None:
        return None
    returns.return_rows(
        hand_over,
        [row.pk],
        reason=reason,
        words=words,
        district=district,
        actor=office(hand_over.authority),
    )
    return row.returns.select_related("hand_over__authority", "hand_over__batch").get()
