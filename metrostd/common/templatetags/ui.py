"""The components every page is built from, as tags with keyword-only arguments.

A misspelt argument is a TemplateSyntaxError. What each component takes is written at the head of its
template in ``templates/components/``; ``/_gallery/`` shows all of them in debug mode.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol
from zlib import crc32

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from metrostd.common.actions import Action
from metrostd.common.content import MATERIALS, MEDIA, accept_attribute
from metrostd.common.enums import Answer
from metrostd.common.handwriting import LEAST_LONG, LEAST_POINTS, LEAST_SHORT
from metrostd.common.policies import YES, Verdict

from . import formats, lists

register = template.Library()
register.filters.update(formats.register.filters)
register.tags.update(lists.register.tags)

#: A state is an icon, a word and a colour.
TONE_ICONS = {
    "ok": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
    "info": "info-circle",
    "muted": "circle-minus",
    "running": "progress",
}
#: Checklist answers: word, tone, icon.
ANSWERS = {
    **{answer.value: (answer.label, answer.tone, TONE_ICONS[answer.tone]) for answer in Answer},
    Answer.NOT_APPLICABLE.value: (Answer.NOT_APPLICABLE.label, Answer.NOT_APPLICABLE.tone, "minus"),
}
_UNANSWERED = ("未填", "muted", "circle-dashed")
_FILE_ICONS = {
    "pdf": "file-type-pdf",
    "xlsx": "file-spreadsheet",
    "xls": "file-spreadsheet",
    "csv": "file-spreadsheet",
    "docx": "file-type-docx",
    "doc": "file-type-doc",
    "zip": "file-zip",
    **dict.fromkeys(("jpg", "jpeg", "png", "webp", "heic"), "photo"),
    "mp4": "video",
    "mov": "video",
    "m4a": "microphone",
    "mp3": "microphone",
    "wav": "microphone",
    "weba": "microphone",
    "webm": "video",
}
_BUTTON_TONES = ("primary", "default", "danger")
_SOON_DAYS = 3


class _InState(Protocol):
    """A record in a state that has a word and a tone."""

    @property
    def state_tone(self) -> str: ...

    def get_state_display(self) -> str: ...


def _part(name: str, **context: object) -> SafeString:
    return render_to_string(f"components/{name}.html", context)


@lru_cache(maxsize=2048, typed=True)  # typed: a text marked safe is not the same text unmarked
def _kept(name: str, **words: object) -> SafeString:
    """A part that depends on a few words alone: the rows of a list say the same few things again and again."""
    return _part(name, **words)


def _id(prefix: str, *parts: object) -> str:
    """An element id that stays the same from one rendering to the next."""
    return f"{prefix}-{crc32('|'.join(map(str, parts)).encode()):08x}"


def _one_of(value: str, allowed: Iterable[str], what: str) -> str:
    if value not in allowed:
        raise template.TemplateSyntaxError(f"{what} {value!r} is not one of {', '.join(allowed)}")
    return value


# Page structure ----------------------------------------------------------------------------------


@register.simple_block_tag
def crumbs(content: str) -> SafeString:
    return _part("crumbs", content=content)


@register.inclusion_tag("components/crumb.html")
def crumb(*, label: str, url: str = "") -> dict:
    return {"label": label, "url": url}


@register.simple_block_tag
def page_header(
    content: str, *, title: str, subtitle: str = "", state: str = "", tone: str = "info"
) -> SafeString:
    return _part(
        "page_header", content=content, title=title, subtitle=subtitle, state=state, tone=tone
    )


@register.simple_block_tag
def panel(
    content: str,
    *,
    title: str = "",
    subtitle: str = "",
    tone: str = "plain",
    flush: bool = False,
    id: str = "",
) -> SafeString:
    tone = _one_of(tone, ("plain", *TONE_ICONS), "panel tone")
    return _part(
        "panel",
        content=content,
        title=title,
        subtitle=subtitle,
        tone=tone,
        icon=TONE_ICONS.get(tone, ""),
        flush=flush,
        id=id,
    )


@register.simple_block_tag
def panel_tools(content: str) -> SafeString:
    """Links and buttons at the right of the panel's title: the first thing inside a panel."""
    return format_html('<div class="panel-tools">{}</div>', content)


