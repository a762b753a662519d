"""现场笔录: asked, written down, signed by who answered and by two officers, kept as it was signed."""

import base64
import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inspections.enums import InterviewState, TaskState
from inspections.interviews import moves, papers
from inspections.models import Interview, InterviewSignature
from metrostd.common.transitions import TransitionError
from rectification.archives import papers_of
from tests.e2e.pages import words_of
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import STROKES, hand, png
from tests.printing import pages_of

from .story import VISIT, make_visit

pytestmark = pytest.mark.django_db
ANSWERS = ["看清楚了。", "不申请回避。", "2021年3月送市计量院检定，证书在档案柜。"]
QUESTION = "这台砝码最近一次溯源是什么时候？"


@pytest.fixture
def visit(db):
    made = make_visit().assign().start()
    for member in (made.leader, made.officer):
        member.user.act_as(member)
    return made


@pytest.fixture
def record(visit) -> Interview:
    return moves.begin(
        visit.task,
        actor=visit.leader.user,
        person="示例甲",
        position="计量室主任",
        place="示例路1号",
        began_at=VISIT + dt.timedelta(minutes=30),
    )


def write(record, visit, answers=ANSWERS, **more):
    questions = [question for question, _ in record.lines[:2]] + [QUESTION]
    values = {
        "lines": list(zip(questions, answers, strict=True)),
        "remark": "核对无误",
        "seen": papers.content_hash(record),
    }
    moves.write(record, actor=visit.leader.user, **(values | more))


def sign(record, actor, membership=None):
    return moves.sign(
        record,
        actor=actor.user,
        membership=membership,
        hand=hand(),
        seen=papers.content_hash(record),
    )


def sign_all(record, visit):
    sign(record, visit.leader)
    for member in (visit.leader, visit.officer):
        sign(record, member, member)


class TestWriting:
    def test_it_opens_with_who_asks_and_what_the_person_may_do(self, record, visit):
        assert [answer for _, answer in record.lines] == ["", ""]
        assert visit.task.authority.name in record.lines[0][0]
        assert "回避" in record.lines[1][0]

    def test_each_record_has_its_number(self, record, visit):
        again = moves.begin(
            visit.task,
            actor=visit.officer.user,
            person="示例乙",
            position="检定员",
            place="",
            began_at=VISIT,
        )

        assert (record.number, again.number) == (1, 2)

    def test_somebody_elses_words_are_not_written_over(self, record, visit):
        seen = papers.content_hash(record)
        write(record, visit)

        with pytest.raises(TransitionError, match="他人修改"):
            write(record, visit, seen=seen)

    def test_an_answer_without_a_question_is_refused(self, record, visit):
        with pytest.raises(ValidationError, match="都要有问题"):
            write(record, visit, lines=[("", "答非所问")])

    def test_a_change_voids_what_was_signed_before(self, record, visit):
        write(record, visit)
        sign(record, visit.leader)

        write(record, visit, answers=[*ANSWERS[:2], "记不清了。"])

        assert InterviewSignature.objects.get().void_at is not None

    def test_saving_the_same_again_voids_nothing(self, record, visit):
        write(record, visit)
        sign(record, visit.leader)
        write(record, visit)

        assert InterviewSignature.objects.get().void_at is None

    @pytest.mark.parametrize("state", [TaskState.ASSIGNED, TaskState.REVIEWED])
    def test_only_from_the_arrival_to_the_review(self, visit, state):
        visit.task.state = state
        with pytest.raises(TransitionError):
            moves.begin(
                visit.task,
                actor=visit.leader.user,
                person="示例甲",
                position="主任",
                place="",
                began_at=VISIT,
            )


class TestSigning:
    def test_nobody_signs_before_every_question_is_answered(self, record, visit):
        with pytest.raises(ValidationError, match="没有记录回答"):
            sign(record, visit.leader)

    def test_nobody_signs_for_a_colleague(self, record, visit):
        write(record, visit)
        with pytest.raises(ValidationError, match="本人签字"):
            sign(record, visit.leader, visit.officer)
        with pytest.raises(ValidationError, match="本人签字"):
            sign(record, MembershipFactory())

    def test_nobody_signs_other_words_than_shown(self, record, visit):
        write(record, visit)
        with pytest.raises(TransitionError):
            moves.sign(record, actor=visit.leader.user, membership=None, hand=hand(), seen="0" * 64)

    @pytest.mark.parametrize("missing", ["person", "officer"])
    def test_one_signature_too_few_keeps_it_open(self, record, visit, missing):
        write(record, visit)
        sign(record, visit.leader, visit.leader)
        if missing == "officer":
            sign(record, visit.leader)
        else:
            sign(record, visit.officer, visit.officer)

        with pytest.raises(ValidationError):
            moves.close(record, actor=visit.leader.user)

    def test_closed_it_stays_as_it_was_signed(self, record, visit):
        write(record, visit)
        sign_all(record, visit)
        moves.close(record, actor=visit.leader.user)

        record.refresh_from_db()
        assert record.state == InterviewState.SIGNED
        assert [each["party"] for each in record.words["signatures"]] == [
            "被询问人",
            "执法人员",
            "执法人员",
        ]
        with pytest.raises(TransitionError):
            write(record, visit)

    def test_a_refusal_needs_a_witness_and_two_officers(self, record, visit):
        write(record, visit)
        sign(record, visit.leader, visit.leader)
        with pytest.raises(ValidationError, match="2名执法人员"):
            moves.refuse(record, actor=visit.leader.user, note="拒绝签字离开", witness="示例丙")
        sign(record, visit.officer, visit.officer)
        with pytest.raises(ValidationError, match="见证人"):
            moves.refuse(record, actor=visit.leader.user, note="拒绝签字离开", witness=" ")

        moves.refuse(record, actor=visit.leader.user, note="拒绝签字离开", witness="示例丙")

        assert record.state == InterviewState.REFUSED
        assert record.words["witness"] == "示例丙"

    def test_one_begun_by_mistake_is_struck_with_a_reason(self, record, visit):
        with pytest.raises(ValidationError):
            moves.void(record, actor=visit.leader.user, note="")
        moves.void(record, actor=visit.leader.user, note="被询问人身份有误")

        assert record.state == InterviewState.VOID


