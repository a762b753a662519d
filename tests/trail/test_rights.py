"""The portal's account of PostgreSQL adds to the trail and changes none of it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from metrostd.common import audit
from metrostd.common.models import AuditEntry
from metrostd.trail import protection, sealing
from metrostd.trail.models import TrailBlock
from metrostd.trail.rights import changeable
from tests.factories.accounts import MembershipFactory

pytestmark = pytest.mark.django_db
PORTAL = "metrostd_portal_tried"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def portal():
    """An account of its own; this connection goes on as its owner."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no accounts")
    run(f"CREATE ROLE {PORTAL} NOLOGIN")
    return PORTAL


def test_the_portals_account_writes_and_seals_and_changes_nothing(portal):
    row = MembershipFactory()
    audit.record(row.authority, actor=row.user, action="authority.edit", label="修改")
    out = StringIO()
    call_command("trail_rights", role=portal, stdout=out)
    assert "只能读取和增加" in out.getvalue()

    connection.check_constraints()
    run(f"SET LOCAL ROLE {portal}")
    try:
        row.user.display_name = "示例改名"
        row.user.save()
        audit.record(row.authority, actor=row.user, action="authority.edit", label="修改")
        audit.record_access(actor=row.user, kind="下载", what="示例附件")
        assert sealing.seal() == 3
        for table in protection.TABLES:
            for act in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    run(act.format(table))
            with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
                run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        assert changeable() == []
    finally:
        run("RESET ROLE")
    assert (AuditEntry.objects.count(), TrailBlock.objects.count()) == (2, 1)


def test_an_account_that_owns_the_tables_is_no_account_for_the_portal(portal):
    run(f"ALTER ROLE {portal} SUPERUSER")

    with pytest.raises(CommandError, match="仍能更改common_accessentry"):
        call_command("trail_rights", role=portal)


@pytest.mark.parametrize(("role", "said"), [("nobody_here", "没有账号"), ('x"; --', "不是账号名")])
def test_what_is_no_account_gets_a_sentence(portal, role, said):
    with pytest.raises(CommandError, match=said):
        call_command("trail_rights", role=role)


def test_sqlite_knows_no_accounts():
    if connection.vendor == "postgresql":
        assert changeable() == sorted(protection.TABLES)  # the tests own what they try
        return
    assert changeable() == []
    with pytest.raises(CommandError, match="SQLite 没有数据库账号"):
        call_command("trail_rights", role="portal")


def test_the_check_says_whether_the_account_could_change_the_trail():
    out = StringIO()
    protection.install()
    try:
        call_command("verify_audit", stdout=StringIO(), stderr=out)
    finally:
        protection.remove()

    assert ("仍能更改审计表" in out.getvalue()) is (connection.vendor == "postgresql")
