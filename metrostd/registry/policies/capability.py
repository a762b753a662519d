"""Who may keep the tracing, tests, persons, items and public certificates of a standard."""

from typing import Protocol

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.registry.enums import Category, RecordState
from metrostd.registry.models import MeasurementStandard

from .records import can_maintain


class Kept(Protocol):
    """A record of a standard that may be void."""

    state: str

    @property
    def standard(self) -> MeasurementStandard: ...


def can_edit_record(user: Actor, record: Kept) -> Verdict:
    """Whoever maintains the standard; a void record is history."""
    if not (verdict := can_maintain(user, record.standard)):
        return verdict
    if record.state == RecordState.VOID:
        return not_now("记录已作废，不能修改；作废有误时请先“撤销作废”。")
    return YES


def can_void_record(user: Actor, record: Kept) -> Verdict:
    if not (verdict := can_maintain(user, record.standard)):
        return verdict
    return not_now("记录已经作废。") if record.state == RecordState.VOID else YES


def can_restore_record(user: Actor, record: Kept) -> Verdict:
    if not (verdict := can_maintain(user, record.standard)):
        return verdict
    return YES if record.state == RecordState.VOID else not_now("记录没有作废。")


def can_add_public_certificate(user: Actor, standard: MeasurementStandard) -> Verdict:
    """计量法实施细则第八条: only a public standard has such a certificate."""
    if not (verdict := can_maintain(user, standard)):
        return verdict
    if standard.category not in Category.public:
        return not_now("只有社会公用计量标准才有社会公用计量标准证书。")
    return YES
