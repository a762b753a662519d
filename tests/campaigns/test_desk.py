"""The 工作台: what the acting membership owes, the nearest first."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.enums import DutyKind
from campaigns.models import ChosenCampaign, Duty
from metrostd.common import clock
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, DutyFactory
from tests.factories.notifications import MessageFactory
from tests.factories.registry import UnitFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2021, 6, 1)
DESK = reverse("desk")


@pytest.fixture(autouse=True)
def first_of_june():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture
def office(client):
    membership = MembershipFactory(role=Role.DISTRICT_ADMIN)
    sign_in(client, membership)
    return membership


def owed(membership, days=0, **fields):
    """A duty of the membership's office that is due ``days`` from today."""
    due_on = TODAY + dt.timedelta(days=days)
    return DutyFactory(authority=membership.authority, due_on=due_on, **fields)


def shown(client, **query):
    return list(client.get(DESK, query).context["page"])


def path(duty):
    return reverse("campaigns:duty", args=[duty.pk])


class TestList:
    def test_the_nearest_first_across_campaigns(self, client, office):
        late, last, today = owed(office, -3), owed(office, 20), owed(office, 0)

        assert shown(client) == [late, today, last]

    def test_what_is_done_or_taken_back_is_gone(self, client, office):
        open_one = owed(office)
        owed(office, fulfilled_at=clock.now())
        owed(office, cancelled_at=clock.now())

        response = client.get(DESK)

        assert list(response.context["page"]) == [open_one]
        assert (response.context["open_count"], response.context["done_count"]) == (1, 1)

    def test_time_left_is_told_in_words(self, client, office):
        for days in (-2, 0, 5):
            owed(office, days)

        page = client.get(DESK).content.decode()

        for words in ("逾期 2 天", "今天", "还有 5 天", "2021年6月1日 星期二"):
            assert words in page

    def test_only_the_overdue_ones(self, client, office):
        late = owed(office, -1)
        owed(office, 0)

        response = client.get(DESK, {"only": "overdue"})

        assert list(response.context["page"]) == [late]
        assert (response.context["open_count"], response.context["overdue_count"]) == (2, 1)

    def test_only_one_kind_of_those_there_are(self, client, office):
        draw = owed(office, kind=DutyKind.DRAW)
        owed(office, kind=DutyKind.SUMMARY)

        response = client.get(DESK, {"kind": DutyKind.DRAW})

        assert list(response.context["page"]) == [draw]
        assert response.context["kinds"] == [
            ("draw", "抽取检查对象"),
            ("summary", "报送总结报告和统计表"),
        ]

    def test_filters_combine_and_nonsense_is_ignored(self, client, office):
        late = owed(office, -1, kind=DutyKind.DRAW)
        owed(office, -1, kind=DutyKind.SUMMARY)
        owed(office, 1, kind=DutyKind.DRAW)

        assert shown(client, only="overdue", kind=DutyKind.DRAW) == [late]
        assert len(shown(client, only="x", kind="x")) == 3

    def test_long_lists_have_pages(self, client, office):
        DutyFactory.create_batch(21, authority=office.authority, campaign=CampaignFactory())

        assert len(shown(client)) == 20
        assert len(shown(client, page=2)) == 1


class TestWhose:
    def test_the_duties_of_other_offices_are_not_mine(self, client, office):
        DutyFactory()
        DutyFactory(authority=None, membership=MembershipFactory(authority=office.authority))

        assert shown(client) == []

    def test_an_inspector_has_own_duties_and_not_those_of_the_office(self, client, office):
        inspector = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office.authority)
        own = DutyFactory(authority=None, membership=inspector)
        owed(office)
        sign_in(client, inspector)

        assert shown(client) == [own]

    def test_a_unit_has_its_own(self, client):
        person = MembershipFactory(as_unit=True)
        own = DutyFactory(authority=None, unit=person.unit)
        DutyFactory(authority=None, unit=UnitFactory())
        sign_in(client, person)

        assert shown(client) == [own]

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.UNIT_USER])
    def test_every_role_reaches_what_it_owes(self, client, role):
        person = MembershipFactory(role=role)
        duty = DutyFactory(authority=None, membership=person)
        sign_in(client, person)

        assert shown(client) == [duty]
        assert client.get(path(duty)).status_code == 302

    def test_without_a_capacity_one_chooses_first(self, client, office):
        MembershipFactory(user=office.user)
        session = client.session
        del session["acting_membership"]
        session.save()

        assert client.get(DESK).url == reverse("accounts:choose")


class TestOtherCapacities:
    """One person's work is seen from one desk, whatever they act as."""

    def test_what_waits_elsewhere_is_told_and_one_press_away(self, client, office):
        other = MembershipFactory(user=office.user, role=Role.DISTRICT_ADMIN)
        idle = MembershipFactory(user=office.user, role=Role.DISTRICT_INSPECTOR)
        ended = MembershipFactory(user=office.user, ends_on=TODAY - dt.timedelta(days=1))
        owed(office)
        for days in (-1, 3):
            owed(other, days)
        owed(ended)

        page = client.get(DESK).content.decode()
        panel = page.partition('id="elsewhere"')[2].partition("</section>")[0]

        assert other.label in panel
        assert "待办 2 项，逾期 1 项" in panel
        assert idle.label not in panel
        assert ended.label not in panel
        client.post(reverse("accounts:act", args=[other.pk]))
        assert len(shown(client)) == 2

    def test_with_nothing_elsewhere_nothing_is_said(self, client, office):
        owed(office)

        assert 'id="elsewhere"' not in client.get(DESK).content.decode()


