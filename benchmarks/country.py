"""A campaign of any size written straight to the tables, with nothing but what the portal runs on.

Real checklists and offices, invented units: so many inspected units of five sheets each (four standards
and the unit itself), with answers, findings, orders, what follows from failures, self-checks and what
everybody owes. The same seed gives the same country. It does not follow the moves between states; the
sample city does that.
"""

import argparse
import atexit
import datetime as dt
import os
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STANDARDS = 4
SHEETS = STANDARDS + 1
AS_OF = dt.date(2021, 12, 31)


def choose_engine(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read ``--engine``, start Django on an empty database of that kind; call before any model."""
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--database", help="the address of a database to keep between runs")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="metrostd-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["METROSTD_VAR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metrostd.settings")
    os.environ |= {"DEBUG": "false", "SECURE_HTTPS": "false", "SECRET_KEY": "only-for-this-run"}
    os.environ |= {"ALLOWED_HOSTS": "*", "STATIC_COMPRESS": "false"}
    os.environ["SECOND_FACTOR_REQUIRED"] = "false"
    if options.database:
        os.environ["DATABASE_URL"] = options.database
        options.engine = "sqlite" if options.database.startswith("sqlite") else "postgres"
    elif options.engine == "postgres":
        from tests.services import start_postgres  # noqa: PLC0415

        os.environ["DATABASE_URL"] = start_postgres()
    else:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    atexit.register(connections.close_all)  # before the server is asked to end
    call_command("migrate", verbosity=0)
    return options


@dataclass
class Country:
    """What was built, for the benchmarks to look things up."""

    chance: random.Random
    campaign: object = None
    city: object = None
    districts: list = field(default_factory=list)
    office: object = None
    bureau: object = None
    leader: object = None
    units: list = field(default_factory=list)
    standards: dict = field(default_factory=dict)
    tasks: list = field(default_factory=list)
    items: list = field(default_factory=list)


def build(inspected: int, *, answers: int = 0, others: int = 1) -> Country:
    """A campaign with so many inspected units, ``others`` units beside each that nobody drew, and so
    many ``answers`` on every sheet."""
    from django.db import transaction  # noqa: PLC0415

    from metrostd.common import table_statistics  # noqa: PLC0415

    country = Country(random.Random(2021))
    with transaction.atomic():
        _offices(country)
        _register(country, inspected * (1 + others))
        _route(country)
        _draw(country, inspected)
        _self_check(country)
        _inspect(country, answers)
    table_statistics.refresh()
    return country


def build_draft(units: int) -> Country:
    """Offices, units and their standards, and a campaign that nobody has opened."""
    from campaigns.models import Campaign  # noqa: PLC0415
    from metrostd.common import table_statistics  # noqa: PLC0415

    country = Country(random.Random(2021))
    _offices(country)
    _register(country, units)
    Campaign.objects.filter(pk=country.campaign.pk).update(state="draft")
    country.campaign.refresh_from_db()
    table_statistics.refresh()
    return country


def _save(rows: Iterable) -> list:
    """Insert some thousand at a time; returns them with their keys."""
    rows = iter(rows)
    made: list = []
    while part := list(islice(rows, 5000)):
        made += type(part[0]).objects.bulk_create(part, batch_size=1000)
    return made


def _offices(country: Country) -> None:
    from campaigns.enums import CampaignState, StageKind  # noqa: PLC0415
    from campaigns.models import Campaign, ChecklistItem, Stage  # noqa: PLC0415
    from campaigns.reference import load_reference  # noqa: PLC0415
    from metrostd.common.roles import Role  # noqa: PLC0415
    from metrostd.registry.models import Authority  # noqa: PLC0415

    load_reference()
    country.city = Authority.objects.get(level="city")
    country.districts = list(Authority.objects.filter(level="district").order_by("code"))
    country.office = _member(Role.CITY_ADMIN, country.city)
    country.bureau = _member(Role.DISTRICT_ADMIN, country.districts[0])
    country.leader = _member(Role.DISTRICT_INSPECTOR, country.districts[0])
    country.campaign = Campaign.objects.create(
        code="bench",
        title="示例专项行动",
        organiser=country.city,
        notice_on=dt.date(2021, 4, 23),
        bureau_self_check_due=dt.date(2021, 5, 25),
        unit_self_check_due=dt.date(2021, 5, 31),
        summary_due=dt.date(2021, 10, 15),
        state=CampaignState.OPEN,
    )
    days = [dt.date(2021, month, day) for month, day in
            ((4, 23), (5, 31), (6, 1), (7, 31), (8, 1), (8, 31), (9, 1), (10, 15))]  # fmt: skip
    _save(
        Stage(campaign=country.campaign, kind=kind, starts_on=start, ends_on=end)
        for kind, start, end in zip(StageKind, days[::2], days[1::2], strict=True)
    )
    items = ChecklistItem.objects.filter(section__template__kind="annex1").for_onsite()
    country.items = list(items.select_related("section__template").order_by("pk"))


def _member(role: str, authority: object) -> object:
    from metrostd.accounts.models import Membership, User  # noqa: PLC0415

    number = User.objects.count()
    user = User.objects.create(username=f"bench{number}", display_name=f"示例人{number}")
    return Membership.objects.create(user=user, role=role, authority=authority)


def _register(country: Country, count: int) -> None:
    from metrostd.common.text import name_key  # noqa: PLC0415
    from metrostd.registry.enums import Category, CertificateState  # noqa: PLC0415
    from metrostd.registry.models import (  # noqa: PLC0415
        MeasurementStandard,
        ProfessionalField,
        StandardCertificate,
        Unit,
    )

    chance, fields = country.chance, list(ProfessionalField.objects.order_by("code"))
    names = [f"天津示例{chance.randrange(10**6):06d}号仪器有限公司{n}" for n in range(count)]
    country.units = _save(
        Unit(
            name=name,
            name_key=name_key(name),
            unit_type="enterprise",
            territorial_authority=country.districts[n % len(country.districts)],
        )
        for n, name in enumerate(names)
    )
    categories = [Category.ENT_HIGHEST] * 3 + [Category.SP_STATUTORY]
    rows = _save(
        MeasurementStandard(
            unit=unit,
            name=f"示例{n}号标准装置",
            category=category,
            field=chance.choice(fields),
            issuing_authority=issuer,
            hosting_authority=issuer,
        )
        for unit in country.units
        for n, category in enumerate(categories)
        for issuer in [chance.choice([country.city, unit.territorial_authority])]
    )
    _save(
        StandardCertificate(
            standard=row,
            number=f"〔2020〕示例证字第{n:07d}号",
            issue_date=dt.date(2020, 6, 1),
            valid_until=dt.date(2024, 5, 31),
            state=CertificateState.VALID,
        )
        for n, row in enumerate(rows)
    )
    for row in rows:
        country.standards.setdefault(row.unit_id, []).append(row)


def _route(country: Country) -> None:
    from campaigns.models import RoutedStandard  # noqa: PLC0415

    _save(
        RoutedStandard(
            campaign=country.campaign,
            standard=row,
            unit=unit,
            category=row.category,
            field_id=row.field_id,
            issuing_authority_id=row.issuing_authority_id,
            territorial_authority_id=unit.territorial_authority_id,
            inspecting_authority_id=unit.territorial_authority_id,
            rule_version=1,
        )
        for unit in country.units
        for row in country.standards[unit.pk]
    )


def _draw(country: Country, inspected: int) -> None:
    from campaigns.models import (  # noqa: PLC0415
        DrawnStandard,
        DrawnUnit,
        DrawRun,
        FrameStandard,
        SamplingFrame,
    )
    from inspections.models import InspectionTask, TaskStandard  # noqa: PLC0415

    runs, listed = {}, []
    for office in country.districts:
        frame = SamplingFrame.objects.create(
            campaign=country.campaign,
            authority=office,
            hash="0" * 64,
            frozen_at=_at(6, 1),
            state="frozen",
        )
        runs[office.pk] = DrawRun.objects.create(
            frame=frame, ratio=20, required=1, seed="示例", algorithm="1", result_hash="0" * 64,
            state="valid", run_at=_at(6, 2),
        )  # fmt: skip
    for unit in country.units:
        frame = runs[unit.territorial_authority_id].frame
        listed += [
            FrameStandard(
                frame=frame, unit=unit, standard=row, category=row.category, field_id=row.field_id
            )
            for row in country.standards[unit.pk]
        ]
    _save(listed)
    drawn = _save(
        DrawnUnit(run=runs[unit.territorial_authority_id], unit=unit, order=n, kind="random")
        for n, unit in enumerate(country.units[:inspected])
    )
    _save(
        DrawnStandard(drawn_unit=row, standard=each, field_id=each.field_id, why="field_minimum")
        for row in drawn
        for each in country.standards[row.unit_id]
    )
    states = ["reviewed"] * 6 + ["concluded", "closed", "in_progress", "planned"]
    country.tasks = _save(
        _task(country, row, states[n % len(states)]) for n, row in enumerate(drawn)
    )
    _save(
        TaskStandard(task=task, standard=row, category=row.category, field_id=row.field_id)
        for task in country.tasks
        for row in country.standards[task.unit_id]
    )
    _owe(
        country,
        InspectionTask,
        "inspection",
        [(t, t.authority_id, None, 31) for t in country.tasks],
    )


def _task(country: Country, drawn: object, state: str) -> object:
    from inspections.models import InspectionTask  # noqa: PLC0415

    visited = state != "planned"
    return InspectionTask(
        campaign=country.campaign,
        authority_id=drawn.unit.territorial_authority_id,
        unit_id=drawn.unit_id,
        drawn_unit=drawn,
        kind="onsite",
        planned_on=dt.date(2021, 6, 1) + dt.timedelta(country.chance.randrange(60)),
        state=state,
        arrived_at=_at(6, 20) if visited else None,
        credential_shown=visited,
        created_at=_at(6, 2),
        state_since=_at(6, 21),
    )


def _owe(country: Country, model: type, kind: str, owed: list) -> None:
    """Duties for (object, office, unit, day of July); every third is fulfilled."""
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415

    from campaigns.models import Duty  # noqa: PLC0415

    target = ContentType.objects.get_for_model(model)
    _save(
        Duty(
            campaign=country.campaign,
            kind=kind,
            authority_id=office,
            unit_id=unit,
            title=f"示例事项{row.pk}",
            due_on=dt.date(2021, 7, 1) + dt.timedelta(country.chance.randrange(day)),
            target_type=target,
            target_id=row.pk,
            fulfilled_at=_at(6, 30) if n % 3 == 0 else None,
        )
        for n, (row, office, unit, day) in enumerate(owed)
    )


def _self_check(country: Country) -> None:
    from campaigns.models import ChecklistTemplate  # noqa: PLC0415
    from selfcheck.models import (  # noqa: PLC0415
        SelfCheckProblem,
        SelfCheckReport,
        SelfCheckStandard,
    )

    chance, template = country.chance, ChecklistTemplate.objects.filter(kind="annex1").first()
    owed: dict[tuple[int, int], list] = {}
    for unit in country.units:
        for row in country.standards[unit.pk]:
            owed.setdefault((unit.pk, row.issuing_authority_id), []).append(row)
    states = ["accepted", "accepted", "submitted", "not_started"]
    reports = []
    for unit_id, receiver_id in owed:
        state = chance.choice(states)
        sent = _at(5, chance.randint(1, 28)) if state != "not_started" else None
        reports.append(
            SelfCheckReport(
                campaign=country.campaign, kind="unit", unit_id=unit_id, receiver_id=receiver_id,
                template=template, due_on=dt.date(2021, 5, 31), state=state,
                first_submitted_at=sent, submitted_at=sent,
            )
        )  # fmt: skip
    reports = _save(reports)
    _save(
        SelfCheckStandard(report=report, standard=row)
        for report, rows in zip(reports, owed.values(), strict=True)
        for row in rows
    )
    _save(
        SelfCheckProblem(
            report=report, standard=rows[0], description="示例问题",
            client_id=uuid.UUID(int=chance.getrandbits(128)),
        )
        for report, rows in zip(reports, owed.values(), strict=True)
    )  # fmt: skip
    _owe(country, SelfCheckReport, "self_check", [(r, None, r.unit_id, 31) for r in reports])


def _inspect(country: Country, answers: int) -> None:
    from inspections.models import ChecklistSheet, TeamMember  # noqa: PLC0415

    chance = country.chance
    template = country.items[0].section.template
    _save(TeamMember(task=task, membership=country.leader, role="leader") for task in country.tasks)
    sheets = []
    for task in country.tasks:
        signed = _at(6, 20, 17) if task.state in ("concluded", "reviewed", "closed") else None
        for row in (*country.standards[task.unit_id], None):
            conclusion = chance.choice(["conform", "conform", "deficient", "nonconform"])
            sheets.append(
                ChecklistSheet(
                    task=task, standard=row, template=template,
                    conclusion=conclusion if signed else "", signed_at=signed,
                )
            )  # fmt: skip
    sheets = _save(sheets)
    faults = _answer(country, sheets, answers)
    _find(country, faults)


def _answer(country: Country, sheets: list, answers: int) -> list:
    """The answers of every sheet; returns those that say something is wrong."""
    from inspections.models import ChecklistAnswer  # noqa: PLC0415

    chance = country.chance
    faults: list = []
    for start in range(0, len(sheets), 200):
        rows = []
        for sheet in sheets[start : start + 200]:
            asked = country.items[: max(answers, 3)]
            bad = (
                chance.sample(range(len(asked)), 2)
                if sheet.conclusion not in ("", "conform")
                else ()
            )
            shown = range(len(asked)) if answers else bad
            rows += [
                ChecklistAnswer(
                    sheet=sheet,
                    item=asked[n],
                    answer="deficient" if n in bad else "conform" if sheet.signed_at else "",
                    note="示例事实" if n in bad else "",
                )
                for n in shown
            ]
        faults += [row for row in _save(rows) if row.answer == "deficient"] if rows else []
    return faults


def _find(country: Country, faults: list) -> None:
    from inspections.models import Finding  # noqa: PLC0415
    from rectification.models import OrderItem, RectificationOrder  # noqa: PLC0415

    chance = country.chance
    states = ["ordered", "ordered", "submitted", "verified", "verified", "failed"]
    findings = _save(
        Finding(
            task=row.sheet.task, campaign=country.campaign,
            authority_id=row.sheet.task.authority_id, sheet=row.sheet, standard_id=row.sheet.standard_id, item=row.item,
            answer=row, category=row.item.problem_category, is_key=row.item.is_key,
            fact="示例事实记录", severity=chance.choice(["nonconform", "deficient", "deficient"]),
            basis="规范", state=chance.choice(states), state_since=_at(8, 10),
            due_on=dt.date(2021, 8, 1) + dt.timedelta(chance.randrange(31)),
        )
        for row in faults
    )  # fmt: skip
    by_task: dict[int, list] = {}
    for row in findings:
        by_task.setdefault(row.task_id, []).append(row)
    orders = _save(
        RectificationOrder(
            task_id=task, kind="correction", number=f"示例责改〔2021〕{task}号",
            issued_on=dt.date(2021, 7, 1), due_on=dt.date(2021, 8, 31), requirement="限期改正",
        )
        for task in by_task
    )  # fmt: skip
    for order, rows in zip(orders, by_task.values(), strict=True):
        for row in rows:
            row.order = order
    _save(OrderItem(order=row.order, finding=row) for row in findings)
    tasks = {task.pk: task for task in country.tasks}
    owed = [(row, None, tasks[row.task_id].unit_id, 31) for row in findings]
    _owe(country, Finding, "rectification", owed)
    _act(country, [row for row in findings if row.state == "failed"])


def _act(country: Country, failed: list) -> None:
    """What follows from failures: certificates, referrals."""
    from rectification.models import CaseReferral, CertificateDisposition  # noqa: PLC0415

    _save(
        CertificateDisposition(
            finding=row, standard_id=row.standard_id, reason="示例", action="seal",
            state="decided", proposed_by_authority_id=row.task.authority_id, decider=country.city,
            decided_on=dt.date(2021, 9, 10),
        )
        for row in failed[::3]
        if row.standard_id
    )  # fmt: skip
    _save(
        CaseReferral(
            finding=row, task_id=row.task_id, sent_to="综合行政执法总队", reason="示例", legal_basis="计量法",
            sent_on=dt.date(2021, 9, 5), state="filed", fine=Decimal("500.00"),
        )
        for row in failed[1::3]
    )  # fmt: skip


def _at(month: int, day: int, hour: int = 9) -> dt.datetime:
    from metrostd.common import clock  # noqa: PLC0415

    return clock.at_time(dt.date(2021, month, day), hour)


if __name__ == "__main__":
    chosen = choose_engine(argparse.ArgumentParser(description=__doc__))
    made = build(40, answers=43)
    print(len(made.tasks), "tasks on", chosen.engine)
