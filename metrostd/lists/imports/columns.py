"""The columns of a list as fields of django-import-export: what a text means, how a stored value reads.

Texts are in one form everywhere, in lists, in differences and in what an undo needs: codes instead of
keys, ISO dates. None means that the list says nothing, an empty text that there is nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import cast

from django.core.exceptions import ValidationError
from django.db import models
from import_export import fields, widgets

from metrostd.annex4.headers import TARGET_NAMES
from metrostd.common.shapes import Texts
from metrostd.common.text import name_key, tidy_name

from .issues import kind_of
from .register import Register

#: No column of a list: its issuing authority as a whole, when somebody decides so.
ISSUER = "issuer"
LABELS = TARGET_NAMES | {ISSUER: "发证部门"}
#: How much of a text is shown beside an error.
_SHOWN = 60


def refused(code: str, found: str) -> ValidationError:
    """The error of one cell under its code in the catalogue of issues."""
    about = {"title": kind_of(code).title, "found": found}
    return ValidationError("%(title)s：%(found)s", code=code, params=about)


class Text(widgets.Widget):
    """A text no longer than its column. Spaces and line ends are no difference, in a name nor is width."""

    def __init__(self, limit: int | None, key: Callable[[str], str]) -> None:
        super().__init__()
        self._limit = limit
        self._key = key

    def clean(self, value: str, row: Texts | None = None, **kwargs: object) -> str:
        if self._limit is not None and len(value) > self._limit:
            raise refused("TOO_LONG", value[:_SHOWN])
        return value

    def render(self, value: str | None, obj: object = None, **kwargs: object) -> str | None:
        return value or None

    def same(self, old: str, new: str) -> bool:
        """Whether forms and lists, which keep a text differently, mean the same."""
        return self._key(old) == self._key(new)


class IsoDate(widgets.Widget):
    """A date, as ISO text in the list."""

    def clean(self, value: str, row: Texts | None = None, **kwargs: object) -> dt.date | None:
        return dt.date.fromisoformat(value) if value else None

    def render(self, value: dt.date | None, obj: object = None, **kwargs: object) -> str | None:
        return value.isoformat() if value else None

    def same(self, old: str, new: str) -> bool:
        return old == new


class Code(widgets.Widget):
    """A key of an authority or a field, in the list its code; looked up in the register's memory."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self._model = model
        self._keys: Mapping[str, int] = {}
        self._codes: Mapping[int, str] = {}

    def look_up_in(self, register: Register) -> None:
        self._keys, self._codes = register.keys_of(self._model)

    def clean(self, value: str, row: Texts | None = None, **kwargs: object) -> int | None:
        return self._keys.get(value)

    def render(self, value: int | None, obj: object = None, **kwargs: object) -> str | None:
        return self._codes.get(value) if value else None

    def same(self, old: str, new: str) -> bool:
        return old == new


class Column(fields.Field):
    """One column of a list and the attribute it fills; ``label`` is the register's own name for it."""

    def __init__(self, attribute: str, widget: widgets.Widget, label: str) -> None:
        super().__init__(attribute=attribute, widget=widget)
        self.label = label

    def get_value(self, instance: object) -> object:
        return getattr(instance, self.attribute)


def column(model: type[models.Model], name: str, *, is_name: bool = False) -> Column:
    """The column that fills one field of a model; names are compared without regard to their writing."""
    field = cast(models.Field, model._meta.get_field(name))
    widget: widgets.Widget
    if isinstance(field, models.ForeignKey):
        widget = Code(cast(type[models.Model], field.related_model))
    elif isinstance(field, models.DateField):
        widget = IsoDate()
    else:
        widget = Text(getattr(field, "max_length", None), name_key if is_name else tidy_name)
    return Column(field.attname, widget, str(field.verbose_name))
