"""An uploaded list from its first reading to its commit. Each function is all or nothing."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.annex4 import Workbook
from metrostd.common import audit, clock, table_statistics, turns
from metrostd.common.actors import Actor
from metrostd.common.models import AuditEntry, StoredFile
from metrostd.common.uploads import XLSX, store_bytes
from metrostd.lists.imports.issues import KeptIssue
from metrostd.lists.moves import imports as import_moves
from metrostd.lists.services import hand_overs
from metrostd.registry.enums import Category
from metrostd.registry.extension import units_moved
from metrostd.registry.models import Authority, ImportBatch, ImportRow, Unit

from . import aside
from .bulk import forget_rows, insert_rows, without_looking_back
from .decisions import Decisions, what_of, words_of
from .issues import as_json
from .lines import ROW_COLUMNS, row_values, stored_lines
from .planning import plan
from .plans import Plan
from .previews import Edits, HeaderMap, Preview, open_workbook, preview, told
from .writing import Progress, Writer, silent

#: Lists longer than this are read in the background.
BIG_ROWS = 2000
_BIG_BYTES = 1 << 20
_MEDIA = {"xlsx": XLSX, "xls": "application/vnd.ms-excel", "csv": "text/csv"}


def is_big(workbook: Workbook) -> bool:
    """Whether reading this list belongs in the background."""
    rows = 0
    with told():
        for sheet in workbook.sheets:
            for _ in sheet.rows():
                rows += 1
                if rows > BIG_ROWS:
                    return True
    return False


def store_list(data: bytes, filename: str) -> tuple[StoredFile, bool]:
    """Check that a file can be read and keep the original; also says whether it is a big one.

    Raises ValidationError with the reason when it is no workbook; nothing is stored then.
    """
    workbook = open_workbook(data, filename)
    big = len(data) > _BIG_BYTES or is_big(workbook)
    return store_bytes(data, media_type=_MEDIA[workbook.format]), big


def start_import(
    data: bytes,
    filename: str,
    *,
    category: str,
    issuing_authority: Authority,
    actor: Actor | None,
    campaign_code: str = "",
    on: dt.date | None = None,
) -> ImportBatch:
    """Keep the original file, read it, compare it with the register and keep what was found.

    ``on`` is the day certificates are judged by (today). Raises ValidationError with the reason
    when the file is no workbook or the category unknown; nothing is written then. A list may be
    read before its campaign exists: who asks a person for the campaign checks it (``require_campaign``).
    """
    if category not in Category.values:
        raise ValidationError({"category": f"没有“{category}”这一计量标准类别。"})
    day = on or clock.today()
    workbook = open_workbook(data, filename)
    found = preview(workbook, category=category, issuer=issuing_authority, on=day)
    with _kept(found) as keep, transaction.atomic():
        batch = ImportBatch.objects.create(
            file=store_bytes(data, media_type=_MEDIA[workbook.format]),
            filename=filename[-200:],
            category=category,
            issuing_authority=issuing_authority,
            campaign_code=campaign_code,
        )
        keep(batch)
        audit.record(
            batch, actor=actor, action="import.read", label="读取名单", after=found.summary["rows"]
        )
    return batch


def reparse(
    batch: ImportBatch,
    *,
    actor: Actor | None,
    header_map: HeaderMap | None = None,
    edits: Edits | None = None,
    decisions: Mapping[str, str] | None = None,
    on: dt.date | None = None,
) -> ImportBatch:
    """Read the original again with columns named, cells put right and conflicts decided by hand.

    New entries join those given before; an empty text takes an edit back to what the file says, an
    empty choice takes a decision back.
    Raises TransitionError when the list was committed or given up.
    """
    asked = _Asked(header_map or {}, edits or {}, decisions or {}, actor, on or clock.today())
    if not (aside.is_needed() and _reread_aside(batch, asked)):
        with transaction.atomic():
            locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            found = asked.read(locked)
            with _kept(found) as keep:
                _replace(locked, keep, asked)
    batch.refresh_from_db()
    return batch


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a list is to be read again with."""

    header_map: HeaderMap
    edits: Edits
    decisions: Mapping[str, str]
    actor: Actor | None
    on: dt.date

    def read(self, batch: ImportBatch) -> Preview:
        """Read the list with what was given before and now; the batch carries both from here on."""
        import_moves.COMMIT.check(batch)
        batch.header_map = _merged(batch.header_map, self.header_map, keep_empty=True)
        batch.edits = _merged(batch.edits, self.edits, keep_empty=False)
        batch.decisions = _decided(batch, self.decisions, self.actor)
        with batch.file.content.open("rb") as source:
            workbook = open_workbook(source.read(), batch.filename)
        return preview(
            workbook,
            category=batch.category,
            issuer=batch.issuing_authority,
            on=self.on,
            header_map=batch.header_map,
            edits=batch.edits,
            decided=batch.decisions,
        )

    def told(self) -> dict[str, object]:
        after: dict[str, object] = {"表头": dict(self.header_map), "单元格": dict(self.edits)}
        return after | ({"决定": dict(self.decisions)} if self.decisions else {})


