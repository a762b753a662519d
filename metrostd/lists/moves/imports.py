"""How an import moves, and how a newer list moves the certificates it names."""

from django.db import transaction

from metrostd.common.actors import Actor
from metrostd.common.transitions import Transition, bulk_apply
from metrostd.registry.enums import CertificateState, ImportState
from metrostd.registry.models import ImportBatch, StandardCertificate

_S = CertificateState

#: An import taken back may be committed again: what it would do is worked out anew each time.
COMMIT = Transition(
    "import.commit",
    "入库",
    frozenset({ImportState.PARSED, ImportState.UNDONE}),
    ImportState.COMMITTED,
)
UNDO = Transition(
    "import.undo",
    "撤回",
    frozenset({ImportState.COMMITTED}),
    ImportState.UNDONE,
    needs_note=True,
    otherwise="没有可撤回的内容",
)
DISCARD = Transition(
    "import.discard", "放弃", frozenset({ImportState.PARSED}), ImportState.DISCARDED
)

MOVES = (COMMIT, UNDO, DISCARD)

#: States that follow from number and dates alone. A list never touches a certificate that was sealed
#: or ended by a decision.
BY_DATE = frozenset({_S.DRAFT, _S.VALID, _S.EXPIRING, _S.EXPIRED})
_FROM = BY_DATE | {_S.REEXAM_APPLIED}
#: The issuing authority's list gives new dates or a number.
RELIST: dict[str, Transition] = {
    state.value: Transition(f"certificate.relist_{state}", "按名单更新", _FROM - {state}, state)
    for state in sorted(BY_DATE)
}
#: Taking an import back restores the state that stood before it.
RESTORE: dict[str, Transition] = {
    state.value: Transition(
        f"certificate.restore_{state}", "撤回名单导入", BY_DATE - {state}, state
    )
    for state in sorted(_FROM)
}
CERTIFICATE_MOVES = (*RELIST.values(), *RESTORE.values())


@transaction.atomic
def discard(batch: ImportBatch, *, actor: Actor | None, note: str = "") -> None:
    """Give up a list that was never committed; the original file stays on record."""
    DISCARD.apply(batch, actor=actor, note=note)


def move_certificates(
    moves: dict[str, Transition],
    wanted: dict[str, list[StandardCertificate]],
    *,
    actor: Actor | None,
    note: str,
) -> int:
    """Move certificates to the states named as keys, with one UPDATE per state."""
    return sum(
        bulk_apply(moves[state], rows, actor=actor, note=note) for state, rows in wanted.items()
    )
