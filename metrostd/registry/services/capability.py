"""Writes of tests: the formulas decide, and later tests that rest on a changed one are recomputed."""

import datetime as dt

from django.db import transaction

from metrostd.common import act_dates, audit
from metrostd.common.actors import Actor
from metrostd.common.shapes import Values
from metrostd.registry.capability import Entry, History, Judgement, judge, rounded
from metrostd.registry.enums import Reassessment, TestKind, TestMethod, TestOutcome
from metrostd.registry.models import CapabilityTest, MeasurementStandard
from metrostd.registry.moves import record as record_moves

from .editing import create_record, labelled, write_changes

_COMPUTED = ("n", "m", "mean", "statistic", "limit", "limit_basis", "outcome")


@transaction.atomic
def add_test(
    standard: MeasurementStandard,
    entry: Entry,
    *,
    tested_on: dt.date,
    values: Values,
    actor: Actor | None,
) -> CapabilityTest:
    """Judge and record a test; ``values`` are the columns a person typed (subject, unit, note, file).

    ``tested_on`` counts where the entry has no readings. Raises ValidationError when the formulas
    refuse the entry.
    """
    test = CapabilityTest(standard=standard, **values)
    for name, value in computed(test, entry, tested_on=tested_on).items():
        setattr(test, name, value)
    create_record(test, actor=actor)
    recompute_series(test, actor=actor)
    return test


@transaction.atomic
def update_test(
    test: CapabilityTest,
    entry: Entry,
    *,
    base_version: int,
    tested_on: dt.date,
    values: Values,
    actor: Actor | None,
) -> dict[str, list[str]]:
    """Correct a test and judge it anew; returns old and new by label.

    Raises StaleError with both values, ValidationError when the formulas refuse the entry.
    """
    draft = CapabilityTest(pk=test.pk, standard_id=test.standard_id, **values)
    everything = {**values, **computed(draft, entry, tested_on=tested_on)}
    before = CapabilityTest.objects.get(pk=test.pk)
    changes = write_changes(test, base_version=base_version, values=everything, actor=actor)
    recompute_series(before, actor=actor)
    recompute_series(test, actor=actor)
    return labelled(test, changes)


@transaction.atomic
def void_test(test: CapabilityTest, *, actor: Actor | None, note: str) -> None:
    """作废; later tests that rested on it rest on the one before."""
    record_moves.void(test, actor=actor, note=note)
    recompute_series(test, actor=actor)


@transaction.atomic
def restore_test(test: CapabilityTest, *, actor: Actor | None, note: str) -> None:
    """Undo a void."""
    record_moves.restore(test, actor=actor, note=note)
    recompute_series(test, actor=actor)


def computed(test: CapabilityTest, entry: Entry, *, tested_on: dt.date) -> dict[str, object]:
    """Every column the entry decides; ``test`` tells the series it belongs to."""
    day = max((group.on for group in entry.groups), default=tested_on)
    act_dates.check_fact(tested_on, field="tested_on", what="试验日期")
    act_dates.check_fact(day, field="tested_on", what="试验日期")
    test.kind, test.method = entry.method.kind, entry.method
    test.year, test.tested_on = day.year, day
    found = judge(entry, history_of(test, series_of(test)))
    return {
        "kind": entry.method.kind.value,
        "method": entry.method.value,
        "year": day.year,
        "tested_on": day,
        "values": entry.as_json(),
        "reassessment": entry.reassessment.value if entry.reassessment else "",
        **columns(found),
    }


def columns(found: Judgement) -> dict[str, object]:
    """A judgement as columns."""
    numbers = {
        name: None if value is None else rounded(value)
        for name, value in (
            ("mean", found.mean),
            ("statistic", found.statistic),
            ("limit", found.limit),
        )
    }
    return {
        "n": found.n,
        "m": found.m,
        **numbers,
        "limit_basis": found.basis.value if found.basis else "",
        "outcome": found.outcome.value,
    }


def series_of(test: CapabilityTest) -> list[CapabilityTest]:
    """Recorded tests of the same kind and object, the oldest first: what a test may rest on."""
    return list(
        CapabilityTest.objects.recorded()
        .filter(standard=test.standard_id, kind=test.kind, subject=test.subject)
        .order_by("tested_on", "pk")
    )


def history_of(test: CapabilityTest, series: list[CapabilityTest]) -> History:
    """What the tests before this one say: the repeatability in force, the mean of an earlier year."""
    established = previous = year = None
    for earlier in series:
        measured = earlier.kind == TestKind.STABILITY and earlier.mean is not None
        if earlier.pk == test.pk or earlier.tested_on >= test.tested_on:
            continue
        if earlier.kind == TestKind.REPEATABILITY:
            if earlier.outcome == TestOutcome.BASELINE or _adopted(earlier):
                established = earlier.statistic
            elif earlier.limit is not None:
                established = earlier.limit
        elif measured and earlier.year < test.year:  # a control chart measures nothing
            previous, year = earlier.mean, earlier.year
    return History(established=established, previous=previous, previous_year=year)


def _adopted(test: CapabilityTest) -> bool:
    """A larger repeatability whose uncertainty, evaluated anew, still serves: the new measure."""
    return (
        test.reassessment == Reassessment.MEETS
        and test.limit is not None
        and test.statistic is not None
        and test.statistic > test.limit
    )


def recompute_series(changed: CapabilityTest, *, actor: Actor | None) -> None:
    """Judge later tests of the series again; those whose result changes are written with a trail."""
    series = series_of(changed)
    for test in series:
        if test.pk == changed.pk or test.tested_on < changed.tested_on:
            continue
        if test.method not in (TestMethod.REPEATED, TestMethod.YEARLY):
            continue
        entry = Entry.from_json(test.method, test.values, test.reassessment)
        new = columns(judge(entry, history_of(test, series)))
        old = {name: getattr(test, name) for name in _COMPUTED}
        differing = {name: [old[name], new[name]] for name in _COMPUTED if old[name] != new[name]}
        if not differing:
            continue
        for name in differing:
            setattr(test, name, new[name])
        test.version += 1
        test.save(update_fields=[*differing, "version"])
        words = labelled(test, differing)
        audit.record(
            test,
            actor=actor,
            action="capability.recompute",
            label="重新判定",
            before={label: was for label, (was, _) in words.items()},
            after={label: now for label, (_, now) in words.items()},
            note=f"“{changed}”有变动",
        )
