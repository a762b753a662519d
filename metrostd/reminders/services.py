"""Changing the rules of reminding, on record."""

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict, not_now, require
from metrostd.common.shapes import Values

from . import wording
from .models import ReminderRule

#: What tells one rule from another.
_IDENTITY = ("kind", "moment", "days", "audience")
COLUMNS = (*_IDENTITY, "by_law", "text")


def deletable(rule: ReminderRule) -> Verdict:
    """One that is on is switched off first: nobody deletes what is just being used."""
    return not_now("规则正在使用，请先停用再删除。" if rule.is_on else "")


def _shown(rule: ReminderRule) -> dict[str, object]:
    return {name: getattr(rule, name) for name in COLUMNS}


@transaction.atomic
def write(rule: ReminderRule, values: Values, *, actor: Actor) -> bool:
    """Keep a new rule (switched off) or other values of one there is; returns whether anything changed.

    Raises ValidationError when the number does not fit the moment, when its text has a variable nobody fills in,
    or when there is such a rule.
    """
    new = rule.pk is None
    before = {} if new else _shown(ReminderRule.objects.select_for_update().get(pk=rule.pk))
    for name in COLUMNS:
        setattr(rule, name, values[name])
    rule.clean()
    rule.text = wording.check_own(rule.text)
    twins = ReminderRule.objects.exclude(pk=rule.pk)
    if twins.filter(**{name: values[name] for name in _IDENTITY}).exists():
        raise ValidationError(f"已有同样的规则：{rule}。")
    if before == _shown(rule):
        return False
    rule.save()
    audit.record(
        rule, actor=actor, action="reminder_rule.add" if new else "reminder_rule.write",
        label="增加提醒规则" if new else "修改提醒规则", before=before or None, after=_shown(rule),
    )  # fmt: skip
    return True


@transaction.atomic
def switch(rule: ReminderRule, *, actor: Actor) -> None:
    """On when it was off, off when it was on; what was told stays told."""
    held = ReminderRule.objects.select_for_update().get(pk=rule.pk)
    held.is_on = rule.is_on = not held.is_on
    held.save(update_fields=["is_on"])
    words = "启用" if held.is_on else "停用"
    audit.record(
        rule, actor=actor, action="reminder_rule.switch", label=f"{words}提醒规则",
        after={"is_on": held.is_on},
    )  # fmt: skip


@transaction.atomic
def delete(rule: ReminderRule, *, actor: Actor) -> None:
    """Take a rule away that is off; the trail keeps what it was."""
    held = ReminderRule.objects.select_for_update().get(pk=rule.pk)
    require(deletable(held))
    audit.record(
        held, actor=actor, action="reminder_rule.delete", label="删除提醒规则", before=_shown(held)
    )
    held.delete()
