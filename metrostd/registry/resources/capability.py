"""Tests: what was entered comes in and is judged; statistic and outcome go out only."""

from import_export import fields, widgets

from metrostd.registry.capability import entry_from_lines, figure, readings_in_words
from metrostd.registry.models import CapabilityTest
from metrostd.registry.services.capability import computed, recompute_series

from .base import in_chinese
from .records import END, STANDARD, StandardRecordResource


class LinesWidget(widgets.Widget):
    """Groups and everything else that was entered, a line each."""

    def render(self, value, obj=None, **kwargs):
        return readings_in_words(value or {}, between="\n")


class FigureWidget(widgets.Widget):
    """Figures as the page shows them."""

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else figure(value, digits=9)


@in_chinese
class TestResource(StandardRecordResource):
    """The key is the standard with method, object and day."""

    __test__ = False
    key = ("method", "subject", "tested_on")
    values = fields.Field("values", "values", LinesWidget())
    statistic = fields.Field("statistic", "statistic", FigureWidget(), readonly=True)
    limit = fields.Field("limit", "limit", FigureWidget(), readonly=True)
    limit_basis = fields.Field("limit_basis", "limit_basis", readonly=True)
    kind = fields.Field("kind", "kind", readonly=True)
    outcome = fields.Field("outcome", "outcome", readonly=True)

    class Meta(StandardRecordResource.Meta):
        model = CapabilityTest
        import_id_fields = ("subject",)
        fields = (
            *STANDARD,
            "kind",
            "method",
            "subject",
            "tested_on",
            "unit_symbol",
            "values",
            "reassessment",
            "note",
            "statistic",
            "limit",
            "limit_basis",
            "outcome",
            *END,
        )

    def import_instance(self, instance, row, **kwargs):
        """Read the lines with the method of the row, then let the formulas fill the columns."""
        text = row.get(self.fields["values"].column_name) or ""
        super().import_instance(instance, row, **kwargs)
        entry = entry_from_lines(instance.method, str(text), instance.reassessment)
        for name, value in computed(instance, entry, tested_on=instance.tested_on).items():
            setattr(instance, name, value)

    def import_field(self, field, instance, row, is_m2m=False, **kwargs):
        if field.attribute != "values":
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def after_save_instance(self, instance, row, **kwargs):
        recompute_series(instance, actor=kwargs.get("user"))
