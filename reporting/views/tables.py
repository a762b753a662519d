"""The statistics table on screen and as files, and the lists behind its figures."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.current import current_campaign, look_at
from campaigns.models import Campaign
from metrostd.common import audit, clock, watermark
from metrostd.common.actors import Actor
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.keyed import CHUNK
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import Column as SheetColumn
from metrostd.common.spreadsheet import Sheet, xlsx_response
from metrostd.common.templatetags.formats import cn_date, cn_datetime, local_day
from metrostd.registry.models import Authority
from reporting import documents, listing, policies, rules, screen, workbook
from reporting.annex3 import WHOLE_CITY, build, professional_fields
from reporting.cockpit.figures import LISTED
from reporting.cockpit.narrowing import Narrowing, item_label
from reporting.columns import Column, screen_row, sheet_row
from reporting.figures import Figure, of_block
from reporting.layout import NOT_INSPECTED, TITLE, sections
from reporting.models import StatReport
from reporting.queries import Scope, records, total_of
from reporting.queries.offices import inspecting_offices
from reporting.rows import TOTAL, category_rows, domain_rows, field_rows, problem_rows, single_rows
from reporting.table import Annex3

#: How long a plain day is: 2021-10-12.
_DAY = 10
TABS = (
    ("I", "按计量标准类别"),
    ("II", "按专业计量领域"),
    ("III", "按问题类别"),
    ("VI", "按重点领域"),
    ("IV", "组织实施和其他情况"),
    ("V", "考核工作监督检查"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for: campaign, office (None: the whole city), cut-off."""

    campaign: Campaign
    authority: Authority | None
    as_of: dt.date | dt.datetime
    offices: list[Authority]
    sees_city: bool
    asked_day: str

    def query(self, **more: str) -> str:
        """The address of the same table, with ``more``."""
        code = self.authority.code if self.authority else WHOLE_CITY
        known = {"campaign": self.campaign.code, "authority": code, "as_of": self.asked_day}
        return "?" + urlencode({key: value for key, value in (known | more).items() if value})


@require_safe
def annex3(request: PortalRequest) -> HttpResponse:
    """The table of one office or of the whole city, one block at a time, with the rules beside it."""
    require(policies.can_read_statistics(request.user))
    choice = choice_of(request)
    if choice is None:
        return render(request, "reporting/no_campaign.html")
    annex = build(choice.campaign, choice.authority, as_of=choice.as_of)
    block = block_of(request, annex)
    results = rules.check(annex)
    report = _report(request, choice)
    left = (choice.campaign.summary_due - clock.today()).days
    due = f"报送期限 {cn_date(choice.campaign.summary_due)}"
    context = {
        "heading": f"附件3 {TITLE} · {_office_name(choice)}",
        "subtitle": f"{choice.campaign} · 数据截至 {cn_datetime(annex.as_of)} · {due}{f'，还有 {left} 天' if left > 0 else ''}",
        "annex": annex,
        "choice": choice,
        "offices": _office_choices(choice),
        "block_id": block,
        "tabs": [(key, name, choice.query(block=key)) for key, name in tabs_of(annex)],
        "notes": (NOT_INSPECTED, *annex.notes),
        "files": choice.query(),
        "today": clock.today(),
        "report": report,
        "report_label": f"报送：{report.get_state_display()}" if report else "",
        **_screen(choice, annex, block, results),
    }
    return render(request, "reporting/annex3.html", context)


def tabs_of(annex: Annex3) -> list[tuple[str, str]]:
    """The blocks the table has, by name."""
    return [(key, name) for key, name in TABS if key in annex.blocks]


def block_of(request: PortalRequest, annex: Annex3) -> str:
    """The block the address asks for; 404 for one the table does not have."""
    block = request.GET.get("block", "I")
    if block not in annex.blocks:
        raise Http404
    return block


@require_safe
def annex3_xlsx(request: PortalRequest) -> HttpResponse:
    require(policies.can_read_statistics(request.user))
    annex, name = _file(request, "xlsx")
    with watermark.marked(watermark.text_for(request.user)):
        content = workbook.annex3_xlsx(annex)
    return xlsx_response(content, filename=name)


