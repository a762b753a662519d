import datetime as dt
import io
import itertools
import uuid

import openpyxl
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrostd.accounts.enums import Role
from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.uploads import store_upload
from selfcheck import services
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckFile
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, RoutedStandardFactory
from tests.factories.registry import AuthorityFactory, StandardFactory
from tests.factories.selfcheck import (
    DAY,
    CoveredFactory,
    ProblemFactory,
    ReportFactory,
    report_with_answers,
)

pytestmark = pytest.mark.django_db

AUTOSAVE = {"X-Requested-With": "autosave"}
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(autouse=True)
def _day():
    with clock.pinned(clock.at_time(DAY)):
        yield


def as_unit(client, report):
    return sign_in(client, MembershipFactory(as_unit=True, unit=report.unit))


def as_receiver(client, report):
    role = Role.CITY_ADMIN if report.receiver.level == "city" else Role.DISTRICT_ADMIN
    return sign_in(client, MembershipFactory(role=role, authority=report.receiver))


def as_district(client, authority):
    return sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=authority))


def url(name, *args):
    return reverse(f"selfcheck:{name}", args=args)


def pages_of(report):
    """Every address of a report and what belongs to it, with the method it takes."""
    answer = report.answers.first()
    problem = report.problems.first() or ProblemFactory(report=report)
    stored = store_upload(SimpleUploadedFile("a.pdf", PDF))
    added = SelfCheckFile.objects.create(
        report=report, file=stored, name="a.pdf", client_id=uuid.uuid4()
    )
    gets = ("detail", "form", "submit", "send_back", "receipt", "receipt_pdf", "problem_create")
    posts = ("start", "accept", "exempt", "reopen", "upload", "submit", "send_back")
    return [
        *(("get", url(name, report.pk)) for name in gets),
        *(("post", url(name, report.pk)) for name in posts),
        ("post", url("answer", answer.pk)),
        ("get", url("form_standard", report.pk, answer.standard_id or 1)),
        ("post", url("copy", report.pk, 1)),
        ("get", url("problem_edit", problem.pk)),
        ("post", url("problem_edit", problem.pk)),
        ("post", url("problem_remove", problem.pk)),
        ("get", url("file", added.pk)),
        ("post", url("file_remove", added.pk)),
    ]


# Scope ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["other unit", "other district", "expert", "auditor"])
def test_strangers_find_nothing(client, who):
    report = report_with_answers(state="submitted", receipt_no="自查回执〔2021〕1号")
    match who:
        case "other unit":
            member = MembershipFactory(as_unit=True)
        case "other district":
            member = MembershipFactory(role=Role.DISTRICT_ADMIN)
        case "expert":
            member = MembershipFactory(role=Role.INSTITUTE_EXPERT)
        case _:
            member = MembershipFactory(role=Role.AUDITOR)
    sign_in(client, member)

    answers = {
        (method, address): getattr(client, method)(address).status_code
        for method, address in pages_of(report)
    }

    assert set(answers.values()) == {404}, answers


def test_the_inspecting_office_reads_from_submission_on(client):
    routed = RoutedStandardFactory(standard=StandardFactory())
    report = ReportFactory(
        campaign=routed.campaign, unit=routed.unit, receiver=routed.issuing_authority
    )
    CoveredFactory(report=report, standard=routed.standard)
    as_district(client, routed.inspecting_authority)

    codes = {}
    for state in ReportState.values:
        type(report).objects.filter(pk=report.pk).update(
            state=state, submitted_at=clock.now(), first_submitted_at=clock.now()
        )
        codes[state] = client.get(url("detail", report.pk)).status_code
    readable = {state for state, code in codes.items() if code == 200}

    assert readable == {"submitted", "returned", "accepted", "reopened"}
    assert client.post(url("accept", report.pk)).status_code in (403, 404)


def test_the_territorial_office_that_does_not_inspect_reads_nothing(client):
    report = report_with_answers(state="submitted")
    as_district(client, report.unit.territorial_authority)

    assert client.get(url("detail", report.pk)).status_code == 404


