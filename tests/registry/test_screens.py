import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.annex4.headers import TARGET_NAMES
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.registry import extension
from metrostd.registry.enums import Category, CertificateState, PriorityDomain
from metrostd.registry.extension import (
    Hit,
    KeyFact,
    panels_for,
    search_source,
    standard_panel,
    unit_fact,
    unit_panel,
)
from metrostd.registry.models import FormerName, ImportRow, MeasurementStandard, StandardDomain
from metrostd.registry.provenance import origins
from metrostd.registry.warnings import open_warnings
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import StandardFactory, UnitFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day():
    """The certificates of the factories are valid on it."""
    with clock.pinned(clock.at_time(dt.date(2021, 9, 6), 9)):
        yield


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


@pytest.fixture
def district(client, xiqing):
    return sign_in(client, MembershipFactory(authority=xiqing))


def _names(response):
    return [str(row) for row in response.context["page"]]


@pytest.mark.parametrize("name", ["units", "standards"])
def test_list_queries_do_not_grow(office, name):
    url = reverse(f"registry:{name}")
    StandardFactory()
    one = cost_of(office, url)
    StandardFactory.create_batch(3)

    assert cost_of(office, url) == one < 12


def test_unit_page_queries_do_not_grow(office):
    unit = UnitFactory()
    StandardFactory(unit=unit)
    one = cost_of(office, unit.get_absolute_url())
    StandardFactory.create_batch(3, unit=unit)

    assert cost_of(office, unit.get_absolute_url()) == one


def test_district_sees_units_of_its_territory_and_those_it_certified(district, xiqing):
    mine = UnitFactory(territorial_authority=xiqing)
    certified = StandardFactory(issuing_authority=xiqing).unit
    other = StandardFactory().unit

    assert set(_names(district.get(reverse("registry:units")))) == {mine.name, certified.name}
    assert district.get(other.get_absolute_url()).status_code == 404
    assert district.get(other.standards.get().get_absolute_url()).status_code == 404
    assert district.get(reverse("registry:unit_edit", args=[other.pk])).status_code == 404


def test_counts_name_only_standards_the_viewer_sees(district, xiqing):
    unit = StandardFactory(issuing_authority=xiqing).unit
    StandardFactory(unit=unit)

    row = district.get(reverse("registry:units")).context["page"][0]

    assert row.standards_count == 1


def test_unit_sees_only_itself(client):
    membership = MembershipFactory(as_unit=True)
    own, other = StandardFactory(unit=membership.unit), StandardFactory()
    sign_in(client, membership)

    assert client.get(reverse("registry:units")).url == membership.unit.get_absolute_url()
    assert client.get(own.get_absolute_url()).status_code == 200
    assert _names(client.get(reverse("registry:standards"))) == [own.name]
    assert client.get(other.unit.get_absolute_url()).status_code == 404
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(reverse("registry:unit_edit", args=[own.unit_id])).status_code == 403


