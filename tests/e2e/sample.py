"""A small city in the on-site stage, played by the simulator inside the portal's own environment."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from campaigns.models import Campaign, DrawRun
from inspections.enums import TaskState, TeamRole
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.demo.city import SCALES, Scale
from metrostd.demo.people import actor
from metrostd.demo.play.setting import office
from metrostd.demo.simulator import Simulator
from metrostd.lists.imports import start_import
from metrostd.registry.enums import (
    Category,
    CertificateState,
    ChangeKind,
    ChangeState,
    Level,
    UnitType,
)
from metrostd.registry.models import (
    Authority,
    ChangeRecord,
    HandOver,
    ImportBatch,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)
from rectification.enums import OrderState
from rectification.models import RectificationOrder
from selfcheck import moves as selfcheck_moves
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport

from . import annex4

#: Big enough that the district shown has a visit under way and somebody has to rectify.
_SMALL = Scale(enterprises=16, institutions=4, departments=1, per_unit=(1, 2))
_SHOWN = "120111"
#: The play depends on the day; the same day gives the same pages in every run.
_TODAY = dt.date(2026, 7, 14)


def build() -> None:
    """Play, leave a unit with a form to fill in, and print the addresses of main pages by account."""
    SCALES["small"] = _SMALL
    folder = Path(settings.VAR_DIR) / "demo"
    with clock.pinned(clock.at_time(_TODAY, 8)):
        Simulator(scale="small", seed=2021, today=_TODAY, folder=folder).play(history=False)
        pages = _pages()
    print(json.dumps(pages))  # noqa: T201 -- read by the test that started the process


def _pages() -> dict[str, dict[str, list[str]]]:
    """Addresses of main pages by role and account."""
    visit = InspectionTask.objects.get(authority__code=_SHOWN, state=TaskState.IN_PROGRESS)
    leader = visit.team.get(role=TeamRole.LEADER).membership.user.username
    return {
        "city": {"city": [*_main_pages(), *_register_pages()]},
        "phone": {"city": _main_pages()},
        "district": {f"d{_SHOWN}": _district_pages(visit), **_assigning_pages()},
        "inspector": {leader: _visit_pages(visit)},
        "unit": _together(_rectification_pages(), _self_check_pages(), _application_pages()),
    }


def _together(*found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Pages by account; a unit with several tasks has the pages of all."""
    pages: dict[str, list[str]] = {}
    for each in found:
        for account, addresses in each.items():
            pages.setdefault(account, []).extend(addresses)
    return pages


def _main_pages() -> list[str]:
    standard = MeasurementStandard.objects.select_related("unit").first()
    instrument = standard.instruments.first()
    records = [
        standard,
        standard.unit,
        instrument,
        standard.capability_tests.first(),
        ImportBatch.objects.first(),
        HandOver.objects.first(),
        Campaign.objects.get(),
    ]
    lists = [
        "desk",
        "notifications:inbox",
        "accounts:password",
        "registry:units",
        "registry:standards",
        "registry:warnings",
        "lists:index",
        "lists:upload",
        "lists:hand_overs",
        "campaigns:index",
        "campaigns:create",
        "campaigns:duties",
        "campaigns:sampling",
        "selfcheck:index",
        "inspections:index",
        "rectification:index",
        "reporting:cockpit",
        "reporting:annex3",
    ]
    search = reverse("registry:search") + "?q=示例"
    forms = [
        reverse("registry:trace_add", args=[instrument.pk]),
        reverse("registry:instrument_move", args=[instrument.pk]),
        reverse("registry:test_add", args=[standard.pk]) + "?method=stability_new",
        reverse("registry:person_edit", args=[standard.persons.first().pk]),
    ]
    return [
        *map(reverse, lists),
        search,
        *forms,
        *(record.get_absolute_url() for record in records),
    ]


