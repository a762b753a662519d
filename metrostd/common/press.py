"""Papers by the hundred: laid out on all cores at once, by processes that hold one paper at a time.

A paper is made of its words alone, so those processes need no database and know nobody: what they print
carries no mark of whoever waits for it. What is laid out is kept by the one who asked, in his own process.
"""

import json
import logging
import os
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.conf import settings

from . import papers
from .press_child import HEAD

log = logging.getLogger(__name__)


class PaperError(RuntimeError):
    """A paper could not be laid out; the others can."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper to be laid out: its kind and words, and what is done with it."""

    kind: str
    words: papers.Words
    keep: Callable[[bytes], object]


def cores() -> int:
    """How many papers are laid out at once."""
    return settings.PAPER_CORES or len(os.sched_getaffinity(0))


def press(wanted: Iterable[Wanted], *, told: Callable[[int], None]) -> int:
    """Lay out and keep everything wanted; returns how much was kept, ``told`` hears how much is done so far.

    What cannot be laid out is logged and left out. At no time more is held than two papers for each core.
    """
    kept = done = 0
    ahead: deque[tuple[Wanted, Future[bytes]]] = deque()

    def finish() -> None:
        nonlocal kept, done
        one, laid_out = ahead.popleft()
        try:
            one.keep(laid_out.result())
            kept += 1
        except PaperError:
            log.exception("a paper of kind %s could not be laid out", one.kind)
        done += 1
        told(done)

    with _presses(cores()) as ask:
        for one in wanted:
            ahead.append((one, ask(one)))
            if len(ahead) >= 2 * cores():
                finish()
        while ahead:
            finish()
    return kept


@contextmanager
def _presses(count: int) -> Iterator[Callable[[Wanted], Future[bytes]]]:
    """So many processes, each begun with its first paper and ended at the end."""
    free: queue.LifoQueue[_Press] = queue.LifoQueue()
    presses = [_Press() for _ in range(count)]
    for one in reversed(presses):
        free.put(one)

    def lay_out(wanted: Wanted) -> bytes:
        taken = free.get()
        try:
            return taken.lay_out(wanted)
        finally:
            free.put(taken)

    try:
        with ThreadPoolExecutor(count) as pool:
            yield lambda wanted: pool.submit(lay_out, wanted)
    finally:
        for one in presses:
            one.end()


class _Press:
    """A process that lays out one paper after another; one that died is begun again."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def lay_out(self, wanted: Wanted) -> bytes:
        asked = json.dumps({"kind": wanted.kind, "words": papers.plain(wanted.words)})
        for _ in range(2):
            process = self._running()
            try:
                _pipe(process.stdin).write(asked.encode() + b"\n")
                _pipe(process.stdin).flush()
                return _read(_pipe(process.stdout))
            except (BrokenPipeError, EOFError):
                self.end()
        raise PaperError("the process that lays out papers ended twice over this one")

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-m", "metrostd.common.press_child"]
            self._process = subprocess.Popen(  # noqa: S603 -- our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=settings.BASE_DIR,
            )
        return self._process


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe


def _read(pipe: IO[bytes]) -> bytes:
    good, length = HEAD.unpack(_exactly(pipe, HEAD.size))
    content = _exactly(pipe, length)
    if not good:
        raise PaperError(content.decode())
    return content


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
