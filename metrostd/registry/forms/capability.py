"""Input of a test: rows of groups with a day and readings, and what its method needs besides."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.text import format_lazy

from metrostd.common.day_fields import PastDay
from metrostd.common.forms import Refusable, day_input
from metrostd.common.outside import VersionField
from metrostd.common.shapes import Files, Sent
from metrostd.common.uploads import SIZE_LIMIT
from metrostd.registry.capability import Entry, Given, Group, read_number, read_readings
from metrostd.registry.capability.entry import NAMES, NEEDS, OPTIONAL, KeptEntry, KeptGroup
from metrostd.registry.capability.formulas import LEAST_GROUPS
from metrostd.registry.enums import LimitBasis, Reassessment, TestMethod
from metrostd.registry.models import CapabilityTest

#: Rows of a test that takes several groups, and the most a page adds.
_ROWS, _MOST_ROWS = LEAST_GROUPS + 2, 24
_NUMBERS = ("established", "previous", "limit", "reference", "u_lab", "u_ref", "k")
_HELP = {
    "established": "不填时取台账中新建（或上次重新评定）时的重复性；都没有时，本次作为以后的基准。",
    "previous": "不填时取台账中本对象上一年的测得值；都没有时，本次作为以后的基准。",
    "limit": "与读数的计量单位相同。",
    "source": "例如上级机构名称和证书编号、比对名称。",
    "others": "每台一个测得值，可以从表格整列粘贴；不含本标准。",
    "u_lab": "本标准测得值的扩展不确定度。",
    "u_ref": "参考值的扩展不确定度。",
    "k": "两个扩展不确定度应取相同的包含因子，通常为2。",
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One row of the small spreadsheet: two bound fields and the name people know it by."""

    title: str
    day: BoundField
    readings: BoundField


class _Worded(TypedDict):
    """What every field of a test is told, whatever its kind."""

    label: str
    required: bool
    help_text: str


