"""An authority and what it says of itself; a day to look back to."""

from typing import Unpack

from crispy_forms.helper import FormHelper
from django import forms

from metrostd.common.forms import Refusable, helper_for
from metrostd.common.shapes import ModelFormOptions, Sent
from metrostd.registry.models import Authority


class OfficeForm(Refusable, forms.ModelForm):
    """Only the columns this person may write."""

    class Meta:
        model = Authority
        fields = [
            "code", "name", "short_name", "region_name", "level", "parent", "office", "phone", "address",
            "document_prefix", "approval_split", "approval_body_name",
        ]  # fmt: skip
        labels = {"parent": "上级机关"}
        help_texts = {
            "code": "区划代码；功能区机关自定",
            "document_prefix": "文书编号中的机关代字，例如“津青市监”",
        }

    def __init__(
        self, data: Sent = None, *, may: tuple[str, ...], **kwargs: Unpack[ModelFormOptions]
    ) -> None:
        super().__init__(data, **kwargs)
        for name in list(self.fields):
            if name not in may:
                del self.fields[name]

    @property
    def helper(self) -> FormHelper:
        return helper_for(*self.fields)

    def _post_clean(self) -> None:
        """The service writes and checks: the record in hand keeps its values until then."""
