"""The certificate machine, every state against every move; the table is written by hand."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import TransitionError
from metrostd.registry import schedule
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves
from tests.factories.registry import CertificateFactory

pytestmark = pytest.mark.django_db

LIVE = ("valid", "expiring", "reexam_applied", "expired", "sealed")
ALLOWED = {
    ("valid", "mark_expiring"): "expiring",
    ("expiring", "apply_reexamination"): "reexam_applied",
    ("valid", "apply_for_change"): "reexam_applied",
    ("reexam_applied", "renew"): "valid",
    ("reexam_applied", "end_reexamination"): "valid",
    ("valid", "expire"): "expired",
    ("expiring", "expire"): "expired",
    ("reexam_applied", "expire"): "expired",
    ("sealed", "expire"): "expired",
    ("valid", "seal"): "sealed",
    ("expiring", "seal"): "sealed",
    ("sealed", "resume"): "valid",
    ("valid", "withdraw"): "withdrawn",
    ("expiring", "withdraw"): "withdrawn",
    ("sealed", "withdraw"): "withdrawn",
    ("expired", "deregister"): "deregistered",
    ("revoked", "deregister"): "deregistered",
    ("annulled", "deregister"): "deregistered",
    **{(state, "revoke"): "revoked" for state in LIVE},
    **{(state, "annul"): "annulled" for state in LIVE},
}
ON = dt.date(2021, 9, 6)


@pytest.fixture(autouse=True)
def _day():
    with clock.pinned(clock.at_time(ON, 9)):
        yield


def in_state(state, **fields):
    certificate = CertificateFactory(**fields)
    StandardCertificate.objects.filter(pk=certificate.pk).update(state=state)
    certificate.refresh_from_db()
    return certificate


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(CertificateState.values, certificate_moves.MOVES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_every_state_against_every_move(state, move):
    certificate = in_state(state)

    if target := ALLOWED.get((state, move.name.removeprefix("certificate."))):
        move.apply(certificate, actor=None, note="示例理由")
        certificate.refresh_from_db()
        assert certificate.state == target
        assert AuditEntry.objects.get().before["state"] == state
    else:
        with pytest.raises(TransitionError):
            move.apply(certificate, actor=None, note="示例理由")
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("move", ["seal", "withdraw"])
def test_what_ends_use_needs_a_reason(move):
    with pytest.raises(ValidationError, match="请说明理由"):
        getattr(certificate_moves, move)(CertificateFactory(), actor=None, note=" ")


@pytest.mark.parametrize("move", ["revoke", "annul"])
def test_a_penalty_needs_the_number_of_its_decision(move):
    certificate = CertificateFactory()

    with pytest.raises(ValidationError) as caught:
        getattr(certificate_moves, move)(certificate, actor=None, decision_no=" ", decided_on=None)
    assert list(caught.value.message_dict) == ["decision_no"]

    getattr(certificate_moves, move)(
        certificate, actor=None, decision_no="津〔2021〕1号", decided_on=clock.today(), note="说明"
    )
    day = cn_date(clock.today())
    assert AuditEntry.objects.get().note == f"决定文号：津〔2021〕1号；决定日期：{day}；说明"


@pytest.mark.parametrize(
    ("until", "state"), [(dt.date(2023, 5, 31), "valid"), (dt.date(2022, 1, 31), "expiring")]
)
def test_an_application_that_comes_to_nothing_leaves_the_certificate_until_its_end(until, state):
    certificate = in_state("reexam_applied", valid_until=until)

    certificate_moves.end_reexamination(certificate, actor=None, note="建标单位撤回申请")

    assert certificate.state == state
    certificate_moves.withdraw(certificate, actor=None, note="单位申请")


def test_deregistering_and_withdrawing_end_a_certificate():
    expired, valid = in_state("expired"), CertificateFactory()

    certificate_moves.deregister(expired, actor=None, note="到期未延续")
    certificate_moves.withdraw(valid, actor=None, note="单位申请")

    assert {expired.state, valid.state} <= CertificateState.ended


def test_renewal_keeps_number_and_first_year():
    certificate = in_state("expiring", valid_until=dt.date(2021, 12, 1))
    number = certificate.number

    certificate_moves.apply_reexamination(certificate, actor=None, note="已受理")
    certificate_moves.renew(
        certificate, actor=None, issue_date=dt.date(2021, 9, 1), valid_until=dt.date(2026, 8, 31)
    )

    certificate.refresh_from_db()
    assert (certificate.number, certificate.first_year) == (number, 2018)
    assert certificate.valid_until == dt.date(2026, 8, 31)
    assert certificate.issue_kind == "reexamination"
    assert AuditEntry.objects.first().note == "原有效期至2021年12月1日"


def test_a_new_certificate_outlasts_the_day_it_is_issued():
    certificate = in_state("reexam_applied")

    with pytest.raises(ValidationError) as caught:
        certificate_moves.renew(certificate, actor=None, issue_date=ON, valid_until=ON)

    assert list(caught.value.message_dict) == ["valid_until"]


@pytest.mark.parametrize(
    ("issued", "until", "last"),
    [
        (dt.date(2021, 9, 6), dt.date(2026, 9, 6), None),
        (dt.date(2021, 9, 6), dt.date(2026, 9, 7), "2026年9月6日"),
        (dt.date(2020, 2, 29), dt.date(2025, 2, 28), None),
        (dt.date(2020, 2, 29), dt.date(2025, 3, 1), "2025年2月28日"),
    ],
)
def test_a_certificate_is_valid_for_five_years_at_most(issued, until, last):
    certificate = in_state("reexam_applied")

    if last is None:
        certificate_moves.renew(certificate, actor=None, issue_date=issued, valid_until=until)
        assert certificate.valid_until == until
        return
    with pytest.raises(ValidationError) as caught:
        certificate_moves.renew(certificate, actor=None, issue_date=issued, valid_until=until)

    (words,) = caught.value.message_dict["valid_until"]
    assert words.startswith("证书有效期最长5年")
    assert last in words
    assert StandardCertificate.objects.get().state == "reexam_applied"


def test_a_sealed_standard_resumes_while_its_certificate_is_valid():
    certificate = in_state("sealed", valid_until=dt.date(2021, 9, 6))

    certificate_moves.resume(
        certificate,
        actor=None,
        note="复查合格",
        on=ON,
        issue_date=ON,
        valid_until=dt.date(2026, 9, 5),
    )

    certificate.refresh_from_db()
    assert (certificate.state, certificate.valid_until) == ("valid", dt.date(2026, 9, 5))


def test_resuming_without_new_dates_keeps_the_old_ones():
    certificate = in_state("sealed")

    certificate_moves.resume(certificate, actor=None, note="复查合格", on=ON)

    assert (certificate.state, certificate.valid_until) == ("valid", dt.date(2023, 5, 31))


def test_after_the_end_resuming_counts_as_new():
    certificate = in_state("sealed", valid_until=dt.date(2021, 9, 5))

    with pytest.raises(ValidationError, match="按新建计量标准"):
        certificate_moves.resume(certificate, actor=None, note="复查合格", on=ON)


@pytest.mark.parametrize(
    ("valid_until", "state"),
    [
        (dt.date(2022, 3, 6), "expiring"),
        (dt.date(2022, 3, 7), "valid"),
        (dt.date(2021, 9, 6), "expiring"),
        (dt.date(2021, 9, 5), "valid"),
    ],
)
def test_the_clock_marks_what_ends_within_six_months(valid_until, state):
    certificate = CertificateFactory(valid_until=valid_until)

    certificate_moves.mark_expiring(ON)

    certificate.refresh_from_db()
    assert certificate.state == state


def test_six_months_after_the_last_of_august_is_the_last_of_february():
    certificate = CertificateFactory(valid_until=dt.date(2022, 2, 28))

    assert certificate_moves.mark_expiring(dt.date(2021, 8, 31)) == 1
    certificate.refresh_from_db()
    assert certificate.state == "expiring"


def test_the_clock_expires_after_the_last_valid_day():
    last_day = CertificateFactory(valid_until=ON)
    over = in_state("sealed", valid_until=dt.date(2021, 9, 5))
    ended = in_state("withdrawn", valid_until=dt.date(2021, 9, 5))

    assert certificate_moves.expire(ON) == 1
    assert certificate_moves.expire(ON) == 0

    states = [StandardCertificate.objects.get(pk=c.pk).state for c in (last_day, over, ended)]
    assert states == ["valid", "expired", "withdrawn"]


def test_the_scheduled_task_asks_the_clock():
    soon = CertificateFactory(valid_until=dt.date(2021, 12, 1))
    over = CertificateFactory(valid_until=dt.date(2021, 9, 5))

    with clock.pinned(clock.at_time(ON)):
        schedule.age_certificates()

    states = [StandardCertificate.objects.get(pk=c.pk).state for c in (soon, over)]
    assert states == ["expiring", "expired"]


def test_the_current_certificate_is_the_one_in_use():
    certificate = CertificateFactory()
    CertificateFactory(standard=certificate.standard, is_current=False, state="expired")

    assert certificate_moves.current_certificate(certificate.standard) == certificate
