"""Eight people save while a long list is worked on: how long the unluckiest of them waits.

    python benchmarks/busy.py [ROWS] [--engine sqlite|postgres] [--work commit|reread|undo]

Run by hand, with the settings of a real portal on an empty database of its own. The list (64,000 rows unless
told otherwise) is committed, read again or taken back as a worker does it, while eight processes edit units of their own as fast as they
may, pausing a tenth of a second. Tells how many saves were written, how many were told that the system is
busy (正在入库), the longest wait of either, and every other error. Exit status 1 when there was such an error
or somebody waited longer than the bar.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PEOPLE, BAR = 8, 6.0
WORKS = ("commit", "reread", "undo")
OVER = "work-is-over"


def _django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "metrostd.settings"
    import django  # noqa: PLC0415

    django.setup()


def part_prepare(rows: int) -> None:
    """An empty register with eight units to edit, and the list read and previewed."""
    from benchmarks.import_list import part_prepare as authorities  # noqa: PLC0415
    from benchmarks.import_list import workbook  # noqa: PLC0415
    from metrostd.lists.imports import start_import  # noqa: PLC0415
    from metrostd.registry.models import Authority, Unit  # noqa: PLC0415

    path = workbook(rows)
    authorities(path)
    city = Authority.objects.get(code="120000")
    for number in range(PEOPLE):
        Unit.objects.create(
            name=f"示例{number}", unit_type="enterprise", territorial_authority=city
        )
    start_import(
        path.read_bytes(),
        path.name,
        category="ent_highest",
        issuing_authority=city,
        actor=None,
    )


def part_work(work: str) -> None:
    from metrostd.common.workers import be_patient  # noqa: PLC0415
    from metrostd.lists.imports import commit_import, reparse, undo_import  # noqa: PLC0415
    from metrostd.registry.models import ImportBatch  # noqa: PLC0415

    be_patient()
    batch = ImportBatch.objects.get()
    match work:
        case "commit":
            commit_import(batch, actor=None)
        case "reread":
            reparse(batch, actor=None)
        case "undo":
            undo_import(batch, actor=None, note="示例")


def part_save(number: int) -> None:
    """One person: edits the same unit until the work is done, and tells how it went."""
    from django.db import DatabaseError  # noqa: PLC0415

    from metrostd.common.mishaps import BUSY, explained  # noqa: PLC0415
    from metrostd.registry.models import Unit  # noqa: PLC0415
    from metrostd.registry.services import write_changes  # noqa: PLC0415

    told = {"saved": 0, "busy": 0, "errors": [], "longest": 0.0}
    count = 0
    over = Path(os.environ["METROSTD_VAR"]) / OVER
    while not over.exists():
        count += 1
        start = time.perf_counter()
        try:
            unit = Unit.objects.get(name=f"示例{number}")
            values = {"contact_name": f"示例{count}"}
            write_changes(unit, base_version=unit.version, values=values, actor=None)
            told["saved"] += 1
        except DatabaseError as error:
            if explained(error) == BUSY:
                told["busy"] += 1
            else:
                told["errors"].append(str(error))
        told["longest"] = max(told["longest"], time.perf_counter() - start)
        time.sleep(0.1)
    print(json.dumps(told))


def measure(engine: str, rows: int, work: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"METROSTD_VAR": folder, "SECRET_KEY": "only-for-this-benchmark"}
        if engine == "postgres":
            from tests.services import start_postgres  # noqa: PLC0415

            environment["DATABASE_URL"] = start_postgres()

        def part(name: str, number: int) -> subprocess.Popen:
            command = [sys.executable, __file__, str(number), "--part", name, "--work", work]
            return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)

        if part("prepare", rows).wait() or (work == "undo" and part("first", rows).wait()):
            return 1
        people = [part("save", number) for number in range(PEOPLE)]
        start = time.perf_counter()
        failed = part("work", rows).wait()
        seconds = time.perf_counter() - start
        (Path(folder) / OVER).touch()
        told = [json.loads(person.communicate()[0]) for person in people]
    longest = max(each["longest"] for each in told)
    errors = [error for each in told for error in each["errors"]]
    print(
        f"{engine}, {work}: {rows} rows in {seconds:.1f} s; {sum(each['saved'] for each in told)} saves, "
        f"{sum(each['busy'] for each in told)} told to wait, longest wait {longest:.2f} s, "
        f"{len(errors)} errors {sorted(set(errors))}"
    )
    return int(bool(failed or errors or longest > BAR))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", nargs="?", type=int, default=64_000)
    parser.add_argument("--engine", choices=("sqlite", "postgres"))
    parser.add_argument("--part", choices=("prepare", "first", "work", "save"))
    parser.add_argument("--work", choices=WORKS, default="commit")
    given = parser.parse_args()
    if given.part:
        _django()
        match given.part:
            case "prepare":
                part_prepare(given.number)
            case "first":
                part_work("commit")
            case "work":
                part_work(given.work)
            case "save":
                part_save(given.number)
        return 0
    engines = [given.engine] if given.engine else ["sqlite", "postgres"]
    return max(measure(engine, given.number, given.work) for engine in engines)


if __name__ == "__main__":
    sys.exit(main())
