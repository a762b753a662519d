"""People and the capacities in which they act."""

import datetime as dt
from functools import cached_property
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from metrostd.accounts.enums import AccountState
from metrostd.accounts.querysets import MembershipQuerySet, PersonManager
from metrostd.accounts.scopes import NOTHING, Reach, Scope
from metrostd.common import clock, sealing
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.common.prepared import Prepared
from metrostd.common.roles import Role
from metrostd.common.shapes import Values
from metrostd.registry.models import Authority, ProfessionalField, Unit


class User(StatefulModel, AbstractUser):
    """A person. Rights come from the acting membership alone, not from flags or groups.

    ``state`` changes only through ``metrostd.accounts.moves``, which keeps Django's ``is_active`` with it.
    """

    States = AccountState

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField("姓名", max_length=40)
    state = state_field(AccountState.OPEN, max_length=8)
    #: Somebody else knows the password, or chose it: the first page asks for another.
    must_change_password = models.BooleanField("须修改密码", default=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, editable=False)
    #: Kept with the person because every request asks; ``SecondFactor`` has the secret.
    has_second_factor = models.BooleanField("已启用动态口令", default=False, editable=False)
    sealed_phone = models.TextField(blank=True, editable=False)
    phone_verified_at = models.DateTimeField("手机核实时间", null=True, editable=False)
    sealed_email = models.TextField(blank=True, editable=False)
    email_verified_at = models.DateTimeField("邮箱核实时间", null=True, editable=False)
    #: Mails came back from it; until it is proved again, or another one is, nothing is sent there.
    email_bounced_at = models.DateTimeField("邮箱退信时间", null=True, editable=False)
    email_bounce = models.CharField("退信原因", max_length=200, blank=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        constraints = [
            state_known("account_state_known", AccountState),
            models.CheckConstraint(
                name="only_live_accounts_are_active",
                condition=Q(state__in=AccountState.live, is_active=True)
                | (~Q(state__in=AccountState.live) & Q(is_active=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_absolute_url(self) -> str:
        return address("accounts:person", self.pk)

    def get_full_name(self) -> str:
        return self.display_name

    @property
    def phone(self) -> str:
        """The mobile number, sealed in the database."""
        return sealing.unseal(self.sealed_phone)

    @phone.setter
    def phone(self, value: str) -> None:
        self.sealed_phone = sealing.seal(value.strip())

    @property
    def email(self) -> str:
        """The mail address, sealed in the database; in small letters, as it is compared."""
        return sealing.unseal(self.sealed_email)

    @email.setter
    def email(self, value: str) -> None:
        self.sealed_email = sealing.seal(value.strip().lower())

    @property
    def has_signed_in(self) -> bool:
        return self.last_login is not None

    @cached_property
    def acting(self) -> "Membership | None":
        """The membership chosen for this request; middleware sets it from the session.

        Outside a request (worker, commands, tests) it is the only active membership, if there
        is exactly one.
        """
        rows = list(self.memberships.active().select_related("authority", "unit", "user")[:2])
        return rows[0] if len(rows) == 1 else None

    @cached_property
    def capacities(self) -> "list[Membership]":
        """Everything they may act as today, asked once a request."""
        today = clock.today()
        rows = [row for row in _CAPACITIES.rows(person=self.pk) if not row.has_ended(today)]
        for row in rows:
            row.user = self
        return rows

    @cached_property
    def scope(self) -> Scope:
        """What the acting membership may see; without one, nothing."""
        return self.acting.scope() if self.acting else NOTHING

    @property
    def acting_label(self) -> str:
        return self.acting.label if self.acting else ""

    def act_as(self, membership: "Membership | None") -> None:
        """Take on a membership for the life of this instance."""
        self.__dict__["acting"] = membership
        self.__dict__.pop("scope", None)


class Membership(models.Model):
    """One capacity of one person: a role at an authority or at a unit."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField("角色", max_length=24, choices=Role.choices)
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    employer = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="任职单位",
        help_text="考评员、专家的任职单位，用于回避",
    )
    officer_cert_no = models.CharField("执法证号", max_length=40, blank=True)
    assessor_cert_no = models.CharField("考评员证号", max_length=40, blank=True)
    cert_valid_until = models.DateField("证件有效期至", null=True, blank=True)
    fields = models.ManyToManyField(ProfessionalField, blank=True, related_name="+")
    is_active = models.BooleanField("有效", default=True)
    created_at = models.DateTimeField("授予时间", default=clock.now, editable=False)
    #: The last day it may be used, when that is known beforehand.
    ends_on = models.DateField("任职至", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    #: An external assessor's ends with the last visit it was given for.
    ends_with_task = models.BooleanField("随任务结束", default=False)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="接任人",
    )

    #: Who granted it; a powerful one is in force once a second person has confirmed it.
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    awaits_second = models.BooleanField("待第二人确认", default=False, editable=False)
    seconded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = MembershipQuerySet.as_manager()

    #: A person who belongs to both of two merged units acts for the one that remains.
    stays_when_taken: ClassVar[Values] = {"is_active": False}

    class Meta:
        verbose_name = verbose_name_plural = "任职身份"
        constraints = [
            models.CheckConstraint(
                name="unit_users_belong_to_a_unit_and_others_to_an_authority",
                condition=Q(role=Role.UNIT_USER, unit__isnull=False, authority__isnull=True)
                | Q(~Q(role=Role.UNIT_USER), unit__isnull=True, authority__isnull=False),
            ),
            models.CheckConstraint(
                name="nobody_acts_before_a_second_person_has_confirmed",
                condition=Q(awaits_second=False) | Q(is_active=False),
            ),
            models.CheckConstraint(
                name="who_grants_is_not_the_second_person",
                condition=Q(seconded_by=None)
                | (~Q(seconded_by=models.F("granted_by")) & ~Q(seconded_by=models.F("user"))),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "authority"],
                condition=Q(unit=None, is_active=True),
                name="one_membership_per_role_and_authority",
            ),
            models.UniqueConstraint(
                fields=["user", "unit"],
                condition=Q(authority=None, is_active=True),
                name="one_membership_per_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.label}"

    @property
    def label(self) -> str:
        """E.g. 区局计量科 · 西青区局, or the unit's name for unit users."""
        if self.unit:
            return self.unit.name
        return f"{self.get_role_display()} · {self.authority}"

    @property
    def cert_no(self) -> str:
        """The certificate this capacity is exercised with."""
        return self.officer_cert_no or self.assessor_cert_no

    def has_ended(self, on: dt.date) -> bool:
        """Whether it may no longer be used on that day."""
        return not self.is_active or (self.ends_on is not None and self.ends_on < on)

    def cert_expired(self, on: dt.date) -> bool:
        """Whether the certificate was no longer valid that day; one without a date is not judged."""
        return self.cert_valid_until is not None and self.cert_valid_until < on

    def scope(self) -> Scope:
        """The reach this capacity gives (roles and visibility: see docs/roles.md)."""
        role = self.role
        everything = Reach(everything=True)
        mine = Reach(member_id=self.pk)
        match role:
            case Role.SYSTEM_ADMIN:
                return Scope(role, register=everything)
            case Role.CITY_ADMIN:
                return Scope(role, register=everything, casework=everything)
            case Role.DISTRICT_ADMIN:
                own = self._own_reach()
                return Scope(role, register=own, casework=own)
            case Role.DISTRICT_APPROVER:
                return Scope(role, register=self._own_reach())
            case Role.UNIT_USER:
                unit = Reach(unit_ids=frozenset([self.unit_id] if self.unit_id else []))
                return Scope(role, register=unit, casework=unit)
            case _ if role in Role.on_site:
                return Scope(role, casework=mine)
            case _:
                return Scope(role)

    def _own_reach(self) -> Reach:
        """Asked for only by the roles that need it: a query on every request of the others."""
        return Reach(authority_ids=self._authority_subtree())

    def _authority_subtree(self) -> frozenset[int]:
        """The acting authority with the functional-zone bureaus below it (two levels in practice)."""
        if self.authority_id is None:
            return frozenset()
        return frozenset(pk for (pk,) in _SUBTREE.rows(authority=self.authority_id))


_CAPACITIES = Prepared(
    lambda person: (
        Membership.objects.switched_on()
        .filter(user=person)
        .select_related("authority", "unit")
        .order_by("pk")
    )
)
_SUBTREE = Prepared(
    lambda authority: Authority.objects.filter(
        Q(pk=authority) | Q(parent=authority) | Q(parent__parent=authority)
    ).values_list("pk")
)
