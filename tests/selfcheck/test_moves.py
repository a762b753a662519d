import datetime as dt
import itertools

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError

from campaigns import duties
from campaigns.enums import CampaignState, DutyKind
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.enums import Answer
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.models import Authority, Unit
from selfcheck import moves, queries, receipts, schedule
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.selfcheck import DAY, ProblemFactory, ReportFactory, report_with_answers

pytestmark = pytest.mark.django_db

MOVES = {
    "start": lambda r, a: moves.start(r, actor=a),
    "submit": lambda r, a: moves.submit(r, actor=a, summary="已自查", declaration_by="王某"),
    "accept": lambda r, a: moves.accept(r, actor=a),
    "send_back": lambda r, a: moves.send_back(
        r, actor=a, note="请补充证据", due_on=dt.date(2021, 5, 28)
    ),
    "exempt": lambda r, a: moves.exempt(r, actor=a, note="均已注销"),
    "reopen": lambda r, a: moves.reopen(r, actor=a, note="补充材料"),
    "revive_begun": lambda r, a: moves.revive(r, actor=a, note="恢复使用"),
    "renew": lambda r, a: moves.RENEW.apply(r, actor=a, note="期限顺延"),
    "resume": lambda r, a: moves.RESUME.apply(r, actor=a, note="期限顺延"),
}
ALLOWED = {
    ("not_started", "start"): "draft",
    ("draft", "submit"): "submitted",
    ("overdue", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("reopened", "submit"): "submitted",
    ("submitted", "accept"): "accepted",
    ("submitted", "send_back"): "returned",
    ("not_started", "exempt"): "exempted",
    ("draft", "exempt"): "exempted",
    ("overdue", "exempt"): "exempted",
    ("submitted", "exempt"): "exempted",
    ("returned", "exempt"): "exempted",
    ("reopened", "exempt"): "exempted",
    ("accepted", "reopen"): "reopened",
    ("exempted", "revive_begun"): "draft",
    ("overdue", "renew"): "not_started",
    ("overdue", "resume"): "draft",
}


def hand_in(report, *, by="王某"):
    moves.submit(report, actor=None, summary="已自查", declaration_by=by)


@pytest.mark.parametrize(("state", "move"), list(itertools.product(ReportState.values, MOVES)))
def test_every_state_against_every_move(state, move):
    report = report_with_answers(state=state)
    if move == "exempt":
        report.covered.get().standard.certificates.update(state="deregistered")
    before = AuditEntry.objects.count()

    if target := ALLOWED.get((state, move)):
        MOVES[move](report, UserFactory())
        report.refresh_from_db()
        assert report.state == target
        assert AuditEntry.objects.filter(action=f"selfcheck.{move}").get().before["state"] == state
    else:
        with pytest.raises(TransitionError):
            MOVES[move](report, UserFactory())
        assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("state", ReportState.values)
def test_the_clock_marks_only_what_never_came(state):
    report = ReportFactory(state=state, due_on=dt.date(2021, 5, 19))

    moved = moves.mark_overdue(DAY)

    report.refresh_from_db()
    expected = state in {"not_started", "draft"}
    assert moved == int(expected)
    assert report.state == ("overdue" if expected else state)
    assert moves.mark_overdue(DAY) == 0


def test_overdue_begins_the_day_after_the_due_day():
    report = ReportFactory(due_on=dt.date(2021, 5, 31))

    on_the_day = moves.mark_overdue(dt.date(2021, 5, 31))
    with clock.pinned(clock.at_time(dt.date(2021, 6, 1), 0, 10)):
        schedule.mark_overdue()

    report.refresh_from_db()
    assert on_the_day == 0
    assert report.state == "overdue"


@pytest.mark.parametrize("rows", [1, 4])
def test_marking_overdue_takes_the_same_queries(rows, django_assert_num_queries):
    ReportFactory.create_batch(rows, due_on=dt.date(2021, 5, 1))
    ReportFactory.create_batch(rows, as_bureau=True, due_on=dt.date(2021, 5, 1))
    ContentType.objects.get_for_model(SelfCheckReport)

    with django_assert_num_queries(11):
        moved = moves.mark_overdue(DAY)

    assert moved == 2 * rows


def test_the_clock_marks_in_slices(monkeypatch):
    monkeypatch.setattr(moves, "SLICE", 2)
    reports = ReportFactory.create_batch(5, due_on=dt.date(2021, 5, 1))

    assert moves.mark_overdue(DAY) == 5
    assert moves.mark_overdue(DAY) == 0
    marked = AuditEntry.objects.filter(action="selfcheck.mark_overdue").values_list(
        "target_id", flat=True
    )
    assert sorted(marked) == [report.pk for report in reports]


def test_a_closed_campaign_is_left_alone_by_the_clock():
    ReportFactory(due_on=dt.date(2021, 5, 1), campaign__state=CampaignState.CLOSED)

    assert moves.mark_overdue(DAY) == 0


@pytest.mark.parametrize("move", ["start", "submit", "accept", "send_back", "exempt", "reopen"])
def test_nothing_moves_in_a_closed_campaign(move):
    state = {"start": "not_started", "submit": "draft", "reopen": "accepted"}.get(move, "submitted")
    report = report_with_answers(state=state, campaign__state=CampaignState.CLOSED)

    with pytest.raises(ValidationError, match="不在进行中"):
        MOVES[move](report, None)


def test_submitting_gives_receipt_review_duty_and_message():
    report = report_with_answers()
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=report.receiver)
    MembershipFactory(role=Role.CITY_INSPECTOR, authority=report.receiver)
    duties.assign(
        report.campaign,
        kind=DutyKind.SELF_CHECK,
        title="报送自查报告",
        due_on=report.due_on,
        target=report,
        unit=report.unit,
    )

    hand_in(report)

    report.refresh_from_db()
    assert report.receipt_no == f"{report.receiver.document_prefix}市监自查回执〔2021〕1号"
    assert report.first_submitted_at == report.submitted_at == clock.now()
    assert report.declaration_by == "王某"
    assert not report.is_late
    review = Duty.objects.open().get()
    assert (review.kind, review.authority) == (DutyKind.SELF_CHECK_REVIEW, report.receiver)
    # 20 May 2021 is a Thursday: five work days later is Thursday 27 May.
    assert review.due_on == dt.date(2021, 5, 27)
    assert Message.objects.get().membership == office


