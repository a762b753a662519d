"""Input of a table that is prepared or looked through: reasons, cells, a signature, a return, chapters."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError

from metrostd.common.actors import Actor
from metrostd.common.day_fields import AnyDay, DueDay, PastDay
from metrostd.common.forms import LaidForm, Refusable, helper_for
from metrostd.common.outside import VersionField
from metrostd.common.shapes import Files, FormOptions, Sent

from .corrections import overridable
from .enums import Chapter, RequestDecision
from .figures import GROUPS
from .narrative.writing import LONGEST_CHAPTER, Save
from .rules import RuleResult
from .single_figures import SINGLE
from .table import Annex3, Block, Row

_REASON = 1000


class ReasonsForm(Refusable, forms.Form):
    """One text beside each rule that asks for it."""

    base_version = VersionField()

    def __init__(
        self,
        data: Sent = None,
        *,
        warned: Iterable[RuleResult],
        said: Mapping[str, str],
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, **kwargs)
        self.rules = [one.id for one in warned]
        for rule in self.rules:
            self.fields[rule] = forms.CharField(
                label=f"{rule} 的理由",
                required=False,
                max_length=_REASON,
                initial=said.get(rule, ""),
                widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
            )

    def reasons(self) -> dict[str, str]:
        return {rule: self.cleaned_data[rule] for rule in self.rules}


class EnterForm(Refusable, forms.Form):
    """A cell entered by hand: where, what, why."""

    row = forms.ChoiceField(label="行")
    figure = forms.ChoiceField(label="列", required=False, help_text="组织实施等单项指标不用选列。")
    value = forms.CharField(label="改为", max_length=20)
    reason = forms.CharField(
        label="理由", max_length=_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )
    base_version = VersionField()

    def __init__(self, data: Sent = None, *, annex: Annex3, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.fields["row"].choices = [  # type: ignore[attr-defined]
            (block.title, [(_place(block, row), row.spec.label) for row in block.rows])
            for block in annex.blocks.values()
        ]
        self.fields["figure"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *(
                (key, f"{GROUPS[figure.group].name}：{figure.name}")
                for key, figure in overridable(annex).items()
            ),
        ]
        self.helper = helper_for("row", "figure", "value", "reason", "base_version")

    @property
    def cell(self) -> str:
        row: str = self.cleaned_data["row"]
        return row if row.count("/") > 1 else f"{row}/{self.cleaned_data['figure']}"

    def refuse(self, error: ValidationError) -> None:
        """What is wrong with a cell is wrong with its column."""
        if hasattr(error, "error_dict") and "cell" in error.error_dict:
            error.error_dict["figure"] = error.error_dict.pop("cell")
        super().refuse(error)


def _place(block: Block, row: Row) -> str:
    """The place of a row; of a single figure it is the cell itself."""
    place = f"{block.id}/{row.id}"
    return f"{place}/{row.id}" if block.id in SINGLE else place


class TakeOutForm(Refusable, forms.Form):
    """A cell entered by hand whose computed figure is to stand again."""

    cell = forms.CharField(max_length=100)
    base_version = VersionField()


class TableForm(Refusable, forms.Form):
    """A statistics table filled in outside, in the portal's own form."""

    file = forms.FileField(label="填好的统计表（Excel）")

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("file")


class TemplateForm(Refusable, forms.Form):
    """The office's own Word form for its reports."""

    file = forms.FileField(
        label="Word 模板（.docx）", error_messages={"required": "请选择 Word 模板文件。"}
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("file")


class Annex3FormForm(Refusable, forms.Form):
    """Another form of the annex."""

    file = forms.FileField(
        label="表式（.xlsx 或 .json）", error_messages={"required": "请选择表式文件。"}
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("file")


class InForceForm(Refusable, forms.Form):
    """From when tables are made in a form."""

    day = DueDay(label="启用日期")

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for("day")


class SignForm(Refusable, forms.Form):
    """The head of the office signs."""

    name = forms.CharField(label="单位负责人姓名", max_length=40)
    position = forms.CharField(label="职务", max_length=40)
    image = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for("name", "position")


class ReturnForm(Refusable, forms.Form):
    """What is to be put right, as a whole; marks on cells come under the names of their cells."""

    note = forms.CharField(
        label="退回意见", max_length=_REASON, widget=forms.Textarea(attrs={"rows": 4})
    )
    PREFIX, CHAPTER = "mark-", "chapter-"

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for("note")

    def marks(self) -> list[tuple[str, str, str, str]]:
        """(block, row, figure, text) of each cell that something was said about."""
        found = []
        for name, text in self.data.items():
            parts = name.removeprefix(self.PREFIX).split("/")
            if name.startswith(self.PREFIX) and len(parts) == 3 and str(text).strip():
                found.append((parts[0], parts[1], parts[2], str(text)))
        return found

    def chapters(self) -> dict[str, str]:
        """What was said about chapters of the report."""
        said = {name: str(self.data.get(f"{self.CHAPTER}{name}", "")) for name in Chapter.values}
        return {name: text for name, text in said.items() if text.strip()}


class PassageForm(Refusable, forms.Form):
    """A chapter of the report or the words of a case, saved as they are typed.

    How long they may be says the domain, in its own words and before anything is cut.
    """

    title = forms.CharField(label="标题", required=False)
    text = forms.CharField(label="内容", required=False, strip=False)
    version = VersionField()
    client_id = forms.UUIDField(required=False)

    def clean_client_id(self) -> uuid.UUID:
        """A page without scripts sends no id; each of its saves counts."""
        return self.cleaned_data["client_id"] or uuid.uuid4()

    def clean_text(self) -> str:
        """Lines end alike, whatever system they were typed on."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def save_by(self, actor: Actor) -> Save:
        return Save(self.cleaned_data["version"], self.cleaned_data["client_id"], actor)


class BulletinForm(Refusable, forms.Form):
    """What is to be published, on which basis, and for how long."""

    title = forms.CharField(label="标题", max_length=100)
    text = forms.CharField(
        label="内容",
        max_length=LONGEST_CHAPTER,
        widget=forms.Textarea(attrs={"rows": 14, "data-figures": "yes"}),
        help_text="每行一段；可以用【…】插入全市汇总的数，写法同总结报告。",
    )
    basis = forms.CharField(
        label="公开依据", max_length=300, help_text="法规条款、通知或者批准公开的文号"
    )
    visible_from = AnyDay(label="公开自")
    visible_until = AnyDay(label="公开至", required=False, help_text="不填即长期公开")
    base_version = VersionField()

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for(*self.fields)

    def words(self) -> dict[str, object]:
        found = {name: self.cleaned_data[name] for name in self.fields if name != "base_version"}
        return {**found, "text": found["text"].replace("\r\n", "\n")}


class RequestForm(LaidForm):
    """Who asked to see which record."""

    received_on = PastDay(label="收到日期")
    applicant = forms.CharField(label="申请人", max_length=100, help_text="加密保存")
    contact = forms.CharField(
        label="联系方式", max_length=120, required=False, help_text="加密保存"
    )
    wanted = forms.CharField(
        label="申请公开的内容", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecisionForm(LaidForm):
    """What it was answered with."""

    decision = forms.ChoiceField(label="答复", choices=RequestDecision.choices)
    given = forms.CharField(
        label="提供的内容", max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text="提供了哪些记录、以什么方式提供",
    )  # fmt: skip
    reason = forms.CharField(
        label="理由", max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text="不予公开、部分公开的必填，写明依据",
    )  # fmt: skip
