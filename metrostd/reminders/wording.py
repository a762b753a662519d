"""The words of reminders: templates with a few variables, put in as they are and checked before they are kept.

Nothing in them is evaluated: ``{title}`` is replaced, everything else stays text.
"""

import datetime as dt
import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns.documents import duty_owner
from campaigns.models import Duty
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date

from .enums import Audience, Moment
from .models import ReminderRule, ReminderText

#: What may stand in braces, and what it becomes.
VARIABLES = {
    "title": "事项内容",
    "kind": "事项类型",
    "owner": "责任方",
    "due": "到期日",
    "when": "还有几天或者逾期几天",
    "campaign": "专项行动",
}
#: For the heading of a message about several things.
HEADING_VARIABLES = {"count": "事项数", "due": "最近的到期日"}
HEADING = "heading"
ABOVE = "above"
#: The words of one rule.
OWN = "own"

#: What is said unless an administrator wrote something else.
DEFAULTS: dict[str, str] = {
    Moment.NEW: "新的应办事项：{title}，{due}前办结。",
    Moment.BEFORE: "{title}，{due}到期，{when}。",
    Moment.ON_DAY: "{title}，{due}到期，{when}，请办结。",
    Moment.AFTER: "{title}，{due}到期，{when}，请尽快办理。",
    Moment.WEEKLY: "{title}，{due}到期，{when}。",
    ABOVE: "{owner}的“{title}”{due}到期，{when}，请督促办理。",
    HEADING: "应办事项提醒：{count}项，最近的{due}到期",
}
LABELS: dict[str, str] = {
    **{moment.value: f"提醒责任方：{moment.label}" for moment in Moment},
    ABOVE: "提醒上级主管处室",
    HEADING: "多项合并时的标题",
}
_BRACES = re.compile(r"\{([^{}]*)\}")
_LONGEST = 200


def variables_of(key: str) -> dict[str, str]:
    """The variables this text may use."""
    return HEADING_VARIABLES if key == HEADING else VARIABLES


def told_variables(key: str) -> str:
    """The variables and their meaning, for the help beside a field."""
    return "、".join(f"{{{name}}} {what}" for name, what in variables_of(key).items())


def check(key: str, text: str) -> str:
    """The text in one line. Raises ValidationError for a variable nobody fills in and for a stray brace."""
    line = " ".join(text.split())
    known = variables_of(key)
    unknown = [name for name in _BRACES.findall(line) if name not in known]
    if unknown:
        names = "、".join(f"{{{name}}}" for name in unknown)
        there = "、".join(f"{{{name}}}" for name in known)
        raise ValidationError({"text": f"没有变量{names}。可以用的变量：{there}。"})
    if any(brace in _BRACES.sub("", line) for brace in "{}"):
        raise ValidationError({"text": "花括号没有成对。变量要写成 {title} 的样子。"})
    if not line:
        raise ValidationError({"text": "请填写文字。"})
    if len(line) > _LONGEST:
        raise ValidationError({"text": f"文字有{len(line)}个字，最多{_LONGEST}个。"})
    return line


def check_own(text: str) -> str:
    """The same for the words of one rule, which may have none of its own."""
    return check(OWN, text) if text.strip() else ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; they are not looked at for variables again."""
    return _BRACES.sub(lambda found: values.get(found[1], ""), text)


def texts() -> dict[str, str]:
    """Every text in force, with one query."""
    return DEFAULTS | dict(ReminderText.objects.values_list("key", "text"))


def said_by(rule: ReminderRule, texts: Mapping[str, str]) -> str:
    """Which text a rule speaks with: its own, or that of its moment or audience."""
    return rule.text or texts[ABOVE if rule.audience == Audience.ABOVE else rule.moment]


def when(due_on: dt.date, on: dt.date) -> str:
    """还有3天, 今天到期, 已逾期2天."""
    days = (due_on - on).days
    if days > 0:
        return f"还有{days}天"
    return f"已逾期{-days}天" if days else "今天到期"


def values_for(duty: Duty, on: dt.date) -> dict[str, str]:
    """What the variables stand for on a day."""
    return {
        "title": duty.title,
        "kind": duty.get_kind_display(),
        "owner": duty_owner(duty),
        "due": cn_date(duty.due_on),
        "when": when(duty.due_on, on),
        "campaign": str(duty.campaign or ""),
    }


@transaction.atomic
def write(key: str, text: str, *, actor: Actor) -> str:
    """Keep another text; the original again when it is the same. Returns what is in force."""
    line = check(key, text)
    before = texts()[key]
    row, _ = ReminderText.objects.update_or_create(key=key, defaults={"text": line})
    if line != before:
        audit.record(
            row, actor=actor, action="reminder_text.write", label="修改提醒文字",
            before={"text": before}, after={"text": line},
        )  # fmt: skip
    return line
