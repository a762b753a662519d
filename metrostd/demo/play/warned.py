"""风险预警 of the sample city: raised some days ago, a few given out, one dealt with, one closed."""

import datetime as dt

from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.risk import moves, raising
from metrostd.risk.enums import WarningState
from metrostd.risk.models import RiskWarning

from .setting import office

_DAY = dt.timedelta(days=1)
_GIVEN = 3


def play(today: dt.date) -> None:
    """In every district that has enough of them."""
    with clock.pinned(clock.at_time(today - 9 * _DAY, 1)):
        raising.raise_warnings(today - 9 * _DAY)
    by_office: dict[int, list[RiskWarning]] = {}
    for row in RiskWarning.objects.filter(state=WarningState.RAISED).for_list().order_by("pk"):
        by_office.setdefault(row.authority_id, []).append(row)
    for rows in by_office.values():
        if len(rows) > _GIVEN:
            _deal_with(rows[:_GIVEN], today)
    with clock.pinned(clock.at_time(today, 1)):
        raising.raise_warnings(today)


def _deal_with(rows: list[RiskWarning], today: dt.date) -> None:
    people = Membership.objects.of_authority(rows[0].authority)
    officer = people.filter(role__in=(Role.DISTRICT_INSPECTOR, Role.CITY_INSPECTOR)).first()
    if officer is None:
        return
    who = office(rows[0].authority)
    for n, row in enumerate(rows):
        with clock.pinned(clock.at_time(today - 8 * _DAY, 9)):
            moves.give_out(row, member=officer, due_on=today + (n + 2) * _DAY, actor=who)
    for row in rows[1:]:
        with clock.pinned(clock.at_time(today - 3 * _DAY, 15)):
            moves.handle(
                row, measure="已约谈单位负责人，限期改正，停用期间不出具证书。", actor=officer.user
            )
    with clock.pinned(clock.at_time(today - _DAY, 10)):
        again = today + 60 * _DAY if moves.cause_now(rows[-1]) else None
        moves.close(rows[-1], again_on=again, note="同意，到期再核查。", actor=who)