def _reread_aside(batch: ImportBatch, asked: _Asked) -> bool:
    """Read while others write, then replace the rows; False when somebody else did so meanwhile."""
    with turns.only_reading():
        seen = ImportBatch.objects.get(pk=batch.pk)
        entry = AuditEntry.objects.about(seen).values_list("pk", flat=True).first()
        found = asked.read(seen)
    with _kept(found) as keep, transaction.atomic():
        import_moves.COMMIT.check(ImportBatch.objects.get(pk=batch.pk))
        if AuditEntry.objects.about(seen).values_list("pk", flat=True).first() != entry:
            return False
        _replace(seen, keep, asked)
    return True


def _replace(batch: ImportBatch, keep: Callable[[ImportBatch], None], asked: _Asked) -> None:
    batch.rows.filter(returns__isnull=False).delete()
    forget_rows(batch)
    keep(batch)
    audit.record(
        batch, actor=asked.actor, action="import.reread", label="重新检查", after=asked.told()
    )


def _merged(old: dict, new: HeaderMap | Edits, *, keep_empty: bool) -> dict[str, dict[str, str]]:
    merged = {sheet: dict(cells) for sheet, cells in old.items()}
    for sheet, cells in new.items():
        own = merged.setdefault(sheet, {})
        own |= cells
        merged[sheet] = own if keep_empty else {c: text for c, text in own.items() if text.strip()}
    return {sheet: cells for sheet, cells in merged.items() if cells}


def _decided(
    batch: ImportBatch, choices: Mapping[str, str], actor: Actor | None
) -> dict[str, object]:
    """The decisions with new ones added and those taken back removed; each with who, when, and on what."""
    asked = {conflict["key"]: conflict for conflict in batch.conflicts}
    decisions = dict(batch.decisions)
    for key, choice in choices.items():
        decisions.pop(key, None)
        if choice:
            decisions[key] = {
                "choice": choice,
                "what": what_of(key, asked.get(key)),
                "words": words_of(key, choice, asked.get(key)),
                "by": actor.display_name if actor else "系统",
                "at": clock.now().isoformat(),
            }
    return decisions


@contextmanager
def _kept(found: Preview) -> Iterator[Callable[[ImportBatch], None]]:
    """Gives the function that keeps what was read: with its rows made beside where others wait for us."""

    def keep(batch: ImportBatch, rows: Callable[[], None]) -> None:
        batch.issues, batch.summary = found.issues, found.summary
        batch.conflicts = found.conflicts
        batch.save(
            update_fields=["issues", "summary", "conflicts", "header_map", "edits", "decisions"]
        )
        rows()

    if not aside.is_needed():
        yield lambda batch: keep(
            batch,
            lambda: insert_rows(ImportRow, ROW_COLUMNS, row_values(batch.pk, iter(found.rows))),
        )
        return
    with aside.rows_beside(ImportRow, ROW_COLUMNS, row_values(0, iter(found.rows))) as move:
        yield lambda batch: keep(batch, lambda: move(batch_id=batch.pk))


