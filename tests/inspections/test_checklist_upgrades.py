"""A running campaign goes over to another version by an act of its own, and what has begun stays."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import checklists
from campaigns.enums import CampaignState, ChecklistKind
from campaigns.models import CampaignChecklist, ChecklistTemplate
from inspections import checklist_effect
from inspections.enums import TaskState
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from selfcheck import services
from selfcheck.enums import ReportState
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import (
    CampaignFactory,
    ItemFactory,
    RoutedStandardFactory,
    SectionFactory,
    TemplateFactory,
)
from tests.factories.inspections import SheetFactory, TaskFactory
from tests.factories.selfcheck import CoveredFactory, ReportFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
#: Tests of this app play on the day of the visit.
TODAY, LATER = VISIT.date(), dt.date(2021, 7, 1)
ANNEX1 = ChecklistKind.ANNEX1


def version(number, *, current, text, **more):
    template = TemplateFactory(kind=ANNEX1, version=number, is_current=current)
    section = SectionFactory(template=template, code="A")
    for code, category in {"A01": "A", **more}.items():
        ItemFactory(section=section, code=code, text=text, problem_category=category)
    return template


@pytest.fixture
def first():
    return version(1, current=True, text="原来的要点", A02="A")


@pytest.fixture
def second(first):
    return version(2, current=False, text="新的要点", A03="B")


@pytest.fixture
def campaign(first):
    return CampaignFactory(code="2021")


def upgrade(campaign, template, *, day=TODAY, code="2021", note="规范换版", actor=None):
    return checklists.upgrade(campaign, template, day=day, code=code, note=note, actor=actor)


def test_from_its_day_on_what_is_begun_takes_the_other_version_and_nothing_else(
    campaign, first, second
):
    upgrade(campaign, second, day=LATER)

    found = {
        day: checklists.template_for(campaign, ANNEX1, on=day)
        for day in (TODAY, dt.date(2021, 6, 30), LATER, dt.date(2021, 7, 2))
    }
    assert list(found.values()) == [first, first, second, second]
    other = CampaignFactory()
    assert checklists.template_for(other, ANNEX1, on=LATER) == first
    assert (set(checklists.keepers(first)), set(checklists.keepers(second))) == (
        {campaign, other},
        set(),
    )
    with clock.pinned(clock.at_time(LATER, 0)):
        assert set(checklists.keepers(second)) == {campaign}


def test_a_self_check_begun_keeps_its_version_and_one_not_begun_takes_the_new_one(
    campaign, first, second
):
    begun, waiting = (
        CoveredFactory(report__campaign=campaign, report__template=first).report for _ in range(2)
    )
    services.ensure_answers(begun)
    upgrade(campaign, second)

    services.ensure_answers(begun)
    services.ensure_answers(waiting)

    begun.refresh_from_db()
    waiting.refresh_from_db()
    assert (begun.template, waiting.template) == (first, second)
    assert set(begun.answers.values_list("item__section__template", flat=True)) == {first.pk}
    assert set(waiting.answers.values_list("item__section__template", flat=True)) == {second.pk}


def test_the_preview_says_what_moves_what_stays_and_what_annex_3_counts(campaign, first, second):
    report = CoveredFactory(report__campaign=campaign, report__template=first).report
    services.ensure_answers(report)
    ReportFactory(campaign=campaign, template=first)
    ReportFactory(campaign=campaign, template=first, state=ReportState.EXEMPTED)
    SheetFactory(task__campaign=campaign, task__state=TaskState.CONCLUDED, template=first)
    TaskFactory.create_batch(2, campaign=campaign, state=TaskState.PLANNED)
    TaskFactory(campaign=CampaignFactory(), state=TaskState.PLANNED)

    effect = checklist_effect.effect_of(campaign, second)

    assert [(one.label, one.following, one.staying) for one in effect.splits] == [
        ("建标单位自查报告", 1, 1),
        ("现场检查", 2, 1),
    ]
    assert dict(effect.counted) == {"删去": 1, "增加": 1, "修改": 1}
    assert [(one.category[0], one.before, one.after) for one in effect.shifts] == [
        ("A", 2, 1),
        ("B", 0, 1),
    ]


def test_an_item_under_another_category_is_named(campaign, first):
    moved = version(3, current=False, text="原来的要点", A02="C")

    effect = checklist_effect.effect_of(campaign, moved)

    assert [(one.place, one.before, one.after) for one in effect.recounted] == [("A02", "A", "C")]


def test_those_concerned_are_told_and_the_act_is_on_record(campaign, first, second):
    office = MembershipFactory(role=Role.DISTRICT_ADMIN)
    RoutedStandardFactory(campaign=campaign, inspecting_authority=office.authority)
    inspector = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office.authority)
    MembershipFactory(role=Role.DISTRICT_ADMIN)
    admin = MembershipFactory(role=Role.SYSTEM_ADMIN)

    upgrade(campaign, second, day=LATER, actor=admin.user)

    assert set(Message.objects.values_list("membership", flat=True)) == {office.pk, inspector.pk}
    assert "2021年7月1日起" in Message.objects.first().body
    entry = AuditEntry.objects.about(campaign).get(action="campaign.change_checklist")
    assert (entry.before["version"], entry.after["version"], entry.note) == (1, 2, "规范换版")
    kept = CampaignChecklist.objects.filter(campaign=campaign).order_by("pk")
    assert [(row.template, row.since) for row in kept] == [(first, None), (second, LATER)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "2020"}, "请输入本次专项行动的编号“2021”"),
        ({"note": " "}, "请说明改用的理由和依据"),
        ({"day": dt.date(2021, 6, 14)}, "改用日期不能早于今天"),
    ],
)
def test_what_is_lacking_is_said_and_nothing_is_kept(campaign, second, given, said):
    with pytest.raises(ValidationError, match=said):
        upgrade(campaign, second, **given)

    assert not CampaignChecklist.objects.exists()
    assert not Message.objects.exists()


def test_only_a_running_campaign_and_another_version(campaign, first, second):
    with pytest.raises(ValidationError, match="现在就用这一版"):
        upgrade(campaign, first)
    draft = CampaignFactory(code="d", state=CampaignState.DRAFT)
    with pytest.raises(ValidationError, match="不能改用"):
        upgrade(draft, second, code="d")


def test_two_plans_do_not_cross_and_one_is_taken_back(campaign, first, second):
    third = version(3, current=False, text="第三版")
    upgrade(campaign, second, day=LATER)
    with pytest.raises(ValidationError, match="已定于2021年7月1日改用第2版"):
        upgrade(campaign, third)

    checklists.withdraw_upgrade(campaign, ANNEX1, actor=None)

    assert checklists.template_for(campaign, ANNEX1, on=LATER) == first
    assert AuditEntry.objects.about(campaign).filter(action="campaign.keep_checklist").exists()
    upgrade(campaign, third)
    assert checklists.template_for(campaign, ANNEX1) == third
    with pytest.raises(ValidationError, match="没有尚未生效的改用"):
        checklists.withdraw_upgrade(campaign, ANNEX1, actor=None)


def test_a_later_version_in_force_leaves_an_upgraded_campaign_alone(campaign, first, second):
    third = version(3, current=False, text="第三版")
    upgrade(campaign, second)

    checklists.put_in_force(third, actor=None)

    assert checklists.template_for(campaign, ANNEX1) == second
    assert ChecklistTemplate.objects.get(is_current=True) == third


def test_a_visit_to_a_bureau_is_asked_by_annex_2(campaign, first):
    old = TemplateFactory(kind="annex2", version=1, is_current=True)
    new = TemplateFactory(kind="annex2", version=2, is_current=False)
    TaskFactory(campaign=campaign, state=TaskState.PLANNED)
    ReportFactory(campaign=campaign, as_bureau=True, template=old)

    effect = checklist_effect.effect_of(campaign, new)

    assert [(one.label, one.following) for one in effect.splits] == [
        ("区局自查报告", 1),
        ("考核工作监督检查", 0),
    ]


def test_the_administrator_sees_the_effect_first_and_types_the_code(
    client, campaign, first, second
):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
    page = reverse("inspections:checklist_upgrade", args=[second.pk, campaign.pk])

    assert page in client.get(second.get_absolute_url()).content.decode()
    shown = client.get(page).content.decode()
    assert "增加 1 项，删去 1 项，修改 1 项" in shown
    refused = client.post(page, {"day": "2021-07-01", "note": "换版", "code": "错"})
    assert (refused.status_code, "请输入本次专项行动的编号" in refused.content.decode()) == (
        422,
        True,
    )
    client.post(page, {"day": "2021-07-01", "note": "换版", "code": "2021"})
    assert checklists.planned(campaign, ANNEX1).template == second
    assert "计量标准现场监督检查表：第1版，2021年7月1日起第2版" in checklists.said_of(campaign)
    assert "2021年7月1日起第2版" in client.get(campaign.get_absolute_url()).content.decode()
    assert "2021年7月1日起改用第2版" in client.get(page).content.decode()
    client.post(reverse("inspections:checklist_upgrade_withdraw", args=[second.pk, campaign.pk]))
    assert checklists.planned(campaign, ANNEX1) is None
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))
    assert client.get(page).status_code == 403