def test_the_receiver_sees_that_a_report_is_due_but_not_its_content(client):
    report = report_with_answers(state="draft", answer="conform")
    report.answers.update(note="只有本单位知道")
    problem = ProblemFactory(report=report, description="内部问题")
    services.add_file(
        report,
        file=SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        client_id=uuid.uuid4(),
        actor=None,
        problem=problem,
    )
    as_receiver(client, report)

    page = client.get(url("detail", report.pk)).content.decode()
    file = client.get(url("file", report.files.get().pk))

    assert "尚未报送" in page
    assert "只有本单位知道" not in page
    assert "内部问题" not in page
    assert file.status_code == 403


def test_the_receiver_cannot_fill_in_and_the_unit_cannot_accept(client):
    report = report_with_answers(state="submitted")
    answer = report.answers.first()
    as_receiver(client, report)
    posted = {"answer": "conform", "version": 0}

    assert client.post(url("answer", answer.pk), posted, headers=AUTOSAVE).status_code == 403
    assert client.get(url("form", report.pk)).status_code == 403
    as_unit(client, report)
    assert client.post(url("accept", report.pk)).status_code == 403
    assert client.post(url("exempt", report.pk), {"note": "x"}).status_code == 403


def test_a_bureau_fills_in_its_own_report_and_the_city_receives_it(client):
    report = ReportFactory(as_bureau=True)
    as_district(client, report.bureau)

    started = client.post(url("start", report.pk))
    report.refresh_from_db()

    assert started.status_code == 302
    assert report.state == "draft"
    assert client.get(url("detail", report.pk)).status_code == 200
    as_receiver(client, report)
    assert client.get(url("detail", report.pk)).status_code == 200
    assert client.post(url("start", report.pk)).status_code == 403


# Lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 4])
def test_the_office_list_takes_the_same_queries(client, django_assert_max_num_queries, rows):
    campaign = CampaignFactory()
    for _ in range(rows):
        report = ReportFactory(campaign=campaign, state="submitted")
        CoveredFactory(report=report)
        ProblemFactory(report=report)
        ReportFactory(campaign=campaign, as_bureau=True, due_on=dt.date(2021, 5, 1))
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))
    client.get(url("index"))

    with django_assert_max_num_queries(16) as context:
        page = client.get(url("index"))

    assert page.context["page"].paginator.count == 2 * rows
    QUERIES.setdefault("office", set()).add(len(context))
    assert len(QUERIES["office"]) == 1


@pytest.mark.parametrize("rows", [1, 4])
def test_a_units_cards_take_the_same_queries(client, django_assert_max_num_queries, rows):
    first = report_with_answers(standards=1)
    for _ in range(rows - 1):
        report = ReportFactory(
            campaign=first.campaign, unit=first.unit, receiver=AuthorityFactory()
        )
        CoveredFactory(report=report)
    as_unit(client, first)
    client.get(url("index"))

    with django_assert_max_num_queries(12) as context:
        page = client.get(url("index"))

    assert len(page.context["cards"]) == rows
    QUERIES.setdefault("unit", set()).add(len(context))
    assert len(QUERIES["unit"]) == 1


QUERIES = {}


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("name", ["detail", "form", "submit", "send_back"])
def test_pages_of_one_report_do_not_query_per_item(
    client, django_assert_max_num_queries, name, rows
):
    state = "submitted" if name == "send_back" else "draft"
    report = report_with_answers(state=state, answer="deficient", standards=rows)
    for row in report.answers.all():
        ProblemFactory(report=report, item=row.item, standard=row.standard)
    (as_receiver if name == "send_back" else as_unit)(client, report)
    client.get(url(name, report.pk))

    with django_assert_max_num_queries(24) as context:
        page = client.get(url(name, report.pk))

    assert page.status_code == 200
    QUERIES.setdefault(name, set()).add(len(context))
    assert len(QUERIES[name]) == 1, QUERIES


