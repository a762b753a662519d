"""The administration site: what may be done with each of its tables."""

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from metrostd.common.admin import DeskAdmin
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.capability import CapabilityTestFactory
from tests.factories.registry import AuthorityFactory, CertificateFactory, UnitFactory

TABLES = sorted(
    (model for model, table in admin.site._registry.items() if isinstance(table, DeskAdmin)),
    key=lambda model: model._meta.label,
)
#: Written by the screens alone; a new unit or certificate comes from a list or a screen, too.
LOOKED_UP = {
    "CapabilityTest",
    "ChangeRecord",
    "FormerName",
    "ImportBatch",
    "ImportRow",
    "Membership",
    "PublicStandardCertificate",
    "StandardDomain",
    "StandardInstrument",
    "StandardItem",
    "StandardPerson",
    "TraceRecord",
}
NOT_ADDED = LOOKED_UP | {"StandardCertificate", "Unit"}
EXPORT_ONLY = {"ChangeRecord", "ImportBatch", "ImportRow"}
PLAIN = {"Membership", "User"}


@pytest.fixture
def desk(client, db):
    admin_of = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))
    return sign_in(client, admin_of)


def _url(model, page):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def _offers(model, page):
    try:
        return bool(_url(model, page))
    except NoReverseMatch:
        return False


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_a_table_is_listed_and_offers_what_it_should(desk, model):
    name = model.__name__
    assert desk.get(_url(model, "changelist")).status_code == 200
    assert desk.get(_url(model, "add")).status_code == (403 if name in NOT_ADDED else 200)
    assert _offers(model, "import") is (name not in PLAIN | EXPORT_ONLY)
    assert _offers(model, "export") is (name not in PLAIN)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_nothing_is_deleted_here(rf, desk, model):
    request = rf.get("/")
    request.user = desk.get(reverse("admin:index")).wsgi_request.user
    table = admin.site._registry[model]
    assert table.has_view_permission(request)
    assert table.has_change_permission(request) is (model.__name__ not in LOOKED_UP)
    assert not table.has_delete_permission(request)
    for inline in table.get_inline_instances(request):
        assert not inline.has_delete_permission(request)


def test_a_unit_may_be_put_right_and_a_test_only_looked_at(desk):
    unit = UnitFactory()
    certificate = CertificateFactory(standard__unit=unit)
    test = CapabilityTestFactory(standard=certificate.standard)
    page = desk.get(reverse("admin:registry_unit_change", args=[unit.pk])).content.decode()
    assert 'name="_save"' in page
    page = desk.get(reverse("admin:registry_capabilitytest_change", args=[test.pk]))
    assert 'name="_save"' not in page.content.decode()
    # Certificates are a table on the page of their standard, to be read there.
    url = reverse("admin:registry_measurementstandard_change", args=[certificate.standard_id])
    page = desk.get(url).content.decode()
    assert certificate.number in page
    assert 'name="certificates-0-number"' not in page


@pytest.mark.parametrize("model", ["unit", "importbatch"])
def test_who_takes_a_table_out_is_noted(desk, model):
    UnitFactory()
    answer = desk.post(reverse(f"admin:registry_{model}_export"), {"format": "0", "resource": "0"})
    assert answer.status_code == 200
    assert AccessEntry.objects.get(kind="export").what.startswith("管理端导出")
