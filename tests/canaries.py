"""A city in which every text carries its owner's canary: none may be found where its owner's things are not seen.

A canary is 〔u5〕 for what belongs to the unit with key 5, 〔a7〕 for what belongs to the office with key 7 alone. Whose a row is,
its foreign keys say: the shortest way to a unit, otherwise to an authority.
"""

import io
import re
import zipfile
from collections import defaultdict, deque
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat, Left
from django.http import Http404
from django.test import Client
from django.urls import resolve

CANARY = re.compile(r"〔([ua]\d+)〕")
#: Longer than any canary.
_ROOM = 14
#: What belongs to everybody, or carries no text of anybody: tables of the law, the people's accounts, technical rows.
_NOBODYS = {
    "common", "contenttypes", "sessions", "admin", "auth", "trail", "django_celery_beat", "accounts", "reminders",
    "notifications",
}  # fmt: skip
#: Texts that are keys, hashes or numbers, which forms and files compare.
_NO_TEXT = re.compile(
    r"hash|sha|seed|nonce|commit|code|uscc|number|_no$|pinyin|kind|version|path|url|receipt|state|value|answer$|name$"
)
#: Offices are known to everybody, and so is how to reach them; the text of terms is hashed.
_AS_THEY_ARE = {"registry.Authority", "complaints.ComplaintDesk", "campaigns.DrawTerms"}
#: Written by the office that answers, in general words, for everybody who inspects.
_FOR_EVERYBODY = {"inspections.SingleIssueReport": {"ruling", "basis"}}
_DEPTH = 4


def plant() -> int:
    """Write the canaries; returns how many columns carry one."""
    columns, text = 0, models.TextField()
    for model in apps.get_models():
        if model._meta.app_label in _NOBODYS or model._meta.label in _AS_THEY_ARE:
            continue
        shared = _FOR_EVERYBODY.get(model._meta.label, set())
        fields = [
            f.name for f in model._meta.concrete_fields if _is_text(f) and f.name not in shared
        ]
        way, letter = _way(model)
        if not fields or not way:
            continue
        owner = Subquery(model._base_manager.filter(pk=OuterRef("pk")).values(way)[:1])
        rows = model._base_manager.exclude(**{f"{way}__isnull": True})
        for name in fields:
            field = model._meta.get_field(name)
            kept = Cast(F(name), text)
            if field.max_length:
                kept = Left(kept, field.max_length - _ROOM)
            mark = Concat(Value(f"〔{letter}", text), Cast(owner, text), Value("〕", text))
            changed = Concat(kept, mark, output_field=text)
            columns += bool(rows.exclude(**{name: ""}).update(**{name: changed}))
    return columns


def _is_text(field: models.Field) -> bool:
    if not isinstance(field, models.CharField | models.TextField) or field.choices or field.unique:
        return False
    if type(field).__module__ != "django.db.models.fields":
        return False  # kept sealed
    long_enough = field.max_length is None or field.max_length >= 40
    return long_enough and (field.name == "name" or not _NO_TEXT.search(field.name))


def _way(model: type[models.Model]) -> tuple[str, str]:
    """The shortest way by foreign keys to whom a row belongs, and the letter of its canary."""
    found = {}
    waiting = deque([(model, "")])
    seen = {model}
    while waiting:
        at, way = waiting.popleft()
        label = at._meta.label
        if label in {"registry.Unit", "registry.Authority"}:
            found.setdefault(label, way or "pk")
            continue
        if way.count("__") >= _DEPTH:
            continue
        for field in at._meta.concrete_fields:
            target = field.related_model
            if target is None or target in seen or field.name.endswith("_by"):
                continue
            if target._meta.app_label in _NOBODYS:
                continue
            if target._meta.label != "registry.Unit":
                seen.add(target)
            waiting.append((target, f"{way}__{field.name}".lstrip("_")))
    if "registry.Unit" in found:
        return found["registry.Unit"], "u"
    return found.get("registry.Authority", ""), "a"


def crawled(client: Client, seeds: list[str], *, most: int) -> Iterator[tuple[str, str]]:
    """Address and text of at most so many pages and files a person comes to, few of each route."""
    from tests.test_simulated_city import Forms, read

    waiting, seen, of_route = deque(["/", *seeds]), set(), defaultdict(int)
    while waiting and len(seen) < most:
        address = waiting.popleft()
        try:
            route = resolve(address.split("?")[0]).view_name
        except Http404:
            continue
        if address in seen or of_route[route] >= 2 or route.startswith("admin:"):
            continue
        if "sign_out" in route:
            continue
        seen.add(address)
        of_route[route] += 1
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        if not response.streaming:
            read(response)
        text = _text(response.headers.get("Content-Type", ""), content)
        yield address, text
        if response.headers.get("Content-Type", "").startswith("text/html"):
            page = Forms(text)
            waiting += page.links


def _text(kind: str, content: bytes) -> str:
    """What a page or file says; a workbook is what all of its parts say."""
    if kind.startswith(("text/", "application/json")):
        return content.decode()
    if "spreadsheet" in kind or "word" in kind or kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(
                book.read(name).decode("utf-8", "replace")
                for name in book.namelist()
                if name.endswith((".xml", ".txt", ".csv"))
            )
    return ""


def heard(text: str) -> set[str]:
    """The canaries of a text."""
    return set(CANARY.findall(text))
