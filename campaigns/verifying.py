"""A draw computed again from its record, by the algorithm it was made with; every difference a sentence."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from metrostd.registry.models import Unit

from . import bureau_draws, frames, settling, terms
from .enums import DrawKind, DrawReason
from .models import DrawnUnit, DrawRun, DrawTerms, SupplementaryDraw
from .protocol import first, hashing, lottery, witness
from .protocol.order import Drawn

#: What of the terms stands in columns of its own, in words.
_NAMES = {
    "authority": "抽取部门",
    "campaign": "专项行动",
    "issue": "期号",
    "kind": "事项",
    "moment": "时间",
    "number": "序号",
}


class Line(NamedTuple):
    """One drawn unit, whoever names it: the record or the calculation."""

    unit: int | None
    order: int
    standards: frozenset[tuple[int | None, str]]


def verify_draw(run: DrawRun) -> list[str]:
    """Every difference between the record of a draw and its calculation, none when it holds.

    Checked are list, terms, commitment, seed, number, units in their order, their standards, and the hash of
    the result, of the draw and of what followed it. Directed additions are not part of the random result.
    """
    if run.algorithm == first.ALGORITHM:
        return _first(run)
    row = terms.of_run(run)
    if run.algorithm != hashing.ALGORITHM or row is None:
        return [f"算法版本“{run.algorithm}”不能由本系统重算（现为“{hashing.ALGORITHM}”）。"]
    found = _frame(run)
    rows = None if run.frame.of_bureaus else _random(run)
    found += _under(run, row, seed=run.seed, result=run.result_hash, rows=rows)
    if run.ratio != row.ratio:
        found.append(f"抽查比例不一致：记录为{run.ratio}%，约定为{row.ratio}%。")
    if run.required != row.required:
        found.append(f"应抽单位数不一致：记录为{run.required}，约定为{row.required}。")
    for extra in run.supplements.select_related("run__frame", "terms__run"):
        found += [f"第{extra.number}次{extra.label}：{line}" for line in _later(run, extra)]
    return found


def _frame(run: DrawRun) -> list[str]:
    hashed = hashing.hash_of("frame", frames.json_of(run.frame)).hex()
    if hashed == run.frame.hash:
        return []
    return [f"抽样框哈希不一致：记录为{run.frame.hash}，按现存条目重算为{hashed}。"]


def _later(run: DrawRun, extra: SupplementaryDraw) -> list[str]:
    if extra.algorithm == first.SUPPLEMENT:
        return _first_supplement(run, extra)
    if extra.terms is None:
        return [f"算法版本“{extra.algorithm}”不能由本系统重算。"]
    rows = extra.drawn.all()
    return _under(run, extra.terms, seed=extra.seed, result=extra.result_hash, rows=rows)


def _under(
    run: DrawRun, row: DrawTerms, *, seed: str, result: str, rows: QuerySet[DrawnUnit] | None
) -> list[str]:
    """What differs between what was kept under these terms and what they give; no ``rows``: bureaus."""
    found = []
    hashed = hashing.digest("terms", row.text.encode())
    if hashed.hex() != row.hash or row.content["frame"] != run.frame.hash:
        found.append("抽取约定的内容与其哈希或者名单不一致。")
    if hashing.commitment(hashed, terms.nonce_of(row)).hex() != row.commitment:
        found.append("公布的随机数与事先的承诺不一致。")
    found += _announced(row)
    found += _witnessed(row)
    again = settling.seed_of(row)
    if again.hex() != seed:
        found.append(
            f"种子不一致：记录为{seed}，按约定、随机数和{lottery.in_words(row.value)}重算为{again.hex()}。"
        )
    drawn = settling.result_of(row, again)
    if rows is None:
        found += bureau_draws.differences(run, drawn)
    else:
        found += compare(recorded(rows), _planned(run, drawn))
    computed = hashing.result_hash(
        [unit.as_json() for unit in drawn], required=row.required, seed=again, terms=hashed
    )
    if computed != result:
        found.append(f"结果哈希不一致：记录为{result}，重算为{computed}。")
    return found


def _announced(row: DrawTerms) -> list[str]:
    """What the portal goes by is what was announced, in the order and with the days between that the protocol asks."""
    said, frame = row.content, row.frame
    kept = {
        "authority": frame.authority.code,
        "campaign": frame.campaign.code,
        "issue": row.issue,
        "kind": row.kind,
        "moment": terms.clock_text(row.moment),
        "number": row.number,
    }
    found = [
        f"约定的{_NAMES[key]}不一致：记录为{value}，公布的是{said.get(key)}。"
        for key, value in kept.items()
        if said.get(key) != value
    ]
    if not witness.is_value(row.value) and not lottery.follows(row.value, row.issue):
        found.append(f"{lottery.in_words(row.value)}不是约定的第{row.issue}期或者其后的一期。")
    if not _in_time(row):
        found.append("公布、收悉、录入和抽取的时间不符合先后次序，或者收悉不足24小时。")
    return found


def _in_time(row: DrawTerms) -> bool:
    """Announced, acknowledged a day before the moment, entered after it, confirmed last."""
    entered = row.fallback_at if row.fallback_at and not witness.is_value(row.value) else row.moment
    steps = (row.announced_at, row.acknowledged_at, row.entered_at, row.confirmed_at)
    if None in steps:
        return False
    announced, acknowledged, typed, confirmed = (step for step in steps if step is not None)
    early = acknowledged <= row.moment - terms.BEFORE
    return announced <= acknowledged and early and max(entered, row.moment) <= typed <= confirmed


def _witnessed(row: DrawTerms) -> list[str]:
    """Every number is the one committed to, and the value is made of them and nothing else."""
    if not witness.is_value(row.value):
        return []
    places = list(row.witnesses.all())
    found = [
        f"见证人{each.person}公布的数与其承诺不一致。"
        for each in places
        if each.commitment
        != witness.commitment(
            bytes.fromhex(row.hash), each.person, salt=each.salt, number=each.number
        )
    ]
    if row.value != witness.value_of([each.number for each in places]):
        found.append("公开的数与见证人公布的不一致。")
    if [each.person for each in places] != row.content.get("witnesses"):
        found.append("见证人与约定中列名的不一致。")
    return found


def _random(run: DrawRun) -> QuerySet[DrawnUnit]:
    return run.drawn.filter(kind=DrawKind.RANDOM, supplement=None)


def _planned(run: DrawRun, drawn: Iterable[Drawn]) -> list[Line]:
    """What was computed, by the keys of this database."""
    entries = run.frame.entries.values_list("unit_key", "standard_key", "unit_id", "standard_id")
    units, standards = {}, {}
    for unit, standard, unit_id, standard_id in entries:
        units[unit] = unit_id
        standards[unit, standard] = standard_id
    return [
        Line(
            units.get(row.id),
            row.order,
            frozenset((standards.get((row.id, pick.id)), pick.why) for pick in row.standards),
        )
        for row in drawn
    ]


def recorded(drawn: QuerySet[DrawnUnit]) -> list[Line]:
    """What chance gave, as the record has it; further standards were taken by people."""
    return [
        Line(
            row.unit_id,
            row.order,
            frozenset(
                (s.standard_id, s.why) for s in row.standards.all() if s.why != DrawReason.EXTRA
            ),
        )
        for row in drawn.order_by("order").prefetch_related("standards")
    ]


def compare(kept: Iterable[Line], planned: Iterable[Line]) -> list[str]:
    """Every difference between the record and the calculation, as a sentence."""
    before = {line.order: line for line in kept}
    after = {line.order: line for line in planned}
    ids = {line.unit for line in (*before.values(), *after.values()) if line.unit is not None}
    names: dict[int | None, str] = dict(
        Unit.with_merged.filter(pk__in=ids).values_list("pk", "name")
    )
    found = []
    for order in sorted(before.keys() | after.keys()):
        old, new = before.get(order), after.get(order)
        if old is None or new is None or old.unit != new.unit:
            found.append(
                f"第{order}个抽中单位不一致：记录为{names.get(old.unit, '无') if old else '无'}，"
                f"重算为{names.get(new.unit, '无') if new else '无'}。"
            )
        elif old.standards != new.standards:
            found.append(
                f"第{order}个抽中单位{names.get(old.unit, '')}的计量标准与重算结果不一致。"
            )
    return found


# The first algorithm -----------------------------------------------------------------------------


def _lines(drawn: Iterable[first.PlannedUnit]) -> list[Line]:
    return [
        Line(row.id, row.order, frozenset((pick.id, pick.why) for pick in row.standards))
        for row in drawn
    ]


def _first(run: DrawRun) -> list[str]:
    plan = first.draw(frames.units_of(run.frame), ratio=run.ratio, seed=run.seed)
    found = []
    if plan.frame_hash != run.frame.hash:
        found.append(
            f"抽样框哈希不一致：记录为{run.frame.hash}，按现存条目重算为{plan.frame_hash}。"
        )
    if plan.required != run.required:
        found.append(f"应抽单位数不一致：记录为{run.required}，重算为{plan.required}。")
    found += compare(recorded(_random(run)), _lines(plan.drawn))
    if plan.result_hash != run.result_hash:
        found.append(f"结果哈希不一致：记录为{run.result_hash}，重算为{plan.result_hash}。")
    for extra in run.supplements.all():
        found += [f"第{extra.number}次补充抽取：{line}" for line in _later(run, extra)]
    return found


def _first_supplement(run: DrawRun, extra: SupplementaryDraw) -> list[str]:
    rows = recorded(extra.drawn.all())
    plan = first.supplement(
        frames.units_of(run.frame),
        taken=extra.taken,
        fields=extra.fields,
        seed=extra.seed,
        base=extra.base,
        last=min((row.order for row in rows), default=1) - 1,
    )
    found = compare(rows, _lines(plan.drawn))
    if plan.result_hash != extra.result_hash:
        found.append(f"结果哈希不一致：记录为{extra.result_hash}，重算为{plan.result_hash}。")
    return found
