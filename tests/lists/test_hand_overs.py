"""A list from its commit to the last district's acknowledgement, and what comes back."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.lists.imports import commit_import, undo_import
from metrostd.lists.moves.hand_over import ACKNOWLEDGE, WITHDRAW
from metrostd.lists.policies.imports import can_undo
from metrostd.lists.services import hand_overs, returns
from metrostd.registry.enums import HandOverState, ReturnState
from metrostd.registry.models import HandOver, HandOverReturn, ImportRow, MeasurementStandard, Unit
from tests.factories.accounts import MembershipFactory
from tests.factories.hand_overs import HandedRowFactory, HandOverFactory, ReturnFactory
from tests.factories.lists import row, sheet
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2021, 4, 20)  # a Tuesday


@pytest.fixture(autouse=True)
def _today():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture
def beichen(city):
    return AuthorityFactory(code="120113", short_name="北辰区局", region_name="北辰区", parent=city)


def elsewhere(number, **more):
    return row(number, 所属区="北辰区", 单位地址="天津市北辰区示例路", **more)


# Sending -----------------------------------------------------------------------------------------


def test_committed_list_is_handed_to_each_district_with_its_rows(commit, xiqing, beichen):
    batch = commit(sheet(row(1), row(2), elsewhere(3)))

    sent = {h.authority: h for h in batch.hand_overs.all()}
    assert set(sent) == {xiqing, beichen}
    assert [r.row_no for r in sent[xiqing].rows.order_by("pk")] == [3, 4]
    assert [r.row_no for r in sent[beichen].rows.order_by("pk")] == [5]
    assert sent[xiqing].state == "sent"
    assert AuditEntry.objects.about(sent[xiqing]).get().action == "hand_over.send"


def test_a_district_has_ten_work_days(commit):
    batch = commit(sheet(row(1)))

    # No special day is stored here: two weeks of five days.
    assert batch.hand_overs.get().due_on == dt.date(2021, 5, 4)


def test_unknown_district_waits_for_the_office(commit, xiqing):
    batch = commit(sheet(row(1), row(2, 所属区="", 单位地址="天津市示例路2号")))

    waiting = batch.rows.without_district()
    assert [r.row_no for r in waiting] == [4]
    assert batch.hand_overs.get().rows.count() == 1


def test_only_city_lists_of_what_districts_inspect_are_handed_over(commit, xiqing):
    assert not commit(sheet(row(1)), category="dept_highest").hand_overs.exists()
    assert not commit(sheet(row(2)), issuer=xiqing).hand_overs.exists()
    assert not ImportRow.objects.without_district().exists()


def test_preview_hands_nothing_over(read):
    read(sheet(row(1)))

    assert not HandOver.objects.exists()


# Acknowledging -----------------------------------------------------------------------------------


def test_a_district_acknowledges_thousands_of_rows():
    first = HandedRowFactory()
    columns = [f.attname for f in MeasurementStandard._meta.concrete_fields if not f.primary_key]
    values = {name: getattr(first.standard, name) for name in columns}
    held = MeasurementStandard.objects.bulk_create(
        MeasurementStandard(**values) for _ in range(1100)
    )
    same = {"batch": first.batch, "unit": first.unit, "hand_over": first.hand_over}
    ImportRow.objects.bulk_create(
        ImportRow(sheet="名单", row_no=n, change="new", standard=standard, **same)
        for n, standard in enumerate(held)
    )

    hand_overs.acknowledge(first.hand_over, accepted=1101, returned=0, actor=None)

    assert len(first.hand_over.receipt["accepted"]) == 1101


def test_acknowledging_keeps_what_was_taken_and_sends_back_what_was_marked(commit, xiqing):
    hand_over = commit(sheet(row(1), row(2))).hand_overs.get()
    second = hand_over.rows.get(row_no=4)
    returns.return_rows(hand_over, [second.pk], reason="elsewhere", actor=None)

    hand_overs.acknowledge(hand_over, accepted=1, returned=1, actor=None)

    hand_over.refresh_from_db()
    assert (hand_over.state, hand_over.receipt_no) == (
        "acknowledged",
        "津120111市监名单签收〔2021〕1号",
    )
    assert hand_over.receipt == {
        "authority": hand_over.authority.name,
        "issuer": hand_over.batch.issuing_authority.name,
        "accepted": [
            ["天津示例1号仪器有限公司", "示例压力表检定装置", "〔2018〕津量标企证字第001号", "2023-05-31"]
        ],
        "returned": [
            ["天津示例2号仪器有限公司", "示例压力表检定装置", "〔2018〕津量标企证字第002号", "2023-05-31", "不在本区"]
        ],
    }  # fmt: skip
    assert hand_over.returns.get().state == "open"


def test_receipts_are_numbered_by_district_and_year():
    first, second = HandOverFactory(), HandOverFactory()
    other = HandOverFactory(authority=first.authority)
    for hand_over in (first, second, other):
        hand_overs.acknowledge(hand_over, accepted=0, returned=0, actor=None)

    assert [h.receipt_no for h in (first, second, other)] == [
        f"{first.authority.document_prefix}市监名单签收〔2021〕1号",
        f"{second.authority.document_prefix}市监名单签收〔2021〕1号",
        f"{first.authority.document_prefix}市监名单签收〔2021〕2号",
    ]


def test_acknowledging_is_refused_when_a_colleague_marked_a_row_meanwhile():
    hand_over = HandOverFactory()
    rows = HandedRowFactory.create_batch(2, hand_over=hand_over)
    returns.return_rows(hand_over, [rows[0].pk], reason="duplicate", actor=None)

    with pytest.raises(TransitionError, match="刚刚变了"):
        hand_overs.acknowledge(hand_over, accepted=2, returned=0, actor=None)

    assert HandOver.objects.get().state == "sent"
    assert HandOverReturn.objects.get().state == "draft"


def test_acknowledging_twice_is_stale():
    hand_over = HandOverFactory()
    again = HandOver.objects.get()
    hand_overs.acknowledge(hand_over, accepted=0, returned=0, actor=None)

    with pytest.raises(TransitionError, match="已签收"):
        hand_overs.acknowledge(again, accepted=0, returned=0, actor=None)


def test_institutions_are_confirmed_row_by_row_before_the_list_is_acknowledged():
    hand_over = HandOverFactory()
    first, second = HandedRowFactory.create_batch(
        2, hand_over=hand_over, standard__category="inst_highest"
    )
    HandedRowFactory(hand_over=hand_over)  # an enterprise needs no confirmation

    with pytest.raises(ValidationError, match="还有 2 行"):
        hand_overs.acknowledge(hand_over, accepted=3, returned=0, actor=None)
    assert hand_overs.confirm_rows(hand_over, [first.pk], actor=None) == 1
    returns.return_rows(hand_over, [second.pk], reason="wrong", words="不是最高标准", actor=None)
    hand_overs.acknowledge(hand_over, accepted=2, returned=1, actor=None)

    first.refresh_from_db()
    assert first.confirmed_at is not None
    assert "确认 1 行" in AuditEntry.objects.get(action="hand_over.confirm").note


def test_all_that_is_left_can_be_confirmed_at_once():
    hand_over = HandOverFactory()
    HandedRowFactory.create_batch(3, hand_over=hand_over, standard__category="inst_highest")

    assert hand_overs.confirm_rows(hand_over, None, actor=None) == 3
    assert hand_overs.confirm_rows(hand_over, None, actor=None) == 0


# Marking and sending back ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "nonsense"}, "reason"),
        ({"reason": "wrong"}, "words"),
        ({"reason": "other", "words": "  "}, "words"),
        ({"reason": "moved"}, "district"),
    ],
)
def test_a_reason_must_be_complete(given, field):
    row = HandedRowFactory()

    with pytest.raises(ValidationError) as caught:
        returns.return_rows(row.hand_over, [row.pk], **given, actor=None)

    assert list(caught.value.message_dict) == [field]
    assert not HandOverReturn.objects.exists()


def test_a_unit_has_not_moved_to_the_district_that_says_so():
    row = HandedRowFactory()

    with pytest.raises(ValidationError, match="本区"):
        returns.return_rows(
            row.hand_over, [row.pk], reason="moved", district=row.hand_over.authority, actor=None
        )


def test_rows_of_another_hand_over_and_rows_marked_already_are_left_alone():
    row, other = HandedRowFactory(), HandedRowFactory()
    returns.return_rows(row.hand_over, [row.pk], reason="ended", actor=None)

    with pytest.raises(ValidationError, match="勾选"):
        returns.return_rows(row.hand_over, [row.pk, other.pk], reason="ended", actor=None)

    assert HandOverReturn.objects.count() == 1


def test_a_row_found_wrong_later_goes_back_at_once():
    row = HandedRowFactory(hand_over__acknowledged=True)

    returns.return_rows(row.hand_over, [row.pk], reason="ended", actor=None)

    assert HandOverReturn.objects.get().state == "open"


def test_taken_back_a_row_can_be_sent_back_again():
    row = HandedRowFactory()
    returns.return_rows(row.hand_over, [row.pk], reason="ended", actor=None)
    returns.take_back(HandOverReturn.objects.get(), actor=None)

    returns.return_rows(row.hand_over, [row.pk], reason="duplicate", actor=None)

    assert list(HandOverReturn.objects.values_list("state", flat=True)) == ["withdrawn", "draft"]


# Deciding ----------------------------------------------------------------------------------------


def test_a_unit_elsewhere_goes_with_all_its_rows_to_the_other_district():
    one = ReturnFactory()
    unit = one.row.unit
    sibling = HandedRowFactory(hand_over=one.hand_over, standard=one.row.standard)
    stays = HandedRowFactory(hand_over=one.hand_over)
    other = AuthorityFactory()

    returns.pass_on(one, district=other, words="已核实", actor=None)

    unit.refresh_from_db()
    assert unit.territorial_authority == other
    sent = HandOver.objects.get(authority=other)
    assert (sent.state, sent.batch) == ("sent", one.hand_over.batch)
    assert set(sent.rows.all()) == {one.row, sibling}
    assert sent.reason == f"{one.hand_over.authority}退回后改派"
    assert list(one.hand_over.rows.all()) == [stays]
    assert (one.state, one.decision, one.moved_to, one.answer) == (
        "resolved",
        "moved",
        other,
        "已核实",
    )
    assert AuditEntry.objects.about(unit).get().action == "registry.edit"


def test_rows_join_the_hand_over_that_waits_already():
    one = ReturnFactory()
    waiting = HandOverFactory(batch=one.hand_over.batch)

    returns.pass_on(one, district=waiting.authority, actor=None)

    assert list(waiting.rows.all()) == [one.row]
    assert HandOver.objects.filter(authority=waiting.authority).count() == 1


def test_a_district_that_has_acknowledged_gets_a_second_hand_over():
    one = ReturnFactory()
    done = HandOverFactory(batch=one.hand_over.batch, acknowledged=True)

    returns.pass_on(one, district=done.authority, actor=None)

    further = HandOver.objects.get(authority=done.authority, state="sent")
    assert list(further.rows.all()) == [one.row]
    assert not done.rows.exists()


def test_place_is_settled_for_all_rows_of_the_unit_and_other_reasons_stay_open():
    one = ReturnFactory()
    common = {"row__hand_over": one.hand_over, "row__standard": one.row.standard}
    same, wrong = ReturnFactory(**common, reason="moved"), ReturnFactory(**common, reason="wrong")

    returns.pass_on(one, district=AuthorityFactory(), actor=None)

    same.refresh_from_db()
    wrong.refresh_from_db()
    assert (same.state, wrong.state) == ("resolved", "open")


def test_a_row_does_not_go_back_to_who_sent_it():
    one = ReturnFactory()

    with pytest.raises(ValidationError, match="其他区"):
        returns.pass_on(one, district=one.hand_over.authority, actor=None)
    with pytest.raises(ValidationError, match="请选择区局"):
        returns.pass_on(one, district=AuthorityFactory(level="city"), actor=None)

    one.refresh_from_db()
    assert one.state == "open"


def test_an_answer_is_accepted_by_the_district():
    one = ReturnFactory(row__standard__category="inst_highest")

    returns.answer(one, decision="kept", words="经核实仍在本区", actor=None)
    returns.accept(one, actor=None)

    one.row.refresh_from_db()
    assert (one.state, one.decision, one.answer) == ("resolved", "kept", "经核实仍在本区")
    assert one.row.confirmed_at is not None


def test_an_answer_needs_words_and_the_district_may_insist():
    one = ReturnFactory()
    with pytest.raises(ValidationError, match="答复"):
        returns.answer(one, decision="kept", words=" ", actor=None)
    with pytest.raises(ValidationError, match="处理方式"):
        returns.answer(one, decision="moved", words="示例", actor=None)

    returns.answer(one, decision="corrected", words="地址已改", actor=None)
    returns.insist(one, note="楼号仍不对", actor=None)

    assert (one.state, one.words) == ("open", "楼号仍不对")


def test_a_row_without_district_gets_one(commit, xiqing):
    batch = commit(sheet(row(1, 所属区="", 单位地址="天津市示例路2号")))
    waiting = batch.rows.get()

    returns.assign(waiting, district=xiqing, actor=None)

    assert Unit.objects.get().territorial_authority == xiqing
    assert list(batch.hand_overs.get().rows.all()) == [waiting]
    assert not batch.rows.without_district().exists()
    waiting.refresh_from_db()
    with pytest.raises(TransitionError, match="已经移交"):
        returns.assign(waiting, district=xiqing, actor=None)


# Every state against every move ------------------------------------------------------------------

RETURN_MOVES = {
    "take_back": lambda r: returns.take_back(r, actor=None),
    "pass_on": lambda r: returns.pass_on(r, district=AuthorityFactory(), actor=None),
    "answer": lambda r: returns.answer(r, decision="kept", words="示例", actor=None),
    "accept": lambda r: returns.accept(r, actor=None),
    "insist": lambda r: returns.insist(r, note="示例", actor=None),
}
RETURN_ALLOWED = {
    ("draft", "take_back"): "withdrawn",
    ("open", "take_back"): "withdrawn",
    ("open", "pass_on"): "resolved",
    ("open", "answer"): "answered",
    ("answered", "accept"): "resolved",
    ("answered", "insist"): "open",
}


@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(ReturnState.values, RETURN_MOVES))
)
def test_every_state_of_a_returned_row_against_every_move(state, move):
    said = {"decision": "kept", "answer": "示例"} if state == "answered" else {}
    one = ReturnFactory(state=state, **said)

    if target := RETURN_ALLOWED.get((state, move)):
        RETURN_MOVES[move](one)
        one.refresh_from_db()
        assert one.state == target
    else:
        with pytest.raises(TransitionError):
            RETURN_MOVES[move](one)
        one.refresh_from_db()
        assert one.state == state


HAND_OVER_ALLOWED = {
    ("sent", "hand_over.acknowledge"): "acknowledged",
    ("sent", "hand_over.withdraw"): "withdrawn",
}


@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(HandOverState.values, (ACKNOWLEDGE, WITHDRAW)))
)
def test_every_state_of_a_hand_over_against_every_move(state, move):
    hand_over = HandOverFactory(acknowledged=state == "acknowledged", state=state)
    more = {"acknowledged_at": clock.now(), "receipt_no": "示例"} if move == ACKNOWLEDGE else {}

    if target := HAND_OVER_ALLOWED.get((state, move.name)):
        move.apply(hand_over, actor=None, note="示例", **more)
        hand_over.refresh_from_db()
        assert hand_over.state == target
    else:
        with pytest.raises(TransitionError):
            move.apply(hand_over, actor=None, note="示例", **more)


# Taking the list back ----------------------------------------------------------------------------


def test_undo_withdraws_what_nobody_has_acknowledged(commit):
    batch = commit(sheet(row(1)))
    hand_over = batch.hand_overs.get()
    returns.return_rows(hand_over, [hand_over.rows.get().pk], reason="ended", actor=None)

    undo_import(batch, actor=None, note="传错文件")

    hand_over.refresh_from_db()
    assert (hand_over.state, hand_over.returns.get().state) == ("withdrawn", "withdrawn")
    assert not hand_over.rows.exists()


def test_undo_is_refused_once_a_district_has_acknowledged(commit):
    batch = commit(sheet(row(1)))
    hand_overs.acknowledge(batch.hand_overs.get(), accepted=1, returned=0, actor=None)

    with pytest.raises(ValidationError, match="西青区局已经签收"):
        undo_import(batch, actor=None, note="再核对")

    assert batch.state == "committed"
    assert Unit.objects.count() == 1


def test_the_undo_button_says_who_has_acknowledged(commit, importer):
    batch = commit(sheet(row(1)))
    assert can_undo(importer, batch)

    hand_overs.acknowledge(batch.hand_overs.get(), accepted=1, returned=0, actor=None)

    assert can_undo(importer, batch).reason.startswith("西青区局已经签收")


def test_a_list_committed_again_is_handed_over_again(commit):
    batch = commit(sheet(row(1)))
    undo_import(batch, actor=None, note="再核对")

    commit_import(batch, actor=None)

    assert sorted(batch.hand_overs.values_list("state", flat=True)) == ["sent", "withdrawn"]
    assert batch.hand_overs.sent().get().rows.count() == 1


# Term and reminders ------------------------------------------------------------------------------


def test_the_office_sets_another_day_for_those_still_waiting():
    waiting = HandOverFactory()
    done = HandOverFactory(batch=waiting.batch, acknowledged=True)

    moved = hand_overs.reschedule(waiting.batch, due_on=dt.date(2021, 6, 1), actor=None)

    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (moved, waiting.due_on, done.due_on) == (1, dt.date(2021, 6, 1), dt.date(2021, 5, 10))
    with pytest.raises(ValidationError, match="不能早于今天"):
        hand_overs.reschedule(waiting.batch, due_on=dt.date(2021, 4, 19), actor=None)


def test_reminding_is_once_a_day():
    waiting = HandOverFactory()
    HandOverFactory(batch=waiting.batch, acknowledged=True)

    nobody = hand_overs.remind(waiting.batch.hand_overs.all(), actor=None)
    MembershipFactory(authority=waiting.authority)

    first, again = (hand_overs.remind(waiting.batch.hand_overs.all(), actor=None) for _ in range(2))
    with clock.pinned(clock.at_time(dt.date(2021, 4, 21))):
        tomorrow = hand_overs.remind(waiting.batch.hand_overs.all(), actor=None)

    assert nobody.sentence == "没有发出催办；1项没有可以通知的账户，请打电话。"
    assert first.sentence == tomorrow.sentence == "已催办1项。"
    assert again.sentence == "没有发出催办；1项今天已经催办过，没有重复。"


# Cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 4])
def test_acknowledging_costs_the_same_for_many_rows(rows):
    hand_over = HandOverFactory()
    for one in HandedRowFactory.create_batch(rows * 2, hand_over=hand_over)[:rows]:
        returns.return_rows(hand_over, [one.pk], reason="ended", actor=None)

    with CaptureQueriesContext(connection) as counted:
        hand_overs.acknowledge(hand_over, accepted=rows, returned=rows, actor=None)

    # Whether a campaign runs or not, the rows sent back are owed: five more than before they were.
    assert len(counted) <= 35
