"""Reading what is confidential leaves a row, once an hour for the same thing."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import EvidenceFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def task():
    return TaskFactory()


@pytest.fixture
def office(client, task):
    member = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=task.authority)
    return sign_in(client, member), member


def rows() -> list[tuple[str, str]]:
    return list(AccessEntry.objects.order_by("pk").values_list("kind", "what"))


def test_a_page_is_one_reading_in_an_hour(office, task):
    client, member = office

    for _ in range(3):
        assert client.get(task.get_absolute_url()).status_code == 200

    assert rows() == [("read", f"{task.unit}：{task._meta.verbose_name} {task}")]
    entry = AccessEntry.objects.get()
    assert (entry.actor, entry.kind_label) == (member.user, "查阅")


def test_after_an_hour_it_is_another(office, task):
    client, _ = office
    client.get(task.get_absolute_url())

    with clock.pinned(clock.now() + dt.timedelta(minutes=61)):
        client.get(task.get_absolute_url())

    assert len(rows()) == 2


def test_a_page_that_is_refused_is_no_reading(client, task):
    sign_in(client, MembershipFactory()).get(task.get_absolute_url())

    assert [kind for kind, _ in rows()] == ["范围外（404）"]


def test_pictures_of_a_sheet_are_one_reading_the_file_another(client):
    first = EvidenceFactory()
    second = EvidenceFactory(sheet=first.sheet)
    sign_in(client, MembershipFactory(authority=first.sheet.task.authority))

    for each in (first, second):
        client.get(reverse("inspections:evidence", args=[each.pk]) + "?shape=thumb").getvalue()
    client.get(reverse("inspections:evidence", args=[first.pk])).getvalue()

    about = f"{first.sheet.task.unit}：检查证据 检查表{first.sheet_id}"
    assert rows() == [("file", f"{about}（缩略图）"), ("file", f"{about} {first.name}")]


def test_an_auditor_finds_readings_by_their_word(client, task, office):
    office[0].get(task.get_absolute_url())
    auditor = sign_in(client, MembershipFactory(role=Role.AUDITOR))

    page = auditor.get(reverse("trail:index"), {"kind": "access", "act": "查阅"}).content.decode()

    assert str(task.unit) in page
