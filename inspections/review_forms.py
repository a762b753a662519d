"""Input of reviews of bureaus: files asked for, measures demanded and written, decisions, facts of a case file."""

from typing import Unpack

from crispy_forms.layout import Column, Row
from django import forms

from metrostd.accounts.models import Membership
from metrostd.common.day_fields import AnyDay, DueDay, PastDay, late_reason_field
from metrostd.common.forms import LaidForm, Refusable, helper_for
from metrostd.common.roles import Role
from metrostd.common.shapes import Files, FormOptions, Sent
from metrostd.registry.models import StandardCertificate

from .enums.reviews import CasePaper, ProblemResult
from .hints.case import papers_of
from .models import CaseAppraiser, CaseRecord, ReviewProblem

#: So many 考评员 of a case file can be entered: one more than may be, so that it is seen.
APPRAISERS = 3
DAYS = (
    "applied_on",
    "supplement_on",
    "accepted_on",
    "organised_on",
    "appraised_on",
    "rectify_due_on",
    "rectified_on",
    "materials_on",
    "decided_on",
    "delivered_on",
    "previous_until",
)
_WORDS = ("other_documents", "reviewer", "approver")


def _text(label: str, *, rows: int = 3, required: bool = True, most: int = 1000) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, widget=area)


class RequestFilesForm(LaidForm):
    """By when the drawn case files are to be there, and what else."""

    due_on = DueDay(label="案卷备齐期限")
    note = _text("其他需要准备的材料", required=False, most=300)


class DemandForm(LaidForm):
    """By when the bureau reports measures, and what is asked beyond them."""

    due_on = DueDay(label="整改期限")
    requirement = _text("整改要求", required=False, most=300)


class ReportUpForm(LaidForm):
    """To whom and when a bureau was reported."""

    to = forms.CharField(
        label="上报对象", max_length=100, help_text="例如：市市场监管委分管负责同志"
    )
    on = PastDay(label="上报日期")
    late_reason = late_reason_field("上报日期")
    note = _text("情况", most=300)


class MeasureForm(Refusable, forms.Form):
    """What a bureau does about one problem, by when, and what shows it."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    measure = _text("整改措施")
    prevention = _text("预防措施")
    completed_on = PastDay(label="完成日期")
    proof = forms.FileField(label="证明材料", required=False, help_text="照片、PDF、Word或者Excel")

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        problem: ReviewProblem,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.initial.update(
            {
                "base_version": problem.version,
                "measure": problem.measure,
                "prevention": problem.prevention,
                "completed_on": problem.completed_on,
            }
        )
        if problem.proof_name:
            self.fields["proof"].help_text = f"已上传：{problem.proof_name}；另选文件则替换"
        self.helper = helper_for(*self.fields)


class DecideForm(Refusable, forms.Form):
    """For each problem whether it has been put right, with an opinion."""

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        problems: list[ReviewProblem],
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.problems = problems
        for problem in problems:
            self.fields[f"result-{problem.pk}"] = forms.ChoiceField(
                label=f"{problem.item.code} 确认结果",
                choices=ProblemResult.choices,
                widget=forms.RadioSelect,
            )
            self.fields[f"opinion-{problem.pk}"] = forms.CharField(
                label=f"{problem.item.code} 意见", max_length=300, required=False
            )

    def rows(self) -> list[tuple[ReviewProblem, forms.BoundField, forms.BoundField]]:
        """Each problem with its two fields."""
        return [(p, self[f"result-{p.pk}"], self[f"opinion-{p.pk}"]) for p in self.problems]

    def decisions(self) -> dict[int, tuple[str, str]]:
        """Result and opinion by the key of the problem; only after the form was found valid."""
        data = self.cleaned_data
        return {p.pk: (data[f"result-{p.pk}"], data[f"opinion-{p.pk}"]) for p in self.problems}


class CaseForm(Refusable, forms.Form):
    """The days, papers and people of a case file, as its papers say."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        record: CaseRecord,
        certificate: StandardCertificate,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        meta = CaseRecord._meta
        labels = {name: str(meta.get_field(name).verbose_name) for name in (*DAYS, *_WORDS)}  # type: ignore[union-attr]
        for name in DAYS:
            kind = AnyDay if name in ("previous_until", "rectify_due_on") else PastDay
            self.fields[name] = kind(label=labels[name], required=False)
        self.fields["is_extended"] = forms.BooleanField(
            label="审批依法延期并已告知理由", required=False
        )
        self.fields["documents"] = forms.MultipleChoiceField(
            label="收取的申请材料",
            choices=[(code, CasePaper(code).label) for code in papers_of(certificate)],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for name in _WORDS:
            most = 200 if name == "other_documents" else 40
            self.fields[name] = forms.CharField(label=labels[name], required=False, max_length=most)
        known = {row.place: row for row in record.appraisers.all()}
        for place in range(1, APPRAISERS + 1):
            self._add_appraiser(place, known)
        self.initial.update({name: getattr(record, name) for name in (*DAYS, *_WORDS)})
        self.initial.update(
            {
                "base_version": record.version,
                "is_extended": record.is_extended,
                "documents": record.documents,
            }
        )
        self.helper = helper_for("base_version", *self._rows())

    def _add_appraiser(self, place: int, known: dict[int, CaseAppraiser]) -> None:
        people = Membership.objects.filter(role__in=Role.technical).select_related("user")
        self.fields[f"person-{place}"] = forms.ModelChoiceField(
            people, label=f"考评员{place}（在册）", required=False
        )
        self.fields[f"name-{place}"] = forms.CharField(
            label="姓名（不在册）", required=False, max_length=40
        )
        self.fields[f"employer-{place}"] = forms.CharField(
            label="工作单位", required=False, max_length=140
        )
        self.fields[f"until-{place}"] = AnyDay(label="证件有效期至", required=False)
        if row := known.get(place):
            self.initial.update(
                {
                    f"person-{place}": row.membership_id,
                    f"name-{place}": "" if row.membership_id else row.name,
                    f"employer-{place}": row.employer,
                    f"until-{place}": row.cert_valid_until,
                }
            )

    def _rows(self) -> list[Row | str]:
        days = [
            Row(*(Column(name, css_class="col-md-4") for name in DAYS[start : start + 3]))
            for start in range(0, len(DAYS), 3)
        ]
        people = [
            Row(
                *(
                    Column(f"{name}-{place}", css_class="col-md-3")
                    for name in ("person", "name", "employer", "until")
                )
            )
            for place in range(1, APPRAISERS + 1)
        ]
        signers = Row(
            Column("reviewer", css_class="col-md-6"), Column("approver", css_class="col-md-6")
        )
        return [*days, "is_extended", *people, signers, "documents", "other_documents"]

    def values(self) -> dict[str, object]:
        """The columns of the record."""
        names = (*DAYS, "is_extended", "documents", *_WORDS)
        return {name: self.cleaned_data[name] for name in names}

    def appraisers(self) -> list[dict[str, object]]:
        """The people named, in their order; one on record is named by it."""
        found: list[dict[str, object]] = []
        for place in range(1, APPRAISERS + 1):
            person = self.cleaned_data[f"person-{place}"]
            name = str(person.user) if person else self.cleaned_data[f"name-{place}"].strip()
            if not name:
                continue
            found.append(
                {
                    "place": place,
                    "membership": person,
                    "name": name,
                    "employer": self.cleaned_data[f"employer-{place}"].strip(),
                    "cert_valid_until": self.cleaned_data[f"until-{place}"],
                }
            )
        return found
