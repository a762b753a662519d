import datetime as dt
from contextlib import nullcontext

import pytest
from django.core.exceptions import ValidationError

from campaigns.enums import DutyKind
from campaigns.models import Duty
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from metrostd.registry.models import Authority
from selfcheck import hooks, opening
from selfcheck.enums import SubjectKind
from selfcheck.models import SelfCheckAnswer, SelfCheckReport, SelfCheckStandard
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, RoutedStandardFactory, TemplateFactory
from tests.factories.registry import AuthorityFactory, StandardFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    TemplateFactory()
    TemplateFactory(kind="annex2", title="计量标准考核工作监督检查表")
    return CampaignFactory()


def run(campaign):
    made = hooks.create_reports(campaign, actor=None, progress=lambda *args: None)
    opening.tell_units(campaign, sender=None, turn=nullcontext)
    return made


def test_bureaus_of_another_city_owe_this_campaign_nothing(campaign):
    mine = AuthorityFactory(parent=campaign.organiser)
    AuthorityFactory(parent=AuthorityFactory(code="310000", level="city"))

    run(campaign)

    assert SelfCheckReport.objects.get().bureau == mine


def test_a_unit_reports_to_each_of_its_issuers(campaign):
    first = RoutedStandardFactory(campaign=campaign)
    same = RoutedStandardFactory(
        campaign=campaign,
        standard=StandardFactory(unit=first.unit, issuing_authority=first.issuing_authority),
    )
    other = RoutedStandardFactory(campaign=campaign, standard=StandardFactory(unit=first.unit))

    run(campaign)

    reports = SelfCheckReport.objects.filter(kind=SubjectKind.UNIT, unit=first.unit)
    covered = {
        report.receiver: set(report.covered.values_list("standard", flat=True))
        for report in reports
    }
    assert covered == {
        first.issuing_authority: {first.standard_id, same.standard_id},
        other.issuing_authority: {other.standard_id},
    }
    assert {report.due_on for report in reports} == {dt.date(2021, 5, 31)}
    assert not SelfCheckAnswer.objects.exists()


def test_every_district_reports_to_the_organiser(campaign):
    bureaus = AuthorityFactory.create_batch(2)

    made = run(campaign)

    reports = SelfCheckReport.objects.filter(kind=SubjectKind.BUREAU)
    assert made == 2
    assert {report.bureau for report in reports} == set(bureaus)
    assert {report.receiver for report in reports} == {campaign.organiser}
    assert {report.due_on for report in reports} == {dt.date(2021, 5, 25)}
    assert {report.template.kind for report in reports} == {"annex2"}


def test_duties_messages_and_trail_follow(campaign):
    routed = RoutedStandardFactory(campaign=campaign)
    bureau = routed.territorial_authority
    unit_member = MembershipFactory(as_unit=True, unit=routed.unit)
    office = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=bureau)
    MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=bureau)
    MembershipFactory(as_unit=True)

    made = run(campaign)

    owed = {(duty.kind, duty.unit, duty.authority, duty.due_on) for duty in Duty.objects.all()}
    districts = Authority.objects.districts()
    assert owed == {(DutyKind.SELF_CHECK, routed.unit, None, dt.date(2021, 5, 31))} | {
        (DutyKind.BUREAU_SELF_CHECK, None, district, dt.date(2021, 5, 25)) for district in districts
    }
    assert Duty.objects.get(unit=routed.unit).target == SelfCheckReport.objects.get(
        unit=routed.unit
    )
    assert {message.membership for message in Message.objects.all()} == {unit_member, office}
    assert AuditEntry.objects.filter(action="selfcheck.create").count() == made


def test_opening_again_makes_only_what_is_missing(campaign):
    first = RoutedStandardFactory(campaign=campaign)
    run(campaign)
    duties, messages = Duty.objects.count(), Message.objects.count()

    again = run(campaign)

    assert again == 0
    assert (Duty.objects.count(), Message.objects.count()) == (duties, messages)

    late = StandardFactory(unit=first.unit, issuing_authority=first.issuing_authority)
    RoutedStandardFactory(campaign=campaign, standard=late)
    assert run(campaign) == 0
    assert SelfCheckStandard.objects.filter(standard=late).exists()


def test_queries_do_not_grow_with_units(campaign, django_assert_num_queries):
    counts = []
    for rows in (1, 4):
        other = CampaignFactory(organiser=campaign.organiser)
        RoutedStandardFactory.create_batch(rows, campaign=other)
        SelfCheckReport.objects.filter(campaign=campaign).delete()
        run(campaign)
        with django_assert_num_queries(21) as context:
            run(other)
        counts.append(len(context))

    assert counts[0] == counts[1]


def test_without_a_checklist_nothing_is_opened():
    campaign = CampaignFactory()
    RoutedStandardFactory(campaign=campaign)

    with pytest.raises(ValidationError, match="没有现用的"):
        run(campaign)

    assert not SelfCheckReport.objects.exists()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("submitted", "尚未审核"),
        ("returned", "尚未重新报送"),
        ("reopened", "尚未重新报送"),
        ("overdue", ""),
        ("accepted", ""),
        ("exempted", ""),
    ],
)
def test_closing_waits_for_what_lies_with_somebody(state, words):
    report = ReportFactory(state=state)
    ReportFactory(state="submitted")

    reasons = list(hooks.unsettled_reports(report.campaign))

    assert len(reasons) == bool(words)
    assert all(words in reason for reason in reasons)
