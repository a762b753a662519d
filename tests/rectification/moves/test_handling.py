"""What follows a failure: dispositions decided by the issuer, cases and their results."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import FindingState, StopState
from inspections.models import StopTransferOrder
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.enums import CertificateState
from metrostd.registry.moves import certificate as certificate_moves
from metrostd.registry.moves.certificate import current_certificate
from rectification.enums import DispositionState, ReferralState
from rectification.moves import disposition as disposition_moves
from rectification.moves import referral as referral_moves
from tests.factories.rectification import RaisedFindingFactory, failed_finding, office_of, user_of

pytestmark = pytest.mark.django_db

ON = dt.date(2021, 9, 6)


@pytest.fixture(autouse=True)
def _september():
    with clock.pinned(clock.at_time(ON)):
        yield


def propose(finding, action="revoked"):
    return disposition_moves.propose_disposition(
        finding, action=action, reason="经整改仍达不到", actor=None
    )


def decide(disposition, **changes):
    values = {"decision_no": "津市监量〔2021〕9号", "decided_on": ON, "accept": True, **changes}
    disposition_moves.decide_disposition(disposition, actor=None, **values)


def refer(finding):
    return referral_moves.refer_case(
        finding,
        sent_to="示例执法总队",
        reason="逾期不改",
        legal_basis="《计量法》第二十五条",
        actor=None,
    )


def result(referral, state, *, case_no="", fine=0, outcome=""):
    referral_moves.record_case_result(
        referral, state=state, case_no=case_no, fine=fine, outcome=outcome, actor=None
    )


def test_a_proposal_goes_to_the_issuing_authority():
    finding = failed_finding()
    issuer = finding.standard.issuing_authority
    decider = office_of(issuer)

    disposition = propose(finding)

    assert issuer != finding.task.authority
    assert disposition.decider == issuer
    assert disposition.proposed_by_authority == finding.task.authority
    duty = Duty.objects.open().get(kind=DutyKind.DISPOSITION)
    assert (duty.authority, duty.target) == (issuer, disposition)
    assert Message.objects.get(membership=decider).url == disposition.get_absolute_url()
    finding.refresh_from_db()
    assert finding.state == FindingState.FAILED


@pytest.mark.parametrize("state", sorted(set(FindingState.values) - {FindingState.FAILED}))
def test_only_a_failed_finding_is_proposed(state):
    finding = RaisedFindingFactory(state=state, due_on=ON)

    with pytest.raises(TransitionError):
        propose(finding)


@pytest.mark.parametrize(
    ("state", "permitted"),
    [
        ("valid", {"sealed", "revoked", "annulled"}),
        ("expiring", {"sealed", "revoked", "annulled"}),
        ("reexam_applied", {"revoked", "annulled"}),
        ("sealed", {"revoked", "annulled"}),
        ("expired", {"deregistered", "revoked", "annulled"}),
        ("revoked", {"deregistered"}),
        ("annulled", {"deregistered"}),
        ("withdrawn", set()),
        ("deregistered", set()),
        ("draft", set()),
    ],
)
def test_the_certificate_s_state_decides_what_may_be_proposed(state, permitted):
    finding = failed_finding()
    certificate = current_certificate(finding.standard)
    type(certificate).objects.filter(pk=certificate.pk).update(state=state)
    certificate.refresh_from_db()

    assert set(disposition_moves.permitted_actions(certificate)) == permitted
    for action in {"sealed", "withdrawn", "deregistered", "revoked", "annulled"} - permitted:
        with pytest.raises(ValidationError) as caught:
            propose(finding, action)
        assert list(caught.value.message_dict) == ["action"]


def test_a_standard_is_given_up_by_its_unit_and_by_nobody_else():
    """撤销（单位申请） starts with the unit's application in the register (JJF 1033 第七章)."""
    with pytest.raises(ValidationError, match="由建标单位申请"):
        propose(failed_finding(), "withdrawn")


