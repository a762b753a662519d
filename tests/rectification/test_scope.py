"""Pages of rectification: who sees what, who may do what."""

import datetime as dt

import pytest

from metrostd.common import clock
from metrostd.common.roles import Role
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    RectificationFile,
)
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import order as order_moves
from rectification.moves import referral as referral_moves
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TeamMemberFactory
from tests.factories.rectification import (
    RaisedFindingFactory,
    SheetFactory,
    city,
    failed_finding,
    fill,
    issue,
    office_of,
    submitted,
)

from .pages import as_office, as_unit, body, finding_of, url

pytestmark = pytest.mark.django_db


def pages_of_everything():
    """One object of every kind, with all the addresses that lead to it."""
    order = submitted(issue())
    finding = finding_of(order)
    file = RectificationFile.objects.get()
    referral_moves.refer_case(
        finding, sent_to="示例", reason="示例", legal_basis="示例", actor=None
    )
    failed = RaisedFindingFactory(
        task=order.task, sheet=SheetFactory(task=order.task), state="failed"
    )
    disposition = disposition_moves.propose_disposition(
        failed, action="revoked", reason="示例", actor=None
    )
    ordered = RaisedFindingFactory(task=order.task, sheet=SheetFactory(task=order.task))
    other = order_moves.issue_order(
        order.task,
        findings=[ordered],
        kind="notice",
        due_on=dt.date(2021, 8, 15),
        requirement="示例",
        actor=None,
    )
    asked = extension_moves.ask_extension(
        ordered, wanted_on=dt.date(2021, 9, 1), reason="示例", actor=None
    )
    gets = [
        url("issue", order.task.pk),
        url("order", order.pk),
        url("order_pdf", order.pk),
        url("confirmation_pdf", order.pk),
        url("finding", finding.pk),
        url("file", file.pk),
        url("disposition", disposition.pk),
        url("referral", CaseReferral.objects.get().pk),
    ]
    posts = [
        url("issue", order.task.pk),
        url("render_papers", order.pk),
        url("submit", other.pk),
        url("save", ordered.pk),
        url("upload", ordered.pk),
        url("withdraw_file", file.pk),
        url("dispute", finding.pk),
        url("decide", finding.pk),
        url("correct", finding.pk),
        url("review", finding.pk),
        url("ask_extension", finding.pk),
        url("extend", finding.pk),
        url("refuse_extension", asked.pk),
        url("propose", failed.pk),
        url("refer", finding.pk),
        url("disposition", disposition.pk),
        url("referral", CaseReferral.objects.get().pk),
    ]
    return order, gets, posts


@pytest.mark.parametrize("who", ["district", "unit", "approver", "auditor", "inspector"])
def test_strangers_find_nothing(client, who):
    order, gets, posts = pages_of_everything()
    membership = {
        "district": lambda: MembershipFactory(),
        "unit": lambda: MembershipFactory(as_unit=True),
        "approver": lambda: MembershipFactory(
            role=Role.DISTRICT_APPROVER, authority=order.task.authority
        ),
        "auditor": lambda: MembershipFactory(role=Role.AUDITOR, authority=order.task.authority),
        "inspector": lambda: MembershipFactory(
            role=Role.DISTRICT_INSPECTOR, authority=order.task.authority
        ),
    }[who]()
    sign_in(client, membership)

    assert {address: client.get(address).status_code for address in gets} == dict.fromkeys(
        gets, 404
    )
    assert {address: client.post(address).status_code for address in posts} == dict.fromkeys(
        posts, 404
    )


def test_the_team_reads_and_does_nothing(client):
    order, _, posts = pages_of_everything()
    member = TeamMemberFactory(task=order.task)
    sign_in(client, member.membership)

    assert client.get(url("order", order.pk)).status_code == 200
    assert client.get(url("finding", finding_of(order).pk)).status_code == 200
    assert list(client.get(f"{url('index')}").context["page"])
    seen = {client.post(address).status_code for address in posts}
    assert seen <= {403, 404}


def test_another_office_reads_and_does_nothing(client):
    """The municipal office sees the districts' work and leaves it to them."""
    order, _, posts = pages_of_everything()
    CertificateDisposition.objects.update(decider=order.task.authority)
    sign_in(client, office_of(city()))

    assert client.get(url("order", order.pk)).status_code == 200
    assert {client.post(address).status_code for address in posts} == {403}


def test_a_unit_decides_nothing_and_an_office_writes_nothing(client):
    order = submitted(issue())
    finding = finding_of(order)
    as_unit(client, order.task)
    for name in ("decide", "correct", "review", "extend", "propose", "refer"):
        assert client.post(url(name, finding.pk)).status_code == 403, name
    assert client.post(url("render_papers", order.pk)).status_code == 403

    as_office(client, order.task)
    for name in ("save", "upload", "dispute", "ask_extension"):
        assert client.post(url(name, finding.pk)).status_code == 403, name
    assert client.post(url("submit", order.pk)).status_code == 403
    assert client.post(url("withdraw_file", RectificationFile.objects.get().pk)).status_code == 403


def test_drafts_are_the_unit_s_own(client):
    order = issue()
    finding = finding_of(order)
    fill(finding, actor=None)
    file = RectificationFile.objects.get()

    as_office(client, order.task)
    page = client.get(url("finding", finding.pk))
    assert "示例原因" not in page.content.decode()
    assert client.get(file.get_absolute_url()).status_code == 404

    as_unit(client, order.task)
    assert "示例原因" in client.get(url("finding", finding.pk)).content.decode()
    answer = client.get(file.get_absolute_url())
    assert body(answer).startswith(b"\xff\xd8")


def test_a_unit_does_not_see_drafted_findings_nor_undecided_proposals(client):
    finding = failed_finding()
    drafted = RaisedFindingFactory(
        task=finding.task, sheet=SheetFactory(task=finding.task), state="draft"
    )
    with clock.pinned(clock.at_time(dt.date(2021, 9, 6))):
        disposition = disposition_moves.propose_disposition(
            finding, action="revoked", reason="示例理由甲", actor=None
        )
        as_unit(client, finding.task)
        assert client.get(drafted.get_absolute_url()).status_code == 404
        assert client.get(disposition.get_absolute_url()).status_code == 404
        assert "示例理由甲" not in client.get(finding.get_absolute_url()).content.decode()

        disposition_moves.decide_disposition(
            disposition,
            actor=None,
            decision_no="津〔2021〕1号",
            decided_on=dt.date(2021, 9, 6),
            accept=True,
        )
    assert client.get(disposition.get_absolute_url()).status_code == 200
