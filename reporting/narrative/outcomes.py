"""抽取结果 and 检查结果 as they are published: their lists, what is computed again, what is still owed to the public.

From the records to what anybody may read goes no more than names of units, names of standards, days and
conclusions; persons, contacts, reasons of directed checks and matters that are disputed stay inside.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns import record
from campaigns.enums import DrawKind, DrawState, FrameSubject
from campaigns.models import Campaign, DrawRun
from inspections.enums import FindingState, TaskKind, TaskState
from inspections.models import Finding, InspectionTask
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.common.enums import Conclusion
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.registry import legal
from metrostd.registry.models import Authority
from reporting.enums import BulletinKind, BulletinState
from reporting.models import Bulletin

from .paper import Block, Plain

#: 政府信息公开条例第二十六条.
WORKDAYS = 20
_NOT_TOLD = (TaskState.PLANNED, TaskState.ASSIGNED)
#: Of each set of terms: what is hashed, and what it is compared with. Who did what stays inside.
_HASHED = (
    "kind", "number", "terms", "terms_hash", "commitment", "committed_at", "nonce", "seed",
    "drawn_at", "drawn", "result_hash",
)  # fmt: skip


def basis(on: dt.date) -> str:
    """Why results of random inspections are made public, and in time, as the law is called on a day."""
    return legal.sentence(legal.RANDOM_AND_PUBLIC, legal.PUBLIC_IN_TIME, on=on)


@dataclass(frozen=True, slots=True)
class About:
    """Whose result a bulletin brings."""

    kind: BulletinKind
    authority: Authority
    formed_on: dt.date
    run: DrawRun | None = None

    @property
    def due_on(self) -> dt.date:
        """To be public by."""
        return add_workdays(self.formed_on, WORKDAYS)

    @property
    def title(self) -> str:
        return f"{self.authority.name}{self.kind.label}"


def checked(campaign: Campaign, office: Authority | None) -> QuerySet[InspectionTask]:
    """Visits to units whose conclusion was reviewed and is not disputed."""
    disputed = Finding.objects.filter(campaign=campaign, state=FindingState.DISPUTED)
    rows = InspectionTask.objects.filter(
        campaign=campaign,
        kind__in=(TaskKind.ONSITE, TaskKind.FOLLOW_UP),
        state__in=(TaskState.REVIEWED, TaskState.CLOSED),
        arrived_at__isnull=False,
    ).exclude(conclusion="")
    rows = rows.exclude(pk__in=disputed.values("task"))
    if office is not None:
        rows = rows.filter(authority=office)
    return rows.select_related("unit", "authority").order_by("arrived_at", "pk")


def unpublished(campaign: Campaign, office: Authority | None) -> list[InspectionTask]:
    """Those whose result is not public yet."""
    told: set[int] = set()
    standing = campaign.bulletins.filter(kind=BulletinKind.RESULTS, state=BulletinState.PUBLISHED)
    for visits in standing.values_list("visits", flat=True):
        told.update(visits)
    return [task for task in checked(campaign, office) if task.pk not in told]


def owed(campaign: Campaign) -> list[About]:
    """Draws and results that are not public, those due first first."""
    public = set(
        campaign.bulletins.filter(
            kind=BulletinKind.DRAW, state=BulletinState.PUBLISHED
        ).values_list("run", flat=True)
    )
    runs = DrawRun.objects.filter(
        frame__campaign=campaign, frame__subject=FrameSubject.UNITS, state=DrawState.VALID
    ).select_related("frame__authority")
    found = [
        About(BulletinKind.DRAW, run.frame.authority, local_day(run.run_at), run)
        for run in runs
        if run.pk not in public
    ]
    by_office: dict[int, list[InspectionTask]] = defaultdict(list)
    for task in unpublished(campaign, None):
        by_office[task.authority_id].append(task)
    found += [
        About(BulletinKind.RESULTS, tasks[0].authority, min(_formed(task) for task in tasks))
        for tasks in by_office.values()
    ]
    return sorted(found, key=lambda one: (one.due_on, one.authority.code, one.kind))


def _formed(task: InspectionTask) -> dt.date:
    """The day the record was signed on site."""
    moment = task.left_at or task.arrived_at
    return local_day(moment) if moment else clock.today()


def against(row: Bulletin) -> list[str]:
    """What speaks against publishing a list."""
    if row.kind == BulletinKind.DRAW and row.run:
        if row.run.state != DrawState.VALID:
            return ["抽取已作废，不能公开。"]
        waiting = InspectionTask.objects.filter(
            drawn_unit__run=row.run, state__in=_NOT_TOLD
        ).count()
        if waiting:
            return [
                f"还有{waiting}家被抽中的单位没有收到检查通知，公开抽取结果会泄露检查安排，请在通知以后公开。"
            ]
    if row.kind == BulletinKind.RESULTS and not unpublished(row.campaign, row.authority):
        return ["没有审核完毕、尚未公开的检查结果。"]
    return []


def tables(row: Bulletin) -> Iterator[Block]:
    """The list below the words."""
    if row.kind == BulletinKind.DRAW and row.run:
        yield _drawn(row.run)
    elif row.kind == BulletinKind.RESULTS:
        yield _results(unpublished(row.campaign, row.authority))


def _drawn(run: DrawRun) -> Block:
    rows = run.drawn.filter(struck_at=None).order_by("order").prefetch_related("standards")
    return Block(
        "table",
        ("检查对象",),
        ("次序", "单位", "方式", "计量标准"),
        tuple(
            (
                str(each.order), each.named, DrawKind(each.kind).label,
                "、".join(one.named for one in each.standards.all()),
            )
            for each in rows
        ),
    )  # fmt: skip


def _results(tasks: Iterable[InspectionTask]) -> Block:
    return Block(
        "table",
        ("检查结果",),
        ("单位", "检查日期", "结论"),
        tuple(
            (task.of_unit.name, cn_date(_formed(task)), str(Conclusion(task.conclusion).label))
            for task in tasks
        ),
    )


def visits_of(row: Bulletin) -> list[int]:
    """The visits whose results are published with it."""
    if row.kind != BulletinKind.RESULTS:
        return []
    return [task.pk for task in unpublished(row.campaign, row.authority)]


def public_record(run: DrawRun) -> Plain:
    """What ``docs/verify_draw.py`` reads, without anybody's name: of terms that name witnesses their hash stands."""
    if run.terms_id is None:
        return {}
    whole: Plain = dict(record.of_run(run))
    kept = _without_names(whole)
    return {
        "algorithm": whole["algorithm"],
        "campaign": whole["campaign"],
        "authority": whole["authority"],
        "record_no": whole["record_no"],
        "frame": whole["frame"],
        "ratio": whole["ratio"],
        "required": whole["required"],
        **kept,
        "later": [_without_names(one) for one in whole["later"]],
        "earlier": [
            {
                name: _nameless(one)[name]
                for name in ("number", "terms", "terms_hash", "commitment", "nonce")
            }
            for one in whole["earlier"]
        ],
        "voided": whole["voided"],
    }


def _nameless(part: Plain) -> Plain:
    """Terms that name witnesses without their names, and with what is withheld."""
    terms = part["terms"]
    if not terms.get("witnesses"):
        return part
    shown = {name: value for name, value in terms.items() if name != "witnesses"}
    return {**part, "terms": shown | {"withheld": ["witnesses"]}}


def _without_names(part: Plain) -> Plain:
    kept = {name: part[name] for name in _HASHED if name in part}
    kept = _nameless(kept)
    return kept | {"public": {"value": part["public"]["value"]}}
