"""Real services for the tests, each started on loopback and stopped by its own process id."""

import atexit
import itertools
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, *, seconds: float = 30) -> None:
    """Return when something listens on the port; TimeoutError when nothing does in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing listens on port {port}.")


def _postgres_binaries() -> Path:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    raise RuntimeError("PostgreSQL is not installed; bin/test installs it.")


def postgres_address(user: str, host: str, port: int | str, name: str) -> str:
    """The address of a database; a host may be the folder of the server's socket."""
    return f"postgres://{user}@{quote(host, safe='')}:{port}/{name}"


def start_postgres(*, durable: bool = False) -> str:
    """Start a throw-away PostgreSQL and return its database URL; it ends with this process.

    ``durable``: it answers when what was written is on disk, as in production.
    """
    binaries = _postgres_binaries()
    folder = Path(tempfile.mkdtemp(prefix="metrostd-pg-"))
    # The server refuses to run as root, so root hands over to the packaged account.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, port = folder / "data", free_port()
    subprocess.run(
        [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "metrostd",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        user=user,
        cwd=folder,
    )
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "max_connections": 60,
    }
    if not durable:
        options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user,
        cwd=folder,
    )

    def stop() -> None:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    wait_for(port)
    return postgres_address("metrostd", str(folder), port, "postgres")


def start_redis(port: int | None = None) -> tuple[str, subprocess.Popen]:
    """Start a throw-away Redis, on a port of one before it when that is named; returns its URL and process, which the
    caller stops."""
    port = port or free_port()
    server = subprocess.Popen(
        [
            "redis-server",
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ],
        stdout=subprocess.DEVNULL,
    )
    wait_for(port)
    return f"redis://127.0.0.1:{port}/0", server


_NUMBERS = itertools.count(1)


def copy_of_tests_database(folder: Path) -> str:
    """The address of a database that holds what the tests' own holds now."""
    from django.db import connection

    place = connection.settings_dict
    if connection.vendor == "postgresql":
        connection.close()  # a database somebody reads cannot be copied
        return copy_of(
            postgres_address(place["USER"], place["HOST"], place["PORT"], place["NAME"]), folder
        )
    file = folder / "db.sqlite3"
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)
    return f"sqlite:///{file}"


def copy_of(url: str, folder: Path) -> str:
    """The address of a copy of a database nobody is connected to; a file is put into ``folder``."""
    if url.startswith("sqlite"):
        return f"sqlite:///{shutil.copy(url.removeprefix('sqlite:///'), folder / 'db.sqlite3')}"
    import psycopg

    server, _, original = url.rpartition("/")
    name = f"copy_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as session:
        session.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    return f"{server}/{name}"