@require_safe
@exported
def annex3_pdf(request: PortalRequest) -> Export:
    """The table of the moment as the form on paper."""
    require(policies.can_read_statistics(request.user))
    choice = choice_of(request)
    if choice is None:
        raise Http404
    code = choice.authority.code if choice.authority else WHOLE_CITY
    return Export(
        what=f"{TITLE} {_office_name(choice)} {choice.campaign}（pdf）",
        filename=documents.named(code, choice.as_of, "pdf"),
        paper=lambda: documents.annex3_pdf(
            build(choice.campaign, choice.authority, as_of=choice.as_of)
        ),
    )


@require_safe
def record_list(request: PortalRequest) -> HttpResponse:
    """The records one cell counts. The list is as long as the figure."""
    require(policies.can_read_statistics(request.user))
    choice, figure, block, row_label, rows = _asked_records(request)
    columns = _columns(choice, figure)
    page = page_of(request, listing.with_relations(figure, rows, as_of=choice.as_of))
    value = total_of(figure, rows)
    export = reverse("reporting:records_xlsx") + "?" + request.GET.urlencode()
    subtitle = f"{choice.campaign} · {_office_name(choice)} · {row_label} · 共 {listing.how_many(figure, page.paginator.count)}"
    if figure.kind == "money":
        subtitle += f"，合计 {value:,.2f} 元"
    context = {
        "heading": f"{figure.name}：{row_label}",
        "subtitle": subtitle,
        "figure": figure,
        "value": value,
        "page": page,
        "columns": columns,
        "lines": [screen_row(columns, row) for row in page.object_list],
        **_way_back(request, choice, block),
        "export": export,
    }
    return render(request, "reporting/records.html", context)


def _way_back(request: PortalRequest, choice: Choice, block: str) -> Context:
    """To the table, or to the cockpit for a list opened there."""
    if request.GET.get("from") == "cockpit":
        category = request.GET.get("category", "")
        back = reverse("reporting:cockpit") + choice.query(category=category)
        return {"back": back, "back_to": "驾驶舱", "back_label": "回到驾驶舱"}
    back = reverse("reporting:annex3") + choice.query(block=block)
    return {"back": back, "back_to": "统计表（附件3）", "back_label": "回到统计表"}


@require_safe
@exported
def records_xlsx(request: PortalRequest) -> Export:
    """The records one cell counts, as a workbook."""
    require(policies.can_read_statistics(request.user))
    choice, figure, _, row_label, rows = _asked_records(request)
    columns = _columns(choice, figure)
    title = f"{figure.name}（{row_label}）"
    shown = listing.with_relations(figure, rows, as_of=choice.as_of)
    sheet = Sheet(
        "明细",
        f"{_office_name(choice)} {title}",
        [SheetColumn(column.heading, column.width) for column in columns],
        (sheet_row(columns, row) for row in shown.iterator(CHUNK)),
    )
    return Export(
        restricted=True,
        what=f"统计表明细 {title} {choice.campaign}",
        filename=f"{figure.name}-{row_label}.xlsx",
        count=shown.count,
        sheets=lambda: [sheet],
    )


def choice_of(request: PortalRequest) -> Choice | None:
    """Campaign, office and cut-off of the address; 404 for what the person may not see."""
    campaign = _campaign(request)
    if campaign is None:
        return None
    user: Actor = request.user
    offices = list(inspecting_offices(campaign, viewer=user))
    sees_city = user.scope.casework.everything
    asked = request.GET.get("authority") or (WHOLE_CITY if sees_city else "")
    authority = None
    if asked != WHOLE_CITY or not sees_city:
        own = user.acting.authority_id if user.acting else None
        match = [o for o in offices if (o.code == asked if asked else o.pk == own)]
        if not match:
            raise Http404
        authority = match[0]
    day = request.GET.get("as_of", "")
    return Choice(campaign, authority, _cut_off(day), offices, sees_city, day)


def _cut_off(asked: str) -> dt.date | dt.datetime:
    """The day the address asks for, or the moment a table was computed; now without either.

    Of a day to come nothing is known: a table that claims to hold until then would be wrong on paper.
    """
    try:
        if len(asked) == _DAY:
            return _come(dt.date.fromisoformat(asked))
        moment = dt.datetime.fromisoformat(asked) if asked else clock.now()
    except ValueError as error:
        raise Http404 from error
    moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    _come(local_day(moment))
    return moment


def _come(day: dt.date) -> dt.date:
    """A day that is here. Raises ValidationError for one to come."""
    if day > clock.today():
        raise ValidationError(
            f"数据只能截至今天（{cn_date(clock.today())}）或以前的日期，请重新选择。"
        )
    return day