def test_receipts_are_numbered_per_receiver_and_year():
    first, second = report_with_answers(), report_with_answers()
    same = report_with_answers(campaign=first.campaign)

    for report in (first, second, same):
        hand_in(report)
    with clock.pinned(clock.at_time(dt.date(2022, 1, 4))):
        later = report_with_answers(campaign=first.campaign)
        hand_in(later)

    numbers = [report.receipt_no for report in (first, second, same, later)]
    one, two = (report.receiver.document_prefix for report in (first, second))
    assert numbers == [
        f"{one}市监自查回执〔2021〕1号",
        f"{two}市监自查回执〔2021〕1号",
        f"{one}市监自查回执〔2021〕2号",
        f"{one}市监自查回执〔2022〕1号",
    ]


def test_a_receipt_says_what_was_so_when_the_report_came():
    report = report_with_answers()
    name = report.unit.name
    hand_in(report)

    Unit.objects.filter(pk=report.unit_id).update(name="改名后的单位")
    SelfCheckReport.objects.filter(pk=report.pk).update(declaration_by="后来的人")
    Authority.objects.filter(pk=report.receiver_id).update(name="改名后的局")
    said = receipts.receipt_data(SelfCheckReport.objects.get(pk=report.pk))

    assert (said.subject, said.declaration_by) == (name, "王某")
    assert said.receiver == report.receiver.name
    assert said.submitted_at == report.submitted_at


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        (clock.at_time(dt.date(2021, 5, 31), 23, 59), False),
        (clock.at_time(dt.date(2021, 6, 1), 0, 0), True),
    ],
)
def test_the_due_day_is_in_time_to_its_last_minute(moment, late):
    report = report_with_answers(due_on=dt.date(2021, 5, 31))

    with clock.pinned(moment):
        hand_in(report)

    assert report.is_late is late


def test_a_resubmission_keeps_first_time_lateness_and_receipt():
    report = report_with_answers()
    hand_in(report)
    first = report.first_submitted_at
    moves.send_back(report, actor=None, note="请补充", due_on=dt.date(2021, 5, 24))

    with clock.pinned(clock.at_time(dt.date(2021, 6, 20))):
        hand_in(report)

    report.refresh_from_db()
    assert (report.first_submitted_at, report.is_late) == (first, False)
    assert report.submitted_at > first
    assert report.receipt_no == f"{report.receiver.document_prefix}市监自查回执〔2021〕1号"


