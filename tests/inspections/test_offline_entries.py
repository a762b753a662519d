"""带走 beyond the items of Annex 1: bureaus with their case files, what is measured, and 现场笔录."""

import datetime as dt
import json
import uuid
from decimal import Decimal as N

import pytest

from inspections.enums import InterviewState, TaskState
from inspections.interviews import moves as interview_moves
from inspections.interviews import papers
from inspections.measured import acts
from inspections.models import (
    CaseRecord,
    ChecklistAnswer,
    Evidence,
    Interview,
    InterviewSignature,
    LeaseReceipt,
    SiteEnvironment,
    SiteExperiment,
)
from inspections.moves import task as task_moves
from inspections.offline.shown import shown_digest
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from tests.factories.inspections import STROKES, png

from .bureau_story import make_bureau_visit
from .device import PICTURE, Device, sha
from .story import FACT, make_visit

pytestmark = pytest.mark.django_db
EN = {
    "subject": "0.4级精密压力表，6 MPa",
    "unit_symbol": "MPa",
    "day_0": "2021-06-15",
    "readings_0": "6.010 6.012 6.014",
    "reference": "6.002",
    "source": "传递标准",
    "u_lab": "0.006",
    "u_ref": "0.008",
    "k": "2",
    "note": "",
}
AROUND = {"temperature": "23.5", "temperature_low": "18", "temperature_high": "22", "basis": "规程"}


def pairs(values):
    return [[name, value] for name, value in values.items()]


@pytest.fixture
def filling(visit):
    made = visit.assign().start()
    for member in (made.leader, made.officer):
        member.user.act_as(member)
    return made


@pytest.fixture
def device(filling):
    return Device(filling.leader).take(filling.task)


@pytest.fixture
def bureau(db):
    return make_bureau_visit(cases=2).assign().notify().request_files().start()


@pytest.fixture
def tablet(bureau):
    return Device(bureau.leader).take(bureau.task)


def measure(device, visit, values=None, *, entry, version=0, **more):
    content = {
        "sheet_id": visit.standard_sheet().pk,
        "entry": entry,
        "method": "check_en",
        "fields": pairs({**EN, **(values or {})}),
        "version": version,
    }
    return device.send("experiment", {**content, **more.pop("content", {})}, **more)


def surround(device, visit, values=None, *, version=0, **more):
    content = {"sheet_id": visit.standard_sheet().pk, "version": version}
    content["fields"] = pairs({**AROUND, **(values or {})})
    return device.send("environment", {**content, **more})


# Bureaus ------------------------------------------------------------------------------------------


def test_a_bureau_is_taken_along_with_every_case_file_and_the_facts_asked_of_it(tablet, bureau):
    bundle = tablet.bundle()

    assert bundle["task"]["title"] == str(bureau.task.bureau)
    assert [len(each["items"]) for each in bundle["sheets"]] == [14, 27, 27]
    assert [[f["title"] for f in each["forms"]] for each in bundle["sheets"]] == [
        [],
        ["案卷要素"],
        ["案卷要素"],
    ]
    markup = bundle["sheets"][1]["forms"][0]["html"]
    assert 'name="accepted_on"' in markup
    assert "csrfmiddlewaretoken" not in markup
    assert "系统预判" in "".join(s["html"] for s in bundle["sheets"][1]["sections"])


