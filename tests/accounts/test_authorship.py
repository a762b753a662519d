"""What a page sends for one person or membership is never recorded under another."""

import pytest
from django.test import Client
from django.urls import reverse

from metrostd.common.roles import Role
from selfcheck.models import SelfCheckAnswer
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.selfcheck import report_with_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return report_with_answers()


def colleague(report, **more):
    return MembershipFactory(role=Role.UNIT_USER, authority=None, unit=report.unit, **more)


def stamp(client: Client) -> str:
    """What a page says whose work it is."""
    page = client.get(reverse("accounts:choose")).content.decode()
    return page.partition('name="written-for" content="')[2].partition('"')[0]


def save(client: Client, report, page: str, **more):
    given = report.answers.first()
    values = {"answer": "conform", "note": "", "version": given.version}
    values["client_id"] = "0b0e0d0c-0000-4000-8000-000000000001"
    return client.post(
        reverse("selfcheck:answer", args=[given.pk]),
        values,
        headers={"X-Requested-With": "autosave", "X-Written-For": page},
        **more,
    )


def test_a_save_of_whom_the_page_was_written_for_is_kept(client, report):
    sign_in(client, colleague(report))

    answer = save(client, report, stamp(client))

    assert answer.status_code == 200
    assert SelfCheckAnswer.objects.exclude(answered_by=None).count() == 1


def test_a_save_that_arrives_in_the_session_of_a_colleague_is_refused(client, report):
    first, second = colleague(report), colleague(report)
    page = stamp(sign_in(client, first))
    sign_in(client, second)

    answer = save(client, report, page)

    assert answer.status_code == 409
    assert answer.json()["stranger"] == f"现在登录的是{second.user}"
    assert str(first.user) not in answer.content.decode()
    assert not SelfCheckAnswer.objects.exclude(answered_by=None).exists()


def test_a_save_after_the_membership_was_switched_is_refused(client, report):
    own = colleague(report)
    page = stamp(sign_in(client, own))
    other = MembershipFactory(user=own.user)
    client.post(reverse("accounts:act", args=[other.pk]))

    answer = save(client, report, page)

    assert answer.status_code == 409
    assert answer.json()["stranger"] == f"现在的身份是“{other.label}”"
    assert own.label in answer.json()["errors"]["__all__"][0]


def test_a_save_goes_through_again_when_its_author_is_back(client, report):
    first, second = colleague(report), colleague(report)
    page = stamp(sign_in(client, first))
    save(sign_in(client, second), report, page)

    assert save(sign_in(client, first), report, page).status_code == 200


def test_a_form_names_its_author_too(client, report):
    first, second = colleague(report), colleague(report)
    page = stamp(sign_in(client, first))
    sign_in(client, second)

    answer = client.post(reverse("selfcheck:start", args=[report.pk]), {"written_for": page})

    assert answer.status_code == 409
    assert "现在登录的是" in answer.content.decode()


def test_a_fragment_gets_the_same_words(client, report):
    first, second = colleague(report), colleague(report)
    page = stamp(sign_in(client, first))
    sign_in(client, second)

    answer = client.post(
        reverse("selfcheck:start", args=[report.pk]),
        headers={"HX-Request": "true", "X-Written-For": page},
    )

    assert answer.status_code == 409
    assert "<html" not in answer.content.decode()
    assert "没有保存" in answer.content.decode()


def test_it_is_told_before_the_token_of_the_form_is_looked_at(report):
    client = Client(enforce_csrf_checks=True)
    page = stamp(sign_in(client, colleague(report)))
    sign_in(client, colleague(report))

    assert save(client, report, page).status_code == 409


def test_signing_out_and_switching_are_anybodys(client, report):
    page = stamp(sign_in(client, colleague(report)))
    other = colleague(report)
    sign_in(client, other)
    headers = {"X-Written-For": page}

    switched = client.post(reverse("accounts:act", args=[other.pk]), headers=headers)
    out = client.post(reverse("accounts:sign_out"), headers=headers)

    assert (switched.status_code, out.status_code) == (302, 302)


@pytest.mark.parametrize(
    "nonsense", ["x", "1.", ".", "0.0", "9" * 40, "1.²", "1.9999999999999999999"]
)
def test_nonsense_is_somebody_else(client, report, nonsense):
    sign_in(client, colleague(report))

    assert save(client, report, nonsense).status_code == 409


def test_scripts_can_tell_who_is_signed_in_before_they_send(client, report):
    page = stamp(sign_in(client, colleague(report)))
    during = client.cookies["signed_in_as"].value
    client.post(reverse("accounts:sign_out"))

    assert during == page
    assert client.cookies["signed_in_as"].value == ""
