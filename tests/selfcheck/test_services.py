import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.enums import ItemLevel
from metrostd.common import clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry, StoredFile
from metrostd.common.transitions import TransitionError
from selfcheck import queries, services
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckAnswer, SelfCheckProblem
from tests.factories.accounts import UserFactory
from tests.factories.campaigns import ItemFactory, RoutedStandardFactory, SectionFactory
from tests.factories.selfcheck import (
    DAY,
    CoveredFactory,
    ProblemFactory,
    ReportFactory,
    checklist,
    report_with_answers,
)
from tests.files import pdf

pytestmark = pytest.mark.django_db

PDF = pdf()
FIXED = sorted(set(ReportState.values) - ReportState.editable)


def save(answer, value="conform", note="", *, base=None, client_id=None, actor=None):
    return services.save_answer(
        answer,
        value=value,
        note=note,
        base_version=answer.version if base is None else base,
        client_id=client_id or uuid.uuid4(),
        actor=actor,
    )


# Rows -------------------------------------------------------------------------------------------


def test_rows_are_made_once_per_standard_and_once_per_unit():
    items = checklist()
    report = ReportFactory()
    CoveredFactory.create_batch(2, report=report)

    first, second = services.ensure_answers(report), services.ensure_answers(report)

    assert (first, second) == (7, 0)
    assert report.answers.filter(item=items["U04"]).get().standard is None
    assert report.answers.filter(item=items["A01"]).count() == 2
    assert AuditEntry.objects.get().after == {"items": 7}


def test_items_follow_use_level_and_routed_category():
    items = checklist()
    report = ReportFactory()
    covered = CoveredFactory(report=report, standard__category="ent_highest")
    RoutedStandardFactory(
        campaign=report.campaign, standard=covered.standard, category="dept_highest"
    )
    section = items["A01"].section
    ItemFactory(section=section, code="A08", used_in="onsite")
    ItemFactory(section=section, code="A07", used_in="self_check", categories=["dept_highest"])
    ItemFactory(section=section, code="A09", categories=["ent_highest"])

    codes = [one.item.code for one in queries.asked(report)]

    assert codes == ["U04", "A01", "A02", "A07", "H01"]


def test_a_bureau_answers_case_items_once_for_its_work():
    report = ReportFactory(as_bureau=True)
    section = SectionFactory(template=report.template, code="P", title="考核程序")
    ItemFactory(section=section, code="P01", level=ItemLevel.BUREAU)
    ItemFactory(section=section, code="P02", level=ItemLevel.CASE)

    services.ensure_answers(report)

    rows = report.answers.values_list("item__code", "standard").order_by("item__code")
    assert list(rows) == [("P01", None), ("P02", None)]


# Answers ----------------------------------------------------------------------------------------


def test_the_first_save_makes_a_draft_and_leaves_a_trail():
    report = report_with_answers(answer="", state="not_started")
    actor = UserFactory()

    saved = save(report.answers.first(), "conform", " 齐全 ", actor=actor)

    report.refresh_from_db()
    saved.refresh_from_db()
    assert report.state == "draft"
    assert (saved.answer, saved.note, saved.version) == ("conform", "齐全", 1)
    assert (saved.answered_by, saved.answered_at) == (actor, clock.now())
    entry = AuditEntry.objects.get(action="selfcheck.save_answer")
    assert entry.before == {"answer": "", "note": "", "version": 0}
    assert entry.after == {"answer": "conform", "note": "齐全", "version": 1}


@pytest.mark.parametrize("state", ["overdue", "returned", "reopened"])
def test_saving_does_not_move_other_editable_states(state):
    report = report_with_answers(answer="", state=state)

    save(report.answers.first())

    report.refresh_from_db()
    assert report.state == state


@pytest.mark.parametrize("state", FIXED)
def test_a_report_that_is_handed_in_takes_no_answers(state):
    report = report_with_answers(state=state)

    with pytest.raises(TransitionError):
        save(report.answers.first(), "nonconform")

    assert not AuditEntry.objects.filter(action="selfcheck.save_answer").exists()