@pytest.fixture
def office(client):
    campaign = CampaignFactory()
    district = AuthorityFactory(short_name="西青区局")
    waiting = ReportFactory(
        campaign=campaign, unit__name="天津甲厂", unit__territorial_authority=district
    )
    late = ReportFactory(campaign=campaign, unit__name="天津乙厂", state="submitted", is_late=True)
    missing = ReportFactory(
        campaign=campaign, unit__name="天津丙厂", state="overdue", due_on=dt.date(2021, 5, 10)
    )
    bureau = ReportFactory(campaign=campaign, as_bureau=True, bureau=district)
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))
    return {"甲": waiting, "乙": late, "丙": missing, "局": bureau, "district": district}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "甲乙丙局"),
        ("state=submitted", "乙"),
        ("kind=bureau", "局"),
        ("late=late", "乙"),
        ("late=overdue", "丙"),
        ("q=丙厂", "丙"),
        ("q=西青", "局"),
        ("state=nonsense&kind=nonsense&district=x&late=y", "甲乙丙局"),
    ],
)
def test_the_list_is_narrowed_by_its_address(client, office, query, names):
    page = client.get(f"{url('index')}?{query}").context["page"]

    assert {report.pk for report in page} == {office[name].pk for name in names}


def test_the_list_is_narrowed_by_district_and_sorted(client, office):
    query = {"district": office["district"].pk, "sort": "-due"}

    page = client.get(url("index"), query).context["page"]

    assert list(page) == [office["甲"], office["局"]]


def test_an_office_tells_what_it_receives_from_what_it_inspects(client):
    routed = RoutedStandardFactory()
    inspected = ReportFactory(
        campaign=routed.campaign,
        unit=routed.unit,
        receiver=routed.issuing_authority,
        state="submitted",
    )
    office = routed.inspecting_authority
    received = ReportFactory(campaign=routed.campaign, receiver=office)
    own = ReportFactory(campaign=routed.campaign, as_bureau=True, bureau=office)
    as_district(client, office)

    pages = {
        relation: list(client.get(url("index"), {"relation": relation}).context["page"])
        for relation in ("received", "inspected")
    }

    assert pages == {"received": [received], "inspected": [inspected]}
    assert client.get(url("index")).context["own"] == [own]


def test_the_list_counts_by_state_and_names_the_overdue(client, office):
    page = client.get(url("index"), {"state": "submitted"})

    counts = {tab["label"]: tab["count"] for tab in page.context["tabs"]}
    assert counts == {"全部": 4, "未开始": 2, "逾期未报": 1, "已报送": 1}
    assert page.context["overdue"] == [office["丙"]]


def test_the_export_holds_what_the_list_shows_and_is_noted(client, office):
    ProblemFactory(report=office["乙"])

    answer = client.post(f"{url('export')}?sort=-name&kind=unit")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    shown = client.get(url("index"), {"sort": "-name", "kind": "unit"}).context["page"]
    assert [row[0] for row in rows] == [report.name for report in shown]
    by_name = {row[0]: row for row in rows}
    assert by_name["天津乙厂"][5] == 1
    assert by_name["天津甲厂"][5] is None
    assert by_name["天津丙厂"][8] == "逾期未报"
    assert AccessEntry.objects.get().kind == "export"


def test_the_lists_say_what_to_do_when_empty(client):
    sign_in(client, MembershipFactory(as_unit=True))
    assert "没有需要填报的自查" in client.get(url("index")).content.decode()
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN))
    assert "还没有专项行动" in client.get(url("index")).content.decode()
    CampaignFactory()
    assert "还没有自查报告" in client.get(url("index")).content.decode()


# Filling in -------------------------------------------------------------------------------------


def post_answer(client, row, headers=AUTOSAVE, **fields):
    data = {"answer": "conform", "note": "", "version": 0, "client_id": str(uuid.uuid4())}
    return client.post(url("answer", row.pk), data | fields, headers=headers)


