"""Conventions that hold for the whole tree."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import models

from metrostd.common.models import StatefulModel

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
    "selfcheck",
    "inspections",
    "rectification",
    "reporting",
)
PACKAGES = ("metrostd", "campaigns", "selfcheck", "inspections", "rectification", "reporting")
SOURCES = [
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
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
    allowed = {"metrostd/common/transitions.py", "metrostd/common/jobs.py"}

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


def test_no_file_has_grown_past_a_sitting():
    long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


def test_the_database_knows_the_states_of_every_machine():
    stateful = [m for m in apps.get_models() if issubclass(m, StatefulModel)]

    assert len(stateful) >= 12
    for model in stateful:
        guards = [c for c in model._meta.constraints if c.name.endswith("_state_known")]
        assert (model, [c.condition.children for c in guards]) == (
            model,
            [[("state__in", model.States.values)]],
        )


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_lock_files_carry_hashes_and_no_hosts():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
