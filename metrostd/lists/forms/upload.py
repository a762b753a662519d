"""Uploading a list."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy

from metrostd.common.forms import helper_for
from metrostd.common.sayings import Named
from metrostd.common.uploads import SIZE_LIMIT
from metrostd.lists.events import require_campaign
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority


class UploadForm(Named, forms.Form):
    """A list to read. What kind of file it is, its content decides."""

    file = forms.FileField(
        label="名单文件",
        help_text=format_lazy(
            "Excel（.xlsx、.xls）或 .csv，{}；可以是合并单元格、多个工作表的原始名单。", SIZE_LIMIT
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.et"}),
        error_messages={"required": "请选择要导入的名单。", "empty": "文件是空的，请重新选择。"},
    )
    category = forms.ChoiceField(
        label="计量标准类别",
        choices=Category.choices,
        initial=Category.ENT_HIGHEST,
        help_text="名单中没有“计量标准类别”一列时，按此类别入库。",
    )
    issuing_authority = forms.ModelChoiceField(
        label="发证部门",
        queryset=Authority.objects.order_by("code"),
        empty_label=None,
        help_text="名单所列证书的发证部门，同时作为主持考核部门。",
    )
    campaign_code = forms.CharField(
        label="专项行动代号", required=False, max_length=40, widget=forms.HiddenInput
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = helper_for("file", "category", "issuing_authority")

    def clean_campaign_code(self) -> str:
        code = self.cleaned_data["campaign_code"]
        require_campaign(code)
        return code

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise ValidationError(f"文件超过 {limit} MB，请拆分后上传。")
        return upload
