"""A list older than what the office has recorded since: nothing of it is undone without a question."""

import datetime as dt
import io
import json
import random
from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from metrostd.changes.services import approve_change
from metrostd.common import clock
from metrostd.lists.imports import commit_import, reparse, undo_import
from metrostd.lists.imports.likeness import one_body, one_standard
from metrostd.registry.enums import ChangeKind
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from metrostd.registry.moves import certificate as certificate_moves
from metrostd.registry.services import update_standard, update_unit
from metrostd.registry.services.merging import merge_units
from metrostd.registry.services.registering import register_standard
from tests.factories.accounts import UserFactory
from tests.factories.changes import ChangeFactory
from tests.factories.lists import row, sheet
from tests.factories.registry import UnitFactory

pytestmark = pytest.mark.django_db
LATER = clock.at_time(dt.date(2021, 9, 6), 10)
UNITS = 24


def the_list(**changes):
    return sheet(*(row(n, **changes) for n in range(1, UNITS + 1)))


def register():
    """Everything a list could write over."""
    return {
        "units": list(
            Unit.objects.order_by("pk").values_list(
                "pk", "name", "uscc", "actual_address", "contact_name", "contact_phone"
            )
        ),
        "standards": list(
            MeasurementStandard.objects.order_by("pk").values_list(
                "pk", "unit", "name", "storage_place", "responsible_person", "category"
            )
        ),
        "certificates": list(
            StandardCertificate.objects.order_by("pk").values_list(
                "pk", "standard", "number", "issue_date", "valid_until", "state"
            )
        ),
    }


def current(unit):
    return StandardCertificate.objects.get(standard__unit=unit, is_current=True)


def renewal(unit, dice, actor):
    certificate = current(unit)
    certificate_moves.apply_for_change(certificate, actor=actor, note="量程变化")
    certificate_moves.renew(
        certificate, actor=actor, issue_date=dt.date(2021, 8, 1), valid_until=dt.date(2026, 7, 31)
    )


def reexamination(unit, dice, actor):
    certificate_moves.apply_for_change(current(unit), actor=actor, note="项目增加")


def application(unit, dice, actor):
    kind = dice.choice([ChangeKind.SEAL, ChangeKind.WITHDRAW])
    record = ChangeFactory(standard=current(unit).standard, kind=kind)
    approve_change(
        record,
        base_version=record.version,
        actor=actor,
        opinion="同意",
        opinion_by="示例负责人",
        decided_on=record.unit_opinion_on,
        certificate_returned_on=record.unit_opinion_on,
    )


def sealed_and_resumed(unit, dice, actor):
    certificate = current(unit)
    certificate_moves.seal(certificate, actor=actor, note="检修")
    certificate_moves.resume(
        certificate,
        actor=actor,
        note="复查合格",
        on=dt.date(2021, 9, 6),
        issue_date=dt.date(2021, 9, 1),
        valid_until=dt.date(2026, 8, 31),
    )


def hand_edit(unit, dice, actor):
    field = dice.choice(["contact_name", "contact_phone", "actual_address"])
    update_unit(unit, base_version=unit.version, values={field: f"改{unit.pk}"}, actor=actor)


def hand_edit_of_a_standard(unit, dice, actor):
    standard = current(unit).standard
    values = {"storage_place": f"新楼{unit.pk}"}
    update_standard(standard, base_version=standard.version, values=values, domains=[], actor=actor)


ACTS = (renewal, reexamination, application, sealed_and_resumed, hand_edit, hand_edit_of_a_standard)


def merge(survivor, gone, dice, actor):
    take = dice.sample(["contact_name", "contact_phone", "actual_address"], 2)
    versions = (survivor.version, gone.version)
    merge_units(survivor, gone, versions=versions, take=take, actor=actor, note="同一单位")


