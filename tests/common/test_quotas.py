"""What is attached to one thing has an end, and says so."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from metrostd.common.quotas import Quota
from metrostd.common.uploads import PDF, store_bytes
from selfcheck.models import SelfCheckFile
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db


def attached(*sizes: int):
    report = ReportFactory()
    for size in sizes:
        stored = store_bytes(bytes([size % 251]) * size, media_type=PDF)
        SelfCheckFile.objects.create(report=report, file=stored, name="x", client_id=uuid.uuid4())
    return report.files.all()


def test_what_fits_is_taken():
    Quota("一份报告", files=3, megabytes=1).require_room(attached(1000, 2000), adding=10_000)


def test_one_file_more_is_too_many():
    with pytest.raises(ValidationError, match="一份报告最多附 2 个文件") as refused:
        Quota("一份报告", files=2, megabytes=1).require_room(attached(10, 20), adding=1)
    assert refused.value.code == "too_many_files"


def test_the_last_byte_too_much_is_refused():
    quota = Quota("一份报告", files=9, megabytes=1)
    rows = attached(1000)

    quota.require_room(rows, adding=(1 << 20) - 1000)
    with pytest.raises(ValidationError, match="不能超过 1 MB"):
        quota.require_room(rows, adding=(1 << 20) - 999)