def test_sending_back_moves_the_duty_and_marks_answers():
    report = report_with_answers(state="submitted")
    marked, unmarked = report.answers.order_by("item__code")[:2]
    unmarked.__class__.objects.filter(pk=unmarked.pk).update(review_mark="上次的意见")
    member = MembershipFactory(as_unit=True, unit=report.unit)

    moves.send_back(
        report,
        actor=None,
        note="请补充证书",
        due_on=dt.date(2021, 5, 26),
        marks={marked.pk: "缺少证书编号", unmarked.pk: " "},
    )

    marked.refresh_from_db()
    unmarked.refresh_from_db()
    assert (marked.review_mark, unmarked.review_mark) == ("缺少证书编号", "")
    owed = Duty.objects.open().get()
    assert (owed.kind, owed.unit) == (DutyKind.SELF_CHECK, report.unit)
    assert owed.due_on == report.due_on == dt.date(2021, 5, 26)
    assert Message.objects.get().membership == member
    assert AuditEntry.objects.get(action="selfcheck.mark_items").after == {
        "marks": {marked.item.code: "缺少证书编号"}
    }


def test_a_mark_on_somebody_elses_answer_is_refused():
    report = report_with_answers(state="submitted")
    foreign = report_with_answers(state="submitted").answers.first()

    with pytest.raises(ValidationError, match="不属于这份报告"):
        moves.send_back(report, actor=None, note="补充", due_on=DAY, marks={foreign.pk: "意见"})
    report.refresh_from_db()
    assert report.state == "submitted"


@pytest.mark.parametrize("move", ["send_back", "exempt", "reopen"])
def test_sending_back_exempting_and_reopening_need_a_reason(move):
    report = report_with_answers(state="accepted" if move == "reopen" else "submitted")
    report.covered.get().standard.certificates.update(state="withdrawn")
    extra = {"due_on": DAY} if move == "send_back" else {}

    with pytest.raises(ValidationError, match="理由"):
        getattr(moves, move)(report, actor=None, note=" ", **extra)


def test_sending_back_into_the_past_is_refused():
    report = report_with_answers(state="submitted")

    with pytest.raises(ValidationError, match="不能早于今天"):
        moves.send_back(report, actor=None, note="补充", due_on=dt.date(2021, 5, 19))


def test_accepting_fulfils_the_review_and_clears_marks():
    report = report_with_answers()
    hand_in(report)
    report.answers.update(review_mark="旧意见")

    moves.accept(report, actor=None, note="齐全")

    assert not Duty.objects.open().exists()
    assert not report.answers.exclude(review_mark="").exists()


def test_bureaus_owe_their_own_kind_of_duty():
    report = ReportFactory(as_bureau=True, state="submitted")

    moves.send_back(report, actor=None, note="补充", due_on=DAY)

    owed = Duty.objects.open().get()
    assert (owed.kind, owed.authority) == (DutyKind.BUREAU_SELF_CHECK, report.bureau)


def test_exemption_needs_every_standard_gone():
    report = report_with_answers(standards=2)
    report.covered.first().standard.certificates.update(state="deregistered")

    with pytest.raises(ValidationError, match="仍有 1 项"):
        moves.exempt(report, actor=None, note="已注销")

    report.covered.last().standard.__class__.objects.filter(
        pk=report.covered.last().standard_id
    ).update(in_scope=False)
    duties.assign(
        report.campaign,
        kind=DutyKind.SELF_CHECK,
        title="报送",
        due_on=DAY,
        target=report,
        unit=report.unit,
    )
    moves.exempt(report, actor=None, note="已注销")
    assert report.state == "exempted"
    assert Duty.objects.get().cancelled_at


def test_a_bureau_that_has_issued_certificates_is_not_exempted():
    report = report_with_answers()
    standard = report.covered.get().standard
    bureau = ReportFactory(as_bureau=True, bureau=standard.issuing_authority)
    without = ReportFactory(as_bureau=True)

    with pytest.raises(ValidationError, match="考核工作自查不能免报"):
        moves.exempt(bureau, actor=None, note="无考核工作")
    moves.exempt(without, actor=None, note="无考核工作")

    assert without.state == "exempted"


def test_reopening_keeps_what_was_accepted():
    report = report_with_answers(state="accepted", summary="首次自查")
    ProblemFactory(report=report)

    moves.reopen(report, actor=None, note="补充证书")

    kept = AuditEntry.objects.get(action="selfcheck.keep_revision").after
    assert report.revision == 2
    assert kept["revision"] == 1
    assert {row["item"]: row["answer"] for row in kept["answers"]} == dict.fromkeys(
        ("U04", "A01", "A02", "H01"), Answer.CONFORM
    )
    assert kept["problems"][0]["measure"] == "已送检"
    assert Duty.objects.open().get().due_on == dt.date(2021, 5, 27)


