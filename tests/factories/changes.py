"""Applications for replacing, sealing, withdrawing and resuming, written by hand or by the services."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from metrostd.common import clock
from metrostd.registry.enums import ChangeKind, ChangeState, InstrumentRole, LineSide
from metrostd.registry.models import ChangeLine, ChangeRecord

from .registry import StandardFactory

#: A day on which the sample certificates are valid.
ON = dt.date(2021, 9, 6)


class ChangeFactory(DjangoModelFactory):
    """A complete application for sealing; ``state`` puts it where a test wants it."""

    class Meta:
        model = ChangeRecord

    standard = factory.SubFactory(StandardFactory)
    certificate = factory.LazyAttribute(lambda o: o.standard.certificates.get(is_current=True))
    kind = ChangeKind.SEAL
    reason = "示例：生产线检修"
    stop_from = dt.date(2021, 10, 1)
    stop_until = dt.date(2022, 3, 31)
    reexamined_on = factory.LazyAttribute(
        lambda o: dt.date(2021, 9, 1) if o.kind == ChangeKind.RESUME else None
    )
    unit_opinion = "申请办理。"
    unit_opinion_by = "示例负责人"
    unit_opinion_on = ON
    number = factory.LazyAttribute(
        lambda o: "" if o.state == ChangeState.DRAFT else f"津量标变〔2021〕{o.serial}号"
    )
    submitted_at = factory.LazyAttribute(
        lambda o: None if o.state == ChangeState.DRAFT else clock.at_time(ON, 8)
    )
    decided_on = factory.LazyAttribute(lambda o: ON if o.state in ChangeState.decided else None)

    class Params:
        serial = factory.Sequence(lambda n: n + 100)
        replacing = factory.Trait(
            kind=ChangeKind.REPLACE,
            situations=["main_renewed"],
            causes=["equipment"],
            effect="unchanged",
            stop_from=None,
            stop_until=None,
        )

    state = ChangeState.SUBMITTED


class LineFactory(DjangoModelFactory):
    class Meta:
        model = ChangeLine

    record = factory.SubFactory(ChangeFactory, replacing=True)
    side = LineSide.AFTER
    role = InstrumentRole.MAIN
    name = "示例数字压力计"
    model = "SL-2"
    measuring_range = "(0～10) MPa"
    performance = "0.05级"
    manufacturer = "示例仪器厂"
    serial_no = factory.Sequence(lambda n: f"SL{n:04d}")
    trace_org = "天津示例市计量院"
    trace_cert_no = factory.Sequence(lambda n: f"示例证字{n:04d}")
    trace_kind = "verification"
    traced_on = dt.date(2021, 8, 20)
    trace_until = dt.date(2022, 8, 19)
