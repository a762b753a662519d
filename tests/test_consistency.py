"""Conventions that hold for the whole tree."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from metrostd.common.models import StatefulModel
from tests import shape

ROOT = settings.BASE_DIR
#: Lowest first; a relation may point to its own layer or to one before it.
LAYERS = (
    "contenttypes",
    "auth",
    "common",
    "registry",
    "accounts",
    "notifications",
    "campaigns",
    "complaints",
    "notices",
    "plans",
    "selfcheck",
    "inspections",
    "rectification",
    "risk",
    "coordination",
    "reporting",
)
SOURCES = shape.sources()
TEMPLATES = shape.templates()
PAGES = [path for path in TEMPLATES if "pdf" not in path.relative_to(ROOT).parts]


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_relations_point_downwards():
    rank = {label: position for position, label in enumerate(LAYERS)}
    upward = [
        str(field)
        for model in apps.get_models()
        if model._meta.app_label in rank
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and isinstance(field, models.Field)
        if field.related_model not in (None, get_user_model())
        and rank[field.related_model._meta.app_label] > rank[model._meta.app_label]
    ]

    assert upward == []


def test_only_transitions_write_state():
    writes = re.compile(r"\.state\s*=[^=]|update\([^)]*\bstate=")
    # A page shows a row as of now; nothing is written.
    shown = "metrostd/common/by_now.py"
    allowed = {"metrostd/common/transitions.py", "metrostd/common/jobs.py", shown}

    offenders = [p for p in SOURCES if writes.search(p.read_text(encoding="utf-8"))]

    assert set(_named(offenders)) <= allowed


def test_there_is_one_clock():
    others = re.compile(r"timezone\.now\(|date\.today\(|datetime\.now\(|auto_now")

    offenders = [p for p in SOURCES if others.search(p.read_text(encoding="utf-8"))]

    assert set(_named(offenders)) <= {"metrostd/common/clock.py"}


def test_nothing_hides_in_signals_or_save():
    hidden = re.compile(r"post_save|pre_save|def save\(self")

    assert _named([p for p in SOURCES if hidden.search(p.read_text(encoding="utf-8"))]) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_pages_carry_no_inline_code_and_no_foreign_address(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert not re.search(r"\son[a-z]+=|javascript:|\sstyle=|<style", text)
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", text)


def test_the_house_keeps_its_shape():
    """Length of files and functions, size of packages, mutual imports: the limits of pyproject.toml."""
    allowed = shape.limits()
    found = {figure.name: figure for figure in shape.figures()}

    assert set(allowed) <= set(found)
    assert [
        each for name, each in found.items() if each.value > allowed.get(name, each.value)
    ] == []


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("from typing import Any\n", []),
        ("def f(row: Any) -> Any: ...\n", [1, 1]),
        ("def f(row: Any): ...  # Any: rows of every table\n", []),
        ("# Any: rows of every table\ndef f(row: Any): ...\n", []),
        ("# a remark\ndef f(row: Any): ...\n", [2]),
        ("# Any: rows\n\ndef f(row: Any): ...\n", [3]),
    ],
)
def test_a_reason_for_any_stands_beside_it(text, bare):
    assert shape.bare_any(text) == bare


def test_templates_are_written_alike():
    """What a formatter would do; lines break only where a browser shows no blank for it."""
    wrong = []
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n") or text.endswith("\n\n"):
            wrong.append(f"{path.relative_to(ROOT)}: ends with one line break")
        depth = 0
        for number, line in enumerate(text.splitlines(), 1):
            indent = len(line) - len(line.lstrip(" "))
            if line != line.rstrip() or "\t" in line:
                wrong.append(f"{path.relative_to(ROOT)}:{number}: blanks at the end, or tabs")
            if line and (indent % 2 or indent > depth + 2):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: two blanks a step")
            depth = indent if line else depth

    assert wrong == []


def test_the_database_knows_the_states_of_every_machine():
    stateful = [m for m in apps.get_models() if issubclass(m, StatefulModel)]

    assert len(stateful) >= 12
    for model in stateful:
        guards = [c for c in model._meta.constraints if c.name.endswith("_state_known")]
        assert (model, [c.condition.children for c in guards]) == (
            model,
            [[("state__in", model.States.values)]],
        )


def test_migrations_do_not_depend_on_code_that_lives_on():
    """What a migration did is done: only defaults and operations of the database come from us."""
    ours = re.compile(
        r"^(?:from|import) ((?:{})[\w.]*)".format("|".join(shape.PACKAGES)), re.MULTILINE
    )
    used = {
        found
        for package in shape.PACKAGES
        for path in (ROOT / package).rglob("migrations/*.py")
        for found in ours.findall(path.read_text(encoding="utf-8"))
    }

    assert used <= {
        "metrostd.common.clock",
        "metrostd.common.trigrams",
        "metrostd.risk.watching",
        "metrostd.trail.protection",
    }


def test_lock_files_carry_hashes_and_no_hosts():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
