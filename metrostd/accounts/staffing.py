"""Opening accounts, granting capacities and ending them; each with its trail row and a word to the person."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority, ProfessionalField, Unit

from . import codes, leaving, names, policies, services, sessions
from .enums import AccountState, CodePurpose
from .models import Membership, User
from .telling import tell, tell_person


@dataclass(frozen=True, slots=True)
class Capacity:
    """What somebody is to be, and with which certificate."""

    role: str
    authority: Authority | None = None
    unit: Unit | None = None
    employer: Unit | None = None
    cert_no: str = ""
    cert_valid_until: dt.date | None = None
    fields: Iterable[ProfessionalField] = field(default_factory=tuple)
    ends_on: dt.date | None = None
    ends_with_task: bool = False

    def columns(self) -> dict[str, object]:
        """The columns of a membership; the certificate goes where its kind belongs."""
        technical = self.role in Role.technical
        return {
            "employer": self.employer,
            "officer_cert_no": "" if technical else self.cert_no,
            "assessor_cert_no": self.cert_no if technical else "",
            "cert_valid_until": self.cert_valid_until,
            "ends_on": self.ends_on,
            "ends_with_task": self.ends_with_task,
        }


@transaction.atomic
def open_account(
    *,
    name: str,
    capacity: Capacity,
    actor: Actor,
    username: str = "",
    phone: str = "",
    email: str = "",
) -> User:
    """An account nobody can sign in with yet: its holder gets a code and chooses a password.

    Raises ValidationError by field when the name is taken or is none.
    """
    username = username.strip() or names.free_username(name, unit=capacity.unit)
    if User.objects.filter(username__iexact=username).exists():
        raise ValidationError(
            {"username": f"用户名“{username}”已被使用，请换一个，或留空由系统取名。"}
        )
    person = User(username=username, display_name=name.strip(), state=AccountState.NEW)
    person.phone, person.email = phone, email
    person.set_unusable_password()
    person.full_clean(exclude=["password"])
    person.save(force_insert=True)
    audit.record(person, actor=actor, action="account.open", label="开设账户", note=person.username)
    grant(person, capacity, actor=actor)
    return person


@transaction.atomic
def grant(person: User, capacity: Capacity, *, actor: Actor) -> Membership:
    """Let a person act in one more capacity. Raises ValidationError when it is theirs already, when it may not go
    together with what they are, or when it is granted to oneself."""
    User.objects.select_for_update().get(pk=person.pk)
    _check_together(person, capacity.role, actor=actor)
    same = person.memberships.filter(  # type: ignore[attr-defined]
        is_active=True, authority=capacity.authority, unit=capacity.unit
    )
    for over in same.filter(role=capacity.role, ends_on__lt=clock.today()):
        finish(over, actor=None)  # the clock has not been there yet
    if same.filter(role=capacity.role).exists():
        raise ValidationError({"role": f"{person}已经有这项任职身份。"})
    waiting = person.memberships.filter(  # type: ignore[attr-defined]
        awaits_second=True, authority=capacity.authority, role=capacity.role
    )
    if waiting.exists():
        raise ValidationError({"role": f"{person}的这项任职身份正等第二人确认。"})
    second = _second_for(person, capacity, actor=actor)
    made = Membership(
        user=person,
        role=capacity.role,
        authority=capacity.authority,
        unit=capacity.unit,
        granted_by_id=actor.pk,
        awaits_second=second,
        is_active=not second,
        **capacity.columns(),
    )
    made.full_clean()
    made.save(force_insert=True)
    made.fields.set(capacity.fields)
    audit.record(
        made,
        actor=actor,
        action="membership.grant",
        label="授予任职身份，待第二人确认" if second else "授予任职身份",
        after={"role": made.role, "ends_on": made.ends_on.isoformat() if made.ends_on else None},
        note="" if second or not policies.needs_second(made.role) else "没有其他人可以确认",
    )
    if second:
        tell(
            policies.seconds(made.role, authority=made.authority, without=[actor.pk, person.pk]),
            subject=f"请确认任职身份：{person}，{made.label}",
            body=f"由{actor}（{actor.acting_label}）授予，另一人确认后生效。不应授予的，请退回。",
            url=person.get_absolute_url(),
            sender=actor,
        )
        return made
    _tell_granted(made, actor=actor)
    return made


def _second_for(person: User, capacity: Capacity, *, actor: Actor) -> bool:
    """Whether it waits: always by the setting, else wherever there is anybody who could confirm it."""
    if not policies.needs_second(capacity.role):
        return False
    others = policies.seconds(
        capacity.role, authority=capacity.authority, without=[actor.pk, person.pk]
    )
    return settings.TWO_ADMINISTRATORS or others.exists()


@transaction.atomic
def second(membership: Membership, *, actor: Actor) -> None:
    """The second person confirms: from now on the person may act. TransitionError when it was decided meanwhile."""
    _end_waiting(membership, is_active=True, seconded_by=actor)
    audit.record(
        membership,
        actor=actor,
        action="membership.second",
        label="确认任职身份",
        after={"role": membership.role},
        note=f"由{membership.granted_by}授予",
    )
    _tell_granted(membership, actor=actor)


@transaction.atomic
def decline(membership: Membership, *, actor: Actor, note: str) -> None:
    """The second person says no, or the first takes it back; nobody ever acted in it."""
    if not note.strip():
        raise ValidationError({"note": "请说明理由。"})
    _end_waiting(membership, ended_at=clock.now())
    audit.record(
        membership,
        actor=actor,
        action="membership.decline",
        label="退回任职身份",
        note=note.strip(),
    )


def _end_waiting(membership: Membership, **values: object) -> None:
    rows = Membership.objects.filter(pk=membership.pk, awaits_second=True)
    if rows.update(awaits_second=False, **values) != 1:
        raise TransitionError("这项任职身份刚刚已办结。", obj=membership.user)
    membership.refresh_from_db()


def _tell_granted(made: Membership, *, actor: Actor) -> None:
    until = f"，至{cn_date(made.ends_on)}" if made.ends_on else ""
    tell(
        [made],
        subject=f"您已被授予任职身份：{made.label}",
        body=f"由{actor}（{actor.acting_label}）办理{until}。右上角可以切换身份。",
        sender=actor,
    )


def _check_together(person: User, role: str, *, actor: Actor) -> None:
    if person.pk == actor.pk:
        raise ValidationError({"role": "不能给自己授予任职身份，请由上级管理人员办理。"})
    held = set(
        person.memberships.active().values_list("role", flat=True)  # type: ignore[attr-defined]
    )
    mixed = held - {role} if role in policies.APART else held & policies.APART
    if mixed:
        others = "、".join(sorted(str(Role(each).label) for each in mixed))
        raise ValidationError(
            {"role": f"系统管理员、审计员和业务身份不能由同一人担任；{person}现为{others}。"}
        )


@transaction.atomic
def change_membership(membership: Membership, capacity: Capacity, *, actor: Actor) -> list[str]:
    """Certificate, fields, employer, last day. Returns what changed, by name."""
    columns = capacity.columns()
    if (until := capacity.ends_on) and until < clock.today():
        raise ValidationError({"ends_on": "任职至的日期已经过去；要停止任职请用“结束任职”。"})
    before = {name: getattr(membership, name) for name in columns}
    changed = {name: value for name, value in columns.items() if before[name] != value}
    fields_before = set(membership.fields.all())
    fields_after = set(capacity.fields)
    if not changed and fields_before == fields_after:
        return []
    for name, value in changed.items():
        setattr(membership, name, value)
    membership.save(update_fields=list(changed) or ["employer"])
    membership.fields.set(fields_after)
    names_of = [str(membership._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
    if fields_before != fields_after:
        names_of.append("专业")
    audit.record(
        membership,
        actor=actor,
        action="membership.change",
        label="更改任职资料",
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(value) for name, value in changed.items()},
        note="、".join(names_of),
    )
    tell(
        [membership],
        subject=f"您的任职资料已更改：{'、'.join(names_of)}",
        body=f"由{actor}（{actor.acting_label}）办理。与事实不符的请向其反映。",
        sender=actor,
    )
    return names_of


def _plain(value: object) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)


@transaction.atomic
def rename(person: User, *, name: str, phone: str, email: str, actor: Actor) -> list[str]:
    """A person's name and addresses, written by whoever manages the account; the person is told."""
    changed = []
    if name.strip() != person.display_name:
        before, person.display_name = person.display_name, name.strip()
        person.full_clean(exclude=["password"])
        person.save(update_fields=["display_name"])
        audit.record(
            person,
            actor=actor,
            action="account.rename",
            label="更改姓名",
            before={"display_name": before},
            after={"display_name": person.display_name},
        )
        changed.append("姓名")
    changed += services.set_addresses(person, phone=phone, email=email, actor=actor)
    if changed:
        tell_person(
            person,
            subject=f"您的账户资料已更改：{'、'.join(changed)}",
            body=f"由{actor}（{actor.acting_label}）办理。",
            sender=actor,
        )
    return changed


