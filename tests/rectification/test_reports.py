"""The unit's side: saving, evidence, submitting, and what the office decides on it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import FindingState
from metrostd.common import clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry, Job, StoredFile
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from rectification import drafts
from rectification.enums import OrderState
from rectification.models import Rectification, RectificationFile
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import report as report_moves
from tests.factories.rectification import fill, issue, office_of, photo, submitted, user_of

pytestmark = pytest.mark.django_db

AUGUST_2 = clock.at_time(dt.date(2021, 8, 2))


def save(finding, *, base_version=0, client_id=None, cause="示例原因", actor=None):
    return drafts.save_rectification(
        finding,
        cause=cause,
        action="示例措施",
        prevention="示例预防",
        base_version=base_version,
        client_id=client_id or uuid.uuid4(),
        actor=actor,
    )


def review(finding, result, *, opinion="示例意见", on=dt.date(2021, 8, 10)):
    with clock.pinned(clock.at_time(on)):
        return report_moves.review_finding(
            finding, method="documents", result=result, opinion=opinion, actor=None
        )


def findings_of(order):
    return [item.finding for item in order.items.order_by("pk")]


def test_a_save_counts_once_and_moves_the_version():
    finding = issue().items.get().finding
    client_id = uuid.uuid4()

    first = save(finding, client_id=client_id)
    again = save(finding, client_id=client_id, cause="重发的内容")

    assert (first.version, again.version, again.cause) == (1, 1, "示例原因")
    assert AuditEntry.objects.filter(action="rectification.save").count() == 1


def test_a_stale_save_is_refused_with_both_values():
    order = issue()
    finding = order.items.get().finding
    person = user_of(order.task.unit).user
    save(finding, cause="先保存的", actor=person)

    with pytest.raises(StaleError) as caught:
        save(finding, base_version=0, cause="后保存的")

    payload = caught.value.payload
    assert payload["mine"]["cause"] == "后保存的"
    assert payload["theirs"]["cause"] == "先保存的"
    assert payload["version"] == 1
    assert payload["theirs_by"] == person.display_name
    assert Rectification.objects.get().cause == "先保存的"


def test_nothing_is_saved_once_submitted():
    order = submitted(issue())
    finding = order.items.get().finding

    with pytest.raises(TransitionError, match="已报整改"):
        save(finding, base_version=1)
    with pytest.raises(TransitionError):
        drafts.add_file(finding, file=photo(), name="晚到.jpg", client_id=uuid.uuid4(), actor=None)


def test_a_file_sent_twice_counts_once():
    finding = issue().items.get().finding
    client_id = uuid.uuid4()

    first = drafts.add_file(finding, file=photo(), name="a.jpg", client_id=client_id, actor=None)
    again = drafts.add_file(finding, file=photo(), name="a.jpg", client_id=client_id, actor=None)

    assert first == again
    assert RectificationFile.objects.count() == 1


def test_a_client_id_of_another_finding_is_refused():
    first, second = findings_of(issue(findings=2))
    client_id = uuid.uuid4()
    drafts.add_file(first, file=photo(), name="a.jpg", client_id=client_id, actor=None)

    with pytest.raises(ValidationError, match="标识重复"):
        drafts.add_file(second, file=photo(), name="b.jpg", client_id=client_id, actor=None)


def test_a_file_that_is_not_what_its_name_says_is_refused():
    finding = issue().items.get().finding
    fake = SimpleUploadedFile("照片.jpg", b"MZ\x90\x00 not a photo")

    with pytest.raises(ValidationError, match=r"照片\.jpg"):
        drafts.add_file(finding, file=fake, name="照片.jpg", client_id=uuid.uuid4(), actor=None)

    assert not RectificationFile.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_wrong_file_is_taken_back_and_stays_in_the_trail():
    finding = issue().items.get().finding
    row = drafts.add_file(finding, file=photo(), name="错.jpg", client_id=uuid.uuid4(), actor=None)

    drafts.withdraw_file(row, actor=None)

    assert not RectificationFile.objects.standing().exists()
    assert StoredFile.objects.filter(pk=row.file_id).exists()
    assert AuditEntry.objects.filter(action="rectification.withdraw_file", note="错.jpg").exists()
    with pytest.raises(TransitionError):
        drafts.withdraw_file(row, actor=None)


def test_submitting_names_what_is_missing_and_changes_nothing():
    order = issue(findings=2)
    first, second = findings_of(order)
    fill(first, actor=None)
    save(second)

    with pytest.raises(ValidationError) as caught:
        report_moves.submit_rectification(order, actor=None)

    assert caught.value.messages == [f"{second.item.code}：缺少证明材料。"]
    order.refresh_from_db()
    assert order.state == OrderState.PENDING
    assert not Rectification.objects.exclude(submitted_at=None).exists()


def test_submitting_moves_everything_and_makes_it_the_office_s_turn():
    order = issue(findings=2)
    office = office_of(order.task.authority)

    submitted(order)

    assert order.state == OrderState.SUBMITTED
    assert {f.state for f in findings_of(order)} == {FindingState.SUBMITTED}
    assert not Rectification.objects.filter(is_late=True).exists()
    assert not Duty.objects.open().filter(kind=DutyKind.RECTIFICATION).exists()
    duty = Duty.objects.open().get(kind=DutyKind.RECTIFICATION_REVIEW)
    assert (duty.authority, duty.due_on) == (order.task.authority, dt.date(2021, 8, 16))
    assert Message.objects.get(membership=office).url == order.get_absolute_url()


def test_a_second_submission_is_a_conflict():
    order = submitted(issue())

    with pytest.raises(TransitionError, match="没有待报送"):
        report_moves.submit_rectification(order, actor=None)


def test_a_report_after_the_due_day_is_taken_late_while_a_request_for_a_later_day_waits():
    order = issue(due_on=dt.date(2021, 8, 1))
    with clock.pinned(clock.at_time(dt.date(2021, 8, 1))):
        extension_moves.ask_extension(
            order.items.get().finding, wanted_on=dt.date(2021, 8, 9), reason="送检排队", actor=None
        )

    submitted(order, on=dt.date(2021, 8, 2))

    assert Rectification.objects.get(finding__order_item__order=order).is_late


def test_a_day_that_has_passed_counts_before_the_clock_has_run():
    order = issue(findings=2)
    actor = user_of(order.task.unit).user
    first, second = findings_of(order)
    with clock.pinned(clock.at_time(dt.date(2021, 8, 10))):
        fill(first, actor=actor)
        extension_moves.extend(second, due_on=dt.date(2021, 9, 1), reason="同意", actor=None)

    with clock.pinned(clock.at_time(dt.date(2021, 8, 16), 0, 1)):
        with pytest.raises(TransitionError, match="目前是“整改不合格”"):
            fill(first, actor=actor)
        fill(second, actor=actor)
        assert report_moves.submit_rectification(order, actor=actor) == 1

    assert [f.state for f in findings_of(order)] == ["failed", "submitted"]
    order.refresh_from_db()
    assert order.state == OrderState.FAILED


def test_what_follows_a_failure_does_not_wait_for_the_clock():
    finding = issue().items.get().finding

    with clock.pinned(clock.at_time(dt.date(2021, 8, 16))):
        disposition_moves.propose_disposition(finding, action="revoked", reason="示例", actor=None)

    assert (finding.state, finding.order_item.order.state) == ("failed", OrderState.FAILED)
    assert AuditEntry.objects.get(action="finding.fail").actor is None


@pytest.mark.parametrize("change", ["", "text", "file"])
def test_what_was_sent_back_does_not_come_again_unchanged(change):
    order = submitted(issue())
    actor = user_of(order.task.unit).user
    (finding,) = findings_of(order)
    review(finding, "returned", opinion="请补充新证书")

    with clock.pinned(clock.at_time(dt.date(2021, 8, 12))):
        if change == "text":
            fill(finding, actor=actor, files=0)
            drafts.save_rectification(
                finding,
                cause="另有原因",
                action="已送检",
                prevention="提醒",
                base_version=finding.rectifications.latest("round").version,
                client_id=uuid.uuid4(),
                actor=actor,
            )
        if change == "file":
            drafts.add_file(
                finding, file=photo(shade=7), name="新证书.jpg", client_id=uuid.uuid4(), actor=actor
            )
        if change:
            assert report_moves.submit_rectification(order, actor=actor) == 1
        else:
            with pytest.raises(ValidationError, match="退回后没有修改"):
                report_moves.submit_rectification(order, actor=actor)


def test_what_was_sent_back_may_get_its_one_later_day():
    (finding,) = findings_of(submitted(issue()))
    review(finding, "returned", opinion="请补充新证书")

    with clock.pinned(clock.at_time(dt.date(2021, 8, 12))):
        extension_moves.ask_extension(
            finding, wanted_on=dt.date(2021, 9, 1), reason="重新送检", actor=None
        )
        extension_moves.extend(finding, due_on=dt.date(2021, 9, 1), reason="同意", actor=None)

    finding.refresh_from_db()
    assert (finding.state, finding.due_on) == ("returned", dt.date(2021, 9, 1))


def test_the_due_day_itself_is_in_time():
    order = submitted(issue(due_on=dt.date(2021, 8, 2)), on=dt.date(2021, 8, 2))

    assert not Rectification.objects.get(finding__order_item__order=order).is_late


def test_passing_everything_closes_the_order():
    order = submitted(issue(findings=2))
    first, second = findings_of(order)

    review(first, "passed", opinion="")
    order.refresh_from_db()
    assert order.state == OrderState.SUBMITTED

    review(second, "passed", opinion="")
    order.refresh_from_db()
    assert order.state == OrderState.VERIFIED
    assert not Duty.objects.open().exists()
    assert Job.objects.filter(kind="rectification.confirmation_pdf").count() == 1


def test_returning_opens_a_new_round_that_starts_from_the_old_one():
    order = submitted(issue(findings=2))
    first, second = findings_of(order)
    review(first, "passed", opinion="")

    review(second, "returned", opinion="请补充新证书")

    order.refresh_from_db()
    second.refresh_from_db()
    assert (order.state, second.state) == (OrderState.PARTIALLY_VERIFIED, FindingState.RETURNED)
    draft = second.rectifications.get(round=2)
    assert (draft.cause, draft.submitted_at) == ("示例原因：送检计划遗漏", None)
    assert Duty.objects.open().get().kind == DutyKind.RECTIFICATION
    submitted(order, on=dt.date(2021, 8, 12))
    assert order.state == OrderState.SUBMITTED
    assert second.rectifications.filter(submitted_at__isnull=False).count() == 2


def test_returning_everything_puts_the_order_back():
    order = submitted(issue())

    review(order.items.get().finding, "returned")

    order.refresh_from_db()
    assert order.state == OrderState.PENDING


@pytest.mark.parametrize("result", ["returned", "failed"])
def test_a_refusal_needs_an_opinion(result):
    order = submitted(issue())

    with pytest.raises(ValidationError) as caught:
        review(order.items.get().finding, result, opinion=" ")

    assert list(caught.value.message_dict) == ["opinion"]


def test_nothing_is_returned_after_the_due_day():
    finding = submitted(issue()).items.get().finding

    with pytest.raises(ValidationError, match="不能再退回"):
        review(finding, "returned", on=dt.date(2021, 8, 16))

    review(finding, "failed", on=dt.date(2021, 8, 16))
    finding.refresh_from_db()
    assert finding.state == FindingState.FAILED


def test_one_failed_finding_fails_the_unit():
    order = submitted(issue(findings=2))
    first, second = findings_of(order)

    review(first, "failed")
    review(second, "passed", opinion="")

    order.refresh_from_db()
    assert order.state == OrderState.FAILED


@pytest.mark.parametrize("state", ["ordered", "returned", "verified", "failed", "handled"])
def test_only_what_is_submitted_is_decided(state):
    finding = submitted(issue()).items.get().finding
    type(finding).objects.filter(pk=finding.pk).update(state=state)

    with pytest.raises(TransitionError, match="没有待确认"):
        review(finding, "passed")