def test_a_save_that_passes_a_submission_is_refused():
    report = report_with_answers()
    answer = report.answers.select_related("report__campaign", "item").first()
    type(report).objects.filter(pk=report.pk).update(
        state="submitted", submitted_at=clock.now(), first_submitted_at=clock.now()
    )

    with pytest.raises(TransitionError, match="已报送"):
        save(answer, "nonconform")


def test_the_same_save_twice_counts_once():
    answer = report_with_answers(answer="").answers.first()
    seen = SelfCheckAnswer.objects.get(pk=answer.pk)
    key = uuid.uuid4()

    save(answer, client_id=key)
    again = save(seen, client_id=str(key), base=0)

    assert again.version == 1
    assert AuditEntry.objects.filter(action="selfcheck.save_answer").count() == 1


def test_a_stale_save_is_refused_with_both_values():
    answer = report_with_answers(answer="").answers.first()
    mine = SelfCheckAnswer.objects.get(pk=answer.pk)
    colleague = UserFactory(display_name="示例乙")
    save(answer, "deficient", "超期", actor=colleague)

    with pytest.raises(StaleError) as caught:
        save(mine, "conform", base=0)

    assert caught.value.payload == {
        "mine": {"answer": "conform", "note": ""},
        "theirs": {"answer": "deficient", "note": "超期"},
        "version": 1,
        "theirs_by": "示例乙",
        "theirs_at": clock.now().astimezone(dt.UTC).isoformat(),
    }
    mine.refresh_from_db()
    assert mine.answer == "deficient"


@pytest.mark.parametrize(
    ("code", "value"),
    [("A01", "not_applicable"), ("H01", "deficient"), ("H01", "not_applicable"), ("A02", "maybe")],
)
def test_an_answer_the_item_does_not_take_is_refused(code, value):
    answer = report_with_answers(answer="").answers.get(item__code=code)

    with pytest.raises(ValidationError, match=code):
        save(answer, value)


def test_an_answer_can_be_taken_back():
    answer = report_with_answers().answers.first()

    save(answer, "")

    answer.refresh_from_db()
    assert answer.answer == ""


def test_saving_takes_few_queries(django_assert_num_queries):
    pk = report_with_answers().answers.first().pk
    answer = SelfCheckAnswer.objects.select_related("report__campaign", "item").get(pk=pk)
    actor = UserFactory()
    assert actor.acting_label == ""
    save(answer, "conform", actor=actor)

    with django_assert_num_queries(4):  # savepoint, update, trail, release
        save(answer, "conform", "好", actor=actor)


def test_copying_a_section_fills_only_what_is_open_and_sound():
    report = report_with_answers(answer="", standards=2)
    source, target = (c.standard_id for c in report.covered.order_by("pk"))
    rows = report.answers.order_by("item__order")
    given = {"A01": ("conform", "齐全"), "A02": ("deficient", "超期")}
    for code, (value, note) in given.items():
        rows.filter(standard=source, item__code=code).update(answer=value, note=note)

    copied = services.copy_section(
        report, source_id=source, target_id=target, section="A", actor=None
    )

    assert copied == 1
    found = rows.filter(standard=target).values_list("item__code", "answer", "note", "version")
    assert sorted(found) == [("A01", "conform", "齐全", 1), ("A02", "", "", 0), ("H01", "", "", 0)]
    assert AuditEntry.objects.filter(action="selfcheck.save_answer").count() == 1


# Problems ---------------------------------------------------------------------------------------


def test_a_problem_is_recorded_once():
    report = report_with_answers()
    row = report.answers.get(item__code="A02")
    key = uuid.uuid4()
    fields = {"standard": row.standard, "item": row.item, "description": "压力表超期"}

    first = services.save_problem(report, client_id=key, actor=None, **fields)
    second = services.save_problem(report, client_id=key, actor=None, **fields)

    assert first == second
    assert report.problems.get().found_on == DAY
    assert AuditEntry.objects.get(action="selfcheck.save_problem").after["item"] == "A02"