def test_annex_2_is_answered_proved_signed_and_ended_from_a_device(tablet, bureau):
    case = bureau.case()
    rows = {row.pk: row for row in ChecklistAnswer.objects.filter(sheet__task=bureau.task)}
    for row in rows.values():
        bad = row.sheet_id == case.pk and row.item.code == "P02"
        tablet.answer(row, "deficient" if bad else "conform", FACT)
    proved = case.answers.get(item__code="P02")
    assert tablet.photo(proved, png("red")).status_code == 200
    filled = {
        "sheet_id": case.pk,
        "version": 0,
        "fields": pairs({"accepted_on": "2021-04-30", "organised_on": "2021-05-18"}),
    }
    said = tablet.send("case_record", filled)
    for sheet in bureau.task.sheets.order_by("pk"):
        value = "deficient" if sheet.pk == case.pk else "conform"
        content = {"sheet_id": sheet.pk, "conclusion": value, "reason": ""}
        assert tablet.send("conclusion", content).status_code == 200
    assert tablet.send("to_signing", {}).status_code == 200
    shown = shown_digest(bureau.task)
    entries = {f"case_record:{case.pk}": {"version": 1}}
    old = tablet.sign(shown, "unit", name="示例局", position="科长", entries={})
    assert "与现在的检查表不一致" in old.json()["sentence"]
    bureau.sign_team()
    done = tablet.sign(shown, "unit", name="示例局", position="科长", entries=entries)
    end = tablet.send("conclude", {})

    assert said.json()["result"] == {"version": 1}
    assert CaseRecord.objects.get(sheet=case).organised_on == dt.date(2021, 5, 18)
    assert [done.status_code, end.status_code] == [200, 200]
    bureau.task.refresh_from_db()
    assert bureau.task.state == TaskState.CONCLUDED
    assert Evidence.objects.filter(sheet=case).count() == 1
    assert bureau.review.problems.count() == 1


def test_a_case_file_two_people_filled_in_is_shown_with_both_values(tablet, bureau):
    case = bureau.case()
    bureau.record(accepted_on=dt.date(2021, 4, 30))
    mine = {"sheet_id": case.pk, "fields": pairs({"accepted_on": "2021-05-06"}), "version": 0}

    answer = tablet.send("case_record", mine).json()
    kept = tablet.send("case_record", {**mine, "version": 1, "lost": [["accepted_on", "4月30日"]]})

    assert answer["outcome"] == "conflict"
    assert answer["fields"]["受理日期"] == ["2021年4月30日", "2021年5月6日"]
    assert answer["fresh"]["version"] == 1
    assert 'value="2021-04-30"' in answer["fresh"]["html"]
    assert kept.json()["result"] == {"version": 2}
    settled = AuditEntry.objects.get(action="sheet.settle")
    assert settled.before == [["accepted_on", "4月30日"]]


# What is measured ---------------------------------------------------------------------------------


def test_an_experiment_is_judged_on_arrival_and_counts_once(device, filling):
    entry, own = str(uuid.uuid4()), str(uuid.uuid4())

    first = measure(device, filling, entry=entry, own=own)
    again = measure(device, filling, entry=entry, own=own)

    assert first.json() == again.json()
    said = first.json()["result"]
    assert (said["version"], said["place"]) == (1, 1)
    assert said["lines"][0]["verdict"] == "满意"
    assert "= 1 ≤ 1" in said["lines"][0]["words"]
    assert SiteExperiment.objects.get().client_id == uuid.UUID(entry)


def test_a_correction_waits_for_what_it_corrects_and_one_by_a_colleague_is_not_written_over(
    device, filling
):
    entry, first = str(uuid.uuid4()), str(uuid.uuid4())
    later = {"content": {"base_after": first, "version": None}}

    early = measure(device, filling, {"reference": "6.1"}, entry=entry, **later)
    measure(device, filling, entry=entry, own=first)
    late = measure(device, filling, {"reference": "6.1"}, entry=entry, **later)
    stale = measure(device, filling, {"reference": "6.0"}, entry=entry, version=1)

    assert early.json() == {"outcome": "parts", "parts": [first]}
    assert late.json()["result"]["lines"][0]["verdict"] == "不满意"
    assert stale.json()["outcome"] == "conflict"
    assert stale.json()["fresh"]["version"] == 2
    sheet = filling.standard_sheet().pk
    lost = {"sheet_id": sheet, "about": "experiment", "entry": entry, "lost": pairs(EN)}
    assert device.send("give_way", lost).json()["result"] == {"version": 2}
    gone = device.send("withdraw", {"sheet_id": sheet, "entry": entry})
    assert gone.json()["result"]["withdrawn"]
    assert not SiteExperiment.objects.filter(withdrawn_at=None).exists()


