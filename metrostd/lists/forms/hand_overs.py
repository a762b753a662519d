"""What a district says about the rows it sends back, and what the office decides."""

from django import forms

from metrostd.common.day_fields import DueDay
from metrostd.common.forms import Refusable, field_of
from metrostd.common.sayings import Named
from metrostd.common.shapes import Sent
from metrostd.registry.enums import ReturnDecision, ReturnReason
from metrostd.registry.models import Authority, HandOver, HandOverReturn


class ReturnForm(Refusable, forms.Form):
    """Rows ticked on the page, with one reason for all of them."""

    rows = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": "请先勾选行。"})
    reason = forms.ChoiceField(label="退回原因", choices=[("", "选择原因"), *ReturnReason.choices])
    district = forms.ModelChoiceField(
        Authority.objects.none(), label="单位现在所在的区", required=False, empty_label="不清楚"
    )
    words = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, data: Sent = None, *, hand_over: HandOver) -> None:
        super().__init__(data, auto_id="return-%s")
        rows = hand_over.rows.values_list("pk", flat=True)
        field_of(self, "rows", forms.TypedMultipleChoiceField).choices = (
            [(pk, pk) for pk in rows] if self.is_bound else []
        )
        others = Authority.objects.districts().exclude(pk=hand_over.authority_id)
        field_of(self, "district", forms.ModelChoiceField).queryset = others
        for name in ("reason", "district"):
            self.fields[name].widget.attrs["class"] = "form-select"
        self.fields["words"].widget.attrs |= {
            "class": "form-control",
            "placeholder": "“信息有误”和“其他”必须写明",
        }


class DecisionForm(Refusable, forms.Form):
    """改派, 更正 or 维持, with the words the district reads."""

    decision = forms.ChoiceField(
        label="处理", choices=ReturnDecision.choices, widget=forms.RadioSelect
    )
    district = forms.ModelChoiceField(
        Authority.objects.none(), label="改由哪个区局签收", required=False, empty_label="请选择"
    )
    answer = forms.CharField(
        label="答复", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Sent = None, *, returned: HandOverReturn) -> None:
        initial: dict[str, object] = {"district": returned.district_id}
        if returned.district_id:
            initial["decision"] = ReturnDecision.MOVED
        super().__init__(data, initial=initial, auto_id="decide-%s")
        others = Authority.objects.districts().exclude(pk=returned.hand_over.authority_id)
        field_of(self, "district", forms.ModelChoiceField).queryset = others
        self.fields["district"].widget.attrs["class"] = "form-select"
        self.fields["answer"].widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        decision = given.get("decision")
        moved = decision == ReturnDecision.MOVED
        if moved and not given.get("district") and "district" not in self.errors:
            self.add_error("district", "请选择改由哪个区局签收。")
        if decision and not moved and not given.get("answer", "").strip():
            self.add_error("answer", "请写明答复，区局据此签收。")
        return given


class AssignForm(Named, forms.Form):
    """The district of a row nobody received."""

    row = forms.IntegerField(widget=forms.HiddenInput)
    district = forms.ModelChoiceField(Authority.objects.districts(), label="属地区局")


class DueForm(Refusable, forms.Form):
    """Another last day for a list."""

    due_on = DueDay(label="签收期限")
