"""The sample city, played once: who may see what of it, and whether its figures are right.

One module, so that the city is played once for all of its tests and cleared away afterwards.
"""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Model, Q
from django.forms import BaseForm
from django.http import Http404
from django.test import Client
from django.urls import resolve, reverse

from campaigns.models import (
    Campaign,
    ClosedEdition,
    DrawRun,
    DrawTerms,
    Duty,
    RoutedStandard,
    SamplingFrame,
)
from campaigns.reference import load_reference
from campaigns.verifying import verify_draw
from inspections.models import (
    CertificationReview,
    ChecklistAnswer,
    ChecklistSheet,
    Evidence,
    Finding,
    InspectionTask,
    ReviewProblem,
    Signature,
    StopTransferOrder,
    TeamMember,
)
from metrostd.accounts.middleware import SESSION_KEY
from metrostd.accounts.models import Absence, Membership, SignedIn
from metrostd.common import clock
from metrostd.common.models import AuditEntry, Job, StatefulModel, StoredFile
from metrostd.common.roles import Role
from metrostd.demo.simulator import Simulator
from metrostd.notifications.models import Envelope, Message
from metrostd.registry.enums import ChangeKind, ChangeState
from metrostd.registry.models import (
    Authority,
    BulkEdit,
    CapabilityTest,
    ChangeFile,
    ChangeRecord,
    HandOver,
    HandOverReturn,
    ImportBatch,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    TraceRecord,
    Unit,
    UnitMerge,
)
from rectification.enums import DispositionAction
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
    Rectification,
    RectificationFile,
    RectificationOrder,
)
from reporting import rules
from reporting.annex3 import build
from reporting.models import Bulletin, ReportTemplate, StatEdition, StatReport, TypicalCase
from selfcheck.models import SelfCheckAnswer, SelfCheckFile, SelfCheckProblem, SelfCheckReport
from tests import canaries, clauses, trail_watch
from tests.city_objects import BESIDE
from tests.reporting.recount import recount, recount_reviews
from tests.test_form_words import STOCK
from tests.test_routes import ROUTES

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 7, 14)
MORNING = clock.at_time(TODAY, 10)
#: What was written without a trail row while the city was played: lines that led there and tables, how often.
WITHOUT_ROW: dict[tuple[str, frozenset[str]], int] = {}
#: The people of the sweeps, signed in once when the city has been played.
CLIENTS: dict[int, Client] = {}


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """Both campaigns of the sample city in the test database; papers are left to a worker."""
    try:
        with django_db_blocker.unblock():
            play(tmp_path_factory.mktemp("city"))
            for membership in (*strangers(chosen()), office()):
                CLIENTS[membership.pk] = signed_in(membership)
        yield
    finally:
        # A city half played would be there for every test after it.
        CLIENTS.clear()
        with django_db_blocker.unblock():
            call_command("flush", interactive=False, verbosity=0)


def play(folder: Path) -> None:
    """Both campaigns; what is written meanwhile is looked at, transaction by transaction."""
    eager = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = False
    load_reference()
    try:
        with trail_watch.watched() as watch, clock.pinned(clock.at_time(TODAY, 8)):
            Simulator(scale="city", seed=2021, today=TODAY, folder=folder).play()
    finally:
        current_app.conf.task_always_eager = eager
    WITHOUT_ROW.update(watch.found)


@pytest.fixture
def finished() -> Campaign:
    return Campaign.objects.get(state="closed")


def offices_of(campaign: Campaign) -> list[Authority]:
    """Every authority that inspects something in the campaign."""
    return list(Authority.objects.filter(pk__in=campaign.routed.values("inspecting_authority")))


@pytest.fixture
def running() -> Campaign:
    return Campaign.objects.get(state="open")


# What was played ---------------------------------------------------------------------------------


def test_the_city_has_the_promised_size(running, finished):
    assert Authority.objects.districts().count() == 16
    assert 110 <= Unit.objects.count() <= 130
    assert 330 <= MeasurementStandard.objects.count() <= 390
    assert (finished.code, running.code) == ("2025", "2026")
    assert all("示例" in name for name in Unit.objects.values_list("name", flat=True))


def test_today_lies_in_the_onsite_stage(running):
    stage = running.stages.get(kind="onsite")

    assert stage.starts_on < TODAY < stage.ends_on


def test_every_draw_can_be_computed_again():
    runs = DrawRun.objects.all()

    assert runs.count() == 36  # of 17 offices and of bureaus, in both campaigns
    assert {run.pk: verify_draw(run) for run in runs} == {run.pk: [] for run in runs}


def test_the_finished_campaign_left_nothing_open(finished):
    assert not Duty.objects.filter(campaign=finished).open().exists()
    assert not Finding.objects.filter(task__campaign=finished).exclude(
        state__in=("verified", "no_action", "handled", "withdrawn")
    )


