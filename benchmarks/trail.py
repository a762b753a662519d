"""Saving one answer with the triggers of the trail and its sealing, against the same without them.

    python benchmarks/trail.py [--engine sqlite|postgres] [--units N] [--rounds N]

Run by hand, on a campaign of its own (`country.py`). In process: CPU of a request to the test client, and of the
database where that is another process is left out. Blocks of saves in turn, without triggers and with them; after
each block with them its rows are sealed, as the clock does every minute, and what that takes is told beside, for it
is the worker's and not the save's. At the end twenty threads write and two seal at once; everything has to be sealed
once and hold. Exit status 1 when a save costs more than 1.1 × with both, or the seal does not hold.
"""

import argparse
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import build, choose_engine
from saving import FORM, Sheet, signed_in

BAR, BLOCK = 1.1, 25
WRITERS, ROWS = 20, 50


def saves(sheet: Sheet, client: object) -> list[float]:
    """CPU milliseconds of each save of a block."""
    spent = []
    for _ in range(BLOCK):
        url, body, _bare = sheet.next()
        start = time.process_time()
        answer = client.post(  # type: ignore[attr-defined]
            url, body, content_type=FORM, headers={"X-Requested-With": "autosave"}
        )
        spent.append((time.process_time() - start) * 1000)
        assert answer.status_code == 200, answer.content.decode()
    return spent


def measured(sheet: Sheet, rounds: int) -> tuple[float, float, float]:
    """Median of a save without and with triggers, and sealing for each of its rows, CPU milliseconds."""
    from metrostd.trail import protection, sealing  # noqa: PLC0415

    client = signed_in(sheet)
    sealing.seal(deep=True)
    without, with_both, sealed = [], [], []
    for n in range(rounds // BLOCK + 1):
        protection.remove()
        plain = saves(sheet, client)
        sealing.seal()
        protection.install()
        kept = saves(sheet, client)
        start = time.process_time()
        count = sealing.seal()
        if n:  # the first block warms up
            without += plain
            with_both += kept
            sealed.append((time.process_time() - start) * 1000 / count)
    return (*map(statistics.median, (without, with_both, sealed)),)  # type: ignore[return-value]


def at_once() -> tuple[float, list[str]]:
    """Seconds until twenty writers are through while two seal, and what is wrong with the seal then."""
    from django.db import OperationalError, connections  # noqa: PLC0415

    from metrostd.common import audit  # noqa: PLC0415
    from metrostd.registry.models import Authority  # noqa: PLC0415
    from metrostd.trail import sealing  # noqa: PLC0415
    from metrostd.trail.checking import problems  # noqa: PLC0415

    office = Authority.objects.order_by("pk")[0]
    through, failed = threading.Event(), []

    def write() -> None:
        try:
            for n in range(ROWS):
                audit.record(office, actor=None, action="office.edit", label="修改", after={"n": n})
        except OperationalError as error:
            failed.append(f"a writer failed: {error}")
        connections.close_all()

    def seal() -> None:
        # The clock seals every minute; without a pause SQLite's one writer would be the sealer most of the time.
        while not through.wait(0.05):
            sealing.seal()
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    sealers = [threading.Thread(target=seal) for _ in range(2)]
    start = time.monotonic()
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    took = time.monotonic() - start
    through.set()
    for thread in sealers:
        thread.join()
    sealing.seal(deep=True)
    return took, failed + [problem.what for problem in problems()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20, help="inspected units of five sheets")
    parser.add_argument("--rounds", type=int, default=300)
    options = choose_engine(parser)
    sheet = Sheet(build(options.units, answers=43, others=0))
    without, with_both, sealed = measured(sheet, options.rounds)
    print(f"{options.units * 5} sheets, {options.engine}")
    print(
        f"a save: {with_both:.2f} ms CPU, without triggers {without:.2f} ms, {with_both / without:.3f} ×"
    )
    print(f"sealing, by the worker: {sealed:.3f} ms CPU a row")
    took, wrong = at_once()
    print(
        f"{WRITERS} writers of {ROWS} rows while two seal: {took:.1f} s, {wrong or 'all sealed once, holds'}"
    )
    over = with_both / without > BAR or wrong
    print("over its bar" if over else "within its bar")
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
