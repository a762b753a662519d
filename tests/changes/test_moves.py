"""Applications: every state against every move, and what a decision does; the table is by hand."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from metrostd.changes import moves as change_moves
from metrostd.changes import papers, services
from metrostd.changes import rules as change_rules
from metrostd.common import clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import CertificateState, ChangeKind, ChangeState, LineSide
from metrostd.registry.models import (
    ChangeLine,
    ChangeRecord,
    StandardCertificate,
    StandardInstrument,
    TraceRecord,
)
from tests.factories.changes import ON, ChangeFactory, LineFactory
from tests.factories.registry import CertificateFactory, StandardFactory

pytestmark = pytest.mark.django_db

ALLOWED = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "send_back"): "returned",
    ("submitted", "approve"): "approved",
    ("submitted", "refuse"): "refused",
    ("draft", "take_back"): "withdrawn",
    ("submitted", "take_back"): "withdrawn",
    ("returned", "take_back"): "withdrawn",
}


@pytest.fixture(autouse=True)
def _on_the_day():
    with clock.pinned(clock.at_time(ON, 16)):
        yield


def decided(record, **more):
    return {
        "actor": None,
        "base_version": record.version,
        "opinion": "同意。",
        "opinion_by": "示例处长",
        "decided_on": ON,
        **more,
    }


def instrument(standard, **fields):
    values = {"role": "main", "name": "旧压力计", "model": "SL-1", "serial_no": "OLD1", **fields}
    return StandardInstrument.objects.create(standard=standard, **values)


def certificate_in(state, **fields):
    standard = StandardFactory(certificate=None)
    certificate = CertificateFactory(standard=standard, **fields)
    StandardCertificate.objects.filter(pk=certificate.pk).update(state=state)
    return standard


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(ChangeState.values, change_moves.MOVES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_every_state_against_every_move(state, move):
    record = ChangeFactory(state=state)
    fields = {}
    if move in (change_moves.APPROVE, change_moves.REFUSE):
        fields = {"decided_on": ON}
    if move == change_moves.SUBMIT:
        fields = {"submitted_at": clock.now()}

    if target := ALLOWED.get((state, move.name.removeprefix("change."))):
        move.apply(record, actor=None, note="示例理由", **fields)
        record.refresh_from_db()
        assert record.state == target
        assert AuditEntry.objects.get().before["state"] == state
    else:
        with pytest.raises(TransitionError):
            move.apply(record, actor=None, note="示例理由", **fields)
        assert not AuditEntry.objects.exists()


#: Which certificate states leave room for which application, by hand.
ROOM = {
    "replace": {"valid", "expiring", "reexam_applied", "sealed"},
    "seal": {"valid", "expiring"},
    "withdraw": {"valid", "expiring", "sealed"},
    "resume": {"sealed"},
}


@pytest.mark.parametrize("kind", ChangeKind.values)
@pytest.mark.parametrize("state", CertificateState.values)
def test_what_a_certificate_leaves_room_for(kind, state):
    standard = certificate_in(state)

    verdict = change_rules.certificate_allows(kind, standard.certificates.get(), on=ON)

    assert bool(verdict) == (state in ROOM[kind])


def test_a_standard_without_certificate_has_nothing_to_seal():
    standard = StandardFactory(certificate=None)

    with pytest.raises(ValidationError, match="没有现行考核证书"):
        services.create_change(standard, kind="seal", values={}, lines={}, actor=None)


# Submitting --------------------------------------------------------------------------------------


def test_the_number_is_taken_once_and_counts_per_authority_and_year():
    first = ChangeFactory(state="draft")
    second = ChangeFactory(
        state="draft", standard__issuing_authority=first.standard.issuing_authority
    )
    elsewhere = ChangeFactory(state="draft")

    for record in (first, second, elsewhere):
        services.submit_change(record, actor=None)
    number = first.number
    services.send_back_change(first, actor=None, note="请补充")
    services.submit_change(first, actor=None)

    prefix = first.standard.hosting_authority.document_prefix
    assert first.number == number == f"{prefix}量标变〔2021〕1号"
    assert second.number == f"{prefix}量标变〔2021〕2号"
    assert elsewhere.number.endswith("〕1号")


@pytest.mark.parametrize(
    ("kind", "gaps", "field"),
    [
        ("seal", {"reason": " "}, "reason"),
        ("seal", {"stop_until": None}, "stop_until"),
        ("seal", {"unit_opinion": ""}, "unit_opinion"),
        ("seal", {"unit_opinion_on": ON + dt.timedelta(1)}, "unit_opinion_on"),
        ("withdraw", {"stop_from": None}, "stop_from"),
        ("seal", {"standard__unit__competent_department": "示例集团"}, "department_opinion_by"),
    ],
)
def test_what_is_missing_is_named_by_its_field(kind, gaps, field):
    record = ChangeFactory(state="draft", kind=kind, **gaps)

    with pytest.raises(ValidationError) as caught:
        services.submit_change(record, actor=None)

    assert field in caught.value.message_dict
    record.refresh_from_db()
    assert (record.state, record.number) == ("draft", "")


def test_a_re_examination_still_ahead_resumes_nothing():
    standard = certificate_in("sealed")
    record = ChangeFactory(
        state="draft", kind="resume", standard=standard, reexamined_on=ON + dt.timedelta(1)
    )

    with pytest.raises(ValidationError, match="复查考核合格后"):
        services.submit_change(record, actor=None)


@pytest.mark.parametrize(
    ("effect", "procedure"), [("scope", "复查考核"), ("characteristics", "按新建计量标准申请考核")]
)
def test_a_replacement_that_changes_the_standard_takes_another_road(effect, procedure):
    record = ChangeFactory(state="draft", replacing=True, effect=effect)
    LineFactory(record=record, side=LineSide.BEFORE)
    LineFactory(record=record)

    with pytest.raises(ValidationError, match=procedure):
        services.submit_change(record, actor=None)


def test_a_ticked_box_wants_its_instrument_and_a_new_one_its_tracing():
    record = ChangeFactory(state="draft", replacing=True, situations=["main_renewed"])
    LineFactory(record=record, trace_cert_no="")

    with pytest.raises(ValidationError) as caught:
        services.submit_change(record, actor=None)

    text = str(caught.value)
    assert "更换前的表中没有这类设备" in text
    assert "缺少检定或校准机构、证书编号或者日期" in text


def test_one_application_of_a_kind_is_open_at_a_time():
    record = ChangeFactory(state="submitted")

    with pytest.raises(ValidationError, match="已有一份同类申请"):
        services.create_change(record.standard, kind="seal", values={}, lines={}, actor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeFactory(standard=record.standard, state="returned")


# Deciding ----------------------------------------------------------------------------------------


def test_approved_sealing_seals_the_certificate():
    record = ChangeFactory()

    services.approve_change(record, **decided(record))

    certificate = record.standard.certificates.get()
    assert (record.state, certificate.state) == ("approved", "sealed")
    assert AuditEntry.objects.about(certificate).get().note == f"{record.number}；{record.reason}"


def test_approved_withdrawal_ends_the_certificate_that_was_handed_back():
    record = ChangeFactory(kind="withdraw")

    with pytest.raises(ValidationError) as caught:
        services.approve_change(record, **decided(record))
    assert list(caught.value.message_dict) == ["certificate_returned_on"]

    services.approve_change(record, **decided(record, certificate_returned_on=ON))
    assert record.standard.certificates.get().state == "withdrawn"


def test_approved_resumption_brings_a_new_issue_and_keeps_the_old_one():
    standard = certificate_in("sealed")
    record = ChangeFactory(kind="resume", standard=standard)
    dates = {"new_issue_date": ON, "new_valid_until": dt.date(2026, 9, 5)}

    with pytest.raises(ValidationError) as caught:
        services.approve_change(record, **decided(record))
    assert list(caught.value.message_dict) == ["new_valid_until"]
    with pytest.raises(ValidationError) as caught:
        services.approve_change(
            record, **decided(record, **dates | {"new_valid_until": dt.date(2026, 9, 7)})
        )
    assert "最晚到2026年9月6日" in caught.value.message_dict["new_valid_until"][0]
    services.approve_change(record, **decided(record, **dates))

    certificate = standard.certificates.get()
    assert (certificate.state, certificate.valid_until) == ("valid", dt.date(2026, 9, 5))
    assert certificate.first_year == 2018
    earlier = certificate.earlier_issues.get()
    assert (earlier.issue_date, earlier.valid_until) == (dt.date(2018, 6, 1), dt.date(2023, 5, 31))


def test_nothing_resumes_after_the_certificate_has_run_out():
    standard = certificate_in("sealed", valid_until=ON - dt.timedelta(1))
    record = ChangeFactory(kind="resume", standard=standard)

    with pytest.raises(ValidationError, match="按新建计量标准申请考核"):
        services.approve_change(
            record,
            **decided(record, new_issue_date=ON, new_valid_until=dt.date(2026, 9, 5)),
        )

    record.refresh_from_db()
    assert record.state == "submitted"


def test_a_certificate_that_has_moved_on_stops_the_approval():
    record = ChangeFactory()
    StandardCertificate.objects.filter(standard=record.standard).update(state="withdrawn")

    with pytest.raises(TransitionError):
        services.approve_change(record, **decided(record))

    record.refresh_from_db()
    assert record.state == "submitted"


def test_approved_replacement_ends_the_old_instrument_and_registers_the_new_one():
    record = ChangeFactory(replacing=True)
    old = instrument(record.standard)
    LineFactory(record=record, side=LineSide.BEFORE, instrument=old, name=old.name)
    LineFactory(record=record, serial_no="NEW1", trace_cert_no="示例证字第1号")

    services.approve_change(record, **decided(record))

    old.refresh_from_db()
    new = record.standard.instruments.get(serial_no="NEW1")
    assert (old.state, old.since) == ("scrapped", ON)
    assert (new.state, new.used_from, new.role) == ("in_use", ON, "main")
    trace = TraceRecord.objects.get(instrument=new)
    assert (trace.cert_no, trace.result) == ("示例证字第1号", "qualified")
    assert record.lines.get(side="after").instrument == new
    assert record.standard.certificates.get().state == "valid"


def test_an_instrument_gone_meanwhile_or_registered_twice_stops_the_replacement():
    record = ChangeFactory(replacing=True)
    old = instrument(record.standard, state="scrapped")
    LineFactory(record=record, side=LineSide.BEFORE, instrument=old, name=old.name)
    LineFactory(record=record, name="新压力计", model="SL-2", serial_no="NEW1")

    with pytest.raises(TransitionError, match="退回申请核对"):
        services.approve_change(record, **decided(record))

    record.lines.filter(side="before").delete()
    instrument(record.standard, name="新压力计", model="SL-2", serial_no="NEW1")
    record.refresh_from_db()
    with pytest.raises(ValidationError, match="已登记同名"):
        services.approve_change(record, **decided(record))
    record.refresh_from_db()
    assert record.state == "submitted"


def test_a_refusal_says_why_and_leaves_the_certificate_alone():
    record = ChangeFactory()

    with pytest.raises(ValidationError):
        services.refuse_change(record, **decided(record, opinion=" "))
    record.refresh_from_db()
    services.refuse_change(record, **decided(record, opinion="应当申请复查"))

    assert (record.state, record.authority_opinion) == ("refused", "应当申请复查")
    assert record.standard.certificates.get().state == "valid"


@pytest.mark.parametrize("day", [ON + dt.timedelta(1), ON - dt.timedelta(1)])
def test_a_decision_lies_between_submission_and_today(day):
    record = ChangeFactory()

    with pytest.raises(ValidationError) as caught:
        services.approve_change(record, **decided(record, decided_on=day))

    assert list(caught.value.message_dict) == ["decided_on"]


def test_a_decision_entered_late_says_why():
    record = ChangeFactory(submitted_at=clock.at_time(ON - dt.timedelta(9)))
    late = decided(record, decided_on=ON - dt.timedelta(2))

    with pytest.raises(ValidationError) as caught:
        services.approve_change(record, **late)
    assert caught.value.message_dict == {
        "late_reason": ["决定日期在2天以前，请说明当时没有登记的理由。"]
    }

    record.refresh_from_db()
    services.approve_change(record, **late, late_reason="会议纪要后到")
    assert "补录理由：会议纪要后到" in AuditEntry.objects.get(action="change.approve").note


def test_nobody_decides_on_what_they_have_not_read():
    record = ChangeFactory()
    ChangeRecord.objects.filter(pk=record.pk).update(version=2)

    with pytest.raises(StaleError):
        services.approve_change(record, **decided(record, base_version=1))


def test_the_second_officer_finds_it_decided():
    record = ChangeFactory()
    second = ChangeRecord.objects.get(pk=record.pk)

    services.approve_change(record, **decided(record))

    with pytest.raises(TransitionError):
        services.refuse_change(second, **decided(second, opinion="不同意"))
    assert StandardCertificate.objects.get(standard=record.standard).state == "sealed"


# Writing -----------------------------------------------------------------------------------------


def test_the_trail_keeps_what_the_tables_were():
    record = ChangeFactory(state="draft", replacing=True)
    LineFactory(record=record, name="甲")
    row = {"role": "main", "name": "乙"}

    services.update_change(
        record,
        base_version=1,
        values={"causes": ["workload"]},
        lines={"after": [row]},
        actor=None,
    )

    assert [line.name for line in ChangeLine.objects.all()] == ["乙"]
    entry = AuditEntry.objects.get()
    assert (entry.before["更换原因"], entry.after["更换原因"]) == ("设备问题", "工作量变化")
    assert "甲" in entry.before["更换后"]
    assert "乙" in entry.after["更换后"]


def test_a_colleague_s_save_meanwhile_shows_both_values():
    record = ChangeFactory(state="draft")
    services.update_change(record, base_version=1, values={"reason": "先到"}, lines={}, actor=None)

    with pytest.raises(StaleError) as caught:
        services.update_change(
            record, base_version=1, values={"reason": "后到"}, lines={}, actor=None
        )

    assert caught.value.payload["fields"] == {"原因说明": ["先到", "后到"]}


def test_a_submitted_application_is_not_edited():
    record = ChangeFactory()

    with pytest.raises(TransitionError):
        services.update_change(record, base_version=1, values={}, lines={}, actor=None)


def test_a_form_is_printed_in_the_words_of_its_submission():
    record = ChangeFactory(kind="seal", state="draft", replacing=False)
    name = record.standard.unit.name
    services.submit_change(record, actor=None)
    host = str(record.standard.hosting_authority)
    type(record.standard.unit).objects.update(name="改名后的单位")
    type(record.standard.hosting_authority).objects.update(short_name="改名后的局")
    record = type(record).objects.get(pk=record.pk)

    paper = papers.change_paper(record, {}, certificate=None, valid_until=None)
    assert paper.unit == name
    assert paper.opinions[-1].title == f"主持考核部门意见（{host}）"


def test_the_form_of_a_resumption_carries_the_new_certificate():
    record = ChangeFactory(kind="resume")
    record.new_issue_date, record.new_valid_until = ON, dt.date(2026, 5, 9)

    paper = papers.change_paper(record, {}, certificate=None, valid_until=None)

    assert paper.new_valid_until == "2026年5月9日"
