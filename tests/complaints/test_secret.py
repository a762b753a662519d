"""A canary: a complainant's words are on no page, file, export or log of anybody without need."""

import logging
import uuid

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.complaints import measures, moves, services
from metrostd.complaints.models import Complaint
from reporting.annex3 import build
from reporting.queries import Scope, records
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.complaints import CONTACT, NAME, WORDS
from tests.factories.registry import AuthorityFactory, UnitFactory
from tests.test_routes import ROUTES

pytestmark = pytest.mark.django_db
#: What a complainant wrote, and what the office wrote to them.
ANSWER, REASON, NOTE = "canary-答复属实", "canary-已受理告知", "canary-核查情况"
SECRETS = (WORDS, NAME, CONTACT, ANSWER, REASON, NOTE)
#: Pages to read that take no argument; leaving is not reading.
PAGES = [
    reverse(name)
    for name, entry in sorted(ROUTES.items())
    if not entry.pattern.converters and name not in {"accounts:sign_out"}
]


@pytest.fixture
def city():
    return AuthorityFactory(city=True)


@pytest.fixture
def matter(city):
    """One that went the whole way, about a unit of the register, in a campaign."""
    campaign = CampaignFactory(organiser=city)
    office = MembershipFactory(authority=AuthorityFactory(code="120111", parent=city))
    unit = UnitFactory(territorial_authority=office.authority)
    said = services.Statement(
        kind="tip_off", content=WORDS, target=unit.name, name=NAME, contact=CONTACT
    )
    row, _ = services.receive(said, sent=uuid.uuid4(), actor=None)
    actor = office.user
    moves.accept(row, reason=REASON, actor=actor)
    moves.start(row, actor=actor)
    measures.verify(row, note=NOTE, actor=actor)
    moves.answer(row, answer=ANSWER, actor=actor)
    services.reveal(row, reason="电话核实", actor=actor)
    assert row.campaign == campaign
    return row


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_no_column_of_any_table_has_the_words(matter):
    texts = (models.CharField, models.TextField, models.JSONField)
    for model in apps.get_models():
        names = [f.attname for f in model._meta.fields if isinstance(f, texts)]
        for values in model._base_manager.values_list(*names) if names else ():
            assert (model.__name__, leaks(" ".join(map(str, values)))) == (model.__name__, [])


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.AUDITOR, Role.SYSTEM_ADMIN, Role.UNIT_USER])
def test_no_page_of_anybody_without_need_has_the_words(client, matter, city, role):
    if role == Role.UNIT_USER:
        member = MembershipFactory(as_unit=True, unit=matter.unit)
    else:
        member = MembershipFactory(authority=city, role=role)
    client.raise_request_exception = True
    sign_in(client, member)

    seen = 0
    for url in PAGES:
        answer = client.get(url)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert (url, leaks(text.decode("utf-8", "replace"))) == (url, [])
        seen += answer.status_code == 200
    assert seen > 5


def test_the_unit_it_is_about_does_not_learn_of_it(client, matter):
    sign_in(client, MembershipFactory(as_unit=True, unit=matter.unit))

    for url in (reverse("desk"), reverse("notifications:inbox"), matter.unit.get_absolute_url()):
        page = client.get(url).content.decode()
        assert matter.number not in page
        assert "投诉举报" not in page


def test_the_list_behind_the_figure_counts_and_says_nothing(client, matter, city):
    campaign = Campaign.objects.get()
    viewer = MembershipFactory(authority=city, role=Role.CITY_ADMIN)
    annex = build(campaign, matter.authority, as_of=clock.now())
    assert annex.single("cmp_in") == annex.single("cmp_open") == 1
    scope = Scope.of(campaign, matter.authority, clock.now())
    figure = next(c.figure for _, _, c in annex.cells() if c.figure.id == "cmp_in")

    rows = records(figure, scope, "IV", "cmp_in", viewer=viewer.user)

    assert [row.pk for row in rows] == [matter.pk]
    sign_in(client, viewer)
    url = reverse("reporting:records") + "?block=IV&row=cmp_in&figure=cmp_in"
    assert leaks(client.get(url).content.decode()) == []


def test_logs_say_nothing(client, city, caplog):
    with caplog.at_level(logging.DEBUG):
        form = {"kind": "tip_off", "target": "某单位", "content": WORDS, "name": NAME}
        client.post(reverse("complaints_public:create"), form)  # refused: no contact
        form |= {"contact": CONTACT, "sent": str(uuid.uuid4())}
        code = client.post(reverse("complaints_public:create"), form).context["code"]
        client.post(reverse("complaints_public:follow"), {"code": code})

    assert Complaint.objects.exists()
    said = " ".join(record.getMessage() for record in caplog.records)
    assert leaks(said) == []
    assert code not in said


def test_what_an_office_writes_for_others_does_not_give_anybody_away(matter):
    with pytest.raises(services.ValidationError, match="反映人的姓名或者联系方式"):
        measures.wording.require_discreet(matter, note=f"已与{NAME}联系")
    with pytest.raises(services.ValidationError):
        measures.wording.require_discreet(matter, note=f"电话{CONTACT}无人接听")
    measures.wording.require_discreet(matter, note="电话无人接听")
