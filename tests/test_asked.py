"""Which tests PostgreSQL is spared, and which it never is."""

import json
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from _pytest.runner import CallInfo
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.asked import Made, Recording, about_moments, listening, needed, read, shape
from tests.factories.registry import AuthorityFactory

ONE = 'SELECT "a"."id" FROM "a" WHERE "a"."id" IN (%s) LIMIT 21'


def test_any_number_of_values_is_one_shape():
    assert shape(ONE) == shape(ONE.replace("(%s)", "(%s, %s, %s)").replace("21", "1"))
    assert shape("INSERT INTO a VALUES (%s, %s)") == shape(
        "INSERT INTO a VALUES (%s, %s), (%s, %s)"
    )
    assert shape('SAVEPOINT "s1"') == ""


@pytest.mark.parametrize(
    "other",
    [
        ONE.replace(" IN (%s)", " > %s"),
        ONE.replace('"a"."id" FROM', '"a"."name" FROM'),
        ONE.replace("LIMIT", 'ORDER BY "a"."id" LIMIT'),
        ONE.replace("WHERE", "WHERE NOT"),
        ONE.replace('"a"', '"b"'),
    ],
)
def test_what_is_asked_otherwise_is_another_shape(other):
    assert shape(other) != shape(ONE)


def test_what_is_written_for_one_engine_is_the_same_question():
    assert shape(f'{ONE} FOR UPDATE OF "a"') == shape(ONE)
    assert shape(ONE.replace('"id" IN', '"id"::text IN')) == shape(ONE)


def test_what_is_skipped_on_one_engine_is_played_on_the_other(tmp_path, request):
    recording = Recording(tmp_path, "asked")
    for says in ("passed", "skipped"):
        report = pytest.TestReport.from_item_and_call(request.node, call_that(says))
        run(recording.pytest_runtest_makereport(request.node), report)
        run(recording.pytest_runtest_protocol(request.node), None)

    written = [
        json.loads(line) for file in tmp_path.iterdir() for line in file.read_text().splitlines()
    ]
    assert [plain for _, plain, *_ in written] == [True, False]


def test_a_file_that_asks_which_engine_it_is_is_played_on_both():
    named = Path(__file__).with_name("trail") / "test_rights.py"

    assert not about_moments(SimpleNamespace(path=Path(__file__), get_closest_marker=no_mark))
    assert about_moments(SimpleNamespace(path=named, get_closest_marker=no_mark))


def no_mark(_name):
    return None


def call_that(says):
    def skip():
        pytest.skip("not here")

    return CallInfo.from_call(skip if says == "skipped" else lambda: None, "call")


def run(hook, result):
    """A wrapper around what pytest does itself."""
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(result)


def known(**tests):
    return {
        name: Made(plain, count, frozenset(shapes))
        for name, (plain, count, shapes) in tests.items()
    }


def test_what_was_made_is_read_from_every_process(tmp_path):
    lines = {"1": ["one", True, 3, ["x", "y"]], "2": ["other", False, 1, ["x"]]}
    for number, line in lines.items():
        (tmp_path / f"{number}.asked").write_text(json.dumps(line) + "\n", encoding="utf-8")

    (tmp_path / "3.answers").write_text("nothing of it", encoding="utf-8")

    assert read(tmp_path, "asked") == known(one=(True, 3, "xy"), other=(False, 1, "x"))


def test_postgresql_is_spared_only_what_others_ask():
    made = known(
        old=(True, 2, "x"), new=(True, 2, "xy"), refused=(False, 1, "x"), third=(True, 2, "z")
    )
    names = [*made, "nobody measured"]

    assert needed(names, made) == {"new", "refused", "third", "nobody measured"}
    assert needed(names, made, answered="yz") == {"refused", "nobody measured"}
    # What is not played here asks nothing.
    assert needed(["old", "third"], made) == {"old", "third"}


def test_of_those_that_ask_the_same_the_shorter_ones_run():
    made = known(long=(True, 900, "xyz"), short=(True, 9, "xy"), other=(True, 9, "yz"))

    assert needed(list(made), made) == {"short", "other"}


@pytest.mark.parametrize("seed", range(20))
def test_every_shape_is_asked(seed):
    dice = Random(seed)
    made = {
        f"test {number}": Made(
            dice.random() > 0.1, dice.randint(1, 40), frozenset(dice.choices("abcdefghijkl", k=3))
        )
        for number in range(30)
    }

    chosen = needed(list(made), made)

    assert {shape for name in chosen for shape in made[name].shapes} == {
        shape for one in made.values() for shape in one.shapes
    }
    assert chosen >= {name for name, one in made.items() if not one.plain}
    assert len(chosen) < 30


@pytest.mark.django_db
def test_what_the_database_refuses_is_noticed():
    first = AuthorityFactory()
    with listening() as plain:
        list(type(first).objects.all())
    with listening() as refused, pytest.raises(IntegrityError), transaction.atomic():
        AuthorityFactory(code=first.code)

    assert (plain.refused, plain.statements, len(plain.shapes)) == (False, 1, 1)
    assert refused.refused
    assert connection.execute_wrappers.count(refused) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["长" * 2000, "零\0字节"])
def test_both_engines_refuse_a_text_alike(name):
    """Values have no shape: what is too long for one engine is too long for both."""
    row = AuthorityFactory()
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(name=name)
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        AuthorityFactory(name=name)