def test_inspector_sees_no_register(client):
    standard = StandardFactory()
    sign_in(client, MembershipFactory(role=Role.DISTRICT_INSPECTOR))

    assert _names(client.get(reverse("registry:units"))) == []
    assert client.get(standard.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "tjyql"}, True),
        ({"q": "旧名"}, True),
        ({"q": "911201"}, True),
        ({"q": "不存在"}, False),
        ({"type": "enterprise"}, True),
        ({"type": "institution"}, False),
        ({"category": Category.ENT_HIGHEST}, True),
        ({"category": Category.DEPT_HIGHEST}, False),
        ({"state": CertificateState.EXPIRED}, True),
        ({"state": CertificateState.SEALED}, False),
        ({"district": "none"}, False),
        ({"district": "x", "sort": "nonsense", "page": "99"}, True),
    ],
)
def test_units_are_filtered(office, query, found):
    unit = UnitFactory(name="天津压力仪器厂", pinyin="tjylyqc", uscc="91120116MA0TE5T16U")
    unit.pinyin = "tjyqlc"
    unit.save()
    FormerName.objects.create(unit=unit, name="天津旧名仪器厂", name_key="天津旧名仪器厂")
    StandardFactory(unit=unit, certificate__state=CertificateState.EXPIRED)
    if query.get("q") == "tjyql":
        query = {"q": "TJYQL"}

    names = _names(office.get(reverse("registry:units"), query))

    assert names == ([unit.name] if found else [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "[2018]津量标企证字第901"}, True),
        ({"q": "压力表"}, True),
        ({"q": "1201"}, True),
        ({"q": "ylbjd"}, True),
        ({"q": "YLB"}, True),
        ({"q": "某仪器厂"}, True),
        ({"q": "不存在"}, False),
        ({"domain": PriorityDomain.FOOD}, True),
        ({"domain": PriorityDomain.HEALTH}, False),
        ({"state": CertificateState.VALID}, True),
        ({"state": CertificateState.EXPIRED}, False),
        ({"category": Category.INST_HIGHEST}, False),
        ({"sort": "-until"}, True),
    ],
)
def test_standards_are_filtered(office, query, found):
    standard = StandardFactory(
        name="压力表检定装置",
        jjf1022_code="12010100",
        unit__name="某仪器厂",
        certificate__number="〔2018〕津量标企证字第901号",
    )
    StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)

    names = _names(office.get(reverse("registry:standards"), query))

    assert names == ([standard.name] if found else [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"domain": PriorityDomain.FOOD}, True),
        ({"domain": PriorityDomain.HEALTH}, False),
        ({"field": "12"}, True),
        ({"field": "15"}, False),
        ({"status": "moved"}, True),
        ({"status": "normal"}, False),
        ({"domain": PriorityDomain.FOOD, "state": CertificateState.EXPIRED}, False),
    ],
)
def test_units_are_filtered_by_what_they_hold(office, query, found):
    standard = StandardFactory(unit__operating_status="moved")
    StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)

    names = _names(office.get(reverse("registry:units"), query))

    assert names == ([standard.unit.name] if found else [])


@pytest.mark.parametrize(("sort", "order"), [("until", [1, 0, 2]), ("-until", [0, 1, 2])])
def test_standards_without_a_date_come_last(office, sort, order):
    late = StandardFactory(certificate__valid_until=dt.date(2030, 1, 1))
    early = StandardFactory(certificate__valid_until=dt.date(2024, 1, 1))
    bare = StandardFactory(certificate=None)

    page = office.get(reverse("registry:standards"), {"sort": sort}).context["page"]

    assert list(page) == [[late, early, bare][place] for place in order]


def test_sorting_by_count_puts_the_fullest_first(office):
    few = StandardFactory().unit
    many = UnitFactory()
    StandardFactory.create_batch(3, unit=many)

    page = office.get(reverse("registry:units"), {"sort": "-standards"}).context["page"]

    assert list(page) == [many, few]


@pytest.mark.parametrize("name", ["units", "standards"])
def test_export_holds_what_the_list_shows_and_no_formula(office, name):
    shown = StandardFactory(unit__name="=危险示例", unit__contact_phone="13812345678")
    StandardFactory(unit__name="天津另一单位")

    response = office.post(f"{reverse(f'registry:{name}_export')}?q=危险示例")

    cells = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert len(cells) == 3
    assert cells[2][0] == f"'{shown.unit.name}"
    assert "13812345678" not in str(cells)
    assert AccessEntry.objects.get().kind == "export"


def test_lists_mask_phones_and_the_page_does_not(office):
    unit = UnitFactory(contact_phone="13812345678")

    assert "138****5678" in office.get(reverse("registry:units")).content.decode()
    assert "13812345678" in office.get(unit.get_absolute_url()).content.decode()


def test_search_groups_results_and_stays_in_scope(district, xiqing):
    mine = StandardFactory(
        unit__name="天津共同名甲", unit__territorial_authority=xiqing, name="天津共同名装置"
    )
    StandardFactory(unit__name="天津共同名乙", name="天津共同名他人装置")

    groups = district.get(reverse("registry:search"), {"q": "共同名"}).context["groups"]

    assert [(g["title"], [h.title for h in g["hits"]]) for g in groups] == [
        ("建标单位", [mine.unit.name]),
        ("计量标准与证书", [mine.name]),
    ]


def test_search_for_nothing_and_for_the_unknown_says_what_to_do(office):
    assert "输入要找的内容" in office.get(reverse("registry:search")).content.decode()
    assert "没有找到" in office.get(reverse("registry:search"), {"q": "zzz"}).content.decode()