class TestOneClick:
    def test_a_duty_leads_to_its_object(self, client, office):
        duty = owed(office, kind=DutyKind.SUMMARY)

        assert f'href="{path(duty)}"' in client.get(DESK).content.decode()
        assert client.get(path(duty)).url == duty.campaign.get_absolute_url()

    def test_the_duty_to_draw_leads_to_the_frames(self, client, office):
        duty = owed(office, kind=DutyKind.DRAW)

        url = f"{reverse('campaigns:sampling')}?campaign={duty.campaign_id}"
        assert client.get(path(duty)).url == url

    def test_the_duty_of_somebody_else_is_not_there(self, client, office):
        assert client.get(path(DutyFactory())).status_code == 404

    def test_a_duty_whose_object_is_gone_is_not_there(self, client, office):
        assert client.get(path(owed(office, kind=DutyKind.SUMMARY, target_id=0))).status_code == 404


class TestPage:
    def test_nothing_to_do_says_so(self, client, office):
        page = client.get(DESK).content.decode()

        assert "没有待办事项" in page
        assert "没有未读消息" in page

    def test_nothing_found_leads_back_to_all(self, client, office):
        owed(office, 1)

        page = client.get(DESK, {"only": "overdue"}).content.decode()

        assert "没有符合条件的待办" in page
        assert "看全部" in page

    def test_the_newest_unread_messages_stand_beside(self, client, office):
        MessageFactory.create_batch(7, membership=office)
        MessageFactory(membership=office, read_at=clock.now())
        MessageFactory()

        shown = client.get(DESK).context["messages_new"]

        assert len(shown) == 6
        assert {message.membership for message in shown} == {office}

    def test_the_stages_of_the_campaign_stand_on_top(self, client, office):
        CampaignFactory()

        steps = client.get(DESK).context["frame"].stages

        assert [(step.label, step.status) for step in steps] == [
            ("自查", "past"),
            ("现场检查", "current"),
            ("整改", "future"),
            ("处理总结", "future"),
        ]

    def test_the_cost_does_not_grow_with_the_duties(self, client, office):
        owed(office, kind=DutyKind.DRAW)
        at_one = cost_of(client, DESK)
        for kind in (DutyKind.SUMMARY, DutyKind.FOLLOW_UP, DutyKind.OBJECTION):
            owed(office, -1, kind=kind)
        owed(office, kind=DutyKind.APPLICATION, campaign=None, target_id=office.pk)

        # Each in a campaign of its own, and one in none.
        assert Duty.objects.values("campaign").distinct().count() == 5
        assert cost_of(client, DESK) == at_one
        assert at_one <= 20  # one of them asks for the pledge, one for what the day ended


class TestChoosingACampaign:
    def choose(self, client, campaign, **data):
        return client.post(reverse("campaigns:choose", args=[campaign.pk]), data)

    def test_every_page_looks_at_the_chosen_one(self, client, office):
        newest = CampaignFactory(notice_on=dt.date(2022, 4, 1))
        chosen = CampaignFactory(notice_on=dt.date(2021, 4, 1), state="closed")
        before = client.get(DESK).context["campaign"]

        response = self.choose(client, chosen, next="/inbox/")

        assert response.url == "/inbox/"
        assert (before, client.get(DESK).context["campaign"]) == (newest, chosen)

    def test_an_address_of_another_host_is_not_followed(self, client, office):
        assert self.choose(client, CampaignFactory(), next="https://example.org/").url == DESK

    def test_a_campaign_in_preparation_is_not_there_for_a_district(self, client, office):
        draft = CampaignFactory(state="draft")

        assert self.choose(client, draft).status_code == 404
        assert not ChosenCampaign.objects.exists()

    def test_an_open_one_comes_before_newer_ones_that_are_not(self, client, office):
        running = CampaignFactory(notice_on=dt.date(2021, 4, 1))
        CampaignFactory(notice_on=dt.date(2022, 4, 1), state="closed")

        assert client.get(DESK).context["campaign"] == running

    def test_without_an_open_one_the_newest_is_looked_at(self, client, office):
        CampaignFactory(notice_on=dt.date(2020, 4, 1), state="closed")
        newest = CampaignFactory(notice_on=dt.date(2021, 4, 1), state="closed")

        assert client.get(DESK).context["campaign"] == newest

    def test_a_choice_that_is_no_longer_visible_is_forgotten(self, client, office):
        running, chosen = CampaignFactory.create_batch(2)
        self.choose(client, chosen)
        type(chosen).objects.filter(pk=chosen.pk).update(state="draft")

        assert client.get(DESK).context["campaign"] == running

    def test_the_choice_is_the_persons_and_outlives_the_session(self, client, office):
        chosen, _newest = CampaignFactory.create_batch(2)
        colleague = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=office.authority)
        self.choose(client, chosen)

        client.logout()
        sign_in(client, office)
        own = client.get(DESK).context["campaign"]
        sign_in(client, colleague)

        assert own == chosen
        assert client.get(DESK).context["campaign"] != chosen

    def test_choosing_stays_on_the_page_without_the_campaign_it_named(self, client, office):
        first, second = CampaignFactory.create_batch(2)
        page = client.get(reverse("campaigns:duties"), {"kind": "draw", "campaign": first.pk})
        here = page.context["frame"].here

        answer = self.choose(client, second, next=here)

        assert f'name="next" value="{here}"'.replace("&", "&amp;") in page.content.decode()
        assert answer.url == reverse("campaigns:duties") + "?kind=draw"
