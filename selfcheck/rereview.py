"""What a second reading needs: the remarks of the first one, and what has changed since."""

from dataclasses import dataclass

from metrostd.common.enums import Answer
from metrostd.common.models import AuditEntry

from . import queries
from .models import SelfCheckAnswer, SelfCheckReport

KEPT = "selfcheck.keep_revision"


@dataclass(frozen=True, slots=True)
class Changed:
    """One item: the remark it got, how it read then, how it reads now."""

    standard_id: int | None
    standard_name: str
    code: str
    mark: str
    before: str
    now: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.now


@dataclass(frozen=True, slots=True)
class Rereview:
    """The edition read before beside the one at hand."""

    revision: int
    marked: tuple[Changed, ...]
    others: tuple[Changed, ...]
    problems: tuple[str, ...]


def since(report: SelfCheckReport) -> Rereview | None:
    """The last edition kept beside what the report says now; None for a first edition."""
    if report.revision == 1:
        return None
    entry = AuditEntry.objects.about(report).filter(action=KEPT).first()
    if entry is None or not isinstance(entry.after, dict):
        return None
    kept = entry.after
    then = {(row["standard"], row["item"]): row for row in kept["answers"]}
    rows = report.answers.select_related("item", "standard").order_by(
        "standard_id", "item__section__order", "item__order"
    )
    compared = [_compared(row, then.get((row.standard_id, row.item.code), {})) for row in rows]
    return Rereview(
        revision=kept["revision"],
        marked=tuple(each for each in compared if each.mark),
        others=tuple(each for each in compared if each.is_changed and not each.mark),
        problems=tuple(_problem_changes(report, kept["problems"])),
    )


def _compared(row: SelfCheckAnswer, then: dict[str, str]) -> Changed:
    def words(answer: str, note: str) -> str:
        word = Answer.word(answer, prohibition=row.item.is_prohibition)
        return f"{word}：{note}" if note else word

    return Changed(
        standard_id=row.standard_id,
        standard_name=row.standard.name if row.standard else "",
        code=row.item.code,
        mark=then.get("mark", ""),
        before=words(then.get("answer", ""), then.get("note", "")),
        now=words(row.answer, row.note),
    )


def _problem_changes(report: SelfCheckReport, kept: list[queries.ProblemData]) -> list[str]:
    """Problems recorded, changed or removed since, each as a sentence."""
    then = {row["problem"]: row for row in kept}
    now = {row.pk: queries.problem_data(row) for row in report.problems.select_related("item")}
    told = [f"新记录：{now[pk]['description']}" for pk in now if pk not in then]
    told += [f"修改：{now[pk]['description']}" for pk in now if pk in then and now[pk] != then[pk]]
    return told + [f"删除：{then[pk]['description']}" for pk in then if pk not in now]
