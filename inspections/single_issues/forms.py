"""Input of a matter: the report, who is asked, the opinion, the answer."""

from django import forms

from inspections.enums import Urgency
from inspections.models import SingleIssueReport
from metrostd.accounts.models import Membership
from metrostd.accounts.querysets import MembershipQuerySet
from metrostd.common.forms import LaidForm, field_of
from metrostd.common.roles import Role

from .moves import Words

_TEXT = forms.Textarea(attrs={"rows": 4})


class ReportForm(LaidForm):
    """One matter; a second one is a second report."""

    def words(self) -> Words:
        """What was written, field by field."""
        return Words(
            urgency=self.cleaned_data["urgency"],
            subject=self.cleaned_data["subject"],
            facts=self.cleaned_data["facts"],
            question=self.cleaned_data["question"],
            proposal=self.cleaned_data["proposal"],
        )

    urgency = forms.ChoiceField(
        label="缓急",
        choices=[(one.value, f"{one.label}（{one.workdays}个工作日内答复）") for one in Urgency],
        initial=Urgency.ORDINARY,
        widget=forms.RadioSelect,
    )
    subject = forms.CharField(
        label="事项", max_length=80, help_text="一份报告只写一件事；另有其他事的，请另行上报"
    )
    facts = forms.CharField(
        label="事实情况", widget=_TEXT, help_text="现场看到了什么，单位怎么说，有哪些证据"
    )
    question = forms.CharField(label="请示的问题", widget=forms.Textarea(attrs={"rows": 2}))
    proposal = forms.CharField(
        label="处理建议", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class _People(forms.ModelMultipleChoiceField):
    """People by name, capacity and office."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.user} · {obj.get_role_display()} · {obj.authority}"


class ConsultForm(LaidForm):
    """The people who are asked at once."""

    people = _People(
        label="征求意见的人员",
        queryset=Membership.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text="可以选多人；按住 Ctrl 键逐个选择",
        error_messages={"required": "请选择征求意见的人员。"},
    )

    def __init__(self, *args, issue: SingleIssueReport, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "people", _People).queryset = _to_ask(issue)


def _to_ask(issue: SingleIssueReport) -> MembershipQuerySet:
    """Offices, officers, assessors and experts who were not asked yet."""
    rows = Membership.objects.active().filter(
        role__in=Role.offices | Role.on_site, authority__isnull=False
    )
    rows = rows.exclude(pk__in=issue.opinions.values("membership"))
    return rows.select_related("user", "authority").order_by("role", "authority__code", "pk")


class OpinionForm(LaidForm):
    text = forms.CharField(label="意见", widget=_TEXT)


class AnswerForm(LaidForm):
    """The answer to who asked, and what it means for everybody."""

    text = forms.CharField(label="答复", widget=_TEXT)
    basis = forms.CharField(
        label="依据", max_length=200, required=False, help_text="法律、规程或者文件的条款"
    )
    ruling = forms.CharField(
        label="统一口径",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写了的，今后显示在同一检查项旁边，供所有检查人员参照；不要写出单位",
    )