@register.simple_block_tag
def notice(content: str, *, tone: str = "info", title: str = "") -> SafeString:
    """A standing message on a page: why something cannot be done yet, what was found."""
    return _part(
        "notice",
        content=content,
        tone=_one_of(tone, TONE_ICONS, "notice tone"),
        icon=TONE_ICONS[tone],
        title=title,
    )


@register.simple_block_tag
def facts(content: str, *, columns: int = 2) -> SafeString:
    return format_html('<dl class="facts facts-{}">{}</dl>', columns, content)


@register.inclusion_tag("components/fact.html")
def fact(*, label: str, value: object, url: str = "", wide: bool = False) -> dict:
    return {"label": label, "value": formats.dash(value), "url": url, "wide": wide}


@register.inclusion_tag("components/empty_state.html")
def empty_state(*, icon: str, title: str, text: str, url: str = "", label: str = "") -> dict:
    return {"icon": icon, "title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag("components/stage_strip.html")
def stage_strip(*, stages: Iterable[object]) -> dict:
    return {"stages": stages}


@register.inclusion_tag("components/timeline.html")
def timeline(*, entries: Iterable[object], named: bool = False) -> dict:
    return {"entries": entries, "named": named}


@register.simple_block_tag
def error_page(content: str, *, code: str, title: str, icon: str = "alert-triangle") -> SafeString:
    return _part("error_page", content=content, code=code, title=title, icon=icon)


# States and figures ------------------------------------------------------------------------------


@register.simple_tag
def status_badge(*, label: str, tone: str = "info", icon: str = "") -> SafeString:
    _one_of(tone, TONE_ICONS, "badge tone")
    return _kept("status_badge", label=label, tone=tone, icon=icon or TONE_ICONS[tone])


@register.simple_tag
def state_badge(*, obj: _InState) -> SafeString:
    return status_badge(label=obj.get_state_display(), tone=str(obj.state_tone))


@register.simple_tag
def answer_badge(*, answer: str | None, prohibition: bool = False) -> SafeString:
    label, tone, icon = ANSWERS.get(str(answer or ""), _UNANSWERED)
    if answer and prohibition:
        label = Answer.word(answer, prohibition=True)
    return status_badge(label=label, tone=tone, icon=icon)


@register.simple_tag
def countdown(*, due: dt.date | dt.datetime | None, on: dt.date) -> SafeString:
    if due is None:
        return _kept("countdown", text="无期限", tone="muted", icon="", due=None)
    due = formats.local_day(due)
    left = (due - formats.local_day(on)).days
    if left < 0:
        text, tone, icon = f"逾期 {-left} 天", "bad", "circle-x"
    elif left == 0:
        text, tone, icon = "今天", "warn", "alert-triangle"
    else:
        soon = left <= _SOON_DAYS
        text, tone, icon = f"还有 {left} 天", *(("warn", "clock") if soon else ("muted", ""))
    return _kept("countdown", text=text, tone=tone, icon=icon, due=due)


@register.inclusion_tag("components/progress_bar.html")
def progress_bar(*, done: int, total: int, label: str = "", live: bool = False) -> dict:
    return {"done": done, "total": total, "max": max(total, 1), "label": label, "live": live}


@register.inclusion_tag("components/stat.html")
def stat(*, value: object, label: str, tone: str = "", url: str = "", of: object = None) -> dict:
    _one_of(tone, ("", *TONE_ICONS), "stat tone")
    if value == 0 and tone in ("warn", "bad"):  # nothing there is nothing to worry about
        tone = ""
    return {"value": formats.dash(value), "label": label, "tone": tone, "url": url, "of": of}


@register.simple_tag
def count_link(*, value: object, url: str = "") -> SafeString | str:
    """A figure that counts records and leads to them; – when the figure does not apply."""
    if value is None or value == "":
        return mark_safe('<span class="count-none">–</span>')
    if not url:
        return str(value)
    return format_html('<a class="count" href="{}">{}</a>', url, value)


class _PlainLetters(DjangoJSONEncoder):
    """Letters as they are: escaped, each Chinese one takes six bytes of the page."""

    def __init__(self, **options: Any) -> None:  # Any: what json.dumps hands on
        super().__init__(**(options | {"ensure_ascii": False}))


@register.simple_tag
def chart(*, id: str, options: Mapping[str, object], label: str, height: str = "md") -> SafeString:
    """A chart drawn by charts.js from ``options`` (see there); ``label`` says what it shows."""
    _one_of(height, ("sm", "md", "lg"), "chart height")
    return format_html(
        '<div class="chart chart-{}" data-chart="{}" role="img" aria-label="{}"></div>{}',
        height,
        id,
        label,
        json_script(options, id, encoder=_PlainLetters),
    )


# Actions -----------------------------------------------------------------------------------------


@register.inclusion_tag("components/action_button.html")
def action_button(
    *,
    url: str,
    label: str,
    verdict: Verdict,
    tone: str = "primary",
    confirm: str = "",
    note: bool = False,
    note_label: str = "理由",
    seen: str = "",
    icon: str = "",
    method: str = "post",
) -> dict:
    return {
        "url": url,
        "label": label,
        "verdict": verdict,
        "tone": _one_of(tone, _BUTTON_TONES, "button tone"),
        "confirm": confirm,
        "note": note,
        "note_label": note_label,
        "seen": seen,
        "icon": icon,
        "method": _one_of(method, ("post", "get"), "button method"),
        "key": _id("why", url, label),
    }


@register.inclusion_tag("components/link_button.html")
def link_button(
    *,
    url: str,
    label: str,
    verdict: Verdict | None = None,
    tone: str = "default",
    icon: str = "",
    small: bool = False,
) -> dict:
    return {
        "url": url,
        "label": label,
        "verdict": YES if verdict is None else verdict,
        "tone": _one_of(tone, _BUTTON_TONES, "button tone"),
        "icon": icon,
        "small": small,
        "key": _id("why", url, label),
    }


@register.inclusion_tag("components/action_row.html")
def action_row(*, actions: Iterable[Action]) -> dict:
    """What can be done next, in one row (``metrostd.common.actions``)."""
    return {"actions": actions}


@register.inclusion_tag("components/file_chip.html")
def file_chip(*, url: str, name: str, size: int | None = None, note: str = "") -> dict:
    return {"url": url, "name": name, "size": size, "note": note, "icon": file_icon(name)}


@register.filter
def file_icon(name: str) -> str:
    """The icon of a kind of file, told by the name's suffix."""
    return _FILE_ICONS.get(name.rpartition(".")[2].lower(), "file")


@register.inclusion_tag("components/signature_field.html")
def signature_field(*, name: str, label: str, required: bool = True, strokes: str = "") -> dict:
    """A pad; ``strokes`` are those of a signature that was refused and is to be seen again."""
    least = f"{LEAST_POINTS} {LEAST_LONG} {LEAST_SHORT}"
    key = f"signature-{name}"
    return {
        "name": name,
        "label": label,
        "required": required,
        "key": key,
        "strokes": strokes,
        "least": least,
    }


# Sheets ------------------------------------------------------------------------------------------


@register.inclusion_tag("components/choice_buttons.html")
def choice_buttons(
    *,
    name: str,
    choices: Iterable[tuple[str, str]],
    value: str | None,
    disabled: bool = False,
    legend: str = "检查结果",
) -> dict:
    options = []
    for key, label in choices:
        _, tone, icon = ANSWERS.get(str(key), ("", "info", "circle"))
        chosen = str(key) == str(value)
        options.append({"value": key, "label": label, "tone": tone, "icon": icon, "chosen": chosen})
    return {"name": name, "options": options, "disabled": disabled, "legend": legend}


@register.inclusion_tag("components/stock_phrases.html")
def stock_phrases(*, phrases: Iterable[str]) -> dict:
    return {"phrases": list(phrases)}


@register.simple_tag
def file_suffixes(*, media: bool = False) -> str:
    """The accept attribute of a file field: what is taken as material, or recordings besides."""
    return accept_attribute(MATERIALS | MEDIA if media else MATERIALS)


@register.simple_tag
def most_bytes() -> int:
    """What one file may weigh, for a script that says so before anything is sent."""
    most: int = settings.UPLOAD_MAX_BYTES
    return most


@register.inclusion_tag("components/save_state.html")
def save_state(*, text: str = "") -> dict:
    return {"text": text}
