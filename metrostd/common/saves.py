"""Saves that several apps write alike: what may be there only once, many answers at once."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F

from metrostd.common.actors import Actor

from . import clock

_CHUNK = 500


@contextmanager
def only_once(refusal: str) -> Iterator[None]:
    """Refuse in these words (ValidationError) what a constraint of the database knows already.

    Two persons doing the same at once are told apart by the constraint, not by a look beforehand.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ValidationError(refusal) from None


@contextmanager
def asked_again(check: Callable[[], object]) -> Iterator[None]:
    """As ``only_once`` for what was looked at beforehand and is refused in more than one sentence.

    ``check`` is that look: it raises ValidationError now that it sees the other's row.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        check()
        raise


def write_answers(
    rows: models.QuerySet, values: Mapping[int, tuple[str, str]], *, actor: Actor | None
) -> None:
    """Set answer and note of rows by primary key, count their versions up, name who and when.

    Most answers of a sheet say the same, so one UPDATE per distinct value is far cheaper than a CASE
    over every row. One client id stands for the whole batch: it is one save. The caller has locked and
    checked the rows and writes the trail.
    """
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, (answer, note) in values.items():
        alike[answer, note.strip()].append(pk)
    stamp = {"client_id": uuid.uuid4(), "answered_by": actor, "answered_at": clock.now()}
    for (answer, note), pks in alike.items():
        for start in range(0, len(pks), _CHUNK):
            rows.filter(pk__in=pks[start : start + _CHUNK]).update(
                answer=answer, note=note, version=F("version") + 1, **stamp
            )
