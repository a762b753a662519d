"""Input of the self-check: list filter, one answer, a problem, sending back, handing in."""

import datetime as dt

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from metrostd.common import clock
from metrostd.common.day_fields import DueDay, PastDay, late_reason_field
from metrostd.common.forms import Refusable, helper_for
from metrostd.common.keyed import Chained, KeyedRows, ShownRows
from metrostd.common.outside import VersionField, is_key
from metrostd.common.sayings import Named
from metrostd.registry.numbers import typed_code

from . import sheets
from .deadlines import correction_due
from .enums import ReportState, SubjectKind
from .models import SelfCheckProblem, SelfCheckReport
from .queries import declaration

#: Above this many answers only those that say more than 符合 are offered for a remark.
_MARKABLE = 600


class ReportFilter:
    """The address's query as a narrowed, ordered list; anything unknown is ignored."""

    SORTS = {
        "name": "name",
        "due": "due_on",
        "submitted": "first_submitted_at",
        "standards": "standards_count",
        "problems": "problems_count",
    }
    RELATIONS = [("received", "报送本部门"), ("inspected", "本部门组织检查")]
    LATE = [("late", "逾期报送"), ("overdue", "逾期未报")]

    def __init__(self, query, *, viewer):
        self.query = query
        self.viewer = viewer

    def narrow(self, rows, *, on: dt.date):
        """Every filter but the state, so that the counters by state stay meaningful."""
        kind, relation = self.query.get("kind"), self.query.get("relation")
        if kind in SubjectKind.values:
            rows = rows.filter(kind=kind)
        if is_key(district := self.query.get("district", "")):
            rows = rows.filter(Q(unit__territorial_authority=district) | Q(bureau=district))
        acting = self.viewer.acting
        if relation == "received" and acting:
            rows = rows.filter(receiver=acting.authority_id)
        elif relation == "inspected" and acting:
            rows = rows.exclude(receiver=acting.authority_id).exclude(bureau=acting.authority_id)
        match self.query.get("late"):
            case "late":
                rows = rows.filter(is_late=True)
            case "overdue":
                rows = rows.overdue(on)
        if words := self.query.get("q", "").strip():
            rows = rows.filter(
                Q(unit__name__icontains=words)
                | Q(unit__pinyin__istartswith=words)
                | Q(unit__uscc__iexact=typed_code(words))
                | Q(bureau__name__icontains=words)
                | Q(bureau__short_name__icontains=words)
                | Q(receipt_no__icontains=words)
            )
        return rows

    def with_state(self, rows, *, on: dt.date):
        state = self.query.get("state")
        return rows.in_state(state, on) if state in ReportState.values else rows

    def in_order(self, rows, *, counted: QuerySet | int) -> KeyedRows:
        """The reports in the order of the address, read by key; ``counted`` as ``KeyedRows`` takes it."""
        wanted = self.query.get("sort", "")
        column, down = self.SORTS.get(wanted.removeprefix("-"), "name"), wanted.startswith("-")
        if column == "name":
            # Bureaus before units, each by an index of their names.
            kinds = [(SubjectKind.BUREAU, "bureau__short_name"), (SubjectKind.UNIT, "unit__name")]
            # Named, said though it is so: then both tables are joined in either direction.
            named = [(rows.filter(kind=kind, **{f"{n}__isnull": False}), n) for kind, n in kinds]
            parts = [_keys(part, name, down=down) for part, name in named]
            keys: Chained | QuerySet = Chained(parts[::-1] if down else parts)
        else:
            ordered = rows.with_counts() if column.endswith("_count") else rows
            keys = _keys(ordered, column, down=down)
        return KeyedRows(keys, _SHOWN, counted=counted)


_SHOWN = ShownRows(lambda: SelfCheckReport.objects.for_table())


def _keys(rows: QuerySet, column: str, *, down: bool) -> QuerySet:
    return rows.order_by(f"-{column}" if down else column, "pk").values_list("pk", flat=True)


class AnswerForm(Named, forms.Form):
    """One saved item as the page's script or a plain form sends it."""

    answer = forms.CharField(required=False, max_length=16)
    note = forms.CharField(required=False, max_length=2000)
    version = VersionField()
    client_id = forms.UUIDField(required=False)

    def error_sentences(self) -> list[str]:
        return [str(message) for messages in self.errors.values() for message in messages]


