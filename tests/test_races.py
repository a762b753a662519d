"""Two people at the same thing at once: the second waits for the first and then sees what it did.

Only PostgreSQL lets two writers meet; SQLite takes one transaction after the other.
"""

import contextvars
import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from campaigns import moves as campaign_moves
from inspections import signatures
from inspections.models import InspectionTask, Signature
from inspections.moves import task as task_moves
from metrostd.changes import services as applications
from metrostd.common import clock
from metrostd.common.transitions import TransitionError
from metrostd.lists.imports import commit_import, start_import
from metrostd.lists.services import hand_overs, returns
from metrostd.registry import services as register
from metrostd.registry.models import (
    ChangeRecord,
    HandOver,
    HandOverReturn,
    StandardInstrument,
    Unit,
)
from metrostd.registry.services import update_unit
from rectification.models import CaseReferral
from rectification.moves import extension as extension_moves
from rectification.moves import order as order_moves
from rectification.moves import referral as referral_moves
from rectification.moves import report as report_moves
from selfcheck import moves as reporting
from selfcheck import services as selfcheck
from selfcheck.models import SelfCheckProblem
from tests.factories.campaigns import DrawnUnitFactory
from tests.factories.changes import ChangeFactory
from tests.factories.hand_overs import HandedRowFactory, ReturnFactory
from tests.factories.inspections import hand
from tests.factories.lists import row, sheet
from tests.factories.rectification import ORDERED_ON, RaisedFindingFactory, fill, issue
from tests.factories.registry import (
    AuthorityFactory,
    FieldFactory,
    InstrumentFactory,
    StandardFactory,
)
from tests.factories.selfcheck import report_with_answers
from tests.inspections.story import VISIT, make_visit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]

#: How long the first keeps its transaction open at most after the second has been set off, in seconds.
PATIENCE = 10


