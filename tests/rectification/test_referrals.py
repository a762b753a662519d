"""Cases handed to the enforcement corps, on the screens of both sides."""

import pytest
from django.urls import reverse

from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from rectification.models import CaseReferral
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.rectification import failed_finding, office_of

pytestmark = pytest.mark.django_db

CASE = {"legal_basis": "《计量法》第二十五条", "reason": "拒不改正"}


def url(name, *args):
    return reverse(f"rectification:{name}", args=args)


def as_office(client, task):
    return sign_in(client, office_of(task.authority))


def corps_liaison(finding):
    organiser = finding.task.campaign.organiser
    return MembershipFactory(role=Role.ENFORCEMENT_LIAISON, authority=organiser)


def test_another_body_has_to_be_named(client):
    finding = failed_finding()
    as_office(client, finding.task)

    refused = client.post(url("refer", finding.pk), {**CASE, "recipient": "other"})

    assert refused.status_code == 422
    assert "请填写接收机关的名称" in refused.content.decode()
    assert not CaseReferral.objects.exists()


def test_the_corps_is_told_and_records_what_comes_of_a_case(client):
    finding = failed_finding()
    liaison = corps_liaison(finding)
    as_office(client, finding.task)
    client.post(url("refer", finding.pk), {**CASE, "recipient": "corps"})
    referral = CaseReferral.objects.get()
    sign_in(client, liaison)

    told = Message.objects.get(membership=liaison)
    listed = client.get(url("referrals"))
    page = client.get(referral.get_absolute_url())
    result = {"state": "decided", "case_no": "1号", "fine": "800.00", "outcome": "罚款"}
    recorded = client.post(referral.get_absolute_url(), result)

    assert (told.url, referral.sent_to) == (referral.get_absolute_url(), "委综合行政执法总队")
    assert list(listed.context["page"]) == [referral]
    assert listed.context["frame"].menu[-1].items[-1].label == "案件移送"
    assert finding.fact in page.content.decode()
    assert page.context["can_open_finding"] is False
    assert recorded.status_code == 302
    referral.refresh_from_db()
    assert (referral.state, referral.fine) == ("decided", 800)
    office = office_of(finding.task.authority)
    assert Message.objects.filter(membership=office, subject__startswith="移送案件已决定").exists()


def test_the_corps_sees_only_what_is_addressed_to_it(client):
    finding = failed_finding()
    as_office(client, finding.task)
    client.post(url("refer", finding.pk), {**CASE, "recipient": "district"})
    referral = CaseReferral.objects.get()

    for liaison in (
        corps_liaison(finding),
        MembershipFactory(role=Role.ENFORCEMENT_LIAISON, authority=finding.task.authority),
    ):
        sign_in(client, liaison)
        assert client.get(referral.get_absolute_url()).status_code == 404
        assert client.get(finding.get_absolute_url()).status_code == 404
        assert "没有移送的案件" in client.get(url("referrals")).content.decode()
