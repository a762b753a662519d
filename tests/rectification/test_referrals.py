"""Cases handed to the enforcement corps, on the screens of both sides."""

import pytest
from django.urls import reverse

from campaigns import extension
from inspections.enums import TaskState
from inspections.moves import not_performed
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from rectification.models import CaseReferral
from reporting.queries import Scope, visits
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.rectification import ReviewedTaskFactory, failed_finding, office_of

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


def refused_visit():
    task = ReviewedTaskFactory()
    type(task).objects.filter(pk=task.pk).update(state=TaskState.IN_PROGRESS)
    task.refresh_from_db()
    not_performed.refuse(task, actor=office_of(task.authority).user, note="拒绝检查组进入实验室")
    return task


def test_a_refused_visit_is_a_case_without_a_finding(client):
    task = refused_visit()
    liaison = MembershipFactory(role=Role.ENFORCEMENT_LIAISON, authority=task.campaign.organiser)
    as_office(client, task)
    page = client.get(task.get_absolute_url()).content.decode()
    form = client.get(url("refer_task", task.pk)).content.decode()
    sent = client.post(url("refer_task", task.pk), {**CASE, "recipient": "corps"})
    twice = client.post(url("refer_task", task.pk), {**CASE, "recipient": "corps"})

    referral = CaseReferral.objects.get()
    assert "移送案件" in page
    assert "拒绝检查组进入实验室" in form
    assert (sent.status_code, twice.status_code) == (302, 422)
    assert (referral.task, referral.finding) == (task, None)
    assert "还有 1 件移送的案件没有处理结果。" in extension.blockers(task.campaign)
    sign_in(client, liaison)
    assert str(task.unit) in client.get(url("referrals")).content.decode()
    assert client.get(referral.get_absolute_url()).status_code == 200
    result = {"state": "decided", "case_no": "1号", "fine": "800.00", "outcome": "罚款"}
    assert client.post(referral.get_absolute_url(), result).status_code == 302
    scope = Scope.of(task.campaign, task.authority, clock.now())
    assert list(visits.case_referrals(scope).values_list("is_filed", flat=True)) == [True]


def test_a_visit_that_was_not_refused_is_no_case(client):
    task = ReviewedTaskFactory()
    as_office(client, task)

    assert client.get(url("refer_task", task.pk)).status_code == 403
    assert (
        client.post(url("refer_task", task.pk), {**CASE, "recipient": "corps"}).status_code == 409
    )
    assert "移送案件" not in client.get(task.get_absolute_url()).content.decode()