def somebody_waits() -> bool:
    """Whether a session of this database stands before a lock another one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database())"
        )
        return cursor.fetchone()[0]


def meanwhile(first: Callable[[], object], second: Callable[[], object]) -> BaseException | None:
    """Run ``second`` while ``first`` has written and not committed; what ``second`` raised."""
    written, raised = threading.Event(), []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except (ValidationError, TransitionError) as error:
            raised.append(error)
        finally:
            connections["default"].close()

    def held() -> None:
        with transaction.atomic():
            first()
            written.set()
            contender.start()
            deadline = time.monotonic() + PATIENCE
            while contender.is_alive() and not somebody_waits() and time.monotonic() < deadline:
                contender.join(0.01)

    context = contextvars.copy_context()
    contender = threading.Thread(target=context.copy().run, args=(run, second))
    leader = threading.Thread(target=context.copy().run, args=(run, held))
    leader.start()
    leader.join()
    assert written.is_set()
    contender.join()
    return raised[0] if raised else None


@pytest.fixture(autouse=True)
def _on_the_day():
    with clock.pinned(VISIT.replace(hour=16)):
        yield


def test_an_answer_taken_back_while_the_task_goes_to_signing_keeps_it_open():
    visit = make_visit().assign().start().fill().conclude_sheets()

    error = meanwhile(lambda: visit.answer("D02", ""), visit.send)

    assert isinstance(error, ValidationError)
    assert InspectionTask.objects.get().state == "in_progress"


def test_an_answer_saved_while_the_task_goes_to_signing_is_refused():
    visit = make_visit().assign().start().fill().conclude_sheets()

    error = meanwhile(visit.send, lambda: visit.answer("D02", ""))

    assert isinstance(error, TransitionError)
    assert visit.standard_sheet().answers.get(item__code="D02").answer == "conform"


def test_a_signature_given_while_the_task_is_given_back_does_not_stand():
    visit = make_visit().to_signing()

    def sign():
        signatures.sign_for_unit(
            InspectionTask.objects.get(), actor=visit.leader.user, name="示例人",
            position="主任", hand=hand(), client_id=uuid.uuid4(),
        )  # fmt: skip

    error = meanwhile(lambda: task_moves.resume(visit.task, actor=None, note="事实有误"), sign)

    assert isinstance(error, TransitionError)
    assert not Signature.objects.exists()


def test_a_draw_is_not_void_when_a_team_is_being_sent():
    visit = make_visit_of_a_draw()

    error = meanwhile(
        visit.assign,
        lambda: campaign_moves.void_draw(visit.task.drawn_unit.run, actor=None, note="名单有误"),
    )

    assert isinstance(error, ValidationError)
    assert InspectionTask.objects.get().drawn_unit.run.state == "valid"


def make_visit_of_a_draw():
    visit = make_visit()
    drawn = DrawnUnitFactory(
        run__frame__campaign=visit.task.campaign,
        run__frame__authority=visit.task.authority,
        unit=visit.task.unit,
    )
    InspectionTask.objects.filter(pk=visit.task.pk).update(drawn_unit=drawn)
    visit.task.refresh_from_db()
    return visit


def test_two_people_extend_once():
    finding = issue().items.get().finding
    other = type(finding).objects.get(pk=finding.pk)

    def extend(row):
        extension_moves.extend(row, due_on=dt.date(2021, 9, 20), reason="送检排队", actor=None)

    with clock.pinned(clock.at_time(ORDERED_ON)):
        error = meanwhile(lambda: extend(finding), lambda: extend(other))

    assert isinstance(error, ValidationError)
    assert "只能延期一次" in str(error)


def test_two_people_refer_a_case_once():
    finding = RaisedFindingFactory(state="failed")

    def refer():
        referral_moves.refer_case(
            finding, sent_to="执法总队", reason="示例", legal_basis="计量法", actor=None
        )

    error = meanwhile(refer, refer)

    assert isinstance(error, ValidationError)
    assert CaseReferral.objects.count() == 1


def test_a_report_of_the_last_day_is_not_failed_by_the_clock_that_runs_meanwhile():
    order = issue()
    finding = order.items.get().finding
    late = finding.due_on + dt.timedelta(days=1)
    failed = []
    fill(finding, actor=None)

    def on_the_last_day():
        with clock.pinned(clock.at_time(finding.due_on, 23, 59)):
            report_moves.submit_rectification(order, actor=None)

    def after_midnight():
        with clock.pinned(clock.at_time(late, 0, 20)):
            failed.append(order_moves.fail_overdue(late))

    meanwhile(on_the_last_day, after_midnight)

    finding.refresh_from_db()
    assert (failed, finding.state) == ([0], "submitted")


def test_a_list_does_not_write_over_what_is_being_corrected():
    city, field = AuthorityFactory(city=True), FieldFactory()
    AuthorityFactory(code="120111", region_name="西青区", short_name="西青区局", parent=city)
    common = {"category": "ent_highest", "issuing_authority": city, "actor": None}
    commit_import(start_import(sheet(row(1)), "名单.xlsx", **common), actor=None)
    moved = sheet(row(1, 单位地址="天津市西青区新路9号"))
    batch = start_import(moved, "名单2.xlsx", **common)
    unit = Unit.objects.get()

    error = meanwhile(
        lambda: update_unit(unit, base_version=1, values={"contact_name": "新人"}, actor=None),
        lambda: commit_import(batch, actor=None),
    )

    unit.refresh_from_db()
    assert "刚刚被他人修改" in str(error)
    assert (unit.contact_name, batch.state, field.code) == ("新人", "parsed", "12")


def test_two_colleagues_registering_the_same_are_told():
    instrument = InstrumentFactory(serial_no="甲")
    standard = instrument.standard
    device = {"role": "main", "name": "示例表", "model": "1", "serial_no": "777"}
    paper = {
        "kind": "calibration",
        "org": "示例院",
        "cert_no": "校字1号",
        "traced_on": VISIT.date(),
    }
    certified = {
        "domains": [], "number": "〔2021〕津量标企证字第7号", "issue_date": dt.date(2021, 6, 1),
        "valid_until": dt.date(2026, 5, 31), "issue_kind": "new", "on": VISIT.date(), "actor": None,
    }  # fmt: skip
    offices = {name: getattr(standard, name) for name in ("issuing_authority", "hosting_authority")}
    named = {"name": "示例装置", "category": "ent_highest", **offices}

    def register_device():
        register.add_instrument(standard, values=device, actor=None)

    def register_paper():
        values = paper | {"result": "meets"}
        register.add_trace(instrument, values=values, scan=None, actor=None)

    def register_standard():
        register.register_standard(standard.unit, values=dict(named), **certified)

    for register_it, words in (
        (register_device, "已登记"),
        (register_paper, "已经登记"),
        (register_standard, "台账中已有这个证书号"),
    ):
        error = meanwhile(register_it, register_it)

        assert isinstance(error, ValidationError)
        assert words in str(error)


def test_two_colleagues_changing_to_the_same_are_told():
    one, other = (InstrumentFactory(serial_no=serial) for serial in "甲乙")
    StandardInstrument.objects.filter(pk=other.pk).update(
        standard=one.standard, name=one.name, model=one.model
    )

    def number(instrument):
        own = StandardInstrument.objects.get(pk=instrument.pk)
        register.update_instrument(own, base_version=1, values={"serial_no": "丙"}, actor=None)

    error = meanwhile(lambda: number(one), lambda: number(other))

    assert isinstance(error, ValidationError)
    assert "已登记" in str(error)


def test_two_clerks_acknowledge_a_list_once():
    hand_over = HandedRowFactory().hand_over

    def acknowledge():
        row = HandOver.objects.get(pk=hand_over.pk)
        hand_overs.acknowledge(row, accepted=1, returned=0, actor=None)

    error = meanwhile(acknowledge, acknowledge)

    assert isinstance(error, TransitionError)
    assert HandOver.objects.get().receipt_no.endswith("1号")


def test_a_row_marked_while_a_colleague_acknowledges_is_not_taken_for_good():
    row = HandedRowFactory()
    hand_over = row.hand_over

    error = meanwhile(
        lambda: returns.return_rows(hand_over, [row.pk], reason="ended", actor=None),
        lambda: hand_overs.acknowledge(hand_over, accepted=1, returned=0, actor=None),
    )

    assert isinstance(error, TransitionError)
    assert HandOver.objects.get().state == "sent"


def test_a_list_is_not_taken_back_while_a_district_acknowledges_it():
    hand_over = HandedRowFactory().hand_over

    error = meanwhile(
        lambda: hand_overs.acknowledge(hand_over, accepted=1, returned=0, actor=None),
        lambda: hand_overs.withdraw(hand_over.batch, actor=None, note="示例"),
    )

    assert isinstance(error, ValidationError)
    assert HandOver.objects.get().state == "acknowledged"


def test_two_people_decide_about_a_returned_row_once():
    returned = ReturnFactory()
    other = AuthorityFactory()

    def decide(how):
        row = HandOverReturn.objects.for_list().get(pk=returned.pk)
        how(row)

    error = meanwhile(
        lambda: decide(lambda r: returns.answer(r, decision="kept", words="示例", actor=None)),
        lambda: decide(lambda r: returns.pass_on(r, district=other, actor=None)),
    )

    assert isinstance(error, TransitionError)
    assert not HandOver.objects.filter(authority=other).exists()


def test_an_answer_taken_back_while_a_self_check_goes_out_keeps_it_back():
    report = report_with_answers()
    given = report.answers.select_related("item", "report__campaign").first()

    def take_back():
        selfcheck.save_answer(
            given, value="", note="", base_version=given.version, client_id=uuid.uuid4(), actor=None
        )

    error = meanwhile(
        take_back,
        lambda: reporting.submit(report, actor=None, summary="已自查", declaration_by="示例人"),
    )

    assert isinstance(error, ValidationError)
    report.refresh_from_db()
    assert report.first_submitted_at is None


def test_a_problem_sent_twice_at_once_is_recorded_once():
    report = report_with_answers()
    client_id = uuid.uuid4()

    def save():
        selfcheck.save_problem(
            type(report).objects.get(pk=report.pk), client_id=client_id, actor=None,
            description="示例问题", found_on=clock.today(),
        )  # fmt: skip

    error = meanwhile(save, save)

    assert error is None
    assert SelfCheckProblem.objects.filter(client_id=client_id).count() == 1


def test_two_officers_decide_an_application_once():
    record = ChangeFactory(
        submitted_at=clock.now(), unit_opinion_on=VISIT.date(), stop_from=VISIT.date()
    )

    def approve():
        applications.approve_change(
            ChangeRecord.objects.get(pk=record.pk), actor=None, base_version=1,
            opinion="", opinion_by="示例", decided_on=VISIT.date(),
        )  # fmt: skip

    def refuse():
        applications.refuse_change(
            ChangeRecord.objects.get(pk=record.pk), actor=None, base_version=1,
            opinion="不同意", opinion_by="示例", decided_on=VISIT.date(),
        )  # fmt: skip

    error = meanwhile(approve, refuse)

    assert isinstance(error, TransitionError)
    assert ChangeRecord.objects.get().state == "approved"
    assert record.standard.certificates.get().state == "sealed"


def test_two_applications_of_a_kind_begun_at_once_are_one():
    standard = StandardFactory()

    def begin():
        values = {"reason": "示例", "stop_from": VISIT.date()}
        applications.create_change(standard, kind="seal", values=values, lines={}, actor=None)

    error = meanwhile(begin, begin)

    assert isinstance(error, ValidationError)
    assert ChangeRecord.objects.count() == 1


def test_numbers_of_applications_submitted_at_once_differ():
    first = ChangeFactory(state="draft", unit_opinion_on=VISIT.date())
    second = ChangeFactory(
        state="draft",
        unit_opinion_on=VISIT.date(),
        standard__issuing_authority=first.standard.issuing_authority,
    )

    error = meanwhile(
        lambda: applications.submit_change(first, actor=None),
        lambda: applications.submit_change(second, actor=None),
    )

    assert error is None
    numbers = set(ChangeRecord.objects.values_list("number", flat=True))
    assert {number.partition("〕")[2] for number in numbers} == {"1号", "2号"}
