"""Statements that PostgreSQL plans once for each connection, and queries that Django puts together
once a process (see docs/decisions/0008).

    @prepared.query
    def _alive(digest: str) -> QuerySet[Session]:
        return Session.objects.filter(digest=digest, expires_at__gt=Now())

    rows = _alive("3f...")
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from functools import cache, wraps
from inspect import signature
from types import SimpleNamespace
from typing import Any, NoReturn, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.compiler import SQLCompiler
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Model, QuerySet, prefetch_related_objects
from psycopg import RawCursor
from psycopg.rows import namedtuple_row

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
Row = TypeVar("Row")


class _Telling:
    """Says what it last ran also when that was prepared: Django's record of statements asks it."""

    def _convert_query(self, *statement: Any) -> Any:
        self._query = super()._convert_query(*statement)  # type: ignore[misc]
        return self._query


class _Cursor(_Telling, ServerBindingCursor):
    pass


class _RawCursor(_Telling, RawCursor[Any]):
    pass


def cursor() -> CursorWrapper:
    """A cursor like Django's, for a statement that takes longer to plan than to run."""
    connection.ensure_connection()
    return _wrapped(_Cursor(connection.connection))  # type: ignore[call-arg]


def _wrapped(bare: Any) -> CursorWrapper:
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(bare)


class Statement:
    """A statement with named places, %(name)s, that is read once a process. psycopg does so by
    itself where one has less than four thousand characters; longer ones take it as long as they
    take PostgreSQL."""

    def __init__(self, text: str) -> None:
        places: dict[str, str] = {}
        self._text = _NAMED.sub(
            lambda found: places.setdefault(found[1], f"${len(places) + 1}"), text
        )
        self._names = tuple(places)

    def row(self, values: Mapping[str, Any]) -> Any:
        """Runs it, and gives its one row with its columns as attributes."""
        connection.ensure_connection()
        with _wrapped(_RawCursor(connection.connection, row_factory=namedtuple_row)) as running:
            running.execute(self._text, [values[name] for name in self._names])
            return running.fetchone()


_NAMED = re.compile(r"%\((\w+)\)s")


def query(build: Callable[P, QuerySet[M, Row]]) -> Callable[P, list[Row]]:
    """A reader of rows (one query) from what builds its queryset.

    `build` is called once a process, with a place for each value: what it returns may depend on
    its values nowhere but in the statement. What it prefetches is read anew each time, as Django
    does it."""
    names = tuple(signature(build).parameters)

    @cache
    def compiled() -> _Compiled:
        of_places: Callable[..., QuerySet[M, Row]] = build
        return _Compiled(of_places(**{name: _Place(name) for name in names}))

    @wraps(build)
    def read(*values: P.args, **named: P.kwargs) -> list[Row]:
        return compiled().rows({**dict(zip(names, values, strict=False)), **named})

    return read


class _Place(Expression):
    """Where a value stands in a statement."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __str__(self) -> NoReturn:
        raise TypeError(f"{self.name} is not known when the query is put together")

    def as_sql(self, *_: Any) -> tuple[str, list["_Place"]]:  # type: ignore[override]
        return "%s", [self]


class _Compiled(SQLCompiler):
    """Django's, which has done its work; what it is asked for later is to run it with values."""

    _values: Mapping[str, Any]

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        super().__init__(queryset.query, connection, DEFAULT_DB_ALIAS)
        self._statement, self._parameters = self.as_sql()
        self._converters = super().get_converters(
            [column[0] for column in self.select[: self.col_count]]
        )
        self._queryset: Any = queryset

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        bound = copy(self)
        bound._values = values
        # What Django's iterables ask of a queryset.
        asked = SimpleNamespace(
            db=DEFAULT_DB_ALIAS,
            query=bound,
            _fields=self._queryset._fields,
            _known_related_objects={},
        )
        found = list(self._queryset._iterable_class(asked))
        prefetch_related_objects(found, *self._queryset._prefetch_related_lookups)
        return found

    def get_compiler(self, using: str) -> "_Compiled":
        return self

    def get_converters(self, expressions: Any) -> Any:
        return self._converters

    def execute_sql(self, *_: Any, **_named: Any) -> Any:
        values = [
            self._values[parameter.name] if isinstance(parameter, _Place) else parameter
            for parameter in self._parameters
        ]
        with cursor() as running:
            running.execute(self._statement, values)
            return [running.fetchall()]
