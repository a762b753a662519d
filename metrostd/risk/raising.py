"""台账预警 become 风险预警: raised by the clock, any number of times a day; what is gone by itself lapses."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q

from campaigns.routing import Rules
from metrostd.accounts.models import Membership
from metrostd.common import audit
from metrostd.common.roles import Role
from metrostd.common.transitions import bulk_apply
from metrostd.notifications.services import tell
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, MeasurementStandard
from metrostd.registry.warnings import OpenWarning, kinds, open_warnings

from .enums import WarningState
from .models import RiskWarning
from .moves import LAPSE

_Key = tuple[int, str]


def raised_kinds() -> set[str]:
    """What is raised: what is wrong already; what is about to be stays a hint of the register."""
    return {kind.code for kind in kinds() if kind.tone == "bad"}


def standing(on: dt.date, standards: Iterable[int] | None = None) -> dict[_Key, list[OpenWarning]]:
    """The causes there are on a day, by standard and kind."""
    rows = MeasurementStandard.objects.in_scope()
    if standards is not None:
        rows = rows.filter(pk__in=list(standards))
    found: dict[_Key, list[OpenWarning]] = defaultdict(list)
    for one in open_warnings(rows, on=on, only=raised_kinds()):
        found[one.standard, one.kind.code].append(one)
    return found


def raise_warnings(on: dt.date) -> int:
    """Raise what is new, let lapse what is gone before anybody took it up; returns how many are new."""
    try:
        return _raise(on)
    except IntegrityError:  # another run was first: it raised the same
        return 0


@transaction.atomic
def _raise(on: dt.date) -> int:
    found = standing(on)
    held = RiskWarning.objects.open().select_for_update().order_by("pk")
    known = {(row.standard_id, row.kind): row for row in held}
    gone = [
        row for key, row in known.items() if key not in found and row.state == WarningState.RAISED
    ]
    bulk_apply(LAPSE, gone, actor=None, note="台账中的原因已消除")
    waiting = set(_put_off(on))
    fresh = {k: rows for k, rows in found.items() if k not in known and k not in waiting}
    made = _made(fresh, on)
    rows = RiskWarning.objects.bulk_create(made, batch_size=500)
    audit.record_many(rows, actor=None, action="risk_warning.raise", label="发出风险预警")
    _tell(rows)
    return len(rows)


def _put_off(on: dt.date) -> Iterable[_Key]:
    """Closed with a day to look again that has not come."""
    rows = RiskWarning.objects.filter(Q(again_on__gt=on), state=WarningState.CLOSED)
    return rows.values_list("standard", "kind")


def _made(fresh: dict[_Key, list[OpenWarning]], on: dt.date) -> list[RiskWarning]:
    standards = MeasurementStandard.objects.select_related(
        "unit__territorial_authority", "hosting_authority"
    ).in_bulk({standard for standard, _ in fresh})
    offices = _Offices()
    made = []
    for (standard, code), rows in fresh.items():
        first = rows[0]
        more = f"（共{len(rows)}处）" if len(rows) > 1 else ""
        made.append(
            RiskWarning(
                kind=code,
                kind_label=first.kind.label,
                tone=first.kind.tone,
                sentence=f"{first.sentence}{more}"[:500],
                url=first.url[:200],
                began_on=first.day,
                standard=standards[standard],
                authority=offices.of(standards[standard]),
                raised_on=on,
            )
        )
    return made


class _Offices:
    """Who supervises a standard: as the routing table says, otherwise who hosts its examination."""

    def __init__(self) -> None:
        self._rules = Rules.in_force_or_none()
        self._city = Authority.objects.filter(level=Level.CITY).order_by("code").first()
        self._by_pk = Authority.objects.in_bulk()

    def of(self, standard: MeasurementStandard) -> Authority:
        if self._rules is None or self._city is None:
            return standard.hosting_authority
        office, _ = self._rules.resolve(
            standard.category,
            city_id=self._city.pk,
            territory_id=standard.unit.territorial_authority_id,
        )
        return self._by_pk[office] if office else standard.hosting_authority


def _tell(rows: list[RiskWarning]) -> None:
    """One message an office, however many there are."""
    counts: dict[int, int] = defaultdict(int)
    for row in rows:
        counts[row.authority_id] += 1
    members = Membership.objects.active().filter(authority__in=counts, role__in=Role.offices)
    by_count: dict[int, list[Membership]] = defaultdict(list)
    for member in members:
        by_count[counts[member.authority_id or 0]].append(member)
    for number, people in by_count.items():
        tell(
            people,
            subject=f"新增风险预警{number}条",
            body="请交办到人，写明处置期限。",
            url="/risk/warnings/?state=raised",
        )
