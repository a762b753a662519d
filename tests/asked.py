"""What tests ask of a database, by the shape of the statements: which of them PostgreSQL has to be asked, too.

``bin/test`` plays the tests on SQLite first; each leaves in the folder ``ASKED`` which shapes of statements it made and
whether the database refused one. On PostgreSQL a test is left out when PostgreSQL has already answered every one of its
shapes and nothing was refused. What was measured is a moment old: there is no list to keep. A test nobody has measured
runs, and so does whatever has transactions, processes or a browser of its own: there the moment counts, not the words.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from pathlib import Path

import pytest

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
    """An execute wrapper that keeps the shapes, and whether the database refused one."""

    shapes: set[str] = field(default_factory=set)
    refused: bool = False

    def __call__(
        self, execute: Callable, sql: str, params: object, many: bool, context: dict
    ) -> object:
        self.shapes.add(shape(sql))
        try:
            return execute(sql, params, many, context)
        except Exception:
            self.refused = True
            raise


@dataclass
class Asked:
    """Shapes each test made on SQLite, and those PostgreSQL has answered in this run."""

    made: dict[str, set[str] | None] = field(default_factory=dict)
    answered: set[str] = field(default_factory=lambda: {""})

    @classmethod
    def read(cls, folder: Path) -> "Asked":
        files = [file.read_text(encoding="utf-8") for file in folder.glob("*.asked")]
        rows = [json.loads(line) for text in files for line in text.splitlines()]
        return cls({name: set(made) if plain else None for name, plain, made in rows})

    def needless(self, name: str) -> bool:
        """Whether PostgreSQL has nothing new to say to this test."""
        made = self.made.get(name)
        return made is not None and made <= self.answered

    def heard(self, name: str, shapes: set[str]) -> None:
        """A test ran on PostgreSQL: its statements there, and those it made on SQLite."""
        self.answered |= shapes | (self.made.get(name) or set())


def about_moments(item: pytest.Item) -> bool:
    """Whether a test has transactions, processes or a browser of its own."""
    mark = item.get_closest_marker("django_db")
    own = bool(mark and mark.kwargs.get("transaction"))
    own |= "transactional_db" in getattr(item, "fixturenames", ())
    return own or any(item.get_closest_marker(name) for name in _ALWAYS)


class Recording:
    """On SQLite: what each test made, one line each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[object]:
        with listening() as heard:
            result = yield
        plain = not (heard.refused or about_moments(item))
        with (self._folder / f"{os.getpid()}.asked").open("a", encoding="utf-8") as file:
            file.write(json.dumps([item.nodeid, plain, sorted(heard.shapes)]) + "\n")
        return result


class Choosing:
    """On PostgreSQL: leaves out what would ask nothing new."""

    def __init__(self, folder: Path) -> None:
        self._asked = Asked.read(folder)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._asked.needless(item.nodeid):
            pytest.skip("PostgreSQL has answered every statement of this test")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[object]:
        with listening() as heard:
            result = yield
        self._asked.heard(item.nodeid, heard.shapes)
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


def plugin() -> Recording | Choosing | None:
    """What this run does about it; nothing unless ``ASKED`` names a folder."""
    if not (folder := os.environ.get("ASKED")):
        return None
    on_postgres = os.environ.get("TEST_DATABASE") == "postgres"
    return (Choosing if on_postgres else Recording)(Path(folder))
