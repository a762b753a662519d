"""What only a person can settle in a list: asked, decided, kept, carried out, taken back."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.lists.imports import commit_import, reparse, undo_import
from metrostd.lists.imports.decisions import KINDS, key_of_row
from metrostd.lists.imports.documentation import document, section
from metrostd.registry.enums import RowChange
from metrostd.registry.models import ImportBatch, MeasurementStandard, StandardCertificate, Unit
from metrostd.registry.services import update_unit
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.lists import CODES, HEADERS, row, sheet
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db
NAME = "天津示例1号仪器有限公司"


def _conflict(batch, code):
    (found,) = [c for c in batch.conflicts if c["code"] == code]
    return found


def _decide(batch, code, choice):
    conflict = _conflict(batch, code)
    assert choice in conflict["choices"]
    reparse(batch, actor=None, decisions={conflict["key"]: choice})


def _known(**more):
    return UnitFactory(name=NAME, name_key=NAME, **more)


@pytest.fixture
def office(client, city, xiqing):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


@pytest.mark.parametrize(
    ("choice", "units", "code"),
    [("keep", 1, CODES[1]), ("take", 1, CODES[0]), ("other", 2, CODES[1])],
)
def test_another_code_of_a_known_name_waits_for_a_decision(read, choice, units, code):
    known = _known(uscc=CODES[1])
    batch = read(sheet(row(1)))
    assert batch.rows.get().change == RowChange.CONFLICT
    assert batch.summary["conflicts"] == {"open": 1, "decided": 0, "default": 0}
    with pytest.raises(ValidationError, match="没有入库"):
        commit_import(batch, actor=None)

    _decide(batch, "REG_USCC_CONFLICT", choice)
    commit_import(batch, actor=None)

    known.refresh_from_db()
    assert (Unit.objects.count(), known.uscc) == (units, code)


def test_unit_left_out_by_decision_writes_nothing(read):
    _known(uscc=CODES[1])
    batch = read(sheet(row(1), row(2)))

    _decide(batch, "REG_USCC_CONFLICT", "skip")
    _decide(batch, "REG_OTHER_NAME", "take")  # row 2 gives the code of the unit left out
    commit_import(batch, actor=None)

    assert set(Unit.objects.values_list("uscc", flat=True)) == {CODES[1]}
    assert batch.rows.filter(change=RowChange.SKIPPED).count() == 1


def test_one_of_several_namesakes_is_chosen_with_district_and_code(read, xiqing):
    first = _known(uscc=CODES[1], territorial_authority=xiqing)
    _known(uscc="", territorial_authority=None)
    batch = read(sheet(row(1, 统一社会信用代码="")))
    choices = _conflict(batch, "REG_UNIT_AMBIGUOUS")["choices"]
    assert choices[f"unit:{first.pk}"] == f"是同一单位，并入“{NAME}”（西青区局，{CODES[1]}）"

    _decide(batch, "REG_UNIT_AMBIGUOUS", f"unit:{first.pk}")
    commit_import(batch, actor=None)

    assert MeasurementStandard.objects.get().unit == first


def test_similar_name_goes_in_as_new_unless_somebody_says_it_is_the_same(read):
    known = UnitFactory(
        name="天津示例1号仪器有限责任公司", name_key="天津示例1号仪器有限责任公司", uscc=""
    )
    batch = read(sheet(row(1, 统一社会信用代码="")))
    assert batch.summary["units"]["new"] == 1
    assert _conflict(batch, "REG_NAME_SIMILAR")["default"] == "other"

    _decide(batch, "REG_NAME_SIMILAR", f"unit:{known.pk}")
    commit_import(batch, actor=None)

    assert Unit.objects.get().name == "天津示例1号仪器有限责任公司"
    assert MeasurementStandard.objects.get().unit == known


def test_number_of_another_unit_is_not_taken_from_it(read, commit):
    commit(sheet(row(1)))
    holder = Unit.objects.get()
    batch = read(
        sheet(row(2, 统一社会信用代码="", 计量标准考核证书号="〔2018〕津量标企证字第001号"))
    )
    assert batch.summary["conflicts"]["open"] == 1

    _decide(batch, "REG_CERT_TAKEN", f"unit:{holder.pk}")

    assert batch.summary["conflicts"] == {"open": 0, "decided": 1, "default": 0}
    commit_import(batch, actor=None)
    assert (Unit.objects.count(), StandardCertificate.objects.count()) == (1, 1)


def test_number_kept_with_its_holder_leaves_the_row_out(read, commit):
    commit(sheet(row(1)))
    batch = read(sheet(row(2, 计量标准考核证书号="〔2018〕津量标企证字第001号")))

    _decide(batch, "REG_CERT_TAKEN", "keep")
    commit_import(batch, actor=None)

    assert MeasurementStandard.objects.get().unit.name == NAME


@pytest.mark.parametrize(("choice", "name"), [("keep", "天津示例1号仪表有限公司"), ("take", NAME)])
def test_new_name_is_taken_unless_somebody_decides_otherwise(read, choice, name):
    unit = UnitFactory(name="天津示例1号仪表有限公司", uscc=CODES[0])
    batch = read(sheet(row(1)))
    assert _conflict(batch, "REG_RENAMED")["default"] == "take"

    _decide(batch, "REG_RENAMED", choice)
    commit_import(batch, actor=None)

    unit.refresh_from_db()
    assert unit.name == name


def test_value_corrected_by_hand_is_never_written_over_silently(read, commit):
    commit(sheet(row(1)))
    unit = Unit.objects.get()
    person = UserFactory()
    update_unit(unit, base_version=unit.version, values={"contact_name": "人工改的"}, actor=person)

    batch = read(sheet(row(1, 联系人="名单上的", 联系电话="13900000000")))

    conflict = _conflict(batch, "REG_EDITED")
    assert (conflict["cell"], conflict["found"], conflict["default"]) == ("F3", "名单上的", "keep")
    assert person.display_name in conflict["about"]
    assert batch.rows.get().differences == {"contact_phone": ["13800000001", "13900000000"]}
    commit_import(batch, actor=None)
    unit.refresh_from_db()
    assert (unit.contact_name, unit.contact_phone) == ("人工改的", "13900000000")


def test_value_corrected_by_hand_is_written_over_when_somebody_says_so(read, commit):
    commit(sheet(row(1)))
    unit = Unit.objects.get()
    update_unit(unit, base_version=1, values={"contact_name": "人工改的"}, actor=None)
    batch = read(sheet(row(1, 联系人="名单上的")))

    _decide(batch, "REG_EDITED", "take")
    commit_import(batch, actor=None)

    unit.refresh_from_db()
    assert unit.contact_name == "名单上的"
    assert read(sheet(row(1, 联系人="再改"))).conflicts == []


def test_issuer_and_category_stay_until_somebody_takes_the_lists(read, commit):
    commit(sheet(row(1)))
    other = AuthorityFactory(code="120105")
    batch = read(sheet(row(1)), category="inst_highest", issuer=other)
    assert batch.summary["standards"]["unchanged"] == 1

    reparse(batch, actor=None, decisions={"*REG_ISSUER": "take", "*REG_CATEGORY": "take"})
    commit_import(batch, actor=None)

    standard = MeasurementStandard.objects.get()
    assert (standard.issuing_authority, standard.category) == (other, "inst_highest")


@pytest.mark.parametrize(("choice", "place"), [("keep", "计量室1"), ("take", "新楼")])
def test_same_number_twice_goes_in_once_as_decided(read, choice, place):
    batch = read(sheet(row(1), row(1, 保存地点="新楼")))
    assert batch.summary["conflicts"]["open"] == 1

    _decide(batch, "DUP_CERT", choice)
    commit_import(batch, actor=None)

    assert MeasurementStandard.objects.get().storage_place == place


@pytest.mark.parametrize(("choice", "code"), [("keep", "120111"), ("take", "120101")])
def test_unit_in_two_districts_gets_the_one_decided(read, city, choice, code):
    AuthorityFactory(code="120101", region_name="和平区", short_name="和平局", parent=city)
    second = row(1, 所属区="和平区", 计量标准考核证书号="〔2018〕津量标企证字第9号")
    batch = read(sheet(row(1), second))

    _decide(batch, "CONFLICT_DISTRICT", choice)
    commit_import(batch, actor=None)

    assert Unit.objects.get().territorial_authority.code == code


@pytest.mark.parametrize(
    ("choice", "codes"),
    [("keep", {CODES[0]}), ("take", {CODES[1]}), ("other", {CODES[0], CODES[1]})],
)
def test_unit_with_two_codes_is_one_or_two_as_decided(read, choice, codes):
    second = row(1, 统一社会信用代码=CODES[1], 计量标准考核证书号="〔2018〕津量标企证字第9号")
    batch = read(sheet(row(1), second))

    _decide(batch, "CONFLICT_CODE", choice)
    commit_import(batch, actor=None)

    assert set(Unit.objects.values_list("uscc", flat=True)) == codes


def test_decision_is_kept_over_rereading_with_who_and_when_and_taken_back(read):
    _known(uscc=CODES[1])
    batch = read(sheet(row(1)))
    key = _conflict(batch, "REG_USCC_CONFLICT")["key"]
    person = UserFactory()
    reparse(batch, actor=person, decisions={key: "keep"})
    assert batch.decisions[key]["by"] == person.display_name

    reparse(batch, actor=None, edits={"名单": {"F3": "另一人"}})
    assert _conflict(batch, "REG_USCC_CONFLICT")["chosen"] == "keep"
    assert AuditEntry.objects.about(batch).filter(action="import.reread").count() == 2

    reparse(batch, actor=None, decisions={key: ""})
    assert batch.summary["conflicts"]["open"] == 1


def test_row_left_out_is_not_checked_and_comes_back(read):
    batch = read(sheet(row(1), row(2, 有效期至="2021-02-30")))
    assert batch.summary["issues"]["error"] == 1

    reparse(batch, actor=None, decisions={key_of_row("名单", 4): "skip"})

    assert batch.summary["issues"]["error"] == 0
    left = batch.rows.get(row_no=4)
    assert (left.change, left.values["unit_name"][0]) == (
        RowChange.SKIPPED,
        "天津示例2号仪器有限公司",
    )
    reparse(batch, actor=None, decisions={key_of_row("名单", 4): ""})
    assert batch.summary["issues"]["error"] == 1


def test_undo_restores_what_a_decision_changed(read, commit):
    commit(sheet(row(1)))
    before = MeasurementStandard.objects.get().issuing_authority
    batch = read(sheet(row(1)), issuer=AuthorityFactory(code="120105"))
    reparse(batch, actor=None, decisions={"*REG_ISSUER": "take"})
    commit_import(batch, actor=None)

    undo_import(batch, actor=None, note="再核对")

    assert MeasurementStandard.objects.get().issuing_authority == before


def test_every_default_is_one_of_the_choices():
    assert all(kind.default in ("", *kind.choices) for kind in KINDS.values())


def test_issue_codes_in_the_document_are_the_code():
    assert section() in document().read_text(encoding="utf-8"), "run documentation.rewrite()"


def _upload(client, data, city):
    client.post(
        reverse("lists:upload"),
        {
            "file": SimpleUploadedFile("名单.xlsx", data),
            "category": "ent_highest",
            "issuing_authority": city.pk,
        },
    )
    return ImportBatch.objects.first()


def _url(name, batch):
    return reverse(f"lists:{name}", args=[batch.pk])


def test_conflicts_are_decided_on_the_screen_and_taken_back(office, city):
    _known(uscc=CODES[1])
    batch = _upload(office, sheet(row(1)), city)
    page = office.get(batch.get_absolute_url())
    (group,) = page.context["questions"]
    assert "还有 1 项冲突待决定" in page.context["actions"][-1].verdict.reason
    (question,) = group.questions
    assert office.post(_url("commit", batch)).status_code == 403

    office.post(_url("decide", batch), {f"choose:{question.key}": "keep"})

    page = office.get(batch.get_absolute_url())
    assert page.context["actions"][-1].verdict
    (made,) = page.context["decided"]
    assert made.words == "是同一单位，以台账的信用代码为准"
    office.post(_url("decide", batch), {"revoke": made.key})
    batch.refresh_from_db()
    assert batch.decisions == {}


def test_all_of_a_kind_are_decided_at_once(office, city):
    for n in (1, 2):
        name = f"天津示例{n}号仪器有限公司"
        UnitFactory(name=name, name_key=name, uscc=f"9112000000000000{n}X")
    batch = _upload(office, sheet(row(1), row(2)), city)
    assert batch.summary["conflicts"]["open"] == 2

    office.post(_url("decide", batch), {"all:REG_USCC_CONFLICT": "other"})

    batch.refresh_from_db()
    assert batch.summary["conflicts"] == {"open": 0, "decided": 2, "default": 0}


def test_any_cell_is_changed_marked_and_put_back(office, city):
    batch = _upload(office, sheet(row(1)), city)
    office.post(_url("reread", batch), {"was:edit:名单!F3": "示例人", "edit:名单!F3": "另一人"})
    cell = next(
        c
        for c in office.get(batch.get_absolute_url()).context["grid"].rows[0].cells
        if c.address == "F3"
    )
    assert (cell.text, cell.edited, cell.original) == ("另一人", True, "示例人")

    office.post(_url("reread", batch), {"back": cell.key})

    batch.refresh_from_db()
    assert batch.edits == {}


def test_row_is_left_out_and_brought_back_on_the_screen(office, city):
    batch = _upload(office, sheet(row(1), row(2)), city)
    office.post(_url("decide", batch), {"leave": "名单!4", "change": "new"})
    page = office.get(batch.get_absolute_url() + "?change=skipped")
    (line,) = page.context["grid"].rows

    office.post(_url("decide", batch), {"revoke": line.left_out})

    batch.refresh_from_db()
    assert batch.summary["rows"]["new"] == 2


def test_mapping_by_hand_is_offered_for_the_next_list_with_the_same_heading(office, city):
    headers = [*HEADERS[:-1], "放在哪里"]
    first = _upload(office, sheet(row(1), headers=headers), city)
    reparse(first, actor=None, header_map={"名单": {"12": "storage_place"}})
    second = _upload(office, sheet(row(2), headers=headers), city)
    known = office.get(second.get_absolute_url()).context["known_map"]
    assert known.fields == [("map:名单!12", "storage_place")]

    office.post(_url("reread", second), dict(known.fields))

    second.refresh_from_db()
    assert second.header_map == {"名单": {"12": "storage_place"}}
    assert office.get(second.get_absolute_url()).context["known_map"] is None


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_nobody_else_decides(client, city, read, role):
    batch = read(sheet(row(1)))
    sign_in(client, MembershipFactory(role=role, authority=city))

    assert client.post(_url("decide", batch), {"all:REG_RENAMED": "keep"}).status_code == 404


def test_a_list_gone_in_is_not_decided_again(office, commit):
    batch = commit(sheet(row(1)))

    assert office.post(_url("decide", batch), {"leave": "名单!3"}).status_code == 409


def test_list_of_institutions_says_that_the_districts_confirm_it(office, read):
    institutions = read(sheet(row(1)), category="inst_highest")
    enterprises = read(sheet(row(2)))

    assert "待区局确认" in office.get(institutions.get_absolute_url()).content.decode()
    assert "待区局确认" not in office.get(enterprises.get_absolute_url()).content.decode()


TWO_FIRMS = ("天津松风压力容器有限公司", "天津竹影计量有限公司")


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("keep", {TWO_FIRMS[0]: 2}),
        ("take", {TWO_FIRMS[1]: 2}),
        ("other", dict.fromkeys(TWO_FIRMS, 1)),
        ("skip", {TWO_FIRMS[0]: 1}),
    ],
)
def test_two_firms_under_one_code_wait_for_a_decision(read, choice, names):
    lines = [
        row(n, 单位名称=name, 统一社会信用代码=CODES[0]) for n, name in enumerate(TWO_FIRMS, 1)
    ]
    batch = read(sheet(*lines))
    assert _conflict(batch, "CONFLICT_NAME")["found"] == TWO_FIRMS[1]
    with pytest.raises(ValidationError, match="没有入库"):
        commit_import(batch, actor=None)

    _decide(batch, "CONFLICT_NAME", choice)
    commit_import(batch, actor=None)

    assert {unit.name: unit.standards.count() for unit in Unit.objects.all()} == names
