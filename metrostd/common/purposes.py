"""What restricted material is taken out for, asked before it is (通知三(三)): a kind, and words where that says too little."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict

from .forms import LaidForm
from .http import PortalRequest

FIELDS = ("purpose_kind", "purpose_note")


class PurposeKind(models.TextChoices):
    REPORT = "report", "编写检查报告、总结"
    MEETING = "meeting", "部门会商、研判"
    CASE = "case", "案件查处、移送"
    REVIEW = "review", "审核、复查"
    ARCHIVE = "archive", "归档留存"
    OTHER = "other", "其他"


class PurposeForm(LaidForm):
    """Why somebody takes the material out; ``said`` is what goes on record."""

    purpose_kind = forms.ChoiceField(
        label="用途", choices=PurposeKind.choices, widget=forms.RadioSelect
    )
    purpose_note = forms.CharField(
        label="说明",
        max_length=80,
        required=False,
        help_text="选“其他”的必填，例如：提供给纪检监督调阅。",
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("purpose_kind") == PurposeKind.OTHER and not data.get("purpose_note"):
            raise ValidationError({"purpose_note": "请写明用途。"})
        return data

    @property
    def said(self) -> str:
        """The purpose as it is kept."""
        kind = PurposeKind(self.cleaned_data["purpose_kind"]).label
        note = self.cleaned_data["purpose_note"].strip()
        return f"{kind}：{note}" if note else kind


def taken_from(request: PortalRequest) -> PurposeForm:
    """The purpose a request says; it is no part of the address any more, which names what is taken out."""
    given = {name: (request.POST.get(name) or request.GET.get(name, "")) for name in FIELDS}
    address: QueryDict = request.GET.copy()
    for name in FIELDS:
        address.pop(name, None)
    request.GET = address  # type: ignore[assignment]
    return PurposeForm(given if given["purpose_kind"] else None)


def carried(request: PortalRequest) -> list[tuple[str, str]]:
    """What else the request sends, for the form that asks for the purpose: of the address when it is read by GET."""
    sent = request.GET if request.method == "GET" else request.POST
    return [
        (name, value)
        for name, values in sent.lists()
        for value in values
        if name not in (*FIELDS, "csrfmiddlewaretoken")
    ]