def test_upper_apps_add_panels_and_results(office, monkeypatch):
    monkeypatch.setattr(extension, "_unit_panels", [])
    monkeypatch.setattr(extension, "_sources", [])
    unit_panel("历次检查")(lambda unit, user: ("registry/tabs.html", {"tab": unit.name}))
    unit_panel("空的")(lambda unit, user: None)
    search_source("文书")(lambda text, user: [Hit(f"文书{text}", "/x/")])
    unit = UnitFactory()

    assert [panel.title for panel in panels_for(unit, None)] == ["历次检查"]
    assert "历次检查" in office.get(unit.get_absolute_url()).content.decode()
    found = office.get(reverse("registry:search"), {"q": "甲"}).context["groups"]
    assert [group["title"] for group in found] == ["文书"]


def test_panels_stand_in_the_order_of_the_story_and_in_the_index(office, monkeypatch):
    monkeypatch.setattr(extension, "_standard_panels", [])

    def panel(standard, user):
        return "registry/tabs.html", {"tab": ""}

    standard_panel("历次检查")(panel)
    standard_panel("变更", group="changes")(panel)
    standard_panel("检定周期", group="equipment", order=20, anchor="tracing")(panel)
    standard_panel("主标准器", group="equipment", order=10, anchor="instruments")(panel)
    standard = StandardFactory()

    places = office.get(standard.get_absolute_url()).context["places"]

    assert [title for _, title in places][2:6] == ["主标准器", "检定周期", "变更", "历次检查"]
    assert ("tracing", "检定周期") in places


def test_a_panel_of_no_known_group_is_refused():
    with pytest.raises(ValueError, match="campaigns"):
        unit_panel("附加", group="elsewhere")(lambda unit, user: None)


def test_figures_of_upper_apps_stand_in_the_strip(office, monkeypatch):
    monkeypatch.setattr(extension, "_unit_facts", [])
    unit_fact(order=2)(lambda unit, user: KeyFact("预警", 3, note="未处理", tone="bad"))
    unit_fact(order=1)(lambda unit, user: KeyFact("标准", 7))
    unit_fact()(lambda unit, user: None)

    response = office.get(UnitFactory().get_absolute_url())

    assert [fact.label for fact in response.context["facts"]] == ["标准", "预警"]
    assert "未处理" in response.content.decode()


def _unit_form(unit, **changes):
    return {
        "base_version": unit.version,
        "name": unit.name,
        "unit_type": unit.unit_type,
        "operating_status": unit.operating_status,
        "territorial_authority": unit.territorial_authority_id,
        "registered_address": unit.registered_address,
        "legal_representative": unit.legal_representative,
        "contact_name": unit.contact_name,
        "contact_phone": unit.contact_phone,
        **changes,
    }


def test_editing_a_unit_leaves_old_and_new_values(office):
    unit = UnitFactory()
    old = unit.name

    response = office.post(
        reverse("registry:unit_edit", args=[unit.pk]),
        _unit_form(unit, name="天津示例改名有限公司", contact_name="新人"),
    )

    assert response.url == unit.get_absolute_url()
    unit.refresh_from_db()
    assert (unit.version, unit.pinyin) == (2, "tjslgmyxgs")
    assert unit.former_names.get().name == old
    entry = AuditEntry.objects.about(unit).get()
    assert entry.before == {"单位名称": old, "联系人": "示例联系人"}
    assert entry.after == {"单位名称": "天津示例改名有限公司", "联系人": "新人"}


def test_second_editor_sees_both_values_and_may_insist(office):
    unit = UnitFactory()
    url = reverse("registry:unit_edit", args=[unit.pk])
    mine = _unit_form(unit, contact_name="乙")
    office.post(url, _unit_form(unit, contact_name="甲"))

    response = office.post(url, mine)

    assert response.status_code == 409
    assert response.context["conflict"] == {"联系人": ["甲", "乙"]}
    assert response.context["form"]["base_version"].value() == 2
    unit.refresh_from_db()
    assert unit.contact_name == "甲"

    assert office.post(url, {**mine, "base_version": 2}).status_code == 302
    unit.refresh_from_db()
    assert unit.contact_name == "乙"


