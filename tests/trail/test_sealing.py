"""What happened can be proved: rows are sealed once, and whatever is changed afterwards is found and named."""

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState

from campaigns.models import DrawRun
from metrostd.common import audit, clock
from metrostd.common.models import AccessEntry, AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import schedule as post
from metrostd.notifications.enums import Channel
from metrostd.notifications.models import Message, Preference
from metrostd.trail import protection, schedule, sealing, tasks
from metrostd.trail.anchors import in_words, known_heads, last_head
from metrostd.trail.checking import problems
from metrostd.trail.hashing import FIELDS, MODELS, head_of, rows_hash
from metrostd.trail.models import SealedRow, TrailBlock
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import FrameFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def office():
    return MembershipFactory()


def written(office, count: int = 3) -> list[AuditEntry]:
    return [
        audit.record(
            office.authority, actor=office.user, action="authority.edit", label="修改",
            before={"电话": f"022-{n}"}, after={"电话": f"022-{n + 1}", "开放": True}, note=f"第{n}次",
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def sealed(office) -> list[AuditEntry]:
    """Two blocks of three changes, the second with an access."""
    first = written(office)
    sealing.seal()
    audit.record_access(actor=office.user, kind="下载", what="示例附件")
    more = written(office)
    sealing.seal()
    return first + more


@pytest.fixture
def _guarded() -> Iterator[None]:
    protection.install()
    yield
    protection.remove()


def found(*anchors: tuple[int, str]) -> list[str]:
    """What is wrong, but for the triggers, which tests do without to be able to clear the tables."""
    return [p.what for p in problems(anchors) if "触发器" not in p.what]


def noted_outside(text: str) -> None:
    """The file beside the database says this."""
    sealing.head_file().parent.mkdir(exist_ok=True)
    sealing.head_file().write_text(text, "ascii")


def rewrite(sql: str, *values: object) -> None:
    """As somebody with the database in hand would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_every_column_of_a_row_is_sealed():
    for kind, model in MODELS.items():
        assert set(FIELDS[kind]) == {field.attname for field in model._meta.concrete_fields}


def test_rows_are_sealed_once_and_in_a_chain(sealed):
    first, second = TrailBlock.objects.order_by("number")

    assert (first.number, first.count, first.total, first.previous) == (1, 3, 3, "")
    assert (second.number, second.count, second.total, second.previous) == (2, 4, 7, first.head)
    assert SealedRow.objects.count() == 7
    assert sealing.seal() == 0
    assert found() == []


def test_a_row_that_commits_late_is_sealed_all_the_same(office):
    late = written(office, 1)[0]
    key, values = late.pk, {f.attname: getattr(late, f.attname) for f in late._meta.concrete_fields}
    late.delete()
    written(office)
    sealing.seal()

    AuditEntry.objects.create(**values)

    assert sealing.seal() == 1
    assert SealedRow.objects.get(kind="change", row=key).block.number == 2
    assert found() == []


def test_many_rows_make_several_blocks(office, monkeypatch):
    monkeypatch.setattr(sealing, "BLOCK", 2)
    written(office, 5)

    assert sealing.seal() == 5
    assert list(TrailBlock.objects.order_by("number").values_list("count", "total")) == [
        (2, 2), (2, 4), (1, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [("note", "第1次。"), ("acting_as", "别人"), ("address", "203.0.113.9"), ("target_id", 4711),
     ("after", '{"电话": "022-9"}'), ("at", "2021-01-01 00:00:00+00:00"), ("actor_id", None)],
)  # fmt: skip
def test_a_changed_row_is_named(sealed, column, value):
    row = sealed[1]

    rewrite(f"UPDATE common_auditentry SET {column} = %s WHERE id = %s", value, row.pk)

    assert found() == [f"审计记录 {row.pk}被改动（第1块）"]


def test_a_deleted_row_is_named(sealed):
    row = sealed[4]
    rewrite("DELETE FROM common_auditentry WHERE id = %s", row.pk)

    assert found() == [f"审计记录 {row.pk}不在了（第2块）"]


def test_an_access_that_is_changed_is_named(sealed):
    row = AccessEntry.objects.get()
    rewrite("UPDATE common_accessentry SET what = 'x' WHERE id = %s", row.pk)

    assert found() == [f"访问记录 {row.pk}被改动（第2块）"]


def test_two_rows_that_change_places_are_named(sealed):
    one, other = sealed[0], sealed[2]
    notes = one.note, other.note
    rewrite("UPDATE common_auditentry SET note = %s WHERE id = %s", notes[1], one.pk)
    rewrite("UPDATE common_auditentry SET note = %s WHERE id = %s", notes[0], other.pk)

    assert found() == [f"审计记录 {each.pk}被改动（第1块）" for each in (one, other)]


def test_a_list_of_rows_that_is_changed_is_named(sealed):
    rewrite("UPDATE trail_sealedrow SET position = position + 100 WHERE row = %s", sealed[0].pk)

    assert found()[0] == "第1块的记录清单被改动"


def test_a_block_that_is_computed_anew_does_not_fit_the_next(sealed):
    block = TrailBlock.objects.get(number=1)
    rewrite("UPDATE common_auditentry SET note = 'x' WHERE id = %s", sealed[0].pk)
    SealedRow.objects.filter(row=sealed[0].pk, kind="change").update(hash="0" * 64)
    listed = block.sealed.order_by("position").values_list("kind", "row", "hash")
    block.rows = rows_hash(listed)
    block.head = head_of(block)
    block.save()

    assert "第2块没有接在第1块之后" in found()


def test_a_tail_that_is_cut_off_is_seen_by_what_is_kept_outside(
    office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        written(office)
        sealing.seal()
        audit.record_access(actor=office.user, kind="下载", what="示例附件")
        sealing.seal()
    SealedRow.objects.filter(block__number=2).delete()
    TrailBlock.objects.filter(number=2).delete()
    AccessEntry.objects.all().delete()

    assert found() == []
    assert found(*[sealing.head_outside()]) == ["库外留存过第2块，库中没有：尾部被截去"]


def test_a_tail_that_was_cut_off_stays_known_when_the_next_block_is_sealed(
    office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        written(office)
        sealing.seal()
        written(office, 1)
        sealing.seal()
    gone = TrailBlock.objects.get(number=2)
    SealedRow.objects.filter(block=gone).delete()
    gone.delete()
    AuditEntry.objects.order_by("pk").last().delete()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            written(office, 1)
            sealing.seal()

    assert found() == []
    assert found(*known_heads()) == ["第2块与库外留存的校验值不符：历史被改写"]


def test_what_another_database_noted_in_the_same_folder_is_not_missed(
    office, django_capture_on_commit_callbacks
):
    first = "1" * 64
    told = {"number": 40, "head": "4" * 64, "total": 9, "first": first, "lost": [[39, "3" * 64]]}
    noted_outside(json.dumps(told))
    with django_capture_on_commit_callbacks(execute=True):
        written(office)
        sealing.seal()

    assert found(*known_heads()) == []


@pytest.mark.parametrize("text", ["", "{", '{"number": 3}', "[]", '"x"'])
def test_a_file_of_heads_that_was_bent_is_named_and_stops_nothing(office, text):
    written(office)
    noted_outside(text)
    sealing.seal()

    assert found(*known_heads()) == ["库外留存校验值的文件（trail-head.json）不能读取：可能被改动"]


def test_what_was_noted_where_it_stood_before_is_read(office, settings):
    told = json.dumps({"number": 3, "head": "3" * 64, "total": 9})
    (settings.VAR_DIR / "trail-head.json").write_text(told, "ascii")

    assert sealing.head_outside() == (3, "3" * 64)
    noted_outside(json.dumps({"number": 4, "head": "4" * 64, "total": 9}))
    assert sealing.head_outside() == (4, "4" * 64)


def test_a_history_written_anew_is_seen_by_an_older_head(sealed):
    known = TrailBlock.objects.get(number=1).head
    rewrite("UPDATE common_auditentry SET note = 'x' WHERE id = %s", sealed[0].pk)
    SealedRow.objects.all().delete()
    TrailBlock.objects.all().delete()
    sealing.seal(deep=True)

    assert found() == []
    assert found((1, known)) == ["第1块与库外留存的校验值不符：历史被改写"]


def test_a_missing_block_is_named(sealed):
    SealedRow.objects.filter(block__number=1).delete()
    TrailBlock.objects.filter(number=1).delete()

    assert found()[0] == "第1块不在"


def test_what_nobody_seals_is_told_after_a_while(office):
    row = written(office, 1)[0]

    assert found() == []
    with clock.pinned(clock.now() + dt.timedelta(minutes=16)):
        assert found() == [f"审计记录 {row.pk}超过15分钟没有封存"]


@pytest.mark.usefixtures("_guarded")
@pytest.mark.parametrize("table", protection.TABLES)
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_itself_refuses(sealed, table, act):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rewrite(act.format(table))


@pytest.mark.usefixtures("_guarded")
def test_no_row_is_written_over_and_no_table_is_emptied(sealed):
    postgres = connection.vendor == "postgresql"
    act = (
        "TRUNCATE common_accessentry"
        if postgres
        else "INSERT OR REPLACE INTO common_accessentry SELECT * FROM common_accessentry"
    )

    connection.check_constraints()  # what is still to be checked would stand before a TRUNCATE
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rewrite(act)


def test_triggers_that_are_gone_are_named(sealed):
    assert len([p for p in problems() if "触发器" in p.what]) == sum(
        len(protection.names(table)) for table in protection.TABLES
    )


@pytest.mark.usefixtures("_guarded")
def test_a_trigger_of_the_same_name_that_lets_everything_through_is_named(sealed):
    table = "common_auditentry"
    if connection.vendor == "postgresql":
        rewrite(
            "CREATE OR REPLACE FUNCTION trail_refuses() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
        )
    else:
        name = protection.names(table)[0]
        rewrite(f"DROP TRIGGER {name}")
        rewrite(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END")
    rewrite(f"UPDATE {table} SET note = note")

    assert protection.names(table)[0] in protection.missing()
    protection.install()
    assert protection.missing() == []


@pytest.mark.usefixtures("_guarded")
def test_the_command_says_that_all_is_well(sealed):
    out = StringIO()

    call_command("verify_audit", stdout=out)

    assert out.getvalue().endswith("：无异常。\n")


@pytest.mark.usefixtures("_guarded")
def test_the_command_names_the_first_and_fails(sealed):
    out = StringIO()
    head = TrailBlock.objects.get(number=1).head

    with pytest.raises(SystemExit):
        call_command("verify_audit", anchor=[f"1:{head}", f"9:{head}"], format="json", stdout=out)

    assert '"what": "库外留存过第9块，库中没有：尾部被截去"' in out.getvalue()
    told = json.loads(out.getvalue())
    assert (told["ok"], told["first_bad"]) == (False, {"block": 9, "row": None})


def test_the_command_says_what_is_wrong_in_a_line_each(sealed):
    rewrite("UPDATE common_auditentry SET note = 'x' WHERE id = %s", sealed[0].pk)
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=out)

    first, *triggers, last = out.getvalue().splitlines()
    assert first == f"审计记录 {sealed[0].pk}被改动（第1块）。"
    assert last.endswith(f"：有问题（先列 {1 + len(triggers)} 处）。")


@pytest.mark.parametrize("told", ["1", "x:" + "0" * 64, "1:abc"])
def test_an_anchor_that_is_none_is_refused(told):
    with pytest.raises(CommandError, match="不是“块号:校验值”"):
        call_command("verify_audit", anchor=[told])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"total": 99}, "第2块的累计记录数不符"),
        ({"sealed_at": dt.datetime(2021, 1, 1, tzinfo=dt.UTC)}, "第2块被改动：校验值不符"),
    ],
)
def test_a_block_that_is_changed_is_named(sealed, change, said):
    TrailBlock.objects.filter(number=2).update(**change)

    assert said in found()


@pytest.mark.usefixtures("_guarded")
def test_the_clock_seals_and_checks(office):
    auditor = MembershipFactory(role=Role.AUDITOR)
    schedule.check()
    assert not Message.objects.filter(membership=auditor).exists()  # nothing is sealed yet
    written(office)

    schedule.seal()
    schedule.check()

    assert str(TrailBlock.objects.get()) == "第1块"
    assert str(SealedRow.objects.first()).startswith("审计记录 ")
    assert Message.objects.get(membership=auditor).subject.startswith("审计记录核验无异常：第1块")


def test_a_migration_brings_the_triggers_and_takes_them_away():
    state, act = ProjectState(), protection.Protected()
    act.state_forwards("trail", state)
    editor = connection.schema_editor()
    act.database_forwards("trail", editor, state, state)
    assert protection.missing() == []
    act.database_backwards("trail", editor, state, state)

    assert len(protection.missing()) > 4
    assert act.describe() == "Triggers that keep the trail"


def test_auditors_are_told_the_head_every_night(office):
    auditor = MembershipFactory(role=Role.AUDITOR)
    written(office)

    tasks.seal_all_and_check()

    message = Message.objects.get(membership=auditor)
    assert TrailBlock.objects.get().head in message.subject
    assert "有问题" in message.subject  # the triggers are away
    assert "触发器" in message.body


@pytest.mark.usefixtures("_guarded")
def test_the_head_goes_out_by_mail_whatever_the_auditor_chose(office, mailoutbox):
    """A message in the database alone could be rewritten with it."""
    auditor = MembershipFactory(
        role=Role.AUDITOR, user__email="auditor@example.org", user__email_verified_at=clock.now()
    )
    Preference.objects.create(user=auditor.user, channel=Channel.MAIL, is_wanted=False)
    with clock.pinned(clock.at_time(dt.date(2021, 6, 15), 0)):
        written(office)
        tasks.seal_all_and_check()
        tasks.seal_all_and_check()  # the same head is told once

    with clock.pinned(clock.at_time(dt.date(2021, 6, 15), 9)):
        post.deliver()

    (mail,) = mailoutbox
    assert TrailBlock.objects.get().head in mail.body


def test_the_time_of_a_row_does_not_depend_on_the_zone(sealed):
    with clock.pinned(clock.now() + dt.timedelta(hours=1)):
        assert found() == []


def test_heads_in_papers_are_compared(sealed):
    """A draw that says another head than the chain has: history was rewritten after it."""
    run = draw_run_with(trail_head=f"1:{'0' * 64}")

    assert ("第1块与库外留存的校验值不符：历史被改写") in found(*known_heads())
    run.facts = {"trail_head": last_head()}
    run.save()
    assert "第1块与库外留存的校验值不符：历史被改写" not in found(*known_heads())


def draw_run_with(**facts: str) -> DrawRun:
    frame = FrameFactory()
    return DrawRun.objects.create(
        frame=frame, ratio=20, required=1, seed="0" * 64, algorithm="示例", result_hash="0" * 64, facts=facts
    )  # fmt: skip


def test_the_last_head_is_said_as_the_command_takes_it(sealed):
    last = TrailBlock.objects.get(number=2)

    assert last_head() == f"2:{last.head}"
    assert in_words(last_head()) == f"审计记录第2块 {last.head}"
    assert in_words("") == ""
