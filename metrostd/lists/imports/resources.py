"""The resources a list goes through: what differs from the register, what is wrong, and the commit.

django-import-export in the shape long lists allow (``benchmarks/list_resources.py``): keys looked up in
memory, rows found by the plan and not by a query each, a thousand rows written at once, no ``full_clean``
(the constraints of the database stand) and no copy of each row. What is compared and refused before a
commit and what the commit writes are the same fields, called by the same hooks. What follows from a row is
set by its table (``tables.py``), never by who calls.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from import_export import exceptions, resources
from import_export.instance_loaders import BaseInstanceLoader
from tablib import Dataset

from metrostd.registry.models import ImportBatch

from .bulk import BATCH, update_rows
from .columns import Code, Column
from .lines import Differences
from .register import Register

#: Beside the texts of a row: what the plan knows of it, and the row of the register it goes to.
PLAN, KNOWN = "plan", "known"
#: Errors of a row by target.
Faults = dict[str, list[ValidationError]]
_M = TypeVar("_M", bound=models.Model)
#: What a row is to be written to, from which plan, with which texts by target.
Row = tuple[object, _M | None, Mapping[str, str | None]]
#: A row as the library hands it round. Any: texts by target, and beside them what PLAN and KNOWN name.
Cells = Mapping[str, Any]


class Planned(BaseInstanceLoader):
    """Answers from the plan: the row it matched and keeps from others, nothing for a new one."""

    def get_instance(self, row: Cells) -> models.Model | None:
        known: models.Model | None = row[KNOWN]
        return known


class Diff(resources.Diff):
    """The old and the new text of every column that changes, instead of HTML."""

    def changes(self, columns: Iterable[Column]) -> Differences:
        return {
            column.column_name: [old, new]
            for column, old, new in zip(columns, self.left, self.right, strict=True)
            if old != new and not (old and new and column.widget.same(old, new))
        }


class ListResource(resources.Resource, Generic[_M]):
    """One table a list fills. No ``ModelResource``: the columns are those of the list alone.

    Nor may sequences be set anew after an import, as that does: keys that another writer has taken but not
    committed yet would be given out again.
    """

    class Meta:
        instance_loader_class = Planned
        import_id_fields = ()
        use_bulk = True
        batch_size = BATCH
        use_transactions = False
        skip_diff = True
        store_instance = True

    #: Attributes written beside those of the columns.
    derived: tuple[str, ...] = ()

    def __init__(
        self, register: Register, *, batch: ImportBatch | None = None, on: dt.date | None = None
    ) -> None:
        """``batch`` and the day certificates are judged by (``on``) are needed for new rows only."""
        super().__init__()
        self._batch, self._on = batch, on
        for field in self.fields.values():
            if isinstance(field.widget, Code):
                field.widget.look_up_in(register)

    @property
    def batch(self) -> ImportBatch:
        """The list new rows come from."""
        assert self._batch is not None  # noqa: S101 -- given wherever rows are made
        return self._batch

    @property
    def on(self) -> dt.date:
        """The day certificates are judged by."""
        assert self._on is not None  # noqa: S101 -- given wherever rows are made
        return self._on

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Diff

    @cached_property
    def columns(self) -> list[Column]:
        return super().get_import_fields()

    def get_import_fields(self) -> list[Column]:
        """Asked for every row: the library would find their order anew each time."""
        return self.columns

    @property
    def model(self) -> type[_M]:
        model: type[_M] = self._meta.model
        return model

    @classmethod
    def targets(cls) -> tuple[str, ...]:
        """The columns of the list this table takes."""
        return tuple(cls.fields)

    def text(self, obj: models.Model, target: str) -> str | None:
        """What the register has in one column, as a list would write it."""
        shown: str | None = self.fields[target].export(obj)
        return shown

    # Before the commit ---------------------------------------------------------------------------

    def differences(self, known: object, row: Mapping[str, str | None]) -> Differences:
        """Old and new text of what a row would change of a known row, or of none."""
        draft = self._draft(known)
        diff = self.get_diff_class()(self, draft, known is None)
        self.import_instance(draft, row)
        diff.compare_with(self, draft)
        return diff.changes(self.columns)

    def faults(self, row: Mapping[str, str | None], known: object = None) -> Faults:
        """The errors a row would be refused for, by target; empty when it can be written."""
        draft = self._draft(known)
        errors: dict[str, list[ValidationError]] = {}
        try:
            self.import_instance(draft, row)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        try:
            self.validate_instance(draft, errors)
        except ValidationError as error:
            return error.error_dict
        return {}

    @cached_property
    def _nothing(self) -> type[object]:
        """A row that knows nothing yet."""
        return type("Draft", (), dict.fromkeys((c.attribute for c in self.columns), None))

    def _draft(self, known: object) -> object:
        """What is known, to be changed without consequence: the cheapest copy there is."""
        draft = self._nothing()
        if known is not None:
            draft.__dict__.update({c.attribute: getattr(known, c.attribute) for c in self.columns})
        return draft

    def import_instance(self, instance: object, row: Cells, **kwargs: object) -> None:
        """As the library's own, but errors keep their codes and are told by target."""
        errors = {}
        for field in self.columns:
            try:
                self.import_field(field, instance, row)
            except ValidationError as error:
                errors[field.column_name] = error
        if errors:
            raise ValidationError(errors)

    def import_field(
        self, field: Column, instance: object, row: Cells, *args: object, **kwargs: object
    ) -> None:
        """Set one attribute; a cell that is empty, or a code nobody knows, leaves what is there."""
        text = row.get(field.column_name)
        if text is None:
            return
        value = field.widget.clean(text)
        if value is not None or not text:
            setattr(instance, field.attribute, value)

    # The commit ----------------------------------------------------------------------------------

    def write(self, rows: Iterable[Row[_M]]) -> list[_M]:
        """Write rows and return what they became, in order; the caller holds the transaction.

        Raises ValidationError for a row that cannot be written, and the database's own errors.
        """
        targets = self.targets()
        data = Dataset(
            *([plan, known, *map(texts.get, targets)] for plan, known, texts in rows),
            headers=[PLAN, KNOWN, *targets],
        )
        try:
            result = self.import_data(data, raise_errors=True)
        except exceptions.ImportError as error:
            raise error.error from error
        return [row.instance for row in result.rows]

    def bulk_update(
        self, using_transactions: bool, dry_run: bool, *args: object, **kw: object
    ) -> None:
        """As upserts: the library's ``bulk_update`` takes ten times as long."""
        if not dry_run:
            names = (*(c.attribute for c in self.columns), *self.derived)
            update_rows(self.model, self.update_instances, names)
        self.update_instances.clear()
