"""Workers killed at random while they work: none of their jobs is lost, none is done twice.

    python benchmarks/killed_workers.py [KILLS]

Run by hand. A sample city is played into a database of its own (SQLite); then, round after round, a real
worker is started for one job of every kind, killed with SIGKILL at a random moment after it took the job,
and the job is asked for again as soon as it is offered. Tells for every kind how long that took and what
became of it. Exit status 1 when a job was lost, done twice, or offered later than after 90 seconds.
"""

import os
import random
import subprocess
import sys
import tempfile
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
        subprocess.run(
            [sys.executable, "manage.py", *command, *_where(command, folder)],
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

    #: Which of these makes a job of which kind; a kind without one is told before anything is killed.
    MAKERS: ClassVar[dict[str, str]] = {
        "accounts.open_units": "accounts",
        "accounts.print_slips": "slips",
        "reporting.edition_files": "edition",
        "reporting.city_papers": "city",
        "common.paper": "paper",
        "lists.reread": "rereading",
        "lists.undo": "undoing",
        "rectification.confirmation_pdf": "confirmation",
        "rectification.withdrawal_pdf": "withdrawal",
        "common.export": "exporting",
        "campaigns.open": "opening",
        "lists.read": "reading",
        "registry.bulk_edit": "bulk_edit",
        "rectification.order_pdf": "order",
        "inspections.record": "record",
        "lists.commit": "committing",
    }

    def all(self) -> list:
        return [getattr(self, maker) for maker in self.MAKERS.values()]

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
        paper = draft_papers.draft_of(words, "pdf")

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

    def _list(self):
        from io import BytesIO  # noqa: PLC0415

        from openpyxl import Workbook  # noqa: PLC0415

        from benchmarks.import_list import HEADERS, _unit  # noqa: PLC0415

        self.number += 1
        book, chance = Workbook(), random.Random(self.number)
        book.active.append(list(HEADERS))
        for unit in range(300):
            number = 500_000 + self.number * 1000 + unit
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
        from metrostd.registry.models import Authority, StandardCertificate, Unit  # noqa: PLC0415

        city = Authority.objects.get(code="120000")
        units = Unit.objects.count()
        batch = start_import(self._list(), "示例.xlsx", category="ent_highest", issuing_authority=city,
                             on=clock.today(), actor=self.office)  # fmt: skip
        job = queue_commit(batch, actor=self.office)

        def once() -> bool:
            numbers = list(
                StandardCertificate.objects.values_list("number", flat=True).exclude(number="")
            )
            return Unit.objects.count() == units + 300 and len(numbers) >= len(set(numbers))

        return job, once

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
        from metrostd.registry.models import Unit  # noqa: PLC0415

        batch, units = self._read(), Unit.objects.count()
        commit_import(batch, actor=self.office)
        job = queue_undo(batch, actor=self.office, note="示例")
        told = AuditEntry.objects.about(batch).filter(action="import.undo")

        def once() -> bool:
            batch.refresh_from_db()
            return batch.state == "undone" and Unit.objects.count() == units and told.count() == 1

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


def main(kills: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
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
    from metrostd.common.models import Job  # noqa: PLC0415

    if lacking := jobs.kinds() ^ Kinds.MAKERS.keys():
        print(f"kinds of job that are not made here, or are no more: {sorted(lacking)}")
        return 1
    _nothing_waits(folder)
    kinds, chance, bad, done, worst = Kinds(), random.Random(7), 0, 0, 0.0

    def row(job):
        return Job.objects.get(pk=job.pk)

    while done < kills:
        for make in kinds.all()[: kills - done]:
            worker = _worker(folder)
            job, once = make()
            _until(lambda job=job: row(job).state != "queued", 300)
            time.sleep(chance.random() * 0.8)
            worker.kill()
            worker.wait()
            state, at = row(job).state, time.monotonic()
            offered = _until(
                lambda job=job: not row(job).is_active or jobs.is_lost(row(job)), WITHIN
            )
            waited = time.monotonic() - at
            worst = max(worst, waited)
            worker = _worker(folder)
            jobs.retry(row(job))
            ended = _until(lambda job=job: not row(job).is_active, 300)
            worker.kill()
            worker.wait()
            end = row(job)
            right = offered and ended and end.state == "done" and once()
            bad += not right
            done += 1
            print(f"{'ok ' if right else 'BAD'} {end.kind:28} killed while {state:7} offered after {waited:5.1f} s, "
                  f"{end.attempt} attempts, {end.state} {end.failure}", flush=True)  # fmt: skip
    print(f"{done} kills, {bad} bad, longest until offered {worst:.1f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