def test_every_finding_names_campaign_and_office_as_its_visit_does():
    places = Finding.objects.values_list("campaign", "authority")

    assert places.exists()
    assert list(places.order_by("pk")) == list(
        Finding.objects.order_by("pk").values_list("task__campaign", "task__authority")
    )


def test_nothing_happened_after_today():
    assert not AuditEntry.objects.filter(at__date__gt=TODAY).exists()
    assert AuditEntry.objects.filter(actor=None).exists()  # the clock acted, too


# Annex 3 -----------------------------------------------------------------------------------------


def test_annex_3_equals_the_recount_in_plain_sql(finished, running):
    compared = 0
    for campaign in (finished, running):
        for office in offices_of(campaign):
            annex = build(campaign, office, as_of=TODAY)
            reviews = recount_reviews(campaign.pk, office.pk)
            wanted = recount(campaign.pk, office.pk) | {
                "V": {name: {name: value} for name, value in reviews.items()}
            }
            for block, row, cell in annex.cells():
                if cell.figure.ratio_of:
                    continue
                expected = wanted.get(block, {}).get(row, {}).get(cell.figure.id, 0)
                place = (campaign.code, office.code, block, row, cell.figure.id)
                assert (place, cell.value or 0) == (place, expected)
                compared += 1

    assert compared > 10_000


def test_the_finished_campaign_breaks_no_blocking_rule(finished):
    for office in (None, *offices_of(finished)):
        annex = build(finished, office, as_of=TODAY)

        broken = [
            (r.id, r.detail) for r in rules.check(annex) if not r.ok and r.severity == "block"
        ]

        assert (str(office), broken) == (str(office), [])


# What leaves a row --------------------------------------------------------------------------------


def test_everything_the_services_wrote_left_a_row():
    """What the demo writes into the register by itself is no service of the portal."""
    known = ("metrostd/demo/", *trail_watch.ELSEWHERE)
    bare = {at: n for at, n in WITHOUT_ROW.items() if not at[0].startswith(known)}

    assert bare == {}


# Who may see what --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owner:
    """One unit's case: the objects of one order and everything that led to it."""

    order: RectificationOrder

    @property
    def task(self) -> InspectionTask:
        return self.order.task

    @property
    def finding(self) -> Finding:
        return self.order.items.first().finding

    @property
    def report(self) -> SelfCheckReport:
        return SelfCheckReport.objects.filter(
            campaign=self.task.campaign, unit=self.task.unit, covered__standard=self.standard
        ).first()

    @property
    def standard(self) -> MeasurementStandard:
        return self.task.standards.first().standard


def chosen() -> Owner:
    """A case that went from the draw to its confirmed end."""
    orders = RectificationOrder.objects.filter(
        task__campaign__state="closed",
        task__authority__level="district",
        task__unit__unit_type="enterprise",
        state="verified",
    )
    return Owner(orders.order_by("pk").first())


@pytest.fixture
def owner() -> Owner:
    return chosen()


def _extension(owner: Owner) -> ExtensionRequest:
    return ExtensionRequest.objects.create(
        finding=owner.finding, wanted_on=TODAY, reason="示例", asked_by=None
    )


def _problem(owner: Owner) -> SelfCheckProblem:
    return SelfCheckProblem.objects.create(
        report=owner.report, description="示例", client_id="7a52c58e-3a52-4d25-9b1d-5c2a51f4a9c1"
    )


def _self_check_file(owner: Owner) -> SelfCheckFile:
    return SelfCheckFile.objects.create(
        report=owner.report,
        file=owner.finding.answer.evidence.first().file,
        name="示例.jpg",
        client_id="7a52c58e-3a52-4d25-9b1d-5c2a51f4a9c2",
    )


def _stop(owner: Owner) -> StopTransferOrder:
    return StopTransferOrder.objects.create(task=owner.task, standard=owner.standard, basis="示例")


def _disposition(owner: Owner) -> CertificateDisposition:
    return CertificateDisposition.objects.create(
        finding=owner.finding,
        standard=owner.standard,
        action=DispositionAction.SEALED,
        reason="示例",
        proposed_by_authority=owner.task.authority,
        decider=owner.task.authority,
    )


def _referral(owner: Owner) -> CaseReferral:
    return CaseReferral.objects.create(
        finding=owner.finding,
        task=owner.task,
        sent_to="示例",
        reason="示例",
        legal_basis="示例",
        sent_on=TODAY,
    )


def _change(owner: Owner) -> ChangeRecord:
    known = {"standard": owner.standard, "kind": ChangeKind.SEAL, "state": ChangeState.SUBMITTED}
    return ChangeRecord.objects.get_or_create(
        number="示例变〔2026〕1号", defaults=known | {"submitted_at": clock.now()}
    )[0]


def _change_file(owner: Owner) -> ChangeFile:
    return ChangeFile.objects.create(
        record=_change(owner), file=owner.finding.answer.evidence.first().file, name="示例.jpg"
    )


