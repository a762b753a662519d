"""Every write leaves a trail row: what the tests see written, request by request and transaction by transaction.

The whole suite is watched: ``TrailWatchMiddleware`` stands around every request of every test (tests/settings.py), the
administration site included, and the sample city is played under a ``Watch``, which looks at each transaction. A table
that may be written without a row stands here with its reason.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

_ROOT = Path(__file__).resolve().parent.parent
_WRITE = re.compile(
    r'\s*(?:INSERT INTO|INSERT OR \w+ INTO|UPDATE|DELETE FROM)\s+(?:"?main"?\.)?"?(\w+)"?', re.I
)
_SAVEPOINT = re.compile(r'\s*(SAVEPOINT|ROLLBACK TO SAVEPOINT)\s+"?(\w+)"?', re.I)

TRAIL = frozenset({"common_auditentry", "common_accessentry"})
#: Tables that are written without a row, and why nothing that could be disputed is lost with that.
WITHOUT_ROW = {
    "temp": "rows made beside the register; moving them in leaves theirs",
    "sqlite_sequence": "keys reserved for such rows",
    "django_session": "a session, not a record",
    "accounts_signedin": "when a session was last used",
    "accounts_signincounter": "attempts to sign in, counted",
    "accounts_secondfactor": "a secret shown on the page, nothing before it is confirmed; that leaves a row",
    "common_job": "work that waits; what it does leaves its rows",
    "common_paper": "words that wait for their paper; the act they are about has its row",
    "common_storedfile": "bytes by their hash; what names them has its row",
    "common_exportedfile": "what an export left; that it was made and fetched is an access",
    "notifications_message": "a message, and that it was read: its own record",
    "notifications_line": "a notice: its own record of who was told what, when and how",
    "notifications_envelope": "a mail: its own record",
    "notifications_attempt": "a try to send a mail: its own record",
    "notifications_webhookdelivery": "what another system was told: its own record",
    "notifications_webhookattempt": "a try to tell it: its own record",
    "campaigns_chosencampaign": "which campaign somebody looks at; what they see there is asked anew by each page",
    "common_keptlist": "a list with its filter somebody keeps for themselves",
    "complaints_visitorcount": "how often an address wrote, counted",
    "inspections_tasklease": "when a device was heard of last; taken along, given back and shut out leave their rows",
    "inspections_leasereceipt": "that a device has handed in a piece; what the piece says leaves its rows",
    "inspections_leasepiece": "a piece on its way from a device; what it says leaves its rows",
    "risk_counting": "figures counted from the register beforehand; what they are counted from has its rows",
    "risk_countingpart": "the same, by district",
    "trail_trailblock": "the seal on the trail itself",
    "trail_sealedrow": "the seal on the trail itself",
}

#: Lines that may write by themselves, because the row is written by another transaction of the same act.
ELSEWHERE = {
    "campaigns/routing.py:_write": "batches of an opening; campaign.route says the whole once all of it is there",
}


class Written:
    """An execute wrapper that knows which tables the statements so far have written and not taken back."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        self._marks: dict[str, int] = {}

    def __call__(
        self, execute: Callable, sql: str, params: object, many: bool, context: dict
    ) -> object:
        result = execute(sql, params, many, context)
        if found := _WRITE.match(sql):
            self.saw(found[1].lower())
        elif found := _SAVEPOINT.match(sql):
            if found[1].upper() == "SAVEPOINT":
                self._marks[found[2]] = len(self.tables)
            else:
                del self.tables[self._marks.get(found[2], 0) :]
        return result

    def saw(self, table: str) -> None:
        self.tables.append(table)

    def forget(self) -> None:
        self.tables, self._marks = [], {}

    def bare(self) -> frozenset[str]:
        """What was written, when no row of the trail was."""
        written = frozenset(self.tables)
        return frozenset() if written & TRAIL else written.difference(WITHOUT_ROW)


class TrailWatchMiddleware:
    """Fails a test whose request wrote something and left no row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        written = Written()
        with connection.execute_wrapper(written):
            response = self.get_response(request)
        if response.status_code < 400 and (bare := written.bare()):
            raise AssertionError(
                f"{request.method} {request.path} wrote {sorted(bare)} and left no trail row "
                "(a table that needs none stands in tests/trail_watch.py with its reason)"
            )
        return response


class Watch(Written):
    """Looks at every transaction by itself: (lines that led there, tables) of those that left no row, and how often."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, frozenset[str]], int] = {}
        self._site = ""

    def saw(self, table: str) -> None:
        if self.close not in [call for _, call, *_ in connection.run_on_commit]:
            self.forget()  # what was before has been rolled back
            self._site = ""
            if not connection.in_atomic_block:
                self.tables, self._site = [table], site()
                self.close()
                return
            transaction.on_commit(self.close)
        if table not in TRAIL and table not in WITHOUT_ROW and not self._site:
            self._site = site()
        super().saw(table)

    def close(self) -> None:
        if bare := self.bare():
            key = (self._site, bare)
            self.found[key] = self.found.get(key, 0) + 1
        self.forget()
        self._site = ""


def site() -> str:
    """The lines of the portal that led here, the innermost first."""
    frame, found = sys._getframe(1), []
    while frame is not None and len(found) < 4:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and ".venv" not in path.parts and "tests" not in path.parts:
            found.append(f"{path.relative_to(_ROOT)}:{frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(found)


@contextmanager
def watched() -> Iterator[Watch]:
    """Everything written meanwhile on this connection is looked at."""
    watch = Watch()
    with connection.execute_wrapper(watch):
        yield watch
