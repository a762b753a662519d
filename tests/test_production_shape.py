"""The production shape without containers: their own commands, from an empty database to a first sign-in.

PostgreSQL, Redis, gunicorn, both workers and beat run as processes with the commands and variables that
``docker-compose.yml`` and the Dockerfile give them; addresses inside the containers' network are replaced.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
import yaml
from django.conf import settings

from tests.services import free_port, start_postgres, start_redis, wait_for

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ROOT = settings.BASE_DIR
PASSWORD = "Kaihu-2026-jiliang"
HOST = "portal.example.cn"


def words_of(service: dict) -> list[str]:
    command = service["command"]
    return command if isinstance(command, list) else shlex.split(command)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and text."""

    status: int
    headers: Message
    text: str


class Shape:
    """The services of the compose file, started as processes."""

    def __init__(self, folder: Path) -> None:
        self.compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
        self.web_port, self.folder, self.stack = free_port(), folder, ExitStack()
        redis, server = start_redis()
        self.stack.callback(self._stop, server)
        server_url = start_postgres()
        address, _, _ = server_url.rpartition("/")
        with psycopg.connect(server_url, autocommit=True) as session:
            session.execute("CREATE DATABASE production")
        secrets = {
            "database_url": f"{address}/production",
            "secret_key": "示例-" + "k7" * 40,
            "field_keys": "示例字段密钥-" + "f3" * 30,
        }
        for name, value in secrets.items():
            (folder / name).write_text(value, encoding="utf-8")
        told = {
            name: re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", str(value))
            .replace("/run/secrets", str(folder))
            .replace("redis://redis:6379", redis.removesuffix("/0"))
            for name, value in self.compose["services"]["web"]["environment"].items()
        }
        image = dict(re.findall(r"(METROSTD_\w+)=(\S+)", (ROOT / "Dockerfile").read_text("utf-8")))
        assert set(image) == {"METROSTD_VAR", "METROSTD_FRONTEND"}
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **told,
            "ALLOWED_HOSTS": HOST,
            "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
            "METROSTD_VAR": str(folder / "var"),
            "METROSTD_FRONTEND": str(settings.FRONTEND_DIR),
        }
        self.environment["PATH"] = f"{Path(sys.executable).parent}:{self.environment['PATH']}"

    @staticmethod
    def _stop(process: subprocess.Popen) -> None:
        process.terminate()
        process.wait(timeout=60)

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *command: str) -> None:
        log = (self.folder / "log").open("ab")
        self.stack.callback(log.close)
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
        )
        self.stack.callback(self._stop, process)

    def serve(self) -> None:
        """Web from the image's command, workers and beat from the compose file's."""
        given = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        port = f"127.0.0.1:{self.web_port}"
        self.start(*(word.replace("0.0.0.0:8000", port) for word in json.loads(given[1])))
        for name in ("worker", "papers", "beat"):
            words = words_of(self.compose["services"][name])
            self.start(*(word.replace("%h", "here") for word in words))
        wait_for(self.web_port)

    def becomes_healthy(self, service: str, *, name: str = "") -> bool:
        """Whether the container's own check says so within a minute and a half."""
        kind, *test = self.compose["services"][service]["healthcheck"]["test"]
        words = test if kind == "CMD" else shlex.split(re.sub(r"-d \S+", f"-d {name}", test[0]))
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.run(*words).returncode == 0:
                return True
            time.sleep(1)
        return False

    def ask(
        self,
        path: str,
        *,
        browser: urllib.request.OpenerDirector,
        outside: str = "https",
        **form: str,
    ) -> Answer:
        """What the proxy would pass on: the portal's name, and how it is reached from outside."""
        url = f"http://127.0.0.1:{self.web_port}{path}"
        request = urllib.request.Request(url, urlencode(form).encode() if form else None)
        request.add_header("Host", HOST)
        request.add_header("X-Forwarded-Proto", outside)
        request.add_header("X-Forwarded-For", "203.0.113.7")
        request.add_header("Referer", f"https://{HOST}{path}")
        try:
            with browser.open(request, timeout=30) as response:
                return Answer(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read().decode())


@pytest.fixture
def shape(tmp_path) -> Iterator[Shape]:
    made = Shape(tmp_path)
    with made.stack:
        yield made


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


class _Secure(CookieJar):
    """A browser's jar, which would send secure cookies to the proxy."""

    def set_cookie(self, cookie) -> None:
        cookie.secure, cookie.domain = False, "127.0.0.1"
        super().set_cookie(cookie)


@pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgres", reason="has a PostgreSQL of its own"
)
def test_from_an_empty_database_to_the_first_sign_in(shape):
    migrate = words_of(shape.compose["services"]["migrate"])
    prepared = shape.run(*migrate)
    assert prepared.returncode == 0, prepared.stderr
    collected = shape.run(
        "python", "manage.py", "collectstatic", "--noinput", "-v", "0", STATIC_COMPRESS="false"
    )
    assert collected.returncode == 0, collected.stderr
    opened = shape.run(
        "python", "manage.py", "create_admin",
        ADMIN_USERNAME="guanliyuan", ADMIN_NAME="示例管理员", ADMIN_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    again = shape.run("python", "manage.py", "create_admin", ADMIN_USERNAME="b", ADMIN_NAME="乙", ADMIN_PASSWORD=PASSWORD)  # fmt: skip
    assert again.returncode == 1
    assert "已有系统管理员" in again.stderr

    shape.serve()

    jar = urllib.request.HTTPCookieProcessor(_Secure())
    browser = urllib.request.build_opener(jar, _Stay)
    ready = json.loads(shape.ask("/readyz", browser=browser, outside="http").text)
    assert {name for name, works in ready.items() if works} >= {
        "ready",
        "database",
        "cache",
        "files",
    }
    plain = shape.ask("/", browser=browser, outside="http")
    assert plain.status == 301
    assert plain.headers["Location"] == f"https://{HOST}/"

    page = shape.ask("/accounts/sign-in/", browser=browser)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    signed_in = shape.ask(
        "/accounts/sign-in/", browser=browser,
        csrfmiddlewaretoken=token, username="guanliyuan", password=PASSWORD,
    )  # fmt: skip
    assert signed_in.status == 302
    # The password stands in a variable: it is changed before anything else is shown.
    assert shape.ask("/", browser=browser).headers["Location"] == "/accounts/password/"
    assert "请先修改密码" in shape.ask("/accounts/password/", browser=browser).text

    assert shape.becomes_healthy("beat")
    assert shape.becomes_healthy("worker", name="people@here")
    assert shape.becomes_healthy("papers", name="papers@here")
