"""Statements compiled once and run with other values: for the few a person waits for at every item.

Building a queryset and compiling it costs Django several times what the database needs to answer. A
``Prepared`` is still a queryset, written with the rules of its models; what differs from run to run
stands in it as a ``Given``, or as a key (a whole number) where a scope asks for one.

It reads with the compiler Django itself reads with (``ModelIterable``), kept per database engine.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.query import ValuesListIterable, get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from metrostd.common.shapes import Values

#: What a place in a statement is filled with: a value as the driver takes it, or the place's name.
Param = object
#: A row as the driver gives it.
Row = Sequence[object]
#: Makes of rows what the queryset would have given.
Reader = Callable[[Sequence[Row]], list[object]]
#: What is kept of a queryset once compiled.
_C = TypeVar("_C")

#: Keys stand in the compiled statement as numbers no table has, and are found again by them.
_FIRST_KEY = -(2**62)


class Given(models.Value):
    """The place of a value that is named when the statement runs."""

    def __init__(self, name: str, field: models.Field) -> None:
        super().__init__(None, output_field=field)
        self.name = name

    def as_sql(  # type: ignore[override]  # a value that is named later is no parameter yet
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list["Given"]]:
        return "%s", [self]

    def prepared(self, value: object) -> Param:
        if value is None:
            return None
        return self.output_field.get_db_prep_value(value, connection)


class _Key(int):
    """A key in a statement being built; compiled, it is the number alone."""


class Statement:
    """The words of a statement, and what each of its places is filled with."""

    def __init__(self, sql: str, params: Sequence[Param], keys: Mapping[int, str]) -> None:
        self.sql = sql
        self._places = [_place(param, keys) for param in params]
        self._keys = list(keys.values())

    # Any: what a driver takes differs from driver to driver
    def filled(self, values: Values) -> list[Any]:
        return [place(values) for place in self._places]


def _named(param: int, keys: Mapping[int, str]) -> str | None:
    """The name of a key; a truth value is none, though Python counts it among the numbers.

    PostgreSQL's driver gives some numbers a width of its own (``Int8``): they are numbers all the same.
    """
    return None if isinstance(param, bool) else keys.get(int(param))


def key_places(*names: str) -> dict[str, int]:
    """A number for each key that stands in a statement compiled by hand."""
    return {name: _Key(_FIRST_KEY - n) for n, name in enumerate(names)}


def _place(param: Param, keys: Mapping[int, str]) -> Callable[[Values], Param]:
    if isinstance(param, Given):
        return lambda values: param.prepared(values[param.name])
    if isinstance(param, int) and (name := _named(param, keys)):
        return lambda values: values[name]
    return lambda values: param


class _Built(Generic[_C]):
    """What ``Prepared`` and ``PreparedUpdate`` share: the queryset is built once for each engine."""

    def __init__(self, build: Callable[..., models.QuerySet], *, keys: Sequence[str] = ()) -> None:
        """``keys``: the names of the keys, where ``build`` takes any."""
        self._build = build
        self._names = keys
        self._by_engine: dict[str, _C] = {}

    @cached_property
    def _keys(self) -> dict[int, str]:
        names = self._names or inspect.signature(self._build).parameters
        return {_FIRST_KEY - n: name for n, name in enumerate(names)}

    def _queryset(self) -> models.QuerySet:
        return self._build(**{name: _Key(key) for key, name in self._keys.items()})

    def _of_engine(self) -> _C:
        found = self._by_engine.get(connection.vendor)
        if found is None:
            found = self._by_engine[connection.vendor] = self._compile()
        return found

    def _compile(self) -> _C:
        raise NotImplementedError


class Prepared(_Built[tuple[Statement | None, Reader]]):
    """A queryset compiled once. The parameters of ``build`` are the keys it is run with.

    Rows come as the queryset gives them: instances with what it selects and annotates, or the tuples
    of ``values_list``. What is prefetched is not.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet],
        *,
        keys: Sequence[str] = (),
        counted: bool = False,
    ) -> None:
        """``counted``: of equal tuples the queryset gives one, followed by how many there are."""
        super().__init__(build, keys=keys)
        self._counted = counted

    # Any: an instance of the queryset's model or a tuple of its columns, as the caller wrote it
    def rows(self, **values: object) -> list[Any]:
        statement, read = self._of_engine()
        if statement is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values))
            return read(cursor.fetchall())

    # Any: one of ``rows``
    def first(self, **values: object) -> Any:
        return next(iter(self.rows(**values)), None)

    def _compile(self) -> tuple[Statement | None, Reader]:
        try:
            return compiled(self._queryset(), self._keys, counted=self._counted)
        except EmptyResultSet:  # nothing can be found, whatever the values: no statement is needed
            return None, list