def test_opening_pages_writes_nothing_and_starting_makes_the_rows(client):
    report = report_with_answers(state="not_started")
    report.answers.all().delete()
    as_unit(client, report)
    trail = AuditEntry.objects.count()

    client.get(url("detail", report.pk))
    assert client.get(url("form", report.pk)).status_code == 302
    assert (report.answers.count(), AuditEntry.objects.count()) == (0, trail)

    client.post(url("start", report.pk))
    assert report.answers.count() == 4
    assert client.get(url("form", report.pk)).status_code == 200


def test_a_save_answers_with_version_time_and_progress(client):
    report = report_with_answers(answer="")
    as_unit(client, report)
    answer = report.answers.get(item__code="A01")

    data = post_answer(client, answer, note="齐全").json()

    key = f"group-{answer.standard_id}"
    assert data["version"] == 1
    assert dt.datetime.fromisoformat(data["saved_at"]) == clock.now()
    assert (data["progress"]["done"], data["progress"]["total"]) == (1, 4)
    assert data["progress"]["sections"] == [
        {"code": "A", "done": 1, "total": 2},
        {"code": "H", "done": 0, "total": 1},
        {"code": key, "done": 1, "total": 3},
    ]
    assert "html" not in data


def test_a_deficiency_brings_the_problem_form_along(client):
    report = report_with_answers(answer="")
    as_unit(client, report)
    answer = report.answers.get(item__code="A01")

    first = post_answer(client, answer, answer="deficient", note="压力表超期").json()
    second = post_answer(client, answer, answer="nonconform", version=1).json()
    third = post_answer(client, answer, answer="conform", version=2).json()

    assert "记录问题" in first["html"]
    assert "压力表超期" in first["html"]
    assert "html" not in second
    assert "记录问题" not in third["html"]


def test_saving_takes_under_twelve_queries(client, django_assert_max_num_queries):
    report = report_with_answers(answer="", state="not_started", standards=2)
    as_unit(client, report)
    first, second = report.answers.filter(item__code="A01")
    post_answer(client, first)

    with django_assert_max_num_queries(11):
        answer = post_answer(client, second, answer="deficient", note="超期")

    assert answer.status_code == 200


def test_a_bureaus_save_takes_under_twelve_queries(client, django_assert_max_num_queries):
    report = report_with_answers(answer="")
    type(report).objects.filter(pk=report.pk).update(
        kind="bureau", unit=None, bureau=AuthorityFactory()
    )
    report.refresh_from_db()
    as_district(client, report.bureau)
    first, second = report.answers.filter(item__section__code="A")
    post_answer(client, first)

    with django_assert_max_num_queries(11):
        answer = post_answer(client, second, answer="deficient", note="超期")

    assert answer.status_code == 200


def test_a_stale_save_gets_both_values(client):
    report = report_with_answers(answer="")
    member = as_unit(client, report)
    answer = report.answers.first()
    post_answer(member, answer, answer="conform", note="先保存的")

    late = post_answer(client, answer, answer="conform", note="后保存的")

    assert late.status_code == 409
    assert late.json()["mine"]["note"] == "后保存的"
    assert late.json()["theirs"]["note"] == "先保存的"
    assert late.json()["version"] == 1


def test_the_same_save_twice_gets_the_same_version(client):
    report = report_with_answers(answer="")
    as_unit(client, report)
    answer = report.answers.first()
    key = str(uuid.uuid4())

    versions = [post_answer(client, answer, client_id=key).json()["version"] for _ in range(2)]

    assert versions == [1, 1]


@pytest.mark.parametrize("state", ["submitted", "accepted", "exempted"])
def test_a_save_to_a_report_handed_in_is_a_conflict(client, state):
    report = report_with_answers(state=state)
    as_unit(client, report)

    answer = post_answer(client, report.answers.first(), answer="")

    assert answer.status_code == 409
    assert "不能填写" in str(answer.json()["errors"])


def test_wrong_input_is_refused_with_its_reason(client):
    report = report_with_answers(answer="")
    as_unit(client, report)
    answer = report.answers.get(item__code="H01")

    assert post_answer(client, answer, answer="deficient").status_code == 422
    assert post_answer(client, answer, version="x").status_code == 422
    assert post_answer(client, answer, note="长" * 2001).status_code == 422