def test_a_problem_changed_by_two_keeps_the_first():
    problem = ProblemFactory(report=report_with_answers())
    mine = SelfCheckProblem.objects.get(pk=problem.pk)
    report = problem.report
    services.save_problem(
        report, client_id=uuid.uuid4(), actor=None, problem=problem, base_version=1, measure="停用"
    )

    with pytest.raises(StaleError):
        services.save_problem(
            report, client_id=uuid.uuid4(), actor=None, problem=mine, base_version=1, measure="换新"
        )

    mine.refresh_from_db()
    assert (mine.measure, mine.version) == ("停用", 2)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"description": ""}, "字段"),
        ({"found_on": DAY.replace(day=21)}, "发现日期"),
        ({"found_on": dt.date(1999, 1, 1)}, "发现日期不能早于通知日期"),
        ({"found_on": DAY.replace(day=18)}, "发现日期在2天以前，请说明当时没有登记的理由"),
        ({"found_on": DAY, "rectified_on": DAY.replace(day=19)}, "完成整改日期"),
        ({"found_on": DAY, "rectified_on": DAY.replace(day=21)}, "完成整改日期"),
    ],
)
def test_a_wrong_problem_is_refused(fields, words):
    report = report_with_answers()

    with pytest.raises(ValidationError, match=words):
        services.save_problem(
            report, client_id=uuid.uuid4(), actor=None, **{"description": "超期", **fields}
        )


def test_a_problem_of_a_standard_that_is_not_covered_is_refused():
    report, other = report_with_answers(), report_with_answers()

    with pytest.raises(ValidationError, match="不在本报告范围"):
        services.save_problem(
            report,
            client_id=uuid.uuid4(),
            actor=None,
            description="超期",
            standard=other.covered.get().standard,
        )


def test_a_problem_can_be_removed_until_it_was_reported():
    fresh = ProblemFactory(report=report_with_answers())
    reported = ProblemFactory(report=report_with_answers(state="returned"))

    services.remove_problem(fresh, actor=None)
    with pytest.raises(ValidationError, match="不能删除"):
        services.remove_problem(reported, actor=None)

    assert list(SelfCheckProblem.objects.all()) == [reported]
    assert AuditEntry.objects.get(action="selfcheck.remove_problem").before["measure"] == "已送检"


@pytest.mark.parametrize("state", FIXED)
def test_a_report_that_is_handed_in_takes_no_problems_and_files(state):
    report = report_with_answers(state=state)
    upload = SimpleUploadedFile("证书.pdf", PDF)

    with pytest.raises(TransitionError):
        services.save_problem(report, client_id=uuid.uuid4(), actor=None, description="超期")
    with pytest.raises(TransitionError):
        services.add_file(report, file=upload, name="证书.pdf", client_id=uuid.uuid4(), actor=None)


# Files ------------------------------------------------------------------------------------------


def attach(report, name="证书.pdf", data=PDF, client_id=None):
    return services.add_file(
        report,
        file=SimpleUploadedFile(name, data),
        name=name,
        client_id=client_id or uuid.uuid4(),
        actor=None,
    )


def test_a_file_is_attached_once():
    report = report_with_answers()
    key = uuid.uuid4()

    first, second = attach(report, client_id=key), attach(report, client_id=key)

    assert first == second
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("照片.jpg", b"MZ\x90\x00" + b"\x00" * 100, "只接受"),
        ("空.pdf", b"", "空文件"),
        ("证书.jpg", PDF, "与扩展名不符"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name, data, words):
    report = report_with_answers()

    with pytest.raises(ValidationError, match=words):
        attach(report, name, data)

    assert not report.files.exists()


def test_a_file_that_is_too_large_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 10

    with pytest.raises(ValidationError, match="超过"):
        attach(report_with_answers())


def test_a_file_can_be_removed_until_it_was_handed_in():
    report = report_with_answers()
    old = attach(report)
    type(report).objects.filter(pk=report.pk).update(
        state="returned", submitted_at=clock.now(), first_submitted_at=clock.now()
    )
    report.refresh_from_db()
    with clock.pinned(clock.at_time(DAY, 18)):
        new = attach(report, "新证书.pdf")

        services.remove_file(new, actor=None)
    old.refresh_from_db()
    with pytest.raises(ValidationError, match="不能删除"):
        services.remove_file(type(old).objects.get(pk=old.pk), actor=None)

    assert list(report.files.all()) == [old]
