"""What a search finds, when it finds much, and what it asks the database."""

import io
import itertools

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.common import keyed
from metrostd.common.roles import Role
from metrostd.registry.models import FormerName, MeasurementStandard
from metrostd.registry.numbers import number_fields
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import StandardFactory, UnitFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


@pytest.fixture
def renamed():
    """A standard that every way of searching leads to, and one that none does."""
    unit = UnitFactory(
        name="天津示例渤海仪器有限公司", pinyin="tjslbhyqyxgs", uscc="91120104MA05BXYZ0K"
    )
    FormerName.objects.create(unit=unit, name="示例旧名厂", name_key="示例旧名厂")
    UnitFactory(name="示例并入厂", uscc="91120105MA05BXYZ1L", merged_into=unit)
    standard = StandardFactory(unit=unit, name="压力表检定装置", jjf1022_code="12010100")
    standard.certificates.update(number="〔2021〕津量标企证字第777号")
    other = StandardFactory(unit__name="乙甲", name="砝码", jjf1022_code="99999999")
    other.certificates.update(number="〔2020〕津量标企证字第1号")
    return standard


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "渤海",
        "旧名厂",
        "91120104ma",
        "91120104-MA05 BXYZ",
        "９１１２０１０４ＭＡ",
        "91120105MA",
        "bhyq",
        "压力表",
        "ylb",
        "120101",
        "字第777",
    ],
)
def test_a_standard_is_found_by_all_it_is_known_by_both_ways(renamed, text, many):
    assert list(MeasurementStandard.objects.search(text, many=many)) == [renamed]


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "〔2016〕146",
        "[2016]146",
        "（2016） 146号",
        "【2016】津量标146",
        "[2016]津量标企证字第146号",
        "2016年津量标企证字第0146号",
        "〔2016〕津量标企证字第0146",
    ],
)
def test_a_certificate_is_found_by_its_number_however_it_is_typed(text, many):
    standard = StandardFactory()
    standard.certificates.update(**number_fields("〔2016〕津量标企证字第0146号"))
    for other in ("〔2016〕津量标企证字第1146号", "〔2017〕津量标企证字第146号"):
        StandardFactory().certificates.update(**number_fields(other))

    assert list(MeasurementStandard.objects.search(text, many=many)) == [standard]


@pytest.mark.parametrize("many", [True, False])
def test_a_word_that_nothing_is_known_by_finds_nothing(renamed, many):
    assert not MeasurementStandard.objects.search("热电偶", many=many)


def test_a_search_that_finds_much_lists_the_same_in_the_same_order(office, monkeypatch):
    twins = [UnitFactory(name="示例同名厂") for _ in range(2)]
    units = [*twins, *(UnitFactory(name=f"示例{n}厂") for n in "乙甲"), UnitFactory(name="别的")]
    for number in range(14):  # twins in turns, so that their order is seen
        kind = "dept_highest" if number % 3 else "ent_highest"
        StandardFactory(unit=units[number % 5], name=f"同名装置{number % 2}", category=kind)
    UnitFactory(name="示例空厂")
    url = reverse("registry:standards")

    sorts, more = ("", "unit", "-unit", "name", "number"), ({}, {"category": "dept_highest"})
    for text, sort, also in itertools.product(("示例", "同名装置1", "示例同名"), sorts, more):
        given = {"q": text, "sort": sort, **also}
        monkeypatch.setattr(keyed, "MANY", 100)
        whole = [row.pk for row in office.get(url, given).context["page"]]
        for many in {1, 2, 3, 5, 8, len(whole) - 1} & set(range(1, len(whole))):
            monkeypatch.setattr(keyed, "MANY", many)
            page = office.get(url, given).context["page"]
            assert (given, [row.pk for row in page]) == (given, whole[:many])


@pytest.mark.parametrize("name", ["units", "standards"])
def test_of_a_search_that_finds_much_the_first_pages_are_shown_and_all_is_exported(
    office, monkeypatch, name
):
    monkeypatch.setattr(keyed, "MANY", 3)
    units = [StandardFactory(unit__name=f"示例厂{n}").unit for n in range(5)]
    url = reverse(f"registry:{name}")

    page = office.get(url, {"q": "示例厂"})
    known = office.get(url, {"q": "示例厂4"})
    exported = office.post(f"{reverse(f'registry:{name}_export')}?q=示例厂")

    assert "超过 3 条" in page.content.decode()
    shown = [getattr(row, "unit", row).name for row in page.context["page"]]
    assert shown == [unit.name for unit in units[:3]]
    assert "共 1 条" in known.content.decode()
    cells = list(load_workbook(io.BytesIO(exported.content)).active.values)
    assert {unit.name for unit in units} <= {cell for row in cells for cell in row}


@pytest.mark.parametrize(("many", "name"), [(m, n) for m in (0, 9) for n in ("units", "standards")])
def test_a_search_of_a_list_asks_the_same_for_any_number_of_rows(office, monkeypatch, many, name):
    monkeypatch.setattr(keyed, "MANY", many)
    url = f"{reverse(f'registry:{name}')}?q=示例厂"
    StandardFactory(unit__name="示例厂0")
    one = cost_of(office, url)
    for number in range(1, 4):
        StandardFactory(unit__name=f"示例厂{number}")

    assert cost_of(office, url) == one < 12


@pytest.mark.parametrize("role", [*Role])
def test_the_search_page_asks_little_whoever_searches(client, city, xiqing, role):
    unit = UnitFactory(name="示例厂0", territorial_authority=xiqing)
    StandardFactory(unit=unit)
    authority = city if role.startswith("city") else xiqing
    who = {"as_unit": True, "unit": unit} if role == Role.UNIT_USER else {"authority": authority}
    sign_in(client, MembershipFactory(role=role, **who))
    url = f"{reverse('registry:search')}?q=示例厂"
    one = cost_of(client, url)
    for number in range(1, 4):
        StandardFactory(unit__name=f"示例厂{number}", unit__territorial_authority=xiqing)

    assert cost_of(client, url) == one < 12
