"""Papers of visits as one archive: records, notices, orders, confirmations and what shows that they were served."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from inspections import visit_papers
from inspections.interviews.papers import KIND
from inspections.models import ChecklistSheet, InspectionTask, Interview, StopTransferOrder
from inspections.policies import can_print_sheets, can_read_notice
from inspections.signed_records import filed_of
from inspections.stop_papers import notices_of, unmade_notices
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.archives import Archive, Member
from metrostd.common.models import StoredFile
from metrostd.common.papers import Words, files_of, keep
from metrostd.common.press import Wanted
from metrostd.common.spreadsheet import Column
from metrostd.common.templatetags.formats import cn_date, cn_datetime

from .enums import OrderState
from .models import RectificationOrder
from .papers import unmade

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
    return Archive(
        taken, _COLUMNS, rows.count, lambda: _members(rows, user), lambda: _unmade(rows, user)
    )


def whole_task(tasks: QuerySet[InspectionTask], *, title: str, user: Actor) -> Archive:
    """The archive of one visit: its papers, and before them the letter and the blank sheets that went along.

    Archives of a unit or a campaign leave those out: a hundred blank sheets tell nobody anything.
    """
    papers = papers_of(tasks, title=title, user=user)
    rows = tasks.select_related("unit", "bureau", "authority", "campaign")

    def members() -> Iterator[Member]:
        for task in rows:
            for name, kind, words in went_along(task, user):
                yield _member(task, name, "", files_of(kind, [words])[0])
        yield from papers.members()

    def unmade_papers() -> Iterator[Wanted]:
        for task in rows:
            for _, kind, words in went_along(task, user):
                if files_of(kind, [words]) == [None]:
                    yield Wanted(kind, words, partial(keep, kind, words))
        yield from papers.missing()

    return replace(papers, members=members, missing=unmade_papers)


def went_along(task: InspectionTask, user: Actor) -> Iterator[tuple[str, str, Words]]:
    """Name, kind and words of the papers that belong to a visit from before it, as far as ``user`` may have them.

    A visit without notice has no letter, and without a checklist in force there are no sheets yet.
    """
    if can_read_notice(user, task) and visit_papers.was_told(task):
        yield "检查通知书", visit_papers.LETTER, visit_papers.letter_words(task)
    if can_print_sheets(user, task):
        try:
            yield "空白检查表", visit_papers.BLANKS, visit_papers.blank_words(task)
        except ValidationError:
            return


def _unmade(rows: QuerySet[InspectionTask], user: Actor) -> Iterator[Wanted]:
    """Orders, confirmations and notices to stop whose words are kept and whose paper is not made yet."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        tasks = keys[start : start + _AT_ONCE]
        for order in RectificationOrder.objects.visible_to(user).filter(task__in=tasks):
            yield from unmade(order)
        stops = StopTransferOrder.objects.visible_to(user).filter(task__in=tasks)
        yield from unmade_notices(stops.exclude(number=""))


def _members(rows: QuerySet[InspectionTask], user: Actor) -> Iterator[Member]:
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        tasks = list(rows.filter(pk__in=keys[start : start + _AT_ONCE]))
        found: dict[int, list[Member]] = {task.pk: [] for task in tasks}

        def put(task: InspectionTask, kind: str, number: str, file: StoredFile | None) -> None:
            found[task.pk].append(_member(task, kind, number, file))  # noqa: B023 -- called within the turn

        _records(tasks, user, put)
        _interviews(tasks, user, put)
        _stops(tasks, user, put)
        _orders(tasks, user, put)
        for task in tasks:
            yield from found[task.pk]


def _member(task: InspectionTask, kind: str, number: str, file: StoredFile | None) -> Member:
    day = task.arrived_at or task.planned_on
    visit = f"{cn_date(day)} {task.get_kind_display()}".strip()
    said = (task.subject.name, task.authority.short_name, task.campaign.title, kind, number)
    return Member((task.subject.name, visit), f"{kind} {number}".strip(), file, said)


def _records(tasks: list[InspectionTask], user: Actor, put: Put) -> None:
    """Every version of the record on file; one that is not filed or not signed yet is named."""
    sheets = ChecklistSheet.objects.visible_to(user).filter(task__in=tasks)
    rows = list(sheets.order_by("pk").values_list("task", "record", "signed_at"))
    signed = {task: record for task, record, at in rows if at is not None}
    begun = {task for task, _, at in rows if at is None}
    filed = filed_of(signed)
    for task in tasks:
        for each in filed.get(task.pk, ()):
            put(task, "检查记录", f"第{each.number}版", each.file)
        if task.pk in signed and signed[task.pk] is None:
            put(task, "检查记录", "", None)
        elif task.pk in begun:
            put(task, "检查记录（尚未签署）", "", None)


def _interviews(tasks: list[InspectionTask], user: Actor, put: Put) -> None:
    """Records of what people were asked on site, as they were signed."""
    by_key = {task.pk: task for task in tasks}
    rows = Interview.objects.visible_to(user).filter(task__in=tasks).exclude(words={})
    kept = list(rows.order_by("pk"))
    for row, file in zip(kept, files_of(KIND, [row.words for row in kept]), strict=True):
        put(by_key[row.task_id], "现场笔录", f"第{row.number}号 {row.person}", file)


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