def _register_pages() -> list[str]:
    """Decisions on the register: applications, certificates, many units at once, a merge, a list."""
    unit, other = Unit.objects.order_by("pk")[:2]
    current = StandardCertificate.objects.filter(is_current=True)
    valid = current.filter(state=CertificateState.VALID).first()
    waiting = ChangeRecord.objects.filter(state=ChangeState.SUBMITTED).first()
    moved = f"?pk={unit.pk}&pk={other.pk}&change=operating_status:moved"
    return [
        reverse("changes:index"),
        waiting.get_absolute_url(),
        reverse("registry:trail"),
        reverse("registry:units_bulk") + moved,
        reverse("registry:merge", args=[unit.pk, other.pk]),
        *(
            reverse(f"registry:standard_{what}", args=[valid.standard_id])
            for what in ("apply", "revoke")
        ),
        _doubtful_list().get_absolute_url(),
    ]


def _doubtful_list() -> ImportBatch:
    """A list that writes the name of a unit otherwise than the register: there is something to decide."""
    known = Unit.objects.filter(unit_type=UnitType.ENTERPRISE, name__endswith="有限公司").first()
    name = known.name.replace("有限公司", "有限责任公司")
    listed = annex4.enterprise(
        name, district=(_SHOWN, "西青区"), rows=(0, 1), serial=73_000_001, on=_TODAY
    )
    return start_import(
        annex4.workbook([replace(listed, uscc="")], on=_TODAY),
        "名单（待核对）.xlsx",
        category=Category.ENT_HIGHEST,
        issuing_authority=Authority.objects.get(level=Level.CITY),
        actor=actor("admin"),
    )


def _application_pages() -> dict[str, list[str]]:
    draft = ChangeRecord.objects.filter(state=ChangeState.DRAFT, kind=ChangeKind.REPLACE).first()
    pages = [draft.get_absolute_url(), reverse("changes:edit", args=[draft.pk])]
    return {f"u{draft.standard.unit_id}": pages}


def _district_pages(visit: InspectionTask) -> list[str]:
    draw = DrawRun.objects.get(frame__authority=visit.authority)
    report = SelfCheckReport.objects.filter(receiver=visit.authority).received().first()
    hand_over = HandOver.objects.filter(authority=visit.authority).first()
    return [
        reverse("desk"),
        reverse("lists:hand_overs"),
        hand_over.get_absolute_url(),
        draw.frame.get_absolute_url(),
        draw.get_absolute_url(),
        draw.terms.get_absolute_url(),
        reverse("campaigns:rehearse", args=[draw.frame_id]),
        report.get_absolute_url(),
        visit.get_absolute_url(),
        reverse("reporting:cockpit"),
        reverse("reporting:annex3"),
    ]


def _assigning_pages() -> dict[str, list[str]]:
    open_tasks = InspectionTask.objects.filter(state__in=(TaskState.PLANNED, TaskState.NOTIFIED))
    task = open_tasks.exclude(authority__level=Level.CITY).first()
    pages = [task.get_absolute_url(), reverse("inspections:assign", args=[task.pk])]
    return {f"d{task.authority.code}": pages}


def _visit_pages(visit: InspectionTask) -> list[str]:
    sheet = visit.sheets.filter(standard__isnull=False).order_by("pk").first()
    return [
        reverse("desk"),
        reverse("inspections:index"),
        visit.get_absolute_url(),
        sheet.get_absolute_url(),
        f"{sheet.get_absolute_url()}?section=conclude",
        reverse("inspections:signing", args=[visit.pk]),
    ]


def _rectification_pages() -> dict[str, list[str]]:
    order = RectificationOrder.objects.filter(state=OrderState.PENDING).first()
    finding = order.items.first().finding
    pages = [reverse("desk"), reverse("rectification:index")]
    pages += [order.get_absolute_url(), finding.get_absolute_url()]
    return {f"u{order.task.unit_id}": pages}


def _self_check_pages() -> dict[str, list[str]]:
    accepted = SelfCheckReport.objects.filter(state=ReportState.ACCEPTED, unit__isnull=False)
    report = accepted.order_by("-pk").first()
    selfcheck_moves.reopen(report, actor=office(report.receiver), note="示例：请补充溯源材料")
    pages = [reverse("selfcheck:index"), report.get_absolute_url()]
    pages += [reverse(f"selfcheck:{name}", args=[report.pk]) for name in ("form", "submit")]
    return {f"u{report.unit_id}": pages}
