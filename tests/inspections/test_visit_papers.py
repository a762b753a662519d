"""The letter that announces a visit, one for two made together; sheets to print before anything is filled in."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.models import Campaign, DrawnCase
from inspections import visit_papers
from inspections.joint import moves
from inspections.models import ChecklistAnswer, InspectionTask
from metrostd.common.roles import Role
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory, TaskStandardFactory
from tests.factories.registry import AuthorityFactory
from tests.inspections.bureau_story import make_bureau_visit
from tests.inspections.story import annex1
from tests.printing import pages_of, text_of


def url(name, task):
    return reverse(f"inspections:{name}", args=[task.pk])


def lines_of(words):
    return [
        (sheet["about"], line["code"])
        for sheet in words["sheets"]
        for section in sheet["sections"]
        for line in section["lines"]
    ]


def test_later_names_do_not_reach_a_letter_that_was_sent(visit):
    visit.assign().notify()
    before = visit_papers.letter_words(visit.task)

    Unit.objects.update(name="改名后的公司", actual_address="新址")
    MeasurementStandard.objects.update(name="改名后的标准")
    StandardCertificate.objects.update(number="〔2020〕津量标企证字第999号")
    Campaign.objects.update(title="改名后的行动")
    visit.task.refresh_from_db()

    assert visit_papers.letter_words(InspectionTask.objects.get(pk=visit.task.pk)) == before


@pytest.fixture
def joined(visit):
    """A second office comes along on the same day."""
    other = TaskFactory(
        unit=visit.task.unit, campaign=visit.task.campaign, authority=AuthorityFactory()
    )
    TaskStandardFactory(task=other)
    joint = moves.propose(
        visit.task, other, actor=visit.office.user, planned_on=dt.date(2021, 6, 18), place="一号楼"
    )
    moves.agree(joint, actor=MembershipFactory(authority=other.authority).user)
    for task in (visit.task, other):
        task.refresh_from_db()
    return other


def test_the_letter_says_who_comes_when_and_to_which_standards(client, visit):
    visit.assign().notify()
    words = visit_papers.letter_words(visit.task)

    assert words["subject"] == visit.task.unit.name
    assert words["planned_on"] == "2021年6月15日"
    assert words["sent_on"] == "2021年6月15日"
    assert [name for name, _ in words["standards"]] == [
        row.standard.name for row in visit.task.standards.all()
    ]
    assert "执法证 津执001" in words["teams"][0]["people"][0]
    sign_in(client, visit.unit)
    text = text_of(pages_of(client, url("visit_notice", visit.task)))
    assert "检查通知书" in text
    assert "检查不收取任何费用" in text


def test_two_visits_made_together_have_one_letter(visit, joined):
    visit.assign().notify()
    first, second = visit_papers.letter_words(visit.task), visit_papers.letter_words(joined)

    assert first["offices"] == [visit.task.authority.name, joined.authority.name]
    assert len(first["teams"]) == 2
    assert len(first["standards"]) == 2
    assert (first["planned_on"], first["place"]) == ("2021年6月18日", "一号楼")
    assert first == second


def test_there_is_no_letter_before_the_notice_nor_without_one(client, visit):
    sign_in(client, visit.office)
    visit.assign()
    assert client.get(url("visit_notice", visit.task)).status_code == 403
    visit.start()
    answer = client.get(url("visit_notice", visit.task))
    assert answer.status_code == 403
    assert "没有事先通知" in answer.content.decode()


def test_blank_sheets_have_the_items_the_visit_will_ask(visit):
    annex1()
    before = lines_of(visit_papers.blank_words(visit.task))
    visit.assign().start()

    laid = ChecklistAnswer.objects.filter(sheet__task=visit.task).order_by(
        "sheet", "item__section__order", "item__order"
    )
    asked = [
        (str(row.sheet.standard.name if row.sheet.standard else "单位层面"), row.item.code)
        for row in laid.select_related("sheet__standard", "item")
    ]
    assert before == asked


def test_blank_sheets_of_a_bureau_have_one_for_each_case(db):
    visit = make_bureau_visit(cases=2).assign().notify().request_files()
    visit.start()
    found = visit_papers.blank_words(visit.task)["sheets"]
    drawn = DrawnCase.objects.filter(drawn__review__task=visit.task).count()
    assert found[0]["about"] == "区局层面"
    assert len(found) == 1 + drawn
    asked = ChecklistAnswer.objects.filter(sheet__task=visit.task).count()
    assert len(lines_of({"sheets": found})) == asked


def test_blank_sheets_are_for_the_team_and_its_office(client, visit):
    annex1()
    visit.assign().notify()
    for member in (visit.office, visit.leader):
        sign_in(client, member)
        assert "□符合" in text_of(pages_of(client, url("blank_sheets", visit.task)))
    sign_in(client, visit.unit)
    assert client.get(url("blank_sheets", visit.task)).status_code == 403
    stranger = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=AuthorityFactory())
    sign_in(client, stranger)
    assert client.get(url("blank_sheets", visit.task)).status_code == 404
