"""Twenty write while two seal: every row is sealed once, and the chain holds."""

import threading
import time

import pytest
from django.db import OperationalError, connection, connections, transaction

from metrostd.common import audit
from metrostd.common.models import AuditEntry
from metrostd.trail import sealing
from metrostd.trail.checking import problems
from metrostd.trail.models import SealedRow, TrailBlock
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROWS = 20, 6


def patiently(work):
    """The tests' SQLite lies in memory, where a second writer is turned away at once and comes again."""
    while True:
        try:
            return work()
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.002)


def test_twenty_write_while_two_seal(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    office = AuthorityFactory()
    through, failed = threading.Event(), []

    def written(n: int) -> None:
        with transaction.atomic():
            audit.record(office, actor=None, action="office.edit", label="修改", after={"n": n})
            if connection.vendor == "postgresql" and n % 2:
                time.sleep(0.01)  # commits late: others have higher numbers and are sealed before

    def write() -> None:
        for n in range(ROWS):
            patiently(lambda n=n: written(n))

    def seal() -> None:
        while not through.is_set():
            patiently(sealing.seal)

    def run(work) -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=run, args=[write]) for _ in range(WRITERS)]
    sealers = [threading.Thread(target=run, args=[seal]) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    through.set()
    for thread in sealers:
        thread.join()
    sealing.seal(deep=True)

    assert failed == []
    rows = list(SealedRow.objects.filter(kind="change").values_list("row", flat=True))
    assert sorted(rows) == sorted(AuditEntry.objects.values_list("pk", flat=True))
    assert len(rows) == WRITERS * ROWS
    blocks = list(TrailBlock.objects.order_by("number"))
    assert [block.number for block in blocks] == list(range(1, len(blocks) + 1))
    assert blocks[-1].total == len(rows)
    assert [p.what for p in problems() if "触发器" not in p.what] == []
