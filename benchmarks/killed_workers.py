"""Workers killed at random while they work: none of their jobs is lost, none is done twice.

    python benchmarks/killed_workers.py [KILLS] [--city FOLDER]

Run by hand. A sample city is played into a database of its own (SQLite), or a copy of one taken; then, round
after round, a real worker is started for one job of every kind and killed with SIGKILL at a random moment after
it took the job, and all of them are asked for again when they are offered. Tells for every kind how long that took and what
became of it. Exit status 1 when a job was lost, done twice, or offered later than after 90 seconds.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
WITHIN = 90


def _environment(folder: str) -> dict[str, str]:
    return os.environ | {
        "METROSTD_VAR": folder,
        "SECRET_KEY": "only-for-this-benchmark",
        "DJANGO_SETTINGS_MODULE": "metrostd.settings",
        "SECURE_HTTPS": "false",
    }


def _prepare(folder: str) -> None:
    for command in (
        ["migrate", "-v", "0"],
        ["load_reference"],
        ["simulate", "--format", "json"],
    ):
        _manage(folder, [*command, *_where(command, folder)])


def _manage(folder: str, command: list[str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=_environment(folder), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _where(command: list[str], folder: str) -> list[str]:
    return ["--output", f"{folder}/demo"] if command[0] == "simulate" else []


def _worker(folder: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "metrostd", "worker", "--pool", "solo", "--without-mingle",
         "--without-gossip", "--loglevel", "ERROR"],
        cwd=ROOT, env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


class Kinds:
    """A new job of every kind, and whether it was done exactly once."""

    def __init__(self) -> None:
        from metrostd.accounts.models import Membership  # noqa: PLC0415

        office = Membership.objects.active().filter(role="city_admin").select_related("user")[0]
        self.office = office.user
        self.office.act_as(office)
        self.number = 0
        #: The number of the first certificate of the list made last.
        self._first = 0

    #: Which of these makes a job of which kind; a kind without one is told before anything is killed.
    MAKERS: ClassVar[dict[str, str]] = {
        "accounts.open_units": "accounts",
        "accounts.print_slips": "slips",
        "accounts.import_roster": "roster",
        "reporting.edition_files": "edition",
        "reporting.city_papers": "city",
        "common.paper": "paper",
        "lists.reread": "rereading",
        "lists.undo": "undoing",
        "rectification.confirmation_pdf": "confirmation",
        "rectification.withdrawal_pdf": "withdrawal",
        "common.export": "exporting",
        "campaigns.open": "opening",
        "campaigns.follow_routing": "rerouting",
        "lists.read": "reading",
        "registry.bulk_edit": "bulk_edit",
        "rectification.order_pdf": "order",
        "inspections.record": "record",
        "lists.commit": "committing",
        "trail.check": "checking",
        "notices.deliver": "delivering",
        "campaigns.act": "adjusting",
        "risk.count": "counting",
    }

    def all(self) -> list:
        return [getattr(self, maker) for maker in self.MAKERS.values()]

    def adjusting(self):
        """The day self-checks are due moves on by a day each time: duties and messages of every unit."""
        from datetime import timedelta  # noqa: PLC0415

        from campaigns import acts  # noqa: PLC0415
        from campaigns.enums import Act  # noqa: PLC0415
        from campaigns.models import Campaign, PlanAdjustment  # noqa: PLC0415
        from metrostd.common import clock  # noqa: PLC0415
        from selfcheck.models import SelfCheckReport  # noqa: PLC0415

        row = Campaign.objects.filter(state="open").order_by("-pk").first()
        row = row or Campaign.objects.order_by("-pk")[0]
        before = row.unit_self_check_due
        new = max(before, clock.today()) + timedelta(days=1)
        Campaign.objects.filter(pk=row.pk).update(state="open")
        job = acts.leave(
            Act.ADJUST,
            row,
            title="示例",
            actor=self.office,
            authority=None,
            wanted={"unit_self_check_due": new.isoformat()},
            cause="other",
            note="示例",
        )

        def once() -> bool:
            made = PlanAdjustment.objects.filter(campaign=row, new=new.isoformat())
            left = SelfCheckReport.objects.filter(
                campaign=row, kind="unit", due_on=before, first_submitted_at=None
            )
            return made.count() == 1 and not left.exclude(state="exempted").exists()

        return job, once

    def counting(self):
        """A day nobody asked for before, the day before it each time."""
        from datetime import timedelta  # noqa: PLC0415

        from metrostd.common import clock  # noqa: PLC0415
        from metrostd.common.jobs import start_job  # noqa: PLC0415
        from metrostd.risk.models import Counting  # noqa: PLC0415
        from metrostd.risk.runners import JOB  # noqa: PLC0415

        earliest = Counting.objects.order_by("on").first()
        day = min(earliest.on if earliest else clock.today(), clock.today()) - timedelta(days=1)
        job = start_job(JOB, title="示例", owner=self.office, on=day.isoformat(), back="/risk/")
        return job, lambda: Counting.objects.done().filter(on=day).count() == 1

    def delivering(self):
        import datetime as dt  # noqa: PLC0415

        from campaigns.models import Campaign  # noqa: PLC0415
        from metrostd.notices import moves  # noqa: PLC0415
        from metrostd.notices.enums import NoticeKind  # noqa: PLC0415

        self.number += 1
        words = {
            "title": f"示例通知{self.number}",
            "number": f"示例〔2026〕{self.number}号",
            "addressees": "各区市场监管局，各有关单位",
            "body": "示例。",
            "basis": "示例",
            "issued_on": dt.date(2026, 9, 1),
            "copy_to": "",
            "is_public": False,
            "without_annexes": True,
            "to_bureaus": True,
            "to_institutes": True,
            "to_units": True,
        }
        campaign = Campaign.objects.exclude(state="closed").order_by("-pk")[0]
        row = moves.write(campaign, NoticeKind.FURTHER, words, file=None, actor=self.office)
        job = moves.issue(row, actor=self.office)

        def once() -> bool:
            units = row.deliveries.exclude(unit=None).values_list("unit", flat=True)
            return len(units) == len(set(units)) > 0

        return job, once

    def checking(self):
        from metrostd.accounts.models import Membership  # noqa: PLC0415
        from metrostd.common.jobs import start_job  # noqa: PLC0415
        from metrostd.trail.models import SealedRow  # noqa: PLC0415
        from metrostd.trail.runners import CHECK  # noqa: PLC0415

        auditor = Membership.objects.active().filter(role="auditor").select_related("user")[0]
        auditor.user.act_as(auditor)
        job = start_job(CHECK, title="示例", owner=auditor.user)

        def once() -> bool:
            rows = SealedRow.objects.values_list("kind", "row")
            return len(rows) == len(set(rows))

        return job, once

    def _waiting(self, count: int) -> list:
        """New units without an account."""
        from metrostd.registry.models import Authority, Unit  # noqa: PLC0415

        city = Authority.objects.get(code="120000")
        self.number += 1
        return [
            Unit.objects.create(
                name=f"示例{self.number}-{n}", unit_type="enterprise", territorial_authority=city
            )
            for n in range(count)
        ]

    def accounts(self):
        from metrostd.accounts import runners  # noqa: PLC0415
        from metrostd.accounts.models import Membership  # noqa: PLC0415
        from metrostd.common.jobs import start_job  # noqa: PLC0415

        units = [unit.pk for unit in self._waiting(60)]
        job = start_job(runners.OPEN, title="示例", owner=self.office, units=units)

        def once() -> bool:
            members = Membership.objects.filter(unit__in=units, is_active=True)
            people = list(members.values_list("user", flat=True))
            return len(people) == len(set(people)) == len(units) and _slips(job, people)

        return job, once

    def slips(self):
        from metrostd.accounts import bulk, runners  # noqa: PLC0415
        from metrostd.common.jobs import start_job  # noqa: PLC0415

        units = [unit.pk for unit in self._waiting(40)]
        people = [person.pk for person in bulk.open_for_units(units, actor=self.office)]
        job = start_job(runners.PRINT, title="示例", owner=self.office, people=people)
        return job, lambda: _slips(job, people)

    def roster(self):
        from io import BytesIO  # noqa: PLC0415

        from openpyxl import Workbook  # noqa: PLC0415

        from metrostd.accounts import roster, roster_writing  # noqa: PLC0415
        from metrostd.accounts.models import Membership  # noqa: PLC0415
        from metrostd.accounts.roster_sheet import HEADINGS  # noqa: PLC0415

        self.number += 1
        name, book = f"名册{self.number}-", Workbook()
        book.active.append(list(HEADINGS))
        for n in range(600):
            row = {"姓名": f"{name}{n}", "身份": "市级检查人员", "机关": "120000"}
            book.active.append([row.get(head, "") for head in HEADINGS])
        out = BytesIO()
        book.save(out)
        plan = roster.read(out.getvalue(), "示例.xlsx", viewer=self.office)
        job = roster_writing.queue(out.getvalue(), "示例.xlsx", plan, actor=self.office)
        members = Membership.objects.filter(user__display_name__startswith=name)

        def once() -> bool:
            return len(members) == len({row.user.display_name for row in members}) == 600

        return job, once

    def _edition(self):
        from reporting.models import StatEdition  # noqa: PLC0415

        return StatEdition.objects.exclude(narrative={}).order_by("?")[0]

    def edition(self):
        from metrostd.common.models import AuditEntry  # noqa: PLC0415
        from reporting import edition_files  # noqa: PLC0415
        from reporting.models import StatEdition  # noqa: PLC0415

        edition = self._edition()
        files = dict.fromkeys(("xlsx", "pdf", "report_pdf", "report_docx"))
        StatEdition.objects.filter(pk=edition.pk).update(**files)
        told = AuditEntry.objects.about(edition.report).filter(action=edition_files.ACTION)
        before = told.count()
        job = edition_files.start(edition)

        def once() -> bool:
            edition.refresh_from_db()
            return all(getattr(edition, name) for name in files) and told.count() == before + 1

        return job, once

    def city(self):
        from metrostd.common import clock  # noqa: PLC0415
        from reporting.models import CityReport  # noqa: PLC0415
        from reporting.narrative import city_moves  # noqa: PLC0415

        edition = self._edition()
        finished = {"state": "finished", "narrative": edition.narrative, "finished_at": clock.now()}
        report, _ = CityReport.objects.get_or_create(campaign=edition.report.campaign)
        CityReport.objects.filter(pk=report.pk).update(
            **finished, report_pdf=None, report_docx=None
        )
        job = city_moves.start(report)

        def once() -> bool:
            report.refresh_from_db()
            return report.report_pdf is not None and report.report_docx is not None

        return job, once

    def paper(self):
        from metrostd.common.models import Paper  # noqa: PLC0415
        from reporting.narrative import draft_papers  # noqa: PLC0415
        from reporting.narrative.paper import from_plain  # noqa: PLC0415

        self.number += 1
        words = from_plain(self._edition().narrative | {"title": ["示例", str(self.number)]})
        paper = draft_papers.draft_of(words, "pdf", copy="")

        def once() -> bool:
            return Paper.objects.get(pk=paper.pk).file is not None

        return paper.job, once

    def opening(self):
        from datetime import timedelta  # noqa: PLC0415

        from campaigns import moves  # noqa: PLC0415
        from campaigns.models import Campaign, Duty  # noqa: PLC0415
        from metrostd.common import clock  # noqa: PLC0415

        self.number += 1
        like = Campaign.objects.filter(state="open")[0]
        fields = {f.name: getattr(like, f.name) for f in Campaign._meta.fields}
        fields |= {"id": None, "code": f"k{self.number}", "title": "示例", "state": "draft",
                   "created_at": clock.now() + timedelta(seconds=1)}  # fmt: skip
        campaign = Campaign.objects.create(**fields)
        for stage in like.stages.filter(authority=None):
            stage.pk, stage.campaign = None, campaign
            stage.save()
        job = moves.request_opening(campaign, actor=self.office)

        def once() -> bool:
            campaign.refresh_from_db()
            owed = Duty.objects.filter(campaign=campaign).values_list(
                "kind", "target_id", "authority_id", "unit_id"
            )
            return campaign.state == "open" and len(owed) == len(set(owed))

        return job, once

    def rerouting(self):
        """A routing table that gives 企业最高 to the other kind of office than before."""
        from datetime import timedelta  # noqa: PLC0415

        from campaigns import routing_tables  # noqa: PLC0415
        from campaigns.models import RoutedStandard, RoutingRule, RoutingTable  # noqa: PLC0415
        from campaigns.routing import Rules  # noqa: PLC0415
        from metrostd.common import clock  # noqa: PLC0415
        from metrostd.common.models import AuditEntry  # noqa: PLC0415

        before, today = Rules.in_force(), clock.today()
        table = RoutingTable.objects.create(version=max(routing_tables.versions()) + 1)
        other = {"city": "district", "district": "city"}
        RoutingRule.objects.bulk_create(
            RoutingRule(
                version=table.version,
                category=category,
                inspector=other[inspector] if category == "ent_highest" else inspector,
            )
            for category, inspector in before.inspectors.items()
        )
        # One table takes effect a day: what was put in force a moment ago steps back.
        earlier = RoutingTable.objects.filter(in_force_from=today)
        earlier.update(in_force_from=today - timedelta(days=1))
        job = routing_tables.put_in_force(table, today, note="示例", actor=self.office)
        told = AuditEntry.objects.filter(action="routing.follow_table", at__gte=clock.now())

        def once() -> bool:
            rows = list(told.values_list("target_id", flat=True))
            moved = RoutedStandard.objects.filter(rule_version=table.version).count()
            return len(rows) == len(set(rows)) == moved

        return job, once

    def _list(self):
        from io import BytesIO  # noqa: PLC0415

        from openpyxl import Workbook  # noqa: PLC0415

        from benchmarks.import_list import HEADERS, _unit  # noqa: PLC0415

        self.number += 1
        self._first = 500_000 + self.number * 1000
        book, chance = Workbook(), random.Random(self.number)
        book.active.append(list(HEADERS))
        for unit in range(300):
            number = self._first + unit
            for line in _unit(number % 1_000_000, 1, chance):
                book.active.append(
                    [unit, *line[:8], f"〔{line[8]}〕津量标企证字第{number}号", *line[9:]]
                )
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    def reading(self):
        from metrostd.common import clock  # noqa: PLC0415
        from metrostd.lists.imports.batches import store_list  # noqa: PLC0415
        from metrostd.lists.imports.queueing import queue_read  # noqa: PLC0415
        from metrostd.registry.models import Authority, ImportBatch  # noqa: PLC0415

        file, _ = store_list(self._list(), "示例.xlsx")
        city = Authority.objects.get(code="120000")
        job = queue_read(file, "示例.xlsx", category="ent_highest", issuing_authority=city,
                         campaign_code="", on=clock.today(), actor=self.office)  # fmt: skip
        return job, lambda: ImportBatch.objects.filter(file=file).count() == 1

    def committing(self):
        from metrostd.common import clock  # noqa: PLC0415
        from metrostd.lists.imports import start_import  # noqa: PLC0415
        from metrostd.lists.imports.queueing import queue_commit  # noqa: PLC0415
        from metrostd.registry.models import Authority  # noqa: PLC0415

        city = Authority.objects.get(code="120000")
        batch = start_import(self._list(), "示例.xlsx", category="ent_highest", issuing_authority=city,
                             on=clock.today(), actor=self.office)  # fmt: skip
        first = self._first
        return queue_commit(batch, actor=self.office), lambda: _entered(first) == (300, 300)

    def _read(self):
        from metrostd.common import clock  # noqa: PLC0415
        from metrostd.lists.imports import start_import  # noqa: PLC0415
        from metrostd.registry.models import Authority  # noqa: PLC0415

        city = Authority.objects.get(code="120000")
        return start_import(self._list(), "示例.xlsx", category="ent_highest", issuing_authority=city,
                            on=clock.today(), actor=self.office)  # fmt: skip

    def rereading(self):
        from metrostd.common.models import AuditEntry  # noqa: PLC0415
        from metrostd.lists.imports.queueing import queue_reread  # noqa: PLC0415

        batch = self._read()
        job = queue_reread(batch, actor=self.office)
        told = AuditEntry.objects.about(batch).filter(action="import.reread")
        # What was read anew by a worker that died before it said so is read once more.
        return job, lambda: batch.rows.count() == 300 and told.count() in (1, 2)

    def undoing(self):
        from metrostd.common.models import AuditEntry  # noqa: PLC0415
        from metrostd.lists.imports import commit_import  # noqa: PLC0415
        from metrostd.lists.imports.queueing import queue_undo  # noqa: PLC0415

        batch, first = self._read(), self._first
        commit_import(batch, actor=self.office)
        job = queue_undo(batch, actor=self.office, note="示例")
        told = AuditEntry.objects.about(batch).filter(action="import.undo")

        def once() -> bool:
            batch.refresh_from_db()
            return batch.state == "undone" and _entered(first) == (0, 0) and told.count() == 1

        return job, once

    def confirmation(self):
        from rectification import papers  # noqa: PLC0415
        from rectification.models import RectificationOrder  # noqa: PLC0415

        order = RectificationOrder.objects.filter(state="verified").order_by("?")[0]
        RectificationOrder.objects.filter(pk=order.pk).update(confirmation=None)
        job = papers.render_confirmation(order, actor=self.office)

        def once() -> bool:
            order.refresh_from_db()
            return order.confirmation is not None

        return job, once

    def withdrawal(self):
        from rectification import papers  # noqa: PLC0415
        from rectification.models import RectificationOrder  # noqa: PLC0415

        order = RectificationOrder.objects.order_by("?")[0]
        RectificationOrder.objects.filter(pk=order.pk).update(withdrawn_document=None)
        job = papers.render_withdrawn(order, actor=self.office)

        def once() -> bool:
            order.refresh_from_db()
            return order.withdrawn_document is not None

        return job, once

    def exporting(self):
        from django.urls import reverse  # noqa: PLC0415

        from metrostd.common import exports  # noqa: PLC0415
        from metrostd.common.jobs import start_job  # noqa: PLC0415
        from metrostd.common.models import ExportedFile  # noqa: PLC0415

        address = f"{reverse('registry:standards_export')}?"
        job = start_job(exports.JOB, title="导出", owner=self.office, address=address,
                        kept={"campaign": None})  # fmt: skip
        return job, lambda: ExportedFile.objects.filter(job=job).count() == 1

    def bulk_edit(self):
        from metrostd.common.jobs import start_job  # noqa: PLC0415
        from metrostd.common.models import AuditEntry  # noqa: PLC0415
        from metrostd.registry.models import BulkEdit, Unit  # noqa: PLC0415

        pks = list(Unit.objects.values_list("pk", flat=True)[:100])
        self.number += 1
        kind = ("enterprise", "institution")[self.number % 2]
        edit = BulkEdit.objects.create(kind="unit", field="unit_type", value=kind, words="示例", wanted=pks,
                                       made_by=self.office)  # fmt: skip
        job = start_job("registry.bulk_edit", title="示例", owner=self.office, edit=edit.pk)
        told = AuditEntry.objects.about_all(Unit, pks).filter(action="registry.bulk_edit")
        before = told.count()

        def once() -> bool:
            edit.refresh_from_db()
            return told.count() - before == len(edit.changes)

        return job, once

    def order(self):
        from rectification import papers  # noqa: PLC0415
        from rectification.models import RectificationOrder  # noqa: PLC0415

        order = RectificationOrder.objects.order_by("?")[0]
        RectificationOrder.objects.filter(pk=order.pk).update(document=None)
        job = papers.render_order(order, actor=self.office)

        def once() -> bool:
            order.refresh_from_db()
            return order.document is not None

        return job, once

    def record(self):
        from inspections import signed_records  # noqa: PLC0415
        from inspections.models import InspectionTask  # noqa: PLC0415
        from metrostd.common.models import AuditEntry  # noqa: PLC0415

        task = InspectionTask.objects.filter(sheets__signed_at__isnull=False).order_by("?")[0]
        task.sheets.update(record=None)
        filed = AuditEntry.objects.about(task).filter(action=signed_records.ACTION)
        before = max(filed.count(), 1)
        job = signed_records.render_record(task, actor=self.office)
        return job, lambda: filed.count() == before


def _entered(first: int) -> tuple[int, int]:
    """How many certificates of a list stand in the register, and how many units hold them."""
    from metrostd.registry.models import StandardCertificate  # noqa: PLC0415

    rows = StandardCertificate.objects.filter(number__contains="津量标企证字第")
    found = [
        unit
        for number, unit in rows.values_list("number", "standard__unit")
        if (match := re.search(r"第(\d+)号", number)) and 0 <= int(match[1]) - first < 300
    ]
    return len(found), len(set(found))


def _slips(job, people: list[int]) -> bool:
    """One file of slips, and one code for each person that opens an account."""
    from metrostd.accounts.models import OneTimeCode, SlipPrint  # noqa: PLC0415

    files = SlipPrint.objects.filter(job=job.pk).exclude(content="")
    valid = OneTimeCode.objects.filter(user__in=people, used_at=None, voided_at=None)
    owners = list(valid.values_list("user", flat=True))
    return files.count() == 1 and len(owners) == len(set(owners)) == len(people)


def _until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


class Watch(threading.Thread):
    """Looks twice a second which of the jobs whose workers died are offered again, and notes when."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.killed: dict[int, float] = {}
        self.offered: dict[int, float] = {}
        self.over = False

    def run(self) -> None:
        from metrostd.common import jobs  # noqa: PLC0415
        from metrostd.common.models import Job  # noqa: PLC0415

        while not self.over:
            for job in Job.objects.filter(pk__in=self.killed.keys() - self.offered.keys()):
                if not job.is_active or jobs.is_lost(job):
                    self.offered[job.pk] = time.monotonic() - self.killed[job.pk]
            time.sleep(0.5)


