"""Entering tests, persons, items and public certificates: who may, what is refused, what pages tell."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.registry.enums import Category, RecordState
from metrostd.registry.models import (
    CapabilityTest,
    PublicStandardCertificate,
    StandardItem,
    StandardPerson,
)
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.capability import (
    CapabilityTestFactory,
    ItemFactory,
    PersonFactory,
    PublicCertificateFactory,
)
from tests.factories.registry import AuthorityFactory, StandardFactory
from tests.files import pdf
from tests.register import ON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
PDF = pdf()


def url(name, pk):
    return reverse(f"registry:{name}", args=[pk])


def text(response):
    return response.content.decode()


REPEATED = {
    "base_version": 1,
    "subject": "1.6级压力表，6 MPa",
    "unit_symbol": "MPa",
    "day_0": "2021-03-10",
    "readings_0": "6.001\r\n6.002\r\n6.000\r\n6.001\r\n6.003\r\n6.001",
    "established": "0.002",
}


def add(client, method, data, standard=None):
    return client.post(f"{url('test_add', (standard or client.own).pk)}?method={method}", data)


# Entering a test -----------------------------------------------------------------------------------


def test_a_column_pasted_from_excel_is_a_test_with_its_result(unit):
    response = add(unit, "repeatability_repeated", REPEATED)

    test = CapabilityTest.objects.get()
    assert response.url == test.get_absolute_url()
    page = text(unit.get(response.url))
    assert (
        "实验标准偏差 s = 0.0010328 MPa，不大于新建（或上次重新评定）时的重复性 0.002 MPa，合格。"
        in page
    )
    assert "6.003" in page


def test_the_methods_are_chosen_first(unit):
    page = text(unit.get(url("test_add", unit.own.pk)))

    for method in ("repeatability_repeated", "stability_new", "validation_labs", "comparison_en"):
        assert f"?method={method}" in page


def groups(*rows, **more):
    data = {"base_version": 1, "subject": "压力表", "limit": "0.05", "limit_basis": "mpe"}
    for n, (day, readings) in enumerate(rows):
        data |= {f"day_{n}": day, f"readings_{n}": readings}
    return data | more


FOUR = [
    ("2021-01-05", "6.01 6.01"),
    ("2021-02-08", "6.02、6.02"),
    ("2021-03-10", "6.00\t6.00"),
    ("2021-04-12", "6.01，6.01"),
]


def test_four_groups_in_the_small_spreadsheet(unit):
    assert add(unit, "stability_new", groups(*FOUR)).status_code == 302

    test = CapabilityTest.objects.get()
    assert (test.m, test.n, str(test.statistic.normalize())) == (4, 2, "0.02")
    assert "4组，每组2次" in text(unit.get(test.get_absolute_url()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"readings_1": "6.01 6.02 x"}, "第2组第3个读数“x”不是数。"),
        ({"day_1": ""}, "第2组没有试验日期。"),
        ({"readings_2": ""}, "第3组填了日期，没有读数。"),
        ({"day_3": "2021-06-16"}, "第4组试验日期不能晚于今天。"),
        ({"day_1": "2021-02-05"}, "应大于1个月"),
        ({"day_3": "", "readings_3": ""}, "至少需要4组数据，现有3组"),
        ({"readings_3": "6.01"}, "第4组至少需要2个读数，现有1个"),
        ({"readings_3": "6.01 6.02 6.03"}, "各组测量次数不一致"),
        ({"limit": ""}, "请填写限值。"),
        ({"limit": "约0.05"}, "限值“约0.05”不是数。"),
        ({"limit": "-1"}, "限值不能是负数。"),
        ({"limit_basis": ""}, "请填写限值依据。"),
        ({"subject": ""}, "请填写被测对象"),
    ],
)
def test_an_error_names_the_group_and_the_reading_and_nothing_is_lost(unit, change, words):
    response = add(unit, "stability_new", groups(*FOUR, **change))

    assert response.status_code == 422
    assert words in text(response)
    kept = groups(*FOUR, **change)["readings_0"]
    assert kept in text(response)
    assert not CapabilityTest.objects.exists()


def test_more_rows_keep_what_was_typed(unit):
    page = text(add(unit, "stability_new", groups(*FOUR[:1], more="1", rows="6")))

    assert "第10组" in page
    assert "6.01 6.01" in page
    assert "alert-danger" not in page


def test_nothing_at_all(unit):
    page = text(add(unit, "repeatability_repeated", {"base_version": 1, "subject": "压力表"}))

    assert "没有读数。请至少填写一组试验日期和读数。" in page


def test_a_control_chart_is_a_day_and_nothing_else(unit):
    data = {"base_version": 1, "subject": "压力表", "tested_on": "2021-03-10"}
    assert add(unit, "stability_chart", data).status_code == 302
    assert "保持控制图并受控" in text(unit.get(CapabilityTest.objects.get().get_absolute_url()))
    future = add(unit, "stability_chart", data | {"tested_on": "2021-06-16"})
    assert "确认日期不能晚于今天。" in text(future)


def test_an_en_value(unit):
    data = {
        "base_version": 1,
        "subject": "压力表",
        "day_0": "2021-03-10",
        "readings_0": "10.02",
        "reference": "10.00",
        "source": "示例比对",
        "u_lab": "0.03",
        "u_ref": "0.04",
        "k": "2",
    }
    add(unit, "comparison_en", data)

    page = text(unit.get(CapabilityTest.objects.get().get_absolute_url()))
    assert "|En| = 0.4，不大于1，合格。" in page
    assert "示例比对" in page


def test_the_next_one_starts_from_the_last(unit):
    add(unit, "stability_new", groups(*FOUR))
    test = CapabilityTest.objects.get()

    page = text(unit.get(f"{url('test_add', unit.own.pk)}?method=stability_new&like={test.pk}"))

    assert 'value="0.05"' in page
    assert 'value="压力表"' in page
    assert "6.01" not in page


def test_a_scan_is_kept_with_the_test(unit):
    scan = SimpleUploadedFile("记录.pdf", PDF, "application/pdf")
    add(unit, "repeatability_repeated", REPEATED | {"scan": scan})

    test = CapabilityTest.objects.get()
    assert b"".join(unit.get(url("test_scan", test.pk)).streaming_content) == PDF
    unit.post(url("test_edit", test.pk), REPEATED | {"note": "补充"})
    test.refresh_from_db()
    assert (test.file_name, test.note) == ("记录.pdf", "补充")


def test_a_wrong_scan_is_refused_beside_the_form(unit):
    scan = SimpleUploadedFile("记录.pdf", b"MZ nonsense", "application/pdf")
    response = add(unit, "repeatability_repeated", REPEATED | {"scan": scan})

    assert response.status_code == 422
    assert "记录.pdf" in text(response)


# Correcting and voiding ------------------------------------------------------------------------


def test_a_correction_is_judged_anew(unit):
    add(unit, "repeatability_repeated", REPEATED)
    test = CapabilityTest.objects.get()
    form = text(unit.get(url("test_edit", test.pk)))
    assert "6.003" in form

    unit.post(url("test_edit", test.pk), REPEATED | {"established": "0.0005"})

    test.refresh_from_db()
    assert (test.outcome, test.version) == ("reassess", 2)


def test_two_editors_see_both_values_and_may_save_again(unit):
    add(unit, "repeatability_repeated", REPEATED)
    test = CapabilityTest.objects.get()
    unit.post(url("test_edit", test.pk), REPEATED | {"subject": "甲"})

    response = unit.post(url("test_edit", test.pk), REPEATED | {"subject": "乙"})
    assert response.status_code == 409
    assert "甲" in text(response)
    assert "乙" in text(response)
    again = unit.post(url("test_edit", test.pk), REPEATED | {"subject": "乙", "base_version": 2})
    assert again.status_code == 302


def test_a_void_test_counts_no_longer_and_comes_back(unit):
    add(unit, "repeatability_repeated", REPEATED)
    test = CapabilityTest.objects.get()
    assert unit.post(url("test_void", test.pk), {"note": ""}).status_code == 422

    unit.post(url("test_void", test.pk), {"note": "录错"})
    page = text(unit.get(test.get_absolute_url()))
    assert "录错" in page
    assert unit.post(url("test_edit", test.pk), REPEATED).status_code == 403
    assert unit.post(url("test_void", test.pk), {"note": "再来"}).status_code == 403

    unit.post(url("test_restore", test.pk), {"note": "没有录错"})
    test.refresh_from_db()
    assert test.state == RecordState.RECORDED


# Who -------------------------------------------------------------------------------------------


ADD = ("test_add", "person_add", "item_add")
FACTORIES = {
    "test": CapabilityTestFactory,
    "person": PersonFactory,
    "item": ItemFactory,
    "public_certificate": PublicCertificateFactory,
}


def test_the_issuing_office_may_the_territorial_bureau_may_only_look(client):
    city, district = AuthorityFactory(city=True), AuthorityFactory()
    standard = StandardFactory(unit__territorial_authority=district, issuing_authority=city)
    records = {kind: make(standard=standard) for kind, make in FACTORIES.items()}
    sign_in(client, MembershipFactory(authority=district))
    for kind, record in records.items():
        assert client.get(url(f"{kind}_edit", record.pk)).status_code == 403
        for act in ("edit", "void", "restore"):
            assert client.post(url(f"{kind}_{act}", record.pk), {"note": "x"}).status_code == 403
    assert {client.post(url(name, standard.pk)).status_code for name in ADD} == {403}
    assert client.get(url("test", records["test"].pk)).status_code == 200

    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))
    for kind, record in records.items():
        assert client.get(url(f"{kind}_edit", record.pk)).status_code == 200


def test_another_unit_finds_nothing(unit):
    for kind, make in FACTORIES.items():
        record = make()
        assert unit.get(url(f"{kind}_edit", record.pk)).status_code == 404
        assert unit.post(url(f"{kind}_void", record.pk)).status_code == 404
    other = StandardFactory()
    assert {unit.get(url(name, other.pk)).status_code for name in ADD} == {404}


# Persons, items, public certificates -------------------------------------------------------------


PERSON = {
    "base_version": 1,
    "name": "示例甲",
    "qualification_kind": "metrologist_2",
    "cert_no": "示注1号",
    "project": "压力",
    "valid_until": "2023-05-31",
    "since": "2018-06-01",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "请填写“姓名”"),
        ({"valid_until": ""}, "注册计量师请填写注册有效期。"),
        ({"cert_no": ""}, "注册计量师请填写注册证编号。"),
        ({"until": "2018-05-31"}, "离开的日期不能早于开始的日期。"),
    ],
)
def test_a_person_that_cannot_be(unit, change, words):
    response = unit.post(url("person_add", unit.own.pk), PERSON | change)

    assert response.status_code == 422
    assert words in text(response)
    assert not StandardPerson.objects.exists()


def test_a_person_comes_leaves_and_is_void(unit):
    assert unit.post(url("person_add", unit.own.pk), PERSON).url.endswith("#persons")
    person = StandardPerson.objects.get()

    unit.post(url("person_edit", person.pk), PERSON | {"until": "2021-05-31"})
    assert "已调离" in text(unit.get(unit.own.get_absolute_url()))
    stale = unit.post(url("person_edit", person.pk), PERSON | {"name": "示例乙"})
    assert stale.status_code == 409
    assert "示例乙" in text(stale)
    unit.post(url("person_void", person.pk), {"note": "登记错了标准"})
    assert "作废的记录（1 条）" in text(unit.get(unit.own.get_absolute_url()))
    assert "撤销作废" in text(unit.get(url("person_edit", person.pk)))
    unit.post(url("person_restore", person.pk), {"note": "没有错"})
    assert [e.action_label for e in AuditEntry.objects.about(person)] == [
        "撤销作废",
        "作废",
        "修改资料",
        "登记",
    ]


def test_an_item(unit):
    data = {"base_version": 1, "name": "压力表检定", "basis": "JJG 52-2013"}
    assert unit.post(url("item_add", unit.own.pk), data).status_code == 302
    item = StandardItem.objects.get()
    unit.post(url("item_edit", item.pk), data | {"until": "2021-01-01"})

    page = text(unit.get(unit.own.get_absolute_url()))
    assert "JJG 52-2013" in page
    assert "已停止开展" in page


PUBLIC = {
    "base_version": 1,
    "number": "社证1号",
    "issuer": "示例市监委",
    "issue_date": "2018-07-01",
    "valid_until": "2023-05-31",
}


def test_only_a_public_standard_has_a_public_certificate(unit):
    assert unit.post(url("public_certificate_add", unit.own.pk), PUBLIC).status_code == 403
    assert "社会公用计量标准证书" not in text(unit.get(unit.own.get_absolute_url()))

    type(unit.own).objects.filter(pk=unit.own.pk).update(category=Category.SP_STATUTORY)
    assert "还没有登记社会公用计量标准证书" in text(unit.get(unit.own.get_absolute_url()))
    scan = SimpleUploadedFile("社证.pdf", PDF, "application/pdf")
    unit.post(url("public_certificate_add", unit.own.pk), PUBLIC | {"scan": scan})
    record = PublicStandardCertificate.objects.get()
    assert b"".join(unit.get(url("public_certificate_scan", record.pk)).streaming_content) == PDF
    wrong = unit.post(
        url("public_certificate_edit", record.pk), PUBLIC | {"valid_until": "2018-07-01"}
    )
    assert "有效期至应当晚于发证日期。" in text(wrong)


# What the page of a standard tells -----------------------------------------------------------------


def test_the_page_says_which_year_lacks_what(unit):
    CapabilityTestFactory(standard=unit.own, tested_on=dt.date(2019, 3, 10))
    CapabilityTestFactory(standard=unit.own, tested_on=dt.date(2020, 3, 10))
    stability = {"kind": "stability", "method": "stability_yearly"}
    CapabilityTestFactory(standard=unit.own, tested_on=dt.date(2020, 3, 10), **stability)

    page = text(unit.get(unit.own.get_absolute_url()))

    assert "2019年缺稳定性考核。" in page
    assert "2020年缺" not in page
    assert "本年尚未登记重复性试验、稳定性考核" in page


@pytest.mark.parametrize(
    ("years", "outcome", "said"),
    [
        ((2019, 2020), "passed", "历年齐全"),
        ((2019,), "passed", "缺 1 年"),
        ((2019, 2020), "failed", "1 次超差或待评定"),
    ],
)
def test_a_key_figure_says_whether_the_years_are_complete(unit, years, outcome, said):
    for year in years:
        for kind, method in (("repeatability", "repeated"), ("stability", "yearly")):
            last = kind == "stability" and year == years[-1]
            CapabilityTestFactory(
                standard=unit.own,
                kind=kind,
                method=f"{kind}_{method}",
                tested_on=dt.date(year, 3, 10),
                outcome=outcome if last else "passed",
            )

    page = text(unit.get(unit.own.get_absolute_url()))

    strip = page[page.index("key-facts") : page.index("page-index")]
    assert said in strip


def test_the_page_draws_stability_against_its_limit(unit):
    for day, value, limit in (("2019-03-10", "6.00", "0.05"), ("2020-03-10", "5.90", "0.05")):
        data = groups((day, f"{value} {value}"), limit=limit)
        add(unit, "stability_yearly", data)

    response = unit.get(unit.own.get_absolute_url())

    assert '"note": "超差"' in text(response)
    assert '"value": -0.1, "limit": 0.05' in text(response)
    assert "超差" in text(response)


@pytest.mark.parametrize(("count", "said"), [(1, True), (2, False)])
def test_the_page_says_when_fewer_than_two_persons_are_valid(unit, count, said):
    PersonFactory.create_batch(count, standard=unit.own)
    PersonFactory(standard=unit.own, valid_until=ON - dt.timedelta(days=1))

    page = text(unit.get(unit.own.get_absolute_url()))

    assert ("证明有效的在岗人员1人，每个项目至少需要2人。" in page) is said
    assert "证明已过期" in page


def test_queries_of_the_page_do_not_grow(unit):
    def fill():
        CapabilityTestFactory(standard=unit.own, subject="甲")
        PersonFactory(standard=unit.own)
        ItemFactory(standard=unit.own)

    def queries():
        unit.get(unit.own.get_absolute_url())
        with CaptureQueriesContext(connection) as caught:
            unit.get(unit.own.get_absolute_url())
        return len(caught)

    fill()
    one = queries()
    for _ in range(3):
        fill()

    assert queries() == one
