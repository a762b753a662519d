import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from metrostd.common import clock
from metrostd.common.models import AuditEntry, StoredFile
from metrostd.common.transitions import TransitionError
from metrostd.lists.imports import commit_import, discard, reparse, to_report, undo_import
from metrostd.registry.enums import CertificateState, Level, RowChange, UnitType
from metrostd.registry.models import (
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)
from tests.engines import known_rows
from tests.factories.lists import CODES, HEADERS, row, sheet
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db


def _codes(batch):
    return {issue["code"] for issue in batch.issues}


def _issue(batch, code):
    return next(issue for issue in batch.issues if issue["code"] == code)


def test_committing_a_list_creates_unit_standard_and_certificate(commit, city, xiqing):
    batch = commit(sheet(row(1)))

    unit = Unit.objects.get()
    assert (unit.name, unit.uscc) == ("天津示例1号仪器有限公司", CODES[0])
    assert unit.unit_type == UnitType.ENTERPRISE
    assert unit.territorial_authority == xiqing
    assert unit.actual_address == "天津市西青区示例路1号"
    assert unit.pinyin == "tjsl1hyqyxgs"
    standard = unit.standards.get()
    assert standard.issuing_authority == standard.hosting_authority == city
    assert (standard.field.code, standard.storage_place) == ("12", "计量室1")
    assert standard.in_scope
    certificate = standard.certificates.get()
    assert certificate.number == "〔2018〕津量标企证字第001号"
    assert (certificate.issue_date, certificate.valid_until) == (
        dt.date(2018, 6, 1),
        dt.date(2023, 5, 31),
    )
    assert certificate.state == CertificateState.VALID
    assert batch.state == "committed"
    assert batch.file.sha256 == to_report(batch)["file"]["sha256"]


def test_the_database_looks_at_its_tables_after_a_list_and_after_its_undoing(
    commit, django_capture_on_commit_callbacks
):
    StandardFactory.create_batch(3)
    with django_capture_on_commit_callbacks(execute=True):
        batch = commit(sheet(*map(row, range(1, 5))))
    assert known_rows(MeasurementStandard) == 7

    with django_capture_on_commit_callbacks(execute=True):
        undo_import(batch, actor=None, note="示例")
    assert known_rows(MeasurementStandard) == 3


def test_every_value_remembers_its_cell(commit):
    commit(sheet(row(1)))

    imported = ImportRow.objects.get()
    assert (imported.sheet, imported.row_no) == ("名单", 3)
    assert imported.values["cert_no"] == ["〔2018〕津量标企证字第001号", "J3"]
    assert imported.values["unit_name"][1] == "C3"
    assert imported.unit == Unit.objects.get()
    assert imported.standard == MeasurementStandard.objects.get()


def test_importing_the_same_file_twice_changes_nothing(commit):
    data = sheet(row(1), row(2), row(2, 计量标准考核证书号="〔2017〕津量标企证字第7号"), row(5))
    commit(data)
    before = (
        list(Unit.objects.order_by("pk").values()),
        list(StandardCertificate.objects.order_by("pk").values()),
    )

    second = commit(data)

    assert second.summary["units"] == {"new": 0, "changed": 0, "unchanged": 3}
    assert second.summary["standards"] == {"new": 0, "changed": 0, "unchanged": 4}
    after = (
        list(Unit.objects.order_by("pk").values()),
        list(StandardCertificate.objects.order_by("pk").values()),
    )
    assert after == before


def test_several_standards_of_one_unit_make_one_unit(commit):
    batch = commit(sheet(row(1), row(1, 计量标准考核证书号="〔2018〕津量标企证字第9号")))

    assert Unit.objects.count() == 1
    assert MeasurementStandard.objects.count() == 2
    assert batch.summary["units"]["new"] == 1
    assert list(batch.rows.values_list("unit_change", flat=True)) == ["new", ""]


