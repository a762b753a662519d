"""Every state against every move: the tables are written by hand on purpose."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from rectification.enums import DispositionState, ExtensionState, OrderState, ReferralState
from rectification.models import CaseReferral, CertificateDisposition, ExtensionRequest
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import order as order_moves
from rectification.moves import referral as referral_moves
from tests.factories.rectification import RaisedFindingFactory, issue

pytestmark = pytest.mark.django_db

ORDER = {
    ("pending", "rectification.submit"): "submitted",
    ("partially_verified", "rectification.submit"): "submitted",
    ("submitted", "rectification.send_back"): "pending",
    ("submitted", "rectification.verify_part"): "partially_verified",
    ("submitted", "rectification.verify"): "verified",
    ("pending", "rectification.fail"): "failed",
    ("submitted", "rectification.fail"): "failed",
    ("partially_verified", "rectification.fail"): "failed",
    ("pending", "rectification.withdraw"): "withdrawn",
    ("submitted", "rectification.withdraw"): "withdrawn",
    ("failed", "rectification.withdraw"): "withdrawn",
}
EXTENSION = {
    ("asked", "extension.grant"): "granted",
    ("asked", "extension.refuse"): "refused",
    ("asked", "extension.lapse"): "lapsed",
    ("granted", "extension.lapse"): "lapsed",
}
DISPOSITION = {
    ("proposed", "disposition.decide"): "decided",
    ("proposed", "disposition.reject"): "rejected",
}
REFERRAL = {
    ("sent", "referral.receive"): "received",
    ("received", "referral.file"): "filed",
    ("received", "referral.decline"): "not_filed",
    ("filed", "referral.conclude"): "decided",
    ("decided", "referral.return_result"): "result_returned",
    ("not_filed", "referral.return_result"): "result_returned",
}


def check(obj, state, move, allowed, **fields):
    when = {"withdrawn_at": clock.now()} if state == OrderState.WITHDRAWN else {}
    type(obj).objects.filter(pk=obj.pk).update(state=state, **when)
    obj.refresh_from_db()
    AuditEntry.objects.all().delete()

    if target := allowed.get((state, move.name)):
        move.apply(obj, actor=None, note="示例理由", **fields)
        obj.refresh_from_db()
        assert obj.state == target
        entry = AuditEntry.objects.get()
        assert (entry.before["state"], entry.after["state"]) == (state, target)
    else:
        with pytest.raises(TransitionError):
            move.apply(obj, actor=None, note="示例理由", **fields)
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(OrderState.values, order_moves.MOVES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_every_order_state_against_every_move(state, move):
    fields = {"withdrawn_at": clock.now()} if move is order_moves.WITHDRAW else {}
    check(issue(), state, move, ORDER, **fields)


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(ExtensionState.values, extension_moves.MOVES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_every_extension_state_against_every_move(state, move):
    day = dt.date(2021, 9, 1)
    request = ExtensionRequest.objects.create(
        finding=RaisedFindingFactory(), wanted_on=day, due_on=day, reason="示例"
    )

    check(request, state, move, EXTENSION)


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(DispositionState.values, disposition_moves.MOVES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_every_disposition_state_against_every_move(state, move):
    finding = RaisedFindingFactory()
    disposition = CertificateDisposition.objects.create(
        finding=finding,
        standard=finding.standard,
        action="revoked",
        reason="示例",
        proposed_by_authority=finding.task.authority,
        decider=finding.standard.issuing_authority,
        decided_on=dt.date(2021, 9, 1),
    )

    check(disposition, state, move, DISPOSITION)


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(ReferralState.values, referral_moves.MOVES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_every_referral_state_against_every_move(state, move):
    finding = RaisedFindingFactory()
    referral = CaseReferral.objects.create(
        finding=finding,
        task=finding.task,
        sent_to="示例执法总队",
        reason="示例",
        legal_basis="示例",
        sent_on=dt.date(2021, 9, 1),
    )

    check(referral, state, move, REFERRAL)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["ordered"], "pending"),
        (["ordered", "returned"], "pending"),
        (["submitted", "ordered"], "submitted"),
        (["submitted", "verified", "returned"], "submitted"),
        (["verified", "returned"], "partially_verified"),
        (["verified", "ordered"], "partially_verified"),
        (["verified", "verified"], "verified"),
        (["verified", "failed"], "failed"),
        (["submitted", "failed"], "failed"),
        (["verified", "handled"], "failed"),
    ],
)
def test_an_order_follows_its_findings(states, expected):
    assert order_moves.settled_state(states) == expected


@pytest.mark.parametrize(
    ("state", "target", "names"),
    [
        ("sent", "received", ["receive"]),
        ("sent", "decided", ["receive", "file", "conclude"]),
        ("sent", "not_filed", ["receive", "decline"]),
        ("not_filed", "result_returned", ["return_result"]),
        ("filed", "result_returned", ["conclude", "return_result"]),
        ("decided", "filed", []),
        ("result_returned", "result_returned", []),
    ],
)
def test_the_way_of_a_case(state, target, names):
    path = [
        move.name.removeprefix("referral.") for move in referral_moves.referral_path(state, target)
    ]

    assert path == names


def test_refusing_an_extension_needs_a_reason():
    order = issue()
    finding = order.items.get().finding
    with clock.pinned(clock.at_time(dt.date(2021, 8, 1))):
        request = extension_moves.ask_extension(
            finding, wanted_on=dt.date(2021, 9, 1), reason="示例", actor=None
        )

        with pytest.raises(ValidationError, match="请说明理由"):
            extension_moves.refuse_extension(request, opinion=" ", actor=None)