def test_a_proposal_needs_a_reason_a_standard_and_no_other():
    finding = failed_finding()
    with pytest.raises(ValidationError, match="理由和依据"):
        disposition_moves.propose_disposition(finding, action="revoked", reason=" ", actor=None)
    propose(finding)
    with pytest.raises(ValidationError, match="已有待决定"):
        propose(finding)

    finding.standard = None
    with pytest.raises(ValidationError, match="单位层面"):
        propose(finding)


def test_without_a_certificate_there_is_nothing_to_dispose_of():
    finding = failed_finding()
    finding.standard.certificates.all().delete()

    assert disposition_moves.permitted_actions(None) == []
    with pytest.raises(ValidationError, match="没有现行证书"):
        propose(finding)


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("sealed", "valid", "sealed"),
        ("annulled", "valid", "annulled"),
        ("deregistered", "expired", "deregistered"),
        ("revoked", "valid", "revoked"),
    ],
)
def test_an_accepted_proposal_moves_certificate_and_finding(action, before, after):
    finding = failed_finding()
    certificate = current_certificate(finding.standard)
    type(certificate).objects.filter(pk=certificate.pk).update(state=before)
    unit = user_of(finding.task.unit)
    disposition = propose(finding, action)

    decide(disposition)

    certificate.refresh_from_db()
    finding.refresh_from_db()
    assert certificate.state == after
    assert finding.state == FindingState.HANDLED
    assert "津市监量〔2021〕9号" in finding.decision
    assert disposition.state == DispositionState.DECIDED
    assert not Duty.objects.open().exists()
    assert Message.objects.filter(membership=unit, url=disposition.get_absolute_url()).exists()
    trail = AuditEntry.objects.about(certificate).get()
    assert "津市监量〔2021〕9号" in trail.note
    assert certificate.acts.get().kind == action


def test_a_decision_supersedes_the_stop_order():
    finding = failed_finding()
    stop = StopTransferOrder.objects.create(
        task=finding.task,
        standard=finding.standard,
        basis="示例",
        in_force_from=dt.date(2021, 7, 16),
        state=StopState.IN_FORCE,
    )

    decide(propose(finding))

    stop.refresh_from_db()
    assert stop.state == StopState.SUPERSEDED


@pytest.mark.parametrize("act", ["withdraw", "seal", "revoke", "annul"])
def test_a_certificate_ended_in_the_register_ends_the_stop_as_well(act):
    finding = failed_finding()
    values = {"task": finding.task, "standard": finding.standard, "basis": "示例"}
    in_force = StopTransferOrder.objects.create(
        **values, in_force_from=dt.date(2021, 7, 16), state=StopState.IN_FORCE
    )
    certificate = current_certificate(finding.standard)
    if act in ("revoke", "annul"):
        words = {"decision_no": "津市监量〔2021〕9号", "decided_on": clock.today()}
    else:
        words = {"note": "单位不再使用"}

    getattr(certificate_moves, act)(certificate, actor=None, **words)

    in_force.refresh_from_db()
    assert in_force.state == StopState.SUPERSEDED
    entry = AuditEntry.objects.about(in_force).get(action="stop.supersede")
    assert certificate.acts.get().get_kind_display() in entry.note


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decision_no": " "}, "decision_no"),
        ({"decided_on": None}, "decided_on"),
        ({"decided_on": dt.date(2021, 9, 7)}, "decided_on"),
    ],
)
def test_a_decision_has_a_number_and_a_day(changes, field):
    finding = failed_finding()
    disposition = propose(finding)

    with pytest.raises(ValidationError) as caught:
        decide(disposition, **changes)

    assert list(caught.value.message_dict) == [field]
    disposition.refresh_from_db()
    assert disposition.state == DispositionState.PROPOSED
    assert current_certificate(finding.standard).state == CertificateState.VALID


def test_a_proposal_not_taken_up_leaves_the_finding_failed():
    finding = failed_finding()
    disposition = propose(finding)
    with pytest.raises(ValidationError, match="理由"):
        decide(disposition, accept=False)

    decide(disposition, accept=False, note="证据不足")

    finding.refresh_from_db()
    assert (disposition.state, finding.state) == (DispositionState.REJECTED, FindingState.FAILED)
    assert current_certificate(finding.standard).state == CertificateState.VALID
    assert propose(finding).state == DispositionState.PROPOSED