def _job(owner: Owner) -> Job:
    district = Membership.objects.filter(role=Role.DISTRICT_ADMIN, authority=owner.task.authority)
    user = district.earliest("pk").user
    return Job.objects.create(kind="示例", title="示例", owner=user)


def _frame(owner: Owner) -> SamplingFrame:
    return SamplingFrame.objects.get(campaign=owner.task.campaign, authority=owner.task.authority)


def _draw_terms(owner: Owner) -> DrawTerms:
    return _frame(owner).terms.first()


def _routed(owner: Owner) -> RoutedStandard:
    return RoutedStandard.objects.get(campaign=owner.task.campaign, standard=owner.standard)


def _test(owner: Owner) -> CapabilityTest:
    """A test with a scan of its record."""
    return _scanned(owner, owner.standard.capability_tests.first())


def _public_certificate(owner: Owner) -> PublicStandardCertificate:
    return _scanned(
        owner,
        PublicStandardCertificate.objects.create(
            standard=owner.standard, number="示例", issuer="示例", issue_date=TODAY
        ),
    )


def _scanned(owner: Owner, record):
    record.file, record.file_name = owner.finding.answer.evidence.first().file, "示例.jpg"
    record.save(update_fields=["file", "file_name"])
    return record


def _trace(owner: Owner) -> TraceRecord:
    """A tracing record with a scan."""
    return _scanned(owner, TraceRecord.objects.filter(instrument__standard=owner.standard).first())


def _first(model, **lookup):
    return lambda owner: model.objects.filter(
        **{path: value(owner) for path, value in lookup.items()}
    ).first()


def _merge(owner: Owner) -> UnitMerge:
    return UnitMerge.objects.create(
        survivor=owner.task.unit,
        gone=Unit.objects.exclude(pk=owner.task.unit.pk).order_by("pk").first(),
        survivor_version=1,
        gone_version=1,
    )


def _hand_over(owner: Owner) -> HandOver:
    return HandOver.objects.filter(authority=owner.task.authority, rows__isnull=False).first()


def _returned(owner: Owner) -> HandOverReturn:
    hand_over = _hand_over(owner)
    return HandOverReturn.objects.create(
        hand_over=hand_over, row=hand_over.rows.first(), reason="wrong", words="示例", state="open"
    )


def _edition(owner: Owner) -> StatEdition:
    """Of an office none of the strangers belongs to."""
    return StatEdition.objects.filter(report__authority=owner.task.authority).first()


_report = _first(StatReport, authority=lambda o: o.task.authority)


def _typical_case(owner: Owner) -> TypicalCase:
    return TypicalCase.objects.get_or_create(report=_report(owner), finding=owner.finding)[0]


def _bulletin(owner: Owner) -> Bulletin:
    """A draft of the organiser, which nobody else reads."""
    known = {"title": "示例", "text": "示例", "basis": "示例", "visible_from": dt.date(2021, 11, 1)}
    return Bulletin.objects.get_or_create(campaign=owner.task.campaign, **known)[0]


def _report_template(owner: Owner) -> ReportTemplate:
    file = StoredFile.objects.order_by("pk").first()
    known = {"authority": owner.task.authority, "name": "示例.docx", "file": file}
    return ReportTemplate.objects.get_or_create(**known)[0]


def _certification(owner: Owner) -> CertificationReview:
    """A review that has found something, of a bureau none of the strangers belongs to."""
    theirs = [member.authority_id for member in strangers(owner) if member.authority_id]
    rows = CertificationReview.objects.exclude(bureau__in=theirs)
    return rows.filter(problems__proof__isnull=False).order_by("pk").first()


def _review_problem(owner: Owner) -> ReviewProblem:
    return _certification(owner).problems.filter(proof__isnull=False).order_by("pk").first()


def _standard_sheet(owner: Owner) -> ChecklistSheet:
    return owner.task.sheets.exclude(standard=None).order_by("pk").first()


def _case_sheet(owner: Owner) -> ChecklistSheet:
    return _certification(owner).task.sheets.exclude(case=None).order_by("pk").first()


_answer = _first(SelfCheckAnswer, report=lambda o: o.report)
_membership = _first(Membership, unit=lambda o: o.task.unit)
_message = _first(Message, membership__unit=lambda o: o.task.unit)

_officer = _first(
    Membership, authority=lambda o: o.task.authority, role=lambda o: Role.DISTRICT_INSPECTOR
)


def _session(owner: Owner) -> SignedIn:
    member = _officer(owner)
    return SignedIn.objects.get_or_create(session_key="somebody", defaults={"user": member.user})[0]


def _envelope(owner: Owner) -> Envelope:
    """A mail to the unit's person that did not arrive."""
    return Envelope.objects.get_or_create(
        user=_membership(owner).user, channel="mail", day=TODAY,
        defaults={"message_id": "<city@x>", "failed_at": clock.now()},
    )[0]  # fmt: skip