def test_without_a_script_a_save_leads_back_to_the_item(client):
    report = report_with_answers(answer="")
    as_unit(client, report)
    answer = report.answers.get(item__code="A01")

    saved = post_answer(client, answer, headers=None, client_id="")

    assert saved.url == f"{url('form_standard', report.pk, answer.standard_id)}#i-A01"


def test_the_form_shows_one_group_and_only_what_is_open(client):
    report = report_with_answers(answer="", standards=2)
    as_unit(client, report)
    first = report.covered.order_by("standard__name").first().standard_id
    report.answers.filter(item__code="A01").update(answer="conform", review_mark="补充证书编号")

    page = client.get(url("form_standard", report.pk, first)).content.decode()
    only = client.get(url("form_standard", report.pk, first), {"open": 1}).content.decode()
    start = client.get(url("form", report.pk)).content.decode()

    assert 'id="i-A01"' in page
    assert "审核意见：补充证书编号" in page
    assert 'id="i-U04"' not in page
    assert 'id="i-A01"' not in only
    assert 'id="i-A02"' in only
    assert 'id="i-U04"' in start
    assert "未发现" in page


def test_a_standard_of_another_report_is_not_found(client):
    report, other = report_with_answers(), report_with_answers()
    as_unit(client, report)

    page = client.get(url("form_standard", report.pk, other.covered.get().standard_id))

    assert page.status_code == 404


def test_a_section_is_copied_from_another_standard(client):
    report = report_with_answers(answer="", standards=2)
    as_unit(client, report)
    source, target = (c.standard_id for c in report.covered.order_by("pk"))
    report.answers.filter(standard=source).update(answer="conform", note="齐全")

    client.post(url("copy", report.pk, target), {"source": source, "section": "A"})

    copied = report.answers.filter(standard=target).exclude(answer="")
    assert sorted(copied.values_list("item__code", flat=True)) == ["A01", "A02"]
    assert client.post(url("copy", report.pk, target), {"source": ""}).status_code == 422


# Problems and files -----------------------------------------------------------------------------

PROBLEM = {
    "description": "压力表超期",
    "measure": "送检",
    "prevention_measure": "到期提醒",
    "found_on": "2021-05-18",
    "version": 0,
}


def test_a_problem_is_recorded_for_its_item(client):
    report = report_with_answers(answer="deficient")
    as_unit(client, report)
    answer = report.answers.get(item__code="A01")
    data = PROBLEM | {"answer": answer.pk, "client_id": str(uuid.uuid4())}

    first = client.post(url("problem_create", report.pk), data)
    client.post(url("problem_create", report.pk), data)

    problem = report.problems.get()
    assert first.url.endswith("#i-A01")
    assert (problem.item, problem.standard) == (answer.item, answer.standard)


def test_a_refused_problem_comes_back_filled_in(client):
    report = report_with_answers()
    as_unit(client, report)

    page = client.post(url("problem_create", report.pk), PROBLEM | {"found_on": "2021-06-18"})

    assert page.status_code == 422
    assert "发现日期不能晚于今天" in page.content.decode()
    assert "压力表超期" in page.content.decode()


def test_a_problem_changed_meanwhile_shows_both_and_can_then_be_saved(client):
    problem = ProblemFactory(report=report_with_answers())
    as_unit(client, problem.report)
    address = url("problem_edit", problem.pk)
    client.post(address, PROBLEM | {"version": 1, "measure": "同事的措施"})

    stale = client.post(address, PROBLEM | {"version": 1, "measure": "我的措施"})
    form = stale.context["form"]
    again = client.post(
        address, PROBLEM | {"version": form["version"].value(), "measure": "我的措施"}
    )

    assert stale.status_code == 409
    assert "同事的措施" in stale.content.decode()
    assert "我的措施" in stale.content.decode()
    assert again.status_code == 302
    problem.refresh_from_db()
    assert (problem.measure, problem.version) == ("我的措施", 3)


