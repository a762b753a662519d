"""Forms of 附件3 are taken in, compared with the one in force, and put in force from a day on."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date

from . import layouts
from .figures import BY_ID
from .form_reading import read_form
from .layouts import BlockLayout, TableLayout
from .models import Annex3Form


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which a form differs from another: where, what, before and after."""

    block: str
    what: str
    before: str
    after: str


@transaction.atomic
def take(upload: UploadedFile, *, actor: Actor | None) -> Annex3Form:
    """Keep a form that can be; nothing is made in it yet. Raises ValidationError naming each wrong cell."""
    content = read_form(upload.read(), upload.name or "")
    versions = [int(form.version) for form in layouts.known() if form.version.isdigit()]
    row = Annex3Form.objects.create(version=str(max(versions) + 1), content=content, added_by=actor)
    audit.record(
        row, actor=actor, action="annex_form.take", label="上传统计表表式",
        after={"version": row.version, "title": content["title"]},
    )  # fmt: skip
    return row


@transaction.atomic
def put_in_force(row: Annex3Form, day: dt.date, *, actor: Actor | None) -> None:
    """Make tables in it from a day on that has not been: what was made before stays as it was made."""
    held = Annex3Form.objects.select_for_update().get(pk=row.pk)
    if wrong := act_dates.not_owed_by(day, what="启用日期"):
        raise ValidationError({"day": f"{wrong}已经编制的统计表不改表式。"})
    if held.in_force_from and held.in_force_from <= clock.today():
        raise ValidationError({"day": "这一版已经启用，不能再改启用日期；要更换时请上传新的表式。"})
    before, row.in_force_from = held.in_force_from, day
    row.save(update_fields=["in_force_from"])
    audit.record(
        row, actor=actor, action="annex_form.put_in_force", label="启用统计表表式",
        before={"in_force_from": cn_date(before)} if before else None,
        after={"in_force_from": cn_date(day)},
    )  # fmt: skip


def differences(old: TableLayout, new: TableLayout) -> list[Change]:
    """Words and columns in which a form differs, block by block."""
    found = [
        Change("", what, before, after)
        for what, before, after in (
            ("标题", old.title, new.title),
            ("表注", old.legend, new.legend),
            ("签字栏", "、".join(old.signers), "、".join(new.signers)),
        )
        if before != after
    ]
    for block in new.blocks:
        found += _of_block(old.block(block.id), block)
    return found


def _of_block(old: BlockLayout, new: BlockLayout) -> list[Change]:
    found = [
        Change(new.id, what, before, after)
        for what, before, after in (
            ("块标题", old.title, new.title),
            ("行标题", old.heading, new.heading),
            ("工作表", old.sheet, new.sheet),
        )
        if before != after
    ]
    was, now = _columns(old), _columns(new)
    for figure in dict.fromkeys([*was, *now]):
        before, after = was.get(figure, "不印"), now.get(figure, "不印")
        if before != after:
            found.append(Change(new.id, f"列“{BY_ID[figure].name}”", before, after))
    if [f for f in was if f in now] != [f for f in now if f in was]:
        found.append(Change(new.id, "列的次序", "", "有变动"))
    return found


def _columns(block: BlockLayout) -> dict[str, str]:
    """Figure → table, group and name it is printed under."""
    return {
        column.figure.id: " / ".join(filter(None, (part.name, column.group, column.name)))
        for part in block.parts
        for column in part.columns
    }