def _campaign(request: PortalRequest) -> Campaign | None:
    code = request.GET.get("campaign")
    if not code:
        return current_campaign(request)
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), code=code)
    look_at(request, campaign)
    return campaign


def _file(request: PortalRequest, suffix: str) -> tuple[Annex3, str]:
    """Build the table for a download and note who took it out."""
    choice = choice_of(request)
    if choice is None:
        raise Http404
    annex = build(choice.campaign, choice.authority, as_of=choice.as_of)
    what = f"{TITLE} {annex.authority_name} {choice.campaign}（{suffix}）"
    audit.record_access(actor=request.user, kind="export", what=what)
    return annex, documents.filename(annex, suffix)


def _asked_records(request: PortalRequest) -> tuple[Choice, Figure, str, str, QuerySet]:
    choice = choice_of(request)
    figure = LISTED.get(request.GET.get("figure", ""))
    block = request.GET.get("block", "I")
    if choice is None or figure is None or not figure.family or not _stands_in(figure, block):
        raise Http404
    row = request.GET.get("row", TOTAL)
    label = item_label(row) if block == "item" else _row_labels(block).get(row)
    if label is None or (block == "I" and figure.family == "team" and row != TOTAL):
        raise Http404
    scope = Scope.of(choice.campaign, choice.authority, choice.as_of)
    try:
        narrowing = Narrowing.of(request.GET)
        also = narrowing.q(figure.family, scope)
    except ValueError as error:
        raise Http404 from error
    label = "，".join(part for part in (label, narrowing.words) if part)
    rows = records(figure, scope, block, row, viewer=request.user, also=also)
    return choice, figure, block, label, rows


def _stands_in(figure: Figure, block: str) -> bool:
    """Problems and answers also stand under the items of the checklist they are of."""
    return block in figure.blocks or (block == "item" and figure.family in {"finding", "answer"})


def _row_labels(block: str) -> dict[str, str]:
    specs = {
        "I": lambda: category_rows(with_other=True),
        "II": lambda: field_rows(professional_fields()),
        "III": problem_rows,
        "IV": lambda: single_rows(of_block("IV")),
        "V": lambda: single_rows(of_block("V")),
        "VI": domain_rows,
    }[block]()
    return {spec.id: spec.label.replace("（单位去重）", "") for spec in specs}


def _report(request: PortalRequest, choice: Choice) -> StatReport | None:
    """Where the office's own table stands on its way to the municipal office."""
    if choice.authority is None:
        return None
    reports = StatReport.objects.visible_to(request.user).filter(campaign=choice.campaign)
    return reports.filter(authority=choice.authority).for_list().first()


def _screen(
    choice: Choice, annex: Annex3, block: str, results: tuple[rules.RuleResult, ...]
) -> Context:
    """What the page of one block shows of the table and its rules."""
    base = reverse("reporting:records")

    def address(in_block: str, row: str, figure: str) -> str:
        return base + choice.query(block=in_block, row=row, figure=figure)

    lines = screen.rule_lines(results)
    blocking = [r for r in results if not r.ok and r.severity == "block"]
    return {
        "sections": [screen.part(part, results, address) for part in sections(annex, block)],
        "failed": [line for line in lines if not line.ok],
        "passed": [line for line in lines if line.ok],
        "blocking": blocking,
        "blocking_title": f"{len(blocking)} 条规则未通过，报送前须处理。",
        "blocking_text": "；".join(f"{r.id} {r.detail}" for r in blocking),
    }


def _office_choices(choice: Choice) -> list[dict[str, object]]:
    own = choice.authority.code if choice.authority else WHOLE_CITY
    rows = [(office.code, office.name) for office in choice.offices]
    if choice.sees_city:
        rows.insert(0, (WHOLE_CITY, "全市汇总（各检查部门之和，单位去重）"))
    return [{"code": code, "name": name, "chosen": code == own} for code, name in rows]


def _columns(choice: Choice, figure: Figure) -> tuple[Column, ...]:
    fields = dict(professional_fields()) if figure.counts == "field" else None
    return listing.columns_of(figure, offices=_office_names(choice), fields=fields)


def _office_names(choice: Choice) -> dict[int, str] | None:
    if choice.authority is not None:
        return None
    return {office.pk: office.short_name for office in choice.offices}


def _office_name(choice: Choice) -> str:
    return choice.authority.short_name if choice.authority else "全市汇总"
