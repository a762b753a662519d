import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.lists.imports import commit_import, undo_import
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import (
    FormerName,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)
from tests.factories.campaigns import DutyFactory
from tests.factories.lists import CODES, row, sheet
from tests.factories.registry import StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db


def test_undo_deletes_what_the_list_created(commit):
    batch = commit(sheet(row(1), row(2)))

    undo_import(batch, actor=None, note="传错文件")

    assert not Unit.objects.exists()
    assert not MeasurementStandard.objects.exists()
    assert not StandardCertificate.objects.exists()
    assert batch.state == "undone"
    assert AuditEntry.objects.about(batch).first().note == "传错文件"


def test_list_taken_back_may_be_committed_again(commit):
    batch = commit(sheet(row(1)))
    undo_import(batch, actor=None, note="再核对")

    commit_import(batch, actor=None)

    assert batch.state == "committed"
    assert batch.summary["units"]["new"] == 1
    assert Unit.objects.count() == 1


def test_undo_restores_changed_values(commit):
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
    batch = commit(
        sheet(
            row(
                1,
                单位名称="天津示例1号仪器制造有限公司",
                联系人="另一人",
                发证日期="2021-06-01",
                有效期至="2026-05-31",
                保存地点="新楼",
                计量标准考核证书号="〔2016〕津量标企证字第1号",
            )
        )
    )
    assert FormerName.objects.count() == 1

    undo_import(batch, actor=None, note="再核对")

    unit = Unit.objects.get()
    assert (unit.name, unit.contact_name) == ("天津示例1号仪器有限公司", "示例人")
    assert not FormerName.objects.exists()
    assert unit.standards.get().storage_place == "计量室1"
    certificate = StandardCertificate.objects.get()
    assert certificate.valid_until == dt.date(2021, 5, 31)
    assert certificate.state == CertificateState.EXPIRED


def test_undo_takes_the_number_from_a_draft_again(commit):
    commit(sheet(row(1, 计量标准考核证书号="在办", 发证日期="", 有效期至="")))
    batch = commit(sheet(row(1)))

    undo_import(batch, actor=None, note="再核对")

    certificate = StandardCertificate.objects.get()
    assert (certificate.number, certificate.identity) == ("", "")
    assert certificate.state == CertificateState.DRAFT
    assert certificate.valid_until is None


def test_undo_keeps_a_unit_that_was_there_before(commit):
    unit = UnitFactory(name="天津示例1号仪器有限公司", uscc=CODES[0], contact_name="")
    batch = commit(sheet(row(1)))

    undo_import(batch, actor=None, note="再核对")

    unit.refresh_from_db()
    assert unit.contact_name == ""
    assert not unit.standards.exists()


def test_undo_is_refused_once_something_refers_to_a_created_row(commit):
    batch = commit(sheet(row(1)))
    DutyFactory(unit=Unit.objects.get(), authority=None)

    with pytest.raises(ValidationError, match="应办事项"):
        undo_import(batch, actor=None, note="再核对")

    assert Unit.objects.count() == 1
    assert batch.state == "committed"


def test_undo_is_refused_when_a_created_unit_got_another_standard(commit):
    batch = commit(sheet(row(1)))
    StandardFactory(unit=Unit.objects.get(), name="示例天平检定装置")

    with pytest.raises(ValidationError, match="计量标准“示例天平检定装置”"):
        undo_import(batch, actor=None, note="再核对")


def test_undo_is_refused_after_a_later_list(commit):
    first = commit(sheet(row(1)), name="第一份.xlsx")
    commit(sheet(row(1)), name="第二份.xlsx")

    with pytest.raises(ValidationError, match=r"第二份\.xlsx"):
        undo_import(first, actor=None, note="再核对")


def test_undo_is_refused_when_a_value_was_changed_again(commit):
    commit(sheet(row(1)), name="一.xlsx")
    batch = commit(sheet(row(1, 联系人="另一人")), name="二.xlsx")
    Unit.objects.update(contact_name="第三人")

    with pytest.raises(ValidationError, match="入库后修改过的建标单位"):
        undo_import(batch, actor=None, note="再核对")


def test_undo_needs_a_reason_and_a_committed_list(commit, read):
    batch = commit(sheet(row(1)))

    with pytest.raises(ValidationError, match="理由"):
        undo_import(batch, actor=None, note=" ")
    with pytest.raises(TransitionError):
        undo_import(read(sheet(row(2))), actor=None, note="再核对")
