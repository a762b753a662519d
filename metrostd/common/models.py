"""What every stage stands on: trail, files, jobs, numbers, work days. No business nouns here."""

from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from . import clock
from .by_now import state_by_now
from .enums import AccessKind, JobState, StateChoices
from .querysets import AuditQuerySet, JobQuerySet, KeptListQuerySet


def state_field(first: StateChoices, *, max_length: int, label: str = "状态") -> models.CharField:
    """The column of a state machine that begins in ``first``."""
    return models.CharField(
        label, max_length=max_length, choices=type(first).choices, default=first, editable=False
    )


def state_known(name: str, states: type[StateChoices]) -> models.CheckConstraint:
    """No state but these, whatever writes to the table."""
    return models.CheckConstraint(name=name, condition=Q(state__in=states.values))


class StatefulModel(models.Model):
    """A model with one ``state`` column, which only a Transition writes.

    Subclasses declare ``state`` as a ``state_field`` and name the enumeration in ``States``; their
    constraints have a ``state_known``.
    """

    States: ClassVar[type[StateChoices]]

    state_since = models.DateTimeField("状态时间", default=clock.now, editable=False)
    created_at = models.DateTimeField("建立时间", default=clock.now, editable=False)

    class Meta:
        abstract = True

    @property
    def state_now(self) -> str:
        """The state of this moment; ``state`` is what was put on record last (``by_now``)."""
        return state_by_now(self)

    @property
    def state_tone(self) -> str:
        return self.States(self.state_now).tone