@transaction.atomic
def give_code(person: User, *, actor: Actor) -> str:
    """A code for the person to enter with a new password; shown to the office once."""
    new = person.state == AccountState.NEW
    purpose = CodePurpose.ACTIVATE if new else CodePurpose.RESET
    code = codes.issue(person, purpose, actor=actor, valid_for=codes.BY_OFFICE)
    audit.record(
        person, actor=actor, action="account.give_code", label=f"发放验证码（{purpose.label}）"
    )
    tell_person(
        person,
        subject="已为您的账户发放一次性验证码",
        body=f"由{actor}（{actor.acting_label}）发放，凭它可以重新设置密码。不是您要求的，请立即向其核实。",
        sender=actor,
    )
    return code


@transaction.atomic
def end_membership(
    membership: Membership,
    *,
    on: dt.date,
    at_once: bool,
    successor: Membership | None,
    note: str,
    actor: Actor,
) -> None:
    """``on`` is its last day; ``at_once`` ends it now. What the person holds goes to the successor when it ends.

    Raises ValidationError by field: a day that has passed, something held and nobody named, somebody who may
    not take it.
    """
    today = clock.today()
    if on < today and not at_once:
        raise ValidationError(
            {"ends_on": "最后一天不能早于今天；今天起就不再任职的请勾选“立即停止”。"}
        )
    if on > today + dt.timedelta(days=366):
        raise ValidationError({"ends_on": "最后一天不能晚于一年以后。"})
    if not note.strip():
        raise ValidationError({"note": "请说明离任的原因，例如调离、退休、任务完成。"})
    held = leaving.held_by(membership)
    if held and successor is None:
        what = "、".join(f"{title}{len(items)}项" for title, items in held)
        raise ValidationError({"successor": f"{membership.user}名下还有{what}，请指定接任人。"})
    if successor is not None and (reasons := leaving.may_succeed(membership, successor)):
        raise ValidationError({"successor": reasons})
    membership.ends_on, membership.successor = on if not at_once else today, successor
    membership.save(update_fields=["ends_on", "successor"])
    audit.record(
        membership,
        actor=actor,
        action="membership.leave",
        label="登记离任",
        note=note.strip(),
        after={
            "ends_on": membership.ends_on.isoformat(),
            "successor": str(successor) if successor else None,
        },
    )
    if at_once:
        finish(membership, actor=actor)
    else:
        tell(
            [membership, *([successor] if successor else [])],
            subject=f"{membership}任职至{cn_date(on)}",
            body=f"期满后由{successor.user if successor else '本部门'}接任。{note.strip()}",
            sender=actor,
        )


