import io
import json
import re
import sys

import pytest
from django.core.management import CommandError, call_command

from campaigns import announcing, extension, moves
from campaigns.models import DrawnUnit, DrawRun
from campaigns.verifying import verify_draw
from metrostd.common import clock
from metrostd.common.roles import Role
from tests import draws
from tests.factories.accounts import MembershipFactory
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


PASSWORD = "sample-Passw0rd"
VALUE = f"ssq:{draws.ISSUE}:01,07,12,18,25,33|09"


@pytest.fixture
def typed(monkeypatch):
    """What the people at the console type, line by line."""
    return lambda *lines: monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))


@pytest.fixture
def due(running):
    """Terms whose moment is now, acknowledged, and the two people who may make the draw."""
    running.row = draws.announce(draws.freeze(running.campaign, running.district))
    draws.acknowledge(running.row)
    for member in (running.bureau, running.office):
        member.user.set_password(PASSWORD)
        member.user.save()
    return running


def test_two_people_draw_at_the_console(due, capsys, typed):
    own, above = due.bureau.user, due.office.user
    typed(own.username, PASSWORD, above.username, PASSWORD, draws.ISSUE, draws.NUMBERS)

    told = json.loads(draw(due, capsys, "--commit", "--public", VALUE, "--format", "json"))

    assert (told["public"]["value"], told["rehearsal"]) == (VALUE, False)
    assert (told["public"]["entered_by"], told["public"]["confirmed_by"]) == (str(own), str(above))
    assert verify_draw(DrawRun.objects.get()) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("nobody",), "没有用户"),
        (("{own}", "wrong"), "密码不正确"),
        (("{own}", PASSWORD, "{own}", PASSWORD), "由上级"),
        (("{own}", PASSWORD, "{above}", PASSWORD, draws.ISSUE, "01 07 12 18 25 33 10"), "不一致"),
    ],
)
def test_the_console_gives_nobody_a_right(due, capsys, typed, lines, said):
    names = {"own": due.bureau.user.username, "above": due.office.user.username}
    typed(*(line.format(**names) for line in lines))

    with pytest.raises(CommandError, match=said):
        draw(due, capsys, "--commit", "--public", VALUE)
    assert not DrawRun.objects.exists()


def test_the_value_has_to_be_written_as_it_is_hashed(due, capsys):
    with pytest.raises(CommandError, match="ssq:期号"):
        draw(due, capsys, "--commit", "--public", "010712")
    with pytest.raises(CommandError, match="同时给出"):
        draw(due, capsys, "--public", VALUE)


def test_witnesses_hold_the_ceremony_at_the_console(running, capsys, typed):
    people = [
        MembershipFactory(role=Role.DISCIPLINE, authority=running.commission),
        MembershipFactory(role=Role.DISTRICT_ADMIN, authority=running.other),
    ]
    for member in people:
        member.user.set_password(PASSWORD)
        member.user.save()
    now = clock.now()
    frame = draws.freeze(running.campaign, running.district)
    with clock.pinned(now - 2 * draws.DAY):
        row = announcing.announce_draw(
            frame, ratio=20, ratio_reason="示例", issue=draws.ISSUE, moment=now, floor=20,
            actor=None, witnesses=people, fallback_at=now + draws.DAY / 2,
        )  # fmt: skip
    draws.acknowledge(row)
    salts = []
    for member, number in zip(people, ("4711", "815"), strict=True):
        typed(member.user.username, PASSWORD, number)
        said = draw(running, capsys, "--promise")
        salts.append(re.search(r"随机盐 ([0-9a-f]{32})", said)[1])
        assert number not in said.replace(salts[-1], "")
    typed(PASSWORD, salts[0], PASSWORD, salts[1])

    out = draw(running, capsys, "--commit", "--public", "wit:4711,815")

    made = DrawRun.objects.get()
    assert made.result_hash in out
    assert (made.terms.value, verify_draw(made)) == ("wit:4711,815", [])


def test_the_same_seed_rehearses_the_same(running, capsys):
    draws.freeze(running.campaign, running.district)

    def drawn(seed):
        told = draw(running, capsys, "--ratio", 50, "--seed", seed, "--format", "json")
        return json.loads(told)["drawn"]

    assert drawn("甲") == drawn("甲")
    assert drawn("甲") != drawn("乙")


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
