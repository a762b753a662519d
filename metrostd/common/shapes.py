"""The shapes that travel through every room, by name: what a page shows, what a form and JSON hold."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypedDict

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.datastructures import MultiValueDict

#: What a template is given, by the names it uses.
Context = dict[str, object]

#: The template of a panel and what it is given.
Shown = tuple[str, Context]

#: Columns of a record by name with what is to stand in them; each function says which columns.
Values = Mapping[str, object]

#: The cells of a row of a file by the title of their column.
Texts = Mapping[str, str | None]

#: A value as JSON holds it.
JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

#: What a cell of a table that is exported shows.
CellValue = None | bool | int | float | Decimal | str | dt.date | dt.datetime

#: What a form was sent, and the files that came along.
Sent = Mapping[str, object] | None
Files = MultiValueDict[str, UploadedFile] | None


class FormOptions(TypedDict, total=False):
    """What any form of Django takes beside what was sent, handed on as it is."""

    auto_id: bool | str
    prefix: str | None
    initial: dict[str, object] | None
    label_suffix: str | None
    empty_permitted: bool
    use_required_attribute: bool | None


class ModelFormOptions(FormOptions, total=False):
    """As ``FormOptions``, for the form of a record."""

    instance: models.Model | None
