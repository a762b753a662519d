"""What tests ask of a database, by the shape of the statements: which of them PostgreSQL has to be asked, too.

``bin/test`` plays the tests on SQLite first; each leaves in the folder ``ASKED`` which shapes of statements it made and
whether the database refused one. On PostgreSQL run those of which something was refused, those that have transactions,
processes or a browser of their own (there the moment counts, not the words), those that ask which engine it is or were
skipped on SQLite, those nobody has measured, and of all the
others so few that every shape is asked that what runs anyhow (the sample city) did not ask. What was measured is a moment old: there is no list to keep.
"""

import json
import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from pathlib import Path

import pytest
from _pytest.skipping import evaluate_skip_marks

_ON_POSTGRES = os.environ.get("TEST_DATABASE") == "postgres"
#: What a test costs besides its statements, in statements.
_FRAME_OF_A_TEST = 20

#: Rows and values of any number are one shape; what only one engine writes is left away.
_MANY = (
    (re.compile(r"::\w+(\(\d+\))?| FOR (NO KEY )?UPDATE( OF \"\w+\"(, \"\w+\")*)?"), ""),
    (re.compile(r"%s(, %s)+"), "%s"),
    (re.compile(r"\(%s\)(, \(%s\))+"), "(%s)"),
    (re.compile(r"\b\d+\b"), "9"),
)
_FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
#: Whatever is marked or made so is about moments, not about words.
_ALWAYS = ("services", "browser")


@cache
def shape(sql: str) -> str:
    """A statement without its values, in a few letters; nothing for the frame of a transaction."""
    if sql.lstrip().startswith(_FRAME):
        return ""
    for pattern, instead in _MANY:
        sql = pattern.sub(instead, sql)
    return blake2b(sql.encode(), digest_size=8).hexdigest()


@dataclass
class Listener:
    """An execute wrapper that keeps the shapes, how many statements there were, and whether the database refused one."""

    shapes: set[str] = field(default_factory=set)
    statements: int = 0
    refused: bool = False

    def __call__(
        self, execute: Callable, sql: str, params: object, many: bool, context: dict
    ) -> object:
        self.shapes.add(shape(sql))
        self.statements += 1
        try:
            return execute(sql, params, many, context)
        except Exception:
            self.refused = True
            raise


@dataclass(frozen=True)
class Made:
    """What one test asked on SQLite; ``plain``: nothing was refused, and it is about words, not about moments."""

    plain: bool
    statements: int
    shapes: frozenset[str]


def read(folder: Path, kind: str) -> dict[str, Made]:
    files = [file.read_text(encoding="utf-8") for file in sorted(folder.glob(f"*.{kind}"))]
    rows = [json.loads(line) for text in files for line in text.splitlines()]
    return {name: Made(plain, count, frozenset(shapes)) for name, plain, count, shapes in rows}


def needed(names: list[str], known: dict[str, Made], answered: Iterable[str] = ()) -> set[str]:
    """Which tests have to run on PostgreSQL: all that are not plain, and of the others so few that every shape is asked.

    ``answered``: shapes PostgreSQL has answered already. Whoever asks most that is new for its statements comes next.
    What is new only becomes less, so that whoever still leads when reckoned anew is the best.
    """
    chosen = {name for name in names if name not in known or not known[name].plain}
    answers = {"", *answered}.union(*(known[name].shapes for name in chosen if name in known))
    others = sorted(set(names) - chosen)
    waiting = [(-_worth(known[name], answers), name) for name in others]
    heapify(waiting)
    while waiting:
        _, name = heappop(waiting)
        worth = _worth(known[name], answers)
        if not worth:
            continue
        if waiting and (-worth, name) > waiting[0]:
            heappush(waiting, (-worth, name))
            continue
        chosen.add(name)
        answers |= known[name].shapes
    return chosen


def _worth(made: Made, answered: set[str]) -> float:
    return len(made.shapes - answered) / (made.statements + _FRAME_OF_A_TEST)


def about_moments(item: pytest.Item) -> bool:
    """Whether a test has transactions, processes or a browser of its own, or its file asks which engine it is."""
    mark = item.get_closest_marker("django_db")
    own = bool(mark and mark.kwargs.get("transaction"))
    own |= "transactional_db" in getattr(item, "fixturenames", ())
    own |= _asks_which_engine(item.path)
    return own or any(item.get_closest_marker(name) for name in _ALWAYS)


@cache
def _asks_which_engine(file: Path) -> bool:
    return "connection.vendor" in file.read_text(encoding="utf-8")


class Recording:
    """Leaves in a folder what each test made, one line each."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._file = folder / f"{os.getpid()}.{kind}"
        self._skipped: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped:
            self._skipped.add(item.nodeid)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[object]:
        with listening() as heard:
            result = yield
        skipped = item.nodeid in self._skipped
        plain = not (heard.refused or skipped or about_moments(item))
        row = [item.nodeid, plain, heard.statements, sorted(heard.shapes)]
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        return result


@contextmanager
def listening() -> Iterator[Listener]:
    """What is asked meanwhile of this process's connection, whoever closes it."""
    from django.db import connection

    heard = Listener()
    wrappers = connection.execute_wrappers
    wrappers.append(heard)
    try:
        yield heard
    finally:
        if heard in wrappers:
            wrappers.remove(heard)


def recording() -> Recording | None:
    """On SQLite what was asked, when ``ASKED`` names a folder; on PostgreSQL what it answered, when ``ANSWERS`` does."""
    if _ON_POSTGRES:
        return Recording(folder, "answers") if (folder := _folder("ANSWERS")) else None
    return Recording(folder, "asked") if (folder := _folder("ASKED")) else None


@cache
def known() -> dict[str, Made]:
    """On PostgreSQL, when ``ASKED`` names a folder: what each test made on SQLite."""
    return read(folder, "asked") if _ON_POSTGRES and (folder := _folder("ASKED")) else {}


def spared(items: list[pytest.Item]) -> list[pytest.Item]:
    """Of the tests for PostgreSQL those that would ask nothing that it has not answered or others ask."""
    if not known() or not (folder := _folder("ASKED")):
        return []
    answered = {shape for made in read(folder, "answers").values() for shape in made.shapes}
    playing = [item.nodeid for item in items if evaluate_skip_marks(item) is None]
    chosen = needed(playing, known(), answered)
    return [item for item in items if item.nodeid not in chosen]


def _folder(variable: str) -> Path | None:
    folder = os.environ.get(variable)
    return Path(folder) if folder else None