#: Whose object a route shows, by the part of its name; the longest prefix counts.
OBJECTS = {
    "accounts:": lambda o: _officer(o).user,
    "accounts:absence_end": lambda o: Absence.objects.get_or_create(
        membership=_officer(o), deputy=_membership(o), first_on=TODAY, last_on=TODAY
    )[0],
    "accounts:act": _membership,
    "accounts:change": _officer,
    "accounts:leave": _officer,
    "accounts:close_session": _session,
    "accounts:office": lambda o: o.task.authority,
    "campaigns:duty": _first(Duty, unit=lambda o: o.task.unit),
    "campaigns:frame": _frame,
    "campaigns:frame_export": _frame,
    "campaigns:announce": _frame,
    "campaigns:annul": _frame,
    "campaigns:freeze": _frame,
    "campaigns:withdraw_frame": _frame,
    "campaigns:rehearse": _frame,
    "campaigns:terms": _draw_terms,
    "campaigns:acknowledge": _draw_terms,
    "campaigns:enter_value": _draw_terms,
    "campaigns:confirm_value": _draw_terms,
    "campaigns:missed_value": _draw_terms,
    "campaigns:draw": lambda o: _frame(o).runs.first(),
    "campaigns:draw_export": lambda o: _frame(o).runs.first(),
    "campaigns:directed": lambda o: _frame(o).runs.first(),
    "campaigns:strike": lambda o: _frame(o).runs.first(),
    "campaigns:record_json": lambda o: _frame(o).runs.first(),
    "campaigns:supplement": lambda o: _frame(o).runs.first(),
    "campaigns:further": lambda o: _frame(o).runs.first().drawn.first(),
    "campaigns:void": lambda o: _frame(o).runs.first(),
    "campaigns:record": lambda o: _frame(o).runs.first(),
    "campaigns:edition": lambda o: ClosedEdition.objects.first(),
    "campaigns:resolve": _routed,
    "common:": _job,
    "reporting:edition": _edition,
    "reporting:report": _report,
    "reporting:narrative": _report,
    "reporting:save_chapter": _report,
    "reporting:save_case": _typical_case,
    "reporting:template_file": _report_template,
    "reporting:bulletin": _bulletin,
    "bulletins:bulletin": _bulletin,
    "bulletins:pdf": _bulletin,
    "bulletins:record": _bulletin,
    "reporting:remove_case": _typical_case,
    "selfcheck:": lambda o: o.report,
    "selfcheck:answer": _answer,
    "selfcheck:mark": _answer,
    "selfcheck:problem_edit": _problem,
    "selfcheck:problem_corrected": _problem,
    "selfcheck:problem_remove": _problem,
    "selfcheck:file": _self_check_file,
    "selfcheck:file_remove": _self_check_file,
    "inspections:": lambda o: o.task,
    "inspections:stop_paper": _stop,
    "inspections:approve_stop": _stop,
    "inspections:reject_stop": _stop,
    "inspections:serve_stop": _stop,
    "inspections:stop_receipt": _stop,
    "inspections:withdraw_stop": _stop,
    "inspections:lift_stop": _stop,
    "inspections:accept_standard": _stop,
    "inspections:ask_acceptance": _stop,
    "inspections:sheet": _first(ChecklistSheet, task=lambda o: o.task),
    "inspections:peers": _first(ChecklistSheet, task=lambda o: o.task),
    "inspections:conclude_sheet": _first(ChecklistSheet, task=lambda o: o.task),
    "inspections:experiment": _standard_sheet,
    "inspections:withdraw_experiment": _standard_sheet,
    "inspections:environment": _standard_sheet,
    "inspections:answer": _first(ChecklistAnswer, sheet__task=lambda o: o.task),
    "inspections:upload": _first(ChecklistAnswer, sheet__task=lambda o: o.task),
    "inspections:evidence": _first(Evidence, sheet__task=lambda o: o.task),
    "inspections:withdraw_evidence": _first(Evidence, sheet__task=lambda o: o.task),
    "inspections:signature": _first(Signature, task=lambda o: o.task),
    "inspections:certification": _certification,
    "inspections:request_files": _certification,
    "inspections:demand_measures": _certification,
    "inspections:clear_review": _certification,
    "inspections:submit_measures": _certification,
    "inspections:decide_measures": _certification,
    "inspections:fail_review": _certification,
    "inspections:report_review": _certification,
    "inspections:review_notice": _certification,
    "inspections:review_demand": _certification,
    "inspections:measure": _review_problem,
    "inspections:case_record": _case_sheet,
    "rectification:issue": lambda o: o.task,
    "rectification:task_archive": lambda o: o.task,
    "rectification:unit_archive": lambda o: o.task.unit,
    "rectification:refer_task": lambda o: o.task,
    "rectification:order": lambda o: o.order,
    "rectification:order_pdf": lambda o: o.order,
    "rectification:confirmation_pdf": lambda o: o.order,
    "rectification:render_papers": lambda o: o.order,
    "rectification:submit": lambda o: o.order,
    "rectification:serve": lambda o: o.order,
    "rectification:receipt": lambda o: o.order,
    "rectification:withdraw": lambda o: o.order,
    "rectification:": lambda o: o.finding,
    "rectification:refuse_extension": _extension,
    "rectification:file": _first(RectificationFile, finding=lambda o: o.finding),
    "rectification:withdraw_file": _first(RectificationFile, finding=lambda o: o.finding),
    "rectification:disposition": _disposition,
    "rectification:referral": _referral,
    "notifications:": _envelope,
    "notifications:open": _message,
    "registry:bulk": lambda o: BulkEdit.objects.create(kind="unit", words="示例"),
    "registry:merge": lambda o: o.task.unit,
    "registry:merge_undo": _merge,
    "registry:unit": lambda o: o.task.unit,
    "registry:standard": lambda o: o.standard,
    "changes:": _change,
    "changes:create": lambda o: o.standard,
    "changes:file": _change_file,
    "registry:instrument": lambda o: o.standard.instruments.first(),
    "registry:instrument_add": lambda o: o.standard,
    "registry:trace": _trace,
    "registry:test": _test,
    "registry:test_add": lambda o: o.standard,
    "registry:person": lambda o: o.standard.persons.first(),
    "registry:person_add": lambda o: o.standard,
    "registry:item": lambda o: o.standard.items.first(),
    "registry:item_add": lambda o: o.standard,
    "registry:public_certificate": _public_certificate,
    "registry:public_certificate_add": lambda o: o.standard,
    "registry:trace_add": lambda o: o.standard.instruments.first(),
    "lists:hand_over": _hand_over,
    "lists:returned": _returned,
    "lists:": lambda o: ImportBatch.objects.first(),
    "lists:hand_overs_of_list": lambda o: ImportBatch.objects.first(),
    **BESIDE,
}
#: Where the crawl for canaries begins besides the desk: lists and what they export.
CANARY_SEEDS = (
    "registry:units",
    "selfcheck:index",
    "inspections:index",
    "rectification:index",
    "registry:units_export",
    "selfcheck:export",
    "inspections:export",
    "rectification:export",
    "campaigns:duties_export",
    "reporting:records",
)
#: Every member may see that a campaign exists; what one may do with it is a policy's answer.
CAMPAIGN_ROUTES = {
    "campaigns:detail",
    "campaigns:progress",
    "campaigns:edit",
    "campaigns:adjust",
    "campaigns:open",
    "campaigns:close",
    "campaigns:reopen",
    "campaigns:routing",
    "campaigns:choose",
    "campaigns:show",
    "campaigns:show_bureaus",
    "campaigns:ask_pledge",
    "campaigns:pledge",
    "campaigns:pledges",
}
#: Of those what is open to more than the offices that run one: one's own pledge, a district's people, how far it is.
OPEN_TO_MORE = {
    "campaigns:detail",
    "campaigns:progress",
    "campaigns:choose",
    "campaigns:pledge",
    "campaigns:pledges",
}
OBJECT_ROUTES = sorted(
    name
    for name, entry in ROUTES.items()
    # A rule of reminding is nobody's case, nor is another system that is told, nor a table of the cockpit: who may write
    # or read one is asked in tests/reminders/test_pages.py, notifications/test_webhooks.py and reporting/test_cockpit.py.
    # Forms of Annex 3 are the administrator's (reporting/test_forms_of_annex3.py), views of lists one's own (common/test_kept_lists.py).
    if entry.pattern.converters
    and name not in CAMPAIGN_ROUTES
    and not name.startswith(
        (
            "reminders:",
            "notifications:webhook",
            "reporting:cockpit",
            "reporting:annex3_form",
            # The administrator's: inspections/test_checklist_versions.py.
            "inspections:checklist",
            # The administrator's, too: campaigns/test_routing_tables.py.
            "campaigns:routing_table",
            "kept_lists:",
            # What an office publishes for everybody; whose it is to write, complaints/test_handling.py asks.
            "complaints:desk",
            "complaints_public:poster",
        )
    )
)


