"""Input of what was measured on site."""

import datetime as dt
import uuid
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from inspections.models import ChecklistSheet, SiteEnvironment
from metrostd.common import clock
from metrostd.common.forms import Refusable
from metrostd.common.outside import VersionField
from metrostd.common.shapes import Files, Sent
from metrostd.registry.capability import read_number
from metrostd.registry.enums import TestMethod
from metrostd.registry.forms.capability import TestForm
from metrostd.registry.models import CapabilityTest, StandardItem

from .lines import QUANTITIES

#: What can be done and judged within a visit.
METHODS = (
    TestMethod.CHECK_EN,
    TestMethod.CHECK_LIMIT,
    TestMethod.TRANSFER,
    TestMethod.REPEATED,
    TestMethod.YEARLY,
)
_BOUNDS = ("", "_low", "_high")
_NAMES = (*(name for name, _, _ in QUANTITIES), "other")
_TEXTS = ("other_name", "other_unit", "basis", "instrument")


class ExperimentForm(TestForm):
    """A test of the register without what only an office keeps; ``day`` is that of the visit."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Sent = None,
        *,
        method: TestMethod,
        instance: CapabilityTest,
        day: dt.date,
        subjects: list[str],
    ) -> None:
        super().__init__(
            data, None, method=method, instance=instance, on=clock.today(), subjects=subjects
        )
        for name in ("scan", "reassessment"):
            self.fields.pop(name, None)
        self.fields["subject"].help_text = "与台账中历年试验写法一致时，自动取台账的数据比较。"
        self.fields["readings_0"].widget.attrs["inputmode"] = "decimal"
        for name in ("reference", "limit", "u_lab", "u_ref", "k", "established", "previous"):
            if name in self.fields:
                self.fields[name].widget.attrs["inputmode"] = "decimal"
        self.initial["client_id"] = uuid.uuid4()
        if not instance.values:
            self.initial["day_0"] = day

    @property
    def last_fields(self) -> list[BoundField]:
        return [self["note"]]


class EnvironmentForm(Refusable, forms.Form):
    """Readings of the environment with the limits they have to keep; numbers as people type them."""

    base_version = VersionField(min_value=0)

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        sheet: ChecklistSheet,
        kept: SiteEnvironment,
    ) -> None:
        super().__init__(data, files)
        meta = SiteEnvironment._meta
        columns = (*(f"{name}{end}" for name in _NAMES for end in _BOUNDS), *_TEXTS)
        for name in columns:
            field = meta.get_field(name)
            most = 40 if name not in _TEXTS else field.max_length  # type: ignore[union-attr]
            self.fields[name] = forms.CharField(
                label=str(field.verbose_name),  # type: ignore[union-attr]
                required=False,
                max_length=most,
                widget=forms.TextInput(
                    attrs={"class": "form-control"}
                    | ({} if name in _TEXTS else {"inputmode": "decimal"})
                ),
            )
        self.columns = columns
        source = kept if kept.version else _earlier(sheet) or kept
        for name in columns:
            value = getattr(source, name)
            read = source is not kept and (name in _NAMES or name == "instrument")
            self.initial[name] = "" if value is None or read else _plain(value)
        if not kept.version and not self.initial["basis"]:
            self.initial["basis"] = _registered(sheet)
        self.initial["base_version"] = kept.version

    @property
    def rows(self) -> list[tuple[str, list[BoundField]]]:
        """Quantity with its unit, then reading, lower and upper limit."""
        titles = [f"{label}（{unit}）" for _, label, unit in QUANTITIES] + [""]
        return [
            (title, [self[f"{name}{end}"] for end in _BOUNDS])
            for title, name in zip(titles, _NAMES, strict=True)
        ]

    @property
    def naming(self) -> list[BoundField]:
        """What the free line is called, and its unit."""
        for name, words in (("other_name", "另一项，例如：照度"), ("other_unit", "计量单位")):
            self.fields[name].widget.attrs["placeholder"] = words
        return [self["other_name"], self["other_unit"]]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        for name in _NAMES:
            for end in _BOUNDS:
                self._read(f"{name}{end}")
            self._check(name)
        if not self.errors and not any(cleaned[name] is not None for name in _NAMES):
            self.add_error("temperature", "请至少填写一项现场读数。")
        bounded = any(cleaned.get(f"{n}{e}") is not None for n in _NAMES for e in _BOUNDS[1:])
        if bounded and not cleaned.get("basis"):
            self.add_error("basis", "填写了限值的，请写明依据，例如规程或者技术报告的条款。")
        return cleaned

    def _read(self, name: str) -> None:
        text = str(self.cleaned_data.get(name) or "")
        try:
            self.cleaned_data[name] = (
                read_number(text, what=str(self.fields[name].label)) if text else None
            )
        except ValidationError as error:
            self.add_error(name, error)

    def _check(self, name: str) -> None:
        value, low, high = (self.cleaned_data.get(f"{name}{end}") for end in _BOUNDS)
        if low is not None and high is not None and low > high:
            self.add_error(f"{name}_low", "下限不能大于上限。")
        if name == "humidity" and value is not None and not 0 <= value <= 100:
            self.add_error(name, "相对湿度应当在0到100之间。")
        if name == "other" and value is not None and not self.cleaned_data.get("other_name"):
            self.add_error("other_name", "请填写另一项的名称，例如：振动、照度。")

    def values(self) -> dict[str, object]:
        """The columns of the row."""
        return {name: self.cleaned_data[name] for name in self.columns}


def _plain(value: object) -> str:
    """A stored number without idle zeros, words as they are."""
    if not isinstance(value, Decimal):
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _earlier(sheet: ChecklistSheet) -> SiteEnvironment | None:
    """What was last kept of this standard: its limits stand until somebody says otherwise."""
    rows = SiteEnvironment.objects.filter(sheet__standard=sheet.standard_id, version__gt=0)
    return rows.exclude(sheet=sheet.pk).order_by("-sheet__task__arrived_at", "-pk").first()


def _registered(sheet: ChecklistSheet) -> str:
    """The regulations on record for what the standard is used for."""
    items = StandardItem.objects.recorded().filter(standard=sheet.standard_id).order_by("pk")
    return "、".join(dict.fromkeys(item.basis for item in items if item.basis))[:120]