def compiled(
    queryset: models.QuerySet, keys: Mapping[int, str], *, counted: bool = False
) -> tuple[Statement, Reader]:
    """A queryset as a statement for this engine, and what makes of its rows what the queryset gives."""
    compiler = queryset.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql(with_col_aliases=counted)
    if counted:
        names = ", ".join(connection.ops.quote_name(alias) for _, _, alias in compiler.select)
        sql = f"SELECT {names}, COUNT(*) FROM ({sql}) counted GROUP BY {names}"  # noqa: S608  # names of its own
    tuples = issubclass(queryset._iterable_class, ValuesListIterable)  # noqa: SLF001
    read = _tuples if tuples else _instances
    return Statement(sql, params, keys), read(compiler)


class PreparedUpdate(_Built[Statement]):
    """The UPDATE of a queryset's rows, compiled once; ``columns`` are set to values of their names."""

    def __init__(self, build: Callable[..., models.QuerySet], *columns: str) -> None:
        super().__init__(build)
        self._columns = columns

    def run(self, **values: object) -> int:
        """Returns how many rows were changed. A foreign key is given as a key."""
        statement = self._of_engine()
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values))
            return cursor.rowcount

    def _compile(self) -> Statement:
        queryset = self._queryset()
        query = cast(UpdateQuery, queryset.query.chain(UpdateQuery))
        fields = {name: queryset.model._meta.get_field(name) for name in self._columns}
        query.add_update_values({name: Given(name, f) for name, f in fields.items()})
        sql, params = query.get_compiler(connection=connection).as_sql()
        return Statement(sql, params, self._keys)


_inserts: dict[tuple[str, type[models.Model]], tuple[str, list[models.Field]]] = {}


def insert(row: models.Model) -> None:
    """Insert a new row as ``save(force_insert=True)`` does, for models without signals of their own."""
    model = type(row)
    found = _inserts.get((connection.vendor, model))
    if found is None:
        found = _inserts[connection.vendor, model] = _insert_of(model)
    sql, fields = found
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def _insert_of(model: type[models.Model]) -> tuple[str, list[models.Field]]:
    meta, quote = model._meta, connection.ops.quote_name
    fields = [f for f in meta.local_concrete_fields if not f.primary_key]
    columns = ", ".join(quote(f.column or "") for f in fields)
    places = ", ".join(["%s"] * len(fields))
    key = quote(meta.pk.column or "")
    words = ["INSERT INTO", quote(meta.db_table), f"({columns})", f"VALUES ({places})"]
    return " ".join([*words, "RETURNING", key]), fields


def _converted(
    compiler: SQLCompiler, expressions: list[Expression]
) -> Callable[[Sequence[Row]], Iterator[Row]]:
    converters = compiler.get_converters(expressions)
    if not converters:
        return iter
    return lambda found: compiler.apply_converters(found, converters)


def _tuples(compiler: SQLCompiler) -> Reader:
    convert = _converted(compiler, [entry[0] for entry in compiler.select])
    return lambda found: [tuple(row) for row in convert(found)]


def _instances(compiler: SQLCompiler) -> Reader:
    select, info, alias = compiler.select, compiler.klass_info, connection.alias
    start, stop = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [entry[0].target.attname for entry in select[start:stop]]
    related = get_related_populators(info, select, alias)  # type: ignore[call-arg]  # a later Django's stub
    annotations = list(compiler.annotation_col_map.items())
    convert = _converted(compiler, [entry[0] for entry in select])
    model = info["model"]

    def read(found: Sequence[Row]) -> list[object]:
        made = []
        for row in convert(found):
            obj = model.from_db(alias, names, row[start:stop])
            for populator in related:
                populator.populate(row, obj)
            for name, position in annotations:
                setattr(obj, name, row[position])
            made.append(obj)
        return made

    return read
