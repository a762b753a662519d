"""What a device says of its files: where they were taken, what was drawn on which, and that the inspected confirm them."""

import uuid

import pytest
from django.urls import reverse

from inspections.models import Evidence, LeaseReceipt
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from tests.factories.inspections import png

from .device import Device, sha
from .story import FACT, VISIT, make_visit

pytestmark = pytest.mark.django_db
PLACE = "39.084158,117.200983,12"


@pytest.fixture
def filling(visit):
    return visit.assign().start()


@pytest.fixture
def device(filling):
    return Device(filling.leader).take(filling.task)


@pytest.fixture
def row(filling):
    return filling.answer("A01", "nonconform", FACT)


def photograph(device, row, colour="red", **given):
    """A photograph that came; the id of its record and the evidence it became."""
    own = str(uuid.uuid4())
    assert device.photo(row, png(colour), own=own, **given).json()["outcome"] == "done"
    return own, Evidence.objects.latest("pk")


def confirm(device, *, evidence=(), records=(), name="孙示三", **more):
    content = {"name": name, "evidence": list(evidence), "records": list(records)}
    return device.send("confirm_evidence", content, **more)


class TestPosition:
    def test_it_is_kept_with_the_photograph_that_waited(self, device, row):
        photograph(device, row, said={"position": PLACE})
        assert Evidence.objects.get().position.startswith("北纬39.08416°")

    @pytest.mark.parametrize("said", [{}, {"position": "<b>"}, {"position": 7}])
    def test_without_a_usable_one_the_photograph_comes_all_the_same(self, device, row, said):
        photograph(device, row, said=said)
        assert Evidence.objects.get().position == ""


class TestCopies:
    def test_a_copy_names_the_photograph_of_an_earlier_record(self, device, row):
        own, original = photograph(device, row)
        _, copy = photograph(device, row, "blue", said={"base_after": own})
        assert copy.copy_of == original

    def test_before_its_photograph_is_there_it_waits(self, device, row):
        own = str(uuid.uuid4())
        answer = device.photo(row, png("blue"), said={"base_after": own})
        assert answer.json() == {"outcome": "parts", "parts": [own]}
        assert not Evidence.objects.exists()

    def test_a_photograph_the_portal_had_is_named_by_its_key(self, filling, device, row):
        original = filling.prove(row)
        _, copy = photograph(device, row, "blue", said={"copy_of": original.pk})
        assert copy.copy_of == original
        assert copy.captured_at >= original.captured_at

    @pytest.mark.parametrize("said", [{"copy_of": 999999}, {"copy_of": "x"}, {"base_after": "x"}])
    def test_what_is_no_photograph_of_the_item_is_refused(self, device, row, said):
        assert device.photo(row, png("blue"), said=said).json()["outcome"] == "refused"
        assert not Evidence.objects.exists()

    def test_a_photograph_of_another_visit_is_none(self, device, row):
        other = make_visit().assign().start()
        theirs = other.prove(other.answer("A01", "nonconform", FACT))
        answer = device.photo(row, png("blue"), said={"copy_of": theirs.pk})
        assert answer.status_code == 404


class TestConfirming:
    def test_what_was_ticked_is_confirmed_as_of_the_moment_on_the_device(
        self, filling, device, row
    ):
        with clock.pinned(VISIT.replace(hour=18)):
            there = filling.prove(row, colour="green")
            own, waited = photograph(device, row)
            _, other = photograph(device, row, "blue")
            said = VISIT.replace(hour=17)
            millis = {"at": int(said.timestamp() * 1000)}
            answer = confirm(device, evidence=[there.pk], records=[own], **millis)
        assert answer.json()["result"] == {"confirmed": 2}
        for each in (there, waited, other):
            each.refresh_from_db()
        assert {there.confirmed_by, waited.confirmed_by} == {"孙示三"}
        assert waited.confirmed_at == said
        assert other.confirmed_at is None
        assert AuditEntry.objects.filter(action="sheet.confirm_evidence").count() == 2

    def test_it_waits_for_the_files_it_names(self, device, row):
        own = str(uuid.uuid4())
        answer = confirm(device, records=[own], after=[own])
        assert answer.json()["outcome"] == "parts"
        assert not LeaseReceipt.objects.exists()

    def test_a_file_taken_off_before_it_was_sent_is_left_out(self, device, row):
        own, waited = photograph(device, row)
        gone = str(uuid.uuid4())
        answer = confirm(device, records=[own, gone], after=[own])
        assert answer.json()["result"] == {"confirmed": 1}
        waited.refresh_from_db()
        assert waited.confirmed_by == "孙示三"

    def test_evidence_of_another_visit_stays_as_it_is(self, device, row):
        other = make_visit().assign().start()
        theirs = other.prove(other.answer("A01", "nonconform", FACT))
        assert confirm(device, evidence=[theirs.pk]).json()["result"] == {"confirmed": 0}
        theirs.refresh_from_db()
        assert theirs.confirmed_at is None

    @pytest.mark.parametrize(
        "said", [{"name": " "}, {"evidence": ["x"]}, {"records": ["x"]}, {"evidence": [-1]}]
    )
    def test_half_a_confirmation_is_refused(self, device, row, said):
        assert confirm(device, **said).json()["outcome"] == "refused"

    def test_the_bundle_lists_what_the_portal_has_and_who_confirmed_it(self, filling, device, row):
        own, photo = photograph(device, row, said={"position": PLACE})
        confirm(device, records=[own])
        items = [item for sheet in device.bundle()["sheets"] for item in sheet["items"]]
        [found] = [each for item in items for each in item["evidence"]]
        assert (found["id"], found["name"]) == (photo.pk, "现场.png")
        assert found["confirmed"].startswith("孙示三 ")
        assert "北纬39.08416°" in found["words"]
        [item] = [item for item in items if item["evidence"]]
        assert item["files"] == [sha(png("red"))]


def test_the_shell_keeps_what_takes_draws_and_records(client):
    worker = client.get(reverse("onsite:worker")).content.decode()
    assert all(f"js/{name}" in worker for name in ("taking", "annotate", "recording"))
