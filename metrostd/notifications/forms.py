"""Where another system is told."""

from django import forms

from metrostd.common.forms import LaidForm


class EndpointForm(LaidForm):
    name = forms.CharField(label="名称", max_length=60, help_text="例如“办公自动化系统”")
    url = forms.CharField(
        label="网址",
        max_length=500,
        help_text="以 https:// 开头；接收方的内部网段要由运维写入 WEBHOOK_NETWORKS",
    )