def target(name: str, owner: Owner, made: dict[Callable, Model] | None = None) -> str:
    """The address of a route for an object of the owner's case; what ``made`` holds is not made again."""
    key = max((key for key in OBJECTS if name == key), default="") or max(
        (key for key in OBJECTS if name.startswith(key)), key=len
    )
    find, made = OBJECTS[key], {} if made is None else made
    if find not in made:
        made[find] = find(owner)
    values = {"pk": made[find].pk, "standard": owner.standard.pk, "number": 1}
    values["chapter"] = "basics"
    values["other"] = Unit.objects.exclude(pk=values["pk"]).order_by("pk").first().pk
    return reverse(name, kwargs={k: values[k] for k in ROUTES[name].pattern.converters})


def office() -> Membership:
    return Membership.objects.filter(role=Role.CITY_ADMIN).earliest("pk")


@pytest.mark.parametrize("number", sorted(clauses.CLAUSES))
def test_a_clause_of_the_notice_is_kept_where_it_says(number):
    """The page docs/notice.md names, opened as the person it names, shows what the clause asks for."""
    page = clauses.CLAUSES[number].page
    row = page.of() if page.of else None
    client = signed_in(clauses.reader(page.who, row)) if page.who else Client()

    shown = clauses.opened(client, clauses.CLAUSES[number], row)

    assert [words for words in page.words if words not in shown] == []


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    session = client.session
    session[SESSION_KEY] = membership.pk
    session.save()
    return client