def test_the_environment_is_compared_and_a_stale_one_shows_both_values(device, filling):
    done = surround(device, filling)
    acts.save_environment(
        filling.standard_sheet(),
        {"temperature": N(21)},
        base_version=1,
        actor=filling.officer.user,
    )
    stale = surround(device, filling, {"temperature": "24"}, version=1)

    assert done.json()["result"]["lines"][0]["verdict"] == "超出规定"
    assert stale.status_code == 409
    assert stale.json()["fields"]["温度"] == ["21", "24"]
    assert SiteEnvironment.objects.get().temperature == 21


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"readings_0": "6.01 六"}, "不是数"),
        ({"u_lab": "0"}, "应当大于零"),
        ({"reference": ""}, "请填写参考值"),
    ],
)
def test_what_the_form_refuses_is_told_in_its_words(device, filling, values, sentence):
    answer = measure(device, filling, values, entry=str(uuid.uuid4()))

    assert (answer.status_code, answer.json()["outcome"]) == (422, "refused")
    assert sentence in answer.json()["sentence"]
    assert not LeaseReceipt.objects.exists()


def test_records_that_are_none_of_these_get_a_sentence(device, filling):
    sheet = filling.standard_sheet().pk
    entry = str(uuid.uuid4())
    bad = (
        ("environment", {"sheet_id": sheet, "fields": [["x"]], "version": 0}),
        ("environment", {"sheet_id": sheet, "fields": "x", "version": 0}),
        ("environment", {"sheet_id": filling.sheet(None).pk, "fields": [], "version": 0}),
        ("case_record", {"sheet_id": sheet, "fields": [], "version": 0}),
        ("experiment", {"sheet_id": sheet, "fields": [], "version": 0, "entry": "1"}),
        ("experiment", {"sheet_id": sheet, "fields": [], "version": 0, "entry": entry}),
        ("give_way", {"sheet_id": sheet, "about": "environment"}),
        ("undersign", {"who": "own"}),
    )

    for kind, content in bad:
        assert device.send(kind, content).status_code == 422, (kind, content)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, r'{"about": "\ud800"}'])
def test_a_record_nested_without_end_or_with_half_a_character_is_no_fault_of_ours(device, text):
    data = {"id": str(uuid.uuid4()), "seq": 1, "kind": "environment", "content": text}

    answer = device.post("lease_record", {**data, "hash": sha(text), "after": ""})

    assert answer.status_code == 422
    assert "无法识别" in answer.content.decode("unicode_escape")


def test_what_comes_after_the_visit_was_concluded_or_given_to_others_is_explained(device, filling):
    filling.task.team.filter(membership=filling.leader).delete()
    others = measure(device, filling, entry=str(uuid.uuid4()))
    filling.task.team.create(membership=filling.leader, role="leader")
    filling.fill().conclude_sheets()
    task_moves.to_signing(filling.task, actor=filling.leader.user)
    locked = surround(device, filling)

    assert others.status_code == 403
    assert "可以导出，交给现在的检查组" in others.json()["sentence"]
    assert locked.status_code == 409
    assert "检查表不能再填写" in locked.json()["sentence"]
    assert locked.json()["state_label"] == "待签字"


# 现场笔录 ------------------------------------------------------------------------------------------

BEGUN = {
    "person": "示例甲",
    "position": "计量室主任",
    "place": "示例路1号",
    "began_at": "2021-06-15T10:00",
}
LINES = [["身份看清楚了吗？", "看清楚了。"], ["这台砝码最近一次溯源是什么时候？", "2021年3月。"]]


def begin(device, **more):
    content = {"fields": pairs(BEGUN), "lines": LINES, "remark": "核对无误"}
    return device.send("interview", {**content, **more})


