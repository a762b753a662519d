"""Decisions on a certificate on the page of its standard; new units and standards by hand."""

import datetime as dt
import itertools

import pytest
from django.urls import reverse

from metrostd.changes.procedures import ENDINGS
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory, FieldFactory, StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db

ON = dt.date(2021, 9, 6)
ACTS = ("apply", "renew", "end_reexamination", "deregister", "revoke", "annul")
#: What may be done from which state, by hand.
ALLOWED = {
    "valid": {"apply", "revoke", "annul"},
    "expiring": {"apply", "revoke", "annul"},
    "reexam_applied": {"renew", "end_reexamination", "revoke", "annul"},
    "expired": {"deregister", "revoke", "annul"},
    "sealed": {"revoke", "annul"},
    "revoked": {"deregister"},
    "annulled": {"deregister"},
}
PENALTY = {"decision_no": "津监〔2021〕1号", "decided_on": "2021-09-01",
           "late_reason": "文书送达后登记", "note": "示例事实"}  # fmt: skip
FORMS = {
    "apply": {"note": "扩大测量范围"},
    "renew": {"issue_date": "2021-09-01", "valid_until": "2026-08-31"},
    "end_reexamination": {"note": "建标单位撤回申请"},
    "deregister": {"note": "到期未延续"},
    "revoke": PENALTY,
    "annul": PENALTY,
}
TARGETS = {
    "apply": "reexam_applied", "renew": "valid", "end_reexamination": "valid", "deregister": "deregistered",
    "revoke": "revoked", "annul": "annulled",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _on_the_day():
    with clock.pinned(clock.at_time(ON, 16)):
        yield


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


@pytest.fixture
def standard(city):
    return StandardFactory(issuing_authority=city)


def put(standard, state):
    StandardCertificate.objects.filter(standard=standard).update(state=state)


def url(what, standard):
    return reverse(f"registry:standard_{what}", args=[standard.pk])


@pytest.mark.parametrize(("state", "what"), list(itertools.product(CertificateState.values, ACTS)))
def test_every_state_against_every_decision(office, standard, state, what):
    put(standard, state)

    page = office.get(url(what, standard))
    answer = office.post(url(what, standard), FORMS[what])

    allowed = what in ALLOWED.get(state, set())
    assert page.status_code == (200 if allowed else 403)
    assert answer.status_code == (302 if allowed else 409)
    assert standard.certificates.get().state == (TARGETS[what] if allowed else state)


def test_the_standard_s_page_says_what_each_word_means_and_why_not(office, standard):
    page = office.get(standard.get_absolute_url()).content.decode()

    for ending in ENDINGS:
        assert ending.word in page
        assert ending.meaning in page
        assert ending.decided_by in page
        assert ending.reversible in page
    assert "证书目前是“有效”，已过有效期、被吊销或者许可被撤销的才办理注销" in page
    assert "证书目前是“有效”，登记复查申请之后才能换证" in page
    assert url("revoke", standard) in page
    assert url("deregister", standard) not in page


def test_renewal_shows_the_earlier_issue(office, standard):
    put(standard, "reexam_applied")

    office.post(url("renew", standard), FORMS["renew"] | {"examined_range": "(0～100) MPa"})

    certificate = standard.certificates.get()
    assert (certificate.first_year, certificate.valid_until) == (2018, dt.date(2026, 8, 31))
    assert certificate.examined_range == "(0～100) MPa"
    page = office.get(standard.get_absolute_url()).content.decode()
    assert "以往证书" in page
    assert "2018年6月1日" in page
    assert "2023年5月31日" in page


@pytest.mark.parametrize(
    ("what", "state", "change", "words"),
    [
        ("apply", "valid", {"note": " "}, "变化"),
        ("renew", "reexam_applied", {"valid_until": "2021-08-01"}, "有效期止应当晚于发证日期"),
        ("renew", "reexam_applied", {"valid_until": "2026-09-02"}, "最晚到2026年9月1日"),
        ("revoke", "valid", {"decision_no": ""}, "示例事实"),
        (
            "renew",
            "reexam_applied",
            {"issue_date": "2018-05-31"},
            "新证书发证日期不能早于原证书发证日期",
        ),
        ("renew", "reexam_applied", {"issue_date": "2021-09-07"}, "新证书发证日期不能晚于今天"),
        ("annul", "valid", {"decided_on": "2021-09-07"}, "决定日期不能晚于今天"),
        (
            "annul",
            "valid",
            {"decided_on": "2018-05-31"},
            "决定日期不能早于发证日期（2018年6月1日）",
        ),
        ("revoke", "valid", {"late_reason": " "}, "决定日期在5天以前，请说明当时没有登记的理由"),
        ("deregister", "expired", {"note": ""}, "注销理由"),
    ],
)
def test_a_broken_decision_comes_back_filled(office, standard, what, state, change, words):
    put(standard, state)

    response = office.post(url(what, standard), FORMS[what] | change)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert standard.certificates.get().state == state


def test_the_number_of_the_decision_stays_in_the_trail(office, standard):
    office.post(url("revoke", standard), PENALTY)

    assert AuditEntry.objects.get().note == (
        "决定文号：津监〔2021〕1号；决定日期：2021年9月1日；示例事实；补录理由：文书送达后登记"
    )


# Who ---------------------------------------------------------------------------------------------


def test_a_unit_records_its_application_and_nothing_else(client, standard):
    put(standard, "expiring")
    sign_in(client, MembershipFactory(role=Role.UNIT_USER, authority=None, unit=standard.unit))

    for what in ACTS[1:]:
        assert client.post(url(what, standard), FORMS[what]).status_code == 403
    client.post(url("apply", standard), {})

    assert standard.certificates.get().state == "reexam_applied"


def test_only_the_issuer_ends_a_certificate_and_its_superior_annuls(client, city, xiqing):
    standard = StandardFactory(issuing_authority=xiqing, unit__territorial_authority=xiqing)
    elsewhere = StandardFactory(unit=standard.unit, issuing_authority=city)
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))

    assert client.post(url("revoke", standard), PENALTY).status_code == 403
    assert client.post(url("annul", standard), PENALTY).status_code == 302

    sign_in(client, MembershipFactory(role=Role.DISTRICT_APPROVER, authority=xiqing))
    assert client.post(url("revoke", elsewhere), PENALTY).status_code == 403


