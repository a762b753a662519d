"""Tests, persons, items and public certificates: what the database refuses and how records move."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import TestKind, TestMethod, TestOutcome
from metrostd.registry.models import StandardPerson
from metrostd.registry.moves import record as moves
from tests.factories.capability import (
    CapabilityTestFactory,
    ItemFactory,
    PersonFactory,
    PublicCertificateFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 6, 15)


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": TestMethod.TRANSFER},
        {"kind": "other"},
        {"outcome": "good"},
        {"statistic": None},
        {"statistic": -1},
        {"limit": None},
        {"limit": -1},
        {"m": 0},
        {"outcome": "chart", "statistic": None},
        {"state": "void"},
        {"void_reason": "录错"},
    ],
)
def test_the_database_refuses_a_wrong_test(wrong):
    with pytest.raises(IntegrityError):
        CapabilityTestFactory(**wrong)


@pytest.mark.parametrize(
    "right",
    [
        {"outcome": TestOutcome.BASELINE, "limit": None},
        {
            "kind": TestKind.STABILITY,
            "method": TestMethod.YEARLY,
            "outcome": TestOutcome.BASELINE,
            "statistic": None,
            "limit": None,
        },
        {
            "kind": TestKind.STABILITY,
            "method": TestMethod.CONTROL_CHART,
            "outcome": TestOutcome.CHART,
            "statistic": None,
            "limit": None,
            "m": 0,
        },
    ],
)
def test_a_first_test_and_a_control_chart_have_no_limit(right):
    assert CapabilityTestFactory(**right).passed


@pytest.mark.parametrize("method", TestMethod)
def test_every_method_belongs_to_a_kind(method):
    assert CapabilityTestFactory(
        kind=method.kind,
        method=method,
        **({"outcome": "chart", "statistic": None} if method == TestMethod.CONTROL_CHART else {}),
    ).pk


def test_the_database_refuses_a_person_who_leaves_before_coming():
    with pytest.raises(IntegrityError):
        PersonFactory(since=DAY, until=DAY - dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("dates", "word"),
    [
        ({"valid_until": dt.date(2023, 5, 31)}, "有效"),
        ({"valid_until": None}, "有效"),
        ({"valid_until": DAY}, "3个月内到期"),
        ({"valid_until": DAY + dt.timedelta(days=92)}, "3个月内到期"),
        ({"valid_until": DAY + dt.timedelta(days=93)}, "有效"),
        ({"valid_until": DAY - dt.timedelta(days=1)}, "证明已过期"),
        ({"until": DAY - dt.timedelta(days=1)}, "已调离"),
        ({"until": DAY}, "有效"),
        ({"since": DAY + dt.timedelta(days=1)}, "尚未上岗"),
        ({"since": DAY}, "有效"),
        ({"since": None}, "有效"),
    ],
)
def test_how_a_person_stands_on_a_day(dates, word):
    person = PersonFactory(**dates)

    standing = person.standing(DAY)

    assert standing.label == word
    able = standing in type(standing).able
    assert StandardPerson.objects.valid_on(DAY).exists() is able


def test_a_public_certificate_is_recorded_once():
    first = PublicCertificateFactory()
    same = {"standard": first.standard, "number": first.number, "issue_date": first.issue_date}
    moves.void(first, actor=None, note="录错")
    PublicCertificateFactory(**same)

    with pytest.raises(ValidationError, match="已经重新登记"):
        moves.restore(first, actor=None, note="其实没错")
    with pytest.raises(IntegrityError):
        PublicCertificateFactory(**same)


@pytest.mark.parametrize(
    "factory", [CapabilityTestFactory, PersonFactory, ItemFactory, PublicCertificateFactory]
)
@pytest.mark.parametrize(
    ("state", "move", "target"),
    [
        ("recorded", moves.void, "void"),
        ("recorded", moves.restore, None),
        ("void", moves.void, None),
        ("void", moves.restore, "recorded"),
    ],
)
def test_every_state_of_a_record_against_every_move(factory, state, move, target):
    record = factory(state=state, void_reason="录错" if state == "void" else "")

    if target is None:
        with pytest.raises(TransitionError):
            move(record, actor=None, note="示例理由")
        return
    move(record, actor=None, note="示例理由")
    record.refresh_from_db()
    assert record.state == target
    assert record.void_reason == ("示例理由" if target == "void" else "")
    assert AuditEntry.objects.about(record).get().note == "示例理由"


def test_nothing_is_void_without_a_reason():
    with pytest.raises(ValidationError):
        moves.void(ItemFactory(), actor=None, note="  ")
