"""Between the acts: units apply for 更换、封存、撤销 and 恢复使用, offices answer.

Every kind in every state once, on standards that no visit is about, in the weeks before today.
"""

import datetime as dt
from contextlib import AbstractContextManager
from itertools import product

from inspections.models import TaskStandard
from metrostd.accounts.models import User
from metrostd.changes import services
from metrostd.common import clock
from metrostd.common.calendar import months_later
from metrostd.demo.city import SHOWN
from metrostd.registry.enums import CertificateState, ChangeKind, ChangeState, InstrumentState
from metrostd.registry.models import ChangeRecord, MeasurementStandard, StandardInstrument
from metrostd.registry.querysets.aging import EXPIRING_MONTHS

from .setting import office, unit_user

_DAY = dt.timedelta(days=1)
#: The first application is so many days old; the following ones come a day or two later.
_DAYS_AGO = 60
_REASONS = {
    ChangeKind.REPLACE: "原计量标准器示值超差，修理后仍达不到要求，更换为同等级的新设备。",
    ChangeKind.SEAL: "相应产品线停产检修，本阶段没有检定校准任务。",
    ChangeKind.WITHDRAW: "相关产品停止生产，不再需要这项计量标准。",
    ChangeKind.RESUME: "产品线恢复生产，计量标准已复查考核合格。",
}


def play(today: dt.date) -> list[ChangeRecord]:
    """Play every kind into every state; returns the applications."""
    records = []
    pool = iter(_standards(today))
    for n, (kind, state) in enumerate(product(ChangeKind, ChangeState)):
        standard = next(pool, None)
        if standard is None:
            break
        day = today - (_DAYS_AGO - 2 * n) * _DAY
        records.append(_Application(standard, kind, day, n).reach(state))
    return records


def _standards(today: dt.date) -> list[MeasurementStandard]:
    """Certified standards of units nobody visits, a third of them in the district shown first."""
    rows = (
        MeasurementStandard.objects.filter(
            in_scope=True,
            certificates__is_current=True,
            certificates__state=CertificateState.VALID,
            certificates__valid_until__gt=months_later(today, EXPIRING_MONTHS),
        )
        .exclude(pk__in=TaskStandard.objects.values("standard"))
        .exclude(unit__tasks__isnull=False)
        .select_related("unit", "hosting_authority")
        .order_by("pk")
    )
    near = [row for row in rows if row.unit.territorial_authority.code == SHOWN]
    # Both its own office and the municipal one have something to decide on.
    own = [row for row in near if row.hosting_authority.code == SHOWN][:4]
    near = [*own, *(row for row in near if row not in own)][:8]
    chosen = {row.pk for row in near}
    far = [row for row in rows if row.pk not in chosen]
    mixed: list[MeasurementStandard] = []
    while near or far:
        mixed += [*far[:1], *near[:1], *far[1:2]]
        near, far = near[1:], far[2:]
    return mixed


class _Application:
    """One application on its way; a step a day."""

    def __init__(self, standard: MeasurementStandard, kind: ChangeKind, day: dt.date, n: int):
        self._standard, self._kind, self._day, self._n = standard, kind, day, n
        self._unit: User = unit_user(standard.unit)
        self._office: User = office(standard.hosting_authority)

    def reach(self, state: ChangeState) -> ChangeRecord:
        """Play it until it is in this state."""
        if self._kind == ChangeKind.RESUME:
            earlier = _Application(self._standard, ChangeKind.SEAL, self._day - 30 * _DAY, self._n)
            earlier.reach(ChangeState.APPROVED)
        with self._at(9):
            record = services.create_change(
                self._standard,
                kind=self._kind,
                values=self._values(),
                lines=self._lines(),
                actor=self._unit,
            )
        if state == ChangeState.DRAFT:
            return record
        with self._at(10):
            services.submit_change(record, actor=self._unit)
        if state == ChangeState.SUBMITTED:
            return record
        self._day += _DAY
        with self._at(11):
            self._answer(record, state)
        return record

    def _answer(self, record: ChangeRecord, state: ChangeState) -> None:
        words: dict[str, object] = {
            "actor": self._office,
            "base_version": record.version,
            "opinion_by": self._office.display_name,
            "decided_on": self._day,
        }
        match state:
            case ChangeState.RETURNED:
                note = "请补充设备检定证书复印件，并由单位负责人签署意见。"
                services.send_back_change(record, actor=self._office, note=note)
            case ChangeState.APPROVED:
                services.approve_change(record, opinion="同意。", **words, **self._dates())
            case ChangeState.REFUSED:
                opinion = "申请材料与实际情况不符，核实后另行申请。"
                services.refuse_change(record, opinion=opinion, **words)
            case ChangeState.WITHDRAWN:
                services.take_back_change(record, actor=self._unit, note="生产计划有变，暂不办理。")

    def _dates(self) -> dict[str, dt.date]:
        if self._kind == ChangeKind.RESUME:
            until = months_later(self._day, 60) - _DAY
            return {"new_issue_date": self._day, "new_valid_until": until}
        if self._kind == ChangeKind.WITHDRAW:
            return {"certificate_returned_on": self._day}
        return {}

    def _values(self) -> dict[str, object]:
        values: dict[str, object] = {
            "reason": _REASONS[self._kind],
            "unit_opinion": "同意申请。",
            "unit_opinion_by": self._standard.responsible_person or "示例负责人",
            "unit_opinion_on": self._day,
        }
        if self._kind in ChangeKind.through_department:
            values |= {
                "stop_from": self._day + 10 * _DAY,
                "department_opinion": "同意。",
                "department_opinion_by": "示例主管",
                "department_opinion_on": self._day,
            }
        if self._kind == ChangeKind.SEAL:
            values["stop_until"] = self._day + 190 * _DAY
        if self._kind == ChangeKind.RESUME:
            values["reexamined_on"] = self._day - 5 * _DAY
        if self._kind == ChangeKind.REPLACE:
            values |= {
                "situations": ["main_renewed"],
                "causes": ["equipment"],
                "effect": "unchanged",
            }
        return values

    def _lines(self) -> dict[str, list[dict[str, object]]]:
        if self._kind != ChangeKind.REPLACE:
            return {}
        held = self._standard.instruments.filter(role="main", state__in=InstrumentState.held)
        old: StandardInstrument | None = held.order_by("pk").first()
        columns = ("role", "name", "model", "measuring_range", "performance", "manufacturer")
        kept = (
            {name: getattr(old, name) for name in columns}
            if old
            else {
                "role": "main",
                "name": self._standard.name.removesuffix("标准装置").removesuffix("检定装置"),
                "model": "示例A型",
                "measuring_range": self._standard.measuring_range[:200],
                "performance": self._standard.performance[:200],
                "manufacturer": "天津示例仪器厂",
            }
        )
        before = kept | {
            "instrument": old,
            "serial_no": old.serial_no if old else f"示例{2015000 + self._n}",
        }
        after = kept | {
            "serial_no": f"示例{self._day.year}{self._n:03d}",
            "trace_org": "天津示例市计量院",
            "trace_cert_no": f"示例检字{self._day.year}第{600 + self._n}号",
            "trace_kind": "verification",
            "traced_on": self._day - 12 * _DAY,
            "trace_until": self._day + 352 * _DAY,
        }
        return {"before": [before], "after": [after]}

    def _at(self, hour: int) -> AbstractContextManager[None]:
        return clock.pinned(clock.at_time(self._day, hour))
