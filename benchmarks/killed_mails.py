"""Workers killed at random while they send mails, Redis restarted in between: none is lost, and few arrive twice.

    python benchmarks/killed_mails.py [KILLS]

Run by hand. A database of its own (SQLite, or DATABASE_URL) holds one digest for each of some hundred people; a mail server
on loopback counts what arrives by Message-ID. Two beats at once ask Celery workers over a real Redis to send, twice
a second. Worker after worker is started, two at a time, and killed with SIGKILL at a random moment; before every fifth of them
Redis is killed, too, stays away for some seconds and comes back empty. The last two workers finish, one of which lived through
a restart when the chance wants it. Exit status 1 when a mail did not arrive, or when more arrived twice than workers were killed.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PEOPLE_PER_KILL = 25
#: Seconds the server takes before a mail is taken, and before it says so: most kills hit a mail on its way.
PAUSE = 0.12
#: Redis dies before every so many-th kill of a worker, half-way between the first and the last of them.
REDIS_EVERY = 5


def _environment(folder: str, port: int, broker: str) -> dict[str, str]:
    return os.environ | {
        "METROSTD_VAR": folder,
        "SECRET_KEY": "only-for-this-benchmark",
        "DJANGO_SETTINGS_MODULE": "metrostd.settings",
        "SECURE_HTTPS": "false",
        "CELERY_BROKER_URL": broker,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "SENDING_FROM": "0",
        "SENDING_UNTIL": "24",
    }


def work() -> None:
    """A Celery worker as everywhere; leases and waits shortened, so that a run ends today."""
    from datetime import timedelta  # noqa: PLC0415

    from celery.signals import worker_ready  # noqa: PLC0415

    from metrostd.celery import app  # noqa: PLC0415

    app.loader.import_default_modules()
    from metrostd.notifications import delivery  # noqa: PLC0415

    # Longer than a loaded machine lets a worker stand still: nothing but a kill makes it lapse.
    delivery.HELD = timedelta(seconds=10)
    delivery.WAITS = (0, 0, 0, 0, 0)
    delivery.PAUSE = timedelta(seconds=1)

    @worker_ready.connect
    def ready(**kwargs: object) -> None:
        os.write(1, b"ready\n")  # Celery takes sys.stdout for its log

    app.worker_main(
        ["worker", "--pool", "solo", "--without-mingle", "--without-gossip", "--loglevel", "ERROR"]
    )


def beat(number: str) -> None:
    """A clock that asks for mails to be sent twice a second, beside another one like it."""
    from metrostd.celery import app  # noqa: PLC0415

    app.conf.beat_schedule = {
        "send": {"task": "notifications.deliver", "schedule": 0.5, "options": {"expires": 2}}
    }
    app.conf.beat_scheduler = "celery.beat:PersistentScheduler"
    folder = os.environ["METROSTD_VAR"]
    app.Beat(schedule=f"{folder}/beat{number}", loglevel="ERROR", max_interval=1).run()


def _prepare(people: int) -> None:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    from metrostd.common import clock  # noqa: PLC0415
    from metrostd.common.models import SpecialDay  # noqa: PLC0415
    from metrostd.notifications import outbox, packing  # noqa: PLC0415
    from metrostd.notifications.models import Line  # noqa: PLC0415
    from tests.factories.accounts import MembershipFactory  # noqa: PLC0415
    from tests.factories.registry import AuthorityFactory  # noqa: PLC0415

    # Whatever day it is run on.
    SpecialDay.objects.create(day=clock.today(), is_workday=True, name="示例")
    office, lines = AuthorityFactory(), []
    for number in range(people):
        member = MembershipFactory(authority=office)
        member.user.email = f"p{number}@example.org"
        member.user.email_verified_at = clock.now()
        member.user.save()
        kind, key = outbox.target_key(member)
        lines.append(
            Line(origin="note:1", target_type_id=kind, target_id=key, user=member.user,
                 membership=member, channel="mail", day=clock.today(), subject=f"示例事项{number}")
        )  # fmt: skip
    outbox.put(lines)
    packing.pack(clock.now())


def _started(environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, __file__, *arguments], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def _ready(environment: dict[str, str]) -> subprocess.Popen:
    worker = _started(environment, "--worker")
    while worker.stdout is not None and (line := worker.stdout.readline()):
        if line == "ready\n":
            return worker
    raise RuntimeError("the worker did not start")


def main(kills: int) -> int:
    from tests.services import start_redis  # noqa: PLC0415
    from tests.smtp import post_office  # noqa: PLC0415

    people, chance = kills * PEOPLE_PER_KILL, random.Random(11)
    broker, redis = start_redis()
    with tempfile.TemporaryDirectory() as folder, post_office() as post:
        post.pause = PAUSE
        environment = _environment(folder, post.port, broker)
        os.environ.update(environment)
        import django  # noqa: PLC0415

        django.setup()
        _prepare(people)
        other = _ready(environment)
        beats = [_started(environment, "--beat", number) for number in "12"]
        busy = restarts = 0
        for number in range(kills):
            if number % REDIS_EVERY == REDIS_EVERY // 2:
                redis = _restarted(redis, broker)
                restarts += 1
            worker = _ready(environment)
            time.sleep(chance.uniform(0, 0.5))
            # The one that has run longer, half of the time.
            worker, other = (worker, other) if chance.random() < 0.5 else (other, worker)
            busy += _is_busy()
            worker.kill()
            worker.wait()
        sys.stdout.write(
            f"{busy} of {kills} kills while mails were being sent; Redis died {restarts} times\n"
        )
        last = _ready(environment)
        _finish()
        for each in (other, last, *beats, redis):
            each.kill()
            each.wait()
        return _tell(post.ids(), kills=kills, people=people)


def _restarted(redis: subprocess.Popen, broker: str) -> subprocess.Popen:
    """The broker dies with all it holds, and is back empty after some seconds."""
    from tests.services import start_redis  # noqa: PLC0415

    redis.kill()
    redis.wait()
    time.sleep(3)
    return start_redis(int(broker.rpartition(":")[2].partition("/")[0]))[1]


def _is_busy() -> bool:
    from metrostd.notifications.models import Envelope  # noqa: PLC0415

    return Envelope.objects.open().exists()


def _finish() -> None:
    from metrostd.notifications.models import Envelope  # noqa: PLC0415

    deadline = time.monotonic() + 600
    while Envelope.objects.open().exists() and time.monotonic() < deadline:
        time.sleep(0.5)


def _tell(ids: list[str], *, kills: int, people: int) -> int:
    from metrostd.notifications.enums import Progress  # noqa: PLC0415
    from metrostd.notifications.models import Envelope  # noqa: PLC0415

    arrived = Counter(ids)
    lost = set(Envelope.objects.values_list("message_id", flat=True)) - set(arrived)
    surplus = sum(arrived.values()) - len(arrived)
    states = {p: Envelope.objects.in_progress(p).count() for p in Progress.values}
    sys.stdout.write(
        f"{kills} kills, {people} digests, {len(ids)} mails: {len(lost)} lost, {surplus} more than once "
        f"(at most {max(arrived.values())} of one); { ({k: n for k, n in states.items() if n}) }\n"
    )
    return int(bool(lost) or surplus > kills or len(arrived) != people)


if __name__ == "__main__":
    if "--worker" in sys.argv:
        work()
    if "--beat" in sys.argv:
        beat(sys.argv[-1])
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