def test_a_case_with_a_result_settles_a_failed_finding():
    finding = failed_finding()
    referral = refer(finding)

    result(referral, "decided", case_no="津市监罚〔2021〕1号", fine=Decimal("800"), outcome="罚款")

    finding.refresh_from_db()
    referral.refresh_from_db()
    assert (referral.state, referral.fine) == (ReferralState.DECIDED, Decimal("800"))
    assert finding.state == FindingState.HANDLED
    steps = AuditEntry.objects.about(referral).filter(action__startswith="referral.")
    assert [entry.action for entry in steps] == [
        "referral.conclude",
        "referral.file",
        "referral.receive",
        "referral.send",
    ]


def test_a_case_not_filed_settles_once_the_result_is_back():
    finding = failed_finding()
    referral = refer(finding)

    result(referral, "not_filed")
    finding.refresh_from_db()
    assert finding.state == FindingState.FAILED

    result(referral, "result_returned", outcome="不予立案：已改正")
    finding.refresh_from_db()
    assert finding.state == FindingState.HANDLED


def test_a_result_that_comes_back_with_a_number_was_filed_on_its_way():
    referral = refer(failed_finding())

    result(referral, "result_returned", case_no="津市监罚〔2021〕2号", fine=500, outcome="罚款")

    steps = AuditEntry.objects.about(referral).values_list("action", flat=True)
    assert "referral.file" in steps
    assert "referral.decline" not in steps
    referral.refresh_from_db()
    assert (referral.case_no, referral.fine) == ("津市监罚〔2021〕2号", Decimal("500"))


@pytest.mark.parametrize(
    ("state", "values", "field"),
    [
        ("not_filed", {"case_no": "1"}, "case_no"),
        ("not_filed", {"fine": 500}, "fine"),
        ("result_returned", {"fine": 500, "outcome": "罚款"}, "fine"),
    ],
)
def test_a_case_that_was_not_filed_has_neither_number_nor_fine(state, values, field):
    with pytest.raises(ValidationError) as caught:
        result(refer(failed_finding()), state, **values)

    assert list(caught.value.message_dict) == [field]


def test_a_case_leaves_a_finding_under_rectification_alone():
    finding = RaisedFindingFactory(ordered=True)
    referral = refer(finding)

    result(referral, "decided", case_no="1", outcome="罚款")

    finding.refresh_from_db()
    assert finding.state == FindingState.ORDERED


@pytest.mark.parametrize(
    ("state", "values", "field"),
    [
        ("filed", {}, "case_no"),
        ("decided", {"case_no": "1"}, "outcome"),
        ("decided", {"case_no": "1", "outcome": "罚款", "fine": -1}, "fine"),
    ],
)
def test_a_result_says_what_is_missing(state, values, field):
    referral = refer(failed_finding())

    with pytest.raises(ValidationError) as caught:
        result(referral, state, **values)

    assert list(caught.value.message_dict) == [field]
    referral.refresh_from_db()
    assert referral.state == ReferralState.SENT


def test_a_case_does_not_go_backwards():
    referral = refer(failed_finding())
    result(referral, "filed", case_no="1")

    with pytest.raises(TransitionError, match="不能登记"):
        result(referral, "received")


@pytest.mark.parametrize("state", ["draft", "withdrawn", "disputed"])
def test_what_does_not_stand_is_not_referred(state):
    with pytest.raises(TransitionError):
        refer(RaisedFindingFactory(state=state))


def test_a_case_needs_its_fields_and_no_other_under_way():
    finding = failed_finding()
    with pytest.raises(ValidationError) as caught:
        referral_moves.refer_case(finding, sent_to="", reason="x", legal_basis=" ", actor=None)
    assert sorted(caught.value.message_dict) == ["legal_basis", "sent_to"]
    refer(finding)

    with pytest.raises(ValidationError, match="已经移送"):
        refer(finding)