class TestForm(Refusable, forms.Form):
    """A test by one method. ``on`` is the day it is filled in: nothing is tested in the future.

    ``instance`` is the test to correct, or one to start from; ``entry()`` gives what was entered.
    """

    __test__ = False

    base_version = VersionField(min_value=1)
    subject = forms.CharField(
        label="被测对象或核查标准及测量点",
        max_length=120,
        help_text="同一对象历年写法一致，系统才能前后比较，例如：0.4级精密压力表，6 MPa。",
    )
    unit_symbol = forms.CharField(label="读数的计量单位", max_length=20, required=False)

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        method: TestMethod,
        instance: CapabilityTest,
        on: dt.date,
        rows: int = 0,
        subjects: list[str] | None = None,
    ) -> None:
        self.method, self.on, self.instance = method, on, instance
        kept: KeptEntry = instance.values if instance.method == method else {}
        super().__init__(data, files, initial=_initial(instance, kept))
        groups = kept.get("groups", [])
        self.is_chart = method == TestMethod.CONTROL_CHART
        self.several = method == TestMethod.NEW_GROUPS
        least = _ROWS if self.several else 1
        self.count = 0 if self.is_chart else min(max(least, rows, len(groups)), _MOST_ROWS)
        if self.is_chart:
            self.fields["tested_on"] = PastDay(
                label="确认日期", help_text="最近一次确认控制图受控的日期。"
            )
        for index in range(self.count):
            self._add_row(index, groups[index] if index < len(groups) else None)
        for name in NEEDS[method]:
            self.fields[name] = self._given_field(name)
        if method == TestMethod.REPEATED:
            self.fields["reassessment"] = forms.ChoiceField(
                label="大于新建时的重复性时：不确定度重新评定",
                required=False,
                choices=[("", "没有重新评定"), *Reassessment.choices],
            )
        self.fields["note"] = forms.CharField(
            label="说明", required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        self.fields["scan"] = forms.FileField(
            label="原始记录扫描件",
            required=False,
            help_text=format_lazy("PDF、照片（JPEG、PNG）或 Excel，{}。", SIZE_LIMIT),
            widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.xlsx"}),
            error_messages={"empty": "文件是空的，请重新选择。"},
        )
        if subjects:
            self.fields["subject"].widget.attrs["list"] = "known-subjects"
        self.subjects = subjects or []
        for name, field in self.fields.items():
            field.error_messages["required"] = f"请填写{field.label or name}。"

    def _add_row(self, index: int, kept: KeptGroup | None) -> None:
        self.fields[f"day_{index}"] = PastDay(
            label=f"第{index + 1}组试验日期",
            required=False,
            widget=day_input("form-control"),
            initial=dt.date.fromisoformat(kept["on"]) if kept else None,
        )
        self.fields[f"readings_{index}"] = forms.CharField(
            label=f"第{index + 1}组读数",
            required=False,
            widget=forms.Textarea(
                attrs={"rows": 2 if self.several else 4, "class": "form-control"}
            ),
            initial="\n".join(kept["readings"]) if kept else None,
        )

    def _given_field(self, name: str) -> forms.Field:
        common: _Worded = {
            "label": NAMES[name],
            "required": name not in OPTIONAL,
            "help_text": _HELP.get(name, ""),
        }
        if name == "limit_basis":
            words = [(b.value, b.label) for b in map(LimitBasis, LimitBasis.for_stability)]
            return forms.ChoiceField(choices=[("", "请选择"), *words], **common)
        if name == "previous_year":
            return forms.IntegerField(min_value=1980, max_value=self.on.year, **common)
        if name == "others":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
        return forms.CharField(max_length=120 if name == "source" else 40, **common)

    # What the page draws ---------------------------------------------------------------------

    @property
    def group_rows(self) -> list[GroupRow]:
        return [
            GroupRow(f"第{i + 1}组", self[f"day_{i}"], self[f"readings_{i}"])
            for i in range(self.count)
        ]

    @property
    def first_fields(self) -> list[BoundField]:
        return [
            self[name] for name in ("subject", "unit_symbol", "tested_on") if name in self.fields
        ]

    @property
    def given_fields(self) -> list[BoundField]:
        return [self[name] for name in (*NEEDS[self.method], "reassessment") if name in self.fields]

    @property
    def last_fields(self) -> list[BoundField]:
        return [self["note"], self["scan"]]

    @property
    def row_errors(self) -> list[str]:
        """What is wrong with the groups, above the rows."""
        return [
            str(message)
            for i in range(self.count)
            for name in (f"day_{i}", f"readings_{i}")
            for message in self.errors.get(name, [])
        ]

    # What was entered --------------------------------------------------------------------------

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        for name in NEEDS[self.method]:
            if name in _NUMBERS and cleaned.get(name):
                self._read(name, partial(read_number, what=NAMES[name]))
            if name == "others" and cleaned.get(name):
                self._read(name, lambda text: tuple(read_readings(text, where="其他各台")))
        groups = [found for i in range(self.count) if (found := self._group(i))]
        cleaned["groups"] = tuple(groups)
        if not self.is_chart and not groups and not self.row_errors:
            self.add_error("readings_0", "没有读数。请至少填写一组试验日期和读数。")
        return cleaned

    def _read(self, name: str, reader: Callable[[str], object]) -> None:
        try:
            self.cleaned_data[name] = reader(self.cleaned_data[name])
        except ValidationError as error:
            self.add_error(name, error)

    def _group(self, index: int) -> Group | None:
        """The group of a row; None for an empty row or one with an error."""
        where = f"第{index + 1}组"
        if f"day_{index}" in self.errors:
            return None
        day = self.cleaned_data.get(f"day_{index}")
        text = self.cleaned_data.get(f"readings_{index}") or ""
        try:
            readings = read_readings(text, where=where)
        except ValidationError as error:
            self.add_error(f"readings_{index}", error)
            return None
        if not readings:
            if day:
                self.add_error(f"readings_{index}", f"{where}填了日期，没有读数。")
            return None
        if day is None:
            self.add_error(f"day_{index}", f"{where}没有试验日期。")
            return None
        return Group(on=day, readings=tuple(readings))

    def entry(self) -> Entry:
        """What was entered, ready for the formulas."""
        given: dict[str, Any] = {}  # Any: each is of the type its field has in Given
        for name in NEEDS[self.method]:
            value = self.cleaned_data.get(name)
            if value in (None, ""):
                continue
            given[name] = LimitBasis(value) if name == "limit_basis" else value
        again = self.cleaned_data.get("reassessment")
        return Entry(
            method=self.method,
            groups=self.cleaned_data["groups"],
            given=Given(**given),
            reassessment=Reassessment(again) if again else None,
        )

    def values(self) -> dict[str, object]:
        """The columns a person typed."""
        return {name: self.cleaned_data[name] for name in ("subject", "unit_symbol", "note")}

    def refuse(self, error: ValidationError) -> None:
        """Show what the formulas refuse beside its field; about the groups, above the rows."""
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in fields.items():
            place = name if name in self.fields else ("readings_0" if self.count else None)
            self.add_error(place, messages)


def _initial(instance: CapabilityTest, kept: KeptEntry) -> dict[str, object]:
    given: dict[str, object] = {
        name: "\n".join(value) if isinstance(value, list) else value
        for name, value in kept.get("given", {}).items()
    }
    return {
        "k": "2",
        **given,
        "base_version": instance.version,
        "subject": instance.subject,
        "unit_symbol": instance.unit_symbol,
        "tested_on": instance.tested_on,
        "reassessment": instance.reassessment,
        "note": instance.note,
    }
