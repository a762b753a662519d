"""Nobody decides on their own work: one table, asked by every policy, printed in docs/roles.md."""

import re

import pytest
from django.conf import settings
from django.urls import get_resolver

from campaigns import policies as draws
from inspections import policies as visits
from metrostd.accounts import separation
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.policies import YES
from metrostd.common.roles import Role
from rectification import policies as rectification
from rectification.models import ExtensionRequest, Rectification
from selfcheck import policies as selfchecks
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import TermsFactory
from tests.factories.inspections import (
    FindingFactory,
    StopOrderFactory,
    TaskFactory,
    TeamMemberFactory,
)
from tests.factories.registry import AuthorityFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db
BETWEEN = re.compile(r"<!-- separation -->\n(.*)\n<!-- /separation -->", re.DOTALL)


def test_the_document_has_the_table_of_the_code():
    _ = get_resolver().url_patterns  # every app has added its rows
    text = (settings.BASE_DIR / "docs" / "roles.md").read_text(encoding="utf-8")

    found = BETWEEN.search(text)

    assert found is not None
    assert found[1] == separation.as_table()


def test_a_name_stands_in_the_table_once():
    with pytest.raises(ValueError, match="in the table already"):
        separation.separated(separation.GRANT_ROLE)


def office_of(authority) -> Membership:
    return MembershipFactory(role=Role.DISTRICT_ADMIN, authority=authority)


def visit():
    """A concluded visit led by the only person of the office."""
    place = TeamMemberFactory(membership__role=Role.DISTRICT_ADMIN, role="leader")
    return place.task, place.membership


def stop():
    task, own = visit()
    return StopOrderFactory(task=task, proposed_by=own.user), own


def objection():
    task, own = visit()
    return FindingFactory(task=task, sheet__task=task, state="disputed"), own


def self_check():
    report = ReportFactory(state="submitted")
    own = office_of(report.receiver)
    audit.record(report, actor=own.user, action="selfcheck.submit", label="报送")
    return report, own


def reported(**fields):
    """A rectification the only person of the office handed in for the unit, in another capacity."""
    task = TaskFactory(state="reviewed")
    own = office_of(task.authority)
    finding = FindingFactory(task=task, sheet__task=task, state="submitted", **fields)
    Rectification.objects.create(finding=finding, submitted_at=clock.now(), submitted_by=own.user)
    return finding, own


def another_day():
    finding, own = reported()
    day = clock.today()
    ExtensionRequest.objects.create(
        finding=finding, wanted_on=day, reason="示例", asked_by=own.user
    )
    return finding, own


CASES = {
    "finding.review": (reported, rectification.may_review),
    "finding.extend": (another_day, rectification.may_extend),
    "task.review": (visit, visits.may_review),
    "task.reopen": (visit, visits.may_reopen),
    "task.close": (visit, visits.may_close),
    "stop.approve": (stop, visits.may_decide_stop),
    "finding.decide_objection": (objection, rectification.may_decide_objection),
    "selfcheck.accept": (self_check, selfchecks.may_accept),
}


@pytest.fixture(params=sorted(CASES))
def case(request):
    """An act, its policy, a thing, who has worked on it, and the office above that person's office."""
    make, policy = CASES[request.param]
    thing, own = make()
    own.authority.parent = AuthorityFactory(level="city")
    own.authority.save()
    above = MembershipFactory(role=Role.CITY_ADMIN, authority=own.authority.parent)
    thing.refresh_from_db()
    return request.param, policy, thing, own, above


def test_who_did_the_work_is_sent_to_a_colleague(case):
    _, policy, thing, own, _ = case
    colleague = office_of(own.authority)

    refused = policy(own.user, thing)

    assert f"由本部门{colleague.user}办理" in refused.reason
    assert policy(colleague.user, thing)


def test_where_there_is_nobody_else_the_office_above_acts(case):
    _, policy, thing, own, above = case

    refused = policy(own.user, thing)

    assert f"本部门没有其他人员，由{own.authority.parent}办理" in refused.reason
    assert policy(above.user, thing)
    office_of(own.authority)
    assert not policy(above.user, thing)


#: What those above decide on a draw, and on what.
ABOVE = {
    "draw.acknowledge": lambda row, user: draws.may_acknowledge(user, row),
    "draw.confirm": lambda row, user: draws.may_confirm(user, row),
    "draw.decide": lambda row, user: draws.may_decide(user, row.frame),
}


@pytest.mark.parametrize("name", sorted(ABOVE))
def test_nobody_of_the_office_that_draws_decides_on_its_draw_in_whatever_capacity(name):
    row = TermsFactory(state="entered")
    district = office_of(row.authority)
    both = MembershipFactory(
        user=district.user, role=Role.CITY_ADMIN, authority=row.campaign.organiser
    )
    other = MembershipFactory(role=Role.CITY_ADMIN, authority=row.campaign.organiser)
    watch = MembershipFactory(role=Role.DISCIPLINE, authority=row.campaign.organiser)
    district.user.act_as(district)

    assert "由上级" in ABOVE[name](row, district.user).reason
    district.user.act_as(both)
    assert str(other.user) in ABOVE[name](row, district.user).reason
    for free in (other, watch):
        free.user.act_as(free)
        assert ABOVE[name](row, free.user)
    if name == "draw.confirm":
        row.entered_by = other.user
        assert not ABOVE[name](row, other.user)
        assert ABOVE[name](row, watch.user)


def test_another_capacity_of_the_same_person_helps_nobody(case):
    _, policy, thing, own, _ = case
    other = MembershipFactory(user=own.user, role=Role.CITY_ADMIN, authority=own.authority.parent)
    own.user.act_as(other)

    assert not policy(own.user, thing)


def test_with_nobody_above_either_the_sentence_says_what_to_do():
    task, own = visit()

    assert "请先由系统管理员为其他人员开通任职身份" in visits.may_review(own.user, task).reason


def test_an_error_in_force_may_be_taken_back_where_there_is_nobody_else_at_all():
    task, own = visit()
    order = StopOrderFactory(task=task, approved_by=own.user)

    assert visits.may_withdraw_stop(own.user, order)


def test_nobody_grants_themselves():
    own = MembershipFactory(role=Role.SYSTEM_ADMIN)
    colleague = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=own.authority)

    refused = separation.GRANT_ROLE.verdict(own.user, own, may=YES)

    assert str(colleague.user) in refused.reason
    assert separation.GRANT_ROLE.verdict(colleague.user, own, may=YES)