def test_a_problem_is_removed(client):
    problem = ProblemFactory(report=report_with_answers())
    as_unit(client, problem.report)

    assert client.get(url("problem_edit", problem.pk)).status_code == 200
    client.post(url("problem_remove", problem.pk))

    assert not problem.report.problems.exists()


def test_files_are_uploaded_read_and_removed(client):
    problem = ProblemFactory(report=report_with_answers())
    as_unit(client, problem.report)
    upload = SimpleUploadedFile("证书.pdf", PDF)
    data = {"file": upload, "problem": problem.pk, "client_id": str(uuid.uuid4())}

    answer = client.post(url("upload", problem.report.pk), data, headers=AUTOSAVE)
    added = problem.files.get()
    read = client.get(added.get_absolute_url())

    assert "证书.pdf" in answer.content.decode()
    assert b"".join(read.streaming_content) == PDF
    client.post(url("file_remove", added.pk))
    assert not problem.files.exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("照片.jpg", b"MZ\x90\x00" + bytes(64), "只接受"), ("空.pdf", b"", "空文件")],
)
def test_a_refused_file_says_why(client, name, data, words):
    report = report_with_answers()
    as_unit(client, report)

    answer = client.post(
        url("upload", report.pk), {"file": SimpleUploadedFile(name, data)}, headers=AUTOSAVE
    )

    assert answer.status_code == 422
    assert words in str(answer.json()["errors"])
    assert not report.files.exists()


def test_an_upload_without_a_file_and_one_too_large_are_refused(client, settings):
    report = report_with_answers()
    as_unit(client, report)
    settings.UPLOAD_MAX_BYTES = 10

    empty = client.post(url("upload", report.pk), {}, headers=AUTOSAVE)
    large = client.post(
        url("upload", report.pk), {"file": SimpleUploadedFile("a.pdf", PDF)}, headers=AUTOSAVE
    )

    assert "请选择" in str(empty.json()["errors"])
    assert "超过" in str(large.json()["errors"])


# Handing in and reviewing -----------------------------------------------------------------------

DECLARED = {"summary": "已逐项自查", "declaration_by": "王某", "agreed": "on"}


def test_a_complete_report_is_handed_in_and_accepted(client):
    report = report_with_answers()
    as_unit(client, report)

    handed = client.post(url("submit", report.pk), DECLARED)
    again = client.post(url("submit", report.pk), DECLARED)
    as_receiver(client, report)
    client.post(url("accept", report.pk))
    twice = client.post(url("accept", report.pk))

    report.refresh_from_db()
    assert handed.url == url("receipt", report.pk)
    assert again.status_code == 409
    assert report.state == "accepted"
    assert twice.status_code == 409


def test_a_bureau_hands_in_its_own_declaration(client):
    report = ReportFactory(as_bureau=True, state="draft")
    as_district(client, report.bureau)

    page = client.get(url("submit", report.pk)).content.decode()
    client.post(url("submit", report.pk), DECLARED)

    report.refresh_from_db()
    assert "本局已对考核工作全面自查" in page
    assert report.state == "submitted"


def test_a_problem_beside_the_checklist_leads_back_to_the_report(client):
    report = report_with_answers()
    as_unit(client, report)

    page = client.get(url("problem_create", report.pk))
    saved = client.post(url("problem_create", report.pk), PROBLEM)
    edited = client.post(
        url("problem_edit", report.problems.get().pk), PROBLEM | {"version": 1, "description": ""}
    )

    assert page.status_code == 200
    assert saved.url == report.get_absolute_url()
    assert edited.status_code == 422


def test_gaps_are_listed_with_links_and_keep_what_was_typed(client):
    report = report_with_answers()
    report.answers.filter(item__code="A02").update(answer="")
    as_unit(client, report)
    standard = report.covered.get().standard_id

    page = client.get(url("submit", report.pk)).content.decode()
    refused = client.post(url("submit", report.pk), DECLARED)

    assert f"{url('form_standard', report.pk, standard)}#i-A02" in page
    assert refused.status_code == 422
    assert "A02 未填写" in refused.content.decode()
    assert "已逐项自查" in refused.content.decode()


