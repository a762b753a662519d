"""Uploading a roster."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from metrostd.common.forms import LaidForm


class RosterForm(LaidForm):
    file = forms.FileField(
        label="名册文件",
        help_text="Excel（.xlsx、.xls）或 .csv，用“导出名册”得到的表格填写",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise ValidationError(f"文件超过 {limit} MB，请拆分后上传。")
        return upload
