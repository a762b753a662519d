"""其余符合: section by section, a trace for each item, and never over what somebody answered or the register knows."""

import datetime as dt

import pytest
from django.urls import reverse

from inspections import services
from inspections.enums import TeamRole
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory, sign_in

from .story import FACT

pytestmark = pytest.mark.django_db


@pytest.fixture
def filling(visit):
    return visit.assign().start()


def confirm(client, sheet, section, items):
    url = reverse("inspections:conform_rest", args=[sheet.pk])
    return client.post(url, {"section": section, "item": [each.pk for each in items]})


def of(sheet, section):
    return sheet.answers.filter(item__section__code=section).order_by("item__order")


def test_the_rest_of_a_section_conforms_with_a_trace_for_each_item(client, filling):
    sheet = filling.standard_sheet()
    filling.answer("A02", "deficient", FACT)
    sign_in(client, filling.leader)

    answer = confirm(client, sheet, "B", of(sheet, "B"))
    confirm(client, sheet, "A", of(sheet, "A"))

    assert answer.url == f"{sheet.get_absolute_url()}?section=C&rest=1"
    assert of(sheet, "A").get(item__code="A02").answer == "deficient"
    said = AuditEntry.objects.filter(action="sheet.answer", note="逐节确认：其余符合")
    assert set(said.values_list("target_id", flat=True)) <= {
        *(each.pk for each in (*of(sheet, "A"), *of(sheet, "B")))
    }
    assert said.count() == sheet.answers.filter(answer="conform").count()


def test_what_the_register_knows_something_against_is_not_among_the_rest(client, filling):
    """A certificate that has run out needs its reason."""
    sheet = filling.standard_sheet()
    sheet.standard.certificates.update(valid_until=dt.date(2021, 6, 1))
    sign_in(client, filling.leader)

    confirm(client, sheet, "G", of(sheet, "G"))

    left = of(sheet, "G").filter(answer="").values_list("item__code", flat=True)
    assert list(left) == ["G01"]


def test_what_the_page_did_not_show_as_open_stays_open(client, filling):
    sheet = filling.standard_sheet()
    sign_in(client, filling.leader)

    confirm(client, sheet, "A", list(of(sheet, "A"))[:1])

    assert of(sheet, "A").exclude(answer="").count() == 1


def test_an_assessor_does_not_say_that_prohibited_conduct_was_not_found(client, filling):
    assessor = MembershipFactory(role="assessor", authority=filling.task.authority)
    filling.task.team.create(membership=assessor, role=TeamRole.ASSESSOR)
    sheet = filling.standard_sheet()
    sign_in(client, assessor)

    confirm(client, sheet, "H", of(sheet, "H"))

    assert not of(sheet, "H").exclude(answer="").exists()
    sign_in(client, filling.office)
    assert confirm(client, sheet, "H", of(sheet, "H")).status_code == 403


def test_a_signed_sheet_has_no_rest(filling):
    sheet = filling.standard_sheet()
    items = list(sheet.answers.values_list("pk", flat=True))
    filling.fill().conclude_sheets().send()

    with pytest.raises(TransitionError):
        services.conform_rest(sheet, items, actor=filling.leader.user)