@pytest.mark.parametrize("seed", range(6))
def test_twenty_things_recorded_after_a_list_stand_when_it_is_read_again(
    commit, read, seed, tmp_path
):
    dice = random.Random(seed)
    commit(the_list())
    actor = UserFactory()
    units = list(Unit.objects.order_by("pk"))
    dice.shuffle(units)
    with clock.pinned(LATER):
        merged = []
        for _ in range(4):
            merged.append(units.pop())
            merge(merged[-1], units.pop(), dice, actor)
        for unit in units[:16]:
            unit.refresh_from_db()
            dice.choice(ACTS)(unit, dice, actor)
    before = register()

    with clock.pinned(LATER):
        batch = read(the_list(联系电话="13900000000"))
        asked = Counter(conflict["code"] for conflict in batch.conflicts)
        commit_import(batch, actor=None)

    # Only the number the new list alone speaks of has changed, where nobody recorded another.
    after = register()
    assert after["standards"] == before["standards"]
    assert after["certificates"] == before["certificates"]
    assert [u[:5] for u in after["units"]] == [u[:5] for u in before["units"]]
    phones = {unit[0]: unit[5] for unit in before["units"]}
    settled = {unit.pk for unit in merged}
    assert {u[5] for u in after["units"] if u[0] in settled} == {phones[pk] for pk in settled}
    assert any(unit[5] == "13900000000" for unit in after["units"])
    assert asked["REG_EDITED"] >= 4
    assert all(conflict["default"] for conflict in batch.conflicts)


def test_a_renewal_is_a_question_in_the_dry_run_and_taken_when_somebody_says_so(
    commit, read, tmp_path
):
    commit(sheet(row(1)))
    actor = UserFactory()
    with clock.pinned(LATER):
        renewal(Unit.objects.get(), None, actor)
    path = tmp_path / "名单.xlsx"
    path.write_bytes(sheet(row(1)))

    out = io.StringIO()
    call_command("import_units", str(path), issuer="120000", format="json", stdout=out)

    issues = [i for i in json.loads(out.getvalue())["issues"] if i["code"] == "REG_EDITED"]
    assert {issue["found"] for issue in issues} == {"2018-06-01", "2023-05-31"}
    assert all("复查合格换证" in i["advice"] and actor.display_name in i["advice"] for i in issues)
    batch = read(sheet(row(1)))
    chosen = {c["key"]: "take" for c in batch.conflicts}
    reparse(batch, actor=None, decisions=chosen)
    commit_import(batch, actor=None)
    assert current(Unit.objects.get()).valid_until == dt.date(2023, 5, 31)
    assert read(sheet(row(1, 有效期至="2023-05-30"))).conflicts == []


def test_a_list_taken_back_gives_back_who_had_recorded_what_it_wrote_over(commit, read):
    commit(sheet(row(1)))
    unit = Unit.objects.get()
    hand = {"contact_name": "人工改的"}
    update_unit(unit, base_version=unit.version, values=hand, actor=UserFactory())
    batch = read(sheet(row(1, 联系人="名单上的")))
    reparse(batch, actor=None, decisions={batch.conflicts[0]["key"]: "take"})
    commit_import(batch, actor=None)
    undo_import(batch, actor=None, note="有误")

    assert [c["code"] for c in read(sheet(row(1, 联系人="名单上的"))).conflicts] == ["REG_EDITED"]


@pytest.mark.parametrize(
    ("choice", "name"), [("keep", "甲乙丙丁科技"), ("take", "list"), ("skip", "甲乙丙丁科技")]
)
def test_unlike_names_for_one_credit_code_are_decided_first(commit, read, choice, name):
    commit(sheet(row(1)))
    Unit.objects.update(name="甲乙丙丁科技", name_key="甲乙丙丁科技")
    batch = read(sheet(row(1)))
    (conflict,) = batch.conflicts

    assert (conflict["code"], conflict["default"]) == ("REG_OTHER_NAME", "")
    assert batch.summary["conflicts"]["open"] == 1
    reparse(batch, actor=None, decisions={conflict["key"]: choice})
    if choice != "skip":
        commit_import(batch, actor=None)
    wanted = "天津示例1号仪器有限公司" if name == "list" else name
    assert Unit.objects.get().name == wanted


