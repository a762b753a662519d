"""What goes wrong outside the rules has a sentence and a status of its own."""

import errno
import io
import json
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DataError, IntegrityError, OperationalError
from django.test import RequestFactory

from metrostd.common import mishaps
from metrostd.common.middleware import DomainErrorMiddleware
from metrostd.common.mishaps import explained
from metrostd.common.models import StoredFile
from metrostd.common.refusals import server_error
from metrostd.common.storage import WholeFileStorage
from metrostd.common.uploads import PDF, store_bytes


@pytest.mark.parametrize(
    ("error", "mishap"),
    [
        (OperationalError("database is locked"), mishaps.BUSY),
        (OperationalError("canceling statement due to lock timeout"), mishaps.BUSY),
        (OperationalError("deadlock detected"), mishaps.BUSY),
        (OperationalError("database or disk is full"), mishaps.FULL),
        (OperationalError("attempt to write a readonly database"), mishaps.UNWRITABLE),
        (OperationalError("could not connect to server"), mishaps.AWAY),
        (OperationalError("no such table: x"), None),
        (DataError("integer out of range"), mishaps.OUT_OF_RANGE),
        (OverflowError("Python int too large to convert to SQLite INTEGER"), mishaps.OUT_OF_RANGE),
        (IntegrityError("unique"), None),
        (OSError(errno.ENOSPC, "No space left on device"), mishaps.FULL),
        (OSError(errno.EACCES, "Permission denied"), mishaps.UNWRITABLE),
        (OSError(errno.EPIPE, "Broken pipe"), None),
        (FileNotFoundError(errno.ENOENT, "x"), mishaps.MISSING),
        (ZeroDivisionError(), None),
    ],
)
def test_each_is_told_apart(error, mishap):
    assert explained(error) == mishap


@pytest.mark.parametrize("told", [DomainErrorMiddleware(None).process_exception, None])
def test_the_pages_own_script_gets_json(told):
    request = RequestFactory().post("/", headers={"X-Requested-With": "autosave"})
    try:
        raise OperationalError("database is locked")
    except OperationalError as error:
        answer = told(request, error) if told else server_error(request)

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert json.loads(answer.content)["errors"]["__all__"] == [mishaps.BUSY.sentence]


def test_a_bug_stays_a_bug():
    request = RequestFactory().get("/")

    assert DomainErrorMiddleware(None).process_exception(request, ZeroDivisionError()) is None
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        assert server_error(request).status_code == 500


class TestStorage:
    def test_a_file_is_there_whole_or_not_at_all(self, tmp_path):
        class Breaks(ContentFile):
            def chunks(self, chunk_size=None):
                yield b"half"
                raise OSError(errno.ENOSPC, "No space left on device")

        storage = WholeFileStorage(tmp_path)

        with pytest.raises(OSError, match="No space"):
            storage.save("ab/cd", Breaks(b""))

        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_name_that_is_taken_stays_what_it_was(self, tmp_path):
        storage = WholeFileStorage(tmp_path)

        first, second = (storage.save("ab/cd", ContentFile(data)) for data in (b"one", b"two"))

        assert first == "ab/cd"
        assert [(tmp_path / name).read_bytes() for name in (first, second)] == [b"one", b"two"]
        assert len(list((tmp_path / "ab").iterdir())) == 2


@pytest.mark.django_db
class TestVerifying:
    def verify(self) -> tuple[int, dict]:
        out, code = io.StringIO(), 0
        try:
            call_command("verify_files", "--format", "json", stdout=out)
        except SystemExit as left:
            code = left.code
        return code, json.loads(out.getvalue())

    def test_whole_files_are_counted(self):
        store_bytes(b"one", media_type=PDF)
        store_bytes(b"two", media_type=PDF)

        assert self.verify() == (0, {"checked": 2, "damaged": []})

    def test_every_kind_of_damage_is_named(self):
        gone, cut, other, whole = (
            store_bytes(b"file %d" % number, media_type=PDF) for number in range(4)
        )
        gone.content.storage.delete(gone.content.name)
        for stored, data in ((cut, b"fil"), (other, b"file 9")):
            Path(stored.content.path).write_bytes(data)

        code, told = self.verify()

        assert (code, told["checked"]) == (1, StoredFile.objects.count())
        found = {row["pk"]: (row["kind"], row["detail"]) for row in told["damaged"]}
        assert found == {
            gone.pk: ("missing", "文件不在存储中"),
            cut.pk: ("damaged", "应有 6 字节，实有 3 字节"),
            other.pk: ("damaged", "内容与登记的 SHA-256 不符"),
        }
        assert whole.pk not in found