class CorrectionForm(Refusable, forms.Form):
    """A problem handed in as open has been corrected since."""

    rectified_on = PastDay(label="完成整改日期")
    late_reason = late_reason_field("完成整改日期")
    how = forms.CharField(
        label="整改完成情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    file = forms.FileField(label="佐证材料", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rectified_on"].initial = clock.today()
        self.helper = helper_for("rectified_on", "late_reason", "how", "file")


class ProblemForm(Refusable, forms.Form):
    description = forms.CharField(
        label="存在问题", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    measure = forms.CharField(
        label="整改措施",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="报送前须填写。",
    )
    prevention_measure = forms.CharField(
        label="预防措施",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="如何防止再次发生，报送前须填写。",
    )
    found_on = PastDay(label="发现日期")
    rectified_on = PastDay(label="完成整改日期", required=False, help_text="尚未完成的留空。")
    late_reason = late_reason_field("发现日期或者完成整改日期")
    base_version = VersionField(initial=0)
    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    CONTENT = ("description", "measure", "prevention_measure", "found_on", "rectified_on")

    def __init__(self, *args, instance_data: SelfCheckProblem | None = None, **kwargs):
        if instance_data is not None:
            kwargs["initial"] = {name: getattr(instance_data, name) for name in self.CONTENT} | {
                "base_version": instance_data.version
            }
        else:
            kwargs.setdefault("initial", {}).setdefault("found_on", clock.today())
        super().__init__(*args, **kwargs)
        self.helper = helper_for(*self.CONTENT, "late_reason", "base_version", "client_id")

    def content(self) -> dict:
        return {name: self.cleaned_data[name] for name in (*self.CONTENT, "late_reason")}


class SendBackForm(Refusable, forms.Form):
    note = forms.CharField(
        label="退回理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    due_on = DueDay(label="补正期限")

    def __init__(self, *args, report: SelfCheckReport, **kwargs):
        kwargs["initial"] = {"due_on": correction_due()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.report = report
        self.helper = helper_for("note", "due_on")

    def marks(self) -> dict[int, str]:
        """Remarks by primary key of the answer, from the fields ``mark-<pk>``."""
        return {
            int(pk): text
            for name, text in self.data.items()
            if name.startswith("mark-") and is_key(pk := name.removeprefix("mark-"))
        }

    def marked_groups(self) -> list[tuple[sheets.Group, list[tuple[sheets.Card, str]]]]:
        """The answers that take a remark, by group, each with the remark typed so far."""
        groups = sheets.groups(self.report)
        everything = groups.total <= _MARKABLE
        typed = self.marks() if self.is_bound else {}
        cards: dict[int | None, list] = {group.standard_id: [] for group in groups.rows}
        rows = self.report.answers.select_related("item__section").order_by(
            "item__section__order", "item__order"
        )
        for row in rows:
            if everything or row.note or row.review_mark or row.answer != "conform":
                mark = typed.get(row.pk, row.review_mark)
                cards[row.standard_id].append((sheets.Card(row, []), mark))
        return [(group, cards[group.standard_id]) for group in groups.rows]


class SubmitForm(Refusable, forms.Form):
    summary = forms.CharField(
        label="自查情况",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="自查的组织、覆盖的计量标准、总体情况和整改进展。",
    )
    declaration_by = forms.CharField(label="单位负责人", max_length=40)
    #: The words of the declaration on the page: others may go on writing while it is read.
    declared = forms.CharField(required=False, widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        error_messages={"required": "请确认声明后再报送。"},
    )

    def __init__(self, *args, report: SelfCheckReport, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = self.initial["declared"] = declaration(report)
        self.read = ""
        if isinstance(self.data, QueryDict) and "declared" in self.data:
            # Shown again with the words of now, beside which they are confirmed anew.
            self.read, anew = str(self.data["declared"]), self.data.copy()
            anew["declared"] = self.initial["declared"]
            self.data = anew
        if report.kind == SubjectKind.BUREAU:
            self.fields[
                "summary"
            ].help_text = "考核程序、考评方法、考评结果处理和证后监督管理的总体情况。"
            self.fields["declaration_by"].label = "负责人"
        self.helper = helper_for("summary", "declaration_by", "declared", "agreed")