def ask(client: Client, url: str):
    """The answer to a GET, or to a POST where the page takes only that."""
    response = client.get(url)
    if response.status_code == 405:
        response = client.post(url)
    return read(response)


def read(response):
    """The answer; a file is read to its end, which closes it."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response


def strangers(owner: Owner) -> list[Membership]:
    """Another district, another unit, an inspector of neither team, and roles without casework."""
    task = owner.task
    others = Membership.objects.exclude(authority=task.authority).exclude(unit=task.unit)
    team = task.team.values("membership")
    return [
        others.filter(role=Role.DISTRICT_ADMIN)
        .exclude(authority=owner.standard.issuing_authority)
        .first(),
        others.filter(role=Role.UNIT_USER).first(),
        others.filter(role=Role.DISTRICT_INSPECTOR).exclude(pk__in=team).first(),
        Membership.objects.filter(role=Role.ASSESSOR).exclude(pk__in=team).first(),
        Membership.objects.get(role=Role.AUDITOR),
        Membership.objects.get(role=Role.ENFORCEMENT_LIAISON),
    ]


#: Whose own object it is decides; for the rest the municipal office must find it.
OWN_ONLY = {
    "accounts:absence_end",
    "accounts:act",
    "accounts:close_session",
    "common:job",
    "common:retry_job",
    "inspections:feedback",
    "notifications:open",
}
#: Papers a worker has still to write, receipts nobody has handed in, exports nobody has asked for, the cell of
#: an edition that the address has to name, a bulletin or a notice that is still a draft: their own tests ask for
#: them (test_exports, test_order_pages, test_stop, test_signing_page, test_report_pages, notices/).
NOT_YET = {
    "accounts:slips_download",
    "bulletins:bulletin",
    "bulletins:pdf",
    "bulletins:record",
    "common:download",
    "inspections:filed_record",
    "inspections:not_performed_proof",
    "inspections:refusal_evidence",
    "inspections:stop_receipt",
    "notices_public:annex",
    "notices_public:file",
    "notices_public:notice",
    "rectification:receipt",
    "reporting:bulletin_pdf",
    "reporting:edition_difference",
    "reporting:edition_report_own",
}


@pytest.mark.parametrize("name", OBJECT_ROUTES)
def test_strangers_find_nothing_where_the_municipal_office_finds_an_object(name, owner):
    url = target(name, owner)

    for stranger in strangers(owner):
        response = ask(CLIENTS[stranger.pk], url)

        assert (stranger.role, response.status_code) == (stranger.role, 404)
    if name not in OWN_ONLY | NOT_YET:
        assert ask(CLIENTS[office().pk], url).status_code in {200, 202, 302, 403, 409, 422}


@pytest.mark.parametrize(
    "name",
    sorted(CAMPAIGN_ROUTES - OPEN_TO_MORE),
)
def test_only_offices_act_on_a_campaign(name, owner, finished):
    values = {"pk": finished.pk, "authority_pk": owner.task.authority.pk}
    url = reverse(name, kwargs={k: values[k] for k in ROUTES[name].pattern.converters})

    for stranger in strangers(owner):
        assert ask(signed_in(stranger), url).status_code in {403, 404}


LISTS = sorted(name for name, entry in ROUTES.items() if not entry.pattern.converters)


@pytest.mark.parametrize("role", Role.values)
def test_no_list_fails_for_anybody(role):
    """Every role opens every page without an object: it works or it is refused, with a reason."""
    membership = Membership.objects.filter(role=role).order_by("pk").first()
    if membership is None:
        pytest.skip("the sample city has nobody in this role")
    client = signed_in(membership)

    for name in LISTS:
        response = client.get(reverse(name))
        assert (name, response.status_code in {200, 302, 403, 404, 405}) == (name, True)
        if response.status_code in {403, 404} and name not in {"accounts:sign_out"}:
            assert response.content


def test_a_unit_sees_its_own_things_only(owner, finished):
    client = signed_in(Membership.objects.get(unit=owner.task.unit))

    pages = [
        reverse("selfcheck:index"),
        reverse("inspections:index"),
        reverse("rectification:index"),
    ]
    text = "".join(client.get(url).content.decode() for url in pages)

    others = Unit.objects.exclude(pk=owner.task.unit.pk).values_list("name", flat=True)
    assert [name for name in others if name in text] == []
    assert owner.task.unit.name in text


def test_certificates_moved_only_by_decision(finished):
    sealed = AuditEntry.objects.filter(action="certificate.seal").count()
    resumed = AuditEntry.objects.filter(action="certificate.resume").count()
    decided = CertificateDisposition.objects.filter(state="decided", action="sealed").count()
    approved = ChangeRecord.objects.filter(state="approved")
    applied = approved.filter(kind="seal").count() - approved.filter(kind="resume").count()

    assert sealed - resumed == decided + applied
    assert applied > 0


def test_certificates_have_aged_to_today():
    current = StandardCertificate.objects.filter(is_current=True)
    over = current.filter(valid_until__lt=TODAY)

    assert over.exists()
    assert not over.filter(state__in=("valid", "expiring", "reexam_applied", "sealed")).exists()
    assert not current.filter(state="valid", valid_until__lt=TODAY + dt.timedelta(180)).exists()


def test_applications_stand_in_every_state():
    found = set(ChangeRecord.objects.values_list("kind", "state"))

    assert found == set(itertools.product(ChangeKind.values, ChangeState.values))


def canary_people(owner: Owner) -> list[tuple[Membership, set[str]]]:
    """People with the canaries that may be heard where they are: of their units, and of offices that speak to them."""
    office = owner.task.authority
    routed = RoutedStandard.objects.filter(
        Q(inspecting_authority=office) | Q(issuing_authority=office)
    )
    area = Unit.objects.filter(
        Q(territorial_authority=office)
        | Q(pk__in=routed.values("unit"))
        | Q(standards__issuing_authority=office)
        | Q(standards__hosting_authority=office)
    )
    above = {
        f"a{pk}" for pk in Authority.objects.exclude(level="district").values_list("pk", flat=True)
    }
    places = TeamMember.objects.filter(membership__is_active=True).order_by("pk")
    on_site = [
        places.filter(membership__role=role).first().membership
        for role in (Role.DISTRICT_INSPECTOR, Role.ASSESSOR)
    ]
    found = [
        (Membership.objects.get(unit=owner.task.unit), {f"u{owner.task.unit.pk}"} | above),
        (
            Membership.objects.filter(role=Role.DISTRICT_ADMIN, authority=office).earliest("pk"),
            {f"u{pk}" for pk in area.values_list("pk", flat=True)} | {f"a{office.pk}"} | above,
        ),
    ]
    for member in on_site:
        units = places.filter(membership=member).values_list("task__unit", flat=True)
        found.append((member, {f"u{pk}" for pk in units} | {f"a{member.authority_id}"} | above))
    found.append((Membership.objects.get(role=Role.AUDITOR), above))
    return found


def test_no_canary_is_heard_abroad(owner, finished):
    """Pages, files, exports, messages and refusals: every text of the city carries its owner's mark."""
    assert canaries.plant() > 100
    stranger = Unit.objects.exclude(pk=owner.task.unit.pk).order_by("-pk").first()
    heard = 0
    with clock.pinned(MORNING):
        for member, allowed in canary_people(owner):
            client = signed_in(member)
            seeds = [
                *(f"{reverse(name)}?purpose_kind=archive" for name in CANARY_SEEDS),
                f"{reverse('registry:search')}?q=〔u{stranger.pk}〕",
                stranger.get_absolute_url(),
            ]
            for address, text in canaries.crawled(client, seeds, most=60):
                if member.role == Role.AUDITOR and address.startswith(reverse("trail:index")):
                    continue  # the trail names what people did and were refused: that is what is read there
                abroad = canaries.heard(text) - allowed - canaries.heard(address)
                assert (member.role, address, abroad) == (member.role, address, set())
                heard += len(canaries.heard(text))

    assert heard > 100


