"""Leaving: a last day, idle accounts asleep, and who had access to what on a day."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse

from metrostd.accounts import clockwork, moves, policies, staffing
from metrostd.accounts.access import memberships_on, with_states
from metrostd.accounts.enums import AccountState
from metrostd.accounts.filters import PeopleFilter
from metrostd.accounts.models import User
from metrostd.accounts.offices import for_list
from metrostd.accounts.schedule import end_what_is_over
from metrostd.accounts.staffing import Capacity, grant
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.registry import AuthorityFactory

from .signing import activate, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 10)
ONE = dt.timedelta(days=1)


def on(day: dt.date, hour: int = 9):
    return clock.pinned(clock.at_time(day, hour))


@pytest.fixture
def admin():
    return MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))


def end(member, admin, **given):
    staffing.end_membership(
        member,
        **{"on": clock.today(), "at_once": False, "successor": None, "note": "调离", "actor": admin.user}
        | given,
    )  # fmt: skip


def test_the_last_day_counts_and_the_next_does_not(client, admin):
    member = MembershipFactory(user=person_with_password())
    with on(DAY):
        end(member, admin, on=DAY + ONE)
    sign_in_by_form(client, member.user)

    with on(DAY + ONE, 23):
        assert client.get(reverse("desk")).status_code == 200
    with on(DAY + 2 * ONE, 1):
        # Whether the nightly job has run or not.
        assert client.get(reverse("desk")).url == reverse("accounts:choose")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"on": DAY - ONE}, "ends_on"),
        ({"on": DAY + 400 * ONE}, "ends_on"),
        ({"note": " "}, "note"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(admin, given, field):
    member = MembershipFactory()

    with on(DAY), pytest.raises(ValidationError) as refused:
        end(member, admin, **given)

    assert set(refused.value.message_dict) == {field}


def test_the_last_administrator_does_not_leave(admin):
    second = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=admin.authority)
    assert policies.can_end_membership(second.user, admin)

    second.ends_on = clock.today() - ONE
    second.save()

    assert "最后一名" in policies.can_end_membership(second.user, admin).reason


def test_a_capacity_past_its_last_day_is_over_before_the_clock_has_been_there(client, admin):
    """The same capacity is granted again; lists and counts say what the person is today."""
    member = MembershipFactory(
        role=Role.DISTRICT_INSPECTOR, authority=AuthorityFactory(), ends_on=DAY - ONE
    )
    MembershipFactory(role=Role.DISTRICT_ADMIN, authority=member.authority)
    with on(DAY):
        shown = for_list(admin.user).get(pk=member.authority_id)
        person = PeopleFilter(QueryDict("")).apply(User.objects.filter(pk=member.user_id)).get()
        sign_in(client, admin)
        page = client.get(member.user.get_absolute_url()).content.decode()

        made = grant(
            member.user,
            Capacity(role=Role.DISTRICT_INSPECTOR, authority=member.authority),
            actor=admin.user,
        )

    member.refresh_from_db()
    assert (shown.people, person.current) == (1, [])
    assert f"至{cn_date(DAY - ONE)}" in page
    assert (member.is_active, made.is_active) == (False, True)
    assert AuditEntry.objects.about(member).filter(action="membership.end").exists()


class TestIdle:
    @pytest.fixture(autouse=True)
    def _days(self, settings):
        settings.ACCOUNT_IDLE_DAYS = 30

    def idle(self, **more):
        long_ago = clock.at_time(DAY - 40 * ONE)
        return person_with_password(last_login=long_ago, state_since=long_ago, **more)

    def test_the_clock_puts_an_idle_account_to_sleep_and_once(self, client):
        member = MembershipFactory(user=self.idle())

        with on(DAY):
            end_what_is_over()
            assert clockwork.put_to_sleep(DAY) == 0

        member.user.refresh_from_db()
        assert member.user.state == AccountState.ASLEEP
        assert sign_in_by_form(client, member.user).status_code == 200

    def test_whoever_was_here_lately_stays_awake(self):
        self.idle()
        recent = person_with_password(
            last_login=clock.at_time(DAY - 10 * ONE), state_since=clock.at_time(DAY - 40 * ONE)
        )

        clockwork.put_to_sleep(DAY)

        recent.refresh_from_db()
        assert recent.state == AccountState.OPEN

    def test_an_office_wakes_it_and_it_has_all_its_time_again(self, admin):
        person = self.idle()
        with on(DAY):
            clockwork.put_to_sleep(DAY)
            person.refresh_from_db()
            moves.wake(person, actor=admin.user)

        assert clockwork.put_to_sleep(DAY + ONE) == 0

    def test_a_code_wakes_it_too(self, client, admin):
        person = self.idle()
        MembershipFactory(user=person)
        with on(DAY):
            clockwork.put_to_sleep(DAY)
        person.refresh_from_db()

        code = staffing.give_code(person, actor=admin.user)

        assert activate(client, person, code).url == reverse("desk")


class TestAccess:
    def shown(self, day, admin):
        rows = with_states(memberships_on(day, viewer=admin.user), day=day)
        return {str(r.membership.user): r.state for r in rows if r.membership != admin}

    def test_it_is_told_day_by_day(self, admin):
        authority = AuthorityFactory()
        with on(DAY):
            person = staffing.open_account(
                name="王小明",
                capacity=Capacity(role=Role.DISTRICT_ADMIN, authority=authority),
                actor=admin.user,
            )
        with on(DAY + 2 * ONE):
            moves.begin_use(person)
        with on(DAY + 4 * ONE):
            moves.close(person, actor=admin.user, note="手机丢失")
        with on(DAY + 6 * ONE):
            moves.reopen(person, actor=admin.user, note="已找回")
            end(person.memberships.get(), admin, at_once=True)

        s = AccountState
        told = [self.shown(DAY + n * ONE, admin).get("王小明") for n in range(-1, 8)]
        assert told == [None, s.NEW, s.NEW, s.OPEN, s.OPEN, s.CLOSED, s.CLOSED, s.OPEN, None]

    def test_the_page_and_the_workbook_tell_it(self, client, admin):
        MembershipFactory(user=UserFactory(display_name="李四"), created_at=clock.at_time(DAY))
        sign_in(client, admin)
        url = f"{reverse('accounts:access')}?day={DAY}"

        assert "李四" in client.get(url).content.decode()
        assert "李四" not in client.get(url.replace("03-10", "03-09")).content.decode()
        exported = client.post(f"{reverse('accounts:access_export')}?day={DAY}")
        assert exported.content.startswith(b"PK")

    def test_an_office_reads_of_its_own_people_alone(self, client):
        office = MembershipFactory()
        MembershipFactory(user=UserFactory(display_name="别区的人"))
        sign_in(client, office)

        assert "别区的人" not in client.get(reverse("accounts:access")).content.decode()
