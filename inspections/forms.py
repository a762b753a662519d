"""Input of visits: the team, the arrival, the record of a visit not performed, conclusions, stop orders."""

import datetime as dt
from dataclasses import dataclass
from typing import Unpack, cast

from django import forms

from campaigns import together
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.day_fields import AnyDay, DueDay, PastDay, PastMoment, late_reason_field
from metrostd.common.enums import Conclusion
from metrostd.common.forms import Refusable, helper_for
from metrostd.common.roles import Role
from metrostd.common.sayings import Named
from metrostd.common.shapes import Files, FormOptions, Sent
from metrostd.registry import legal
from metrostd.registry.models import MeasurementStandard

from .agenda import arranged_for
from .enums import NotPerformedReason, ServiceHow, TeamRole
from .models import ChecklistSheet, InspectionTask, NotPerformedRecord
from .serving import Service
from .team import Recusals, candidates, certificate_over

_OFFICER_ROLES = [
    ("", "不参加"),
    (TeamRole.LEADER.value, TeamRole.LEADER.label),
    (TeamRole.OFFICER.value, TeamRole.OFFICER.label),
    (TeamRole.RECORDER.value, TeamRole.RECORDER.label),
]
_ASSESSOR_ROLES = [("", "不参加"), (TeamRole.ASSESSOR.value, TeamRole.ASSESSOR.label)]
_EXPERT_ROLES = [("", "不参加"), (TeamRole.EXPERT.value, TeamRole.EXPERT.label)]


#: Nearest first: the own people, who may be asked along, people of subordinate offices.
_GROUPS = ("本部门执法人员", "考评员和专家", "下级部门执法人员")


@dataclass
class Candidate:
    """A person who may be put into the team, with what speaks against it."""

    group: str
    membership: Membership
    fields: str
    reason: str
    bound: forms.BoundField
    #: Visits that already lie before this person.
    arranged: list[InspectionTask]