def test_saving_without_a_change_writes_nothing(office):
    unit = UnitFactory()

    office.post(reverse("registry:unit_edit", args=[unit.pk]), _unit_form(unit))

    unit.refresh_from_db()
    assert unit.version == 1
    assert not AuditEntry.objects.about(unit).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"uscc": "911"}, "uscc"), ({"uscc": "91350100M000100Y4Z"}, "uscc"), ({"name": ""}, "name")],
)
def test_wrong_input_comes_back_with_the_form(office, changes, field):
    unit = UnitFactory()

    response = office.post(
        reverse("registry:unit_edit", args=[unit.pk]), _unit_form(unit, **changes)
    )

    assert response.status_code == 422
    assert field in response.context["form"].errors


def _standard_form(standard, **changes):
    return {
        "base_version": standard.version,
        "name": standard.name,
        "field": standard.field_id,
        "category": standard.category,
        "responsible_person": standard.responsible_person,
        **changes,
    }


def test_editing_a_standard_with_its_priority_domains(office):
    standard = StandardFactory()
    url = reverse("registry:standard_edit", args=[standard.pk])

    office.post(url, _standard_form(standard, storage_place="三楼", priority_domains=["food"]))

    standard.refresh_from_db()
    assert (standard.storage_place, standard.version) == ("三楼", 2)
    assert [d.domain for d in standard.priority_domains.all()] == ["food"]
    assert AuditEntry.objects.about(standard).get().after == {
        "保存地点": "三楼",
        "重点领域": "食品安全",
    }
    assert office.post(url, _standard_form(standard, version=1, base_version=1)).status_code == 409


def test_code_and_field_of_a_standard_must_agree(office):
    standard = StandardFactory()

    response = office.post(
        reverse("registry:standard_edit", args=[standard.pk]),
        _standard_form(standard, jjf1022_code="04010100"),
    )

    assert response.status_code == 422
    assert "不符" in response.context["form"].errors["field"][0]


def test_only_the_certifying_authority_edits_a_standard(district, xiqing):
    own = StandardFactory(issuing_authority=xiqing)
    citys = StandardFactory(unit__territorial_authority=xiqing)

    assert district.get(reverse("registry:standard_edit", args=[own.pk])).status_code == 200
    refused = district.get(reverse("registry:standard_edit", args=[citys.pk]))
    assert refused.status_code == 403
    assert "只有发证部门可以修改" in refused.content.decode()


def test_admin_site_is_for_system_administrators_only(client, city):
    person = MembershipFactory(role=Role.CITY_ADMIN, authority=city)
    person.user.is_staff = person.user.is_superuser = True
    person.user.save()
    url = reverse("admin:registry_unit_changelist")
    UnitFactory()

    assert sign_in(client, person).get(url).status_code == 302
    admin = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city)
    assert sign_in(client, admin).get(url).status_code == 200
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 200


def test_admin_imports_a_table_in_two_steps_and_leaves_a_trail(client, city):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city))
    table = SimpleUploadedFile("f.csv", "代码,名称,专门行业\n51,纺织,是\n".encode())
    url = reverse("admin:registry_professionalfield_import")

    page = client.post(url, {"format": "1", "import_file": table})
    confirm = page.context["confirm_form"].initial
    done = client.post(reverse("admin:registry_professionalfield_process_import"), confirm)

    assert done.status_code == 302
    entry = AuditEntry.objects.filter(action="admin.import").get()
    assert str(entry.target) == "纺织"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_admin_imports_a_table_in_the_encodings_of_offices(client, city, encoding):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city))
    table = SimpleUploadedFile("f.csv", "代码,名称,专门行业\n51,纺织㐂,是\n".encode(encoding))

    page = client.post(
        reverse("admin:registry_professionalfield_import"), {"format": "1", "import_file": table}
    )
    confirm = page.context["confirm_form"].initial
    client.post(reverse("admin:registry_professionalfield_process_import"), confirm)

    assert str(AuditEntry.objects.get(action="admin.import").target) == "纺织㐂"


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [(b"\xff\x00\x81,\x01", "1", "字符编码无法识别"), (b"no workbook", "0", "文件无法读取")],
)
@pytest.mark.ignore_template_errors  # of the library's own template
def test_admin_says_in_chinese_why_a_table_cannot_be_read(client, city, data, kind, words):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city))

    page = client.post(
        reverse("admin:registry_professionalfield_import"),
        {"format": kind, "import_file": SimpleUploadedFile("f.csv", data)},
    )

    assert words in page.content.decode()


