"""The application of a unit as a form to print: its words and the paper made of them; no seal is drawn."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from metrostd.common.models import Paper
from metrostd.common.papers import Words, paper_of
from metrostd.common.rendering import render_pdf
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import ChangeCause, ChangeEffect, ChangeKind, ChangeSituation
from metrostd.registry.models import ChangeLine, ChangeRecord, StandardCertificate

from .words import words_of

#: The kind of paper an application is.
FORM = "changes.form"
_TITLES = {
    ChangeKind.REPLACE: "计量标准更换申报表",
    ChangeKind.SEAL: "计量标准封存（或撤销）申报表",
    ChangeKind.WITHDRAW: "计量标准封存（或撤销）申报表",
    ChangeKind.RESUME: "计量标准恢复使用申报表",
}
_BLANK_ROWS = 2

#: A box on the form: its words, and whether it is ticked.
Tick = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Opinion:
    """One 意见 of the form: whose, the words, who signed, when; empty ones are filled in by hand."""

    title: str
    text: str
    by: str
    on: str


@dataclass(frozen=True, slots=True)
class Instruments:
    """One table of instruments; empty rows where there is nothing, so that the form can be read."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ChangePaper:
    """Every field of the form as printed."""

    title: str
    number: str
    unit: str
    credit_code: str
    address: str
    contact: str
    phone: str
    standard: str
    code: str
    measuring_range: str
    performance: str
    certificate: str
    valid_until: str
    new_issue_date: str
    new_valid_until: str
    is_replacement: bool
    kinds: tuple[Tick, ...]
    situations: tuple[Tick, ...]
    situation_note: str
    causes: tuple[Tick, ...]
    effects: tuple[Tick, ...]
    reason_label: str
    reason: str
    stop: str
    reexamined_on: str
    tables: tuple[Instruments, ...]
    opinions: tuple[Opinion, ...]


def change_paper(
    record: ChangeRecord,
    lines: Mapping[str, list[ChangeLine]],
    *,
    certificate: StandardCertificate | None,
    valid_until: dt.date | None,
) -> ChangePaper:
    """What the form says; ``lines`` are the tables by side, nothing is fetched here.

    A submitted application is printed in the words of its submission; ``certificate`` and
    ``valid_until`` serve a draft. A resumption carries the dates of the new certificate.
    """
    words = dict(record.words or words_of(record, certificate, valid_until=valid_until))
    until, host = words["valid_until"], words.pop("host", str(record.standard.hosting_authority))
    kind = ChangeKind(record.kind)
    is_replacement = kind == ChangeKind.REPLACE
    is_stop = kind in (ChangeKind.SEAL, ChangeKind.WITHDRAW)
    return ChangePaper(
        title=_TITLES[kind],
        number=record.number,
        **{**words, "valid_until": cn_date(dt.date.fromisoformat(until)) if until else ""},
        new_issue_date=cn_date(record.new_issue_date),
        new_valid_until=cn_date(record.new_valid_until),
        is_replacement=is_replacement,
        kinds=(
            ("封存", kind == ChangeKind.SEAL),
            ("撤销", kind == ChangeKind.WITHDRAW),
        )
        if is_stop
        else (),
        situations=_ticks(ChangeSituation, record.situations),
        situation_note=record.situation_note,
        causes=_ticks(ChangeCause, record.causes),
        effects=_ticks(ChangeEffect, [record.effect]),
        reason_label="原因说明" if is_replacement else "原因",
        reason=record.reason,
        stop=_period(record) if is_stop else "",
        reexamined_on=cn_date(record.reexamined_on),
        tables=(
            _instruments("更换前", lines.get("before", [])),
            _instruments("更换后", lines.get("after", [])),
        )
        if is_replacement
        else (),
        opinions=_opinions(record, kind, host),
    )


def paper_again(words: Words) -> ChangePaper:
    """The form again from what was kept of it."""
    tables = tuple(
        Instruments(table["title"], tuple(map(tuple, table["rows"]))) for table in words["tables"]
    )
    opinions = tuple(Opinion(**opinion) for opinion in words["opinions"])
    ticks = {
        name: tuple(map(tuple, words[name]))
        for name in ("kinds", "situations", "causes", "effects")
    }
    return ChangePaper(**{**words, **ticks, "tables": tables, "opinions": opinions})


def form(said: ChangePaper) -> Paper:
    """The form on file; after a decision it says more and is another paper."""
    return paper_of(FORM, asdict(said), title=f"{said.title} {said.number}".strip())


def change_pdf(paper: ChangePaper) -> bytes:
    """The form as PDF on A4."""
    return render_pdf("changes/pdf/change.html", {"paper": paper})


def _ticks(values: type[ChangeSituation | ChangeCause | ChangeEffect], chosen: list) -> tuple:
    return tuple((str(value.label), value.value in chosen) for value in values)


def _period(record: ChangeRecord) -> str:
    start, end = cn_date(record.stop_from), cn_date(record.stop_until)
    if record.kind == ChangeKind.WITHDRAW:
        return f"自{start}起" if start else ""
    return f"{start}至{end}" if start and end else start


def _instruments(title: str, lines: list[ChangeLine]) -> Instruments:
    rows = [
        (
            line.name,
            line.model,
            line.measuring_range,
            line.performance,
            " ".join(filter(None, (line.manufacturer, line.serial_no))),
            " ".join(filter(None, (line.trace_org, line.trace_cert_no))),
        )
        for line in lines
    ]
    return Instruments(title, tuple(rows or [("",) * 6] * _BLANK_ROWS))


def _opinions(record: ChangeRecord, kind: ChangeKind, host: str) -> tuple[Opinion, ...]:
    own = Opinion(
        "建标单位意见",
        record.unit_opinion,
        record.unit_opinion_by,
        cn_date(record.unit_opinion_on),
    )
    department = Opinion(
        "建标单位主管部门意见",
        record.department_opinion,
        record.department_opinion_by,
        cn_date(record.department_opinion_on),
    )
    decided = Opinion(
        f"主持考核部门意见（{host}）",
        record.authority_opinion,
        record.authority_opinion_by,
        cn_date(record.decided_on),
    )
    middle = (department,) if kind in ChangeKind.through_department else ()
    return (own, *middle, decided)
