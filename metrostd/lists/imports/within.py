"""Contradictions inside a list, settled as somebody decided before it is compared with the register."""

from collections import defaultdict
from collections.abc import Iterable

from metrostd.annex4 import Issue
from metrostd.registry.enums import RowChange

from .decisions import KEEP, OTHER, SAME, SKIP, TAKE, Decisions
from .issues import row_of
from .lines import Line


def settle(lines: list[Line], issues: Iterable[Issue], decisions: Decisions) -> list[Issue]:
    """Put each contradiction as a question and carry out what was chosen; returns the other issues."""
    rest: list[Issue] = []
    asked: list[Issue] = []
    for issue in issues:
        (asked if issue.about else rest).append(issue)
    if asked:
        settling = _Settling(lines, decisions)
        for issue in asked:
            settling.settle(issue)
    return rest


class _Settling:
    def __init__(self, lines: list[Line], decisions: Decisions) -> None:
        self._decisions = decisions
        self._at: dict[tuple[str, int], list[Line]] = defaultdict(list)
        self._by_name: dict[str, list[Line]] = defaultdict(list)
        self._by_code: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            self._at[line.place].append(line)
            self._by_name[line.unit_key].append(line)
            if line.uscc:
                self._by_code[line.uscc].append(line)

    def settle(self, issue: Issue) -> None:
        code, *subject = issue.about
        here = self._at[issue.sheet[:60], row_of(issue.cell) or 0]
        if not here:
            return
        target = {
            "DUP_CERT": "cert_no",
            "CONFLICT_CODE": "uscc",
            "CONFLICT_NAME": "unit_name",
            "NAME_VARIANT": "unit_name",
        }
        about = issue.advice.partition("。")[0]
        choice = self._decisions.ask(
            code, here[0], target.get(code, "district"),
            found=issue.found, advice=about, subject=subject,
        )  # fmt: skip
        if not choice:
            held = self._of_name(subject) if code == "CONFLICT_NAME" else here
            for line in held:
                line.change = RowChange.CONFLICT
        elif code == "DUP_CERT":
            self._number(here, subject, choice)
        elif code == "CONFLICT_CODE":
            self._code(subject, choice)
        elif code == "CONFLICT_NAME":
            self._names(subject, choice)
        elif code == "CONFLICT_DISTRICT":
            self._district(here, subject, choice)
        elif choice == SAME:
            self._name(subject)

    def _number(self, here: list[Line], subject: list[str], choice: str) -> None:
        _, sheet, row_no, *_ = subject
        first = self._at[sheet[:60], int(row_no)]
        for line in here if choice == KEEP else first:
            line.change = RowChange.SKIPPED

    def _code(self, subject: list[str], choice: str) -> None:
        key, first, second = subject
        for line in self._by_name[key]:
            if choice == KEEP and line.uscc == second:
                line.put("uscc", first)
            elif choice == TAKE and line.uscc == first:
                line.put("uscc", second)
            elif choice == SKIP and line.uscc == second:
                line.change = RowChange.SKIPPED

    def _of_name(self, subject: list[str]) -> list[Line]:
        """The lines that give a code to the second of two names."""
        code, _, second = subject
        return [line for line in self._by_name[second] if line.uscc == code]

    def _names(self, subject: list[str], choice: str) -> None:
        code, first, second = subject
        held = self._of_name(subject)
        if choice in (KEEP, TAKE):
            to = self._by_name[first if choice == KEEP else second][0].unit_name
            for line in self._by_code[code]:
                if line.unit_key in (first, second):
                    line.put("unit_name", to)
        for line in held:
            if choice == OTHER:
                line.put("uscc", None)
            elif choice == SKIP:
                line.change = RowChange.SKIPPED

    def _district(self, here: list[Line], subject: list[str], choice: str) -> None:
        unit, _, second = subject
        if choice == TAKE:
            for line in here:
                line.note("preferred", True)
        elif choice == SKIP:
            for line in self._by_code.get(unit) or self._by_name[unit]:
                if line.district == second:
                    line.change = RowChange.SKIPPED

    def _name(self, subject: list[str]) -> None:
        key, other = subject
        name = self._by_name[other][0].unit_name
        for line in self._by_name[key]:
            line.put("unit_name", name)
