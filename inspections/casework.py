"""The facts of a case file as the team writes them down while the visit is under way."""

from collections.abc import Iterable

from django.db import transaction

from metrostd.common.actors import Actor
from metrostd.registry.services.editing import write_changes

from .case_lines import said_of
from .models import CaseAppraiser, CaseRecord
from .services import require_filling


@transaction.atomic
def save_case(
    record: CaseRecord,
    values: dict[str, object],
    appraisers: Iterable[dict[str, object]],
    *,
    base_version: int,
    actor: Actor | None,
) -> None:
    """Write days, papers and people of a case file; an old page is refused with both values.

    TransitionError when the visit is not being filled in any more.
    """
    require_filling(record.sheet.task)
    rows = list(appraisers)
    before = [said_of(row) for row in record.appraisers.select_related("membership")]
    made = [CaseAppraiser(record=record, **row) for row in rows]
    after = [said_of(row) for row in made]
    extra = {} if before == after else {"考评员": ["；".join(before), "；".join(after)]}
    write_changes(
        record,
        base_version=base_version,
        values=values | {"saved_by": actor},
        actor=actor,
        extra=extra,
        action="case_record.save",
        label="填写案卷要素",
    )
    if extra:
        record.appraisers.all().delete()
        CaseAppraiser.objects.bulk_create(made)
