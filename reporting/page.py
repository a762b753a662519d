"""What the page of one report shows: rules with their records, cells by hand, what can be done next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from metrostd.common.actions import Action
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict
from metrostd.common.transitions import Transition

from . import moves, policies, screen
from .drafts import Draft
from .enums import StatReportState as State
from .figures import BY_ID
from .layout import sections
from .models import StatReport
from .narrative import reading
from .rules import RuleResult
from .table import Annex3

_SHOWN_LINKS = 4
#: A move, who may make it, and how its button looks.
Offered = tuple[Transition, Callable[[Actor, StatReport], Verdict], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that is broken, the records of the cells it names, and the reason given for it."""

    id: str
    title: str
    detail: str
    links: tuple[Link, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    mark: str


def broken(results: Iterable[RuleResult], draft: Draft, report: StatReport) -> list[Broken]:
    return [
        Broken(
            one.id,
            one.title,
            one.detail,
            _links(one, report),
            draft.annex.corrections.reasons.get(one.id, ""),
        )
        for one in results
    ]


def _links(result: RuleResult, report: StatReport) -> tuple[Link, ...]:
    """The lists behind the cells a rule names: what is to be put right stands there."""
    found: dict[str, Link] = {}
    for block, row, figure in result.cells:
        shown = BY_ID[figure]
        parts = shown.ratio_of or (figure,)
        for name in parts:
            if name not in found and BY_ID[name].family:
                address = records_url(report, block=block, row=row, figure=name)
                found[name] = Link(BY_ID[name].name.removeprefix("其中"), address)
    return tuple(found.values())[:_SHOWN_LINKS]


def records_url(report: StatReport, *, block: str, row: str, figure: str) -> str:
    """The records a cell of the report was computed from."""
    as_of = report.as_of.isoformat() if report.as_of else ""
    asked = {
        "campaign": report.campaign.code,
        "authority": report.authority.code,
        "as_of": as_of,
        "block": block,
        "row": row,
        "figure": figure,
    }
    return f"{reverse('reporting:records')}?{urlencode(asked)}"


def parts(
    annex: Annex3, results: Iterable[RuleResult], block: str, report: StatReport, *, linked: bool
) -> list[screen.Part]:
    """One block of the table; figures lead to their records unless they were imported."""

    def address(at: str, row: str, figure: str) -> str:
        return records_url(report, block=at, row=row, figure=figure) if linked else ""

    return [screen.part(section, results, address) for section in sections(annex, block)]


def steps(report: StatReport) -> list[Step]:
    """统计 → 校核 → 签字 → 报送 → 接收: which are done, and which comes next."""
    done = {
        State.DRAFT: 1 if report.table else 0,
        State.RETURNED: 1,
        State.SELF_CHECKED: 2,
        State.SIGNED: 3,
        State.SUBMITTED: 4,
        State.ACCEPTED: 5,
        State.LOCKED: 6,
    }[State(report.state)]
    names = ("统计", "校核", "负责人签字", "报送", "接收", "锁定")
    return [
        Step(name, "done" if at < done else "next" if at == done else "")
        for at, name in enumerate(names)
    ]


def actions(user: Actor, report: StatReport) -> list[Action]:
    """What this person can do with the report in its state, or why not."""
    own, receives = policies.is_preparer(user, report), policies.is_receiver(user, report)
    found: list[Action] = []
    if own:
        if report.state == State.DRAFT:
            label = "重新统计" if report.table else "统计"
            tone = "default" if report.table else "primary"
            verdict = policies.can_write(user, report)
            found.append(Action(label, _url("compute", report), verdict, tone, icon="refresh"))
        found += _own(user, report)
    if receives:
        found += _received(user, report)
    return found


def unwritten(found: Iterable[Action]) -> list[str]:
    """What speaks against the next step because of the five-part report."""
    return [
        reason
        for one in found
        for reason in one.verdict.reasons
        if reason.startswith(reading.TITLE)
    ]


def _own(user: Actor, report: StatReport) -> list[Action]:
    ask: tuple[Offered, ...] = (
        (moves.CHECK, policies.can_check, {"tone": "primary", "icon": "checks"}),
        (moves.REVISE, policies.can_revise, {}),
        (moves.UNSIGN, policies.can_unsign, {"kind": "note", "note_label": "收回签字的理由"}),
        (
            moves.SUBMIT,
            policies.can_submit,
            {"tone": "primary", "icon": "send", "confirm": "报送后不能再改，确定报送？"},
        ),
        (moves.RESUME, policies.can_resume, {"tone": "primary", "icon": "pencil"}),
        (moves.CORRECT, policies.can_correct, {"kind": "note", "note_label": "更正的理由"}),
    )
    return _possible(user, report, ask)


def _received(user: Actor, report: StatReport) -> list[Action]:
    ask: tuple[Offered, ...] = (
        (
            moves.ACCEPT,
            policies.can_accept,
            {
                "tone": "primary",
                "icon": "check",
                "confirm": "接收后计入全市汇总，确定接收？",
                "seen": str(report.number),
            },
        ),
        (
            moves.LOCK,
            policies.can_lock,
            {"icon": "lock", "confirm": "锁定后，更正须经计量处允许。确定锁定？"},
        ),
        (moves.ALLOW, policies.can_allow, {"kind": "note", "note_label": "允许更正的理由"}),
    )
    return _possible(user, report, ask)


def _possible(user: Actor, report: StatReport, ask: Iterable[Offered]) -> list[Action]:
    return [
        Action(move.label, _url(move.name.partition(".")[2], report), may(user, report), **look)
        for move, may, look in ask
        if move.allowed_from(report.state)
    ]


def _url(name: str, report: StatReport) -> str:
    return reverse(f"reporting:report_{name}", args=[report.pk])
