"""What signing in keeps: attempts, devices, earlier passwords, codes, second factors, open sessions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrostd.accounts.enums import CodePurpose
from metrostd.accounts.querysets import CodeQuerySet
from metrostd.common import clock, sealing

from .people import User


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


class PastPassword(models.Model):
    """The hash of a password a person had: it is not taken again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    until = models.DateTimeField("用至", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        indexes = [models.Index(fields=["user", "-id"], name="past_passwords_of_person")]

    def __str__(self) -> str:
        return f"{self.user} {self.until:%Y-%m-%d}"


class OneTimeCode(models.Model):
    """A code that works once and not for long; only its keyed digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField("用途", max_length=10, choices=CodePurpose.choices)
    digest = models.CharField(max_length=64)
    #: The address it was sent to, if any: it proves that one and no other.
    sealed_address = models.TextField(blank=True)
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="发放人"
    )
    created_at = models.DateTimeField("发放时间", default=clock.now)
    expires_at = models.DateTimeField("有效至")
    used_at = models.DateTimeField("使用时间", null=True)
    voided_at = models.DateTimeField("作废时间", null=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一次性验证码"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=Q(used_at=None, voided_at=None),
                name="one_open_code_per_person_and_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_purpose_display()}"


class SecondFactor(models.Model):
    """The secret a person's phone shares with the portal (RFC 6238); asked for once it was confirmed."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    sealed_secret = models.TextField()
    #: The last step of half a minute that was used: none is taken twice.
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField("启用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "动态口令"

    def __str__(self) -> str:
        return str(self.user)

    @property
    def secret(self) -> bytes:
        return bytes.fromhex(sealing.unseal(self.sealed_secret))


class RecoveryCode(models.Model):
    """Gets a person in once without the phone; only its keyed digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "恢复码"
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="a_recovery_code_is_kept_once")
        ]

    def __str__(self) -> str:
        return str(self.user)


class SignedIn(models.Model):
    """One session of a person: where from, with what, until when. Moments are the machine's own."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    browser = models.CharField("浏览器", max_length=80, blank=True)
    began_at = models.DateTimeField("登录时间", default=clock.of_the_machine)
    seen_at = models.DateTimeField("最近使用", default=clock.of_the_machine)
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录会话"
        indexes = [models.Index(fields=["user", "-id"], name="sessions_of_person")]

    def __str__(self) -> str:
        return f"{self.user} {self.began_at:%Y-%m-%d %H:%M}"


class SlipPrint(models.Model):
    """A file of activation slips, sealed: the only place where the codes stand, and not for long."""

    title = models.CharField("名称", max_length=200)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    #: The membership it was made in; it is fetched in that capacity or not at all.
    acting = models.BigIntegerField(editable=False)
    job = models.BigIntegerField("任务", unique=True)
    slips = models.PositiveIntegerField("张数", default=0)
    content = models.FileField(upload_to="slips/", max_length=200, blank=True)
    created_at = models.DateTimeField("生成时间", default=clock.now)
    expires_at = models.DateTimeField("可下载至")

    class Meta:
        verbose_name = verbose_name_plural = "启用通知单"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class Identity(models.Model):
    """统一身份认证 of a person: what one provider calls them (OpenID Connect: issuer and subject), linked by themselves."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField("提供方", max_length=200)
    subject = models.CharField("标识", max_length=255)
    linked_at = models.DateTimeField("关联时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "统一身份认证"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="one_person_per_issuer_and_subject"
            ),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_identity_per_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.issuer}"
