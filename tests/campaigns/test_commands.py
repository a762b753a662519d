import json

import pytest
from django.core.management import CommandError, call_command

from campaigns import extension, moves
from campaigns.models import DrawnUnit, DrawRun, SamplingFrame
from tests.factories.registry import FieldFactory


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    for name in ("_opening", "_drawn", "_guards", "_void_guards"):
        monkeypatch.setattr(extension, name, [])


@pytest.fixture
def running(city):
    for _ in range(6):
        first = city.standard()
        city.standard(first.unit, field=FieldFactory(code="04", name="热学"))
    moves.open_campaign(city.campaign, actor=None)
    return city


def run(capsys, name, *args):
    call_command(name, *map(str, args))
    return capsys.readouterr().out


def draw(running, capsys, *args):
    return run(capsys, "draw", running.campaign.code, running.district.code, *args)


def test_draw_without_commit_rehearses_and_stores_nothing(running, capsys):
    out = draw(running, capsys, "--seed", "42")

    assert "预演，未保存" in out
    assert not SamplingFrame.objects.exists()


def test_draw_as_json_has_the_documented_shape(running, capsys):
    answer = json.loads(draw(running, capsys, "--seed", "42", "--format", "json"))

    assert list(answer) == [
        "algorithm",
        "seed",
        "ratio",
        "required",
        "frame",
        "drawn",
        "result_hash",
    ]
    assert (answer["seed"], answer["ratio"], answer["required"]) == ("42", 20, 2)
    assert list(answer["frame"]) == ["hash", "units"]
    assert list(answer["frame"]["units"][0]) == ["id", "name", "standards"]
    assert list(answer["frame"]["units"][0]["standards"][0]) == ["id", "field"]
    assert list(answer["drawn"][0]) == ["unit", "order", "kind", "standards"]
    assert list(answer["drawn"][0]["standards"][0]) == ["id", "field", "why"]
    assert len(answer["frame"]["units"]) == 6


def test_draw_with_commit_freezes_draws_and_gives_what_was_rehearsed(running, capsys):
    rehearsed = draw(running, capsys, "--seed", "42", "--format", "json")

    committed = draw(running, capsys, "--seed", "42", "--commit", "--format", "json")

    assert json.loads(committed) == json.loads(rehearsed)
    assert DrawRun.objects.get().result_hash == json.loads(rehearsed)["result_hash"]


def test_draw_refuses_a_second_time(running, capsys):
    draw(running, capsys, "--commit")

    with pytest.raises(CommandError, match="已有有效的抽取结果") as refused:
        draw(running, capsys, "--commit")

    assert refused.value.returncode == 1


def test_draw_below_the_ratio_needs_a_reason(running, capsys):
    with pytest.raises(CommandError, match="低于20%"):
        draw(running, capsys, "--ratio", "10", "--commit")
    assert not DrawRun.objects.exists()
    assert not SamplingFrame.objects.exists()

    draw(running, capsys, "--ratio", "10", "--ratio-reason", "疫情防控", "--commit")
    assert DrawRun.objects.get().ratio == 10


def test_draw_of_something_unknown_exits_with_2(running, capsys):
    with pytest.raises(CommandError, match="没有") as refused:
        run(capsys, "draw", "nothing", running.district.code)
    assert refused.value.returncode == 2


def test_verify_draw_of_an_untouched_draw_succeeds(running, capsys):
    draw(running, capsys, "--commit")
    stored = DrawRun.objects.get()

    answer = json.loads(run(capsys, "verify_draw", stored.pk, "--format", "json"))

    assert answer == {
        "draw": stored.pk,
        "ok": True,
        "frame_hash": stored.frame.hash,
        "result_hash": stored.result_hash,
        "differences": [],
    }
    assert "与记录一致" in run(capsys, "verify_draw", stored.pk)


def test_verify_draw_exits_with_1_on_a_difference(running, capsys):
    draw(running, capsys, "--commit")
    DrawnUnit.objects.last().delete()

    with pytest.raises(SystemExit) as refused:
        run(capsys, "verify_draw", DrawRun.objects.get().pk)

    assert refused.value.code == 1
    assert "第2个抽中单位不一致" in capsys.readouterr().out


def test_verify_draw_of_something_unknown_exits_with_2(db, capsys):
    with pytest.raises(CommandError) as refused:
        run(capsys, "verify_draw", 999)
    assert refused.value.returncode == 2
