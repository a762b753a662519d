"""The glossary speaks of the code as it is: its identifiers exist, and people read the same word."""

import importlib
import re
from types import ModuleType

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from metrostd.common.models import StatefulModel

#: Where the enumerations stand; models are known to Django.
ENUMERATIONS = (
    "metrostd.common.enums",
    "metrostd.common.roles",
    "metrostd.registry.enums",
    "metrostd.notifications.enums",
    "metrostd.reminders.enums",
    "metrostd.complaints.enums",
    "metrostd.notices.enums",
    "metrostd.plans.enums",
    "metrostd.risk.enums",
    "metrostd.coordination.enums",
    "campaigns.enums",
    "selfcheck.enums",
    "inspections.enums",
    "rectification.enums",
    "reporting.enums",
)
ROWS = re.findall(
    r"^\| ([^|`]+) \| (`[^|]+) \|",
    (settings.BASE_DIR / "docs/glossary.md").read_text("utf-8"),
    re.M,
)
NAMED = [(word, name) for word, names in ROWS for name in re.findall(r"`([^`]+)`", names)]


def _choices(module: ModuleType) -> dict[str, type[models.TextChoices]]:
    return {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, type) and issubclass(each, models.TextChoices)
    }


KNOWN: dict[str, type] = {
    **{
        name: each
        for path in ENUMERATIONS
        for name, each in _choices(importlib.import_module(path)).items()
    },
    **{model.__name__: model for model in apps.get_models()},
}


@pytest.mark.parametrize(("word", "name"), NAMED, ids=[name for _, name in NAMED])
def test_an_identifier_exists_and_people_read_its_word(word, name):
    owner, _, part = name.partition(".")
    known = KNOWN[owner]

    if issubclass(known, models.TextChoices):
        assert word in str(known[part].label)
    elif part:
        assert word in str(known._meta.get_field(part).verbose_name)
    else:
        assert str(known._meta.verbose_name) in word or word in str(known._meta.verbose_name)


def test_every_state_machine_has_its_word():
    machines = {m.__name__ for m in apps.get_models() if issubclass(m, StatefulModel)}

    assert machines - {name for _, name in NAMED} == set()


def test_a_word_stands_once():
    words = [word for word, _ in ROWS]

    assert len(words) > 70
    assert [word for word in set(words) if words.count(word) > 1] == []
