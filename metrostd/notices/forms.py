"""Input of notices to clean values."""

from django import forms

from metrostd.common.day_fields import AnyDay
from metrostd.common.forms import LaidForm
from metrostd.common.outside import VersionField
from metrostd.common.uploads import SIZE_LIMIT

from .moves import FIELDS


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class NoticeForm(LaidForm):
    """What a notice says, to whom it goes, whether anybody may read it."""

    title = forms.CharField(label="标题", max_length=120)
    number = forms.CharField(
        label="发文字号", max_length=60, required=False, help_text="例如：津市监计量〔2021〕5号"
    )
    addressees = forms.CharField(
        label="主送",
        max_length=120,
        initial="各区市场监管局，各计量技术机构，各有关单位",
    )
    body = forms.CharField(label="正文", widget=_text(14), help_text="每段一行")
    basis = forms.CharField(
        label="依据文件", widget=_text(2), required=False, help_text="每行一份，写全称和文号"
    )
    issued_on = AnyDay(label="成文日期")
    copy_to = forms.CharField(
        label="抄送",
        max_length=120,
        required=False,
        help_text="例如：委综合行政执法总队；不抄送的不填",
    )
    to_bureaus = forms.BooleanField(label="送各区市场监管局", required=False, initial=True)
    to_institutes = forms.BooleanField(label="送各计量技术机构", required=False, initial=True)
    to_units = forms.BooleanField(label="送各有关单位（建标单位）", required=False, initial=True)
    is_public = forms.BooleanField(
        label="主动公开",
        required=False,
        initial=True,
        help_text="印发后任何人不登录即可查看通知和附件；检查情况和结果不随之公开",
    )
    without_annexes = forms.BooleanField(label="本通知没有附件", required=False)
    file = forms.FileField(
        label="印发稿",
        required=False,
        help_text=f"盖章的扫描件或者排版稿，PDF、Word，{SIZE_LIMIT}",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.docx"}),
    )
    base_version = VersionField()

    def words(self) -> dict[str, object]:
        """What is kept as text and ticks."""
        return {name: self.cleaned_data[name] for name in FIELDS}


class AnnexForm(LaidForm):
    """One annex."""

    title = forms.CharField(label="附件名称", max_length=120)
    file = forms.FileField(
        label="文件",
        help_text=f"PDF、Word、Excel，{SIZE_LIMIT}",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.docx,.xlsx"}),
    )
