"""Filling a report in: saves, conflicts, taking over a section."""

import datetime as dt
import uuid

import pytest

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from tests.factories.registry import AuthorityFactory
from tests.factories.selfcheck import (
    report_with_answers,
)

from .pages import AUTOSAVE, as_district, as_unit, url

pytestmark = pytest.mark.django_db


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
