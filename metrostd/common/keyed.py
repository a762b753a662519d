"""Long lists read in two steps: which rows, by key and in order; then those rows with all they show.

Sorting and counting a hundred thousand wide rows is slow; sorting their keys is not. A page and an
export take the same keys, so an export holds exactly what the screen shows, in its order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Generic, Protocol, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from .long_lists import OneParameter
from .prepared import Prepared

_T = TypeVar("_T")

#: Rows read at a time by an export; below the number of parameters any database takes.
CHUNK = 900
#: What a search finds is counted up to here; of more, people are told that there are more.
MANY = 2000


_M = TypeVar("_M", bound=models.Model)


class Chained:
    """Keys of several queries one after the other, e.g. rows with a date, then rows without."""

    def __init__(self, parts: Sequence[QuerySet]) -> None:
        self._parts = parts

    def __getitem__(self, wanted: slice) -> list[int]:
        start, stop = wanted.start or 0, wanted.stop
        found: list[int] = []
        for position, part in enumerate(self._parts):
            got = list(part[start:stop])
            found += got
            if stop is not None and stop - start == len(got):
                return found
            if position + 1 < len(self._parts):
                passed = start + len(got) if got or not start else part.count()
                start = max(0, start - passed)
                stop = None if stop is None else stop - passed
        return found

    def count(self) -> int:
        return sum(part.count() for part in self._parts)

    def reverse(self) -> "Chained":
        """The same keys from the end."""
        return Chained([part.reverse() for part in reversed(self._parts)])

    def __iter__(self) -> Iterator[int]:
        for part in self._parts:
            yield from part.iterator(chunk_size=CHUNK)


@models.BigAutoField.register_lookup
class Among(OneParameter):
    """``pk__among``: like ``in``, of keys that are gathered first and then looked up one by one.

    PostgreSQL would rather read the whole table beside a few hundred keys; it takes a union for much longer than
    it is. SQLite looks keys up one by one by itself.
    """

    lookup_name = "among"

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[object, ...]]:
        if self.rhs_is_direct_value():  # keys somebody knows already
            return self.as_sql(compiler, connection)
        key, known = self.process_lhs(compiler, connection)
        keys, values = self.process_rhs(compiler, connection)
        return f"{key} = ANY(ARRAY{keys})", (*known, *values)


@models.BigAutoField.register_lookup
class Known(Lookup):
    """``pk__known``: one of these keys, which stand in the statement themselves: Django looks at each of a list's
    values several times, which for a thousand keys takes longer than what is asked about them."""

    lookup_name = "known"

    def get_prep_lookup(self) -> frozenset[int]:
        return frozenset(map(int, self.rhs))

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        key, values = self.process_lhs(compiler, connection)
        return f"{key} IN ({', '.join(map(str, self.rhs))})", tuple(values)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """Looked up one by one (``Among``): weighing each of a thousand keys takes the planner longer than finding them,
        and ends with the whole table being read."""
        if not self.rhs:
            raise EmptyResultSet
        key, values = self.process_lhs(compiler, connection)
        keys = ",".join(map(str, self.rhs))
        return f"{key} = ANY(ARRAY(SELECT unnest('{{{keys}}}'::bigint[])))", tuple(values)


class AnyOf(models.QuerySet):
    """Rows to which one of several conditions applies.

    Each is answered by its own index. As one condition over several tables they would be asked of
    every row there is. What the list is about (``within``) is asked together with each of them.
    """

    _about = Q()
    _is_several = False
    #: Whether the keys were looked up already (``gathered``): then narrowing them costs nothing.
    is_gathered = False

    def _clone(self) -> Self:
        made: Self = super()._clone()  # type: ignore[misc]  # the stub leaves it out
        made._about, made._is_several = self._about, self._is_several
        made.is_gathered = self.is_gathered
        return made

    def within(self, **about: object) -> Self:
        """``filter`` before ``any_of``: the index of each condition is narrowed by this, too."""
        rows = self.filter(**about)
        rows._about = self._about & Q(**about)  # noqa: SLF001  # its own kind
        return rows

    def any_of(self, *conditions: Q) -> Self:
        rows = self.model._base_manager.filter(self._about).order_by()
        first, *others = (rows.filter(condition).values("pk") for condition in conditions)
        found = self.filter(pk__among=first.union(*others))
        found._is_several = True  # noqa: SLF001  # its own kind
        return found

    def gathered(self) -> Self:
        """For a page that asks these rows several things: what the conditions find is looked up once, unless it
        is more than MANY."""
        keys = first_keys(self) if self._is_several else None
        if keys is None:
            return self
        found = type(self)(self.model, using=self.db).filter(pk__known=frozenset(keys))
        found.is_gathered = True
        return found


def first_keys(found: QuerySet) -> list[int] | None:
    """The keys of what a search found, in no order; None when they are more than MANY.

    One reading of the table tells both how many there are and which; it ends once it has seen enough.
    """
    keys = list(found.order_by().values_list("pk", flat=True)[: MANY + 1])
    return keys if len(keys) <= MANY else None


def in_parts(rows: Iterable[_T]) -> Iterator[list[_T]]:
    """Rows some hundred at a time."""
    left = iter(rows)
    while part := list(islice(left, CHUNK)):
        yield part


class Ordered(Protocol):
    """Keys in an order of their own, read as they are asked for."""

    def __getitem__(self, wanted: slice, /) -> list[int]: ...

    def __iter__(self) -> Iterator[int]: ...

    def count(self) -> int: ...


#: Keys in their order: still to be read, or known already.
Keys = QuerySet | Ordered | Sequence[int]


class ShownRows(Generic[_M]):
    """The rows of a model with all that a list shows of them; a page of them is read by a statement compiled once.

    ``build`` makes the queryset, the same at every call; what it prefetches is read besides.
    """

    #: Keys in the statement: as many as a page has rows. A shorter page names its last one again.
    _PLACES = 50

    def __init__(self, build: Callable[[], QuerySet[_M]]) -> None:
        self._build = build
        self._names = tuple(f"key_{n}" for n in range(self._PLACES))
        self._prepared = Prepared(
            lambda **keys: build().filter(pk__in=list(keys.values())), keys=self._names
        )

    def among(self, keys: Sequence[int]) -> Iterable[_M]:
        """These rows, in no order."""
        left = self._PLACES - len(keys)
        if left < 0 or not keys:
            return self._build().filter(pk__in=keys)
        filled = [*keys, *[keys[-1]] * left]
        rows: list[_M] = self._prepared.rows(**dict(zip(self._names, filled, strict=True)))
        prefetch_related_objects(rows, *self._prefetched)
        return rows

    @cached_property
    def _prefetched(self) -> tuple[str | Prefetch, ...]:
        lookups: tuple[str | Prefetch, ...] = self._build()._prefetch_related_lookups  # type: ignore[attr-defined]  # noqa: SLF001
        return lookups


class KeyedRows(Generic[_M]):
    """The rows of a list: ``keys`` says which and in what order, ``rows`` what each of them shows.

    ``counted`` is any query with as many rows as there are keys, the cheaper the better, or their
    number. Without it there are more than MANY: a page shows one of the first MANY, an export all.
    """

    def __init__(
        self, keys: Keys, rows: QuerySet[_M] | ShownRows[_M], *, counted: QuerySet | int | None
    ) -> None:
        self._keys = keys
        self._rows = rows
        self._counted = counted
        self.more = counted is None
        self._known = MANY if counted is None else None

    def count(self) -> int:
        if self._known is None:
            counted = self._counted
            self._known = counted.count() if isinstance(counted, QuerySet) else counted or 0
        return self._known

    def whole(self) -> int:
        """How many rows an export holds."""
        if not self.more:
            return self.count()
        return len(self._keys) if isinstance(self._keys, Sequence) else self._keys.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[_M]:
        start, stop = wanted.start or 0, wanted.stop
        if stop is None or self.more or start <= self.count() // 2:
            return self._read(list(self._keys[wanted]))
        return self._read(self._from_the_end(start, min(stop, self.count())))

    def _from_the_end(self, start: int, stop: int) -> list[int]:
        """A late page is as near to the end as an early one is to the beginning."""
        if not isinstance(self._keys, (QuerySet, Chained)):
            return list(self._keys[start:stop])
        total = self.count()
        if start >= stop:
            return []
        return list(self._keys.reverse()[total - stop : total - start])[::-1]

    def __iter__(self) -> Iterator[_M]:
        """Every row, read in chunks: for exports."""
        keys = iter(self._keys.iterator(CHUNK) if isinstance(self._keys, QuerySet) else self._keys)
        for part in in_parts(keys):
            yield from self._read(part)

    def _read(self, keys: list[int]) -> list[_M]:
        if not keys:
            return []
        shown = self._rows
        rows = shown.among(keys) if isinstance(shown, ShownRows) else shown.filter(pk__in=keys)
        known = {row.pk: row for row in rows}
        return [known[key] for key in keys if key in known]