def commit_import(
    batch: ImportBatch, *, actor: Actor | None, progress: Progress | None = None
) -> dict[str, dict[str, int]]:
    """Write a list to the register: all rows or none, once.

    What each row does is worked out anew, because the register may have changed since the preview.
    Returns the counts of new, changed and unchanged units and standards. Raises ValidationError
    while any error stands (the preview then shows it), TransitionError when committed already.
    """
    report = progress or silent
    import_moves.COMMIT.check(batch)
    _require_clean(batch.issues)
    report(0, 0, "核对台账")
    try:
        counts = _commit_aside(batch, actor=actor, report=report) if aside.is_needed() else None
        return counts or _commit(batch, actor=actor, report=report)
    except Exception:
        batch.refresh_from_db()
        raise


@transaction.atomic
def _commit(
    batch: ImportBatch, *, actor: Actor | None, report: Progress
) -> dict[str, dict[str, int]]:
    # One commit at a time, so that two lists never create the same unit twice.
    list(Authority.objects.select_for_update(no_key=True).order_by("pk")[:1])
    import_moves.COMMIT.apply(batch, actor=actor)
    writer = _writer(batch, actor=actor, report=report)
    with without_looking_back():
        writer.write()
    return _committed(batch, writer.plan, actor=actor)


def _commit_aside(
    batch: ImportBatch, *, actor: Actor | None, report: Progress
) -> dict[str, dict[str, int]] | None:
    """The same with one short transaction at the end; None when the register has moved on meanwhile."""
    with turns.only_reading():
        since = aside.last_entry()
        batch.refresh_from_db()
        import_moves.COMMIT.check(batch)
        writer = _writer(batch, actor=actor, report=report)
    with without_looking_back(), aside.tables(writer.creates()) as own:
        with turns.only_reading():
            writer.create()
        with transaction.atomic():
            aside.move_in()
            if aside.has_moved_on(writer.plan, batch, since=since, own=own):
                transaction.set_rollback(True)
                return None
            import_moves.COMMIT.apply(batch, actor=actor)
            writer.change()
            return _committed(batch, writer.plan, actor=actor)


def _writer(batch: ImportBatch, *, actor: Actor | None, report: Progress) -> Writer:
    """What the list does to the register as it is now. Raises ValidationError while any error stands."""
    lines = stored_lines(batch)
    planned = plan(
        lines,
        category=batch.category,
        issuer_id=batch.issuing_authority_id,
        decisions=Decisions(batch.decisions),
    )
    _require_clean(as_json(planned.all_issues()))
    on = dt.date.fromisoformat(batch.summary["on"])
    return Writer(batch, planned, lines, actor=actor, on=on, progress=report)


def _committed(
    batch: ImportBatch, planned: Plan, *, actor: Actor | None
) -> dict[str, dict[str, int]]:
    """What follows from a list that is in."""
    counts = planned.counts()
    hand_overs.send(batch, actor=actor, on=clock.today())
    moved = [unit.pk for unit in planned.units if "district" in unit.changes]
    units_moved(Unit.objects.filter(pk__in=moved), actor=actor)
    batch.summary |= counts
    batch.save(update_fields=["summary"])
    table_statistics.refresh_soon()
    return counts


def _require_clean(issues: list[KeptIssue]) -> None:
    """Raise ValidationError naming the first cell in error; nothing is written then."""
    errors = [issue for issue in issues if issue["severity"] == "error"]
    if errors:
        first = errors[0]
        where = f"工作表“{first['sheet']}”{first['cell']}"
        found = f"“{first['found']}”，" if first["found"] else ""
        raise ValidationError(
            f"名单中有{len(errors)}处错误或待决定的冲突，没有入库。第一处在{where}：{found}{first['advice']}。",
            code="import_errors",
        )
