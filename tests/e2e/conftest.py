"""A whole portal for the browser: its own database, web server and worker, as bin/demo runs them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from metrostd.demo.people import PASSWORD
from tests.services import copy_of, free_port, start_redis, wait_for

from .flapping import Flapping

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
#: How long a screen may take on a busy machine, in milliseconds.
PATIENCE = 60_000
PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)  # nothing is left to migrate, but its signals write what rows refer to
call_command("load_reference")
call_command("collectstatic", interactive=False, verbosity=0)
"""
#: Where journeys leave their pictures; CI keeps nothing, a developer looks at them.
PICTURES = ROOT / "var" / "pictures"


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, and manage.py in its environment."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, **told: str) -> str:
        """Run a management command against the portal's database; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **told},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def serving(
    folder: Path, migrated: str, *, compressed: bool = False, **told: str
) -> Iterator[Portal]:
    """A portal of its own in ``folder`` on a copy of a migrated database, with its reference data.

    Only where bytes are counted are its files compressed: that takes a while. ``told`` are further variables.
    """
    redis, broker = start_redis()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "metrostd.settings",
        "DEBUG": "false",
        "SECURE_HTTPS": "false",
        "SECOND_FACTOR_REQUIRED": "false",
        "STATIC_COMPRESS": str(compressed).lower(),
        "PAPER_CORES": "1",
        "SECRET_KEY": "only-for-this-test-run-" * 3,
        "METROSTD_VAR": str(folder),
        "DATABASE_URL": copy_of(migrated, folder),
        "CELERY_BROKER_URL": redis,
        "CACHE_URL": redis.replace("/0", "/1"),
        **told,
    }
    port = free_port()
    portal = Portal(f"http://127.0.0.1:{port}", environment)
    portal.manage("shell", "-v", "0", "-c", PREPARE)  # one process for the three
    log = (folder / "log").open("w")
    binaries = Path(sys.executable).parent
    web = f"gunicorn metrostd.wsgi -k metrostd.common.patient_worker.PatientWorker -b 127.0.0.1:{port} -w 2 --threads 4 --preload"
    worker = "celery -A metrostd worker --loglevel WARNING --concurrency 1"
    commands = [
        [binaries / name, *arguments]
        for name, *arguments in (command.split() for command in (web, worker))
    ]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        for command in commands
    ]
    try:
        wait_for(port, seconds=120)  # three suites share a machine
        # The port is open before the application is loaded.
        urlopen(f"{portal.url}/accounts/sign-in/", timeout=60).close()
        yield portal
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)
        broker.terminate()
        broker.wait(timeout=30)
        log.close()
        sys.stderr.write((folder / "log").read_text()[-4000:])


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, django_db_setup: str) -> Iterator[Portal]:
    with serving(tmp_path_factory.mktemp("portal"), django_db_setup) as portal:
        yield portal


# Not for the session: while Playwright runs, Django takes the whole worker for asynchronous code.
@pytest.fixture(scope="module")
def browser(django_db_setup: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell", args=FLAGS
        )
        expect.set_options(timeout=PATIENCE)
        yield chromium
        chromium.close()


class Visitor:
    """One person at one screen; keeps what the browser complained about."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page = page
        self.portal = portal
        self.complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)

    def _listen(self, message) -> None:
        # Chromium reports every 4xx answer as an error; refusals are part of the journeys.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _watch(self, request) -> None:
        if not request.url.startswith((self.portal.url, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def go(self, path: str) -> None:
        self.page.goto(self.portal.url + path)

    def sign_in(self, username: str, password: str) -> None:
        self.go("/accounts/sign-in/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(self.portal.url + "/")
        self.pledge()

    def pledge(self) -> None:
        """Sign the pledge of every campaign the desk asks one for."""
        self.go("/")
        while self.page.get_by_role("link", name="阅读并签署").count():
            self.page.get_by_role("link", name="阅读并签署").first.click()
            self.page.get_by_label("本人已经逐条阅读，自愿承诺。").check()
            self.page.get_by_role("button", name="签署").click()
            self.page.wait_for_url(self.portal.url + "/")

    def picture(self, name: str, *, whole: bool = True) -> None:
        """Keep a picture: of the whole page from its top, or of what the screen shows now."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        if whole:
            self.page.evaluate("scrollTo(0, 0)")
        shot = {"path": PICTURES / f"{name}.png", "full_page": whole}
        try:
            self.page.screenshot(**shot)
        except Error:  # on a busy machine Chromium now and then has no frame to give
            self.page.screenshot(**shot)


@pytest.fixture
def visit(browser: Browser, portal: Portal):
    """Open a fresh browser window: visit("city", password, width=1366, height=860)."""
    visitors: list[Visitor] = []

    def open_window(
        username: str, password: str, *, width: int = 1366, height: int = 860
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
        )
        visitor = Visitor(context.new_page(), portal)
        visitor.page.set_default_timeout(PATIENCE)
        visitors.append(visitor)
        visitor.sign_in(username, password)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.page.context.close()
    assert [text for visitor in visitors for text in visitor.complaints] == []


@pytest.fixture
def network(portal: Portal):
    with Flapping(portal.url) as proxy:
        yield proxy


@pytest.fixture
def tablet(browser: Browser, portal: Portal, network: Flapping):
    """A tablet of its own behind the network: tablet(username) is signed in."""
    opened: list[Visitor] = []

    def open_one(username: str, *, width: int = 768, height: int = 1024) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
        )
        visitor = Visitor(context.new_page(), Portal(network.url, portal.environment))
        visitor.page.set_default_timeout(PATIENCE)
        opened.append(visitor)
        visitor.sign_in(username, PASSWORD)
        return visitor

    yield open_one
    for visitor in opened:
        visitor.page.context.close()
    assert [text for visitor in opened for text in visitor.complaints] == []
