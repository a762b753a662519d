"""Instruments and tracing records: what the database refuses, how they move, what the last tracing is."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import InstrumentState, RecordState
from metrostd.registry.models import StandardInstrument
from metrostd.registry.moves import equipment as moves
from tests.factories.registry import InstrumentFactory, TraceFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 6, 15)


@pytest.mark.parametrize(
    "wrong",
    [
        {"traced_on": DAY, "valid_until": DAY},
        {"traced_on": DAY, "valid_until": dt.date(2021, 6, 14)},
        {"kind": "test"},
        {"result": "good"},
        {"state": "void"},
        {"void_reason": "登记有误"},
    ],
)
def test_the_database_refuses_a_wrong_record(wrong):
    with pytest.raises(IntegrityError):
        TraceFactory(**wrong)


def test_a_certificate_is_recorded_once_unless_the_first_was_void():
    first = TraceFactory()
    again = {"instrument": first.instrument, "org": first.org, "cert_no": first.cert_no}
    moves.void_trace(first, actor=None, note="日期录错")
    second = TraceFactory(**again)

    with pytest.raises(ValidationError, match="已经重新登记"):
        moves.restore_trace(first, actor=None, note="其实没错")
    with pytest.raises(IntegrityError):
        TraceFactory(**again)
    assert second.state == RecordState.RECORDED


@pytest.mark.parametrize("wrong", [{"trace_interval_months": 0}, {"role": "other"}])
def test_the_database_refuses_a_wrong_instrument(wrong):
    with pytest.raises(IntegrityError):
        InstrumentFactory(**wrong)


def test_one_serial_number_is_one_instrument_and_none_is_none():
    first = InstrumentFactory(serial_no="")
    InstrumentFactory(standard=first.standard, serial_no="")
    InstrumentFactory(standard=first.standard, serial_no="A1")

    with pytest.raises(IntegrityError):
        InstrumentFactory(standard=first.standard, serial_no="A1")


MOVES = {move.name.partition(".")[2]: move for move in moves.INSTRUMENT_MOVES}
ALLOWED = {
    ("in_use", "idle"): "idle",
    ("in_use", "seal"): "sealed",
    ("in_use", "scrap"): "scrapped",
    ("idle", "seal"): "sealed",
    ("idle", "scrap"): "scrapped",
    ("idle", "resume"): "in_use",
    ("sealed", "scrap"): "scrapped",
    ("sealed", "resume"): "in_use",
    ("scrapped", "resume"): "in_use",
}


@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(InstrumentState.values, MOVES)), ids=str
)
def test_every_state_of_an_instrument_against_every_move(state, move):
    instrument = InstrumentFactory(state=state)

    def act():
        with clock.pinned(clock.at_time(DAY)):
            moves.move_instrument(MOVES[move], instrument, actor=None, note="示例理由", since=DAY)

    if target := ALLOWED.get((state, move)):
        act()
        instrument.refresh_from_db()
        assert (instrument.state, instrument.since) == (target, DAY)
        assert AuditEntry.objects.about(instrument).get().note == "示例理由"
    else:
        with pytest.raises(TransitionError):
            act()
        assert not AuditEntry.objects.about(instrument).exists()


def test_an_instrument_leaves_use_for_a_reason_and_not_before_it_was_taken_into_use():
    instrument = InstrumentFactory(used_from=DAY)
    before = DAY - dt.timedelta(days=1)

    with pytest.raises(ValidationError, match="当时没有登记"):
        moves.move_instrument(moves.IDLE, instrument, actor=None, note="送修", since=DAY)
    with pytest.raises(ValidationError, match="请说明理由"):
        moves.move_instrument(
            moves.IDLE, instrument, actor=None, note=" ", since=DAY, late_reason="补录"
        )
    with pytest.raises(ValidationError, match="不能早于"):
        moves.move_instrument(moves.IDLE, instrument, actor=None, note="送修", since=before)


@pytest.mark.parametrize(
    ("state", "move", "target"),
    [
        ("recorded", moves.void_trace, "void"),
        ("recorded", moves.restore_trace, None),
        ("void", moves.void_trace, None),
        ("void", moves.restore_trace, "recorded"),
    ],
)
def test_every_state_of_a_record_against_every_move(state, move, target):
    record = TraceFactory(state=state, void_reason="录错" if state == "void" else "")

    if target is None:
        with pytest.raises(TransitionError):
            move(record, actor=None, note="示例理由")
        return
    move(record, actor=None, note="示例理由")
    record.refresh_from_db()
    assert record.state == target
    assert record.void_reason == ("示例理由" if target == "void" else "")


def test_the_last_tracing_is_the_newest_record_that_counts():
    traced = InstrumentFactory()
    bare = InstrumentFactory()
    good = TraceFactory(instrument=traced)
    TraceFactory(instrument=traced, traced_on=dt.date(2020, 3, 10), valid_until=dt.date(2021, 3, 9))
    later = {"traced_on": dt.date(2021, 5, 1), "valid_until": dt.date(2022, 4, 30)}
    TraceFactory(instrument=traced, result="fails", **later)
    TraceFactory(instrument=traced, state=RecordState.VOID, void_reason="录错", **later)

    found = {i.pk: i for i in StandardInstrument.objects.with_last_trace()}

    assert found[traced.pk].last_trace_on == good.traced_on
    assert found[traced.pk].last_trace_cert_no == good.cert_no
    assert found[bare.pk].last_trace_until is None