@transaction.atomic
def finish(membership: Membership, *, actor: Actor | None) -> bool:
    """It is over: what was held goes to the successor, and nobody acts in it any more. Safe twice.

    A successor who has left meanwhile, or may not take it any more, is told to the office; the access ends
    all the same.
    """
    rows = Membership.objects.filter(pk=membership.pk, is_active=True)
    if rows.update(is_active=False, ended_at=clock.now()) != 1:
        return False
    membership.is_active, membership.ended_at = False, clock.now()
    taking = membership.successor
    moved: dict[str, int] = {}
    able = taking is not None and not taking.has_ended(clock.today())
    if taking is not None and able and not leaving.may_succeed(membership, taking):
        moved = leaving.hand_over(membership, taking, actor=actor)
    said = "、".join(f"{title}{count}项" for title, count in moved.items())
    audit.record(
        membership,
        actor=actor,
        action="membership.end",
        label="结束任职身份",
        note=f"移交{taking.user}：{said}" if taking and said else "",
    )
    if taking is not None and said:
        tell(
            [taking],
            subject=f"您接任了{membership.user}的工作",
            body=f"{membership.label}：{said}，已转到您名下。",
            sender=actor,
        )
    if left := leaving.held_by(membership):
        what = "、".join(f"{title}{len(items)}项" for title, items in left)
        tell(
            office_of(membership),
            subject=f"{membership.user}已离任，{what}无人接任",
            body=f"{membership.label}。请在相应页面上改派。",
            url=membership.user.get_absolute_url(),
            sender=actor,
        )
    return True


def office_of(membership: Membership) -> list[Membership]:
    """Whoever runs the office a membership belongs to, or the office of its unit's territory."""
    place = membership.authority_id or (
        membership.unit.territorial_authority_id if membership.unit else None
    )
    rows = Membership.objects.active().filter(authority=place, role__in=Role.offices)
    return list(rows.exclude(user=membership.user_id))


@transaction.atomic
def close_sessions_of(person: User, *, actor: Actor) -> int:
    """Sign a person out everywhere."""
    return sessions.close_all(person, actor=actor, note="由管理人员结束")
