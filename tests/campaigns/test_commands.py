import json

import pytest
from django.core.management import CommandError, call_command

from campaigns import extension, moves
from campaigns.models import DrawnUnit, DrawRun
from tests import draws
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


def test_draw_rehearses_and_says_so_on_every_line(running, capsys):
    draws.freeze(running.campaign, running.district)

    out = draw(running, capsys)

    assert all(line.startswith("预演") for line in out.splitlines())
    assert len(out.splitlines()) >= 4
    assert not DrawRun.objects.exists()


def test_draw_as_json_has_the_documented_shape(running, capsys):
    draws.freeze(running.campaign, running.district)

    answer = json.loads(draw(running, capsys, "--ratio", 20, "--format", "json"))

    assert list(answer) == ["rehearsal", "seed", "ratio", "required", "drawn"]
    assert (answer["rehearsal"], answer["ratio"], answer["required"]) == (True, 20, 2)
    assert list(answer["drawn"][0]) == ["order", "standards", "unit", "rehearsal"]


def test_draw_needs_a_list_and_a_ratio(running, capsys):
    with pytest.raises(CommandError, match="还没有公示名单"):
        draw(running, capsys)
    draws.freeze(running.campaign, running.district)
    with pytest.raises(CommandError, match="1%至100%"):
        draw(running, capsys, "--ratio", 0)


def test_draw_of_something_unknown_exits_with_2(running, capsys):
    with pytest.raises(CommandError, match="没有") as refused:
        run(capsys, "draw", "nothing", running.district.code)
    assert refused.value.returncode == 2


def real(running):
    return draws.draw(draws.freeze(running.campaign, running.district))


def test_verify_draw_of_an_untouched_draw_succeeds(running, capsys):
    stored = real(running)

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
    real(running)
    DrawnUnit.objects.last().delete()

    with pytest.raises(SystemExit) as refused:
        run(capsys, "verify_draw", DrawRun.objects.get().pk)

    assert refused.value.code == 1
    assert "第2个抽中单位不一致" in capsys.readouterr().out


def test_verify_draw_of_something_unknown_exits_with_2(db, capsys):
    with pytest.raises(CommandError) as refused:
        run(capsys, "verify_draw", 999)
    assert refused.value.returncode == 2
