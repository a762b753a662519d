import datetime as dt

import pytest
from import_export.formats.base_formats import XLSX
from tablib import Dataset

from metrostd.lists.resources import ImportBatchResource, ImportRowResource
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import (
    Authority,
    FormerName,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    StandardDomain,
    Unit,
)
from metrostd.registry.resources import (
    AuthorityResource,
    CertificateResource,
    DomainResource,
    FormerNameResource,
    ProfessionalFieldResource,
    StandardResource,
    UnitResource,
)
from tests.factories.lists import CODES, row, sheet
from tests.factories.registry import StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db

RESOURCES = {
    AuthorityResource: Authority,
    ProfessionalFieldResource: ProfessionalField,
    UnitResource: Unit,
    StandardResource: MeasurementStandard,
    CertificateResource: StandardCertificate,
    FormerNameResource: FormerName,
    DomainResource: StandardDomain,
}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: r.__name__)
def test_importing_an_export_changes_nothing(commit, resource):
    commit(
        sheet(
            row(1, 联系人="+危险"), row(2, 统一社会信用代码=""), row(3, 计量标准考核证书号="在办")
        )
    )
    unit = Unit.objects.first()
    FormerName.objects.create(unit=unit, name="天津示例旧名厂", name_key="天津示例旧名厂")
    for domain in ("food", "health"):
        StandardDomain.objects.create(standard=unit.standards.first(), domain=domain)
    model = RESOURCES[resource]
    before = list(model.objects.order_by("pk").values())
    exported = XLSX().export_data(resource().export())

    result = resource().import_data(XLSX().create_dataset(exported), raise_errors=True)

    assert result.totals["skip"] == len(before)
    assert list(model.objects.order_by("pk").values()) == before


def test_export_quotes_formulas():
    UnitFactory(name="=1+1", contact_name="@cmd")

    exported = UnitResource().export().dict[0]

    assert exported["单位名称"] == "'=1+1"
    assert exported["联系人"] == "'@cmd"


def test_changed_unit_is_found_by_code_and_gets_its_keys():
    unit = UnitFactory(uscc=CODES[0], name="天津示例旧名有限公司")
    data = Dataset(
        ["天津示例新名有限公司", CODES[0], "企业", "正常"],
        headers=["单位名称", "统一社会信用代码", "单位类型", "经营状态"],
    )

    UnitResource().import_data(data, raise_errors=True)

    unit.refresh_from_db()
    assert (unit.name_key, unit.pinyin, unit.version) == ("天津示例新名有限公司", "tjslxmyxgs", 2)


def test_state_of_a_certificate_is_not_imported():
    certificate = StandardFactory(
        unit__uscc=CODES[0],
        certificate__identity="2018|津||企|1",
        certificate__number="〔2018〕津量标企证字第001号",
    ).certificates.get()
    data = Dataset(
        [certificate.number, "2024-05-31", "吊销"], headers=["考核证书号", "有效期至", "证书状态"]
    )

    CertificateResource().import_data(data, raise_errors=True)

    certificate.refresh_from_db()
    assert certificate.valid_until == dt.date(2024, 5, 31)
    assert certificate.state == CertificateState.VALID


def test_one_wrong_row_keeps_all_rows_out():
    data = Dataset(["77", "示例领域", "否"], ["78", "", "否"], headers=["代码", "名称", "专门行业"])

    result = ProfessionalFieldResource().import_data(data)

    assert result.has_validation_errors()
    assert not ProfessionalField.objects.exists()


def test_error_names_the_row_and_the_column_of_the_file():
    data = Dataset(
        ["天津示例甲厂", CODES[0], "企业", "正常", "a@example.com"],
        ["天津示例乙厂", CODES[1], "企业", "正常", "不是邮箱"],
        headers=["单位名称", "统一社会信用代码", "单位类型", "经营状态", "电子邮箱"],
    )

    result = UnitResource().import_data(data)

    (wrong,) = result.invalid_rows
    assert wrong.number == 2
    assert list(wrong.field_specific_errors) == ["电子邮箱"]
    assert not Unit.objects.exists()


def test_domains_and_former_names_come_in_by_the_keys_people_know(commit):
    commit(sheet(row(1)))
    standard = MeasurementStandard.objects.get()
    number = standard.certificates.get().number
    domains = Dataset(
        [CODES[0], standard.name, number, "食品安全"],
        headers=["统一社会信用代码", "计量标准名称", "考核证书号", "重点领域"],
    )
    names = Dataset([CODES[0], "天津示例 旧名厂"], headers=["统一社会信用代码", "曾用名"])

    DomainResource().import_data(domains, raise_errors=True)
    FormerNameResource().import_data(names, raise_errors=True)

    assert standard.priority_domains.get().domain == "food"
    assert standard.unit.former_names.get().name_key == "天津示例旧名厂"


def test_lists_go_out_with_every_value_and_its_cell(commit):
    batch = commit(sheet(row(1)))

    (exported,) = ImportBatchResource().export().dict
    (line,) = ImportRowResource().export().dict

    assert exported["文件校验值（SHA-256）"] == batch.file.sha256
    assert line["台账单位"] == "天津示例1号仪器有限公司"
    assert "计量标准考核证书号 J3：〔2018〕津量标企证字第001号" in line["内容及单元格"]