def test_the_declaration_must_be_confirmed(client):
    report = report_with_answers()
    as_unit(client, report)

    page = client.post(url("submit", report.pk), DECLARED | {"agreed": ""})

    assert "请确认声明" in page.content.decode()
    report.refresh_from_db()
    assert report.state == "draft"


def test_sending_back_from_the_page(client):
    report = report_with_answers(state="submitted")
    answer = report.answers.get(item__code="A01")
    as_receiver(client, report)
    page = client.get(url("send_back", report.pk))
    data = {"note": "请补充", "due_on": "2021-05-27", f"mark-{answer.pk}": "缺证书编号"}

    sent = client.post(url("send_back", report.pk), data)

    # 20 May 2021 is a Thursday: five work days later is Thursday 27 May.
    assert page.context["form"].initial["due_on"] == dt.date(2021, 5, 27)
    assert sent.status_code == 302
    answer.refresh_from_db()
    assert answer.review_mark == "缺证书编号"
    as_unit(client, report)
    page = client.get(url("detail", report.pk)).content.decode()
    place = f"{url('form_standard', report.pk, answer.standard_id)}#i-A01"
    assert "请补充" in page
    assert f'<a href="{place}">A01</a>' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"note": "", "due_on": "2021-05-27"}, "必填"),
        ({"note": "请补充", "due_on": "2021-05-19"}, "不能早于今天"),
    ],
)
def test_a_wrong_sending_back_keeps_its_marks(client, data, words):
    report = report_with_answers(state="submitted")
    answer = report.answers.first()
    as_receiver(client, report)

    page = client.post(url("send_back", report.pk), data | {f"mark-{answer.pk}": "缺证书编号"})

    assert page.status_code == 422
    assert words in page.content.decode()
    assert "缺证书编号" in page.content.decode()


def test_exempting_and_reopening_from_the_page(client):
    gone = report_with_answers(state="overdue")
    gone.covered.get().standard.certificates.update(state="withdrawn")
    accepted = report_with_answers(state="accepted")

    as_receiver(client, gone)
    exempted = client.post(url("exempt", gone.pk), {"note": "计量标准已撤销"})
    as_receiver(client, accepted)
    without = client.post(url("reopen", accepted.pk), {"note": ""})
    reopened = client.post(url("reopen", accepted.pk), {"note": "补充证书"})

    assert (exempted.status_code, reopened.status_code, without.status_code) == (302, 302, 422)
    gone.refresh_from_db()
    accepted.refresh_from_db()
    assert (gone.state, accepted.state) == ("exempted", "reopened")


@pytest.mark.parametrize(
    ("state", "who"), list(itertools.product(ReportState.values, ["subject", "receiver"]))
)
def test_the_report_page_stands_in_every_state(client, state, who):
    report = report_with_answers(state=state)
    (as_unit if who == "subject" else as_receiver)(client, report)

    assert client.get(url("detail", report.pk)).status_code == 200


def test_the_receipt_says_what_was_handed_in(client):
    report = report_with_answers()
    ProblemFactory(report=report, rectified_on=dt.date(2021, 5, 15))
    as_unit(client, report)
    early = client.get(url("receipt", report.pk))
    client.post(url("submit", report.pk), DECLARED)

    page = client.get(url("receipt", report.pk))
    paper = client.get(url("receipt_pdf", report.pk))
    reader = pypdf.PdfReader(io.BytesIO(paper.content))
    text = "".join(reader.pages[0].extract_text().split())

    assert early.status_code == 403
    assert "自查回执〔2021〕1号" in page.content.decode()
    assert len(reader.pages) == 1
    for words in (
        "自查回执〔2021〕1号",
        report.unit.name,
        "王某",
        "2021年5月20日09:00",
        "按期报送",
    ):
        assert words in text
    assert "自查发现1个，其中已完成整改1个" in text
