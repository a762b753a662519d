"""Every day somebody enters is bounded: by its field in the form, and by the act it belongs to."""

import ast
import datetime as dt
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import ValidationError

from metrostd.common import clock
from metrostd.common.day_fields import AnyDay, DueDay, PastDay, PastMoment

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("metrostd", "campaigns", "selfcheck", "inspections", "rectification", "reporting")
TODAY = dt.date(2021, 6, 15)

#: Where acts are done; their days are parameters annotated as dates.
_ACTS = ("moves", "services", "serving")
#: Days the portal itself passes on, not entered: they come from a clock, a stage or another act.
_OWN = {
    ("selfcheck.moves", "_owe_again", "due_on"),  # of an act that has checked it
    ("inspections.moves.not_performed", "_owe_follow_up", "due_on"),
    ("inspections.moves.finding", "too_late_to_extend", "asked_on"),  # when a request was made
    ("inspections.moves.finding", "extend", "asked_on"),
    ("inspections.moves.finding", "order", "due_on"),  # of the order, checked with it
    # Of a device: between when the task was taken along and when it arrived (``offline/moments.py``).
    ("inspections.services", "add_evidence", "captured_at"),
    ("metrostd.complaints.moves", "owe", "due_on"),  # counted by the limits of the law
    # The moment a figure is counted to: a table or a page gives it.
    ("metrostd.plans.moves", "made_together", "by"),
    ("metrostd.plans.moves", "in_sentences", "by"),
}
#: What bounds a day; ``check_dates`` ties the end of a certificate to its day of issue.
_BOUNDS = {
    *("refusals", "check", "check_fact", "check_due", "not_owed_by", "out_of_bounds"),
    *("visit_refusals", "check_planned_day", "check_dates"),
}


def _modules() -> Iterator[str]:
    for package in PACKAGES:
        found = importlib.import_module(package)
        for each in pkgutil.walk_packages(found.__path__, f"{package}."):
            if ".migrations" not in each.name and ".management" not in each.name:
                yield each.name


def _forms() -> Iterator[type[forms.BaseForm]]:
    for name in _modules():
        if "forms" in name.split(".") or name.endswith("views"):
            importlib.import_module(name)
    waiting = [forms.BaseForm]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.split(".")[0] in PACKAGES:
                yield kind


def test_every_day_of_a_form_says_whether_it_lies_before_or_after_today():
    loose = {
        f"{form.__qualname__}.{name}"
        for form in _forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.DateField | forms.DateTimeField)
        and not isinstance(field, AnyDay | PastMoment)
    }
    built = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "day_fields.py"
        and any(word in path.read_text() for word in ("forms.DateField(", "forms.DateTimeField("))
    }

    assert (loose, built) == (set(), set())


def _functions() -> dict[str, list[tuple[str, ast.FunctionDef]]]:
    """The functions of the acts by their name, each with its module."""
    found: dict[str, list[tuple[str, ast.FunctionDef]]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "demo" in parts or not set(parts) & set(_ACTS):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    found.setdefault(node.name, []).append((".".join(parts), node))
    return found


def _days(node: ast.FunctionDef) -> list[str]:
    return [
        each.arg
        for each in (*node.args.args, *node.args.kwonlyargs)
        if each.annotation
        and ast.unparse(each.annotation).split(" | ")[0] in ("dt.date", "dt.datetime")
        and each.arg not in ("on", "today", "at")
    ]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_bounded(day: str, node: ast.FunctionDef, functions: dict) -> bool:
    """Whether a day is handed to a bound, here or by a function of the acts it is handed on to."""
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        name = _called(call)
        handed = {i: a.id for i, a in enumerate(call.args) if isinstance(a, ast.Name)}
        named = {k.arg: k.value.id for k in call.keywords if isinstance(k.value, ast.Name)}
        if day not in (*handed.values(), *named.values()):
            continue
        if name in _BOUNDS:
            return True
        for _, other in functions.get(name, []):
            places = [each.arg for each in other.args.args]
            its = {places[i] for i, given in handed.items() if given == day and i < len(places)}
            its |= {str(arg) for arg, given in named.items() if given == day}
            if other is not node and any(_is_bounded(each, other, functions) for each in its):
                return True
    return False


def test_every_day_of_an_act_is_bounded():
    functions = _functions()
    days = {
        (module, node.name, day)
        for rows in functions.values()
        for module, node in rows
        for day in _days(node)
        if node.name not in _BOUNDS and not _is_bounded(day, node, functions)
    }

    assert days - _OWN == set()
    assert _OWN - days == set(), "no longer loose: take it off the list"


@pytest.mark.parametrize(
    ("field", "entered", "said"),
    [
        (PastDay(label="决定日期"), "2021-06-15", ""),
        (PastDay(label="决定日期"), "2021-06-16", "决定日期不能晚于今天。"),
        (PastDay(label="启用日期"), "0021-06-15", "启用日期的年份是21年，请核对。"),
        (DueDay(label="整改期限"), "2021-06-15", ""),
        (DueDay(label="整改期限"), "2021-06-14", "整改期限不能早于今天。"),
        (DueDay(label="整改期限"), "2121-06-14", "整改期限的年份是2121年，请核对。"),
        (AnyDay(label="有效期至"), "2021-06-16", ""),
        (AnyDay(label="有效期至"), "1021-06-16", "有效期至的年份是1021年，请核对。"),
        (PastMoment(label="到达时间"), "2021-06-15T11:59", ""),
        (PastMoment(label="到达时间"), "2021-06-15T12:01", "到达时间不能晚于现在。"),
    ],
)
def test_a_field_knows_its_bounds(field, entered, said):
    with clock.pinned(clock.at_time(TODAY, 12)):
        if not said:
            assert field.clean(entered)
            return
        with pytest.raises(ValidationError) as caught:
            field.clean(entered)

    assert caught.value.messages == [said]
