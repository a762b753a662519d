"""Versions of Annex 1 and Annex 2 are taken in and compared with the one in force."""

import datetime as dt
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from campaigns.models import ChecklistItem, ChecklistTemplate
from campaigns.reference import fill_checklist
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.registry import legal

from .checklist_reading import COLUMNS, read_checklist, shown


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which a version differs from another: where, what, before and after."""

    place: str
    what: str
    before: str
    after: str


@transaction.atomic
def take(upload: UploadedFile, *, actor: Actor | None) -> ChecklistTemplate:
    """Keep a version that can be; nothing is laid out in it yet. Raises ValidationError naming each wrong cell."""
    kind, content = read_checklist(upload.read(), upload.name or "")
    versions = ChecklistTemplate.objects.select_for_update().filter(kind=kind)
    last = max(versions.values_list("version", flat=True), default=0)
    template = ChecklistTemplate.objects.create(
        kind=kind,
        version=last + 1,
        edition=content["edition"],
        title=content["title"],
        is_current=False,
        added_by=actor,
        added_at=clock.now(),
    )
    made = fill_checklist(template, content)
    audit.record(
        template, actor=actor, action="checklist.take", label="上传检查表",
        after={"kind": kind.label, "version": template.version, "items": made},
    )  # fmt: skip
    return template


def doubts(template: ChecklistTemplate, *, on: dt.date) -> list[Change]:
    """Bases of items that name an article the library does not know, or one replaced by the day."""
    library = legal.Library(on)
    return [
        Change(item.code, "依据", doubt.cited, doubt.said)
        for item in _items(template).values()
        for doubt in library.doubts(item.basis)
    ]


def differences(old: ChecklistTemplate, new: ChecklistTemplate) -> list[Change]:
    """Words of the head and of sections, then items: left out, new, changed field by field, moved."""
    found = [
        Change("表头", what, before, after)
        for what, before, after in (
            ("名称", old.title, new.title),
            ("依据规范版本", old.edition, new.edition),
        )
        if before != after
    ]
    return found + _of_sections(old, new) + _of_items(old, new)


def _of_sections(old: ChecklistTemplate, new: ChecklistTemplate) -> list[Change]:
    was, now = (
        {one.code: f"{one.title}（{one.short_title}）" for one in template.sections.all()}
        for template in (old, new)
    )
    found = [
        Change(
            f"分组 {code}", _what(code in was, code in now), was.get(code, ""), now.get(code, "")
        )
        for code in dict.fromkeys([*was, *now])
        if was.get(code) != now.get(code)
    ]
    return found + _moved("分组", list(was), list(now))


def _of_items(old: ChecklistTemplate, new: ChecklistTemplate) -> list[Change]:
    was, now = _items(old), _items(new)
    found: list[Change] = []
    for code in dict.fromkeys([*was, *now]):
        before, after = was.get(code), now.get(code)
        if before is None or after is None:
            texts = (before.text if before else "", after.text if after else "")
            found.append(Change(code, _what(before is not None, after is not None), *texts))
            continue
        if before.section.code != after.section.code:
            found.append(Change(code, "分组", before.section.code, after.section.code))
        for column, (field, _) in list(COLUMNS.items())[2:]:
            if getattr(before, field) != getattr(after, field):
                found.append(Change(code, column, shown(before, field), shown(after, field)))
    return found + _moved("检查项", list(was), list(now))


def _items(template: ChecklistTemplate) -> dict[str, ChecklistItem]:
    rows = ChecklistItem.objects.filter(section__template=template).select_related("section")
    return {item.code: item for item in rows}


def _what(was: bool, now: bool) -> str:
    return "修改" if was and now else "增加" if now else "删去"


def _moved(place: str, was: list[str], now: list[str]) -> list[Change]:
    if [one for one in was if one in now] == [one for one in now if one in was]:
        return []
    return [Change(place, "次序", "", "有变动")]