def main(kills: int, city: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        if city:
            shutil.copytree(city, folder, dirs_exist_ok=True)
            _manage(folder, ["migrate", "-v", "0"])
        else:
            _prepare(folder)
        os.environ.update(_environment(folder))
        import django  # noqa: PLC0415

        django.setup()
        return _play(kills, folder)


def _nothing_waits(folder: str) -> None:
    """The papers of the played campaigns are not what is measured."""
    from metrostd.common.models import Job  # noqa: PLC0415

    Job.objects.all().delete()
    for message in Path(folder, "queue", "messages").glob("*"):
        message.unlink()


def _play(kills: int, folder: str) -> int:
    from metrostd.common import jobs  # noqa: PLC0415

    if lacking := jobs.kinds() ^ Kinds.MAKERS.keys():
        print(f"kinds of job that are not made here, or are no more: {sorted(lacking)}")
        return 1
    _nothing_waits(folder)
    kinds, chance, bad, done, worst = Kinds(), random.Random(7), 0, 0, 0.0
    while done < kills:
        makers = kinds.all()[: kills - done]
        wrong, longest = _round(makers, folder, chance)
        done, bad, worst = done + len(makers), bad + wrong, max(worst, longest)
    print(f"{done} kills, {bad} bad, longest until offered {worst:.1f} s")
    return 1 if bad else 0


def _round(makers: list, folder: str, chance: random.Random) -> tuple[int, float]:
    """A worker killed over one job of each; all are asked for again once they are offered, and done by one more.

    Returns how many came out wrong, and the longest any of them was not offered.
    """
    from metrostd.common import jobs  # noqa: PLC0415
    from metrostd.common.models import Job  # noqa: PLC0415

    def row(job):
        return Job.objects.get(pk=job.pk)

    watch, made = Watch(), []
    watch.start()
    for make in makers:
        worker = _worker(folder)
        job, once = make()
        _until(lambda job=job: row(job).state != "queued", 300)
        time.sleep(chance.random() * 0.8)
        worker.kill()
        worker.wait()
        watch.killed[job.pk] = time.monotonic()
        made.append((job, once, row(job).state))
    _until(lambda: watch.offered.keys() >= watch.killed.keys(), WITHIN)
    for job, _, state in made:
        if state != "done":
            jobs.retry(row(job))
    worker = _worker(folder)
    _until(lambda: not any(row(job).is_active for job, *_ in made), 600)
    worker.kill()
    worker.wait()
    watch.over = True
    bad = 0
    for job, once, state in made:
        end, waited = row(job), watch.offered.get(job.pk, float("inf"))
        right = waited <= WITHIN and end.state == "done" and once()
        bad += not right
        print(f"{'ok ' if right else 'BAD'} {end.kind:28} killed while {state:7} offered after {waited:5.1f} s, "
              f"{end.attempt} attempts, {end.state} {end.failure}", flush=True)  # fmt: skip
    return bad, max(watch.offered.values(), default=0.0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=30)
    parser.add_argument("--city", default="", help="a folder with a sample city played before")
    chosen = parser.parse_args()
    sys.exit(main(chosen.kills, chosen.city))
