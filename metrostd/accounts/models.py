"""People and the capacities in which they act."""

from functools import cached_property
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.shapes import Values
from metrostd.registry.models import Authority, ProfessionalField, Unit

from .querysets import MembershipQuerySet
from .scopes import NOTHING, Reach, Scope


class User(AbstractUser):
    """A person. Rights come from the acting membership alone, not from flags or groups."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机", max_length=20, blank=True)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    @cached_property
    def acting(self) -> "Membership | None":
        """The membership chosen for this request; middleware sets it from the session.

        Outside a request (worker, commands, tests) it is the only active membership, if there
        is exactly one.
        """
        rows = list(self.memberships.active().select_related("authority", "unit", "user")[:2])
        return rows[0] if len(rows) == 1 else None

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


class SignInCounter(models.Model):
    """Attempts to sign in not yet forgiven; ``metrostd.accounts.lockout`` says how they count."""

    name = models.CharField("输入的用户名", max_length=150)
    place = models.CharField("从何处", max_length=64)
    failures = models.PositiveIntegerField("次数", default=0)
    last_at = models.DateTimeField("最近一次", default=clock.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        constraints = [
            models.UniqueConstraint(fields=["name", "place"], name="one_counter_per_name_and_place")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.failures}"


class KnownDevice(models.Model):
    """A browser a person has signed in with, known by the hash of its cookie."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    digest = models.CharField("标识摘要", max_length=64)
    seen_at = models.DateTimeField("最近登录", default=clock.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "常用设备"
        constraints = [
            models.UniqueConstraint(fields=["digest", "user"], name="a_device_is_known_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.digest[:8]}"


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
    fields = models.ManyToManyField(ProfessionalField, blank=True, related_name="+")
    is_active = models.BooleanField("有效", default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

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
            models.UniqueConstraint(
                fields=["user", "role", "authority"],
                condition=Q(unit=None),
                name="one_membership_per_role_and_authority",
            ),
            models.UniqueConstraint(
                fields=["user", "unit"],
                condition=Q(authority=None),
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
        rows = Authority.objects.filter(
            Q(pk=self.authority_id)
            | Q(parent=self.authority_id)
            | Q(parent__parent=self.authority_id)
        )
        return frozenset(rows.values_list("pk", flat=True))
