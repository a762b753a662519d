"""Accounts for the units of a list: opened at once, slips as one file, who has not come yet."""

import datetime as dt
import io
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from metrostd.accounts import bulk, runners
from metrostd.accounts.enums import AccountState
from metrostd.accounts.models import Membership, OneTimeCode, SlipPrint, User
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry, Job
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory, UnitFactory
from tests.queries import cost_of, queries_of

from .signing import activate

pytestmark = pytest.mark.django_db
OPENING = "accounts:opening"


@pytest.fixture
def admin():
    return MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))


@pytest.fixture
def units():
    return [
        UnitFactory(contact_name=f"联系人{n}", contact_phone="138 0013 800" + str(n))
        for n in range(3)
    ]


def ask(client: Client, name: str, captured, **data):
    with captured(execute=True):
        return client.post(reverse(f"accounts:{name}"), data)


def pages(client: Client, row: SlipPrint) -> list[str]:
    answer = client.post(reverse("accounts:slips_download", args=[row.pk]))
    reader = PdfReader(io.BytesIO(answer.content))
    return [page.extract_text().replace("\n", "") for page in reader.pages]


def code_on(page: str) -> str:
    return re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", page)[0]


def test_every_unit_gets_an_account_and_a_slip_whose_code_works_once(
    client, admin, units, django_capture_on_commit_callbacks
):
    sign_in(client, admin)

    ask(client, "open_units", django_capture_on_commit_callbacks)

    job, row = Job.objects.get(), SlipPrint.objects.get()
    assert (job.state, job.next_url) == ("done", f"{reverse(OPENING)}?printed={row.pk}")
    slips = pages(client, row)
    people = list(User.objects.filter(memberships__unit__in=units).order_by("username"))
    assert [person.display_name for person in people] == ["联系人0", "联系人1", "联系人2"]
    assert [person.phone[-1] for person in people] == ["0", "1", "2"]
    assert {person.state for person in people} == {AccountState.NEW}
    assert len(slips) == 3
    for person, unit, slip in zip(people, units, slips, strict=True):
        assert unit.name in slip
        assert person.username in slip
        visitor = Client()
        assert activate(visitor, person, code_on(slip)).url == reverse("desk")
        assert activate(Client(), person, code_on(slip), "Zhuzi-8-heliu").status_code == 422
    assert AccessEntry.objects.filter(kind="download").count() == 1


def test_the_codes_stand_on_the_slips_alone(
    client, admin, units, django_capture_on_commit_callbacks
):
    sign_in(client, admin)
    ask(client, "open_units", django_capture_on_commit_callbacks)

    row = SlipPrint.objects.get()
    code = code_on(pages(client, row)[0])
    with row.content.open("rb") as kept:
        assert not kept.read(5).startswith(b"%PDF")
    everything = f"{list(AuditEntry.objects.values())}{list(Job.objects.values())}{list(OneTimeCode.objects.values())}"
    assert code not in everything
    assert code.replace("-", "") not in everything


def test_done_twice_it_is_done_once(admin, units):
    keys = [unit.pk for unit in units]
    bulk.open_for_units(keys, actor=admin.user)

    assert bulk.open_for_units(keys, actor=admin.user) == []
    assert Membership.objects.filter(unit__in=units).count() == 3


def test_a_worker_that_died_in_between_is_finished_by_the_next(admin, units):
    """The accounts were opened and nothing printed: the next attempt prints for all of them."""
    keys = [unit.pk for unit in units]
    bulk.open_for_units(keys, actor=admin.user)
    job = Job.objects.create(
        kind=runners.OPEN, title="示例", owner=admin.user, acting=admin.pk, attempt=2,
        arguments={"units": keys},
    )  # fmt: skip

    runners.open_units(job, lambda *args: None)
    runners.open_units(job, lambda *args: None)

    assert SlipPrint.objects.get().slips == 3
    assert OneTimeCode.objects.count() == 3


def test_an_office_opens_for_its_own_territory(client, units, django_capture_on_commit_callbacks):
    office = MembershipFactory(authority=units[0].territorial_authority)
    sign_in(client, office)

    page = client.get(reverse(OPENING))
    ask(client, "open_units", django_capture_on_commit_callbacks)

    assert page.context["lacking"] == 1
    assert list(Membership.objects.filter(unit__isnull=False).values_list("unit", flat=True)) == [
        units[0].pk
    ]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DISTRICT_INSPECTOR, Role.UNIT_USER])
def test_others_open_nothing(client, role):
    as_unit = {"as_unit": True} if role == Role.UNIT_USER else {"role": role}
    sign_in(client, MembershipFactory(**as_unit))

    assert client.get(reverse(OPENING)).status_code == 403
    assert client.post(reverse("accounts:open_units")).status_code == 403
    assert not Job.objects.exists()


