"""Saving answers, evidence, conclusions."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from inspections import services
from inspections.models import ChecklistAnswer, Evidence, Finding
from inspections.moves import result as result_moves
from metrostd.common import clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from selfcheck.models import SelfCheckAnswer, SelfCheckReport
from tests.factories.inspections import ChecklistAnswerFactory, png
from tests.files import pdf

from .story import FACT, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def filling(visit):
    return visit.assign().start()


def row(visit, code="D02"):
    return ChecklistAnswer.objects.select_related("item", "sheet__task").get(
        sheet=visit.standard_sheet(), item__code=code
    )


def save(answer, *, value="conform", note="", version=0, client_id=None, actor=None):
    return services.save_answer(
        answer,
        value=value,
        note=note,
        base_version=version,
        client_id=client_id or uuid.uuid4(),
        actor=actor,
    )


def test_a_save_counts_the_version_and_leaves_a_trail(filling):
    saved = save(row(filling), value="deficient", note=f" {FACT} ", actor=filling.leader.user)

    saved.refresh_from_db()
    assert (saved.answer, saved.note, saved.version) == ("deficient", FACT, 1)
    assert (saved.answered_by, saved.answered_at) == (filling.leader.user, clock.now())
    entry = AuditEntry.objects.about(saved).get()
    assert entry.before == {"answer": "", "note": ""}
    assert entry.after == {"answer": "deficient", "note": FACT}


def test_the_same_save_twice_counts_once(filling):
    client_id = uuid.uuid4()
    save(row(filling), client_id=client_id)

    again = save(row(filling), client_id=client_id)

    assert again.version == 1
    assert AuditEntry.objects.filter(action="sheet.answer").count() == 1


def test_the_same_save_arriving_twice_at_once_is_no_error(filling):
    client_id = uuid.uuid4()
    first, second = row(filling), row(filling)
    save(first, client_id=client_id)

    again = save(second, client_id=client_id)

    assert again.version == 1


def test_a_stale_save_is_refused_with_both_values(filling):
    page = row(filling)
    save(row(filling), value="deficient", note=FACT, actor=filling.officer.user)

    with pytest.raises(StaleError) as error:
        save(page, value="conform", note="符合", actor=filling.leader.user)

    assert error.value.payload == {
        "mine": {"answer": "conform", "note": "符合"},
        "theirs": {"answer": "deficient", "note": FACT},
        "version": 1,
        "theirs_by": str(filling.officer.user),
        "theirs_at": clock.now().astimezone(dt.UTC).isoformat(),
    }
    assert row(filling).answer == "deficient"


def test_nothing_is_saved_once_the_sheets_are_locked(visit):
    visit.to_signing()

    with pytest.raises(TransitionError, match="待签字"):
        save(row(visit), value="deficient", note=FACT, version=0)

    assert row(visit).answer == "conform"


@pytest.mark.parametrize(
    ("code", "value"), [("H01", "deficient"), ("H04", "not_applicable"), ("A01", "not_applicable")]
)
def test_an_answer_the_item_does_not_take_is_refused(filling, code, value):
    with pytest.raises(ValidationError) as error:
        save(row(filling, code), value=value, note=FACT)

    assert list(error.value.message_dict) == ["answer"]
    assert row(filling, code).version == 0


def upload(answer, data, name, client_id=None):
    return services.add_evidence(
        answer,
        file=SimpleUploadedFile(name, data),
        name=name,
        kind="",
        client_id=client_id or uuid.uuid4(),
        actor=None,
    )


def test_evidence_carries_hash_time_and_kind(filling):
    photo = upload(row(filling), png("red"), "现场.png")
    scan = upload(row(filling), pdf(), "证书.pdf")

    assert (photo.kind, scan.kind) == ("photo", "scan")
    assert photo.captured_at == clock.now()
    assert len(photo.file.sha256) == 64


def test_the_same_upload_twice_is_one_file(filling):
    client_id = uuid.uuid4()
    first = upload(row(filling), png("red"), "现场.png", client_id)

    assert upload(row(filling), png("blue"), "另一张.png", client_id) == first
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "空.png", "空文件"),
        (b"plain text", "文字.png", "只接受"),
        (png(), "图片.pdf", "与扩展名不符"),
        (b"PK\x03\x04 not a photo", "表.xlsx", "只接受"),
    ],
)
def test_an_upload_that_is_not_what_it_says_is_refused(filling, data, name, reason):
    with pytest.raises(ValidationError, match=reason):
        upload(row(filling), data, name)

    assert not Evidence.objects.exists()


def test_the_id_of_another_items_upload_is_refused(filling):
    known = uuid.uuid4()
    upload(row(filling), png(), "铭牌.png", client_id=known)

    with pytest.raises(ValidationError, match="上传标识重复"):
        upload(row(filling, "E05"), png(), "铭牌.png", client_id=known)


def test_withdrawn_evidence_is_kept_but_counts_no_more(filling):
    answer = filling.answer("D02", "deficient", FACT)
    evidence = filling.prove(answer)

    services.withdraw_evidence(evidence, actor=filling.leader.user)
    services.withdraw_evidence(evidence, actor=filling.leader.user)

    evidence.refresh_from_db()
    assert evidence.withdrawn_at == clock.now()
    assert AuditEntry.objects.filter(action="sheet.withdraw_evidence").count() == 1
    filling.fill().conclude_sheets()
    with pytest.raises(ValidationError, match="D02 缺少证据"):
        filling.send()


def test_evidence_is_locked_with_the_sheets(visit):
    visit.to_signing({"E03": ("deficient", FACT)})

    with pytest.raises(TransitionError):
        services.withdraw_evidence(Evidence.objects.get(), actor=None)
    with pytest.raises(TransitionError):
        upload(row(visit), png("green"), "补.png")


def test_a_conclusion_waits_for_every_item(filling):
    with pytest.raises(ValidationError, match="还有 42 项未判定"):
        services.set_conclusion(
            filling.standard_sheet(), conclusion="conform", reason="", actor=None
        )


@pytest.mark.parametrize(
    ("problem", "chosen", "reason", "complaint"),
    [
        (("deficient", FACT), "conform", "", "不能轻于建议结论“存在缺陷”"),
        (("deficient", FACT), "nonconform", " ", "应当说明理由"),
        (("deficient", FACT), "fair", "", "请选择结论"),
    ],
)
def test_a_conclusion_is_never_milder_and_graver_only_with_a_reason(
    filling, problem, chosen, reason, complaint
):
    filling.fill({"E03": problem})

    with pytest.raises(ValidationError, match=complaint):
        services.set_conclusion(
            filling.standard_sheet(), conclusion=chosen, reason=reason, actor=None
        )


def test_the_leader_may_raise_the_severity_with_a_reason(filling):
    filling.fill({"E03": ("deficient", FACT)})
    sheet = filling.standard_sheet()

    services.set_conclusion(
        sheet, conclusion="nonconform", reason="多次检查仍未改正", actor=filling.leader.user
    )

    sheet.refresh_from_db()
    assert (sheet.suggested, sheet.conclusion) == ("deficient", "nonconform")
    assert sheet.override_reason == "多次检查仍未改正"
    assert AuditEntry.objects.about(sheet).get().note == "多次检查仍未改正"


def test_findings_copy_what_the_unit_answered_in_its_self_check(filling):
    item = row(filling, "E03").item
    standard = filling.task.standards.get().standard
    report = SelfCheckReport.objects.create(
        campaign=filling.task.campaign,
        kind="unit",
        unit=filling.task.unit,
        receiver=standard.issuing_authority,
        template=item.section.template,
        due_on=dt.date(2021, 5, 31),
        state="accepted",
        submitted_at=clock.now(),
        first_submitted_at=clock.now(),
    )
    SelfCheckAnswer.objects.create(report=report, standard=standard, item=item, answer="conform")

    filling.fill({"E03": ("deficient", FACT), "E05": ("deficient", FACT)}).conclude_sheets().send()
    filling.sign_team().sign_unit().conclude()

    found = dict(Finding.objects.values_list("item__code", "self_check_answer"))
    assert found == {"E03": "conform", "E05": ""}


def test_a_finding_says_category_key_and_basis(visit):
    visit.concluded({"A03": ("nonconform", FACT)})

    finding = Finding.objects.get()
    assert (finding.category, finding.is_key, finding.fact) == ("A", True, FACT)
    assert "计量法" in finding.basis
    assert finding.standard == visit.task.standards.get().standard


def test_the_experiment_left_open_becomes_a_finding(visit):
    visit.to_signing({"F01": ("not_applicable", "检查当日没有可供试验的对象，待补做。")})
    visit.sign_team().sign_unit().conclude()

    assert Finding.objects.values_list("item__code", "severity").get() == ("F01", "deficient")
    assert visit.task.conclusion == "deficient"


def test_filling_a_sheet_of_another_task_changes_nothing_here(filling):
    stranger = ChecklistAnswerFactory()

    save(stranger)

    assert row(filling).version == 0


def test_a_changed_answer_after_reopening_is_saved(visit):
    visit.concluded()
    result_moves.reopen(visit.task, actor=visit.office.user, note="补充")

    assert visit.answer("D02", "deficient", FACT).answer == "deficient"


def test_two_visits_have_their_own_sheets():
    first, second = make_visit().assign().start(), make_visit().assign().start()

    first.answer("A01", "conform")

    assert row(second, "A01").answer == ""
