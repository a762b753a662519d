"""Annex 2 as sheets: once for the bureau, once for each case file; what the portal counts and compares there."""

import datetime as dt

import pytest
from django.urls import reverse

from inspections import casework, completeness, documents, hints
from inspections.enums.reviews import CasePaper
from inspections.hints import case
from inspections.models import CaseAppraiser, CaseRecord, InspectionTask
from inspections.signed_content import content_hash
from metrostd.common import clock
from metrostd.common.calendar import add_workdays, workdays_between
from metrostd.common.enums import Answer
from metrostd.common.http import StaleError
from metrostd.common.models import SpecialDay
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import UnitFactory
from tests.factories.selfcheck import ReportFactory
from tests.inspections.bureau_story import FACT, make_bureau_visit
from tests.queries import queries_of

D = dt.date


@pytest.fixture
def visit(db):
    return make_bureau_visit(cases=2).assign().notify().request_files().start()


@pytest.fixture
def holidays(db):
    """The first days of May 2021: 1 to 5 free, Saturday the 8th worked."""
    free = [D(2021, 5, n) for n in range(1, 6)]
    SpecialDay.objects.bulk_create(
        [
            *(SpecialDay(day=day, is_workday=False, name="劳动节") for day in free),
            SpecialDay(day=D(2021, 5, 8), is_workday=True, name="劳动节调休"),
        ]
    )


def hint(visit, rule):
    return case.RULES[rule](case.facts_by_sheet([visit.case().pk])[visit.case().pk])


def test_the_bureau_is_asked_once_and_each_case_file_for_itself(visit):
    sheets = list(visit.task.sheets.order_by("pk"))

    assert [sheet.case_id is None for sheet in sheets] == [True, False, False]
    assert [sheet.answers.count() for sheet in sheets] == [14, 27, 27]
    assert {sheet.template.kind for sheet in sheets} == {"annex2"}
    assert CaseRecord.objects.count() == 2


def test_the_tenth_work_day_after_30_april_2021_is_18_may(visit, holidays):
    """Scenario 15."""
    assert add_workdays(D(2021, 4, 30), 10) == D(2021, 5, 18)
    assert workdays_between(D(2021, 4, 30), D(2021, 5, 18)) == 10

    visit.record(accepted_on=D(2021, 4, 30), organised_on=D(2021, 5, 18))
    said = hint(visit, "organised_in_time")
    assert (said.tone, "第10个工作日为2021年5月18日" in said.text) == ("ok", True)

    visit.record(organised_on=D(2021, 5, 19))
    said = hint(visit, "organised_in_time")
    assert (said.tone, "第11个工作日" in said.text) == ("bad", True)


def test_an_appraiser_employed_by_the_applicant_raises_the_alarm(visit):
    """Scenario 16: by the register, and by the name the papers give."""
    unit = visit.case().case.certificate.standard.unit
    own = MembershipFactory(role=Role.ASSESSOR, employer=unit, authority=visit.office.authority)
    other = MembershipFactory(
        role=Role.ASSESSOR, employer=UnitFactory(), authority=visit.office.authority
    )

    for row, tone in (
        ({"membership": own, "name": str(own.user)}, "bad"),
        ({"name": "示例考评员", "employer": unit.name}, "bad"),
        ({"name": "示例考评员"}, "warn"),
        ({"membership": other, "name": str(other.user)}, "ok"),
    ):
        visit.record([row])
        assert hint(visit, "appraiser_interest").tone == tone, row

    visit.record([{"name": "示例考评员", "employer": unit.name}])
    assert "警示" in hint(visit, "appraiser_interest").text
    visit.answer("M03", "conform", sheet=visit.case())
    lacking = [gap.text for gap in completeness.gaps_of(visit.task) if gap.item_code == "M03"]
    assert any("警示" in text and text.startswith("案卷和台账显示“") for text in lacking)


@pytest.mark.parametrize(
    ("rule", "values", "tone"),
    [
        ("told_in_time", {"applied_on": D(2021, 3, 1), "supplement_on": D(2021, 3, 8)}, "ok"),
        ("told_in_time", {"applied_on": D(2021, 3, 1), "supplement_on": D(2021, 3, 9)}, "bad"),
        ("told_in_time", {"applied_on": D(2021, 3, 1)}, "info"),
        ("appraised_in_time", {"accepted_on": D(2021, 3, 1), "appraised_on": D(2021, 6, 1)}, "ok"),
        ("decided_in_time", {"materials_on": D(2021, 3, 1), "decided_on": D(2021, 3, 15)}, "ok"),
        ("decided_in_time", {"materials_on": D(2021, 3, 1), "decided_on": D(2021, 3, 16)}, "bad"),
        ("issued_in_time", {"decided_on": D(2021, 3, 1), "delivered_on": D(2021, 3, 15)}, "ok"),
        ("issued_in_time", {"decided_on": D(2021, 3, 1)}, "muted"),
        ("days_in_order", {"accepted_on": D(2021, 3, 2), "decided_on": D(2021, 3, 1)}, "bad"),
        ("days_in_order", {"accepted_on": D(2021, 3, 1), "decided_on": D(2021, 3, 2)}, "ok"),
        (
            "rectified_in_time",
            {"rectify_due_on": D(2021, 3, 1), "rectified_on": D(2021, 3, 2)},
            "bad",
        ),
        ("rectified_in_time", {"rectify_due_on": D(2021, 3, 2)}, "warn"),
        ("different_people", {"reviewer": "示例甲", "approver": "示例甲"}, "bad"),
        ("different_people", {"reviewer": "示例甲", "approver": "示例乙"}, "ok"),
        ("documents_listed", {"documents": list(CasePaper.of_new)}, "ok"),
        ("documents_listed", {"documents": ["report"]}, "warn"),
        (
            "documents_listed",
            {"documents": list(CasePaper.of_new), "other_documents": "纳税证明"},
            "bad",
        ),
        ("certificates_adjoin", {}, "muted"),
    ],
)
def test_what_is_counted_and_compared(visit, rule, values, tone):
    visit.record(**values)

    assert hint(visit, rule).tone == tone, hint(visit, rule).text


