"""Rows past their time go without breaking the chain."""

import datetime as dt
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from metrostd.common import audit, clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.trail import protection, retention, sealing
from metrostd.trail.checking import problems
from metrostd.trail.models import SealedRow, TrailBlock
from tests.factories.accounts import MembershipFactory

pytestmark = pytest.mark.django_db
THEN, NOW = dt.date(2021, 6, 15), dt.date(2025, 1, 10)


@pytest.fixture(autouse=True)
def _guarded(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    protection.install()
    yield
    protection.remove()


@pytest.fixture
def person():
    """Somebody who looked and changed something then, and looks again now."""
    row = MembershipFactory()
    for day in (THEN, NOW):
        with clock.pinned(clock.at_time(day, 9)):
            audit.record_access(actor=row.user, kind="read", what=f"示例 {day}")
            audit.record(row.authority, actor=row.user, action="authority.edit", label="修改")
            sealing.seal()
    return row


@pytest.fixture(autouse=True)
def _today(person):
    with clock.pinned(clock.at_time(NOW, 10)):
        yield


def wrong() -> list[str]:
    sealing.seal()
    return [problem.what for problem in problems()]


def test_old_accesses_go_and_the_chain_holds(person):
    heads = list(TrailBlock.objects.order_by("number").values_list("head", flat=True))

    assert retention.take_out(dt.date(2021, 12, 31), actor=None, note="归档") == 1

    assert [row.what for row in AccessEntry.objects.all()] == [f"示例 {NOW}"]
    assert AuditEntry.objects.filter(action="authority.edit").count() == 2
    assert SealedRow.objects.filter(block__number=1).count() == 2
    assert list(TrailBlock.objects.order_by("number").values_list("head", flat=True)) == heads
    assert wrong() == []
    assert protection.missing() == []
    said = AuditEntry.objects.get(action=retention.ACTION)
    assert (said.note, said.after["count"], said.after["through"]) == ("归档", 1, 1)


def test_what_is_younger_than_three_years_stays(person):
    with pytest.raises(ValidationError, match="至少保存3年"):
        retention.take_out(dt.date(2024, 1, 1), actor=None, note="归档")


def test_a_reason_is_owed(person):
    with pytest.raises(ValidationError, match="依据"):
        retention.take_out(dt.date(2021, 12, 31), actor=None, note=" ")


def test_nothing_old_is_nothing_to_do(person):
    assert retention.take_out(dt.date(2020, 1, 1), actor=None, note="归档") == 0


def test_a_row_that_goes_without_the_rule_is_named(person):
    protection.remove()
    AccessEntry.objects.filter(what=f"示例 {THEN}").delete()
    protection.install()

    assert [said.split("不在了")[1] for said in wrong()] == ["（第1块）"]


def test_a_change_on_record_that_claims_too_much_is_not_believed(person):
    """Whoever writes such a row into the database covers nothing that had to stay."""
    protection.remove()
    AccessEntry.objects.filter(what=f"示例 {NOW}").delete()
    protection.install()
    block = TrailBlock.objects.get(number=2)
    audit.record(block, actor=None, action=retention.ACTION, label="清理", after={"through": 2})

    assert [said.split("不在了")[1] for said in wrong()] == ["（第2块）"]


def test_a_change_dated_ahead_makes_nothing_old_enough(person):
    protection.remove()
    AccessEntry.objects.filter(what=f"示例 {NOW}").delete()
    block = TrailBlock.objects.get(number=2)
    row = audit.record(
        block, actor=None, action=retention.ACTION, label="清理", after={"through": 2}
    )
    AuditEntry.objects.filter(pk=row.pk).update(at=clock.now() + dt.timedelta(9 * 366))
    protection.install()

    assert [said.split("不在了")[1] for said in wrong()] == ["（第2块）"]


def test_the_command_says_how_many_and_refuses_what_has_to_stay(person):
    out = StringIO()
    call_command("prune_accesses", before=dt.date(2021, 12, 31), note="归档", stdout=out)

    assert out.getvalue() == "已清理 1 条访问记录。\n"
    with pytest.raises(CommandError, match="至少保存3年"):
        call_command("prune_accesses", before=NOW, note="归档")