@pytest.mark.parametrize(
    ("until", "state"),
    [
        ("2021-06-14", CertificateState.EXPIRED),
        ("2021-06-15", CertificateState.EXPIRING),
        ("2021-12-15", CertificateState.EXPIRING),
        ("2021-12-16", CertificateState.VALID),
    ],
)
def test_certificate_state_follows_the_day_asked_about(commit, until, state):
    commit(sheet(row(1, 有效期至=until)))

    assert StandardCertificate.objects.get().state == state


def test_standard_without_number_is_a_draft_and_gets_its_number_later(commit):
    commit(sheet(row(1, 计量标准考核证书号="在办", 发证日期="", 有效期至="")))
    assert StandardCertificate.objects.get().state == CertificateState.DRAFT

    batch = commit(sheet(row(1)))

    certificate = StandardCertificate.objects.get()
    assert certificate.state == CertificateState.VALID
    assert certificate.number == "〔2018〕津量标企证字第001号"
    assert batch.summary["standards"] == {"new": 0, "changed": 1, "unchanged": 0}


def test_standards_of_a_national_issuer_are_out_of_scope(commit):
    national = AuthorityFactory(code="100000", level=Level.NATIONAL)

    commit(sheet(row(1)), issuer=national)

    assert not MeasurementStandard.objects.get().in_scope


def test_numbers_of_the_national_level_and_other_provinces_are_out_of_scope(commit):
    numbers = [
        "〔2018〕国量标津证字第001号",
        "〔2018〕京量标企证字第002号",
        "〔2018〕津量标企证字第003号",
    ]

    commit(sheet(*(row(n, 计量标准考核证书号=text) for n, text in enumerate(numbers, 1))))

    kept = StandardCertificate.objects.values_list("number", "standard__in_scope")
    assert dict(kept) == dict(zip(numbers, (False, False, True), strict=True))


def test_a_list_leaves_alone_what_a_person_decided_on_the_scope(commit):
    sent = sheet(row(1, 计量标准考核证书号="〔2018〕国量标津证字第001号", 备注="甲"))
    commit(sent)
    MeasurementStandard.objects.update(in_scope=True, scope_reason="已核对证书原件")

    commit(sheet(row(1, 计量标准考核证书号="〔2018〕国量标津证字第001号", 保存地点="另一处")))

    standard = MeasurementStandard.objects.get()
    assert (standard.in_scope, standard.storage_place) == (True, "另一处")


@pytest.mark.parametrize(
    ("category", "unit_type"),
    [
        ("sp_statutory", UnitType.STATUTORY_INSTITUTE),
        ("dept_highest", UnitType.DEPARTMENT),
        ("inst_highest", UnitType.INSTITUTION),
    ],
)
def test_category_of_the_list_decides_the_type_of_unit(commit, category, unit_type):
    commit(sheet(row(1)), category=category)

    assert Unit.objects.get().unit_type == unit_type
    assert MeasurementStandard.objects.get().category == category


def test_changed_values_show_old_and_new_and_leave_a_trail(commit, read):
    commit(sheet(row(1)))
    batch = read(sheet(row(1, 联系人="另一人", 有效期至="2022-05-31")))

    changed = batch.rows.get()
    assert changed.change == RowChange.CHANGED
    assert changed.differences == {
        "contact_name": ["示例人", "另一人"],
        "valid_until": ["2023-05-31", "2022-05-31"],
    }

    commit_import(batch, actor=None)

    unit = Unit.objects.get()
    assert (unit.contact_name, unit.version) == ("另一人", 2)
    entry = AuditEntry.objects.about(unit).first()
    assert (entry.before, entry.after) == ({"联系人": "示例人"}, {"联系人": "另一人"})


def test_new_dates_move_the_certificate_by_a_transition(commit):
    commit(
        sheet(
            row(
                1,
                发证日期="2016-06-01",
                有效期至="2021-05-31",
                计量标准考核证书号="〔2016〕津量标企证字第1号",
            )
        )
    )
    certificate = StandardCertificate.objects.get()
    assert certificate.state == CertificateState.EXPIRED

    commit(
        sheet(
            row(
                1,
                发证日期="2021-06-01",
                有效期至="2026-05-31",
                计量标准考核证书号="〔2016〕津量标企证字第1号",
            )
        )
    )

    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID
    assert certificate.issue_kind == "reexamination"
    assert AuditEntry.objects.about(certificate).get().before["state"] == "expired"


