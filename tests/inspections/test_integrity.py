"""廉政: rules before a visit, its costs, the unit's word for 纪检监督 alone."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from inspections.integrity import acts
from inspections.models import CostDeclaration, IntegrityFeedback
from inspections.moves import result as result_moves
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory

from .story import make_visit

pytestmark = pytest.mark.django_db
SECRET = "检查组长要求安排宴请"
GOOD = {"manner": "good", "comment": ""}


def url(name, pk=None):
    return reverse(f"inspections:{name}", args=[pk] if pk else [])


@pytest.fixture
def ended():
    """A visit that has ended, its costs not declared yet."""
    visit = make_visit().concluded()
    CostDeclaration.objects.all().delete()
    return visit


@pytest.fixture
def watch(ended):
    """纪检监督 of the office that runs the campaign."""
    return MembershipFactory(role=Role.DISCIPLINE, authority=ended.task.campaign.organiser)


def give(visit, **said):
    values = {"manner": "good", "comment": "", **said}
    manner, comment = values.pop("manner"), values.pop("comment")
    return acts.give_feedback(
        visit.task, values, manner=manner, comment=comment, actor=visit.unit.user
    )


def test_only_discipline_and_the_unit_read_what_the_unit_says(client, ended, watch):
    row = give(ended, meals=True, comment=SECRET)
    others = {
        "office": ended.office,
        "leader": ended.leader,
        "city": MembershipFactory(role=Role.CITY_ADMIN, authority=ended.task.campaign.organiser),
        "admin": MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory()),
        "auditor": MembershipFactory(role=Role.AUDITOR, authority=AuthorityFactory()),
        "foreign unit": MembershipFactory(as_unit=True),
        "foreign discipline": MembershipFactory(role=Role.DISCIPLINE, authority=AuthorityFactory()),
    }

    for who, member in others.items():
        sign_in(client, member)
        assert client.get(row.get_absolute_url()).status_code == 404, who
        task = client.get(ended.task.get_absolute_url())
        assert SECRET not in task.content.decode(), who
        if who != "foreign discipline":
            assert client.get(url("integrity")).status_code == 403, who
    for member in (watch, ended.unit):
        sign_in(client, member)
        assert SECRET in client.get(row.get_absolute_url()).content.decode()
    sign_in(client, others["foreign discipline"])
    assert list(client.get(url("integrity")).context["page"]) == []
    assert AccessEntry.objects.filter(what=str(row), actor=watch.user).exists()


def test_what_it_says_is_in_no_message_and_no_trail(ended, watch):
    row = give(ended, gifts=True, comment=SECRET)

    told = Message.objects.filter(url=row.get_absolute_url())
    assert {message.membership for message in told} == {watch}
    assert not Message.objects.filter(body__contains=SECRET).exists()
    entry = AuditEntry.objects.about(row).get()
    assert (entry.before, entry.after, entry.note) == (None, None, "")


def test_it_is_given_once_after_the_visit_with_its_facts(client, ended):
    early = make_visit().assign().notify()
    with pytest.raises(TransitionError, match="检查结束后"):
        give(early)
    with pytest.raises(ValidationError, match="具体情况"):
        give(ended, costs_borne=True)
    sign_in(client, ended.unit)
    assert client.post(url("give_feedback", ended.task.pk), GOOD).status_code == 302
    with pytest.raises(TransitionError, match="已经提交"):
        give(ended)
    assert IntegrityFeedback.objects.get().named == ended.unit.user.display_name
    assert not Message.objects.filter(subject__contains="廉政反馈").exists()


def test_the_team_cannot_speak_for_the_unit(client, ended):
    for member in (ended.leader, ended.office):
        sign_in(client, member)
        assert client.post(url("give_feedback", ended.task.pk), GOOD).status_code == 403
    assert not IntegrityFeedback.objects.exists()


def test_a_visit_is_reviewed_once_its_costs_are_declared_as_nothing(client, ended):
    with pytest.raises(ValidationError, match="还没有申报检查费用"):
        result_moves.review(ended.task, actor=ended.office.user)
    sign_in(client, ended.officer)
    zero = dict.fromkeys(acts.AMOUNTS, "0")
    assert client.post(url("declare_cost", ended.task.pk), zero).status_code == 403
    sign_in(client, ended.leader)
    assert client.post(url("declare_cost", ended.task.pk), {**zero, "meals": ""}).status_code == 422
    assert client.post(url("declare_cost", ended.task.pk), zero).status_code == 302

    result_moves.review(ended.task, actor=ended.office.user)
    assert not Message.objects.filter(subject__contains="检查费用").exists()


def test_the_page_names_the_next_move_the_declaration_and_then_the_review(client, ended):
    """To who may make neither as well: the officer reads whose turn it is."""
    sign_in(client, ended.officer)

    def shown():
        actions = client.get(ended.task.get_absolute_url()).context["actions"]
        return [(action.label, bool(action.verdict)) for action in actions]

    assert shown() == [("申报检查费用", False)]
    acts.declare(ended.task, {}, actor=ended.leader.user)
    assert shown() == [("审核通过", False)]


def test_an_amount_stops_the_review_and_alerts_discipline_until_it_is_settled(client, ended, watch):
    with pytest.raises(ValidationError, match="说明"):
        acts.declare(ended.task, {"meals": Decimal(86)}, actor=ended.leader.user)
    row = acts.declare(ended.task, {"meals": Decimal(86)}, note="午餐", actor=ended.leader.user)

    assert [m.membership for m in Message.objects.filter(subject__contains="86.00元")] == [
        watch
    ] or [m.membership for m in Message.objects.filter(subject__contains="86元")] == [watch]
    with pytest.raises(ValidationError, match="须退还"):
        result_moves.review(ended.task, actor=ended.office.user)
    with pytest.raises(TransitionError, match="不能更改"):
        acts.declare(ended.task, {}, actor=ended.leader.user)
    for member in (ended.office, ended.leader):
        sign_in(client, member)
        assert client.post(url("settle_cost", row.pk), {"note": "已经退还"}).status_code == 403
    sign_in(client, watch)
    assert row in client.get(url("integrity")).context["waiting"]
    client.post(url("settle_cost", row.pk), {"note": "退"})
    row.refresh_from_db()
    assert row.stops
    client.post(url("settle_cost", row.pk), {"note": "已于当日退还，有收据"})

    result_moves.review(ended.task, actor=ended.office.user)
    with pytest.raises(TransitionError):
        acts.settle(row, note="再核实一次吧", actor=watch.user)


def test_the_database_knows_no_negative_cost_and_no_self_made_settlement(ended):
    with pytest.raises(IntegrityError), transaction.atomic():
        CostDeclaration.objects.create(task=ended.task, meals=Decimal(-5))
    leader = ended.leader.user
    with pytest.raises(IntegrityError), transaction.atomic():
        CostDeclaration.objects.create(task=ended.task, declared_by=leader, settled_by=leader)


def test_rules_are_read_before_and_the_unit_is_told(client):
    visit = make_visit().assign().notify()
    sign_in(client, visit.leader)
    page = client.get(url("start", visit.task.pk)).content.decode()
    sign_in(client, visit.unit)
    own = client.get(visit.task.get_absolute_url()).content.decode()

    assert "不接受宴请" in page
    assert "不接受宴请" in own
    assert "检查结束后才能提交廉政反馈" in own
    assert Message.objects.filter(membership=visit.unit, body__contains="廉政反馈").exists()


def test_the_desk_costs_the_same_at_1_and_at_4_rows(
    client, ended, watch, django_assert_num_queries
):
    give(ended)
    sign_in(client, watch)
    client.get(url("integrity"))
    with django_assert_num_queries(12):
        client.get(url("integrity"))
    for _ in range(3):
        more = make_visit(campaign=ended.task.campaign).concluded()
        give(more, meals=True, comment=SECRET)
    with django_assert_num_queries(12):
        assert len(client.get(url("integrity")).context["page"]) == 4