@pytest.mark.parametrize("choice", ["keep", "take", "skip"])
def test_another_standard_under_one_number_is_decided_first(commit, read, choice):
    commit(sheet(row(1)))
    batch = read(sheet(row(1, 计量标准名称="示例衡器检定装置", 保存地点="新楼")))
    (conflict,) = batch.conflicts

    assert (conflict["code"], conflict["default"]) == ("REG_OTHER_STANDARD", "")
    assert batch.rows.get().change == "conflict"
    reparse(batch, actor=None, decisions={conflict["key"]: choice})
    if choice != "skip":
        commit_import(batch, actor=None)
    standard = MeasurementStandard.objects.get()
    assert (standard.name, standard.storage_place) == {
        "keep": ("示例压力表检定装置", "新楼"),
        "take": ("示例衡器检定装置", "新楼"),
        "skip": ("示例压力表检定装置", "计量室1"),
    }[choice]


def test_a_certificate_registered_by_hand_keeps_its_dates_until_somebody_says_otherwise(read, city):
    unit = UnitFactory(name="天津示例1号仪器有限公司", uscc="91120116MA0TE5T16U")
    values = {
        "name": "示例压力表检定装置",
        "category": "ent_highest",
        "issuing_authority": city,
        "hosting_authority": city,
    }
    with clock.pinned(clock.at_time(dt.date(2021, 9, 6), 1)):  # the day before in UTC
        register_standard(
            unit,
            values=values,
            domains=[],
            number="〔2018〕津量标企证字第001号",
            issue_date=dt.date(2020, 6, 1),
            valid_until=dt.date(2025, 5, 31),
            issue_kind="reexamination",
            on=clock.today(),
            actor=UserFactory(),
        )

        batch = read(sheet(row(1)))
        commit_import(batch, actor=None)

    found = {c["found"]: c["about"] for c in batch.conflicts if c["code"] == "REG_EDITED"}
    assert found.keys() >= {"2018-06-01", "2023-05-31"}
    assert "于2021-09-06“登记证书”" in found["2023-05-31"]
    assert current(unit).valid_until == dt.date(2025, 5, 31)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("天津云杉仪表有限公司", "天津云杉测控技术有限公司", True),
        ("天津云杉仪表有限公司", "云杉仪表（天津）股份有限公司", True),
        ("天津市第一机床厂", "天津市第一机床有限公司", True),
        ("天津云杉仪表有限公司", "天津红松仪表有限公司", False),
        ("天津海河电子科技有限公司", "天津渤海电子科技有限公司", False),
        ("天津市津南区计量检定所", "天津市北辰区计量检定所", False),
        ("天津示例1号仪器有限公司", "天津示例2号仪器有限公司", False),
        ("天津市第一机床厂", "天津市第二机床厂", False),
        ("天津市计量检测中心", "天津市电子仪器有限公司", False),
    ],
)
def test_only_the_same_trade_name_is_a_new_spelling(one, other, alike):
    assert one_body(one, other) is one_body(other, one) is alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("精密压力表标准装置", "0.05级精密压力表检定装置", True),
        ("活塞式压力计标准装置", "活塞压力计标准装置", True),
        ("压力表检定装置", "压力变送器检定装置", False),
        ("一等铂电阻温度计标准装置", "二等铂电阻温度计标准装置", False),
        ("F1等级砝码标准装置", "F2等级砝码标准装置", False),
        ("砝码标准装置", "天平检定装置", False),
    ],
)
def test_another_class_or_instrument_is_another_standard(one, other, alike):
    assert one_standard(one, other) is one_standard(other, one) is alike


def test_a_code_of_another_company_of_the_same_trade_renames_nobody(commit, read):
    commit(sheet(row(1, 单位名称="天津海河电子科技有限公司")))

    batch = read(
        sheet(
            row(
                1,
                单位名称="天津渤海电子科技有限公司",
                计量标准考核证书号="〔2018〕津量标企证字第009号",
            )
        )
    )

    assert [c["code"] for c in batch.conflicts if not c["default"]] == ["REG_OTHER_NAME"]
    with pytest.raises(ValidationError):
        commit_import(batch, actor=None)
    assert Unit.objects.get().name == "天津海河电子科技有限公司"
