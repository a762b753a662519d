"""Papers of visits as one archive: records, notices, orders, confirmations and what shows that they were served."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from inspections.models import ChecklistSheet, InspectionTask, StopTransferOrder
from inspections.signed_records import filed_of
from inspections.stop_papers import notices_of
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.archives import Archive, Member
from metrostd.common.models import StoredFile
from metrostd.common.spreadsheet import Column
from metrostd.common.templatetags.formats import cn_date, cn_datetime

from .enums import OrderState
from .models import RectificationOrder

_COLUMNS = (
    Column("建标单位", 32),
    Column("组织检查的部门", 20),
    Column("专项行动", 28),
    Column("文书", 24),
    Column("编号", 30),
)
#: Visits whose papers are looked up at once.
_AT_ONCE = 200

#: Puts a paper into the archive: its visit, what it is, its number and the file, if it is made.
Put = Callable[[InspectionTask, str, str, StoredFile | None], None]


def papers_of(tasks: QuerySet[InspectionTask], *, title: str, user: Actor) -> Archive:
    """The archive of the papers of these visits, as far as ``user`` may see them."""
    rows = tasks.select_related("unit", "authority", "campaign").order_by("unit__name", "pk")
    taken = f"{title}（{user.display_name}，{cn_datetime(clock.now())}）"
    return Archive(taken, _COLUMNS, rows.count, lambda: _members(rows, user))


def _members(rows: QuerySet[InspectionTask], user: Actor) -> Iterator[Member]:
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        tasks = list(rows.filter(pk__in=keys[start : start + _AT_ONCE]))
        found: dict[int, list[Member]] = {task.pk: [] for task in tasks}

        def put(task: InspectionTask, kind: str, number: str, file: StoredFile | None) -> None:
            found[task.pk].append(_member(task, kind, number, file))  # noqa: B023 -- called within the turn

        _records(tasks, user, put)
        _stops(tasks, user, put)
        _orders(tasks, user, put)
        for task in tasks:
            yield from found[task.pk]


def _member(task: InspectionTask, kind: str, number: str, file: StoredFile | None) -> Member:
    day = task.arrived_at or task.planned_on
    visit = f"{cn_date(day)} {task.get_kind_display()}".strip()
    said = (task.unit.name, task.authority.short_name, task.campaign.title, kind, number)
    return Member((task.unit.name, visit), f"{kind} {number}".strip(), file, said)


def _records(tasks: list[InspectionTask], user: Actor, put: Put) -> None:
    """Every version of the record on file; the one that is signed and not filed yet is named."""
    sheets = ChecklistSheet.objects.visible_to(user).filter(task__in=tasks, signed_at__isnull=False)
    signed = dict(sheets.order_by("pk").values_list("task", "record"))
    filed = filed_of(signed)
    for task in tasks:
        for each in filed.get(task.pk, ()):
            put(task, "检查记录", f"第{each.number}版", each.file)
        if task.pk in signed and signed[task.pk] is None:
            put(task, "检查记录", "", None)


def _stops(tasks: list[InspectionTask], user: Actor, put: Put) -> None:
    by_key = {task.pk: task for task in tasks}
    rows = StopTransferOrder.objects.visible_to(user).filter(task__in=tasks).exclude(number="")
    orders = list(rows.select_related("service_receipt").order_by("pk"))
    for order, file in notices_of(orders):
        mark = "（已撤回）" if order.withdrawn_on else ""
        put(by_key[order.task_id], f"责令停止量值传递通知书{mark}", order.number, file)
    for order in orders:
        if order.service_receipt:
            put(by_key[order.task_id], "送达回证", order.number, order.service_receipt)


def _orders(tasks: list[InspectionTask], user: Actor, put: Put) -> None:
    by_key = {task.pk: task for task in tasks}
    rows = RectificationOrder.objects.visible_to(user).filter(task__in=tasks)
    kept = ("document", "withdrawn_document", "confirmation", "service_receipt")
    for order in rows.select_related(*kept).order_by("pk"):
        task, kind = by_key[order.task_id], order.get_kind_display()
        put(task, kind, order.number, order.document)
        if order.state == OrderState.WITHDRAWN:
            put(task, f"{kind}（已撤回）", order.number, order.withdrawn_document)
        if order.service_receipt:
            put(task, "送达回证", order.number, order.service_receipt)
        if order.state == OrderState.VERIFIED:
            put(task, "整改情况确认单", order.number, order.confirmation)
