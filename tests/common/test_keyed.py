"""Long lists are read by key: any slice is what one plain list would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrostd.common import keyed
from metrostd.common.keyed import Chained, KeyedRows, ShownRows
from metrostd.registry.models import Authority
from tests.factories.registry import AuthorityFactory


class Part(list):
    """A query of keys, as far as Chained asks: slices, a count, an iterator."""

    def count(self):
        return len(self)

    def iterator(self, chunk_size):
        return iter(self)


@given(
    st.lists(st.lists(st.integers(), max_size=6), min_size=1, max_size=4),
    st.integers(0, 25),
    st.integers(0, 25),
)
def test_a_slice_of_a_chain_is_a_slice_of_the_whole(parts, start, length):
    whole = [key for part in parts for key in part]
    chain = Chained([Part(part) for part in parts])

    assert chain[start : start + length] == whole[start : start + length]
    assert list(chain) == whole


@pytest.mark.django_db
def test_rows_come_in_the_order_of_their_keys(django_assert_num_queries):
    made = AuthorityFactory.create_batch(5)
    keys = Authority.objects.order_by("-pk").values_list("pk", flat=True)
    rows = KeyedRows(keys, Authority.objects.all(), counted=Authority.objects.all())

    with django_assert_num_queries(1):
        assert rows.count() == len(rows) == 5
    assert rows[1:3] == [made[3], made[2]]
    assert list(rows) == made[::-1]


@pytest.mark.django_db
def test_a_search_knows_its_keys_or_that_there_are_many(monkeypatch):
    made = AuthorityFactory.create_batch(4)

    assert sorted(keyed.first_keys(Authority.objects.all())) == [a.pk for a in made]
    monkeypatch.setattr(keyed, "MANY", 3)
    assert keyed.first_keys(Authority.objects.all()) is None


@pytest.mark.django_db
def test_of_many_rows_the_first_are_shown_and_all_are_exported(
    monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(keyed, "MANY", 3)
    made = AuthorityFactory.create_batch(5)
    keys = Authority.objects.order_by("pk").values_list("pk", flat=True)
    rows = KeyedRows(keys, Authority.objects.all(), counted=None)

    with django_assert_num_queries(0):
        assert (rows.count(), rows.more) == (3, True)
    assert list(rows) == made


@pytest.mark.django_db
@given(start=st.integers(0, 12), length=st.integers(1, 6))
def test_a_late_page_is_read_from_the_end_and_is_the_same(start, length):
    Authority.objects.all().delete()
    made = [row.pk for row in AuthorityFactory.create_batch(9)]
    few = [Authority.objects.filter(pk__in=part).order_by("pk") for part in (made[:4], made[4:])]
    chain = Chained([part.values_list("pk", flat=True) for part in few])
    plain = Authority.objects.order_by("pk").values_list("pk", flat=True)

    for keys in (chain, plain):
        rows = KeyedRows(keys, Authority.objects.all(), counted=9)
        assert [row.pk for row in rows[start : start + length]] == made[start : start + length]


@pytest.mark.django_db
def test_what_a_list_shows_is_read_with_one_compiled_statement(django_assert_num_queries):
    above = AuthorityFactory.create_batch(2)
    below = [AuthorityFactory(parent=above[n % 2]) for n in range(60)]
    shown = ShownRows(
        lambda: Authority.objects.select_related("parent").prefetch_related("children")
    )

    for wanted in (below[:1], below[:50], below[5:8], below):
        keys = [row.pk for row in wanted]
        with django_assert_num_queries(2):
            rows = {row.pk: row for row in shown.among(keys)}
            assert [rows[key] for key in keys] == wanted
            assert [rows[key].parent for key in keys] == [row.parent for row in wanted]
            assert not any(row.children.all() for row in rows.values())
    assert not list(shown.among([]))


@pytest.mark.django_db
def test_known_keys_are_found_in_any_number_and_in_any_condition():
    made = AuthorityFactory.create_batch(4)
    keys = {made[0].pk, made[2].pk, 2**40}

    rows = Authority.objects.order_by("pk")
    assert list(rows.filter(pk__known=keys)) == [made[0], made[2]]
    assert list(rows.filter(pk__in=[row.pk for row in made]).exclude(pk__known=keys)) == [
        made[1],
        made[3],
    ]
    assert not rows.filter(pk__known=set())
    with pytest.raises(ValueError, match="x"):
        rows.filter(pk__known=["x"])
