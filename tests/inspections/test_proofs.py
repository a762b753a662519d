"""Copies of photographs that are drawn on, where evidence was taken, and that the inspected confirm it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inspections import proofs, services, signed_content
from inspections.documents import record_of
from inspections.models import Evidence
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from tests.cameras import camera
from tests.factories.inspections import png
from tests.inspections.story import FACT


@pytest.fixture
def begun(visit):
    return visit.assign().start()


@pytest.fixture
def photo(begun):
    return begun.prove(begun.answer("D02", "nonconform", FACT))


def drawn(colour="blue"):
    return SimpleUploadedFile("现场（标注）.png", png(colour), content_type="image/png")


def annotate(photo, actor, **given):
    values = {"file": drawn(), "answer": photo.answer, "client_id": uuid.uuid4()} | given
    return proofs.annotate(photo, actor=actor.user, **values)


class TestCopies:
    def test_a_copy_names_its_original_and_hash_and_leaves_it_as_it_was(self, begun, photo):
        before = (photo.file.sha256, photo.name, photo.captured_at)
        copy = annotate(photo, begun.leader)

        original = Evidence.objects.get(pk=photo.pk)
        assert (original.file.sha256, original.name, original.captured_at) == before
        assert copy.copy_of == original
        assert copy.file.sha256 != original.file.sha256
        row = AuditEntry.objects.get(target_id=copy.pk, action="sheet.add_evidence")
        assert row.after["copy_of"] == original.file.sha256
        assert row.after["original"] == "现场.png"
        lines = [line for sheet in record_of(begun.task).sheets for line in sheet.evidence]
        assert lines[1].said == (f"标注副本，原件：现场.png，SHA-256 {original.file.sha256}",)

    def test_the_same_copy_sent_twice_counts_once(self, begun, photo):
        key = uuid.uuid4()
        assert annotate(photo, begun.leader, client_id=key) == annotate(
            photo, begun.leader, client_id=key
        )

    def test_only_a_standing_photograph_of_the_item_is_drawn_on(self, begun, photo):
        other = begun.answer("E05", "deficient", FACT)
        with pytest.raises(ValidationError, match="本项的照片"):
            annotate(photo, begun.leader, answer=other)
        copy = annotate(photo, begun.leader)
        with pytest.raises(ValidationError, match="在照片原件上标注"):
            annotate(copy, begun.leader, file=drawn("green"))
        same = SimpleUploadedFile("现场.png", png("red"), content_type="image/png")
        with pytest.raises(ValidationError, match="没有标注"):
            annotate(photo, begun.leader, file=same)
        assert Evidence.objects.count() == 2

    def test_a_copy_is_a_picture(self, begun, photo):
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF")
        with pytest.raises(ValidationError):
            annotate(photo, begun.leader, file=paper)

    def test_the_original_stays_while_its_copy_stands(self, begun, photo):
        copy = annotate(photo, begun.leader)
        with pytest.raises(ValidationError, match="请先撤下副本"):
            services.withdraw_evidence(photo, actor=begun.leader.user)
        services.withdraw_evidence(copy, actor=begun.leader.user)
        services.withdraw_evidence(photo, actor=begun.leader.user)
        assert not Evidence.objects.filter(withdrawn_at=None).exists()

    def test_the_page_sends_one_as_a_file_of_the_item(self, client, begun, photo):
        client.force_login(begun.officer.user)
        url = reverse("inspections:upload", args=[photo.answer_id])
        page = client.post(
            url, {"file": drawn(), "copy_of": photo.pk}, headers={"X-Requested-With": "autosave"}
        )
        assert "标注副本" in page.content.decode()
        assert Evidence.objects.get(copy_of=photo).captured_by == begun.officer.user

    @pytest.mark.parametrize("key", ["0", "999999", "x", "9" * 40])
    def test_what_is_no_photograph_of_the_item_is_refused(self, client, begun, photo, key):
        client.force_login(begun.officer.user)
        url = reverse("inspections:upload", args=[photo.answer_id])
        answer = client.post(
            url, {"file": drawn(), "copy_of": key}, headers={"X-Requested-With": "autosave"}
        )
        assert answer.status_code == 422
        assert Evidence.objects.get() == photo


class TestPosition:
    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            ("39.084158,117.200983,12", "北纬39.08416°，东经117.20098°（误差约12米）"),
            ("", ""),
            ("91.0,10.0,1", ""),
            ("39.1,181.0,1", ""),
            ("39.1;117.2;1", ""),
            ("<b>,1,1", ""),
        ],
    )
    def test_what_a_device_says_is_kept_in_words_or_not_at_all(self, raw, words):
        assert proofs.position_said(raw) == words

    def test_it_comes_with_the_file(self, client, begun):
        client.force_login(begun.leader.user)
        row = begun.answer("D02", "nonconform", FACT)
        said = {"file": drawn(), "position": "39.084158,117.200983,12"}
        client.post(reverse("inspections:upload", args=[row.pk]), said)
        assert Evidence.objects.get().position.startswith("北纬39.08416°")


class TestConfirming:
    def confirm(self, client, member, task, **said):
        client.force_login(member.user)
        return client.post(
            reverse("inspections:confirm_evidence", args=[task.pk]), said, follow=True
        )

    def test_the_leader_takes_down_who_confirmed_what(self, client, begun, photo):
        other = annotate(photo, begun.leader)
        before = signed_content.content_hash(begun.task)
        page = self.confirm(
            client, begun.leader, begun.task, name=" 孙示三（计量室主任） ", row=[photo.pk]
        ).content.decode()

        photo.refresh_from_db()
        other.refresh_from_db()
        assert photo.confirmed_by == "孙示三（计量室主任）"
        assert other.confirmed_at is None
        assert "孙示三（计量室主任）" in page
        assert AuditEntry.objects.filter(action="sheet.confirm_evidence").count() == 1
        assert signed_content.content_hash(begun.task) != before
        said = [line.said for sheet in record_of(begun.task).sheets for line in sheet.evidence]
        assert said[0][0].startswith("被检查单位确认：孙示三（计量室主任）")

    def test_twice_changes_nothing(self, begun, photo):
        given = {"name": "孙示三", "actor": begun.leader.user}
        assert proofs.confirm(begun.task, [photo.pk], **given) == 1
        assert proofs.confirm(begun.task, [photo.pk], **given) == 0

    def test_a_name_is_needed_and_evidence_of_another_visit_stays(self, begun, photo):
        with pytest.raises(ValidationError, match="确认人"):
            proofs.confirm(begun.task, [photo.pk], name=" ", actor=begun.leader.user)
        assert (
            proofs.confirm(begun.task, [photo.pk + 999], name="孙示三", actor=begun.leader.user)
            == 0
        )

    def test_once_the_sheets_are_closed_nothing_is_confirmed(self, client, visit):
        visit.to_signing({"D02": ("nonconform", FACT)})
        row = Evidence.objects.get()
        with pytest.raises(TransitionError):
            proofs.confirm(visit.task, [row.pk], name="孙示三", actor=visit.leader.user)

    def test_it_is_taken_down_by_the_team_and_seen_by_who_sees_the_visit(
        self, client, begun, photo
    ):
        assert (
            self.confirm(client, begun.office, begun.task, name="x", row=photo.pk).status_code
            == 403
        )
        page = reverse("inspections:evidence_list", args=[begun.task.pk])
        assert "现场.png" in client.get(page).content.decode()
        client.force_login(begun.unit.user)
        assert client.get(page).status_code == 200
        assert "现场.png" not in client.get(page).content.decode()  # not before signing


def test_only_the_sheet_online_or_not_may_ask_for_microphone_and_position(client, begun):
    client.force_login(begun.leader.user)
    for url in (begun.standard_sheet().get_absolute_url(), "/onsite/"):
        sheet = client.get(url)
        assert "microphone=(self)" in sheet.headers["Permissions-Policy"]
        assert "geolocation=(self)" in sheet.headers["Permissions-Policy"]
        assert "camera=()" in sheet.headers["Permissions-Policy"]
    other = client.get(begun.task.get_absolute_url())
    assert "microphone=()" in other.headers["Permissions-Policy"]
    assert "geolocation=()" in other.headers["Permissions-Policy"]


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_the_same_whatever_it_shows(
    client, begun, photo, rows, django_assert_max_num_queries
):
    for number in range(rows - 1):
        annotate(photo, begun.leader, file=drawn((number * 9, 0, 90)))
    client.force_login(begun.leader.user)
    client.get(begun.task.get_absolute_url())
    with django_assert_max_num_queries(16):
        client.get(reverse("inspections:evidence_list", args=[begun.task.pk]))


class TestWhatThePhotographSays:
    """通知二(二)1: claims of the camera, beside when the file came."""

    def add(self, begun, data, name="现场.jpg"):
        return services.add_evidence(
            begun.answer("D02", "nonconform", FACT),
            file=SimpleUploadedFile(name, data),
            name=name,
            kind="",
            client_id=uuid.uuid4(),
            actor=begun.leader.user,
        )

    def shown(self, client, begun):
        client.force_login(begun.leader.user)
        return client.get(
            reverse("inspections:evidence_list", args=[begun.task.pk])
        ).content.decode()

    @pytest.mark.parametrize(("shape", "name"), [("JPEG", "现场.jpg"), ("HEIF", "现场.heic")])
    def test_it_is_shown_beside_when_it_came(self, client, begun, shape, name):
        day = f"{begun.task.arrived_at:%Y:%m:%d}"
        data = camera(taken=f"{day} 10:00:00", place=(39.084158, 117.200983), shape=shape)
        row = self.add(begun, data, name)

        assert row.taken_where == "北纬39.08416°，东经117.20098°"
        assert not row.taken_outside
        page = self.shown(client, begun)
        assert "照片自带：拍摄时间" in page
        assert "拍摄位置 北纬39.08416°，东经117.20098°" in " ".join(page.split())
        assert "不在检查期间" not in page
        assert row.position == ""  # what the device said is another thing
        said = [line.said for sheet in record_of(begun.task).sheets for line in sheet.evidence]
        assert said[0][0].startswith("拍摄时间（照片自带）：")
        assert said[0][1] == "拍摄位置（照片自带）：北纬39.08416°，东经117.20098°"

    @pytest.mark.parametrize("days", [-1, 1])
    def test_another_day_than_those_of_the_visit_is_told_calmly_and_taken_all_the_same(
        self, client, begun, days
    ):
        day = begun.task.arrived_at + dt.timedelta(days=days)
        with clock.pinned(begun.task.arrived_at):
            row = self.add(begun, camera(taken=f"{day:%Y:%m:%d} 10:00:00"))

        assert row.taken_outside
        assert "不在检查期间，请核对" in self.shown(client, begun)
        sheet = client.get(
            f"{begun.standard_sheet().get_absolute_url()}?section=D"
        ).content.decode()
        assert "不在检查期间，请核对" in sheet

    def test_a_photograph_that_says_nothing_shows_nothing(self, client, begun, photo):
        assert photo.taken_at is None
        assert not photo.taken_outside
        assert "照片自带" not in self.shown(client, begun)
