"""Who may take a list in."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict
from metrostd.lists import import_moves
from metrostd.lists.services import hand_overs
from metrostd.registry.models import ImportBatch
from metrostd.registry.policies import can_import


def can_commit(user: Actor, batch: ImportBatch) -> Verdict:
    """A list goes in as a whole, so one error holds it back."""
    if not (verdict := _open(user, batch, "入库")):
        return verdict
    waiting = batch.summary["conflicts"]["open"]
    errors = batch.summary["issues"]["error"] - waiting
    if waiting:
        also = f" {errors} 处错误、" if errors else " "
        return Verdict(f"还有{also}{waiting} 项冲突待决定，处理后才能入库。")
    return Verdict(f"还有 {errors} 处错误，改正后才能入库。") if errors else YES


def can_reread(user: Actor, batch: ImportBatch) -> Verdict:
    """Cells and headings may be put right until the list is committed or given up."""
    return _open(user, batch, "改动")


def can_discard(user: Actor, batch: ImportBatch) -> Verdict:
    if not (verdict := can_import(user)):
        return verdict
    if not import_moves.DISCARD.allowed_from(batch.state):
        return Verdict(f"名单目前是“{batch.get_state_display()}”，不能放弃。")
    return YES


def can_undo(user: Actor, batch: ImportBatch) -> Verdict:
    if not (verdict := can_import(user)):
        return verdict
    if not import_moves.UNDO.allowed_from(batch.state):
        return Verdict(f"名单目前是“{batch.get_state_display()}”，没有可撤回的内容。")
    if names := hand_overs.blocking(batch):
        return Verdict(hand_overs.acknowledged_words(names))
    return YES


def _open(user: Actor, batch: ImportBatch, what: str) -> Verdict:
    if not (verdict := can_import(user)):
        return verdict
    if not import_moves.COMMIT.allowed_from(batch.state):
        return Verdict(f"名单目前是“{batch.get_state_display()}”，不能{what}。")
    return YES
