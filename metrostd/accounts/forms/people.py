"""People, what they are, and leaving."""

from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from metrostd.accounts import policies
from metrostd.accounts.forms.own import clean_mobile
from metrostd.accounts.leaving import fits
from metrostd.accounts.models import Membership
from metrostd.accounts.staffing import Capacity
from metrostd.common.actors import Actor
from metrostd.common.day_fields import AnyDay
from metrostd.common.forms import LaidForm, field_of
from metrostd.common.roles import Role
from metrostd.common.shapes import FormOptions, Sent
from metrostd.common.text import name_key
from metrostd.registry.models import Authority, ProfessionalField, Unit

_KEEP = {"autocomplete": "off"}


def find_unit(text: str) -> Unit | None:
    """The unit of exactly this name or credit code. Raises ValidationError when there is none."""
    wanted = text.strip()
    if not wanted:
        return None
    found = Unit.objects.filter(Q(uscc=wanted.upper()) | Q(name_key=name_key(wanted)))[:2]
    rows = list(found)
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise ValidationError(f"有几家单位叫“{wanted}”，请填写统一社会信用代码。")
    raise ValidationError(f"台账中没有“{wanted}”，请填写单位全称或统一社会信用代码。")


class _Addresses(LaidForm):
    phone = forms.CharField(
        label="手机", required=False, max_length=20,
        widget=forms.TextInput(attrs={**_KEEP, "inputmode": "tel"}),
    )  # fmt: skip
    email = forms.EmailField(label="邮箱", required=False, max_length=120)

    def clean_phone(self) -> str:
        return clean_mobile(self.cleaned_data["phone"])


class PersonForm(_Addresses):
    """Name and addresses of somebody whose account one manages."""

    name = forms.CharField(label="姓名", max_length=40)
    field_order = ("name", "phone", "email")


