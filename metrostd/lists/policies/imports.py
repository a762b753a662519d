"""Who may take a list in."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.lists.moves import imports as import_moves
from metrostd.lists.services import hand_overs
from metrostd.registry.models import ImportBatch
from metrostd.registry.policies import can_import


def can_commit(user: Actor, batch: ImportBatch) -> Verdict:
    """A list goes in as a whole, so one error holds it back."""
    if not (verdict := can_import(user) and import_moves.COMMIT.verdict(batch)):
        return verdict
    waiting = batch.summary["conflicts"]["open"]
    errors = batch.summary["issues"]["error"] - waiting
    if waiting:
        also = f" {errors} 处错误、" if errors else " "
        return not_now(f"还有{also}{waiting} 项冲突待决定，处理后才能入库。")
    return not_now(f"还有 {errors} 处错误，改正后才能入库。") if errors else YES


def can_reread(user: Actor, batch: ImportBatch) -> Verdict:
    """Cells and headings may be put right until the list is committed or given up."""
    return can_import(user) and import_moves.COMMIT.verdict(batch)


def can_discard(user: Actor, batch: ImportBatch) -> Verdict:
    return can_import(user) and import_moves.DISCARD.verdict(batch)


def can_undo(user: Actor, batch: ImportBatch) -> Verdict:
    if not (verdict := can_import(user) and import_moves.UNDO.verdict(batch)):
        return verdict
    if names := hand_overs.blocking(batch):
        return not_now(hand_overs.acknowledged_words(names))
    return YES
