"""What every table of the register shares: Chinese columns, quoted formulas, all rows or none."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from import_export import resources, widgets

from metrostd.common.shapes import Texts
from metrostd.common.text import escape_formula, unescape_formula
from metrostd.registry.names import set_keys


class ChoiceWidget(widgets.Widget):
    """The word people read for each value; the value itself is accepted too."""

    def __init__(self, choices):
        super().__init__()
        self._words = {str(value): str(word) for value, word in choices}
        self._values = {word: value for value, word in self._words.items()}

    def clean(self, value, row=None, **kwargs):
        text = str(value or "")
        return self._values.get(text, text)

    def render(self, value, obj=None, **kwargs):
        return self._words.get(str(value or ""), "")


class YesNoWidget(widgets.BooleanWidget):
    """是 and 否."""

    TRUE_VALUES = ["是", "1", 1, True]
    FALSE_VALUES = ["否", "0", 0, False]

    def render(self, value, obj=None, **kwargs):
        return "是" if value else "否"


def in_chinese(resource):
    """Name the columns of a resource as the model names its fields, and its choices in words."""
    for name, field in resource.fields.items():
        try:
            column = resource._meta.model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.column_name == name:
            field.column_name = str(column.verbose_name)
        if column.choices:
            field.widget = ChoiceWidget(column.flatchoices)
        elif isinstance(field.widget, widgets.BooleanWidget):
            field.widget = YesNoWidget()
    return resource


class RegisterResource(resources.ModelResource):
    """Columns are named in Chinese. Cells that could run as formulas are quoted on the way out and unquoted on the way in."""

    class Meta:
        abstract = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def import_data(self, dataset, dry_run=False, **kwargs):
        kwargs["rollback_on_validation_errors"] = True
        return super().import_data(dataset, dry_run=dry_run, **kwargs)

    def export_field(self, field, instance, **kwargs):
        value = super().export_field(field, instance, **kwargs)
        return escape_formula(value) if isinstance(value, str) else value

    def before_import_row(self, row, **kwargs):
        for column, value in row.items():
            if value is None:
                row[column] = ""
            elif isinstance(value, str):
                row[column] = unescape_formula(value.strip())

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        """Errors are told by the column of the file, which a person can find, not by our field."""
        try:
            super().validate_instance(instance, import_validation_errors, validate_unique)
        except ValidationError as error:
            columns = {f.attribute or name: f.column_name for name, f in self.fields.items()}
            found = error.update_error_dict({})
            raise ValidationError(
                {columns.get(name, name): each for name, each in found.items()}
            ) from error

    # Any: a record of the resource's own model
    def before_save_instance(self, instance: Any, row: Texts, **kwargs: object) -> None:
        if hasattr(instance, "name_key"):
            set_keys(instance)
        if instance.pk and hasattr(instance, "version"):
            instance.version += 1