class CapacityForm(LaidForm):
    """What somebody is to be. Only what the viewer may grant is offered."""

    role = forms.ChoiceField(label="任职身份")
    authority = forms.ModelChoiceField(
        Authority.objects.none(), label="所在机关", required=False, empty_label="请选择"
    )
    unit = forms.CharField(
        label="建标单位", required=False, max_length=120, help_text="身份为“建标单位”的填写全称或统一社会信用代码"
    )  # fmt: skip
    employer = forms.CharField(
        label="任职单位", required=False, max_length=120, help_text="考评员、专家填写，用于判断回避"
    )
    cert_no = forms.CharField(
        label="证件号", required=False, max_length=40, help_text="执法证号或考评员证号"
    )
    cert_valid_until = AnyDay(label="证件有效期至", required=False, help_text="过期的不能派去检查")
    fields_of = forms.ModelMultipleChoiceField(
        ProfessionalField.objects.all(),
        label="专业",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ends_on = AnyDay(label="任职至", required=False, help_text="最后一天；长期的不填")
    ends_with_task = forms.BooleanField(
        label="随检查任务结束", required=False, help_text="临时聘请的考评员、专家：所派检查办结后自动停止"
    )  # fmt: skip

    def __init__(self, data: Sent = None, *, viewer: Actor, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.viewer = viewer
        grants = policies.GRANTS.get(viewer.scope.role, frozenset())
        if viewer.scope.role == Role.UNIT_USER:
            for name in list(CapacityForm.base_fields):
                if name != "ends_on":
                    del self.fields[name]
            return
        choices = [(role.value, role.label) for role in Role if role in grants]
        field_of(self, "role", forms.ChoiceField).choices = [("", "请选择"), *choices]
        reach = viewer.scope.casework
        offices = Authority.objects.order_by("code")
        if viewer.scope.role != Role.SYSTEM_ADMIN and not reach.everything:
            offices = offices.filter(pk__in=reach.authority_ids)
        field_of(self, "authority", forms.ModelChoiceField).queryset = offices

    def clean_unit(self) -> Unit | None:
        return find_unit(self.cleaned_data["unit"])

    def clean_employer(self) -> Unit | None:
        return find_unit(self.cleaned_data["employer"])

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        role = cleaned.get("role")
        if role == Role.UNIT_USER and not cleaned.get("unit") and "unit" not in self.errors:
            self.add_error("unit", "请填写建标单位的全称或统一社会信用代码。")
        if role and role != Role.UNIT_USER and not cleaned.get("authority"):
            self.add_error("authority", "请选择所在机关。")
        return cleaned

    def capacity(self) -> Capacity:
        """What the form says, and PermissionDenied's reason as an error of the role otherwise."""
        given = self.cleaned_data
        if self.viewer.scope.role == Role.UNIT_USER:
            acting = self.viewer.acting
            made = Capacity(
                role=Role.UNIT_USER, unit=acting.unit if acting else None, ends_on=given["ends_on"]
            )
        else:
            at_unit = given["role"] == Role.UNIT_USER
            made = Capacity(
                role=given["role"],
                authority=None if at_unit else given["authority"],
                unit=given["unit"] if at_unit else None,
                employer=given["employer"],
                cert_no=given["cert_no"].strip(),
                cert_valid_until=given["cert_valid_until"],
                fields=tuple(given["fields_of"]),
                ends_on=given["ends_on"],
                ends_with_task=given["ends_with_task"],
            )
        verdict = policies.can_grant(
            self.viewer, made.role, authority=made.authority, unit=made.unit
        )
        if not verdict:
            raise ValidationError({"role": verdict.reason})
        return made


class NewPersonForm(CapacityForm):
    """Somebody who has no account yet, and the first thing they are."""

    name = forms.CharField(label="姓名", max_length=40)
    username = forms.CharField(
        label="用户名", required=False, max_length=60, help_text="不填的由系统取名",
        widget=forms.TextInput(attrs=_KEEP),
    )  # fmt: skip
    phone = _Addresses.base_fields["phone"]
    email = _Addresses.base_fields["email"]
    field_order = ("name", "username", "phone", "email", "role", "authority", "unit")

    def clean_phone(self) -> str:
        return clean_mobile(self.cleaned_data["phone"])


class MembershipForm(CapacityForm):
    """What stands with a capacity that is there: not what it is, nor where."""

    def __init__(
        self,
        data: Sent = None,
        *,
        viewer: Actor,
        membership: Membership,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        self.membership = membership
        kwargs["initial"] = {
            "employer": membership.employer.name if membership.employer else "",
            "cert_no": membership.cert_no,
            "cert_valid_until": membership.cert_valid_until,
            "fields_of": [each.pk for each in membership.fields.all()],
            "ends_on": membership.ends_on,
            "ends_with_task": membership.ends_with_task,
        }
        super().__init__(data, viewer=viewer, **kwargs)
        for name in ("role", "authority", "unit"):
            self.fields.pop(name, None)

    def clean(self) -> dict[str, object]:
        return self.cleaned_data

    def capacity(self) -> Capacity:
        given, row = self.cleaned_data, self.membership
        return Capacity(
            role=row.role,
            authority=row.authority,
            unit=row.unit,
            employer=given.get("employer", row.employer),
            cert_no=given.get("cert_no", row.cert_no).strip(),
            cert_valid_until=given.get("cert_valid_until", row.cert_valid_until),
            fields=tuple(given.get("fields_of", row.fields.all())),
            ends_on=given["ends_on"],
            ends_with_task=given.get("ends_with_task", row.ends_with_task),
        )

    def clean_unit(self) -> Unit | None:
        return self.membership.unit


class LeaveForm(LaidForm):
    """The last day of a capacity, and who takes over."""

    ends_on = AnyDay(label="任职至（含当日）")
    at_once = forms.BooleanField(
        label="立即停止", required=False, help_text="现在起就不能再以这个身份登录和办理"
    )
    successor = forms.ModelChoiceField(
        Membership.objects.none(), label="接任人", required=False, empty_label="不指定"
    )
    note = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 2}), max_length=500)

    def __init__(
        self, data: Sent = None, *, membership: Membership, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **kwargs)
        rows = (
            Membership.objects.active()
            .filter(authority=membership.authority, unit=membership.unit)
            .exclude(user=membership.user_id)
            .select_related("user", "authority", "unit")
            .order_by("user__display_name", "pk")
        )
        able = [row.pk for row in rows if not fits(membership, row)]
        chosen = field_of(self, "successor", forms.ModelChoiceField)
        chosen.queryset = Membership.objects.filter(pk__in=able).select_related(
            "user", "authority", "unit"
        )
