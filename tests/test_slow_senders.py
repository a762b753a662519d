"""A sender who lets a body trickle is cut off by the real server, and others are served meanwhile."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.services import free_port, wait_for

pytestmark = [pytest.mark.services, pytest.mark.django_db]

SERVED = """
from metrostd.common.patience import patient
from metrostd.common.patient_worker import PatientWorker

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]

application = patient(application, silence=1, least_rate=1000)
PatientWorker.head_seconds = 1
"""
SIZE = 500


@pytest.fixture
def server(tmp_path):
    """The portal's server with its limits in seconds a test can wait for; its port."""
    (tmp_path / "served.py").write_text(SERVED)
    port = free_port()
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "gunicorn", "served", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "2", "--no-control-socket"]
    command += ["--worker-class", "metrostd.common.patient_worker.PatientWorker"]
    path = os.pathsep.join([str(tmp_path), str(root)])
    process = subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path})
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def opened(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def answered(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1000)
    except ConnectionError:
        return b""


def test_who_falls_silent_is_cut_off_and_others_are_served_meanwhile(server):
    silent = opened(server)
    silent.sendall(b"x")
    start = time.monotonic()
    with opened(server) as quick:
        quick.sendall(b"x" * SIZE)
        assert b"200 OK" in answered(quick)
    assert time.monotonic() - start < 1

    assert b"200 OK" not in answered(silent)
    assert time.monotonic() - start < 5
    silent.close()


def test_who_trickles_is_cut_off_although_never_silent(server):
    start = time.monotonic()
    with opened(server) as slow:
        said = b""
        for _ in range(40):
            try:
                slow.sendall(b"x")
            except ConnectionError:
                break
            time.sleep(0.2)
            slow.setblocking(False)  # has it answered or hung up?
            try:
                said = slow.recv(1000)
                break
            except BlockingIOError:
                slow.settimeout(10)
            except ConnectionError:
                break

    assert b"200 OK" not in said
    assert time.monotonic() - start < 6


def trickled(port: int, head: bytes, drop: bytes) -> list[socket.socket]:
    """More senders than there are threads, each of whom has sent its beginning and two drops."""
    slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(4)]
    for part in (head, drop, drop):
        for connection in slow:
            with suppress(ConnectionError):
                connection.sendall(part)
        time.sleep(0.2)
    return slow


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\n", b"X-Again: 1\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["head", "chunks"],
)
def test_who_trickles_a_head_or_chunks_without_end_keeps_nobody_waiting(server, head, drop):
    slow = trickled(server, head, drop)
    start = time.monotonic()
    while time.monotonic() - start < 4:
        for connection in slow:
            with suppress(OSError):
                connection.sendall(drop)
        time.sleep(0.2)
        if time.monotonic() - start > 2:
            break

    with opened(server) as quick:
        quick.sendall(b"x" * SIZE)
        assert b"200 OK" in answered(quick)
    assert time.monotonic() - start < 6
    for connection in slow:
        connection.close()


def test_a_body_without_a_length_is_refused_at_once(server):
    with socket.create_connection(("127.0.0.1", server), timeout=10) as connection:
        head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
        connection.sendall(head.encode())
        start = time.monotonic()

        assert b"411 Length Required" in answered(connection)

    assert time.monotonic() - start < 2
