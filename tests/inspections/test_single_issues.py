"""一事一报 (通知三(二)): reported from where it arises, asked about, answered by somebody else, found again."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import SingleIssueState as State
from inspections.models import SingleIssueReport
from inspections.single_issues import moves, policies
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import SingleIssueFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
WORDS = {
    "urgency": "ordinary",
    "subject": "主标准器送检期间的量值传递",
    "facts": "主标准器正在送检，单位出示了受理单，没有替代的主标准器。",
    "question": "送检期间能否由配套设备代替？",
    "proposal": "",
}


@pytest.fixture
def begun(visit):
    visit.assign().notify().start()
    visit.city = MembershipFactory(authority=visit.task.campaign.organiser, role=Role.CITY_ADMIN)
    return visit


def reported(visit, *, by=None, **words):
    about = {"task": visit.task, "finding": None, "item": visit.answer("A03", "").item}
    return moves.report(visit.task.campaign, about, WORDS | words, by=by or visit.leader)


def test_a_matter_is_owed_an_answer_within_work_days_and_the_office_above_is_told(begun):
    issue = reported(begun)

    duty = Duty.objects.get(kind=DutyKind.SINGLE_ISSUE)
    assert issue.due_on == dt.date(2021, 6, 18)
    assert (duty.authority, duty.due_on) == (begun.task.campaign.organiser, issue.due_on)
    assert Message.objects.filter(
        membership=begun.city, subject__contains=WORDS["subject"]
    ).exists()
    assert issue.number.endswith("〔2021〕1号")


def test_an_urgent_one_is_owed_the_next_work_day(begun):
    assert reported(begun, urgency="urgent").due_on == dt.date(2021, 6, 16)


@pytest.mark.parametrize(
    ("field", "value"),
    [("subject", " "), ("question", ""), ("facts", "太短"), ("urgency", "whenever")],
)
def test_what_is_missing_is_told_beside_its_field(begun, field, value):
    with pytest.raises(ValidationError) as error:
        reported(begun, **{field: value})

    assert set(error.value.error_dict) == {field}
    assert not SingleIssueReport.objects.exists()


def test_several_are_asked_and_each_says_so_once(begun):
    issue = reported(begun)
    expert = MembershipFactory(authority=issue.reported_to, role=Role.INSTITUTE_EXPERT)
    assessor = MembershipFactory(authority=issue.reported_to, role=Role.ASSESSOR)

    moves.consult(issue, [expert, assessor], actor=begun.city.user)
    first = issue.opinions.get(membership=expert)
    moves.give_opinion(first, "不能代替。", actor=expert.user)

    assert issue.state == State.IN_CONSULTATION
    assert set(
        Duty.objects.open().filter(kind=DutyKind.OPINION).values_list("membership", flat=True)
    ) == {assessor.pk}
    with pytest.raises(TransitionError):
        moves.give_opinion(first, "改主意了。", actor=expert.user)
    with pytest.raises(ValidationError, match="已经征求过"):
        moves.consult(issue, [expert], actor=begun.city.user)


def test_somebody_employed_by_the_unit_is_not_asked(begun):
    issue = reported(begun)
    expert = MembershipFactory(
        authority=issue.reported_to, role=Role.INSTITUTE_EXPERT, employer=begun.task.unit
    )

    with pytest.raises(ValidationError, match="回避"):
        moves.consult(issue, [expert], actor=begun.city.user)


def test_the_answer_ends_what_is_owed_and_tells_the_team(begun):
    issue = reported(begun)
    asked = MembershipFactory(authority=issue.reported_to, role=Role.ASSESSOR)
    moves.consult(issue, [asked], actor=begun.city.user)

    moves.answer(issue, text="不能代替。", basis="", ruling="", actor=begun.city.user)

    assert not Duty.objects.open().filter(kind__in=["single_issue", "opinion"]).exists()
    assert Message.objects.filter(membership=begun.officer, subject__contains="已答复").exists()
    assert AuditEntry.objects.about(issue).filter(action="single_issue.answer").exists()


def test_who_reported_it_does_not_answer_it(begun):
    issue = reported(begun, by=begun.city)
    other = MembershipFactory(authority=issue.reported_to, role=Role.CITY_ADMIN)

    assert "不能自己答复" in policies.can_answer(begun.city.user, issue).reason
    assert other.user.display_name in policies.can_answer(begun.city.user, issue).reason
    assert policies.can_answer(other.user, issue)


def test_an_answer_that_does_not_settle_it_is_asked_for_again_and_its_ruling_falls(begun):
    issue = reported(begun)
    moves.answer(issue, text="不能。", basis="", ruling="送检期间暂停项目。", actor=begun.city.user)

    moves.ask_again(issue, actor=begun.leader.user, note="没有说明已受理的委托如何处理")

    assert issue.state == State.REPORTED
    assert not SingleIssueReport.objects.rulings().exists()
    assert Duty.objects.open().filter(kind=DutyKind.SINGLE_ISSUE).count() == 1


def test_a_ruling_does_not_say_whose_matter_it_was(begun):
    issue = reported(begun)

    with pytest.raises(ValidationError) as error:
        moves.answer(
            issue,
            text="不能。",
            basis="",
            ruling=f"{begun.task.unit.name}应当暂停项目。",
            actor=begun.city.user,
        )

    assert set(error.value.error_dict) == {"ruling"}
    assert issue.state == State.REPORTED


def test_a_ruling_stands_beside_the_same_item_until_it_is_ended(begun, client):
    issue = reported(begun)
    moves.answer(issue, text="不能。", basis="", ruling="送检期间暂停项目。", actor=begun.city.user)
    moves.close(issue, actor=begun.leader.user)
    client.force_login(begun.leader.user)
    sheet = begun.standard_sheet()

    assert "送检期间暂停项目。" in client.get(f"{sheet.get_absolute_url()}?section=A").text
    assert "送检期间暂停项目。" in client.get(reverse("inspections:rulings")).text

    moves.end_ruling(issue, actor=begun.city.user, note="规程已修订")
    assert "送检期间暂停项目。" not in client.get(f"{sheet.get_absolute_url()}?section=A").text
    with pytest.raises(TransitionError):
        moves.end_ruling(issue, actor=begun.city.user, note="再停一次")


def test_a_unit_and_another_district_never_see_it(begun, client):
    issue = reported(begun)
    stranger = MembershipFactory(role=Role.DISTRICT_ADMIN)
    inspector = MembershipFactory(authority=begun.task.authority, role=Role.DISTRICT_INSPECTOR)

    for member in (begun.unit, stranger, inspector):
        client.force_login(member.user)
        assert client.get(issue.get_absolute_url()).status_code == 404
    for member in (begun.leader, begun.officer, begun.office, begun.city):
        client.force_login(member.user)
        assert client.get(issue.get_absolute_url()).status_code == 200
        assert AccessEntry.objects.filter(actor=member.user, what__contains=issue.number).exists()
    client.force_login(begun.unit.user)
    assert client.get(reverse("inspections:rulings")).status_code == 403


def test_from_the_item_to_the_answer_through_the_pages(begun, client):
    answer = begun.answer("A03", "")
    asked = MembershipFactory(authority=begun.task.campaign.organiser, role=Role.ASSESSOR)
    client.force_login(begun.leader.user)
    new = f"{reverse('inspections:single_issue_report')}?answer={answer.pk}"
    assert begun.task.unit.name in client.get(new).text
    assert client.post(new, WORDS | {"facts": "短"}).status_code == 422
    issue = SingleIssueReport.objects.get(pk=client.post(new, WORDS).url.rstrip("/").split("/")[-1])
    assert issue.item_code == "A03"

    client.force_login(begun.city.user)
    page = reverse("inspections:single_issue_consult", args=[issue.pk])
    assert client.post(page, {"people": []}).status_code == 422
    assert client.post(page, {"people": [asked.pk]}).status_code == 302
    client.force_login(asked.user)
    assert "我的意见" in client.get(issue.get_absolute_url()).text
    opinion = issue.opinions.get()
    client.post(reverse("inspections:give_opinion", args=[opinion.pk]), {"text": "不能代替。"})
    client.force_login(begun.city.user)
    answering = reverse("inspections:single_issue_answer", args=[issue.pk])
    assert client.post(answering, {"text": ""}).status_code == 422
    assert (
        client.post(answering, {"text": "不能代替。", "basis": "", "ruling": ""}).status_code == 302
    )
    client.force_login(begun.leader.user)
    assert "不能代替。" in client.get(issue.get_absolute_url()).text
    client.post(reverse("inspections:single_issue_close", args=[issue.pk]))

    issue.refresh_from_db()
    assert issue.state == State.CLOSED


def test_a_district_does_not_answer_and_a_team_does_not_consult(begun, client):
    issue = reported(begun)

    for member, name in ((begun.office, "answer"), (begun.leader, "consult")):
        client.force_login(member.user)
        sent = client.post(
            reverse(f"inspections:single_issue_{name}", args=[issue.pk]), {"text": "好"}
        )
        assert sent.status_code == 403


def test_an_office_reports_from_its_desk_without_a_visit(begun, client):
    client.force_login(begun.office.user)

    client.post(reverse("inspections:single_issue_report"), WORDS)

    assert SingleIssueReport.objects.get().task is None


def test_the_list_asks_the_same_however_long_it_is(begun, client, django_assert_max_num_queries):
    client.force_login(begun.city.user)
    url = reverse("inspections:single_issues")
    SingleIssueFactory(campaign=begun.task.campaign, task=begun.task)
    client.get(url)
    with django_assert_max_num_queries(30) as one:
        client.get(url)
    for _ in range(3):
        SingleIssueFactory(campaign=begun.task.campaign, task=begun.task)
    with django_assert_max_num_queries(30) as four:
        page = client.get(url)

    assert len(one) == len(four)
    assert len(page.context["page"].object_list) == 4


def test_the_list_filters_and_is_taken_out(begun, client):
    with clock.pinned(VISIT - dt.timedelta(days=10)):
        late = reported(begun)
    SingleIssueFactory(campaign=begun.task.campaign, answered=True, subject="已经答复的事")
    client.force_login(begun.city.user)
    url = reverse("inspections:single_issues")

    assert "已经答复的事" not in client.get(url, {"overdue": "1"}).text
    assert late.subject in client.get(url, {"overdue": "1"}).text
    assert "已经答复的事" in client.get(url, {"state": "answered"}).text
    asked_for = {"purpose_kind": "other", "purpose_note": "调阅"}
    taken = client.get(reverse("inspections:single_issues_export"), asked_for)
    assert "spreadsheet" in taken["Content-Type"]
    assert AccessEntry.objects.filter(kind="export", purpose="其他：调阅").exists()
