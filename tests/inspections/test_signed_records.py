"""The record of a visit as PDF, and the versions that stay on file."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from inspections import documents, signed_records
from inspections.models import InspectionTask
from inspections.moves import result as result_moves
from metrostd.common.models import AuditEntry, Job
from tests.factories.accounts import sign_in
from tests.printing import pages_of

from .story import FACT, make_visit

pytestmark = pytest.mark.django_db


def text_of(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_the_record_holds_facts_answers_evidence_and_signatures(visit):
    visit.concluded({"D02": ("deficient", FACT)})

    record = documents.record_of(visit.task)

    assert record.unit == visit.task.unit.name
    assert record.conclusion == "存在缺陷"
    assert record.team == (
        f"{visit.leader.user}（组长，执法证号 津执001）",
        f"{visit.officer.user}（执法人员，执法证号 津执002）",
    )
    assert [sheet.subject for sheet in record.sheets] == [
        "单位层面",
        visit.task.standards.get().standard.name,
    ]
    lines = {line.code: line for block in record.sheets[1].sections for line in block.lines}
    assert (lines["D02"].answer, lines["D02"].note, lines["D02"].evidence) == ("有缺陷", FACT, 1)
    assert lines["H01"].answer == "未发现"
    evidence = record.sheets[1].evidence[0]
    assert (evidence.item, evidence.kind, len(evidence.sha256)) == ("D02", "照片", 64)
    assert [row.party for row in record.signatures] == ["检查组", "检查组", "被检查单位代表"]
    assert all(row.image.startswith("data:image/png;base64,") for row in record.signatures)
    assert record.is_draft is False


def test_the_pdf_reads_back(visit):
    visit.concluded({"D02": ("deficient", FACT)})

    text = text_of(documents.record_pdf(visit.task))

    for words in (
        visit.task.unit.name,
        FACT,
        "未发现",
        "存在缺陷",
        "质量部主任",
        "2021年6月15日09:30",
    ):
        assert words.replace(" ", "") in text
    assert "草稿" not in text


def test_the_record_says_what_was_so_when_the_visit_ended(visit):
    visit.concluded({"D02": ("deficient", FACT)})
    before = documents.record_of(visit.task)
    standard = visit.task.standards.get().standard
    type(visit.task.unit).objects.update(name="改名后的单位", uscc="")
    type(standard).objects.update(name="改名后的标准")
    standard.certificates.update(number="新号", valid_until="2030-01-01")
    type(visit.leader.user).objects.update(display_name="改名后的人")
    type(visit.task.campaign).objects.update(title="改名后的行动")

    after = documents.record_of(InspectionTask.objects.get(pk=visit.task.pk))

    assert after == before


def test_a_visit_signed_again_says_what_is_so_then(visit):
    visit.concluded({})
    result_moves.reopen(visit.task, actor=visit.office.user, note="补充事实")
    type(visit.task.unit).objects.update(name="改名后的单位")

    task = InspectionTask.objects.get(pk=visit.task.pk)

    assert documents.record_of(task).unit == "改名后的单位"


def test_before_signing_it_says_that_it_is_a_draft(visit):
    visit.assign().start()

    assert "草稿" in text_of(documents.record_pdf(visit.task))


def test_a_refusal_is_printed(visit):
    refusal = result_moves.Refusal("负责人离场拒签", witness="示例门卫")
    visit.to_signing().sign_team().conclude(refusal=refusal)

    assert "拒绝签字：负责人离场拒签" in text_of(documents.record_pdf(visit.task))


def test_the_record_is_filed_once_for_every_signing(visit):
    visit.concluded()

    first = signed_records.file_record(visit.task)
    again = signed_records.file_record(visit.task)

    assert first == again
    assert AuditEntry.objects.filter(action="task.file_record").count() == 1
    assert set(visit.task.sheets.values_list("record", flat=True)) == {first.pk}


def test_nothing_is_filed_before_the_sheets_are_signed(visit):
    visit.to_signing()

    assert signed_records.file_record(visit.task) is None


def test_reopening_keeps_the_first_signed_record(visit):
    visit.concluded({"E03": ("deficient", FACT)})
    first = signed_records.file_record(visit.task)
    result_moves.reopen(visit.task, actor=visit.office.user, note="事实不清")
    visit.answer("E03", "deficient", FACT + "已复核。")
    visit.conclude_sheets().send().sign_team().sign_unit()
    visit.conclude()

    second = signed_records.file_record(visit.task)

    filed = signed_records.filed_records(visit.task)
    assert [each.number for each in filed] == [1, 2]
    assert [each.file for each in filed] == [first, second]
    assert first != second
    with first.content.open() as stored:
        assert "已复核" not in text_of(stored.read())


def test_collecting_a_record_takes_the_same_queries_for_more_sheets(django_assert_num_queries):
    for standards in (1, 4):
        visit = make_visit(standards=standards).assign().start()
        visit.task.refresh_from_db()
        _ = visit.task.campaign, visit.task.unit, visit.task.authority
        with django_assert_num_queries(13):
            documents.record_of(visit.task)


def test_the_old_record_is_not_shown_as_that_of_the_second_signing(client, visit):
    visit.concluded({"E03": ("deficient", FACT)})
    signed_records.file_record(visit.task)
    result_moves.reopen(visit.task, actor=visit.office.user, note="事实不清")
    visit.answer("E03", "deficient", FACT + "已复核。")
    visit.conclude_sheets().send().sign_team().sign_unit().conclude()
    sign_in(client, visit.office)

    # The worker has not filed the second one yet.
    shown = pages_of(client, reverse("inspections:record", args=[visit.task.pk]))

    assert "已复核" in text_of(shown)


def test_a_record_that_could_not_be_made_says_why_and_is_made_again(client, visit):
    visit.concluded({"E03": ("deficient", FACT)})
    Job.objects.update(state="failed", failure="存储空间不足。")
    sign_in(client, visit.office)

    page = client.get(visit.task.get_absolute_url()).content.decode()
    again = reverse("inspections:render_record", args=[visit.task.pk])
    answer = client.post(again)

    assert "存储空间不足。" in page
    assert f'action="{again}"' in page
    assert Job.objects.filter(kind="inspections.record", state="queued").count() == 1
    assert answer.url == reverse("common:job", args=[Job.objects.first().pk])


def test_a_record_is_not_made_again_while_it_is_on_its_way_or_on_file(client, visit):
    visit.concluded({"E03": ("deficient", FACT)})
    sign_in(client, visit.office)

    client.post(reverse("inspections:render_record", args=[visit.task.pk]))

    assert Job.objects.count() == 1


def test_nothing_is_said_to_have_failed_before_a_record_was_asked_for(client, visit):
    visit.assign().start()
    sign_in(client, visit.office)

    assert "没有归档" not in client.get(visit.task.get_absolute_url()).content.decode()


def test_photographs_are_annexed_in_the_order_of_the_record():
    visit = make_visit(standards=2).assign().start()
    visit.fill({"E03": ("deficient", FACT), "B01": ("deficient", FACT)})
    of_unit = visit.answer("U01", "deficient", FACT, sheet=visit.sheet())
    visit.prove(of_unit, colour="blue")
    assert documents.record_of(visit.task).photos == (), "a draft has none"

    visit.conclude_sheets().send().sign_team().sign_unit().conclude()
    photos = documents.record_of(visit.task).photos

    assert [photo.item for photo in photos] == ["U01", "B01", "E03"]
    assert all(photo.image.startswith("data:image/jpeg;base64,") for photo in photos)
    assert "附证据照片" in text_of(documents.record_pdf(visit.task))