@pytest.mark.parametrize(("day", "fine"), [(15, True), (16, False)])
def test_reopening_ends_with_the_day_the_summary_is_due(day, fine):
    report = report_with_answers(state="accepted")

    with clock.pinned(clock.at_time(dt.date(2021, 10, day), 23, 59)):
        if fine:
            moves.reopen(report, actor=None, note="补充")
            assert report.due_on == dt.date(2021, 10, 15)
        else:
            with pytest.raises(ValidationError, match="以后不能再补充"):
                moves.reopen(report, actor=None, note="补充")


# Guards of submitting ---------------------------------------------------------------------------


def refused(report, words, **kwargs):
    with pytest.raises(ValidationError) as caught:
        hand_in(report, **kwargs)
    assert any(words in message for message in caught.value.messages), caught.value.messages
    assert SelfCheckReport.objects.get(pk=report.pk).state == "draft"


def test_an_unanswered_item_stops_submission():
    report = report_with_answers()
    report.answers.filter(item__code="A02").update(answer="")

    refused(report, "A02 未填写")


def test_a_report_without_rows_is_not_complete():
    report = report_with_answers()
    report.answers.all().delete()

    refused(report, "U04 未填写")


@pytest.mark.parametrize("answer", ["deficient", "nonconform", "not_applicable"])
def test_an_answer_that_needs_a_note_stops_submission(answer):
    report = report_with_answers()
    report.answers.filter(item__code="A02").update(answer=answer, note=" ")

    refused(report, "不适用" if answer == "not_applicable" else "说明")


@pytest.mark.parametrize("answer", ["deficient", "nonconform"])
def test_a_deficiency_needs_its_problem(answer):
    report = report_with_answers(standards=2)
    row = report.answers.filter(item__code="A02").first()
    report.answers.filter(pk=row.pk).update(answer=answer, note="压力表超期")
    other = report.answers.filter(item__code="A02").exclude(pk=row.pk).get()
    ProblemFactory(report=report, item=row.item, standard=other.standard)

    refused(report, "须记录存在的问题")

    ProblemFactory(report=report, item=row.item, standard=row.standard)
    hand_in(report)
    assert report.state == "submitted"


@pytest.mark.parametrize("missing", ["measure", "prevention_measure"])
def test_every_problem_needs_measure_and_prevention(missing):
    report = report_with_answers()
    ProblemFactory(report=report, **{missing: " "})

    refused(report, {"measure": "整改措施", "prevention_measure": "预防措施"}[missing])


def test_the_head_of_the_unit_must_be_named():
    refused(report_with_answers(), "单位负责人", by=" ")


def test_many_gaps_are_shown_shortly():
    report = report_with_answers(answer="", standards=3)

    refused(report, "另有 5 处没有填完")


@pytest.mark.parametrize(("answer", "sound"), [("conform", True), ("deficient", False)])
def test_what_is_declared_follows_the_answers(answer, sound):
    report = report_with_answers()
    report.answers.filter(pk=report.answers.first().pk).update(answer=answer)

    declared = queries.declaration(report)

    assert (declared == queries.SOUND) is sound
    assert ("除所报 1 处存在问题的项目外" in declared) is not sound


def test_what_is_declared_follows_the_problems_too():
    """One of no item, one of an item answered 符合 since, one of an item that is faulty: three places."""
    report = report_with_answers()
    first, second = report.answers.order_by("pk")[:2]
    report.answers.filter(pk=first.pk).update(answer="deficient")
    ProblemFactory(report=report, item=None, standard=None)
    for row in (first, second):
        ProblemFactory(report=report, item=row.item, standard=row.standard)

    assert "除所报 3 处存在问题的项目外" in queries.declaration(report)


@pytest.mark.parametrize("note", ["。", "……", "\u200b\u3164", "- -", "\u3000"])
def test_a_reason_nobody_can_read_is_none(note):
    report = report_with_answers()
    row = report.answers.first()
    report.answers.filter(pk=row.pk).update(answer="not_applicable", note=note)

    told = [gap.text for gap in queries.gaps(report) if gap.code == row.item.code]

    assert told == ["选择“不适用”须说明理由"]
