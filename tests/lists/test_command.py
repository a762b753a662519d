import json

import pytest
from django.core.management import CommandError, call_command

from metrostd.registry.models import ImportBatch, Unit
from tests.factories.campaigns import CampaignFactory
from tests.factories.lists import row, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, capsys, xiqing):
    CampaignFactory(code="2021")

    def _run(data, *options, name="名单.xlsx"):
        path = tmp_path / name
        path.write_bytes(data)
        code = 0
        try:
            call_command("import_units", str(path), "--campaign", "2021", *options)
        except CommandError as error:
            code = error.returncode
        except SystemExit as error:
            code = error.code
        return code, capsys.readouterr().out

    return _run


def test_without_commit_nothing_is_written(run):
    code, out = run(sheet(row(1)), "--format", "json")

    report = json.loads(out)
    assert code == 0
    assert report["file"]["name"] == "名单.xlsx"
    assert report["file"]["format"] == "xlsx"
    assert report["units"] == {"new": 1, "changed": 0, "unchanged": 0}
    assert report["committed"] is False
    assert not ImportBatch.objects.exists()
    assert not Unit.objects.exists()


def test_commit_writes_and_a_second_run_changes_nothing(run):
    run(sheet(row(1)), "--commit")

    code, out = run(sheet(row(1)), "--commit", "--format", "json")

    report = json.loads(out)
    assert code == 0
    assert report["committed"] is True
    assert report["standards"] == {"new": 0, "changed": 0, "unchanged": 1}
    assert ImportBatch.objects.first().campaign_code == "2021"


def test_rows_with_errors_exit_with_one_and_write_nothing(run):
    code, out = run(sheet(row(1, 有效期至="2021-02-30")), "--commit")

    assert code == 1
    assert "DATE_INVALID 名单 L3" in out
    assert "没有写入台账" in out
    assert not ImportBatch.objects.exists()


def test_unreadable_file_exits_with_two(run):
    code, _ = run(b"%PDF-1.7", "--commit")

    assert code == 2


def test_rows_that_cannot_be_read_to_their_end_exit_with_two(run):
    lines = [f"{n},西青区,天津示例{n}号厂,," for n in range(1, 2500)]
    lines[2] += '"二等'
    text = "\n".join(["序号,所属区,单位名称,信用代码,备注", *lines])

    code, _ = run(text.encode("gb18030"), name="名单.csv")

    assert code == 2


def test_a_campaign_that_does_not_exist_is_refused(run):
    with pytest.raises(CommandError, match="没有代号为“nope”的专项行动。现有：2021。") as caught:
        call_command("import_units", "没有这个文件.xlsx", "--campaign", "nope")

    assert caught.value.returncode == 2


def test_unknown_issuer_and_missing_file_exit_with_two(run):
    code, _ = run(sheet(row(1)), "--issuer", "999999")

    assert code == 2
    with pytest.raises(CommandError, match="无法打开文件"):
        call_command("import_units", "没有这个文件.xlsx")