def test_sealed_certificate_keeps_its_state(commit):
    standard = StandardFactory(
        unit__name="天津示例1号仪器有限公司",
        name="示例压力表检定装置",
        certificate__number="〔2018〕津量标企证字第001号",
        certificate__identity="2018|津||企|1",
        certificate__state=CertificateState.SEALED,
    )

    with clock.pinned(clock.at_time(dt.date(2021, 9, 6))):
        batch = commit(sheet(row(1, 有效期至="2022-05-31")))

    certificate = standard.certificates.get()
    assert certificate.valid_until == dt.date(2022, 5, 31)
    assert certificate.state == CertificateState.SEALED
    assert "REG_CERT_ENDED" in _codes(batch)


def test_empty_cells_never_erase_what_is_known(commit):
    commit(sheet(row(1)))

    batch = commit(sheet(row(1, 联系人="", 联系电话="/", 保存地点="")))

    assert batch.rows.get().change == RowChange.UNCHANGED
    assert Unit.objects.get().contact_phone == "13800000001"


def test_unit_matches_by_credit_code_before_name(commit, read):
    unit = UnitFactory(name="天津示例1号仪表有限公司", uscc=CODES[0], territorial_authority=None)

    batch = commit(sheet(row(1)))

    unit.refresh_from_db()
    assert unit.name == "天津示例1号仪器有限公司"
    assert FormerName.objects.get(unit=unit).name == "天津示例1号仪表有限公司"
    assert "REG_RENAMED" in _codes(batch)
    again = read(
        sheet(
            row(
                1,
                单位名称="天津示例1号仪表有限公司",
                计量标准考核证书号="〔2018〕津量标企证字第001号",
            )
        )
    )
    assert again.rows.get().unit == unit
    assert "unit_name" not in again.rows.get().differences


def test_unit_matches_by_former_name_but_never_by_likeness(commit):
    unit = UnitFactory(name="天津示例现名有限公司", name_key="天津示例现名有限公司")
    FormerName.objects.create(
        unit=unit, name="天津示例1号仪器有限公司", name_key="天津示例1号仪器有限公司"
    )
    UnitFactory(name="天津示例2号仪器有限责任公司", name_key="天津示例2号仪器有限责任公司")

    batch = commit(sheet(row(1, 统一社会信用代码=""), row(2, 统一社会信用代码="")))

    assert Unit.objects.count() == 3
    assert unit.standards.count() == 1
    assert {"REG_FORMER_NAME", "REG_NAME_SIMILAR"} <= _codes(batch)


def test_same_name_with_another_code_is_a_conflict(read):
    UnitFactory(name="天津示例1号仪器有限公司", name_key="天津示例1号仪器有限公司", uscc=CODES[1])

    batch = read(sheet(row(1)))

    issue = _issue(batch, "REG_USCC_CONFLICT")
    assert (issue["cell"], issue["found"]) == ("D3", CODES[0])
    assert batch.rows.get().change == RowChange.CONFLICT


