"""A sender who lets a body trickle is cut off by the real server, and others are served meanwhile."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.services import free_port, wait_for

pytestmark = [pytest.mark.services, pytest.mark.django_db]

SERVED = """
from metrostd.common.patience import patient

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]

application = patient(application, silence=1, least_rate=1000)
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
