"""Two hundred inspectors fill in sheets at once: no save is refused or lost, and how long one takes.

    python benchmarks/inspectors.py [--people N] [--minutes M] [--think SECONDS]

Run by hand, on the portal as it is deployed: gunicorn with three processes of four threads, a worker and the clock
(whose job seals the trail meanwhile), PostgreSQL that writes to disk before it answers, Redis. Two people share a
visit of five sheets, each answers items of their own. Everybody saves, thinks for SECONDS (8 unless told otherwise, a
quarter more or less, by chance) and saves the next one; every tenth time the section is opened first. It stops by
itself. Afterwards every answer is compared with what was entered last, its version and its rows in the trail with how
often it was saved. Exit status 1 when a request failed, or an answer is lost, doubled or another one.

The people run on the same cores as the portal. What is measured is what they wait for: from sending to the last byte.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import ROOT, build, choose_engine

ITEMS, OPEN_EVERY = 43, 10
WEB = "gunicorn metrostd.wsgi --worker-class metrostd.common.patient_worker.PatientWorker --workers 3 --threads 4 --timeout 60 --no-control-socket --bind 127.0.0.1:{port}"
WORKER = "celery -A metrostd worker -B -s {folder}/beat -Q people,papers --loglevel ERROR --concurrency 1"
TOKEN = "t" * 32


@dataclass
class Person:
    """One inspector: the session, the items to answer, and what was entered so far."""

    cookie: str
    stamp: str
    sheet: int
    rows: list[tuple[int, int]]
    #: By answer: what was entered last, and how often something was saved.
    entered: dict[int, tuple[str, str]] = field(default_factory=dict)
    saved: Counter = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookie,
            "X-CSRFToken": TOKEN,
            "X-Requested-With": "autosave",
            "Accept": "application/json",
            "X-Written-For": self.stamp,
        }


def seed(people: int) -> list[Person]:
    """Visits under way, two people each, everybody signed in; the answers of all sheets are there and open."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from inspections.models import ChecklistAnswer, TeamMember  # noqa: PLC0415
    from metrostd.accounts.middleware import SESSION_KEY  # noqa: PLC0415
    from metrostd.accounts.models import Membership, User  # noqa: PLC0415
    from metrostd.common.roles import Role  # noqa: PLC0415

    # One visit of ten is under way: the others are the campaign around it.
    country = build(people // 2 * 10, answers=0, others=0)
    under_way = [task for task in country.tasks if task.state == "in_progress"][: people // 2]
    found = []
    for number in range(people):
        task = under_way[number // 2]
        user = User.objects.create(
            username=f"inspector{number}", display_name=f"示例检查员{number}"
        )
        member = Membership.objects.create(
            user=user, role=Role.DISTRICT_INSPECTOR, authority_id=task.authority_id
        )
        TeamMember.objects.create(task=task, membership=member, role="officer")
        client = Client()
        client.force_login(user)
        session = client.session
        session[SESSION_KEY] = member.pk
        session.save()
        cookies = {
            settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
            settings.CSRF_COOKIE_NAME: TOKEN,
        }
        sheets = list(task.sheets.order_by("pk"))
        if number % 2 == 0:
            items = country.items[:ITEMS]
            ChecklistAnswer.objects.filter(sheet__task=task).delete()
            ChecklistAnswer.objects.bulk_create(
                ChecklistAnswer(sheet=sheet, item=item) for sheet in sheets for item in items
            )
        rows = ChecklistAnswer.objects.filter(sheet__task=task).order_by("pk")
        found.append(
            Person(
                cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
                stamp=f"{user.pk}.{member.pk}",
                sheet=sheets[0].pk,
                rows=list(rows.values_list("pk", "version"))[number % 2 :: 2],
            )
        )
    return found


@contextmanager
def portal(folder: str) -> Iterator[int]:
    """The portal's processes; they end with the block."""
    from tests.services import free_port, wait_for  # noqa: PLC0415

    port = free_port()
    commands = [line.format(port=port, folder=folder).split() for line in (WEB, WORKER)]
    running = [
        subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        wait_for(port, seconds=120)
        yield port
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)


def ask(port: int, person: Person, method: str, url: str, body: str = "") -> tuple[int, str, float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    start = time.perf_counter()
    try:
        connection.request(method, url, body, person.headers())
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, text, time.perf_counter() - start
    finally:
        connection.close()


def warm(port: int, person: Person) -> None:
    """Every process has loaded the portal before anybody's time counts."""
    url = f"/inspections/sheets/{person.sheet}/?section=A"
    for _ in range(2):
        first = [threading.Thread(target=ask, args=(port, person, "GET", url)) for _ in range(12)]
        for thread in first:
            thread.start()
        for thread in first:
            thread.join()


def work(person: Person, number: int, port: int, until: float, think: float) -> None:
    """Save and think until it is time to stop; nobody begins at the same moment."""
    chance = random.Random(number)
    versions = dict(person.rows)
    keys = list(versions)
    time.sleep(chance.uniform(0, think))
    turn = 0
    while time.monotonic() < until:
        key = keys[turn % len(keys)]
        turn += 1
        value = chance.choice(["conform", "deficient", "nonconform"])
        note = f"示例检查员{number}第{turn}次填写：现场核对编号与台账。"
        try:
            if turn % OPEN_EVERY == 0:
                status, text, seconds = ask(
                    port, person, "GET", f"/inspections/sheets/{person.sheet}/?section=A"
                )
                person.opened.append(seconds)
                if status != 200:
                    person.faults.append(f"GET {status}")
            sent = {
                "answer": value,
                "note": note,
                "version": versions[key],
                "client_id": uuid.uuid4(),
            }
            status, text, seconds = ask(
                port, person, "POST", f"/inspections/answers/{key}/", urlencode(sent)
            )
        except (OSError, HTTPException) as error:
            person.faults.append(f"{type(error).__name__}")
        else:
            person.waits.append(seconds)
            if status == 200:
                versions[key] += 1
                person.saved[key] += 1
                person.entered[key] = (value, note)
            else:
                person.faults.append(f"POST {status} {text[:120]}")
        time.sleep(chance.uniform(0.75, 1.25) * think)


def compare(people: list[Person]) -> list[str]:
    """What is not there as it was entered, or was written more or less often than it was saved."""
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415
    from django.db.models import Count  # noqa: PLC0415

    from inspections.models import ChecklistAnswer  # noqa: PLC0415
    from metrostd.common.models import AuditEntry  # noqa: PLC0415

    kind = ContentType.objects.get_for_model(ChecklistAnswer)
    rows = AuditEntry.objects.filter(target_type=kind, action="sheet.answer").order_by()
    trail = dict(rows.values_list("target_id").annotate(n=Count("pk")))
    wrong = []
    for person in people:
        there = ChecklistAnswer.objects.in_bulk([key for key, _ in person.rows])
        for key, before in person.rows:
            row, times = there[key], person.saved[key]
            if (row.answer, row.note) != person.entered.get(key, ("", "")):
                wrong.append(f"{key}: {row.answer} {row.note}")
            if row.version != before + times or trail.get(key, 0) != times:
                wrong.append(
                    f"{key}: version {row.version - before}, trail {trail.get(key, 0)}, saved {times}"
                )
    return wrong


def _cpu(pids: list[int]) -> float:
    """CPU seconds of processes and of what they started."""
    found = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        found += _cpu([int(child) for child in children])
    return found


def in_words(name: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{name}: none"
    ordered = sorted(seconds)
    part = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return (
        f"{name}: {len(ordered)}, median {statistics.median(ordered) * 1000:.0f} ms, "
        f"p95 {part * 1000:.0f} ms, longest {ordered[-1] * 1000:.0f} ms"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument(
        "--think", type=float, default=8, help="seconds between two saves of a person"
    )
    from tests.services import start_postgres, start_redis  # noqa: PLC0415

    redis, broker = start_redis()
    try:
        os.environ |= {"CELERY_BROKER_URL": redis, "CACHE_URL": redis.replace("/0", "/1")}
        os.environ["DATABASE_URL"] = database = start_postgres(durable=True)
        sys.argv += ["--database", database]
        options = choose_engine(parser)
        from django.core.management import call_command  # noqa: PLC0415

        call_command("collectstatic", interactive=False, verbosity=0)
        people = seed(options.people)
        with tempfile.TemporaryDirectory() as folder, portal(folder) as port:
            warm(port, people[0])
            before = _cpu([os.getpid()])
            start = time.monotonic()
            until = start + options.minutes * 60
            each = [
                threading.Thread(target=work, args=(person, number, port, until, options.think))
                for number, person in enumerate(people)
            ]
            for thread in each:
                thread.start()
            for thread in each:
                thread.join()
            lasted, spent = time.monotonic() - start, _cpu([os.getpid()]) - before
        wrong = compare(people)
    finally:
        broker.terminate()
        broker.wait(30)
    faults = Counter(fault for person in people for fault in person.faults)
    waits = [wait for person in people for wait in person.waits]
    saved = sum(sum(person.saved.values()) for person in people)
    print(
        f"{len(people)} people, {lasted:.0f} s, a save every {options.think:.0f} s each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{saved} saves, {saved / lasted:.1f} a second; CPU of portal, database and people {spent / lasted:.2f} cores"
    )
    print(in_words("saving", waits))
    print(in_words("opening a section", [wait for person in people for wait in person.opened]))
    print(
        f"requests that failed: {sum(faults.values())} {dict(faults.most_common(5)) if faults else ''}"
    )
    print(f"answers lost, doubled or other than entered: {len(wrong)} {wrong[:3] if wrong else ''}")
    return int(bool(faults or wrong))


if __name__ == "__main__":
    sys.exit(main())
