"""The code on a receipt: what alone opens state and answer to whoever brought the matter.

It follows from a number the form carries, so that a form sent twice gives the same receipt. The code is
kept nowhere: the database has its keyed digest.
"""

import uuid

from metrostd.accounts.codes import ALPHABET, read
from metrostd.common import sealing

#: 79 bits: nobody meets one by trying.
LENGTH = 16


def code_of(sent: uuid.UUID) -> str:
    """The code that belongs to a form."""
    left, signs = int(sealing.fingerprint("complaint-code", str(sent)), 16), []
    for _ in range(LENGTH):
        left, place = divmod(left, len(ALPHABET))
        signs.append(ALPHABET[place])
    return "".join(signs)


def digest_of(typed: str) -> str:
    """What is kept of a code, however it is typed."""
    return sealing.fingerprint("complaint", read(typed))


def shown(code: str) -> str:
    """As people copy it: ABCD-FGHJ-KLMN-PQRS."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))
