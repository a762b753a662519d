"""Which tests PostgreSQL is spared, and which it never is."""

import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.asked import Asked, listening, shape
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


def test_postgresql_is_spared_only_what_it_has_answered(tmp_path):
    lines = [["old", True, ["x"]], ["new", True, ["x", "y"]], ["refused", False, ["x"]]]
    (tmp_path / "1.asked").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    asked = Asked.read(tmp_path)
    assert not asked.needless("old")

    asked.heard("nobody measured", {"x"})

    assert asked.needless("old")
    assert not asked.needless("new")
    assert not asked.needless("refused")
    assert not asked.needless("nobody measured")
    asked.heard("new", {"written otherwise here"})
    assert asked.needless("new")


@pytest.mark.django_db
def test_what_the_database_refuses_is_noticed():
    first = AuthorityFactory()
    with listening() as plain:
        list(type(first).objects.all())
    with listening() as refused, pytest.raises(IntegrityError), transaction.atomic():
        AuthorityFactory(code=first.code)

    assert (plain.refused, len(plain.shapes)) == (False, 1)
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