def test_a_rectified_finding_tells_its_story(owner):
    rounds = Rectification.objects.filter(finding=owner.finding)

    assert rounds.filter(submitted_at__isnull=False).exists()
    assert owner.finding.answer.evidence.exists()
    assert owner.finding.after_files.exists()


# What forms say ----------------------------------------------------------------------------------

SAID = re.compile(
    r'<(?:span|div|p|li|ul)[^>]*class="[^"]*(?:invalid-feedback|errorlist|alert-danger|error-reason|alert-bad)'
    r'[^"]*"[^>]*>(.*?)</(?:span|div|p|ul)>',
    re.S,
)


class Forms(HTMLParser):
    """The addresses a page leads to, and its POST forms with the kinds of their fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._fields: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"].split("#")[0])
        elif tag == "form":
            self._fields = {} if given.get("method", "").lower() == "post" else None
            if self._fields is not None:
                self.forms.append((given.get("action", ""), self._fields))
        elif tag in {"input", "select", "textarea"} and self._fields is not None:
            hidden = given.get("type") == "hidden"
            self._fields[given.get("name", "")] = given.get("value", "") if hidden else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


STATEFUL = [m for m in apps.get_models() if issubclass(m, StatefulModel)]


def in_every_state(membership: Membership) -> list[str]:
    """The page of one thing in each state of each machine, as far as this person sees one."""
    user = membership.user
    user.act_as(membership)
    found = []
    for model in STATEFUL:
        if not hasattr(model, "get_absolute_url") or not hasattr(
            model._default_manager, "visible_to"
        ):
            continue
        rows = model._default_manager.visible_to(user)
        in_states = [
            rows.filter(state=state).order_by("pk").first() for state in model.States.values
        ]
        found += [row.get_absolute_url().split("#")[0] for row in in_states if row is not None]
    return found


def busiest(role: str) -> tuple[Membership, list[str]] | None:
    """Of the first people of a role the one who sees things in most states, with their pages."""
    people = Membership.objects.filter(role=role, is_active=True).order_by("pk")[:4]
    pages = [(person, in_every_state(person)) for person in people]
    return max(pages, key=lambda pair: len(pair[1]), default=None)


def crawl(client: Client, seeds: list[str]):
    """Address and fields of each form, by route and names of fields, from one page of each route.

    ``seeds`` are looked at besides, whatever their route.
    """
    waiting, seen, forms = ["/", *dict.fromkeys(seeds)], set(), {}
    extra = set(seeds)
    while waiting:
        address = waiting.pop(0)
        try:
            route = resolve(address.split("?")[0]).view_name
        except Http404:
            continue
        if route in seen and address not in extra:
            continue
        if route.startswith("admin:") or "sign_out" in route:
            continue
        seen.add(route)
        extra.discard(address)
        response = read(client.get(address))
        if response.status_code != 200 or response.streaming:
            continue
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        page = Forms(response.content.decode())
        waiting += page.links
        for action, fields in page.forms:
            to = action or address
            name = resolve(to.split("?")[0]).view_name
            if name not in {"accounts:sign_out", "accounts:act"} and not name.startswith("admin:"):
                forms.setdefault((name, frozenset(fields)), (to, fields))
    return forms


@pytest.fixture
def bound(monkeypatch):
    """Every form that was given something, with what it refused."""
    found: list[BaseForm] = []
    clean = BaseForm.full_clean

    def full_clean(form: BaseForm) -> None:
        clean(form)
        if form.is_bound:
            found.append(form)

    monkeypatch.setattr(BaseForm, "full_clean", full_clean)
    return found


def test_what_forms_say_is_chinese_and_not_stock(bound):
    """Every form of every role, sent empty and with nonsense: nothing fails, no sentence is Django's.

    A form that several roles have is sent by the first. What a field refuses names the field.
    """
    sent: set[tuple[str, frozenset[str]]] = set()
    heard: list[str] = []
    wrong: list[tuple[str, object]] = []
    for role in Role.values:
        if (chosen_one := busiest(role)) is None:
            continue
        client = signed_in(chosen_one[0])
        for key, (address, fields) in crawl(client, chosen_one[1]).items():
            if key in sent:
                continue
            sent.add(key)
            for typed in ("", "胡言 nonsense 〔x〕"):
                data = {name: value or typed for name, value in fields.items()}
                with transaction.atomic():
                    response = read(client.post(address, data))
                    transaction.set_rollback(True)
                if response.status_code >= 500:
                    wrong.append((address, response.status_code))
                if response.headers.get("Content-Type", "").startswith("text/html"):
                    said = [plain(found) for found in SAID.findall(response.content.decode())]
                    heard += said
                    wrong += [(address, text) for text in said if is_stock(text)]

    for form in bound:
        for name, errors in form.errors.items():
            label = str(form.fields[name].label or name) if name in form.fields else ""
            for said in map(str, errors):
                if is_stock(said) or not names(label, said):
                    wrong.append((f"{type(form).__name__}.{name}", said))
    assert wrong == []
    assert (len(sent) > 30, len(heard) > 30) == (True, True), (len(sent), len(heard))


def names(label: str, said: str) -> bool:
    """Whether a sentence speaks of the field: in its name, or in a word of it (信用代码, 密码)."""
    words = {label[at : at + 2] for at in range(len(label) - 1)}
    return not label or any(word in said for word in words)


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", html).strip()


def is_stock(text: str) -> bool:
    return bool(text and (STOCK.search(text) or not re.search("[\u4e00-\u9fff]", text)))