class AssignForm(Refusable, forms.Form):
    """The team of a task: one choice per candidate, conflicts shown and disabled."""

    planned_on = AnyDay(label="计划检查日期")
    place = forms.CharField(label="检查地点", max_length=200, required=False)
    merged_with = forms.CharField(
        label=together.LABEL,
        max_length=200,
        required=False,
        help_text="与其他监督检查合并实施的，写明名称",
    )
    note = forms.CharField(
        label="调整理由", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, task: InspectionTask, changing: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.task = task
        self.people = {m.pk: m for m in _candidates(task)}
        if changing:
            self.fields["note"].required = True
            del self.fields["merged_with"]
        else:
            del self.fields["note"]
        self.helper = helper_for(*self.fields)
        recusals = Recusals.of(task)
        today = clock.today()
        self.reasons = {
            m.pk: recusals.reason(m) or certificate_over(m, on=today) for m in self.people.values()
        }
        current = {row.membership_id: row.role for row in task.team.all()}
        for pk, member in self.people.items():
            self.fields[f"role-{pk}"] = forms.ChoiceField(
                label=f"{member.user}的职责",
                choices=_choices(member),
                required=False,
                disabled=bool(self.reasons[pk]),
                initial=current.get(pk, ""),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def candidates(self) -> list[Candidate]:
        arranged = arranged_for(self.task, {m.user_id for m in self.people.values()})
        return [
            Candidate(
                group=_group(member, self.task),
                membership=member,
                fields="、".join(field.name for field in member.fields.all()),
                reason=self.reasons[pk],
                bound=self[f"role-{pk}"],
                arranged=arranged.get(member.user_id, []),
            )
            for pk, member in self.people.items()
        ]

    def members(self) -> list[tuple[Membership, TeamRole]]:
        """The chosen team, the leader first."""
        chosen = [
            (member, TeamRole(self.cleaned_data[f"role-{pk}"]))
            for pk, member in self.people.items()
            if self.cleaned_data.get(f"role-{pk}")
        ]
        return sorted(chosen, key=lambda place: place[1] != TeamRole.LEADER)


def _candidates(task: InspectionTask) -> list[Membership]:
    """Nearest first: the own people, who may be asked along, people of subordinate offices."""
    rows = candidates(task.authority_id, task.campaign.organiser_id)
    order = {Role.ASSESSOR: 1, Role.INSTITUTE_EXPERT: 2}
    return sorted(
        rows,
        key=lambda m: (
            _GROUPS.index(_group(m, task)),
            order.get(Role(m.role), 0),
            m.authority.code,
            str(m.user),
            m.pk,
        ),
    )


def _group(member: Membership, task: InspectionTask) -> str:
    if member.role in (Role.ASSESSOR, Role.INSTITUTE_EXPERT):
        return _GROUPS[1]
    return _GROUPS[0] if member.authority_id == task.authority_id else _GROUPS[2]


def _choices(member: Membership) -> list[tuple[str, str]]:
    if member.role == Role.ASSESSOR:
        return _ASSESSOR_ROLES
    return _EXPERT_ROLES if member.role == Role.INSTITUTE_EXPERT else _OFFICER_ROLES


class StartForm(Refusable, forms.Form):
    arrived_at = PastMoment(label="到达时间")
    attendees = forms.CharField(
        label="被检查单位在场人员", max_length=200, help_text="姓名和职务，多人用顿号分开"
    )
    late_reason = late_reason_field("到达时间")
    credential_shown = forms.BooleanField(label="已向被检查单位出示执法证件", required=False)
    rules_read = forms.BooleanField(
        label="检查组全体人员已学习以上廉洁纪律要求，并将严格遵守", required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("arrived_at", clock.now().replace(second=0, microsecond=0))
        shown = self.fields["credential_shown"]
        shown.label = (
            f"{shown.label}（{legal.sentence(legal.CREDENTIALS_SHOWN, on=clock.today())}）"
        )
        self.helper = helper_for(
            "arrived_at", "late_reason", "attendees", "credential_shown", "rules_read"
        )


class NotPerformedForm(Refusable, forms.Form):
    reason = forms.ChoiceField(label="原因", choices=[("", "请选择"), *NotPerformedReason.choices])
    detail = forms.CharField(
        label="详细情况",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"到场情况、接待人员、核实的方式和结果，不少于{NotPerformedRecord.DETAIL_MINIMUM}个字",
    )
    attempted_at = PastMoment(label="到场时间")
    late_reason = late_reason_field("到场时间")
    attempts = forms.CharField(
        label="历次到场、联系情况",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="每次一行：时间、人员、方式和结果",
    )
    evidence = forms.FileField(
        label="证据", required=False, help_text="现场照片、停产公告、注销登记等"
    )
    follow_up_due = DueDay(
        label="后续检查期限",
        required=False,
        help_text="单位注销、标准已撤销或证书失效的不填",
    )
    follow_up_owner = forms.ModelChoiceField(
        label="后续检查责任人",
        queryset=Membership.objects.none(),
        required=False,
        help_text="跟踪并组织后续检查的人员",
    )

    def __init__(self, *args, task: InspectionTask, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["attempted_at"].initial = clock.now().replace(second=0, microsecond=0)
        owners = candidates(task.authority_id, task.campaign.organiser_id)
        choice = cast(forms.ModelChoiceField, self.fields["follow_up_owner"])
        choice.queryset = owners.filter(role__in=Role.officers)
        self.helper = helper_for(*self.fields)

    def clean(self) -> dict:
        data = super().clean() or {}
        final = data.get("reason") in NotPerformedReason.terminal
        if data.get("reason") and not final and not data.get("follow_up_owner"):
            self.add_error("follow_up_owner", "请指定后续检查责任人。")
        return data


class FollowUpForm(Refusable, forms.Form):
    due_on = DueDay(label="后续检查期限")

    def __init__(self, *args, suggested: dt.date | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = suggested
        self.helper = helper_for("due_on")


class ConclusionForm(Named, forms.Form):
    """Conclusions milder than the suggested one are not offered."""

    conclusion = forms.ChoiceField(label="结论", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="提高严重程度的理由",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, sheet: ChecklistSheet, suggested: Conclusion, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(c.value, c.label) for c in Conclusion if c.severity >= suggested.severity]
        self.fields["conclusion"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("conclusion", sheet.conclusion or suggested.value)
        self.initial.setdefault("reason", sheet.override_reason)
        if len(choices) == 1:  # nothing graver to choose, nothing to explain
            del self.fields["reason"]
        self.helper = helper_for(*self.fields)


class StopForm(Refusable, forms.Form):
    standard = forms.ModelChoiceField(
        label="计量标准", queryset=MeasurementStandard.objects.none(), empty_label=None
    )
    basis = forms.CharField(
        label="事实和依据",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明检查发现的事实、检查项编码和法律依据",
    )

    def __init__(self, *args, standards, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["standard"].queryset = standards
        in_force = legal.sentence(legal.NOT_VERIFIED, legal.USED_REGARDLESS, on=clock.today())
        self.fields["basis"].help_text += f"，例如{in_force}"
        self.helper = helper_for("standard", "basis")


class AcceptanceForm(Refusable, forms.Form):
    meets = forms.TypedChoiceField(
        label="验收结果",
        choices=[("yes", "合格，达到原核准条件"), ("no", "不合格，继续停止量值传递")],
        coerce=lambda value: value == "yes",
        initial="yes",
    )
    accepted_on = PastDay(label="验收日期")
    late_reason = late_reason_field("验收日期")
    acceptance = forms.CharField(
        label="验收情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="验收方式（现场复核、重新考核等）、验收人员和结果",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["accepted_on"].initial = clock.today()
        self.helper = helper_for("meets", "accepted_on", "late_reason", "acceptance")


class ServiceForm(Refusable, forms.Form):
    """送达: how, when, by whom, to whom, with the signed receipt."""

    served_on = PastDay(label="送达日期")
    late_reason = late_reason_field("送达日期")
    how = forms.ChoiceField(label="送达方式", choices=ServiceHow.choices)
    by = forms.CharField(label="送达人", max_length=40)
    to = forms.CharField(label="受送达人", max_length=40, help_text="签收人的姓名和职务")
    note = forms.CharField(
        label="送达说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="邮寄单号、留置送达的见证人、电子送达的确认书等",
    )
    receipt = forms.FileField(
        label="送达回证", required=False, help_text="签字或者盖章的回证的扫描件或者照片"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["served_on"].initial = clock.today()
        self.helper = helper_for("served_on", "late_reason", "how", "by", "to", "note", "receipt")

    def service(self) -> Service:
        return Service(**self.cleaned_data)


class UnitSignerForm(Refusable, forms.Form):
    name = forms.CharField(label="姓名", max_length=40)
    position = forms.CharField(label="职务", max_length=40)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = helper_for("name", "position")


class MemberSignForm(Refusable, forms.Form):
    """A member signs: in their own session nothing is asked, on the leader's device the password."""

    password = forms.CharField(
        label="本人登录密码",
        strip=False,
        # Not offered from the leader's own store of passwords.
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="由签字人本人输入，确认是本人签字；输错计入登录锁定",
    )

    def __init__(self, *args, own: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["password"]
        self.helper = helper_for(*self.fields)


class RefusalForm(Refusable, forms.Form):
    """拒绝签字: what happened, and who saw it or what shows it."""

    reason = forms.CharField(
        label="拒绝签字的情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    witness = forms.CharField(
        label="见证人", max_length=40, required=False, help_text="姓名；没有见证人的，上传证据"
    )
    evidence = forms.FileField(
        label="证据", required=False, help_text="拒绝签字的照片、录音、录像或者书面材料"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = helper_for("reason", "witness", "evidence")


class ChecklistFileForm(Refusable, forms.Form):
    """Another version of a checklist."""

    file = forms.FileField(
        label="检查表（.xlsx）", error_messages={"required": "请选择检查表文件。"}
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("file")


class PutInForceForm(Refusable, forms.Form):
    """A version of a checklist is put in force: nothing to fill in."""


class UpgradeForm(Refusable, forms.Form):
    """A running campaign goes over to another version: from which day, why, and its code typed to be sure."""

    day = DueDay(label="改用日期", help_text="从这一天起新开始的自查和现场检查使用这一版")
    note = forms.CharField(
        label="理由和依据", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    code = forms.CharField(label="输入专项行动编号以确认", max_length=40)

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for("day", "note", "code")
