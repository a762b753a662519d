"""How dates, figures and sizes read on screen. Registered together with the components in ``ui``."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_WEEKDAYS = "一二三四五六日"
_KIB = 1024
_CREDIT_CODE = re.compile(r"(?<![0-9A-Za-z])([0-9A-Z]{18})(?![0-9A-Za-z])")
#: So many characters fill about ten lines of the widest column of notes.
_LONG_NOTE = 160


def local_day(value: dt.date | dt.datetime) -> dt.date:
    """The calendar day in Asia/Shanghai of a date or of an aware moment."""
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter
def cn_date(value: dt.date | dt.datetime | None) -> str:
    """2021年5月31日; nothing for nothing."""
    if not value:
        return ""
    day = local_day(value)
    return f"{day.year}年{day.month}月{day.day}日"


@register.filter
def cn_day(value: dt.date | dt.datetime | None) -> str:
    """5月31日 周一: for lists within one campaign year."""
    if not value:
        return ""
    day = local_day(value)
    return f"{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


@register.filter
def cn_datetime(value: dt.datetime | None) -> str:
    """2021年5月31日 14:30, in Asia/Shanghai."""
    if not value:
        return ""
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cn_date(moment)} {moment:%H:%M}"


@register.filter
def percent2(value: Decimal | float | str | None) -> str:
    """A percentage of the statistics table: 22.22 → 22.22%, half up; – when there is none."""
    if value is None or value == "":
        return "–"
    return f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


@register.filter
def unbroken(value: str | None) -> SafeString:
    """The text of a paper with every credit code in it kept on one line."""
    pieces = _CREDIT_CODE.split(str(value or ""))
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="unbroken">{}</span>', piece) if at % 2 else piece,)
            for at, piece in enumerate(pieces)
        ),
    )


@register.filter
def is_long(value: str) -> bool:
    """Whether a row with this text may break inside: it would leave much of a page white."""
    return len(value) > _LONG_NOTE


@register.filter
def dash(value: object) -> object:
    """The value, or – for nothing; zero is a value."""
    return "–" if value is None or value == "" else value


@register.filter
def counted_caveat(value: dt.date | None) -> str:
    """What was assumed when a day was counted in work days, in brackets; nothing for other days."""
    said = getattr(value, "caveat", "")
    return f"（{said}）" if said else ""


@register.filter
def file_size(value: int | None) -> str:
    """Bytes as a person reads them: 812 B, 34 KB, 2.4 MB."""
    if value is None:
        return ""
    if value < _KIB:
        return f"{value} B"
    if value < _KIB**2:
        return f"{value / _KIB:.0f} KB"
    return f"{value / _KIB**2:.1f} MB"


@register.filter
def mask_phone(value: str | None) -> str:
    """138****5678: enough to recognise a number, not to dial it."""
    text = (value or "").strip()
    if len(text) < 7:
        return "*" * len(text)
    return f"{text[:3]}****{text[-4:]}"


@register.filter
def mask_mail(value: str | None) -> str:
    """w***@example.cn: enough to recognise an address, not to write to it."""
    name, at, host = (value or "").strip().partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""
