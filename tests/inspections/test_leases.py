"""带走: what a device sends counts once, in the state the visit is in now; nothing is lost and nobody else's is taken."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from inspections.enums import LeaseState, TaskState, TeamRole
from inspections.models import (
    ChecklistAnswer,
    Evidence,
    LeasePiece,
    LeaseReceipt,
    Signature,
    TaskLease,
)
from inspections.moves import task as task_moves
from inspections.offline.moments import from_millis, happened_at
from inspections.offline.shown import shown_digest
from metrostd.accounts.models import SignInCounter
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.refused_access import OUT_OF_SCOPE
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import png

from .device import AUTOSAVE, Device, sha
from .story import FACT, VISIT, make_visit

pytestmark = pytest.mark.django_db
PASSWORD = "示例-Signing-2021"


@pytest.fixture
def filling(visit):
    return visit.assign().start()


@pytest.fixture
def device(filling):
    return Device(filling.leader).take(filling.task)


def row_of(visit, code="A01") -> ChecklistAnswer:
    return visit.standard_sheet().answers.get(item__code=code)


def noise(size=100_000) -> bytes:
    """A picture that does not compress, so that it has several pieces."""
    import io
    import random

    from PIL import Image

    side = int((size / 3) ** 0.5)
    data = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(7).randbytes(side * side * 3)).save(
        data, "PNG"
    )
    return data.getvalue()


# Taken along --------------------------------------------------------------------------------------


def test_taking_along_leaves_a_trail_and_the_key_stays_sealed(device, filling):
    said = AuditEntry.objects.about(filling.task).filter(action="task.take_along").get()

    assert said.note == f"{filling.leader.user}的其他"
    kinds = [*AccessEntry.objects.filter(actor=filling.leader.user).values_list("kind", flat=True)]
    assert kinds == ["离线密钥"]
    answer = device.post("lease_key")
    assert answer.json()["key"] not in device.row.key
    assert AccessEntry.objects.filter(kind="离线密钥").count() == 2


def test_the_bundle_holds_the_markup_of_every_item_and_what_the_device_judges_by(device, filling):
    bundle = device.bundle()

    sheet = next(each for each in bundle["sheets"] if each["id"] == filling.standard_sheet().pk)
    items = {each["code"]: each for each in sheet["items"]}
    assert len(items) == filling.standard_sheet().answers.count()
    assert items["F01"]["fault_if_inapplicable"]
    assert items["A01"]["key"]
    assert not items["A02"]["key"]
    assert items["F01"]["against_source"] == "现场实验结果为"
    assert items["A02"]["against_source"] == "台账记载"
    markup = "".join(each["html"] for each in sheet["sections"])
    assert all(f'id="item-{code}"' in markup for code in items)
    assert "csrfmiddlewaretoken" not in markup
    assert str(filling.leader.user) in bundle["watermark"]
    assert bundle["me"] == {"name": str(filling.leader.user), "leads": True, "officer": True}
    assert AccessEntry.objects.filter(kind="带走").count() == 1


def test_only_the_team_takes_along_and_only_its_member_opens_a_lease(client, device, filling):
    take = reverse("inspections:take_along", args=[filling.task.pk])
    sign_in(client, filling.office)
    assert client.post(take).status_code == 403
    sign_in(client, filling.unit)
    devices = reverse("inspections:devices", args=[filling.task.pk])
    assert client.get(devices).status_code == 403
    assert not TaskLease.objects.visible_to(filling.unit.user).exists()
    sign_in(client, filling.officer)
    for route in ("lease_key", "lease_record", "lease_piece", "lease_return"):
        assert client.post(reverse(f"inspections:{route}", args=[device.lease])).status_code == 403
    assert client.get(reverse("inspections:lease_bundle", args=[device.lease])).status_code == 403
    sign_in(client, MembershipFactory(role="district_inspector"))
    assert client.post(reverse("inspections:lease_key", args=[device.lease])).status_code == 404


# Records ------------------------------------------------------------------------------------------


def test_the_same_record_twice_counts_once(device, filling):
    row, own = row_of(filling), str(uuid.uuid4())

    first = device.answer(row, "conform", own=own)
    again = device.answer(row, "conform", own=own)

    assert first.json() == again.json()
    assert first.json()["result"]["version"] == 1
    assert AuditEntry.objects.about(row).count() == 1
    assert LeaseReceipt.objects.filter(client_id=own).count() == 1


def test_the_rest_of_a_section_is_noted_from_a_device_too(device, filling):
    row = row_of(filling)

    device.send(
        "answer",
        {"answer_id": row.pk, "answer": "conform", "note": "", "version": 0, "rest": True},
    )

    assert AuditEntry.objects.about(row).get().note == "逐节确认：其余符合"


def test_other_content_under_a_known_id_is_not_taken(device, filling):
    row, own = row_of(filling), str(uuid.uuid4())
    device.answer(row, "conform", own=own)

    answer = device.answer(row, "nonconform", FACT, own=own)

    assert answer.status_code == 422
    assert "同一编号已收到过不同的内容" in answer.json()["sentence"]
    row.refresh_from_db()
    assert row.answer == "conform"


def test_content_damaged_on_its_way_is_not_taken(device, filling):
    answer = device.answer(row_of(filling), "conform", hash="0" * 64)

    assert answer.status_code == 422
    assert not LeaseReceipt.objects.exists()


def test_an_edit_stands_on_the_one_before_that_was_still_on_the_device(device, filling):
    row, first = row_of(filling, "A02"), str(uuid.uuid4())
    follows = {"answer_id": row.pk, "answer": "deficient", "note": FACT, "base_after": first}

    early = device.send("answer", follows)
    device.answer(row, "conform", own=first)
    late = device.send("answer", follows)

    assert early.json() == {"outcome": "parts", "parts": [first]}
    assert late.json()["result"] == {"version": 2, "answer": "deficient", "note": FACT}


def test_a_stale_edit_is_refused_with_both_values_and_settled_with_a_trace(device, filling):
    row = row_of(filling)
    filling.answer("A01", "nonconform", FACT, actor=filling.officer)

    refused = device.answer(row, "conform", "设备齐全")
    said = refused.json()
    lost = {"answer": "conform", "note": "设备齐全"}
    settled = device.send("give_way", {"answer_id": row.pk, "lost": lost})
    mine = device.send(
        "answer",
        {"answer_id": row.pk, **lost, "version": said["version"], "lost": said["theirs"]},
    )

    assert refused.status_code == 409
    assert said["outcome"] == "conflict"
    assert said["theirs"] == {"answer": "nonconform", "note": FACT}
    assert said["theirs_by"] == str(filling.officer.user)
    assert settled.json()["result"]["answer"] == "nonconform"
    assert mine.json()["result"]["version"] == 2
    kept = AuditEntry.objects.about(row).filter(action="sheet.settle").order_by("pk")
    assert [each.before for each in kept] == [lost, {"answer": "nonconform", "note": FACT}]


def test_what_a_colleague_may_not_judge_is_refused_from_a_device_too(filling):
    assessor = MembershipFactory(role="assessor", authority=filling.task.authority)
    filling.task.team.create(membership=assessor, role=TeamRole.ASSESSOR)
    device = Device(assessor).take(filling.task)

    answer = device.answer(row_of(filling, "H01"), "conform")

    assert answer.status_code == 403
    assert "由组长或者执法人员判定" in answer.json()["sentence"]


@pytest.mark.parametrize("content", ["[]", "nothing", '{"answer_id": "1"}', '{"answer_id": true}'])
def test_a_record_that_is_no_record_gets_a_sentence(device, content):
    data = {
        "id": uuid.uuid4(),
        "seq": 1,
        "kind": "answer",
        "content": content,
        "hash": sha(content),
    }

    assert device.post("lease_record", data).status_code == 422
    assert device.post("lease_record", {**data, "id": "x"}).status_code == 422
    assert "不认识" in device.post("lease_record", {**data, "kind": "x"}).json()["sentence"]


def test_an_item_of_another_visit_is_not_reached(device, filling):
    other = make_visit().assign().start()

    answer = device.answer(row_of(other), "conform")

    assert (answer.status_code, answer.json()["outcome"]) == (404, "refused")
    assert row_of(other).answer == ""
    assert AccessEntry.objects.filter(kind=OUT_OF_SCOPE).count() == 1


# Files --------------------------------------------------------------------------------------------


def test_a_file_arrives_in_pieces_each_as_often_as_the_network_wants(device, filling):
    row, data = row_of(filling), noise()
    own = str(uuid.uuid4())

    missing = device.photo(row, data, own=own, skip={1})
    done = device.photo(row, data, own=own)
    again = device.photo(row, data, own=own)

    assert missing.json() == {"outcome": "parts", "parts": [1]}
    assert done.json() == again.json()
    kept = Evidence.objects.get()
    with kept.file.content.open("rb") as file:
        assert file.read() == data
    assert kept.name == "现场.png"
    assert not LeasePiece.objects.exists()


def test_the_same_bytes_at_two_items_are_two_pieces_of_evidence(device, filling):
    data = png("red")
    device.photo(row_of(filling, "A01"), data)
    device.photo(row_of(filling, "A02"), data)

    assert Evidence.objects.count() == 2
    assert len({each.file_id for each in Evidence.objects.all()}) == 1


def test_damaged_pieces_and_files_are_not_kept(device, filling):
    upload = str(uuid.uuid4())

    assert device.piece(upload, 0, b"x", digest="0" * 64).status_code == 422
    assert device.piece(upload, 0, b"x" * (1024 * 1024 + 1)).status_code == 422
    assert device.piece("x", 0, b"x").status_code == 422
    assert device.piece(upload, 0, b"one").status_code == 200
    assert device.piece(upload, 0, b"two").status_code == 422
    row = row_of(filling)
    content = {"answer_id": row.pk, "name": "a.png", "upload": upload, "pieces": 1, "sha256": "0"}
    assert "不一致" in device.send("evidence", content).json()["sentence"]
    assert not Evidence.objects.exists()


def test_what_is_no_evidence_is_refused_with_the_sentence_of_uploads(device, filling):
    answer = device.photo(row_of(filling), b"MZ" + b"\0" * 200)

    assert answer.status_code == 422
    assert "现场.png" in answer.json()["sentence"]


def test_evidence_is_dated_by_the_device_corrected_by_the_portal(device, filling):
    wrong = dt.timedelta(days=1)
    taken_along = TaskLease.objects.get().created_at
    with clock.pinned(VISIT.replace(hour=18)):
        photographed = VISIT.replace(hour=17) + wrong
        now = VISIT.replace(hour=18) + wrong
        millis = {"at": int(photographed.timestamp() * 1000), "now": int(now.timestamp() * 1000)}
        device.photo(row_of(filling), png("red"), **millis)

    assert taken_along < Evidence.objects.get().captured_at == VISIT.replace(hour=17)
    receipt = LeaseReceipt.objects.get()
    assert (receipt.device_at, receipt.received_at) == (photographed, VISIT.replace(hour=18))


NOON = dt.datetime(2021, 6, 15, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("claimed", "device_now", "expected"),
    [
        (None, None, NOON),
        (NOON - HOUR, None, NOON - HOUR),
        (NOON - HOUR, NOON, NOON - HOUR),
        (NOON + 23 * HOUR, NOON + 24 * HOUR, NOON - HOUR),
        (NOON - 25 * HOUR, NOON - 24 * HOUR, NOON - HOUR),
        (NOON - 99 * HOUR, NOON, NOON - 3 * HOUR),
        (NOON + 99 * HOUR, NOON, NOON),
    ],
)
def test_a_device_cannot_date_before_it_took_the_visit_along_or_after_now(
    claimed, device_now, expected
):
    found = happened_at(claimed, device_now=device_now, now=NOON, since=NOON - 3 * HOUR)

    assert found == expected


@pytest.mark.parametrize("sent", [None, True, "1", -5, 0, 1e300, float("nan")])
def test_what_is_no_moment_claims_none(sent):
    assert from_millis(sent) is None


# What became of the visit meanwhile ---------------------------------------------------------------


def test_a_visit_that_moved_on_is_explained_and_taken_again_when_it_comes_back(device, filling):
    row, own = row_of(filling), str(uuid.uuid4())
    filling.fill().conclude_sheets().send()

    refused = device.answer(row, "conform", "齐全", version=row.version, own=own)
    task_moves.resume(filling.task, actor=filling.leader.user, note="有一项要改")
    taken = device.answer(row, "conform", "齐全", version=row.version, own=own)

    said = refused.json()
    assert (refused.status_code, said["outcome"]) == (409, "refused")
    assert said["state_label"] == "待签字"
    assert "检查表不能再填写" in said["sentence"]
    assert taken.json()["outcome"] == "done"


def test_who_left_the_team_is_told_and_keeps_what_waits(device, filling):
    filling.task.team.filter(membership=filling.leader).delete()

    answer = device.answer(row_of(filling), "conform")

    assert answer.status_code == 403
    assert "可以导出，交给现在的检查组" in answer.json()["sentence"]
    assert device.post("lease_key").status_code == 200
    assert (
        device.client.get(reverse("inspections:lease_bundle", args=[device.lease])).status_code
        == 403
    )


def test_a_lost_device_is_shut_out_with_a_reason(client, device, filling):
    device.piece(str(uuid.uuid4()), 0, b"half")
    sign_in(client, filling.office)
    url = reverse("inspections:lease_shut_out", args=[device.lease])

    client.post(url, {"note": ""})
    assert device.row.state == LeaseState.HELD
    client.post(url, {"note": "平板丢失"})

    assert device.row.state == LeaseState.SHUT_OUT
    for answer in (
        device.answer(row_of(filling), "conform"),
        device.piece(str(uuid.uuid4()), 0, b"x"),
        device.client.get(reverse("inspections:lease_bundle", args=[device.lease])),
    ):
        assert (answer.status_code, answer.json()["outcome"]) == (410, "shut_out")
    assert not LeasePiece.objects.exists()
    trail = AuditEntry.objects.about(filling.task).filter(action="task.shut_out").get()
    assert trail.note.endswith("：平板丢失")
    assert device.post("lease_key").json()["state"] == "shut_out"


def test_what_was_taken_before_a_device_was_shut_out_is_still_answered(device, filling):
    own = str(uuid.uuid4())
    first = device.answer(row_of(filling), "conform", own=own)
    sign_in(device.client, filling.leader)
    device.post("lease_shut_out", {"note": "换了平板"})

    assert device.answer(row_of(filling), "conform", own=own).json() == first.json()


def test_a_device_gives_the_visit_back_once(device, filling):
    assert device.post("lease_return").json()["outcome"] == "done"
    assert device.post("lease_return").json()["outcome"] == "done"

    assert device.row.state == LeaseState.RETURNED
    assert AuditEntry.objects.about(filling.task).filter(action="task.give_back").count() == 1


def test_the_page_of_devices_says_what_waits_there(client, device, filling):
    device.post("lease_record", **{"X-Waiting": "7"})
    page = reverse("inspections:devices", args=[filling.task.pk])

    for member in (filling.office, filling.leader):
        text = sign_in(client, member).get(page).content.decode()
        assert f"{filling.leader.user}" in text
        assert '<td class="num">7</td>' in text
        assert "停用设备" in text
    assert "停用设备</button>" not in sign_in(client, filling.officer).get(page).content.decode()


def test_a_colleague_who_signed_in_meanwhile_sends_nothing_of_another_ones(client, device, filling):
    sign_in(client, filling.officer)
    stamp = f"{filling.leader.user_id}.{filling.leader.pk}"
    url = reverse("inspections:lease_record", args=[device.lease])

    answer = client.post(url, {}, headers={**AUTOSAVE, "X-Written-For": stamp})

    assert answer.status_code == 409
    assert answer.json()["stranger"] == f"现在登录的是{filling.officer.user}"


# The end ------------------------------------------------------------------------------------------


@pytest.fixture
def ready(filling):
    """Everything answered online; a device does the rest."""
    for member, _ in filling.team:
        member.user.set_password(PASSWORD)
        member.user.save()
    return filling.fill()


def closed(device, visit):
    for sheet in visit.task.sheets.all():
        content = {"sheet_id": sheet.pk, "conclusion": "conform", "reason": ""}
        assert device.send("conclusion", content).json()["outcome"] == "done"
    assert device.send("to_signing", {}).json()["outcome"] == "done"
    return shown_digest(visit.task)


def test_signatures_wait_like_everything_and_the_server_concludes(ready):
    device = Device(ready.leader).take(ready.task)
    shown = closed(device, ready)

    device.sign(shown, member=ready.leader)
    asked = device.sign(shown, member=ready.officer)
    wrong = device.sign(shown, member=ready.officer, password="nonsense")
    assert device.sign(shown, member=ready.officer, password=PASSWORD).json()["outcome"] == "done"
    device.sign(shown, "unit", name="示例人", position="质量部主任")
    done = device.send("conclude", {})

    assert asked.json()["outcome"] == wrong.json()["outcome"] == "confirm"
    assert "密码不正确" in wrong.json()["sentence"]
    assert SignInCounter.objects.exists()  # counted although the signature was refused
    assert done.json()["outcome"] == "done"
    ready.task.refresh_from_db()
    assert ready.task.state == TaskState.CONCLUDED
    ways = Signature.objects.order_by("pk").values_list("way", flat=True)
    assert list(ways) == ["own", "password", "taken"]


def test_nothing_is_concluded_while_a_declared_part_is_missing(ready):
    device = Device(ready.leader).take(ready.task)
    photo = str(uuid.uuid4())

    answer = device.send("to_signing", {}, after=[photo])

    assert answer.json() == {"outcome": "parts", "parts": [photo]}
    ready.task.refresh_from_db()
    assert ready.task.state == TaskState.IN_PROGRESS


def test_a_signature_under_other_content_than_was_shown_is_refused(ready):
    device = Device(ready.leader).take(ready.task)
    before = shown_digest(ready.task)
    row = row_of(ready)
    ready.answer("A01", "conform", "另一台设备补写的说明", actor=ready.officer)
    closed(device, ready)

    answer = device.sign(before, member=ready.leader)

    assert answer.status_code == 422
    assert "请更新后重新签字" in answer.json()["sentence"]
    row.refresh_from_db()
    assert not Signature.objects.exists()


def test_an_expert_takes_no_signature_of_the_unit_on_a_device(ready):
    assessor = MembershipFactory(role="assessor", authority=ready.task.authority)
    ready.task.team.create(membership=assessor, role=TeamRole.ASSESSOR)
    device = Device(assessor).take(ready.task)
    shown = closed(Device(ready.leader).take(ready.task), ready)

    answer = device.sign(shown, "unit", name="示例人", position="主任")

    assert answer.status_code == 403
    assert not Signature.objects.exists()


# What opens without a network ---------------------------------------------------------------------


def test_the_shell_and_its_worker_hold_nothing_of_who_is_signed_in(client, filling):
    sign_in(client, filling.leader)

    page = client.get("/onsite/")
    worker = client.get("/sw.js")

    assert str(filling.leader.user) not in page.content.decode()
    assert "written-for" not in page.content.decode()
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in worker.headers["Content-Security-Policy"]
    assert b'"/onsite/"' in worker.content
    assert client.get("/onsite/who/").json()["written_for"].startswith(f"{filling.leader.user_id}.")
