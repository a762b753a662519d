"""Accounts for many units opened in the background, their slips as one PDF, and every code tried twice.

    python -m benchmarks.opening [UNITS]

A database of its own, a real Redis and one Celery worker. What a person sees is measured: from asking until the file is
there, and the progress told meanwhile. Exit status 1 when that took longer than half a minute, when no progress was seen,
or when a code on a slip does not work exactly once.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 30
_CODE = re.compile(r"用户名(dw\w+?)一次性验证码([A-Z2-9]{5}-[A-Z2-9]{5})")


def _environment(folder: str, broker: str) -> dict[str, str]:
    return os.environ | {
        "METROSTD_VAR": folder,
        "SECRET_KEY": "only-for-this-benchmark",
        "DJANGO_SETTINGS_MODULE": "metrostd.settings",
        "SECURE_HTTPS": "false",
        "CELERY_BROKER_URL": broker,
        "CACHE_URL": broker.replace("/0", "/1"),
    }


def _worker(environment: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "metrostd", "worker", "--pool", "solo", "--loglevel", "ERROR"],
        cwd=ROOT, env=environment,
    )  # fmt: skip


def _cpu(pid: int) -> float:
    """Seconds of CPU a process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _prepare(count: int) -> tuple[object, list[int]]:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    from metrostd.accounts.models import Membership, User  # noqa: PLC0415
    from metrostd.common.roles import Role  # noqa: PLC0415
    from metrostd.registry.models import Authority, Unit  # noqa: PLC0415

    city = Authority.objects.get(level="city")
    admin = User.objects.create(username="admin", display_name="示例管理员")
    admin.act_as(Membership.objects.create(user=admin, role=Role.SYSTEM_ADMIN, authority=city))
    Unit.objects.bulk_create(
        Unit(
            name=f"天津示例仪器厂{n}",
            name_key=f"天津示例仪器厂{n}",
            unit_type="enterprise",
            contact_name="示例甲",
            contact_phone="13800138000",
        )
        for n in range(count)
    )
    return admin, list(Unit.objects.order_by("pk").values_list("pk", flat=True))


def _watch(job: object, worker: int) -> tuple[float, float, set[str]]:
    """Seconds until it was done, of the clock and of the worker, and what was told meanwhile."""
    from metrostd.common import jobs  # noqa: PLC0415
    from metrostd.common.models import Job  # noqa: PLC0415

    began, used, told = time.monotonic(), _cpu(worker), set()
    while (now := jobs.with_progress(Job.objects.get(pk=job.pk))).is_active:
        if now.total:
            told.add(f"{now.step} {now.done}/{now.total}")
        time.sleep(0.1)
    if now.state != "done":
        raise RuntimeError(now.failure)
    return time.monotonic() - began, _cpu(worker) - used, told


def _tried(content: bytes) -> tuple[int, int]:
    """How many codes worked, and how many of these a second time."""
    from django.core.exceptions import ValidationError  # noqa: PLC0415
    from pypdf import PdfReader  # noqa: PLC0415

    from metrostd.accounts import codes  # noqa: PLC0415
    from metrostd.accounts.enums import CodePurpose  # noqa: PLC0415
    from metrostd.accounts.models import User  # noqa: PLC0415

    pages = [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]  # fmt: skip
    found = [match.groups() for page in pages if (match := _CODE.search(page))]
    people = {person.username: person for person in User.objects.all()}
    once = twice = 0
    for username, code in found:
        codes.redeem(people[username], code, [CodePurpose.ACTIVATE])
        once += 1
        try:
            codes.redeem(people[username], code, [CodePurpose.ACTIVATE])
        except ValidationError:
            continue
        twice += 1
    return once, twice


def main(count: int) -> int:
    from tests.services import start_redis  # noqa: PLC0415

    broker, redis = start_redis()
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(folder, broker)
        os.environ.update(environment)
        import django  # noqa: PLC0415

        django.setup()
        admin, units = _prepare(count)
        from metrostd.accounts import runners  # noqa: PLC0415
        from metrostd.accounts.models import SlipPrint  # noqa: PLC0415
        from metrostd.common import workers  # noqa: PLC0415
        from metrostd.common.jobs import start_job  # noqa: PLC0415
        from metrostd.common.sealing import unseal_bytes  # noqa: PLC0415

        worker = _worker(environment)
        try:
            while not workers.alive():
                time.sleep(0.2)
            job = start_job(runners.OPEN, title="示例", owner=admin, units=units)
            clock, cpu, told = _watch(job, worker.pid)
            content = unseal_bytes(SlipPrint.objects.get(job=job.pk).content.read())
        finally:
            worker.terminate()
            worker.wait()
            redis.terminate()
        once, twice = _tried(content)
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{count} units: {clock:.1f} s until the slips were there, {cpu:.1f} s of CPU, load {load:.0f}; "
        f"{len(told)} steps of progress seen; PDF of {len(content) / 1e6:.1f} MB; "
        f"{once} codes worked, {twice} of them twice\n"
    )
    return int(clock > SECONDS or not told or once != count or twice > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
