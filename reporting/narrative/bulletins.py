"""通报 as an act of publication: nothing is public before it, and what was published is withdrawn with a reason."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns.models import Campaign
from metrostd.common import audit, clock, public_pages
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.models import Paper as KeptPaper
from metrostd.common.models import StoredFile
from metrostd.common.papers import Words, files_of, paper_maker
from metrostd.common.papers import paper_of as kept_paper
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.common.transitions import Transition, check_state
from reporting.consolidation import consolidated, parts_of
from reporting.enums import BulletinState as State
from reporting.models import Bulletin
from reporting.queries import identities
from reporting.table import Annex3

from . import documents, outcomes, tokens
from .paper import Paper, Plain, from_plain, lines_of, to_plain
from .reading import marks_of

PAPER = "reporting.bulletin"
CREATED, EDITED = "bulletin.create", "bulletin.edit"
#: 附注 of what is published.
_NOTE = "（此件公开发布）"
_LABELS = {
    "title": "标题",
    "text": "内容",
    "basis": "公开依据",
    "visible_from": "公开自",
    "visible_until": "公开至",
}


def table_of(campaign: Campaign) -> Annex3:
    """The city's table, from which a bulletin takes its figures."""
    return consolidated(campaign, parts_of(campaign), now=clock.now())


def unpublishable(row: Bulletin) -> list[str]:
    """What speaks against publication: a figure that is none, a person or a contact, a time that is over."""
    marks = marks_of(identities.people_visited(row.campaign))
    said = outcomes.against(row)
    table = table_of(row.campaign)
    said += tokens.faults(row.text, table) + tokens.blanks(row.text, table)
    for name in ("title", "text", "basis"):
        leaks = marks.leaks(str(getattr(row, name)))
        said += [
            f"{_LABELS[name]}：“{leak.found}”是{leak.kind}，不能公开，请删去。" for leak in leaks
        ]
    if row.visible_until and row.visible_until < clock.today():
        said.append("“公开至”已经过去，请改为今天以后的日期或者不填。")
    return said


PUBLISH = Transition(
    "bulletin.publish", "发布", frozenset({State.DRAFT}), State.PUBLISHED, guards=(unpublishable,)
)
WITHDRAW = Transition(
    "bulletin.withdraw", "撤回", frozenset({State.PUBLISHED}), State.WITHDRAWN, needs_note=True
)
MOVES = (PUBLISH, WITHDRAW)


def writable(row: Bulletin) -> Verdict:
    if row.state == State.DRAFT:
        return YES
    return not_now(f"通报{row.get_state_display()}，不能修改；有误的请撤回后另拟。")


@transaction.atomic
def create(
    campaign: Campaign,
    *,
    words: Mapping[str, object],
    actor: Actor | None,
    about: outcomes.About | None = None,
) -> Bulletin:
    """A draft, seen by the municipal office alone; ``about`` whose result it brings."""
    _require_order(words)
    row = Bulletin(campaign=campaign, **words)
    if about is not None:
        row.kind, row.run, row.authority = about.kind, about.run, about.authority
        row.formed_on = about.formed_on
    row.save()
    audit.record(row, actor=actor, action=CREATED, label="拟写通报", after=_plain(words))
    return row


@transaction.atomic
def update(
    row: Bulletin, *, words: Mapping[str, object], base_version: int, actor: Actor | None
) -> None:
    """Change a draft. Raises StaleError with both values when somebody saved since."""
    _require_order(words)
    held = Bulletin.objects.select_for_update().get(pk=row.pk)
    check_state(writable(held), obj=held)
    before = {name: getattr(held, name) for name in words}
    changed = {name: value for name, value in words.items() if before[name] != value}
    if held.version != base_version:
        both = {
            _LABELS[name]: [str(before[name] or ""), str(words[name] or "")] for name in changed
        }
        raise StaleError(
            "这份通报刚刚被他人修改，请核对后再保存。",
            payload={"version": held.version, "fields": both},
        )
    if not changed:
        return
    Bulletin.objects.filter(pk=row.pk).update(**changed, version=held.version + 1)
    audit.record(
        row, actor=actor, action=EDITED, label="修改通报",
        before=_plain({name: before[name] for name in changed}), after=_plain(changed),
    )  # fmt: skip


@transaction.atomic
def publish(row: Bulletin, *, actor: Actor | None) -> None:
    """Make it public with the figures of now, in the name of whoever does it."""
    Bulletin.objects.select_for_update().get(pk=row.pk)
    now = clock.now()
    paper = paper_of(row, day=local_day(now))
    PUBLISH.apply(
        row,
        actor=actor,
        note=f"依据：{row.basis}；公开自{cn_date(row.visible_from)}"
        + (f"至{cn_date(row.visible_until)}" if row.visible_until else ""),
        published=to_plain(paper),
        searched="\n".join(paper.paragraphs()),
        record=outcomes.public_record(row.run) if row.run else {},
        visits=outcomes.visits_of(row),
        published_at=now,
        published_by=actor,
    )
    file_of(row)
    transaction.on_commit(public_pages.forget)


@transaction.atomic
def withdraw(row: Bulletin, *, actor: Actor | None, note: str) -> None:
    """Nobody outside reads it from here; the office keeps it with the reason."""
    if len(note.strip()) > 300:
        raise ValidationError({"note": "撤回理由最多 300 字，请精简。"})
    WITHDRAW.apply(
        row, actor=actor, note=note, withdrawn_at=clock.now(), withdrawal_reason=note.strip()
    )
    transaction.on_commit(public_pages.forget)


def paper_of(row: Bulletin, *, day: dt.date | None = None) -> Paper:
    """As it would be published now; it bears a day once it is."""
    organiser = row.campaign.organiser
    lines = (*lines_of(row.text, table_of(row.campaign)), *outcomes.tables(row))
    return Paper((row.title,), "", lines, "", organiser.name, cn_date(day), note=_NOTE)


def published(row: Bulletin) -> Paper:
    """As it was published; the day of one that was kept without is that of its publication."""
    told = from_plain(row.published)
    return replace(told, day=told.day or cn_date(row.published_at), note=told.note or _NOTE)


def file_of(row: Bulletin) -> KeptPaper:
    """The paper of a published bulletin, made by a job from its publication on."""
    return kept_paper(PAPER, _words(row), title=f"生成通报“{row.title}”")


def made_file(row: Bulletin) -> StoredFile | None:
    """Its file, once there is one; nothing is begun by whoever reads in public."""
    return files_of(PAPER, [_words(row)])[0]


def _words(row: Bulletin) -> Plain:
    return to_plain(published(row))


@paper_maker(PAPER)
def _pdf(words: Words) -> bytes:
    return documents.report_pdf(from_plain(dict(words)), masthead=True)


def _require_order(words: Mapping[str, object]) -> None:
    begins, ends = words["visible_from"], words["visible_until"]
    if ends and ends < begins:  # type: ignore[operator]  # two days
        raise ValidationError({"visible_until": "“公开至”不能早于“公开自”。"})


def _plain(words: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value or "") for name, value in words.items()}
