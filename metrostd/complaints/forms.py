"""What people and offices write about a complaint, to clean values."""

import uuid
from typing import Unpack

from django import forms
from django.core.files.uploadedfile import UploadedFile

from metrostd.common.content import accept_attribute
from metrostd.common.day_fields import PastDay, late_reason_field
from metrostd.common.forms import LaidForm, field_of
from metrostd.common.outside import VersionField
from metrostd.common.shapes import Files, FormOptions, Sent
from metrostd.common.uploads import SIZE_LIMIT
from metrostd.registry.models import Authority

from .enums import ComplaintChannel, ComplaintKind, Recipient
from .services import ACCEPTED, MOST_FILES, MOST_MEGABYTES


class _SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Any number of files under one name; what each of them is, says the service that keeps them."""

    def __init__(self, *, label: str, help_text: str) -> None:
        widget = _SeveralInput(attrs={"accept": accept_attribute(ACCEPTED)})
        super().__init__(label=label, required=False, widget=widget, help_text=help_text)

    def clean(self, data: object, initial: object = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(SeveralFiles, self).clean(one, initial) for one in given]


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class StatementForm(LaidForm):
    """What somebody says without an account, on a phone as well as at a desk."""

    kind = forms.ChoiceField(
        label="类别", choices=ComplaintKind.choices, widget=forms.RadioSelect,
        initial=ComplaintKind.TIP_OFF,
        help_text="与您自己有关的争议选“投诉”；反映违法违规问题选“举报”，举报可以匿名。",
    )  # fmt: skip
    target = forms.CharField(
        label="被反映的单位", max_length=120, required=False,
        help_text="建标单位、检定校准机构的全称；反映市场监管部门的不用填。",
    )  # fmt: skip
    office = forms.ModelChoiceField(
        label="所在区", queryset=Authority.objects.none(), required=False, empty_label="不清楚",
    )  # fmt: skip
    about_office = forms.ModelChoiceField(
        label="反映的是市场监管部门或者其工作人员", queryset=Authority.objects.none(),
        required=False, empty_label="不是",
        help_text="选了以后由它的上一级办理，被反映的部门看不到。",
    )  # fmt: skip
    content = forms.CharField(
        label="反映的内容", max_length=5000, widget=_text(7),
        help_text="时间、地点、经过，涉及的计量标准或者证书。最多5000字。",
    )  # fmt: skip
    name = forms.CharField(
        label="您的姓名", max_length=60, required=False,
        help_text="匿名举报不填。填写的加密保存，办理人查看须写明用途并留下记录。",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    contact = forms.CharField(
        label="联系方式", max_length=120, required=False,
        help_text="电话或者邮箱、地址。", widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )  # fmt: skip
    attachments = SeveralFiles(
        label="材料",
        help_text=f"照片、录音、视频、文件，最多{MOST_FILES}个，每个{SIZE_LIMIT}，合计不超过{MOST_MEGABYTES} MB。",
    )
    sent = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        offices = Authority.objects.order_by("code")
        for name in ("office", "about_office"):
            if name in self.fields:
                field_of(self, name, forms.ModelChoiceField).queryset = offices
        self.fields["sent"].initial = uuid.uuid4


class EntryForm(StatementForm):
    """The same, taken down by an office from a call, a letter or another body."""

    channel = forms.ChoiceField(
        label="来源",
        choices=[(c.value, c.label) for c in ComplaintChannel if c in ComplaintChannel.entered],
    )
    received_on = PastDay(label="收到日期", help_text="办理期限从这一天的次日起算")
    source = forms.CharField(
        label="转来单位和文号", max_length=120, required=False, help_text="12315转办单号、来函文号"
    )
    office = None  # type: ignore[assignment]  # whoever enters it handles it

    field_order = ("channel", "received_on", "source", "kind", "target", "about_office")


class CodeForm(LaidForm):
    """The code of the receipt."""

    code = forms.CharField(
        label="查询码",
        max_length=40,
        help_text="回执上的16位字母和数字，大小写和横线不限。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class AcceptForm(LaidForm):
    reason = forms.CharField(
        label="告知反映人的话", max_length=500, required=False, widget=_text(2),
        help_text="可不填；反映人凭查询码可以看到。",
    )  # fmt: skip


class DeclineForm(LaidForm):
    reason = forms.CharField(
        label="不予受理的理由", max_length=500, widget=_text(3),
        help_text="写明依据；反映人凭查询码可以看到。",
    )  # fmt: skip


class AnswerForm(LaidForm):
    answer = forms.CharField(
        label="答复内容", max_length=3000, widget=_text(5),
        help_text="查明的情况、处理结果和依据；反映人凭查询码可以看到。",
    )  # fmt: skip


class TellForm(LaidForm):
    told_on = PastDay(label="告知日期")
    late_reason = late_reason_field("告知日期")
    told_how = forms.CharField(label="告知方式", max_length=60, help_text="例如：电话")


class PassOnForm(LaidForm):
    office = forms.ModelChoiceField(label="转交给", queryset=Authority.objects.order_by("code"))
    note = forms.CharField(
        label="转交的理由", max_length=200, help_text="会记入办理过程，不要写反映人的信息。"
    )


class VerifyForm(LaidForm):
    note = forms.CharField(label="核查情况", max_length=2000, widget=_text(4))


class ReferForm(LaidForm):
    recipient = forms.ChoiceField(label="移送对象", choices=Recipient.choices)
    sent_to = forms.CharField(
        label="移送至", max_length=100, required=False, help_text="其他机关的，写明名称"
    )
    note = forms.CharField(label="移送的理由", max_length=1000, widget=_text(3))


class RevealForm(LaidForm):
    reason = forms.CharField(
        label="查看的用途", max_length=120, help_text="例如：电话核实举报内容。每次查看都留下记录。"
    )


class DeskForm(LaidForm):
    """Where people can turn to."""

    phone = forms.CharField(label="电话", max_length=60)
    address = forms.CharField(label="地址", max_length=200)
    hours = forms.CharField(
        label="受理时间", max_length=120, help_text="例如：工作日 9:00—12:00，14:00—17:30"
    )
    mail = forms.CharField(
        label="来信邮编、信箱", max_length=120, required=False, help_text="例如：300000，电子信箱"
    )
    base_version = VersionField()
