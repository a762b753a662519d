"""The issue codes in ``docs/commands.md``, rendered from the catalogues so that the two cannot differ.

A test compares them. After a change: ``bin/manage shell -c "from metrostd.lists.imports.documentation
import rewrite; rewrite()"``.
"""

from pathlib import Path

from django.conf import settings

from metrostd.annex4.issues import Kind
from metrostd.annex4.unreadable import UNREADABLE

from .decisions import KINDS
from .issues import CODES

BEGIN, END = "<!-- issues: begin (rendered) -->", "<!-- issues: end -->"
_HEAD = """
Codes are stable; each issue names sheet, cell, what was found and what to do. Any `error` keeps the whole list out;
a `warning` may go in; `info` only tells what was done. Some codes are questions: without an answer on the preview
screen the list waits (待决定), or what stands under 未决定时 happens. An answered question is reported as `info`.

| 代码 | 级别 | 含义 | 怎么办 | 可作的决定 | 未决定时 |
|---|---|---|---|---|---|
"""
_FILES = """
A file that cannot be read gives no issues but one sentence, and exit code 2:

| 代码 | 含义 |
|---|---|
"""
_QUESTIONS = {"CONFLICT": ("CONFLICT_DISTRICT", "CONFLICT_CODE", "CONFLICT_NAME")}


def section() -> str:
    """Everything between the two marks."""
    kinds = "".join(_line(code, kind) for code, kind in CODES.items())
    files = "".join(f"| `{code}` | {title} |\n" for code, title in UNREADABLE.items())
    return f"{BEGIN}\n{_HEAD}{kinds}{_FILES}{files}\n{END}"


def _line(code: str, kind: Kind) -> str:
    asked = [KINDS[name] for name in _QUESTIONS.get(code, (code,)) if name in KINDS]
    choices = "；".join(
        dict.fromkeys(words for options in asked for words in options.choices.values())
    )
    defaults = [options.choices[options.default] for options in asked if options.default]
    meanwhile = "、".join(defaults) or ("待决定" if asked else "")
    cells = (f"`{code}`", kind.severity.value, kind.title, kind.advice, choices, meanwhile)
    return f"| {' | '.join(cells)} |\n".replace("  ", " ")


def document() -> Path:
    return settings.BASE_DIR / "docs" / "commands.md"


def rewrite() -> None:
    """Put the section as it is now into the document."""
    text = document().read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    document().write_text(before + section() + rest.partition(END)[2], encoding="utf-8")
