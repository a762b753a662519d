"""The lists of the register as the screens export them, read by the list import: nothing changes."""

import pytest
from django.urls import reverse

from metrostd.common.roles import Role
from metrostd.lists.imports import commit_import
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.lists import HEADERS, row, sheet
from tests.factories.registry import FieldFactory
from tests.register import ON

pytestmark = pytest.mark.django_db

WIDE = (*HEADERS, "测量范围", "不确定度", "计量标准负责人", "专业领域", "计量标准类别")


def lines():
    """A small register with values that are awkward in a workbook."""
    more = (
        "(0～1000)℃，1×10⁻⁶ — 1×10⁻³\n≤5 μΩ ㎡ ½",
        "'-5V～+5V，U＝0.5%（k＝2）",
        "张 三",
        "力学",
        "",
    )
    odd = ("'=1+1", "'@见附件\n'+0.1", "-李四", "", "企业最高计量标准")
    return [
        [*row(1, 联系人="'+危险", 保存地点="'=HYPERLINK(1)"), *more],
        [*row(1, 计量标准考核证书号="（2016）国量标津证字第000045号", 计量标准名称="'=CMD 检定装置", 计量标准代码=""), *odd],
        [*row(2, 单位名称="示例〔天津〕乙（集团）有限公司", 计量标准考核证书号="在办", 发证日期="", 有效期至=""), *more],
        [*row(3, 统一社会信用代码="", 单位名称="'@示例部队", 有效期至="2020-05-31", 发证日期="2015-06-01",
              计量标准考核证书号="[2012]津量标企证字第7号"), *odd],
        [*row(4, 计量标准考核证书号="津量标企证字第088号", 单位地址=""), "", "", "", "", ""],
        [*row(5, 所属区="", 计量标准考核证书号="〔2018〕津社量标证字第0003号", 计量标准代码="01219000", 发证日期=""), "", "", "", "", ""],
    ]  # fmt: skip


@pytest.fixture
def register(commit):
    FieldFactory(code="01", name="几何量")
    batch = commit(sheet(*lines(), headers=WIDE))
    assert batch.summary["standards"]["new"] == 6
    return batch


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


def stored():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Unit, MeasurementStandard, StandardCertificate)
    ]


def exported(client, name):
    return client.post(reverse(f"registry:{name}")).content


@pytest.mark.parametrize(("name", "standards"), [("standards_export", 6), ("units_export", 0)])
def test_importing_an_export_changes_nothing(register, client, office, read, name, standards):
    before = stored()
    batch = read(exported(client, name), name="导出.xlsx", on=ON)

    assert [i for i in batch.issues if i["severity"] == "error"] == []
    assert list(batch.rows.exclude(change="unchanged").values_list("differences", flat=True)) == []
    assert batch.summary["units"] == {"new": 0, "changed": 0, "unchanged": 5}
    assert batch.summary["standards"] == {"new": 0, "changed": 0, "unchanged": standards}

    commit_import(batch, actor=None)
    assert stored() == before


def test_an_export_of_an_export_is_the_same(register, client, office, read):
    first = exported(client, "standards_export")
    commit_import(read(first, name="导出.xlsx", on=ON), actor=None)

    before, after = (
        read(data, name="导出.xlsx") for data in (first, exported(client, "standards_export"))
    )
    assert [r.values for r in before.rows.order_by("pk")] == [
        r.values for r in after.rows.order_by("pk")
    ]


def test_what_people_typed_by_hand_goes_round_too(register, client, office, read):
    """Forms keep line ends and double spaces the list import would put in order."""
    standard = MeasurementStandard.objects.order_by("pk").first()
    standard.measuring_range = "(0～1)MPa\r\n(0～6)MPa  \r\n"
    standard.storage_place = "1号楼  东侧"
    standard.responsible_person = "张 三"
    standard.save()
    unit = standard.unit
    unit.actual_address, unit.contact_name = "示例路 1 号", "'=李四"
    unit.save()
    before = stored()
    batch = read(exported(client, "standards_export"), name="导出.xlsx", on=ON)

    assert list(batch.rows.exclude(change="unchanged").values_list("differences", flat=True)) == []
    commit_import(batch, actor=None)
    assert stored() == before