def test_beyond_the_ten_days_it_says_whether_the_law_was_kept(visit):
    visit.record(materials_on=D(2021, 3, 1), decided_on=D(2021, 4, 2))
    assert "也超过法定的20个工作日" in hint(visit, "decided_in_time").text

    visit.record(is_extended=True)
    assert "未超过延期后的30个工作日" in hint(visit, "decided_in_time").text


def test_the_host_is_compared_with_where_the_unit_is(visit):
    assert hint(visit, "host_allowed").tone == "ok"
    unit = visit.case().case.certificate.standard.unit
    type(unit).objects.filter(pk=unit.pk).update(
        territorial_authority=visit.office.authority, competent_department=""
    )

    assert hint(visit, "host_allowed").tone == "bad"


def test_the_bureau_s_own_answer_stands_beside_the_item(visit, client):
    report = ReportFactory(
        as_bureau=True,
        template=visit.whole().template,
        campaign=visit.task.campaign,
        bureau=visit.task.bureau,
        receiver=visit.task.authority,
        state="accepted",
    )
    item = visit.whole().answers.get(item__code="P01").item
    report.answers.create(item=item, answer=Answer.CONFORM, note="窗口已公示")
    sign_in(client, visit.leader)

    page = client.get(visit.whole().get_absolute_url(), {"section": "P"})

    card = page.context["cards"][0]
    assert (card.self_check.label, card.self_check.note) == ("符合", "窗口已公示")


def test_what_the_bureau_had_answered_is_kept_with_the_problem(visit):
    ReportFactory(
        as_bureau=True,
        template=visit.whole().template,
        campaign=visit.task.campaign,
        bureau=visit.task.bureau,
        receiver=visit.task.authority,
        state="accepted",
    ).answers.create(item=visit.whole().answers.get(item__code="P01").item, answer=Answer.CONFORM)
    visit.fill({"P01": ("deficient", FACT)}).conclude_sheets().send()
    visit.sign_team().sign_unit().conclude()

    problem = visit.review.problems.get()
    assert (problem.group, problem.self_check_answer) == ("P", "conform")


def test_days_of_a_case_file_are_part_of_what_is_signed_and_printed(visit):
    before = content_hash(visit.task)
    visit.record([{"name": "示例考评员", "employer": "示例院"}], accepted_on=D(2021, 4, 30))

    assert content_hash(visit.task) != before
    forms = documents.record_of(visit.task).sheets
    assert ("受理日期", "2021年4月30日") in forms[1].case
    assert ("考评员", "示例考评员，示例院") in forms[1].case


def test_facts_are_written_while_the_visit_is_under_way_and_on_the_newest_version(visit):
    record = visit.record(reviewer="示例甲")
    with pytest.raises(StaleError):
        casework.save_case(record, {"reviewer": "示例乙"}, [], base_version=0, actor=None)

    visit.fill().conclude_sheets().send()
    with pytest.raises(TransitionError):
        visit.record(reviewer="示例乙")


def test_the_page_of_a_case_file_keeps_days_and_people(client, visit):
    sign_in(client, visit.officer)
    address = reverse("inspections:case_record", args=[visit.case().pk])
    form = {
        "base_version": 0,
        "accepted_on": "2021-04-30",
        "organised_on": "2021-05-20",
        "documents": ["report"],
        "name-1": "示例考评员",
        "employer-1": "示例院",
    }

    assert client.get(address).status_code == 200
    answer = client.post(address, form)

    assert answer.url == visit.case().get_absolute_url()
    record = CaseRecord.objects.get(sheet=visit.case())
    assert (record.accepted_on, record.documents) == (D(2021, 4, 30), ["report"])
    assert CaseAppraiser.objects.get().employer == "示例院"
    page = client.get(visit.case().get_absolute_url(), {"section": "P"}).content.decode()
    assert "超过期限" in page
    assert client.post(address, form).status_code == 409


def test_who_is_not_on_the_team_enters_nothing(client, visit):
    address = reverse("inspections:case_record", args=[visit.case().pk])
    for member, status in ((visit.office, 403), (visit.unit, 404)):
        sign_in(client, member)
        assert client.post(address, {"base_version": 0}).status_code == status


def test_sheets_of_ten_case_files_cost_what_those_of_one_cost(visit):
    def asked():
        task = InspectionTask.objects.select_related("bureau").get(pk=visit.task.pk)
        return queries_of(lambda: completeness.gaps_of(task))

    two = asked()
    with clock.pinned(clock.now()):
        sheet = visit.case()
        CaseRecord.objects.filter(sheet=sheet).delete()
        sheet.answers.all().delete()
        sheet.delete()
    assert asked() == two
    assert set(case.RULES) | set(hints.bureau.RULES) >= hints.DECISIVE_OF_BUREAUS
