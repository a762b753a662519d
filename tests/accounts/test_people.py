"""People and their accounts: who opens, changes and ends what, and that the person is told."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.accounts import codes, policies, staffing
from metrostd.accounts.enums import AccountState
from metrostd.accounts.models import Membership, OneTimeCode, User
from metrostd.accounts.staffing import Capacity
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.registry import AuthorityFactory, UnitFactory

from .signing import NEW, activate, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db
R = Role


@pytest.fixture
def admin():
    return MembershipFactory(role=R.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))


@pytest.fixture
def office():
    """The office of a district, and an inspector of its."""
    return MembershipFactory(role=R.DISTRICT_ADMIN)


def page_of(membership: Membership) -> str:
    return membership.user.get_absolute_url()


class TestGranting:
    #: Written by hand: who may grant which role in the own district, at the own unit.
    MAY = {
        R.SYSTEM_ADMIN: set(R),
        R.CITY_ADMIN: {R.CITY_INSPECTOR, R.DISTRICT_ADMIN, R.INSTITUTE_EXPERT, R.ASSESSOR, R.UNIT_USER},
        R.DISTRICT_ADMIN: {R.DISTRICT_INSPECTOR, R.DISTRICT_APPROVER, R.ASSESSOR, R.UNIT_USER},
        R.UNIT_USER: {R.UNIT_USER},
    }  # fmt: skip

    @pytest.mark.parametrize("role", R)
    def test_every_role_grants_what_the_table_says(self, role):
        unit = UnitFactory()
        place = (
            {"as_unit": True, "unit": unit}
            if role == R.UNIT_USER
            else {"role": role, "authority": unit.territorial_authority}
        )
        user = MembershipFactory(**place).user
        city = AuthorityFactory(city=True)

        granted = {
            each
            for each in R
            if policies.can_grant(
                user,
                each,
                unit=unit if each == R.UNIT_USER else None,
                authority=None
                if each == R.UNIT_USER
                else city
                if each.startswith("city") or each == R.INSTITUTE_EXPERT
                else unit.territorial_authority,
            )
        }

        assert granted == self.MAY.get(role, set())

    def test_an_office_grants_nothing_in_another_district(self, office):
        other = AuthorityFactory()

        assert not policies.can_grant(office.user, R.DISTRICT_INSPECTOR, authority=other)
        assert not policies.can_grant(
            office.user, R.UNIT_USER, unit=UnitFactory(territorial_authority=other)
        )

    def test_a_role_of_the_city_is_none_of_a_district(self, admin):
        verdict = policies.can_grant(admin.user, R.CITY_ADMIN, authority=AuthorityFactory())

        assert "不属于" in verdict.reason

    def test_nobody_grants_themselves(self, admin, client):
        sign_in(client, admin)

        refused = client.post(
            reverse("accounts:grant", args=[admin.user_id]),
            {"role": R.CITY_ADMIN, "authority": admin.authority_id},
        )

        assert refused.context["form"].errors["role"] == [
            "不能给自己授予任职身份，请由上级管理人员办理。"
        ]
        assert admin.user.memberships.count() == 1

    @pytest.mark.parametrize(
        ("held", "wanted"), [(R.DISTRICT_INSPECTOR, R.AUDITOR), (R.AUDITOR, R.CITY_INSPECTOR)]
    )
    def test_audit_administration_and_business_stay_apart(self, admin, held, wanted):
        person = MembershipFactory(role=held).user

        with pytest.raises(ValidationError, match="不能由同一人担任"):
            staffing.grant(
                person, Capacity(role=wanted, authority=admin.authority), actor=admin.user
            )

    def test_a_capacity_that_ended_may_be_granted_anew(self, office):
        old = MembershipFactory(
            role=R.DISTRICT_INSPECTOR, authority=office.authority, is_active=False
        )

        made = staffing.grant(
            old.user, Capacity(role=old.role, authority=office.authority), actor=office.user
        )

        assert made.pk != old.pk
        with pytest.raises(ValidationError, match="已经有这项"):
            staffing.grant(
                old.user, Capacity(role=old.role, authority=office.authority), actor=office.user
            )


def test_an_office_opens_the_account_of_an_officer_who_sets_a_password(client, office):
    sign_in(client, office)

    opened = client.post(
        reverse("accounts:create"),
        {
            "name": "王小明",
            "role": R.DISTRICT_INSPECTOR,
            "authority": office.authority_id,
            "cert_no": "津市监执00001",
            "cert_valid_until": "2030-12-31",
            "phone": "13800138000",
        },
    )
    person = User.objects.get(display_name="王小明")
    shown = client.post(reverse("accounts:give_code", args=[person.pk]))
    code = shown.context["code"]
    client.logout()
    entered = activate(client, person, code)

    assert opened.url == person.get_absolute_url()
    assert (person.username, person.state) == ("wangxiaoming", AccountState.NEW)
    member = person.memberships.get()
    assert (member.officer_cert_no, member.assessor_cert_no) == ("津市监执00001", "")
    assert f"<code>{code}</code>" in shown.content.decode()
    assert entered.url == reverse("desk")
    assert [m.subject for m in Message.objects.filter(membership=member).order_by("pk")] == [
        f"您已被授予任职身份：{member.label}",
        "已为您的账户发放一次性验证码",
    ]
    assert set(AuditEntry.objects.filter(actor=office.user).values_list("action", flat=True)) == {
        "account.open", "membership.grant", "account.give_code",
    }  # fmt: skip
    assert codes.read(code) not in str(list(AuditEntry.objects.values()))


def test_a_unit_opens_accounts_for_its_colleagues_and_nothing_else(client):
    unit = MembershipFactory(as_unit=True)
    sign_in(client, unit)

    form = client.get(reverse("accounts:create")).context["form"]
    client.post(reverse("accounts:create"), {"name": "李四", "role": R.CITY_ADMIN})
    client.post(reverse("accounts:create"), {"name": "王五"})

    assert set(form.fields) == {"name", "username", "phone", "email", "ends_on"}
    made = Membership.objects.filter(unit=unit.unit).exclude(pk=unit.pk)
    assert sorted(str(m.user) for m in made) == ["李四", "王五"]
    assert {m.role for m in made} == {R.UNIT_USER}
    assert [m.user.username for m in made.order_by("pk")] == [
        f"dw{unit.unit_id:05d}",
        f"dw{unit.unit_id:05d}-2",
    ]


def test_what_is_wrong_is_told_beside_its_field(client, admin):
    UserFactory(username="Taken")
    sign_in(client, admin)

    response = client.post(
        reverse("accounts:create"),
        {
            "name": "王小明",
            "username": "taken",
            "role": R.UNIT_USER,
            "unit": "没有的厂",
            "phone": "12",
        },
    )

    assert response.status_code == 422
    errors = response.context["form"].errors
    assert errors["unit"] == ["台账中没有“没有的厂”，请填写单位全称或统一社会信用代码。"]
    assert "11位数字" in errors["phone"][0]


class TestScope:
    def test_people_of_another_district_are_not_there(self, client, office):
        other = MembershipFactory(role=R.DISTRICT_INSPECTOR)
        sign_in(client, office)

        assert client.get(page_of(other)).status_code == 404
        assert client.get(reverse("accounts:leave", args=[other.pk])).status_code == 404
        page = client.get(reverse("accounts:people")).context["page"]
        assert list(page) == [office.user]

    @pytest.mark.parametrize("role", [R.AUDITOR, R.CITY_INSPECTOR, R.DISTRICT_APPROVER])
    def test_who_manages_nobody_reads_why(self, client, role):
        sign_in(client, MembershipFactory(role=role))

        assert client.get(reverse("accounts:people")).status_code == 403

    def test_an_account_with_a_capacity_elsewhere_is_out_of_reach(self, client, office):
        """A code for it would be a way into the other one, too."""
        person = MembershipFactory(role=R.DISTRICT_INSPECTOR, authority=office.authority).user
        MembershipFactory(user=person, role=R.CITY_ADMIN, authority=AuthorityFactory(city=True))
        sign_in(client, office)

        page = client.get(person.get_absolute_url()).content.decode()
        response = client.post(reverse("accounts:give_code", args=[person.pk]))

        assert "这个账户还有别的任职身份" in page
        assert response.status_code == 403
        assert not OneTimeCode.objects.exists()

    def test_one_does_not_handle_ones_own_account(self, client, admin):
        sign_in(client, admin)

        for name in ("give_code", "close", "clear_second_factor", "end_sessions"):
            response = client.post(
                reverse(f"accounts:{name}", args=[admin.user_id]), {"note": "试一试"}
            )
            assert response.status_code == 403, name


class TestActs:
    @pytest.fixture
    def officer(self, office):
        user = person_with_password()
        return MembershipFactory(user=user, role=R.DISTRICT_INSPECTOR, authority=office.authority)

    def test_a_closed_account_is_out_at_once_and_comes_back_by_a_reason(
        self, client, client_factory, office, officer
    ):
        theirs = client_factory()
        sign_in_by_form(theirs, officer.user)
        sign_in(client, office)

        without = client.post(reverse("accounts:close", args=[officer.user_id]))
        client.post(reverse("accounts:close", args=[officer.user_id]), {"note": "手机丢失"})

        assert without.status_code == 422
        assert theirs.get(reverse("desk")).status_code == 302
        assert sign_in_by_form(theirs, officer.user).status_code == 200
        client.post(reverse("accounts:reopen", args=[officer.user_id]), {"note": "已找回"})
        assert sign_in_by_form(theirs, officer.user).status_code == 302

    def test_the_last_administrator_stays(self, admin):
        second = MembershipFactory(role=R.SYSTEM_ADMIN, authority=admin.authority)
        assert policies.can_close(second.user, admin.user, [admin])

        second.is_active = False
        second.save()

        assert "最后一名" in policies.can_close(second.user, admin.user, [admin]).reason

    def test_the_phone_is_called_and_that_is_on_record(self, client, office, officer):
        officer.user.phone = "13800138000"
        officer.user.save()
        sign_in(client, office)

        page = client.get(page_of(officer)).content.decode()
        client.post(reverse("accounts:confirm_phone", args=[officer.user_id]), {"note": "电话核实"})

        officer.user.refresh_from_db()
        assert "138****8000" in page
        assert "13800138000" not in page
        assert officer.user.phone_verified_at is not None

    def test_changing_a_certificate_is_told(self, client, office, officer):
        sign_in(client, office)

        client.post(
            reverse("accounts:change", args=[officer.pk]),
            {"cert_no": "津执9", "cert_valid_until": "2031-01-01"},
        )

        officer.refresh_from_db()
        assert (officer.officer_cert_no, str(officer.cert_valid_until)) == ("津执9", "2031-01-01")
        assert "任职资料已更改" in Message.objects.get(membership=officer).subject


@pytest.fixture
def client_factory():
    from django.test import Client

    return Client


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_as_often_for_four_as_for_one(
    client, office, rows, django_assert_max_num_queries
):
    MembershipFactory.create_batch(rows, role=R.DISTRICT_INSPECTOR, authority=office.authority)
    sign_in(client, office)
    with django_assert_max_num_queries(14):
        client.get(reverse("accounts:people"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=never", {"never"}),
        ("state=expired", {"old"}),
        ("state=asleep", {"asleep"}),
        ("q=OLD", {"old"}),
        ("role=auditor", {"auditor"}),
        ("role=nonsense&authority=x&state=y&sort=z", {"never", "old", "asleep", "auditor", "boss"}),
    ],
)
def test_the_list_is_narrowed(client, admin, asked, found):
    User.objects.filter(pk=admin.user_id).update(username="boss", last_login="2026-01-01T00:00Z")
    seen = {"last_login": "2026-01-01T00:00Z"}
    MembershipFactory(user=UserFactory(username="never"))
    MembershipFactory(user=UserFactory(username="old", **seen), cert_valid_until="2020-01-01")
    asleep = UserFactory(username="asleep", state=AccountState.ASLEEP, is_active=False, **seen)
    MembershipFactory(user=asleep)
    MembershipFactory(user=UserFactory(username="auditor", **seen), role=R.AUDITOR)
    sign_in(client, admin)
    if "last_login" in seen:
        User.objects.filter(username="boss").update(last_login="2026-01-01T00:00Z")

    page = client.get(f"{reverse('accounts:people')}?{asked}").context["page"]

    assert {person.username for person in page} == found


def test_a_code_of_an_office_resets_a_password(client, office):
    user = person_with_password()
    MembershipFactory(user=user, role=R.DISTRICT_INSPECTOR, authority=office.authority)
    code = staffing.give_code(user, actor=office.user)

    activate(client, user, code)
    client.logout()

    assert sign_in_by_form(client, user, NEW).status_code == 302
