"""Bureaus that were drawn with their case files: written down, told in a record, compared with a calculation."""

from collections.abc import Iterable

from .models import DrawnBureau, DrawnCase, DrawRun, FrameBureau, FrameCase
from .protocol.order import Drawn


def store(run: DrawRun, drawn: Iterable[Drawn]) -> None:
    """Write what chance has picked, with the names of the day of freezing."""
    listed = {row.key: row for row in FrameBureau.objects.filter(frame=run.frame_id)}
    frozen = FrameCase.objects.filter(listed__frame=run.frame_id)
    cases = {(row.listed_id, row.key): row for row in frozen}
    for line in drawn:
        of = listed[line.id]
        made = DrawnBureau.objects.create(
            run=run, bureau_id=of.bureau_id, order=line.order, named=of.name
        )
        picked = [cases[of.pk, pick.id] for pick in line.standards]
        DrawnCase.objects.bulk_create(
            DrawnCase(
                drawn=made,
                certificate_id=case.certificate_id,
                category=case.category,
                field_id=case.field_id,
                why=pick.why,
                key=case.key,
                named=case.name,
            )
            for case, pick in zip(picked, line.standards, strict=True)
        )


def as_json(run: DrawRun) -> list[dict[str, object]]:
    """What was drawn, by the identities that were frozen, as it is hashed."""
    keys = dict(FrameBureau.objects.filter(frame=run.frame_id).values_list("bureau_id", "key"))
    rows = run.bureaus.order_by("order").prefetch_related("cases__field")
    return [
        {
            "order": row.order,
            "standards": [
                {"field": case.field.code if case.field else "", "id": case.key, "why": case.why}
                for case in sorted(row.cases.all(), key=lambda case: case.pk)
            ],
            "unit": keys[row.bureau_id],
        }
        for row in rows
    ]


def differences(run: DrawRun, drawn: Iterable[Drawn]) -> list[str]:
    """What of the record is not what was computed, as sentences."""
    kept = {str(row["order"]): row for row in as_json(run)}
    again = {str(line.order): line.as_json() for line in drawn}
    return [
        f"第{order}个抽中的区局或者其案卷与重算结果不一致。"
        for order in sorted(kept.keys() | again.keys(), key=int)
        if kept.get(order) != again.get(order)
    ]