def test_number_held_by_another_unit_is_an_error(commit, read):
    commit(sheet(row(1)))

    batch = read(sheet(row(2, 计量标准考核证书号="[2018]津量标企证字第1号")))

    issue = _issue(batch, "REG_CERT_TAKEN")
    assert issue["cell"] == "J3"
    assert "天津示例1号仪器有限公司" in issue["advice"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"%PDF-1.7 x", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "损坏"),
        (b"PK\x03\x04broken", "损坏"),
        (b"\x00\x01\x02\x03\xff\xfe\xfd" * 9, "无法识别"),
    ],
)
def test_unreadable_file_is_refused_with_a_sentence_and_nothing_is_written(read, data, words):
    with pytest.raises(ValidationError) as caught:
        read(data)

    assert words in caught.value.messages[0]
    assert not ImportBatch.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("data", "code", "cell"),
    [
        (sheet(["甲", "乙"], headers=("一", "二")), "HEADER_NOT_FOUND", "A1"),
        (sheet(), "NO_DATA", ""),
        (sheet(row(1, 有效期至="2021-02-30")), "DATE_INVALID", "L3"),
        (sheet(row(1, 有效期至="长期")), "DATE_FOREVER", "L3"),
        (
            sheet(row(1), row(2, 计量标准考核证书号="〔2018〕津量标企证字第001号")),
            "DUP_CERT",
            "J4",
        ),
        (sheet(row(1, 保存地点="长" * 201)), "TOO_LONG", "M3"),
    ],
)
def test_error_names_its_cell_and_nothing_reaches_the_register(read, data, code, cell):
    batch = read(data)

    issue = _issue(batch, code)
    assert (issue["severity"], issue["cell"]) == ("error", cell)
    with pytest.raises(ValidationError, match="没有入库"):
        commit_import(batch, actor=None)
    assert not Unit.objects.exists()
    assert not MeasurementStandard.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "parsed"


def test_cells_put_right_in_the_grid_are_read_again(read):
    batch = read(sheet(row(1, 有效期至="2021-02-30")))

    reparse(batch, actor=None, edits={"名单": {"L3": "2023-05-31"}})
    commit_import(batch, actor=None)

    assert StandardCertificate.objects.get().valid_until == dt.date(2023, 5, 31)
    assert batch.edits == {"名单": {"L3": "2023-05-31"}}


def test_emptying_an_edit_takes_it_back(read):
    batch = read(sheet(row(1)))
    reparse(batch, actor=None, edits={"名单": {"F3": "另一人"}})

    reparse(batch, actor=None, edits={"名单": {"F3": ""}})

    assert batch.edits == {}
    assert batch.rows.get().values["contact_name"][0] == "示例人"


def test_column_named_by_hand_is_imported(read):
    headers = [*HEADERS[:-1], "放在哪里"]
    batch = read(sheet(row(1), headers=headers))
    assert "storage_place" not in batch.rows.get().values

    reparse(batch, actor=None, header_map={"名单": {"12": "storage_place"}})

    assert batch.rows.get().values["storage_place"][0] == "计量室1"


def test_committing_twice_is_refused(commit):
    batch = commit(sheet(row(1)))

    with pytest.raises(TransitionError):
        commit_import(batch, actor=None)
    stale = ImportBatch.objects.get(pk=batch.pk)
    with pytest.raises(TransitionError):
        reparse(stale, actor=None, edits={})


def test_discarded_list_cannot_be_committed(read):
    batch = read(sheet(row(1)))

    discard(batch, actor=None)

    with pytest.raises(TransitionError):
        commit_import(batch, actor=None)
    assert not Unit.objects.exists()


def test_register_changed_since_the_preview_stops_the_commit(read, commit):
    batch = read(sheet(row(2, 计量标准考核证书号="〔2018〕津量标企证字第001号")))
    commit(sheet(row(1)))

    with pytest.raises(ValidationError, match="没有入库"):
        commit_import(batch, actor=None)

    assert ImportBatch.objects.get(pk=batch.pk).state == "parsed"
    assert Unit.objects.count() == 1


def test_report_has_the_agreed_shape(commit):
    report = to_report(commit(sheet(row(1, 统一社会信用代码=""))))

    assert list(report) == ["file", "units", "standards", "committed", "issues"]
    assert report["units"] == {"new": 1, "changed": 0, "unchanged": 0}
    assert report["committed"] is True
    assert list(report["issues"][0]) == ["code", "severity", "sheet", "cell", "found", "advice"]


def _queries(connection, batch):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as caught:
        commit_import(batch, actor=None)
    return len(caught)


def test_number_of_queries_does_not_grow_with_the_rows(read):
    from django.db import connection

    small = read(sheet(*(row(n) for n in range(4, 6))))
    # As many rows as SQLite takes in one INSERT of all columns; more are written in slices.
    large = read(sheet(*(row(n) for n in range(10, 40))))

    first = _queries(connection, small)

    assert _queries(connection, large) <= first
