"""A unit gets another district by its form, or with many others: its rows of the lists follow."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.registry.models import HandOver, ImportRow
from metrostd.registry.resources import UnitResource
from metrostd.registry.services import update_unit
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.hand_overs import (
    BatchFactory,
    HandedRowFactory,
    HandOverFactory,
    ReturnFactory,
)
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.pinned(clock.at_time(dt.date(2021, 4, 26))):
        yield


@pytest.fixture
def other():
    return AuthorityFactory()


def move(unit, district):
    values = {"territorial_authority": district}
    return update_unit(unit, base_version=unit.version, values=values, actor=None)


def holder(row):
    return HandOver.objects.filter(rows=row).values_list("authority", flat=True).first()


def form_of(unit, district):
    names = ("name", "unit_type", "operating_status", "uscc_missing_reason", "uscc")
    values = {name: getattr(unit, name) for name in names}
    return values | {"territorial_authority": district.pk, "base_version": unit.version}


def test_rows_taken_by_one_district_wait_in_the_other(client, other):
    row = HandedRowFactory(hand_over__acknowledged=True)
    left = HandedRowFactory(hand_over=row.hand_over)
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))
    url = reverse("registry:unit_edit", args=[row.unit.pk])

    page = client.post(url, form_of(row.unit, other), follow=True).content.decode()

    assert f"{row.batch}：1行改由{other}签收。" in page
    made = HandOver.objects.get(authority=other)
    assert (list(made.rows.all()), made.state) == ([row], "sent")
    assert made.reason == "台账中属地更改"
    assert holder(left) == left.hand_over.authority_id


def test_nothing_follows_another_change():
    row = HandedRowFactory()

    assert update_unit(row.unit, base_version=1, values={"contact_name": "新人"}, actor=None) == []
    assert holder(row) == row.hand_over.authority_id


def test_what_the_first_district_said_about_the_place_is_settled(other):
    marked = HandedRowFactory()
    draft = ReturnFactory(row=marked, hand_over=marked.hand_over, state="draft")
    unit, place = marked.unit, ReturnFactory(reason="moved", row__hand_over__acknowledged=True)
    wrong = ReturnFactory(row__hand_over=place.hand_over, reason="wrong", words="型号有误")
    ImportRow.objects.filter(pk__in=[place.row_id, wrong.row_id]).update(unit=unit)

    move(unit, other)

    for returned in (draft, place, wrong):
        returned.refresh_from_db()
    assert (draft.state, place.state, wrong.state) == ("withdrawn", "resolved", "open")
    assert (place.decision, place.moved_to) == ("moved", other)
    assert {holder(row) for row in (marked, place.row, wrong.row)} == {other.pk}


def test_of_lists_of_one_kind_the_newest_follows_and_what_still_waits(other):
    city = AuthorityFactory(city=True)
    old, waiting, new = BatchFactory.create_batch(3, issuing_authority=city)
    district = AuthorityFactory()
    rows = [
        HandedRowFactory(
            hand_over=HandOverFactory(batch=batch, authority=district, acknowledged=taken)
        )
        for batch, taken in ((old, True), (waiting, False), (new, True))
    ]
    unit = rows[0].unit
    ImportRow.objects.update(unit=unit)

    move(unit, other)

    assert [holder(row) for row in rows] == [district.pk, other.pk, other.pk]


def test_a_row_without_district_gets_one(other):
    row = HandedRowFactory()
    ImportRow.objects.update(hand_over=None, no_district=True)

    move(row.unit, other)

    row.refresh_from_db()
    assert (holder(row), row.no_district) == (other.pk, False)


def test_a_unit_with_rows_keeps_a_district():
    row = HandedRowFactory()

    with pytest.raises(ValidationError) as caught:
        move(row.unit, None)

    assert "territorial_authority" in caught.value.message_dict
    row.unit.refresh_from_db()
    assert row.unit.territorial_authority == row.hand_over.authority
    assert move(UnitFactory(), None) == []


def test_a_district_does_not_move_what_it_was_handed(client, other):
    row = HandedRowFactory()
    district = row.hand_over.authority
    free = UnitFactory(territorial_authority=district)
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district))
    url = reverse("registry:unit_edit", args=[row.unit.pk])

    page = client.get(url).content.decode()
    client.post(url, form_of(row.unit, other))
    client.post(reverse("registry:unit_edit", args=[free.pk]), form_of(free, other))

    assert "请在“名单签收”中退回" in page
    for unit in (row.unit, free):
        unit.refresh_from_db()
    assert row.unit.territorial_authority == district
    assert free.territorial_authority == other


def test_many_units_at_once_are_the_office_s_business_and_their_rows_follow(client, other):
    row = HandedRowFactory()
    url = (
        f"{reverse('registry:units_bulk')}?pk={row.unit.pk}&change=territorial_authority:{other.pk}"
    )
    sign_in(client, MembershipFactory(authority=row.hand_over.authority))
    refused = client.post(url, {"count": 0})
    assert refused.status_code == 422
    assert "成批调整属地由市市场监管委计量处办理" in refused.content.decode()

    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))
    done = client.post(url, {"count": 1})
    assert holder(row) == other.pk

    client.post(reverse("registry:bulk_undo", args=[done.url.rstrip("/").split("/")[-1]]))
    assert holder(row) == row.hand_over.authority_id


# In the administration site ----------------------------------------------------------------------


@pytest.fixture
def desk(client):
    place = AuthorityFactory(city=True)
    return sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=place))


def test_the_support_desk_moves_a_unit_with_its_rows(desk, other):
    row = HandedRowFactory()
    unit = row.unit
    url = reverse("admin:registry_unit_change", args=[unit.pk])
    form = desk.get(url).context["adminform"].form
    given = {name: "" if value is None else value for name, value in form.initial.items()}
    tables = {"former_names-TOTAL_FORMS": 0, "former_names-INITIAL_FORMS": 0}

    page = desk.post(url, given | tables | {"territorial_authority": other.pk}, follow=True)

    assert f"1行改由{other}签收。" in page.content.decode()
    assert holder(row) == other.pk
    version = unit.version
    unit.refresh_from_db()
    assert unit.version == version + 1


def test_a_table_of_units_moves_their_rows(desk, other):
    row = HandedRowFactory()
    row.unit.territorial_authority = other
    table = UnitResource().export([row.unit]).csv
    answer = desk.post(
        reverse("admin:registry_unit_import"),
        {"format": "1", "resource": "", "import_file": ContentFile(table.encode(), "units.csv")},
    )
    confirm = answer.context["confirm_form"].initial

    desk.post(reverse("admin:registry_unit_process_import"), confirm)

    assert holder(row) == other.pk