def undersign(device, base, who, **more):
    ink = {"image": PICTURE, "strokes": json.dumps(STROKES)}
    return device.send("undersign", {**base, **ink, "who": who}, **more)


def test_an_interview_written_and_signed_on_a_device_arrives_once(device, filling):
    own = str(uuid.uuid4())
    content = {"fields": pairs(BEGUN), "lines": LINES, "remark": "核对无误"}
    early = undersign(device, {"base_after": own}, "person")
    first = device.send("interview", content, own=own)
    again = device.send("interview", content, own=own)
    person = undersign(device, {"base_after": own}, "person")
    leader = undersign(device, {"base_after": own}, "own")

    assert early.json()["outcome"] == "parts"
    assert first.json() == again.json()
    assert [person.status_code, leader.status_code] == [200, 200]
    row = Interview.objects.get()
    assert (row.lines, row.person, row.state) == (LINES, "示例甲", InterviewState.DRAFT)
    assert list(InterviewSignature.objects.values_list("name", flat=True)) == [
        "示例甲",
        str(filling.leader.user),
    ]
    assert device.bundle()["interviews"]["rows"][0]["person_signed"]


def test_a_signature_on_a_device_whose_clock_is_a_day_ahead_has_the_portals_time(device):
    base = begin(device).json()["result"]
    ahead = (clock.now() + dt.timedelta(days=1)).timestamp()
    claimed = {"at": int((ahead - 60) * 1000), "now": int(ahead * 1000)}

    undersign(device, base, "person", **claimed)

    signed = InterviewSignature.objects.get().signed_at
    assert device.row.created_at <= signed <= clock.now()


def test_an_interview_changed_by_a_colleague_shows_both_and_is_settled_with_a_trace(
    device, filling
):
    made = begin(device).json()["result"]
    row = Interview.objects.get()
    interview_moves.write(
        row,
        actor=filling.officer.user,
        lines=[*LINES[:1], [LINES[1][0], "2020年3月。"]],
        remark="核对无误",
        seen=papers.content_hash(row),
    )
    base = {"interview": made["interview"], "seen": made["seen"]}
    mine = {**base, "lines": [*LINES, ["还有吗？", "没有。"]], "remark": ""}

    signed = undersign(device, base, "person")
    stale = device.send("interview", mine)
    said = stale.json()
    kept = device.send("interview", {**mine, "seen": said["fresh"]["seen"], "lost": LINES})

    assert signed.status_code == 409
    assert said["outcome"] == "conflict"
    assert said["fields"]["第2问"][0].endswith("2020年3月。")
    assert said["fields"]["第3问"][0] == ""
    assert kept.status_code == 200
    row.refresh_from_db()
    assert row.lines[2] == ["还有吗？", "没有。"]
    give = {"interview": row.pk, "seen": kept.json()["result"]["seen"], "lost": LINES}
    assert device.send("give_way", give).json()["result"]["interview"] == row.pk
    assert AuditEntry.objects.about(row).filter(action="interview.settle").count() == 2


def test_an_interview_that_was_closed_meanwhile_is_not_written_into(device, filling):
    made = begin(device).json()["result"]
    interview_moves.void(Interview.objects.get(), actor=filling.leader.user, note="记错人")
    late = device.send(
        "interview",
        {"interview": made["interview"], "seen": made["seen"], "lines": LINES, "remark": ""},
    )

    assert (late.status_code, late.json()["outcome"]) == (409, "refused")
    assert "不能再改" in late.json()["sentence"]


def test_nobody_reaches_an_interview_of_another_visit(device):
    there = make_visit().assign().start()
    there.leader.user.act_as(there.leader)
    base = begin(Device(there.leader).take(there.task)).json()["result"]

    assert undersign(device, base, "own").status_code == 404
    assert device.send("interview", {**base, "lines": LINES, "remark": ""}).status_code == 404
