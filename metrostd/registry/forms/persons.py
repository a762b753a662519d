"""Input about persons, items and the public certificate of a standard."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy

from metrostd.common.day_fields import AnyDay, PastDay
from metrostd.common.forms import day_input
from metrostd.common.uploads import SIZE_LIMIT
from metrostd.registry.enums import QualificationKind
from metrostd.registry.models import PublicStandardCertificate, StandardItem, StandardPerson

from .records import RecordForm


class PersonForm(RecordForm):
    class Meta:
        model = StandardPerson
        fields = [
            "name",
            "qualification_kind",
            "cert_no",
            "project",
            "valid_until",
            "since",
            "until",
        ]
        widgets = {"valid_until": day_input(), "since": day_input(), "until": day_input()}
        field_classes = {"valid_until": AnyDay, "since": PastDay, "until": AnyDay}
        labels = {"until": "从事本标准工作至"}
        help_texts = {
            "qualification_kind": "法定和授权计量检定机构从事检定的，应当是注册计量师。",
            "project": "注册项目或证明写明的项目，应当与本标准开展的项目相符。",
            "valid_until": "注册有效期为5年；证明没有写明有效期的不填。",
            "until": "已调离的填写最后一天；人员保留在台账中。",
        }

    def clean(self):
        cleaned = super().clean()
        kind = cleaned.get("qualification_kind")
        if kind in QualificationKind.registered:
            for name, words in (("cert_no", "注册证编号"), ("valid_until", "注册有效期")):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, f"注册计量师请填写{words}。")
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "离开的日期不能早于开始的日期。")
        return cleaned


class ItemForm(RecordForm):
    class Meta:
        model = StandardItem
        fields = ["name", "measuring_range", "performance", "basis", "until"]
        widgets = {"until": day_input()}
        field_classes = {"until": AnyDay}
        help_texts = {
            "name": "例如：一般压力表检定。",
            "basis": "例如：JJG 52-2013。",
            "until": "不再开展的填写最后一天；项目保留在台账中。",
        }


class PublicCertificateForm(RecordForm):
    scan = forms.FileField(
        label="证书扫描件",
        required=False,
        help_text=format_lazy("PDF 或照片（JPEG、PNG），{}。", SIZE_LIMIT),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": "文件是空的，请重新选择。"},
    )

    class Meta:
        model = PublicStandardCertificate
        fields = [
            "number",
            "issuer",
            "issue_date",
            "valid_until",
            "valid_region",
            "authorisation_no",
        ]
        widgets = {"issue_date": day_input(), "valid_until": day_input()}
        field_classes = {"issue_date": PastDay, "valid_until": AnyDay}
        help_texts = {
            "valid_region": "证书写明的量值传递区域，例如：天津市。",
            "authorisation_no": "依法授权建立的社会公用计量标准填写授权证书号。",
        }

    def clean(self):
        cleaned = super().clean()
        issued, until = cleaned.get("issue_date"), cleaned.get("valid_until")
        if issued and until and until <= issued:
            self.add_error("valid_until", ValidationError("有效期至应当晚于发证日期。"))
        return cleaned
