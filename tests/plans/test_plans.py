"""District work plans: asked for, checked against the campaign, filed not approved, adjusted, quoted (clauses 46, 48, 62, 63)."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pypdf import PdfReader

from campaigns import adjusting, together
from campaigns.enums import AdjustmentCause, DutyKind, PlanField
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.plans import documents, moves
from metrostd.plans.enums import PlanState
from metrostd.plans.models import WorkPlan
from reporting.annex3 import build
from reporting.narrative.suggesting import suggested
from tests.duties import idle
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import AuthorityFactory
from tests.reporting.fixture import annex3

pytestmark = pytest.mark.django_db
TODAY = dt.date(2021, 5, 6)
WORDS = {
    "ratio_percent": 20, "onsite_start": dt.date(2021, 6, 1), "onsite_end": dt.date(2021, 7, 31),
    "teams": "两个检查组，各邀请考评员一名。", "merged_with": "检验检测机构双随机抽查",
    "measures": "突出重点领域。", "coordination": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_may():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture
def desk():
    return MembershipFactory(authority=AuthorityFactory(city=True), role=Role.CITY_ADMIN)


@pytest.fixture
def campaign(desk):
    return CampaignFactory(organiser=desk.authority)


@pytest.fixture
def office(desk):
    bureau = AuthorityFactory(code="120111", parent=desk.authority)
    return MembershipFactory(authority=bureau)


@pytest.fixture
def plan(campaign, office, desk):
    moves.ask(campaign, due_on=dt.date(2021, 5, 20), actor=desk.user)
    return WorkPlan.objects.select_related("campaign__organiser", "authority").get()


def filled(plan, office, **other):
    moves.write(plan, WORDS | other, base_version=plan.version, actor=office.user)
    plan.refresh_from_db()
    return plan


def _words(paper: bytes) -> str:
    pages = PdfReader(io.BytesIO(paper)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def test_every_district_is_asked_by_a_day_and_begins_with_what_the_campaign_says(plan, office):
    duty = Duty.objects.get(kind=DutyKind.WORK_PLAN)

    assert (duty.authority, duty.due_on, duty.target) == (
        office.authority, dt.date(2021, 5, 20), plan,
    )  # fmt: skip
    assert (plan.ratio_percent, plan.onsite_start, plan.onsite_end) == (
        20, dt.date(2021, 6, 1), dt.date(2021, 7, 31),
    )  # fmt: skip
    assert Message.objects.filter(membership=office).exists()


def test_it_is_asked_for_once_and_not_for_a_day_that_is_over(campaign, office, desk):
    with pytest.raises(ValidationError, match="报送期限不能早于今天"):
        moves.ask(campaign, due_on=dt.date(2021, 5, 5), actor=desk.user)
    moves.ask(campaign, due_on=dt.date(2021, 5, 20), actor=desk.user)
    with pytest.raises(TransitionError, match="已经要求"):
        moves.ask(campaign, due_on=dt.date(2021, 5, 20), actor=desk.user)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ratio_percent": 10}, "“抽查比例”10%低于方案的20%"),
        ({"onsite_end": dt.date(2021, 8, 15)}, "不在方案的2021年6月1日至2021年7月31日之内"),
        ({"teams": ""}, "请填写“检查组设置”。"),
        ({"measures": ""}, "请填写“主要措施”。"),
    ],
)
def test_a_plan_that_contradicts_the_campaign_is_not_handed_in(plan, office, changed, sentence):
    filled(plan, office, **changed)

    with pytest.raises(ValidationError, match=sentence):
        moves.submit(plan, actor=office.user)


def test_where_powers_are_split_the_plan_says_how_they_work_together(plan, office):
    plan.authority.approval_split = True
    plan.authority.save()
    filled(plan, office)

    assert "请填写“审批与监管协同”" in moves.contradictions(plan)[0]
    assert not moves.contradictions(
        filled(plan, office, coordination="每月会商，发证信息当日推送。")
    )


def test_an_adjustment_with_its_reason_makes_the_lower_ratio_the_rule(plan, office):
    filled(plan, office, ratio_percent=10)
    adjusting.adjust(
        plan.campaign, authority=plan.authority, wanted={PlanField.DEFAULT_RATIO: 10},
        cause=AdjustmentCause.EPIDEMIC, note="按防控要求", actor=office.user,
    )  # fmt: skip

    assert moves.contradictions(plan) == []
    row = moves.adjustments(plan)[0]
    assert (row.old_shown, row.new_shown) == ("20%", "10%")


def test_handed_in_it_is_filed_or_given_back_with_a_reason(client, plan, office, desk):
    filled(plan, office)
    sign_in(client, office)
    client.post(reverse("plans:submit", args=[plan.pk]))
    assert not Duty.objects.open().exists()
    assert client.post(reverse("plans:file", args=[plan.pk])).status_code == 403
    sign_in(client, desk)
    client.post(reverse("plans:send_back", args=[plan.pk]), {"note": "请补充检查组分工"})

    plan.refresh_from_db()
    assert (plan.state, plan.return_reason) == (PlanState.DRAFT, "请补充检查组分工")
    assert Duty.objects.open().get().kind == DutyKind.WORK_PLAN
    assert idle() == []
    sign_in(client, office)
    assert "请补充检查组分工" in client.get(plan.get_absolute_url()).content.decode()
    client.post(reverse("plans:submit", args=[plan.pk]))
    sign_in(client, desk)
    client.post(reverse("plans:file", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.state == PlanState.FILED
    sign_in(client, office)
    client.post(reverse("plans:revise", args=[plan.pk]), {"note": "增加一个检查组"})
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT


def test_the_city_sees_who_has_not_handed_in(client, plan, office, desk):
    sign_in(client, desk)
    page = client.get(reverse("plans:index")).content.decode()
    assert "尚未报送：" in page
    assert str(plan.authority) in page

    moves.submit(filled(plan, office), actor=office.user)

    assert "尚未报送：" not in client.get(reverse("plans:index")).content.decode()


def test_another_district_does_not_see_it(client, plan, desk):
    sign_in(client, MembershipFactory(authority=AuthorityFactory(parent=desk.authority)))

    assert client.get(plan.get_absolute_url()).status_code == 404
    assert client.post(reverse("plans:submit", args=[plan.pk])).status_code == 404


def test_two_people_write_one_plan(client, plan, office):
    sign_in(client, office)
    url = reverse("plans:edit", args=[plan.pk])
    form = {k: str(v) for k, v in WORDS.items()} | {"base_version": 0}

    assert client.post(url, form | {"teams": "甲组"}).status_code == 302
    second = client.post(url, form | {"teams": "乙组"})

    assert second.status_code == 409
    assert "甲组" in second.content.decode()
    wrong = client.post(url, form | {"base_version": 1, "onsite_end": "2021-05-01"})
    assert "不能早于开始" in wrong.content.decode()


def test_it_prints_as_a_paper_and_is_quoted_once_it_was_handed_in(plan, office):
    filled(plan, office)
    assert moves.in_sentences(plan, by=clock.now()) == []
    moves.submit(plan, actor=office.user)

    said = moves.in_sentences(plan, by=clock.now())
    printed = _words(documents.plan({"plan": plan, "history": [], "on": TODAY}))

    assert said[0].startswith(
        "结合本区实际制定工作计划，2021年5月6日报送市市场监管委备案：抽查比例20%"
    )
    assert "与检验检测机构双随机抽查合并实施" in said[1]
    for words in ("工作计划", "两个检查组", "检验检测机构双随机抽查", "（盖章）", "依法监管"):
        assert words in printed


def test_plan_draw_statistics_and_report_say_the_same_of_merged_inspections(plan, office):
    filled(plan, office)
    moves.submit(plan, actor=office.user)
    said = "与检验检测机构双随机抽查合并实施"
    now, campaign = clock.now(), plan.campaign

    assert together.of_office(campaign, plan.authority, by=now) == said
    assert together.of_office(campaign, plan.authority, by=now - dt.timedelta(days=1)) == ""
    assert f"{plan.authority}：{said}" in build(campaign, plan.authority, as_of=now).notes
    assert f"{plan.authority}：{said}" in build(campaign, None, as_of=now).notes
    assert any(line.startswith(said) for line in moves.in_sentences(plan, by=now))
    assert together.sentence("甲检查。\n\n乙检查") == "与甲检查，乙检查合并实施"


def test_a_plan_revised_later_leaves_the_notes_of_earlier_days_as_they_were(plan, office, desk):
    def said(day):
        notes = build(plan.campaign, plan.authority, as_of=TODAY + dt.timedelta(days=day)).notes
        return [note for note in notes if "合并实施" in note]

    moves.submit(filled(plan, office), actor=office.user)
    moves.file(plan, actor=desk.user)
    with clock.pinned(clock.at_time(TODAY + dt.timedelta(days=2))):
        moves.revise(plan, note="改与计量器具检查合并", actor=office.user)
    with clock.pinned(clock.at_time(TODAY + dt.timedelta(days=4))):
        filled(plan, office, merged_with="计量器具检查")
        moves.submit(plan, actor=office.user)

    with clock.pinned(clock.at_time(TODAY + dt.timedelta(days=6))):
        days = [said(n) for n in (-1, 1, 3, 5)]
    first, second = "与检验检测机构双随机抽查合并实施", "与计量器具检查合并实施"
    named = [[f"{plan.authority}：{words}"] for words in (first, second)]
    assert days == [[], named[0], [], named[1]]


def test_the_report_of_the_district_quotes_it(client, plan, office):
    made = suggested(annex3(), office="某局", plan=["结合本区实际制定工作计划。"])

    assert "结合本区实际制定工作计划。" in made["practice"]


def test_whoever_handed_a_plan_in_does_not_file_it_for_the_city(client, plan, office, desk):
    moves.submit(filled(plan, office), actor=office.user)
    both = MembershipFactory(user=office.user, authority=desk.authority, role=Role.CITY_ADMIN)
    sign_in(client, both)

    page = client.get(plan.get_absolute_url()).content.decode()
    answers = [
        client.post(reverse(f"plans:{act}", args=[plan.pk])) for act in ("file", "send_back")
    ]

    assert f"由本部门{desk.user}办理" in page
    assert [answer.status_code for answer in answers] == [403, 403]
    plan.refresh_from_db()
    assert plan.state == PlanState.SUBMITTED
