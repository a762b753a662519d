"""The proxies of docker-compose.yml on this machine: their own configuration, with ports of loopback for names of containers."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from tests.services import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent


def configured(name: str) -> str:
    """A configuration as a container gets it, but for the variables of the host."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    content: str = yaml.safe_load(text)["configs"][name]["content"]
    return content.replace("$$", "$")


def environment(service: str) -> dict[str, str]:
    """What a container is told besides, where the host says nothing else."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    told: dict[str, str] = yaml.safe_load(text)["services"][service]["environment"]
    return {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in told.items()}


@contextmanager
def archive(folder: Path, portal: int) -> Iterator[int]:
    """The keeper of public pages in front of the portal at a port; its own."""
    port, inner = free_port(), free_port()
    told = configured("archive")
    for name, here in (
        ("resolver 127.0.0.11 valid=10s ipv6=off;", ""),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:8081", f"127.0.0.1:{inner}"),
        ("web:8000", f"127.0.0.1:{portal}"),
        ("/tmp/", f"{folder}/"),
    ):
        assert name in told, name
        told = told.replace(name, here)
    config = folder / "nginx.conf"
    config.write_text(told)
    command = ["nginx", "-c", str(config), "-p", str(folder), "-g", "daemon off;"]
    with _running(command, port):
        yield port


@contextmanager
def proxy(folder: Path, portal: int, archive: int) -> Iterator[int]:
    """The reverse proxy in front of both, without TLS; its port."""
    port = free_port()
    told = configured("caddyfile")
    for name, here in (
        ("servers {", "admin off\n  servers {"),
        ("${SITE_ADDRESS:-localhost} {", f"http://127.0.0.1:{port} {{"),
        ("tls ${SITE_TLS:-internal}", ""),
        ("archive:8080", f"127.0.0.1:{archive}"),
        ("web:8000", f"127.0.0.1:{portal}"),
    ):
        assert name in told, name
        told = told.replace(name, here)
    config = folder / "Caddyfile"
    config.write_text(told)
    command = ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]
    with _running(command, port, environment("proxy")):
        yield port


@contextmanager
def front(folder: Path, portal: int) -> Iterator[tuple[int, str]]:
    """What is installed of the two: the port to ask, and what stands there in words."""
    with ExitStack() as running:
        if not shutil.which("nginx"):
            yield portal, "the portal alone (nginx is not installed)"
            return
        kept = running.enter_context(archive(folder, portal))
        if not shutil.which("caddy"):
            yield kept, "nginx (caddy is not installed)"
            return
        yield running.enter_context(proxy(folder, portal, kept)), "caddy and nginx"


@contextmanager
def _running(
    command: list[str], port: int, besides: dict[str, str] | None = None
) -> Iterator[None]:
    told = os.environ | (besides or {})
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=told)
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(20)