def test_strangers_find_no_certificate(client, standard):
    for stranger in (MembershipFactory(), MembershipFactory(as_unit=True)):
        sign_in(client, stranger)
        for what in ACTS:
            assert client.get(url(what, standard)).status_code == 404


def test_a_standard_without_certificate_offers_nothing(office, city):
    bare = StandardFactory(issuing_authority=city, certificate=None)

    assert "证书手续" not in office.get(bare.get_absolute_url()).content.decode()
    assert office.post(url("revoke", bare), PENALTY).status_code == 403


# By hand -----------------------------------------------------------------------------------------

UNIT = {"name": "天津示例新建仪表厂", "unit_type": "enterprise", "operating_status": "normal"}


def test_an_office_registers_a_unit_and_its_standard(office, city):
    FieldFactory()
    office.post(reverse("registry:unit_new"), UNIT)
    unit = Unit.objects.get()
    form = {
        "name": "压力表标准装置",
        "category": "ent_highest",
        "issuing_authority": city.pk,
        "hosting_authority": city.pk,
        "number": "[2021]津量标企证字第7号",
        "issue_date": "2021-06-01",
        "valid_until": "2026-05-31",
        "issue_kind": "new",
        "priority_domains": ["food"],
    }

    response = office.post(reverse("registry:unit_standard", args=[unit.pk]), form)

    standard = MeasurementStandard.objects.get()
    certificate = standard.certificates.get()
    assert response.url == standard.get_absolute_url()
    assert (unit.pinyin, unit.name_key) != ("", "")
    assert (certificate.state, certificate.first_year) == ("valid", 2021)
    assert standard.priority_domains.get().domain == "food"
    assert AuditEntry.objects.about(standard, certificate).count() == 2

    again = office.post(reverse("registry:unit_standard", args=[unit.pk]), form)
    assert again.status_code == 422
    assert "台账中已有这个证书号" in again.content.decode()


def test_a_standard_without_number_is_under_way(office, city):
    unit = UnitFactory()
    form = {
        "name": "压力表标准装置", "category": "ent_highest", "issuing_authority": city.pk,
        "hosting_authority": city.pk, "issue_kind": "new",
    }  # fmt: skip

    office.post(reverse("registry:unit_standard", args=[unit.pk]), form)

    assert StandardCertificate.objects.get().state == "draft"


def test_a_number_wants_its_last_day(office, city):
    form = {"number": "[2021]津量标企证字第7号", "issue_date": "2021-06-01"}

    response = office.post(reverse("registry:unit_standard", args=[UnitFactory().pk]), form)

    assert "填了证书号的，请填写有效期至" in response.content.decode()


def test_a_certificate_by_hand_is_valid_for_five_years_at_most(office):
    form = {"number": "[2021]津量标企证字第7号", "issue_date": "2021-06-01"}

    response = office.post(
        reverse("registry:unit_standard", args=[UnitFactory().pk]),
        form | {"valid_until": "2036-05-31"},
    )

    assert "最晚到2026年6月1日" in response.content.decode()


def test_the_same_unit_is_not_registered_twice(office):
    UnitFactory(name=UNIT["name"], name_key=UNIT["name"], uscc="91120116MA0TE5T16U")

    response = office.post(reverse("registry:unit_new"), UNIT)

    assert response.status_code == 422
    assert "台账中已有同名单位" in response.content.decode()
    assert Unit.objects.count() == 1


def test_a_district_registers_in_its_own_territory(client, xiqing):
    sign_in(client, MembershipFactory(authority=xiqing))
    other = AuthorityFactory()

    refused = client.post(reverse("registry:unit_new"), UNIT | {"territorial_authority": other.pk})
    client.post(reverse("registry:unit_new"), UNIT | {"territorial_authority": xiqing.pk})

    assert refused.status_code == 422
    assert Unit.objects.get().territorial_authority == xiqing


def test_units_register_nothing(client):
    membership = MembershipFactory(as_unit=True)
    sign_in(client, membership)

    assert client.get(reverse("registry:unit_new")).status_code == 403
    assert (
        client.get(reverse("registry:unit_standard", args=[membership.unit.pk])).status_code == 403
    )