class TestPages:
    def test_from_the_first_question_to_the_paper(self, client, visit):
        sign_in(client, visit.leader)
        started = client.post(
            reverse("inspections:begin_interview", args=[visit.task.pk]),
            {
                "person": "示例甲",
                "position": "主任",
                "place": "示例路1号",
                "began_at": "2021-06-15T10:00",
            },
        )
        record = Interview.objects.get()
        assert started.url == record.get_absolute_url()
        page = client.get(started.url)
        questions = [question for question, _ in record.lines] + [QUESTION, ""]
        sent = {"question": questions, "answer": [*ANSWERS, ""], "seen": page.context["seen"]}
        client.post(reverse("inspections:write_interview", args=[record.pk]), sent)
        record.refresh_from_db()
        assert [answer for _, answer in record.lines] == ANSWERS

        for member, who in (
            (visit.leader, "person"),
            (visit.leader, "own"),
            (visit.officer, "own"),
        ):
            sign_in(client, member)
            seen = client.get(record.get_absolute_url()).context["seen"]
            picture = "data:image/png;base64," + base64.b64encode(png()).decode()
            drawn = {"image": picture, "image_strokes": json.dumps(STROKES)}
            client.post(
                reverse("inspections:sign_interview", args=[record.pk]),
                {"who": who, "seen": seen, **drawn},
            )
        client.post(reverse("inspections:close_interview", args=[record.pk]))

        record.refresh_from_db()
        assert record.state == InterviewState.SIGNED
        printed = papers.interview_pdf(record.words)
        assert QUESTION.replace("？", "") in words_of(printed)
        assert "现场笔录第1号" in client.get(visit.task.get_absolute_url()).content.decode()
        shown = pages_of(client, reverse("inspections:interview_paper", args=[record.pk]))
        assert "示例甲" in words_of(shown)

    def test_the_unit_reads_what_was_signed_and_nothing_that_is_being_written(
        self, client, visit, record
    ):
        type(visit.task).objects.filter(pk=visit.task.pk).update(state=TaskState.SIGNING)
        sign_in(client, visit.unit)
        assert client.get(record.get_absolute_url()).status_code == 404
        write(record, visit)
        sign_all(record, visit)
        moves.close(record, actor=visit.leader.user)

        assert client.get(record.get_absolute_url()).status_code == 200
        assert str(record) in client.get(visit.task.get_absolute_url()).content.decode()

    def test_strangers_and_the_office_do_not_write(self, client, visit, record):
        address = reverse("inspections:write_interview", args=[record.pk])
        assert sign_in(client, MembershipFactory()).post(address).status_code == 404
        assert sign_in(client, visit.office).post(address).status_code == 403
        assert client.get(record.get_absolute_url()).status_code == 200

    def test_what_was_typed_stands_again_beside_the_reason(self, client, visit, record):
        sign_in(client, visit.leader)
        sent = {"question": [""], "answer": ["没有问题的回答"], "seen": papers.content_hash(record)}

        page = client.post(reverse("inspections:write_interview", args=[record.pk]), sent)

        assert page.status_code == 422
        assert "没有问题的回答" in page.content.decode()
        assert "都要有问题" in page.content.decode()


def test_it_is_part_of_the_archive_of_the_visit(visit, record, django_capture_on_commit_callbacks):
    write(record, visit)
    sign_all(record, visit)
    moves.close(record, actor=visit.leader.user)
    visit.office.user.act_as(visit.office)
    rows = type(visit.task).objects.filter(pk=visit.task.pk)

    archive = papers_of(rows, title="文书", user=visit.office.user)

    assert [member.said[3:] for member in archive.members()] == [
        ("检查记录（尚未签署）", ""),
        ("现场笔录", "第1号 示例甲"),
    ]
