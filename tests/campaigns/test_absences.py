"""请假代办: who is away is not written to, the deputy sees and hears of it, and rights stay where they are."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.models import Duty
from campaigns.owners import People
from metrostd.accounts.absences import deputies
from metrostd.accounts.models import Absence
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DutyFactory
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2021, 6, 1)
PAGE = reverse("accounts:absences")


@pytest.fixture(autouse=True)
def that_day():
    with clock.pinned(clock.at_time(DAY)):
        yield


@pytest.fixture
def pair():
    """Two inspectors of a district: one who goes away, one who stays."""
    office = AuthorityFactory()
    return [MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office) for _ in range(2)]


def announce(client, away, deputy, first="2021-06-01", last="2021-06-10"):
    sign_in(client, away)
    return client.post(PAGE, {"deputy": deputy.pk, "first_on": first, "last_on": last})


def desk(client, member):
    sign_in(client, member)
    return list(client.get(reverse("desk")).context["page"])


def test_the_deputy_sees_and_hears_of_it_until_the_other_is_back(client, pair):
    away, deputy = pair
    duty = DutyFactory(authority=None, membership=away)
    other = DutyFactory(authority=away.authority)
    assert desk(client, deputy) == []

    assert announce(client, away, deputy).url == PAGE

    assert desk(client, deputy) == desk(client, away) == [duty]
    assert client.get(duty.get_absolute_url()).status_code == 302
    rows = list(Duty.objects.select_related("membership"))
    assert People(rows).of(duty) == [deputy]
    assert People(rows, on=dt.date(2021, 6, 11)).of(duty) == [away]
    assert deputies(DAY, [away.pk]) == {away.pk: deputy}
    assert other not in desk(client, deputy)
    sign_in(client, away)
    absence = Absence.objects.get()
    for _ in range(2):
        client.post(reverse("accounts:absence_end", args=[absence.pk]))
    assert desk(client, deputy) == []
    assert People(rows).of(duty) == [away]
    done = AuditEntry.objects.about(absence).values_list("action", flat=True)
    assert list(done) == ["absence.end", "absence.announce"]
    assert "已提前结束" in client.get(PAGE).content.decode() or desk(client, away)


def test_colleagues_of_an_office_are_not_told_twice(pair):
    office = AuthorityFactory()
    away, deputy = (MembershipFactory(authority=office) for _ in range(2))
    Absence.objects.create(membership=away, deputy=deputy, first_on=DAY, last_on=DAY)

    assert People([duty := DutyFactory(authority=office)]).of(duty) == [deputy]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2021-06-10", "2021-06-05", "结束日期早于开始日期"),
        ("2021-05-01", "2021-05-31", "不能早于今天"),
        ("2021-06-01", "2022-06-01", "一次最多登记180天"),
    ],
)
def test_days_that_cannot_be_are_refused(client, pair, first, last, said):
    answer = announce(client, *pair, first=first, last=last)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Absence.objects.exists()


def test_twice_for_the_same_days_and_a_stranger_are_refused(client, pair):
    announce(client, *pair)

    again = announce(client, *pair, first="2021-06-10", last="2021-06-12")
    stranger = announce(client, pair[0], MembershipFactory(), "2021-07-01", "2021-07-02")
    sign_in(client, pair[1])
    foreign = client.post(reverse("accounts:absence_end", args=[Absence.objects.get().pk]))

    assert "已登记由" in again.content.decode()
    assert (again.status_code, stranger.status_code, foreign.status_code) == (422, 422, 404)


def test_the_page_says_to_both_what_a_deputy_may_do_and_what_not(client, pair):
    away, deputy = pair
    announce(client, away, deputy)

    mine = client.get(PAGE)
    sign_in(client, deputy)
    theirs = client.get(PAGE)

    for page in (mine, theirs):
        said = page.content.decode()
        assert "用请假人的身份登录、签字、批准或修改" in said
        assert "用自己的身份办理本来就有权办理的事项" in said
    assert list(mine.context["standing_in"]) == []
    assert [row.membership for row in theirs.context["standing_in"]] == [away]
    with clock.pinned(clock.at_time(dt.date(2021, 6, 11))):
        assert list(client.get(PAGE).context["standing_in"]) == []
