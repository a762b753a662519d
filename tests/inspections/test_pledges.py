"""保密承诺书 before any inspection data (场景12): pages, lists, desk; its words, its paper, who sees whose."""

import pytest
from django.apps import apps
from django.urls import get_resolver, reverse

from campaigns import pledges
from campaigns.models import AskedPledge, Pledge, PledgeWords
from campaigns.reference import load_pledge_words
from inspections.enums import TeamRole
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.printing import pages_of
from tests.test_routes import walk

from .story import make_visit

pytestmark = pytest.mark.django_db
WORDS = {"version": 1, "title": "示例承诺书", "basis": "示例依据", "lines": ["一、示例承诺。"]}


@pytest.fixture
def asked():
    """A visit under way in a campaign that asks for pledges; nobody has signed."""
    load_pledge_words([WORDS])
    visit = make_visit()
    expert = MembershipFactory(role=Role.ASSESSOR, authority=visit.task.authority)
    visit.extra.append((expert, TeamRole.ASSESSOR))
    visit.assign().notify().start()
    pledges.ask(visit.task.campaign, actor=None)
    return visit


def pages(visit):
    sheet = visit.standard_sheet()
    return [
        reverse("inspections:index"),
        reverse("inspections:export"),
        reverse("inspections:task", args=[visit.task.pk]),
        reverse("inspections:sheet", args=[sheet.pk]),
        reverse("rectification:index"),
    ]


def people(visit):
    return {"office": visit.office, "leader": visit.leader, "assessor": visit.extra[0][0]}


@pytest.mark.parametrize("who", ["office", "leader", "assessor"])
def test_without_a_pledge_every_page_leads_to_it_and_with_one_they_open(client, asked, who):
    person = people(asked)[who]
    sign_in(client, person)
    lead = reverse("campaigns:pledge", args=[asked.task.campaign.pk])

    for url in pages(asked):
        answer = client.get(url)
        assert answer.status_code == 403, url
        assert f'href="{lead}"' in answer.content.decode()
    answer = asked.standard_sheet().answers.first()
    saved = client.post(reverse("inspections:answer", args=[answer.pk]), {"answer": "conform"})
    assert saved.status_code == 403
    client.post(lead)

    for url in pages(asked):
        assert client.get(url).status_code == 200, url
    assert AuditEntry.objects.filter(action="pledge.sign", actor=person.user).count() == 1


def test_the_desk_names_no_visit_before_the_pledge(client, asked):
    sign_in(client, asked.leader)

    before = client.get("/")
    pledges.sign(asked.task.campaign, actor=asked.leader.user)
    after = client.get("/")

    assert (before.context["groups"], list(before.context["page"])) == ([], [])
    assert "请先签署保密承诺书" in before.content.decode()
    assert after.context["groups"][0].cards[0].target == asked.task


def test_a_stranger_learns_nothing_from_the_refusal(client, asked):
    sign_in(client, MembershipFactory(role=Role.DISTRICT_INSPECTOR))

    assert client.get(reverse("inspections:task", args=[asked.task.pk])).status_code == 404


def test_the_unit_and_campaigns_without_words_are_not_asked(client, asked):
    sign_in(client, asked.unit)
    assert client.get(reverse("inspections:task", args=[asked.task.pk])).status_code == 200

    AskedPledge.objects.all().delete()
    sign_in(client, asked.leader)
    assert client.get(reverse("inspections:task", args=[asked.task.pk])).status_code == 200


def test_a_pledge_counts_for_its_person_and_its_campaign_alone(client, asked):
    other = CampaignFactory(organiser=asked.task.campaign.organiser)
    pledges.ask(other, actor=None)
    pledges.sign(other, actor=asked.leader.user)
    pledges.sign(asked.task.campaign, actor=asked.officer.user)

    sign_in(client, asked.leader)
    assert client.get(reverse("inspections:task", args=[asked.task.pk])).status_code == 403
    sign_in(client, asked.officer)
    assert client.get(reverse("inspections:task", args=[asked.task.pk])).status_code == 200


def test_it_is_signed_once(asked):
    pledges.sign(asked.task.campaign, actor=asked.leader.user)

    with pytest.raises(TransitionError, match="已签署"):
        pledges.sign(asked.task.campaign, actor=asked.leader.user)


def test_words_somebody_may_have_signed_are_not_rewritten(asked):
    assert load_pledge_words([{**WORDS, "lines": ["别的"]}, {**WORDS, "version": 2}]) == 1

    assert PledgeWords.objects.get(version=1).lines == WORDS["lines"]
    assert AskedPledge.objects.get().words.version == 1


def test_the_office_sees_its_people_and_prints(client, asked):
    mine = pledges.sign(asked.task.campaign, actor=asked.leader.user)
    foreign = MembershipFactory(role=Role.DISTRICT_INSPECTOR)
    theirs = pledges.sign(asked.task.campaign, actor=foreign.user)
    sign_in(client, asked.office)

    page = client.get(reverse("campaigns:pledges", args=[asked.task.campaign.pk]))
    paper = client.get(reverse("campaigns:pledge_paper", args=[mine.pk]))

    assert list(page.context["page"]) == [mine]
    assert asked.officer in page.context["missing"]
    assert paper.status_code in (200, 202)
    assert client.get(reverse("campaigns:pledge_paper", args=[theirs.pk])).status_code == 404
    sign_in(client, asked.unit)
    assert (
        client.get(reverse("campaigns:pledges", args=[asked.task.campaign.pk])).status_code == 403
    )


def test_reading_a_paper_leaves_a_row(client, asked):
    mine = pledges.sign(asked.task.campaign, actor=asked.leader.user)
    sign_in(client, asked.leader)
    url = reverse("campaigns:pledge_paper", args=[mine.pk])

    assert pages_of(client, url).startswith(b"%PDF")
    assert AccessEntry.objects.filter(what__contains="保密承诺书").count() >= 1


def test_assessors_see_their_own_visits_alone(client, asked):
    foreign = make_visit().assign().notify()
    assessor = asked.extra[0][0]
    pledges.sign(asked.task.campaign, actor=assessor.user)
    sign_in(client, assessor)

    listed = client.get(reverse("inspections:index")).content.decode()

    assert str(asked.task.unit) in listed
    assert str(foreign.task.unit) not in listed
    assert client.get(reverse("inspections:task", args=[foreign.task.pk])).status_code == 404
    assert not Pledge.objects.visible_to(assessor.user).exclude(person=assessor.user).exists()


def test_every_confidential_route_knows_its_campaign():
    """A new page of inspection data without a row here would be open before the pledge."""
    namespaces, routes, free = pledges.kept_routes()
    assert {"inspections", "rectification"} <= namespaces

    for name, entry in walk(get_resolver()):
        if name in free:
            continue
        if name.partition(":")[0] in namespaces and entry.pattern.converters:
            head = f"{name.partition(':')[0]}/{pledges.head_of(str(entry.pattern))}"
            assert head in routes, name
    for kept in routes.values():
        model = apps.get_model(kept.model)
        assert str(model.objects.none().filter(**{kept.by: 1}).values(kept.campaign)) is not None
        assert hasattr(model.objects, "visible_to")
