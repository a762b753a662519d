"""What may be done with a list in which state, and by whom."""

import pytest

from metrostd.common.roles import Role
from metrostd.lists.imports import discard, undo_import
from metrostd.lists.policies import imports as policies
from tests.factories.accounts import MembershipFactory
from tests.factories.lists import row, sheet

pytestmark = pytest.mark.django_db

RULES = {
    "commit": policies.can_commit,
    "reread": policies.can_reread,
    "discard": policies.can_discard,
    "undo": policies.can_undo,
}


@pytest.fixture
def in_state(read, commit):
    def _in_state(state):
        if state == "parsed":
            return read(sheet(row(1)))
        if state == "with errors":
            return read(sheet(row(1, 有效期至="长期")))
        if state == "discarded":
            batch = read(sheet(row(1)))
            discard(batch, actor=None)
            return batch
        batch = commit(sheet(row(1)))
        if state == "undone":
            undo_import(batch, actor=None, note="再核对")
        return batch

    return _in_state


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("parsed", {"commit", "reread", "discard"}),
        ("with errors", {"reread", "discard"}),
        ("committed", {"undo"}),
        ("undone", {"commit", "reread"}),
        ("discarded", set()),
    ],
)
def test_what_may_be_done_with_a_list(city, in_state, state, allowed):
    user = MembershipFactory(role=Role.CITY_ADMIN, authority=city).user
    batch = in_state(state)

    verdicts = {name: rule(user, batch) for name, rule in RULES.items()}

    assert {name for name, verdict in verdicts.items() if verdict} == allowed
    assert all(verdict.reason for name, verdict in verdicts.items() if name not in allowed)


@pytest.mark.parametrize("role", [r for r in Role if r != Role.UNIT_USER])
def test_who_may_take_a_list_in(city, role, read):
    user = MembershipFactory(role=role, authority=city).user
    batch = read(sheet(row(1)))
    may = role in {Role.SYSTEM_ADMIN, Role.CITY_ADMIN}

    assert bool(policies.can_import(user)) == may
    assert bool(policies.can_commit(user, batch)) == may
    assert bool(policies.can_discard(user, batch)) == may
    assert not policies.can_undo(user, batch)
