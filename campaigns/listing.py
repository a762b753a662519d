"""A list as it is written: shown with all its rows, frozen with what has changed since. Read and compared before that.

Reading a list of thousands of units, comparing and hashing it need nobody to wait; only what is different is written,
in one short transaction that first makes sure that nothing has moved since it was read.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority, ProfessionalField

from . import frames, moves, notifications, unit_frames
from .enums import FrameSubject
from .models import Campaign, FrameExclusion, FrameStandard, SamplingFrame
from .protocol import hashing
from .routing import Rules
from .unit_frames import Basis, Contents, Line

_ENTRY = (
    "unit_id",
    "standard_id",
    "category",
    "field_id",
    "is_priority",
    "unit_key",
    "unit_name",
    "standard_key",
    "standard_name",
)
_EXCLUSION = ("unit_id", "standard_id", "reason", "unit_key", "standard_key")


@transaction.atomic
def keep_shown(
    campaign: Campaign,
    authority: Authority,
    found: frames.Listed,
    *,
    subject: FrameSubject = FrameSubject.UNITS,
    issued_from: dt.date | None = None,
    actor: Actor | None,
) -> SamplingFrame:
    """Write a list that is shown from now on; TransitionError when somebody has shown it meanwhile."""
    try:
        with transaction.atomic():
            frame = SamplingFrame.objects.create(
                campaign=campaign,
                authority=authority,
                subject=subject,
                issued_from=issued_from,
                shown_by=actor,
            )
    except IntegrityError as error:
        raise TransitionError(f"{authority}的名单刚刚已被公示。", obj=campaign) from error
    found.keep(frame)
    audit.record(
        frame,
        actor=actor,
        action="frame.show",
        label="公示名单",
        after=found.counts,
        note=f"{found.said}；公示3天后冻结。",
    )
    return frame


@dataclass(frozen=True, slots=True)
class Prepared:
    """A list as it is to be frozen: what it holds, what of it is not written yet, and its hash."""

    found: frames.Listed
    changes: dict[str, list[Line]]
    #: Of a list of units: what it was read from, the rows to be written, those to be taken off, the hash.
    basis: Basis | None = None
    new: Contents | None = None
    gone: tuple[list[int], list[int]] = ([], [])
    hash: str = ""


def prepare(frame: SamplingFrame) -> Prepared:
    """Read a shown list anew and compare it with what was shown; nothing is stored."""
    if frame.of_bureaus:
        found = frames.read_again(frame)
        return Prepared(found, _changes(frames.kept_lines(frame), found))
    basis = _basis(frame)
    held = unit_frames.contents(basis)
    entries = {row[1:]: row[0] for row in frame.entries.values_list("pk", *_ENTRY)}
    exclusions = {row[1:]: row[0] for row in frame.exclusions.values_list("pk", *_EXCLUSION)}
    # What is left in them afterwards does not belong to the list any more.
    shown = {
        (row[5], row[7]): dict(
            zip(("unit", "unit_name", "standard", "standard_name"), row[5:], strict=True)
        )
        for row in entries
    }
    new = Contents(
        [row for row in held.entries if entries.pop(_values(row, _ENTRY), None) is None],
        [row for row in held.exclusions if exclusions.pop(_values(row, _EXCLUSION), None) is None],
    )
    return Prepared(
        held,
        _changes(shown, held),
        basis,
        new,
        (list(entries.values()), list(exclusions.values())),
        _hash(frame, held),
    )


@transaction.atomic
def keep_frozen(frame: SamplingFrame, prepared: Prepared, *, actor: Actor | None) -> SamplingFrame:
    """Freeze a list as prepared, or as it stands now if anything has moved since; ``frame`` is held by the caller.

    What changed while it was shown is kept beside it; what left is told to 纪检监督.
    """
    if prepared.basis is not None and prepared.basis != _basis(frame):
        prepared = prepare(frame)
    found, changes = prepared.found, prepared.changes
    if prepared.new is None:
        frames.forget(frame)
        found.keep(frame)
    else:
        entries, exclusions = prepared.gone
        frame.entries.filter(pk__in=entries).delete()
        frame.exclusions.filter(pk__in=exclusions).delete()
        prepared.new.keep(frame)
    hashed = prepared.hash or hashing.hash_of("frame", frames.json_of(frame)).hex()
    moves.FREEZE.apply(
        frame,
        actor=actor,
        frozen_at=clock.now(),
        frozen_by=actor,
        hash=hashed,
        changes=changes,
        note=f"{found.said}。",
    )
    audit.record(
        frame,
        actor=actor,
        action="frame.hash",
        label="名单内容",
        after={"hash": hashed, **found.counts},
        note=f"公示期间移出{len(changes['left'])}项，增加{len(changes['joined'])}项。",
    )
    if changes["left"]:
        notifications.tell_left_list(frame, changes["left"])
    return frame


def _basis(frame: SamplingFrame) -> Basis:
    return unit_frames.basis_of(frame.campaign, frame.authority, Rules.in_force())


def _values(row: FrameStandard | FrameExclusion, columns: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in columns)


def _hash(frame: SamplingFrame, held: Contents) -> str:
    codes = dict(ProfessionalField.objects.values_list("pk", "code"))
    rows = (
        (
            e.unit_key,
            e.unit_name,
            e.standard_key,
            codes[e.field_id] if e.field_id else None,
            e.category,
            e.is_priority,
            e.standard_name,
        )
        for e in held.entries
    )
    left_out = ((x.unit_key, x.standard_key, x.reason) for x in held.exclusions)
    content = frames.as_json(frame, frames.group(rows), left_out)
    return hashing.hash_of("frame", content).hex()


def _changes(before: unit_frames.Lines, found: frames.Listed) -> dict[str, list[Line]]:
    """What left a list while it was shown, with the reason, and what joined it."""
    now, why = found.lines(), found.reasons
    gone = [
        line | {"reason": why.get(key, "不再属于本名单")}
        for key, line in before.items()
        if key not in now
    ]
    return {"left": gone, "joined": [line for key, line in now.items() if key not in before]}
