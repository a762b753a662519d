"""Conventions of the templates that a page shows only when a browser posts its form."""

import re
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "templates"
SOURCES = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.html")}
INCLUDE = re.compile(r'{%\s*include\s+"([^"]+)"([^%]*)%}')


def _parts_with_forms() -> set[str]:
    """Templates that print the token themselves or through a part they include."""
    found = {name for name, text in SOURCES.items() if "{% csrf_token %}" in text}
    while more := {
        name
        for name, text in SOURCES.items()
        if name not in found and any(part[1] in found for part in INCLUDE.finditer(text))
    }:
        found |= more
    return found


def test_included_forms_get_the_token():
    """``only`` keeps the token out, and the form is refused as soon as somebody sends it."""
    forms = _parts_with_forms()

    forgotten = [
        f"{name} includes {part[1]}"
        for name, text in SOURCES.items()
        for part in INCLUDE.finditer(text)
        if part[1] in forms and " only" in part[2] and "csrf_token=" not in part[2]
    ]

    assert forgotten == []