def test_a_new_slip_voids_the_old(client, admin, units, django_capture_on_commit_callbacks):
    sign_in(client, admin)
    ask(client, "open_units", django_capture_on_commit_callbacks)
    old = code_on(pages(client, SlipPrint.objects.get())[0])
    person = User.objects.get(display_name="联系人0")

    ask(client, "slips", django_capture_on_commit_callbacks, people=[person.pk])

    [slip] = pages(client, SlipPrint.objects.order_by("-pk").first())
    assert activate(Client(), person, old).status_code == 422
    assert activate(Client(), person, code_on(slip)).status_code == 302


def test_who_is_something_else_besides_is_not_printed_for(admin, units):
    [person, *_] = bulk.open_for_units([units[0].pk], actor=admin.user)
    assert person in bulk.never_signed_in(admin.user)

    MembershipFactory(user=person, authority=AuthorityFactory())

    assert person not in bulk.never_signed_in(admin.user)


def test_slips_are_fetched_by_whoever_made_them_in_that_capacity(
    client, admin, units, django_capture_on_commit_callbacks
):
    sign_in(client, admin)
    ask(client, "open_units", django_capture_on_commit_callbacks)
    row = SlipPrint.objects.get()
    url = reverse("accounts:slips_download", args=[row.pk])
    other = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=admin.authority)

    assert sign_in(Client(), other).post(url).status_code == 404
    assert client.post(url).status_code == 200
    with clock.pinned(clock.now() + dt.timedelta(days=4)):
        assert client.post(url).status_code == 404
        assert bulk.forget_slips() == 1
    row.refresh_from_db()
    assert not row.content


def test_urging_is_on_record_and_once_a_day(
    client, admin, units, django_capture_on_commit_callbacks
):
    units[0].contact_email = "a@example.cn"
    units[0].save()
    bulk.open_for_units([unit.pk for unit in units], actor=admin.user)
    sign_in(client, admin)

    for _ in range(2):
        ask(client, "urge", django_capture_on_commit_callbacks, everybody="1")

    assert AuditEntry.objects.filter(action="account.urge").count() == 3
    [sent] = mail.outbox
    assert (sent.to, "验证码启用" in sent.body) == (["a@example.cn"], True)
    with clock.pinned(clock.now() + dt.timedelta(days=1)):
        assert len(bulk.urge(User.objects.filter(state=AccountState.NEW), actor=admin.user)) == 3


def test_nothing_ticked_is_told(client, admin, units):
    bulk.open_for_units([units[0].pk], actor=admin.user)
    sign_in(client, admin)

    answer = client.post(reverse("accounts:urge"))

    assert answer.status_code == 422
    assert "请先勾选账户" in answer.content.decode()


def test_opening_costs_the_same_for_one_and_for_many(admin):
    one = [UnitFactory().pk]
    many = [UnitFactory().pk for _ in range(4)]
    assert admin.user.acting  # asked once per request

    assert queries_of(lambda: bulk.open_for_units(one, actor=admin.user)) == queries_of(
        lambda: bulk.open_for_units(many, actor=admin.user)
    )


class TestOfficers:
    """Slips for people of offices: whoever may give a code may print one."""

    @pytest.fixture
    def district(self):
        return AuthorityFactory(parent=AuthorityFactory(city=True))

    def test_an_office_prints_slips_for_its_own_officers(
        self, client, district, django_capture_on_commit_callbacks
    ):
        office = MembershipFactory(authority=district)
        mine = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=district)
        boss = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district)
        MembershipFactory(role=Role.DISTRICT_INSPECTOR)  # of another district
        both = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=district)
        MembershipFactory(user=both.user, role=Role.CITY_ADMIN, authority=district.parent)
        came = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=district)
        User.objects.filter(pk=came.user_id).update(last_login=clock.now())
        sign_in(client, office)

        page = client.get(reverse(OPENING), {"who": "office"})
        assert [row["person"] for row in page.context["rows"]] == [mine.user]
        assert mine.label in page.content.decode()
        ask(
            client, "slips", django_capture_on_commit_callbacks,
            who="office", people=[m.user_id for m in (mine, boss, both, came)],
        )  # fmt: skip

        slip = pages(client, SlipPrint.objects.get())
        assert len(slip) == 1
        assert district.name in slip[0]
        assert "启用动态口令" in slip[0]
        assert activate(Client(), mine.user, code_on(slip[0])).url == reverse("desk")
        assert not OneTimeCode.objects.exclude(user=mine.user_id).exists()

    def test_the_page_costs_the_same_for_many(self, client, district):
        sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=district.parent))
        MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=district)
        url = f"{reverse(OPENING)}?who=office"
        one = cost_of(client, url)
        for _ in range(4):
            MembershipFactory(role=Role.DISTRICT_INSPECTOR)

        assert cost_of(client, url) == one
