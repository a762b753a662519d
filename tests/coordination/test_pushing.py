"""Where approval and supervision are split, each side reads on its desk what the other has done (clause 48)."""

import datetime as dt

import pytest
from django.urls import reverse

from inspections.moves.finding import raise_all
from metrostd.common import audit, clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.coordination import pushing
from metrostd.coordination.enums import PushKind, Side
from metrostd.coordination.models import Push
from metrostd.coordination.schedule import push
from metrostd.notifications.models import Message
from metrostd.registry.moves import certificate as certificate_moves
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.changes import ChangeFactory
from tests.factories.inspections import FindingFactory, StopOrderFactory
from tests.factories.registry import AuthorityFactory, StandardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_june():
    with clock.pinned(clock.at_time(dt.date(2022, 6, 20))):
        yield


@pytest.fixture
def city():
    return MembershipFactory(authority=AuthorityFactory(city=True), role=Role.CITY_ADMIN)


@pytest.fixture
def office(city):
    """Supervision of a bureau whose powers are split."""
    bureau = AuthorityFactory(
        code="120111", short_name="示例西青", parent=city.authority, approval_split=True
    )
    return MembershipFactory(authority=bureau)


@pytest.fixture
def approver(office):
    return MembershipFactory(authority=office.authority, role=Role.DISTRICT_APPROVER)


@pytest.fixture
def standard(office):
    return StandardFactory(
        unit__territorial_authority=office.authority, issuing_authority=office.authority
    )


def seal(standard, actor=None):
    certificate_moves.SEAL.apply(standard.certificates.get(), actor=actor, note="停用")


def test_a_sealed_certificate_is_on_the_desk_of_supervision_once(standard, office, approver):
    seal(standard, actor=approver.user)

    push()
    push()

    row = Push.objects.get()
    assert (row.authority, row.side, row.kind, row.standard) == (
        office.authority, Side.SUPERVISION, PushKind.SEALED, standard,
    )  # fmt: skip
    assert row.words.startswith("封存：考核证书")
    assert Message.objects.filter(membership=office).count() == 1
    assert not Message.objects.filter(membership=approver).exists()
    assert AuditEntry.objects.about(row).get().action == "coordination.push"


def test_findings_and_stop_orders_are_on_the_desk_of_approval(standard, office, approver):
    finding = FindingFactory(
        sheet__task__unit=standard.unit, sheet__task__authority=office.authority,
        sheet__standard=standard, state="draft",
    )  # fmt: skip
    raise_all([finding], actor=office.user)
    order = StopOrderFactory(task=finding.task, standard=standard)
    audit.record(order, actor=office.user, action="stop.approve", label="批准停止量值传递")

    pushing.push(clock.now() + dt.timedelta(seconds=1))

    kinds = Push.objects.filter(side=Side.APPROVAL).values_list("kind", flat=True)
    assert set(kinds) == {PushKind.FINDING, PushKind.STOP}
    assert Push.objects.filter(words__contains=finding.fact).exists()


def test_a_finding_on_the_unit_goes_to_the_bureau_of_its_territory(standard, office):
    finding = FindingFactory(
        sheet__task__unit=standard.unit, sheet__standard=None, state="draft"
    )  # fmt: skip
    raise_all([finding], actor=None)

    pushing.push(clock.now() + dt.timedelta(seconds=1))

    assert Push.objects.get().authority == office.authority


def test_a_bureau_with_both_powers_hands_nothing_across(office):
    other = MembershipFactory()
    seal(
        StandardFactory(
            unit__territorial_authority=other.authority, issuing_authority=other.authority
        )
    )

    push()

    assert not Push.objects.exists()


def test_without_any_split_bureau_the_trail_is_not_read(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert pushing.push(clock.now()) == 0


def test_each_side_reads_its_own_desk_and_takes_note(client, standard, office, approver, city):
    seal(standard)
    finding = FindingFactory(
        sheet__task__unit=standard.unit, sheet__task__authority=office.authority,
        sheet__standard=standard, state="draft",
    )  # fmt: skip
    raise_all([finding], actor=None)
    pushing.push(clock.now() + dt.timedelta(seconds=1))
    url = reverse("coordination:index")

    sign_in(client, office)
    page = client.get(url).content.decode()
    assert "封存：考核证书" in page
    assert finding.fact not in page
    theirs = Push.objects.get(side=Side.APPROVAL)
    client.post(reverse("coordination:read"), {"push": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.read_at is None
    client.post(reverse("coordination:read"))
    assert "没有新的推送" in client.get(url).content.decode()
    assert "封存：考核证书" in client.get(url, {"shown": "all"}).content.decode()

    sign_in(client, approver)
    page = client.get(url, {"kind": "finding"}).content.decode()
    assert finding.fact in page
    assert "封存：考核证书" not in page
    client.post(reverse("coordination:read"), {"push": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.read_by == approver.user

    sign_in(client, city)
    both = client.get(url, {"shown": "all", "district": office.authority_id}).content.decode()
    assert finding.fact in both
    assert "封存：考核证书" in both
    assert client.post(reverse("coordination:read")).status_code == 403


def test_others_do_not_see_it(client, standard, office):
    seal(standard)
    push()
    stranger = MembershipFactory()
    sign_in(client, stranger)
    page = client.get(reverse("coordination:index")).content.decode()
    assert "没有分开，不产生推送" in page
    assert standard.name not in page
    sign_in(client, MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office.authority))
    assert client.get(reverse("coordination:index")).status_code == 403


def test_what_the_trail_says_of_other_things_is_passed_over(office, standard):
    for thing in (UserFactory(), standard, ChangeFactory(standard=standard)):
        audit.record(thing, actor=None, action="registry.create", label="登记")

    assert pushing.push(clock.now() + dt.timedelta(seconds=1)) == 0
