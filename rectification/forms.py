"""Input of rectification to clean values."""

import datetime as dt
import uuid
from typing import Unpack

from django import forms

from inspections.models import Finding
from metrostd.common import clock
from metrostd.common.day_fields import DueDay, PastDay
from metrostd.common.forms import Refusable, plain_helper
from metrostd.common.outside import VersionField
from metrostd.common.sayings import Named
from metrostd.common.shapes import Files, FormOptions, Sent
from metrostd.registry import legal

from . import wording
from .enums import (
    DispositionAction,
    OrderKind,
    ReferralRecipient,
    ReferralState,
    ReviewMethod,
    ReviewResult,
)


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PlainForm(Refusable, forms.Form):
    """All fields in their order; errors of the domain find their field."""

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = plain_helper()


class IssueForm(PlainForm):
    """Findings, kind, due day and requirement of an order; one own requirement for each finding."""

    kind = forms.ChoiceField(label="文书种类", choices=OrderKind.choices, widget=forms.RadioSelect)
    due_on = DueDay(label="整改期限", help_text="含当日")
    requirement = forms.CharField(label="整改要求", widget=_text(4))
    waiver = forms.CharField(
        label="提前下达的理由和单位放弃异议的情况",
        max_length=300,
        required=False,
        widget=_text(3),
        help_text="写明为何不等期满，谁、何时、以何种方式表示放弃异议；将记入每个问题的办理过程。",
    )
    findings = forms.ModelMultipleChoiceField(
        label="列入的问题",
        queryset=Finding.objects.none(),
        error_messages={"required": "请至少选择一项问题。"},
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        rows: list[Finding],
        latest: dt.date,
        waits: dt.date | None = None,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.rows = rows
        if waits is None:
            del self.fields["waiver"]
        self.fields["findings"].queryset = Finding.objects.filter(  # type: ignore[attr-defined]
            pk__in=[row.pk for row in rows]
        ).select_related("item", "task")
        self.fields[
            "due_on"
        ].help_text = f"含当日，最晚{latest.year}年{latest.month}月{latest.day}日"
        for row in rows:
            self.fields[self._own(row.pk)] = forms.CharField(
                label="具体要求", max_length=300, required=False
            )

    @staticmethod
    def _own(pk: int) -> str:
        return f"own_{pk}"

    def lines(self) -> list[dict[str, object]]:
        """The findings to choose from, each with its box and the text entered."""
        chosen = {str(value) for value in self["findings"].value() or ()}
        return [
            {
                "finding": row,
                "checked": str(row.pk) in chosen,
                "own": self[self._own(row.pk)],
            }
            for row in self.rows
        ]

    def own_requirements(self) -> dict[int, str]:
        return {row.pk: self.cleaned_data[self._own(row.pk)] for row in self.rows}


class WithdrawalForm(PlainForm):
    note = forms.CharField(
        label="撤回理由",
        widget=_text(3),
        max_length=1000,
        help_text="写明文书错在哪里，如何处理；印在撤回件上，并告知单位。",
    )


class ReportForm(Named, forms.Form):
    """The unit's report on one finding; every part may be empty until it is submitted."""

    cause = forms.CharField(label="原因分析", required=False, max_length=4000)
    action = forms.CharField(label="整改措施", required=False, max_length=4000)
    prevention = forms.CharField(label="预防措施", required=False, max_length=4000)
    version = VersionField()
    client_id = forms.UUIDField(required=False)

    def clean_client_id(self) -> uuid.UUID:
        """A page without scripts sends no id; each of its saves counts."""
        return self.cleaned_data["client_id"] or uuid.uuid4()


class UploadForm(Named, forms.Form):
    file = forms.FileField(label="文件", error_messages={"required": "请选择文件。"})
    client_id = forms.UUIDField(required=False)

    def clean_client_id(self) -> uuid.UUID:
        return self.cleaned_data["client_id"] or uuid.uuid4()


class ReviewForm(PlainForm):
    result = forms.ChoiceField(
        label="确认结果", choices=ReviewResult.choices, widget=forms.RadioSelect
    )
    method = forms.ChoiceField(label="确认方式", choices=ReviewMethod.choices)
    opinion = forms.CharField(
        label="意见", widget=_text(), required=False, help_text="退回或者整改不合格时必填"
    )

    phrases = wording.STOCK_OPINIONS

    def without_returning(self, why: str) -> None:
        """After the due day only two answers are left."""
        field = self.fields["result"]
        field.choices = [c for c in ReviewResult.choices if c[0] != ReviewResult.RETURNED]  # type: ignore[attr-defined]
        field.help_text = why


class ExtensionAskForm(PlainForm):
    wanted_on = DueDay(label="申请延至")
    reason = forms.CharField(label="延期理由", widget=_text())


class ExtendForm(PlainForm):
    due_on = DueDay(label="延期至")
    reason = forms.CharField(label="审批意见", widget=_text(2))


class ObjectionForm(PlainForm):
    reason = forms.CharField(label="异议和理由", widget=_text(4))


class ObjectionDecisionForm(PlainForm):
    outcome = forms.ChoiceField(
        label="答复",
        choices=[("uphold", "维持：问题成立"), ("withdraw", "采纳异议：问题不成立")],
        widget=forms.RadioSelect,
    )
    decision = forms.CharField(label="书面答复内容", widget=_text(4))


class ProposalForm(PlainForm):
    action = forms.ChoiceField(label="建议的处置", choices=DispositionAction.choices)
    reason = forms.CharField(label="理由和依据", widget=_text(4))

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        actions: list[DispositionAction] | None = None,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        if actions is not None:
            self.fields["action"].choices = [(a.value, a.label) for a in actions]  # type: ignore[attr-defined]


class DispositionDecisionForm(PlainForm):
    outcome = forms.ChoiceField(
        label="决定", choices=[("accept", "采纳"), ("reject", "不采纳")], widget=forms.RadioSelect
    )
    decision_no = forms.CharField(
        label="决定文号", max_length=60, required=False, help_text="采纳时必填"
    )
    decided_on = PastDay(label="决定日期", required=False, help_text="采纳时必填")
    note = forms.CharField(label="说明", widget=_text(), required=False, help_text="不采纳时必填")


class ReferralForm(PlainForm):
    recipient = forms.ChoiceField(label="移送至", choices=ReferralRecipient.choices)
    sent_to = forms.CharField(
        label="接收机关名称", max_length=100, required=False, help_text="移送其他机关的必填"
    )
    legal_basis = forms.CharField(label="法律依据", max_length=300)
    reason = forms.CharField(label="移送理由", widget=_text(4))

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        named = legal.sentence(legal.USED_REGARDLESS, legal.MATERIAL_REFUSED, on=clock.today())
        self.fields["legal_basis"].help_text = f"如{named}"

    def clean(self) -> dict[str, object]:
        """Whom the list names is its own name; another body has to be named."""
        data = super().clean() or self.cleaned_data
        recipient, name = data.get("recipient", ""), data.get("sent_to", "").strip()
        if recipient == ReferralRecipient.OTHER and not name:
            self.add_error("sent_to", "请填写接收机关的名称。")
        elif recipient:
            data["sent_to"] = name or ReferralRecipient(recipient).label
        return data


class CaseResultForm(PlainForm):
    state = forms.ChoiceField(label="进展", choices=ReferralState.choices)
    case_no = forms.CharField(label="案号", max_length=60, required=False)
    fine = forms.DecimalField(
        label="罚没金额（元）", max_digits=12, decimal_places=2, min_value=0, required=False
    )
    outcome = forms.CharField(label="处理结果", max_length=300, required=False, widget=_text(2))

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        states: list[str],
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            choice for choice in ReferralState.choices if choice[0] in states
        ]
