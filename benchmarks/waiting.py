"""How soon a job somebody waits for is begun, with 115 papers in the queue before it.

    python benchmarks/waiting.py [ROUNDS]

Run by hand, as `bin/demo` runs it: SQLite, Celery over the filesystem, a worker for what people wait for and
one for papers. The papers are orders of a small city; before each round the queue holds them all. Tells the
time between asking for a job of a person and its start. Exit status 1 when one began after the bar.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))
BAR, PAPERS, GIVEN_UP = 0.2, 115, 60


def worker(queue: str, processes: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "metrostd", "worker", "-n", f"{queue}@%h", "-Q", queue,
         "--loglevel", "ERROR", "--concurrency", str(processes)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def measure(rounds: int) -> list[float]:
    from country import build  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    country = build(60)
    from metrostd.common.jobs import start_job  # noqa: PLC0415
    from metrostd.common.models import Job  # noqa: PLC0415
    from metrostd.common.workers import alive  # noqa: PLC0415
    from metrostd.registry.models import BulkEdit, Unit  # noqa: PLC0415
    from rectification import papers  # noqa: PLC0415
    from rectification.models import RectificationOrder  # noqa: PLC0415

    owner = country.office.user
    owner.act_as(country.office)
    orders = list(RectificationOrder.objects.select_related("task__unit")[:PAPERS])
    workers = [worker("people", 2), worker("papers", 1)]
    found = []
    try:
        while not {"people", "papers"} <= {name for one in alive() for name in one.queues}:
            time.sleep(0.5)
        for _ in range(rounds):
            for n in range(PAPERS):
                papers.render_order(orders[n % len(orders)], actor=owner)
            time.sleep(1.5)
            wanted = list(Unit.objects.values_list("pk", flat=True)[:5])
            edit = BulkEdit.objects.create(kind="unit", field="unit_type", value="institution", words="示例",
                                           wanted=wanted, made_by=owner)  # fmt: skip
            asked = time.time()
            job = start_job("registry.bulk_edit", title="示例", owner=owner, edit=edit.pk)
            while Job.objects.get(pk=job.pk).started_at is None:
                if time.time() - asked > GIVEN_UP:
                    raise SystemExit(f"not begun within {GIVEN_UP} s")
                time.sleep(0.005)
            found.append(Job.objects.get(pk=job.pk).started_at.timestamp() - asked)
            time.sleep(1)
            left = Job.objects.filter(kind=papers.ORDER_JOB, state="queued").count()
            print(f"begun after {found[-1]:.3f} s, {left} papers still waiting", flush=True)
    finally:
        for process in workers:
            process.terminate()
            process.wait()
    return found


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "METROSTD_VAR": folder,
            "SECRET_KEY": "only-for-this-benchmark",
            "DJANGO_SETTINGS_MODULE": "metrostd.settings",
            "DEBUG": "true",
        }
        import django  # noqa: PLC0415

        django.setup()
        found = sorted(measure(rounds))
    print(f"{rounds} rounds: median {found[len(found) // 2]:.3f} s, longest {found[-1]:.3f} s")
    return int(found[-1] > BAR)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
