"""The resources a list goes through: what they report before a commit is what the commit writes."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from metrostd.lists.imports import undo_import
from metrostd.lists.imports.decisions import Decisions
from metrostd.lists.imports.lines import stored_lines
from metrostd.lists.imports.planning import plan
from metrostd.lists.imports.register import Register
from metrostd.lists.imports.tables import Tables
from metrostd.lists.imports.writing import Writer, silent
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import ImportRow, MeasurementStandard, StandardCertificate, Unit
from tests.factories.lists import CODES, row, sheet
from tests.factories.registry import AuthorityFactory, CertificateFactory, UnitFactory
from tests.register import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def tables(xiqing):
    return Tables.of(Register(set(), set()))


def _codes(faults):
    return {target: [error.code for error in errors] for target, errors in faults.items()}


def test_differences_are_old_and_new_text_with_codes_for_keys(xiqing):
    dongli = AuthorityFactory(code="120110", parent=xiqing.parent)
    unit = UnitFactory(territorial_authority=xiqing, actual_address="", contact_name="示例人")

    found = Tables.of(Register(set(), set())).units.differences(
        unit, {"district": dongli.code, "address": "示例路1号", "contact_name": "示例人"}
    )

    assert found == {"district": ["120111", "120110"], "address": [None, "示例路1号"]}
    assert unit.territorial_authority == xiqing


def test_empty_cell_unknown_code_and_other_spacing_are_no_difference(tables, xiqing):
    unit = UnitFactory(
        name="天津示例(一)有限公司", territorial_authority=xiqing, actual_address="示例路1号 二楼"
    )

    found = tables.units.differences(
        unit,
        {
            "unit_name": "天津示例（一）有限公司",
            "district": "999999",
            "address": "示例路1号  二楼",
            "contact_phone": None,
        },
    )

    assert found == {}


def test_new_certificate_differs_from_nothing(tables):
    found = tables.certificates.differences(
        None, {"cert_no": "示例1号", "issue_date": "2018-06-01"}
    )

    assert found == {"cert_no": [None, "示例1号"], "issue_date": [None, "2018-06-01"]}


@pytest.mark.parametrize(("length", "codes"), [(200, {}), (201, {"storage_place": ["TOO_LONG"]})])
def test_text_longer_than_its_column_is_an_error_of_its_cell(tables, length, codes):
    row_ = {
        "standard_name": "示例装置",
        "storage_place": "长" * length,
        "measuring_range": "长" * 999,
    }

    assert _codes(tables.standards.faults(row_)) == codes


def test_date_is_compared_with_the_other_one_of_the_register(tables):
    certificate = CertificateFactory(issue_date=dt.date(2018, 6, 1), valid_until=None)

    faults = tables.certificates.faults({"valid_until": "2018-06-01"}, certificate)

    assert _codes(faults) == {"valid_until": ["DATE_ORDER"]}
    assert tables.certificates.faults({"valid_until": "2018-06-02"}, certificate) == {}
    assert certificate.valid_until is None


def test_known_row_gets_the_columns_named_and_what_follows_from_them(tables, xiqing):
    unit = UnitFactory(territorial_authority=xiqing, contact_name="示例人", actual_address="旧址")

    written = tables.units.write([(None, unit, {"unit_name": "天津示例新名厂", "address": ""})])

    kept = Unit.objects.get()
    assert written == [kept]
    assert (kept.name, kept.pinyin, kept.version) == ("天津示例新名厂", "tjslxmc", 2)
    assert (kept.actual_address, kept.contact_name) == ("", "示例人")
    assert kept.territorial_authority == xiqing


def test_more_rows_than_one_statement_takes_keep_their_order(tables, city):
    batch = SimpleNamespace(category="ent_highest", issuing_authority=city)
    table = Tables.of(Register(set(), set()), batch=batch, on=ON).standards
    source = SimpleNamespace(unit=UnitFactory(), line=SimpleNamespace(raw_number=""))
    names = [f"示例装置{n}" for n in range(1001)]

    written = table.write((source, None, {"standard_name": name}) for name in names)

    by_key = MeasurementStandard.objects.in_bulk([standard.pk for standard in written])
    assert [by_key[standard.pk].name for standard in written] == names


def test_number_of_a_certificate_brings_its_key_and_kind(tables):
    certificate = CertificateFactory(issue_date=dt.date(2018, 6, 1), valid_until=None)

    tables.certificates.write([(None, certificate, {"cert_no": "〔2018〕津量标企证字第009号"})])

    kept = StandardCertificate.objects.get()
    assert (kept.first_year, kept.issue_kind) == (2018, "new")
    assert kept.identity.endswith("|9")
    assert kept.state == CertificateState.VALID


def test_value_that_passed_no_preview_is_refused_by_the_commit(read):
    batch = read(sheet(row(1), row(2)))
    lines = stored_lines(batch)
    planned = plan(
        lines,
        category=batch.category,
        issuer_id=batch.issuing_authority_id,
        decisions=Decisions({}),
    )
    planned.units[1].values["address"] = "长" * 201

    with pytest.raises(ValidationError, match="内容过长：长长") as caught:
        Writer(batch, planned, lines, actor=None, on=ON, progress=silent).write()

    assert list(caught.value.error_dict) == ["address"]
    assert not Unit.objects.exists()


def test_errors_of_the_database_are_told_as_they_are(tables):
    one, other = UnitFactory(uscc=CODES[0]), UnitFactory(uscc="")

    with pytest.raises(IntegrityError), transaction.atomic():
        tables.units.write([(None, other, {"uscc": CODES[0]})])

    assert Unit.objects.get(uscc=CODES[0]) == one


def test_preview_names_what_the_commit_writes_and_the_undo_takes_back(commit, read, tables):
    commit(sheet(row(1, 联系人="")))
    unit, standard = Unit.objects.get(), MeasurementStandard.objects.get()
    certificate = StandardCertificate.objects.get()
    owners = {
        **dict.fromkeys(tables.units.fields, (tables.units, unit)),
        **dict.fromkeys(tables.standards.fields, (tables.standards, standard)),
        **dict.fromkeys(tables.certificates.fields, (tables.certificates, certificate)),
    }

    def texts(targets):
        for obj in (unit, standard, certificate):
            obj.refresh_from_db()
        return {target: owners[target][0].text(owners[target][1], target) for target in targets}

    batch = commit(
        sheet(
            row(
                1,
                单位地址="示例路9号",
                保存地点="9号室",
                发证日期="2019-06-01",
                有效期至="2024-05-31",
            )
        )
    )

    changes = ImportRow.objects.get(batch=batch).differences
    assert changes.keys() == {
        "address", "contact_name", "storage_place", "issue_date", "valid_until",
    }  # fmt: skip
    assert texts(changes) == {target: new for target, (_, new) in changes.items()}
    undo_import(batch, actor=None, note="传错文件")
    assert texts(changes) == {target: old for target, (old, _) in changes.items()}
