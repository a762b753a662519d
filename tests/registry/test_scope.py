"""Whether a standard is inspected: by number and issuer, in doubt said aloud, decided by the city with a reason."""

import pytest
from django.urls import reverse

from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.registry import warnings
from metrostd.registry.enums import Level
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.registry.scope import read_scope
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory, StandardFactory
from tests.register import ON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def offices():
    return {
        "city": AuthorityFactory(city=True),
        "district": AuthorityFactory(level=Level.DISTRICT, document_prefix="津和平"),
        "national": AuthorityFactory(code="100000", level=Level.NATIONAL, document_prefix="国"),
        "province": AuthorityFactory(code="320000", level=Level.PROVINCE, document_prefix="苏"),
        "west": AuthorityFactory(level=Level.DISTRICT, document_prefix="川成华"),
        "unknown": AuthorityFactory(level=Level.DISTRICT, document_prefix=""),
    }


@pytest.mark.parametrize(
    ("number", "issuer", "in_scope", "in_doubt"),
    [
        ("〔2019〕津量标企证字第012号", "city", True, False),
        ("〔2020〕津量标和证字第003号", "district", True, False),
        ("(2018)津社量标证字第001号", "city", True, False),
        ("", "city", True, False),  # 在办
        ("〔2018〕量标企证字第012号", "city", True, False),
        ("〔2018〕国量标津证字第001号", "city", False, True),
        ("[2012] 国 量标津证字第 045 号", "city", False, True),
        ("〔2018〕国量标证字第001号", "district", False, True),
        ("〔2017〕国社量标津证字第001号", "city", False, True),
        (
            "〔2019〕国量标津证字第JZ013号",
            "city",
            False,
            True,
        ),  # the pattern does not know the serial
        ("〔2018〕京量标企证字第001号", "city", False, True),
        ("〔2018〕京量标企证字第001号", "unknown", True, False),
        ("〔2018〕国量标津证字第001号", "national", False, False),
        ("〔2018〕津量标企证字第001号", "national", False, True),
        ("", "national", False, False),
        ("津国量标证字第001号", "city", False, True),
        ("〔2018〕国津量标证字第001号", "city", False, True),
        ("〔2018〕京津量标证字第001号", "city", False, True),
        ("2016年津西青量标证字第1号", "city", True, False),
        ("〔2018〕河北省量标证字第001号", "city", False, True),
        ("〔2018〕天津市量标证字第001号", "city", True, False),
        ("〔2018〕蜀量标证字第001号", "west", True, False),
        ("〔2018〕苏量标企证字第001号", "province", False, False),
    ],
)
def test_number_and_issuer_decide_and_their_contradiction_is_a_doubt(
    offices, number, issuer, in_scope, in_doubt
):
    scope = read_scope(number, offices[issuer], offices[issuer])

    assert (scope.in_scope, scope.in_doubt) == (in_scope, in_doubt)

    standard = StandardFactory(issuing_authority=offices[issuer], in_scope=in_scope)
    StandardCertificate.objects.filter(standard=standard).update(number=number)
    assert bool(doubts(standard)) == in_doubt


@pytest.mark.parametrize("level", ["national", "province"])
def test_hosted_above_the_city_is_out_whoever_issued_it(offices, level):
    scope = read_scope("〔2019〕津量标企证字第012号", offices["city"], offices[level])

    assert not scope.in_scope
    assert str(offices[level]) in scope.reason


def doubts(*standards):
    rows = MeasurementStandard.objects.filter(pk__in=[s.pk for s in standards])
    return warnings.open_warnings(rows, on=ON, only={"scope_in_doubt"})


def test_what_the_register_has_otherwise_is_warned_of_until_somebody_decides():
    kept_in, kept_out, plain = StandardFactory.create_batch(3)
    StandardCertificate.objects.filter(standard=kept_in).update(
        number="〔2018〕国量标津证字第001号"
    )
    MeasurementStandard.objects.filter(pk=kept_out.pk).update(in_scope=False)

    assert [w.standard for w in doubts(kept_in, kept_out, plain)] == [kept_in.pk, kept_out.pk]
    assert "国量标" in doubts(kept_in)[0].sentence

    MeasurementStandard.objects.update(scope_reason="已核对证书原件")
    assert doubts(kept_in, kept_out, plain) == []


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


@pytest.fixture
def district(client, xiqing):
    return sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=xiqing))


def decide(client, standard, in_scope, reason, version=1):
    return client.post(
        reverse("registry:standard_scope", args=[standard.pk]),
        {"in_scope": str(in_scope), "scope_reason": reason, "base_version": version},
    )


def test_the_city_decides_with_a_reason_and_changes_it_back(office):
    standard = StandardFactory()

    refused = decide(office, standard, False, " ")
    assert refused.status_code == 422
    assert decide(office, standard, False, "证书由总局颁发").status_code == 302

    standard.refresh_from_db()
    assert (standard.in_scope, standard.version) == (False, 2)
    entry = AuditEntry.objects.about(standard).get()
    assert entry.before["属于市区两级主持考核"] == "是"
    assert entry.after == {"属于市区两级主持考核": "否", "范围认定理由": "证书由总局颁发"}
    page = office.get(standard.get_absolute_url()).content.decode()
    assert "不列入市、区两级专项监督检查的范围：证书由总局颁发" in page

    assert decide(office, standard, True, "核对原件，更正").status_code == 409
    decide(office, standard, True, "核对原件，更正", version=2)
    standard.refresh_from_db()
    assert (standard.in_scope, standard.scope_reason) == (True, "核对原件，更正")
    assert MeasurementStandard.objects.in_scope().filter(pk=standard.pk).exists()


def test_a_district_does_not_decide_what_it_has_to_inspect(district, xiqing):
    standard = StandardFactory(issuing_authority=xiqing)

    response = decide(district, standard, False, "不想检查")

    assert response.status_code == 403
    assert "计量处认定" in response.content.decode()
    standard.refresh_from_db()
    assert standard.in_scope