def test_standard_page_tells_its_certificates_and_where_it_came_from(office, commit):
    from tests.factories.lists import row, sheet

    commit(sheet(row(1)))
    standard = MeasurementStandard.objects.get()

    page = office.get(standard.get_absolute_url())

    assert page.context["current"].number == "〔2018〕津量标企证字第001号"
    assert "工作表“名单”第 3 行" in page.content.decode()
    bare = StandardFactory(certificate=None)
    assert "没有证书" in office.get(bare.get_absolute_url()).content.decode()


def test_the_unit_page_begins_with_its_figures(office):
    unit = UnitFactory()
    StandardFactory(unit=unit)
    StandardFactory(unit=unit, certificate__valid_until=dt.date(2021, 9, 1))

    page = office.get(unit.get_absolute_url())

    warnings, held = page.context["facts"][:2]
    count = len(open_warnings(MeasurementStandard.objects.filter(unit=unit), on=clock.today()))
    assert (warnings.label, warnings.value, warnings.tone) == ("预警", f"{count} 条", "bad")
    assert (held.label, held.value, held.note, held.tone) == (
        "计量标准",
        "2 项",
        "1 项已过有效期",
        "bad",
    )
    assert ("states", "证书状态分布") in page.context["places"]


def test_a_unit_reaches_the_lists_of_the_register_from_its_page(client, office):
    member = MembershipFactory(as_unit=True)
    address = member.unit.get_absolute_url()
    warnings = reverse("registry:warnings")
    assert warnings not in office.get(address).content.decode()

    assert warnings in sign_in(client, member).get(address).content.decode()


def test_nothing_chosen_is_said_in_words(office):
    page = office.get(reverse("registry:unit_new")).content.decode()

    assert "请选择" in page
    assert "-----" not in page


def test_what_is_sealed_or_without_certificate_is_not_called_valid(office):
    unit = UnitFactory()
    StandardFactory(unit=unit, certificate__state=CertificateState.SEALED)
    StandardFactory(unit=unit, certificate=None)

    facts = office.get(unit.get_absolute_url()).context["facts"]

    (fact,) = (fact for fact in facts if fact.label == "计量标准")
    assert fact.note == "1 项封存、1 项没有证书"


@pytest.mark.parametrize(
    ("days", "note", "state", "tone"),
    [(10, "还有 10 天", "即将到期", "warn"), (-3, "逾期 3 天", "已过有效期", "bad")],
)
def test_the_standard_page_says_how_long_the_certificate_has(office, days, note, state, tone):
    until = clock.today() + dt.timedelta(days)
    standard = StandardFactory(certificate__valid_until=until)

    warnings, fact = office.get(standard.get_absolute_url()).context["facts"]

    assert (warnings.label, warnings.tone) == ("预警", tone)
    assert (fact.label, fact.value, fact.note) == ("考核证书", state, note)


def test_an_imported_value_says_its_cell():
    row = ImportRow(
        sheet="示例",
        row_no=4,
        values={
            "unit_name": ["天津示例厂", "B4"],
            "valid_until": ["2023-05-31", "K4", "23.5.31"],
            "district": ["120111", "C4", None, 3],
        },
    )

    assert {(o.label, o.cell, o.text) for o in origins(row)} >= {
        (TARGET_NAMES["unit_name"], "B4", "天津示例厂"),
        (TARGET_NAMES["valid_until"], "K4", "23.5.31"),
    }


@pytest.mark.parametrize("who", ["office", "district"])
def test_units_are_sorted_by_their_expired_certificates_and_those_without_by_name(
    request, xiqing, who
):
    for name, states in (("甲一", ()), ("乙二", ("expired",)), ("丙三", ("expired", "expired"))):
        unit = UnitFactory(name=name, territorial_authority=xiqing)
        for state in (*states, "valid"):
            StandardFactory(unit=unit).certificates.update(state=state)
    client, url = request.getfixturevalue(who), reverse("registry:units")

    for sort, order in (
        ("expired", ["甲一", "乙二", "丙三"]),
        ("-expired", ["丙三", "乙二", "甲一"]),
    ):
        assert _names(client.get(url, {"sort": sort})) == order
        assert cost_of(client, f"{url}?sort={sort}") < 12
