"""What an outsider is given: rows, lists and blocks that recompute without the portal."""

import json
import subprocess
import sys

import pytest
from django.conf import settings as portal
from django.core.exceptions import ValidationError

from metrostd.common import audit
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.trail import proof, sealing, tasks
from metrostd.trail.models import TrailBlock
from tests.factories.accounts import MembershipFactory

pytestmark = pytest.mark.django_db
SCRIPT = portal.BASE_DIR / "docs" / "verify_trail.py"


@pytest.fixture
def keys(settings, tmp_path):
    """Rows in three blocks; those of the second are what somebody asks for."""
    settings.VAR_DIR = tmp_path
    office = MembershipFactory()
    asked: list[int] = []
    for block in range(3):
        for n in range(2):
            row = audit.record(
                office.authority, actor=office.user, action="authority.edit", label="修改",
                before={"电话": f"022-{n}"}, after={"电话": f"022-{n + 1}", "比例": 0.5},
            )  # fmt: skip
            asked += [row.pk] if block == 1 else []
        sealing.seal()
    return asked


def verified(content: bytes, folder, *told: str) -> subprocess.CompletedProcess[str]:
    file = folder / "proof.json"
    file.write_bytes(content)
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, file, *told], capture_output=True, text=True, check=False
    )


def test_the_script_recomputes_rows_and_blocks_and_compares_a_head_that_was_told(keys, tmp_path):
    last = TrailBlock.objects.get(number=3)

    done = verified(
        proof.proof_of({"change": keys}, asked="示例"), tmp_path, f"{last.number}:{last.head}"
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"OK 2 3:{last.head}\n"


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        (lambda p: p["rows"][0]["fact"].update(note="x"), "not what was sealed"),
        (lambda p: p["rows"][0]["fact"]["after"].update(电话="x"), "not what was sealed"),
        (lambda p: p["lists"]["2"].pop(), "block 2: list of rows"),
        (lambda p: p["blocks"][1].update(count=9), "block 3: head"),
        (lambda p: p["blocks"][1].update(previous="0" * 64), "block 3: does not follow block 2"),
    ],
)
def test_the_script_names_what_was_bent(keys, tmp_path, bend, said):
    content = json.loads(proof.proof_of({"change": keys}, asked="示例"))
    bend(content)

    done = verified(json.dumps(content).encode(), tmp_path)

    assert done.returncode == 1
    assert said in done.stderr


def test_another_head_than_was_told_is_named(keys, tmp_path):
    done = verified(proof.proof_of({"change": keys}, asked="示例"), tmp_path, "3:" + "0" * 64)

    assert "block 3: not the head you were told" in done.stderr


def test_the_chain_ends_with_a_head_that_has_left_the_portal(keys, settings):
    MembershipFactory(role=Role.AUDITOR)
    tasks.seal_all_and_check()  # tells block 3
    audit.record(
        AuditEntry.objects.first().target, actor=None, action="authority.edit", label="修改"
    )
    sealing.seal()

    content = json.loads(proof.proof_of({"change": keys}, asked="示例"))

    assert [block["number"] for block in content["blocks"]] == [2, 3]


def test_a_row_that_is_not_sealed_yet_is_waited_for(keys):
    row = audit.record(
        AuditEntry.objects.first().target, actor=None, action="authority.edit", label="修改"
    )

    with pytest.raises(ValidationError, match="还没有封存"):
        proof.proof_of({"change": [row.pk]}, asked="示例")


def test_too_many_are_asked_for_in_parts(keys, monkeypatch):
    monkeypatch.setattr(proof, "AT_MOST", 1)

    with pytest.raises(ValidationError, match="一次最多导出1条"):
        proof.proof_of({"change": keys}, asked="示例")


def test_the_script_can_be_read_by_anybody():
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= 40
    assert "metrostd." not in "\n".join(lines)