class AuditEntry(models.Model):
    """One change: who, acting as what, from where, when, on which object, from what to what.

    Written in the transaction of the change itself; never updated, never deleted.
    """

    at = models.DateTimeField("时间", default=clock.now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    acting_as = models.CharField("身份", max_length=200, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    action = models.CharField("操作", max_length=60)
    action_label = models.CharField("操作名称", max_length=60)
    target_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    target_label = models.CharField("对象", max_length=300)
    before = models.JSONField("变更前", null=True)
    after = models.JSONField("变更后", null=True)
    note = models.TextField("说明", blank=True)

    objects = AuditQuerySet.as_manager()

    #: What was written about an object stays about it, whatever becomes of the object.
    frozen_relations: ClassVar[frozenset[str]] = frozenset({"target"})

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action_label}：{self.target_label}"

    @property
    def actor_label(self) -> str:
        """系统 when the clock acted, otherwise the person and the membership they acted in."""
        return f"{self.actor.display_name}（{self.acting_as}）" if self.actor else "系统"

    @property
    def before_label(self) -> str:
        return _state_label(self.before)

    @property
    def after_label(self) -> str:
        return _state_label(self.after)


def _state_label(value: object) -> str:
    """The word a timeline shows for one side of a change; empty for changes of other fields."""
    return str(value.get("state_label", "")) if isinstance(value, dict) else ""


class AccessEntry(models.Model):
    """One view of a confidential record, or one export: who took what out, when."""

    at = models.DateTimeField("时间", default=clock.now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    acting_as = models.CharField("身份", max_length=200, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    kind = models.CharField("方式", max_length=20)
    what = models.CharField("内容", max_length=300)
    #: What it is for, said by whoever takes restricted material out. Null and not empty: so SQLite adds the
    #: column without making the table anew, and the triggers that keep the trail stay on it.
    purpose = models.CharField("用途", max_length=120, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "访问记录"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["at"], name="access_by_time"),
            models.Index(fields=["actor", "at"], name="access_by_actor"),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def kind_label(self) -> str:
        """How it was seen or taken out, in words."""
        return str(dict(AccessKind.choices).get(self.kind, self.kind))


class StoredFile(models.Model):
    """The bytes of a file, stored once by SHA-256. What it is and who may see it, its owner says."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField("字节数")
    media_type = models.CharField("类型", max_length=100)
    content = models.FileField(upload_to="by-hash/", max_length=200)
    #: A small picture of a photograph, and a JPEG of one that browsers cannot show.
    thumbnail = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    preview = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "文件"

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_picture(self) -> bool:
        """Whether a page shows it as a picture."""
        return self.media_type.startswith("image/")


class Job(models.Model):
    """Long work in the background: a person may watch it, leave, and come back."""

    States = JobState

    kind = models.CharField("类别", max_length=60)
    title = models.CharField("名称", max_length=200)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: The membership the owner acted in; the work is done in that capacity or not at all.
    acting = models.BigIntegerField(null=True, editable=False)
    arguments = models.JSONField(default=dict)
    #: What is done for good, told in the transaction that did it: another attempt goes on from there.
    reached = models.JSONField(default=dict, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    worker = models.CharField(max_length=120, blank=True, editable=False)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    step = models.CharField("当前步骤", max_length=200, blank=True)
    failure = models.TextField("失败原因", blank=True)
    next_url = models.CharField("完成后前往", max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(default=clock.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def state_tone(self) -> str:
        return JobState(self.state).tone

    @property
    def is_active(self) -> bool:
        return self.state in JobState.active

    @property
    def begun_before(self) -> bool:
        """Whether an earlier attempt may have done the work and only died before it told so."""
        return self.attempt > 1


class ExportedFile(models.Model):
    """The workbook a job has written, to be fetched by its owner until it expires."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="exported")
    what = models.CharField("内容", max_length=300)
    filename = models.CharField("文件名", max_length=200)
    rows = models.PositiveIntegerField("行数")
    content = models.FileField(upload_to="exports/", max_length=200, blank=True)
    created_at = models.DateTimeField("生成时间", default=clock.now, editable=False)
    expires_at = models.DateTimeField("可下载至")

    class Meta:
        verbose_name = verbose_name_plural = "导出文件"
        indexes = [models.Index(fields=["expires_at"], name="export_by_expiry")]

    def __str__(self) -> str:
        return self.filename

    @property
    def counted(self) -> str:
        """How much is in it: rows of a workbook, files of an archive; a paper that is no list has no count."""
        if not self.rows:
            return ""
        return f"{self.rows} {'个文件' if self.filename.endswith('.zip') else '行'}"

    @property
    def is_there(self) -> bool:
        """Whether it can still be fetched."""
        return bool(self.content) and clock.now() < self.expires_at


class Paper(models.Model):
    """A paper of certain words, made once by a job and kept. Who may read it, its owner says."""

    kind = models.CharField("文书种类", max_length=60)
    #: SHA-256 of the words: the same words are the same paper.
    digest = models.CharField("内容摘要", max_length=64)
    words = models.JSONField("内容", default=dict)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest"], name="one_paper_of_the_same_words")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"


class NumberSequence(models.Model):
    """The last number given out under one key, e.g. orders of one authority in one year."""

    key = models.CharField(max_length=120, unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


class CalendarYear(models.Model):
    """A year whose holidays are on record, and the notice of the State Council that arranged them.

    A year without a row is counted by its weekends, and whatever is counted in it says so.
    """

    year = models.PositiveSmallIntegerField("年度", unique=True)
    notice = models.CharField("通知文号", max_length=60)
    notice_on = models.DateField("发布日期")
    amendment = models.CharField("调整通知文号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "节假日安排"
        ordering = ("year",)
        constraints = [
            models.CheckConstraint(name="calendar_year_sourced", condition=~Q(notice=""))
        ]

    def __str__(self) -> str:
        return f"{self.year}年节假日安排"


class SpecialDay(models.Model):
    """A weekday that is free, or a weekend day that is worked (国务院办公厅节假日安排)."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("是否工作日")
    name = models.CharField("名称", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ("day",)
        constraints = [models.CheckConstraint(name="special_day_named", condition=~Q(name=""))]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"

    def clean(self) -> None:
        """Only a weekend is worked in place of another day; a plain weekday needs no row."""
        if self.is_workday and self.day and self.day.weekday() < 5:
            raise ValidationError(
                {
                    "is_workday": "这一天是周一至周五，本来就是工作日；放假的请填“否”，没有放假的不用登记。"
                }
            )


class KeptList(models.Model):
    """我的视图: filter, order and columns of a list, as one person keeps them under a name."""

    LONGEST_PATH = 200

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField("列表", max_length=LONGEST_PATH)
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=1000, blank=True)
    created_at = models.DateTimeField("保存时间", default=clock.now, editable=False)

    objects = KeptListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "列表视图"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "path", "name"], name="one_kept_list_of_a_name_and_person"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path
