"""Papers of certain words: the words stand still in the request, a job makes the paper of them, once.

The same words are the same paper, byte for byte, whenever and by whomever it is asked for. Other words
(a decision more, a mark of withdrawal) are another paper.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from .jobs import PAPERS, Progress, job_runner, start_job
from .models import Job, Paper, StoredFile
from .uploads import PDF, store_bytes

JOB = "common.paper"

#: Any: words as they come back from JSON; whoever makes the paper knows their shape.
Words = Mapping[str, Any]
Maker = Callable[[Words], bytes]

_makers: dict[str, Maker] = {}
_types: dict[str, str] = {}


def paper_maker(kind: str, *, media_type: str = PDF) -> Callable[[Maker], Maker]:
    """Register what lays out the papers of a kind, from their words alone."""

    def register(maker: Maker) -> Maker:
        _makers[kind], _types[kind] = maker, media_type
        return maker

    return register


def paper_of(kind: str, words: Mapping[str, object], *, title: str) -> Paper:
    """The paper of these words; the first time they are said, its making is queued.

    The words are what was decided and by whom: no right is asked again when their paper is laid out.
    """
    said = plain(words)
    with transaction.atomic():
        paper, is_new = Paper.objects.select_related("file", "job").get_or_create(
            kind=kind, digest=_digest(said), defaults={"words": said}
        )
        if is_new:
            make_again(paper, title=title)
    return paper


def files_of(kind: str, said: Iterable[Mapping[str, object]]) -> list[StoredFile | None]:
    """The files of the papers of these words, in their order, as far as they are made; nothing is begun."""
    digests = [_digest(plain(words)) for words in said]
    rows = Paper.objects.filter(kind=kind, digest__in=digests).select_related("file")
    made = {row.digest: row.file for row in rows}
    return [made.get(digest) for digest in digests]


def laid_out(kind: str, words: Words) -> bytes:
    """The paper of these words; nothing is kept."""
    return _makers[kind](words)


def keep(kind: str, words: Mapping[str, object], made: bytes) -> None:
    """Keep a paper that was laid out elsewhere; one that is kept stays."""
    said = plain(words)
    paper, _ = Paper.objects.get_or_create(
        kind=kind, digest=_digest(said), defaults={"words": said}
    )
    if paper.file_id is None:
        stored = store_bytes(made, media_type=_types[kind])
        Paper.objects.filter(pk=paper.pk, file=None).update(file=stored)


def make_again(paper: Paper, *, title: str) -> Job:
    """Queue the making of a paper that is not there."""
    paper.job = start_job(JOB, title=title[:200], owner=None, paper=paper.pk)
    Paper.objects.filter(pk=paper.pk).update(job=paper.job)
    return paper.job


@job_runner(JOB, queue=PAPERS)
def make(job: Job, progress: Progress) -> str:
    """Lay out a paper and keep it; one that is kept is not made again."""
    paper = Paper.objects.get(pk=job.arguments["paper"])
    if paper.file_id is None:
        progress(0, 1, "排版")
        made = laid_out(paper.kind, paper.words)
        stored = store_bytes(made, media_type=_types[paper.kind])
        Paper.objects.filter(pk=paper.pk, file=None).update(file=stored)
    progress(1, 1, "已归档")
    return ""


# Any: JSON as it comes back from a column
def plain(words: Mapping[str, object]) -> dict[str, Any]:
    """Words as they come back from JSON."""
    return json.loads(json.dumps(words, cls=DjangoJSONEncoder))  # type: ignore[no-any-return]


def _digest(plain: object) -> str:
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
