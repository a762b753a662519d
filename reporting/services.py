"""Preparing an office's 附件3: figures, reasons beside rules, cells entered by hand, reminders."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Campaign
from campaigns.notifications import offices
from metrostd.common import audit, clock, turns
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import check_state
from metrostd.common.uploads import XLSX, store_bytes
from metrostd.notifications.chasing import Chased, Outcome, chase, last_days

from . import corrections, drafts, frozen, importing, notifications
from .annex3 import build
from .enums import StatReportState as State
from .models import StatReport
from .queries.offices import owing_offices
from .running import not_running

_LONGEST_REASON = 1000
#: What inspected units paid: nothing, or the discipline inspectors hear of it (R28).
_COST = "cost_unit"


def writable(report: StatReport) -> Verdict:
    """Figures, reasons and cells change only while the office is filling in."""
    if reason := not_running(report):
        return not_now(reason)
    if report.state == State.DRAFT:
        return YES
    return not_now(f"统计表目前是“{report.get_state_display()}”，不能修改。")


@transaction.atomic
def prepare(campaign: Campaign, *, actor: Actor | None) -> int:
    """A report for every office that owes one, with its duty; returns how many were missing."""
    have = StatReport.objects.filter(campaign=campaign).values("authority")
    made = StatReport.objects.bulk_create(
        StatReport(campaign=campaign, authority=office)
        for office in owing_offices(campaign).exclude(pk__in=have)
    )
    duties.assign_many(
        duties.build(
            campaign,
            kind=DutyKind.SUMMARY,
            title=f"报送总结报告和统计表（附件3）：{report.authority}",
            due_on=campaign.summary_due,
            target=report,
            authority=report.authority,
        )
        for report in made
    )
    audit.record_many(made, actor=actor, action="stat_report.create", label="建立统计表报送任务")
    return len(made)


def compute(report: StatReport, *, actor: Actor | None) -> None:
    """Count the figures as of now; what was entered and said before stays beside them.

    Counting takes seconds in a large campaign and keeps nobody from writing meanwhile.
    """
    check_state(
        writable(StatReport.objects.select_related("campaign").get(pk=report.pk)), obj=report
    )
    now = clock.now()
    with turns.only_reading():
        table, evidence = drafts.computed(report.campaign, report.authority, as_of=now)
    with transaction.atomic():
        _write(
            _held(report),
            report,
            actor=actor,
            action="stat_report.compute",
            label="统计",
            after={"as_of": now.isoformat(), "hash": frozen.digest(table)},
            as_of=now,
            table=table,
            evidence=evidence,
            imported=None,
        )


@transaction.atomic
def take_table(report: StatReport, data: bytes, name: str, *, actor: Actor | None) -> None:
    """Take a table filled in outside in place of a computed one: the same rules, and marked as such."""
    held = _held(report)
    now = clock.now()
    form = build(report.campaign, report.authority, as_of=now)
    table = frozen.to_plain(importing.read_table(data, name, form=form))
    _write(
        held,
        report,
        actor=actor,
        action="stat_report.take_table",
        label="导入外部填写的统计表",
        after={"file": name, "hash": frozen.digest(table)},
        as_of=now,
        table=table,
        evidence={},
        overrides={},
        imported=store_bytes(data, media_type=XLSX),
    )


@transaction.atomic
def explain(
    report: StatReport, reasons: Mapping[str, str], *, base_version: int, actor: Actor | None
) -> None:
    """Write the reasons beside rules; only what differs from before is put on record."""
    held = _held(report)
    said = {rule: text.strip() for rule, text in reasons.items()}
    _require_seen(
        held,
        base_version,
        {r: [held.reasons.get(r, ""), t] for r, t in said.items() if held.reasons.get(r, "") != t},
    )
    if long := [rule for rule, text in said.items() if len(text) > _LONGEST_REASON]:
        raise ValidationError(f"{'、'.join(long)}的理由超过 {_LONGEST_REASON} 字，请写得短一些。")
    before = {rule: held.reasons.get(rule, "") for rule in said}
    if before == said:
        return
    kept = {rule: text for rule, text in {**held.reasons, **said}.items() if text}
    _write(
        held,
        report,
        actor=actor,
        action="stat_report.explain",
        label="说明理由",
        before=before,
        after=said,
        reasons=kept,
    )


@transaction.atomic
def enter(
    report: StatReport,
    *,
    cell: str,
    value: str,
    reason: str,
    base_version: int,
    actor: Actor | None,
) -> None:
    """Put a figure by hand over the computed one, with the reason that is printed (R34)."""
    held = _held(report)
    there = held.overrides.get(cell, {})
    _require_seen(held, base_version, {"数值": [there.get("value", "未修改"), value.strip()]})
    if not reason.strip():
        raise ValidationError({"reason": "请说明为什么不用统计的数。"})
    if len(reason.strip()) > _LONGEST_REASON:
        raise ValidationError({"reason": f"理由超过 {_LONGEST_REASON} 字，请写得短一些。"})
    ref = corrections.ref_of(cell)
    if not held.table or ref is None:
        raise ValidationError({"cell": "统计表里没有这一格，请重新选择。"})
    annex = frozen.from_plain(held.table)
    at = corrections.may_enter(annex, ref)
    entered = corrections.parse(at.figure, value)
    if entered == at.value:
        raise ValidationError({"value": f"统计的数就是 {at.text}，不用修改。"})
    now = {
        "value": frozen.to_text(entered),
        "reason": reason.strip(),
        "by": str(actor or ""),
        "at": clock.now().isoformat(),
    }
    _write(
        held,
        report,
        actor=actor,
        action="stat_report.enter",
        label="手工修改",
        before={cell: frozen.to_text(at.value)},
        after={cell: now["value"]},
        note=f"{corrections.words_of(annex, ref)}：{reason.strip()}",
        overrides={**held.overrides, cell: now},
    )
    if at.figure.id == _COST and entered:
        notifications.tell_discipline(report, str(entered), sender=actor)


@transaction.atomic
def take_out(report: StatReport, *, cell: str, base_version: int, actor: Actor | None) -> None:
    """Let the computed figure stand again."""
    held = _held(report)
    there = held.overrides.get(cell, {})
    _require_seen(held, base_version, {"数值": [there.get("value", "统计的数"), "恢复统计数"]})
    if not there:
        raise ValidationError("这一格没有手工修改。")
    kept = {key: one for key, one in held.overrides.items() if key != cell}
    _write(
        held,
        report,
        actor=actor,
        action="stat_report.take_out",
        label="恢复统计数",
        before={cell: held.overrides[cell]["value"]},
        overrides=kept,
    )


def remindable(report: StatReport, asked: dict[int, dt.date] | None = None) -> Verdict:
    """An office is reminded of what it owes, once a day; ``asked`` spares a list the question for each."""
    if report.state not in State.with_office:
        return not_now("已经报送，不用催办。")
    days = last_days(StatReport, [report.pk]) if asked is None else asked
    if days.get(report.pk) == clock.today():
        return not_now("今天已经催办过，明天再办。")
    return YES


@transaction.atomic
def remind(report: StatReport, *, actor: Actor | None, text: str = "") -> Outcome:
    """催办 of the office, on record; a second one on that day is refused."""
    held = StatReport.objects.select_for_update().get(pk=report.pk)
    check_state(remindable(held), obj=held)
    wanted = Chased(
        target=report,
        members=offices([report.authority_id]),
        subject=f"催办：统计表（附件3）还没有报送，报送期限{cn_date(report.campaign.summary_due)}（含当日）",
        url=report.get_absolute_url(),
        due_on=report.campaign.summary_due,
    )
    return chase([wanted], text=text, actor=actor, action="stat_report.remind")


def _held(report: StatReport) -> StatReport:
    """The report as it is now, held until it is written; it must still be with the office."""
    held = StatReport.objects.select_for_update().get(pk=report.pk)
    held.campaign, held.authority = report.campaign, report.authority
    check_state(writable(held), obj=held)
    return held


def _require_seen(held: StatReport, base_version: int, fields: dict[str, list[str]]) -> None:
    """What somebody changed meanwhile is shown beside what was typed, before one undoes the other."""
    if held.version != base_version:
        raise StaleError(
            "这份统计表刚刚被他人修改，请核对后再保存。",
            payload={"version": held.version, "fields": fields},
        )


def _write(
    held: StatReport,
    report: StatReport,
    *,
    actor: Actor | None,
    action: str,
    label: str,
    before: object = None,
    after: object = None,
    note: str = "",
    **values: object,
) -> None:
    values["version"] = held.version + 1
    for name, value in values.items():
        setattr(held, name, value)
        setattr(report, name, value)
    held.save(update_fields=list(values))
    audit.record(
        report, actor=actor, action=action, label=label, before=before, after=after, note=note
    )


__all__ = (
    "compute",
    "enter",
    "explain",
    "prepare",
    "remind",
    "remindable",
    "take_out",
    "take_table",
    "writable",
)
