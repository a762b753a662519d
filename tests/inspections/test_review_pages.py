"""The pages of a review: who sees it when, who does what, the papers, the list."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import DrawnBureau
from inspections.enums.reviews import ReviewState
from inspections.models import InspectionTask, ReviewProblem
from inspections.reviews import create_reviews
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import png
from tests.factories.registry import AuthorityFactory
from tests.inspections.bureau_story import DUE, FACT, make_bureau_visit
from tests.inspections.story import VISIT
from tests.printing import pages_of
from tests.queries import queries_of

TEXT = {"measure": "补发受理单。", "prevention": "每季度自查。", "completed_on": "2021-06-15"}


@pytest.fixture
def visit(db):
    return make_bureau_visit()


def page(client, member, visit):
    sign_in(client, member)
    return client.get(visit.review.get_absolute_url())


def url(name, obj):
    return reverse(f"inspections:{name}", args=[obj.pk])


def test_a_bureau_sees_its_review_from_the_notice_on_and_its_files_when_asked(client, visit):
    stranger = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=AuthorityFactory())
    assert page(client, visit.unit, visit).status_code == 404

    visit.assign().notify()
    told = page(client, visit.unit, visit)
    assert (told.status_code, list(told.context["cases"])) == (200, [])
    assert client.get(visit.task.get_absolute_url()).context["actions"] == []

    visit.request_files()
    assert len(page(client, visit.unit, visit).context["cases"]) == 1
    assert page(client, stranger, visit).status_code == 404


def test_a_bureau_reads_what_was_found_when_the_visit_is_over(client, visit):
    visit.assign().notify().request_files().start().fill({"P01": ("deficient", FACT)})
    sign_in(client, visit.unit)
    assert client.get(visit.whole().get_absolute_url()).status_code == 404

    visit.conclude_sheets().send().sign_team().sign_unit().conclude()

    told = page(client, visit.unit, visit)
    assert [problem.fact for problem in told.context["problems"]] == [FACT]
    assert told.context["timeline"] == []
    assert told.context["conclusion"] == "基本规范（有问题）"
    sheet = client.get(visit.whole().get_absolute_url(), {"section": "S"})
    assert {card.hint for card in sheet.context["cards"]} == {None}


def test_the_office_asks_demands_and_confirms_on_its_pages(client, visit):
    visit.assign().notify()
    sign_in(client, visit.second)
    refused = client.post(url("request_files", visit.review), {"due_on": "2021-06-01"})
    assert refused.status_code == 422
    client.post(
        url("request_files", visit.review), {"due_on": str(VISIT.date()), "note": "制度汇编"}
    )
    assert visit.review.files_request == "制度汇编"

    visit.start().fill({"P01": ("deficient", FACT)}).conclude_sheets().send()
    visit.sign_team().sign_unit().conclude()
    sign_in(client, visit.second)
    client.post(reverse("inspections:review", args=[visit.task.pk]))
    assert client.get(url("demand_measures", visit.review)).status_code == 200
    client.post(
        url("demand_measures", visit.review), {"due_on": str(DUE), "requirement": "举一反三"}
    )
    assert visit.review.state == ReviewState.MEASURES_DUE

    problem = visit.review.problems.get()
    sign_in(client, visit.unit)
    assert client.get(url("measure", problem)).status_code == 200
    proof = SimpleUploadedFile("整改.png", png("red"), content_type="image/png")
    sent = {"base_version": 0, "proof": proof, **TEXT}
    assert client.post(url("measure", problem), sent).url == visit.review.get_absolute_url()
    assert client.post(url("measure", problem), {"base_version": 0, **TEXT}).status_code == 409
    shown = client.get(url("measure_proof", problem))
    assert b"".join(shown.streaming_content) == png("red")
    client.post(url("submit_measures", visit.review))
    assert visit.review.state == ReviewState.MEASURES_SUBMITTED

    sign_in(client, visit.second)
    assert client.get(url("decide_measures", visit.review)).status_code == 200
    assert client.post(url("decide_measures", visit.review), {}).status_code == 422
    answer = {f"result-{problem.pk}": "confirmed", f"opinion-{problem.pk}": "属实"}
    client.post(url("decide_measures", visit.review), answer)
    assert visit.review.state == ReviewState.CONFIRMED
    assert ReviewProblem.objects.get().decided_by == visit.second.user


def test_who_was_on_the_team_decides_nothing(client, visit):
    leading = visit.office  # of the office, and on the team this time
    visit.extra = [(leading, "officer")]
    visit.reviewed({"P01": ("deficient", FACT)})
    sign_in(client, leading)

    for name in ("demand_measures", "decide_measures", "report_review"):
        assert client.get(url(name, visit.review)).status_code == 403, name
    for name in ("clear_review", "fail_review"):
        assert client.post(url(name, visit.review), {"note": "x"}).status_code == 403, name
    sign_in(client, visit.unit)
    assert client.get(url("demand_measures", visit.review)).status_code == 403


def test_who_runs_the_bureau_decides_nothing_for_the_city(client, visit):
    visit.submitted()
    both = MembershipFactory(
        user=visit.unit.user, role=Role.CITY_ADMIN, authority=visit.task.authority
    )
    sign_in(client, both)

    answer = client.get(reverse("inspections:decide_measures", args=[visit.review.pk]))

    assert answer.status_code == 403
    assert f"{visit.second.user}" in answer.content.decode()


def test_the_city_does_not_write_for_a_bureau(client, visit):
    visit.demanded()
    problem = visit.review.problems.get()
    sign_in(client, visit.second)

    assert client.get(url("measure", problem)).status_code == 403
    assert client.post(url("submit_measures", visit.review)).status_code == 403


def test_nothing_in_time_fails_and_is_reported_up(client, visit):
    visit.submitted().decided("failed", "仍不全")
    sign_in(client, visit.second)

    assert client.get(url("report_review", visit.review)).status_code == 200
    sent = {"to": "分管负责同志", "on": str(VISIT.date()), "note": "未改"}
    client.post(url("report_review", visit.review), sent)

    assert visit.review.state == ReviewState.REPORTED_UP
    shown = page(client, visit.second, visit).content.decode()
    assert "分管负责同志" in shown


def test_notice_and_demand_say_what_was_said_when_they_were_sent(client, visit):
    sign_in(client, visit.second)
    assert client.get(url("review_notice", visit.review)).status_code == 403
    visit.demanded()
    bureau = visit.review.bureau
    words = visit.review.notice
    bureau.name = "改名后的区局"
    bureau.save()

    assert pages_of(client, url("review_notice", visit.review)).startswith(b"%PDF")
    assert pages_of(client, url("review_demand", visit.review)).startswith(b"%PDF")
    assert visit.review.notice == words
    assert words["cases"] == 1
    assert visit.review.demand["problems"][0]["fact"] == FACT


def test_the_list_costs_the_same_for_one_and_for_several(client, visit):
    sign_in(client, visit.second)
    listed = lambda: queries_of(lambda: client.get(reverse("inspections:certifications")))  # noqa: E731
    listed()
    one = listed()
    other = make_bureau_visit_beside(visit)

    assert listed() == one
    assert (
        other.get_absolute_url()
        in client.get(reverse("inspections:certifications")).content.decode()
    )


def make_bureau_visit_beside(visit):
    """Another drawn bureau of the same draw."""
    run = visit.review.drawn.run
    bureau = AuthorityFactory(parent=visit.office.authority)
    DrawnBureau.objects.create(run=run, bureau=bureau, order=9, named=bureau.name)
    create_reviews(run, actor=None)
    return run.bureaus.get(order=9).review


def test_visits_to_bureaus_stand_in_the_lists_of_those_who_go_there(client, visit):
    visit.assign()
    sign_in(client, visit.leader)
    assert str(visit.review.bureau) in client.get(reverse("inspections:index")).content.decode()
    sign_in(client, visit.second)
    index = client.get(reverse("inspections:index"))
    assert str(visit.review.bureau) in index.content.decode()
    # No unit: the tiles count none.
    assert index.context["units"].listed == 0
    assert client.get(reverse("inspections:export")).status_code in (200, 302)


def test_the_visit_of_a_bureau_has_its_page_and_record(client, visit):
    visit.reviewed({"P01": ("deficient", FACT)})
    sign_in(client, visit.second)

    told = client.get(visit.task.get_absolute_url())
    assert told.context["rows"][0].name == "区局层面"
    assert told.context["review"] == visit.review
    assert visit.review.get_absolute_url() in told.content.decode()
    assert AuditEntry.objects.about(visit.review).exists()
    assert InspectionTask.objects.get().conclusion == "deficient"
