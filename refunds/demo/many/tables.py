"""Rows by the thousand: COPY on PostgreSQL, one prepared INSERT on SQLite."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import JSONField, Max, Model

Row = tuple[Any, ...]
CHUNK = 5_000
written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Rows:
    """Gathered by table, each as its model's fields by name; written in one go.

    Children may be gathered before their parents: the database looks at foreign keys
    when the transaction ends.
    """

    def __init__(self) -> None:
        self.gathered: dict[tuple[type[Model], tuple[str, ...]], list[Row]] = (
            defaultdict(list)
        )

    def add(self, model: type[Model], **values: Any) -> None:
        self.gathered[model, tuple(values)].append(tuple(values.values()))

    def write(self, last: type[Model]) -> None:
        """`last`: the table whose triggers look at what the others hold."""
        for (model, names), rows in sorted(
            self.gathered.items(), key=lambda each: each[0][0] is last
        ):
            _write(model, names, rows)
        self.gathered.clear()


def _write(model: type[Model], names: tuple[str, ...], rows: list[Row]) -> None:
    others = _defaults(model, names)
    named = [_column(model, name) for name in names] + list(others)
    target = connection.ops.quote_name(model._meta.db_table)
    listed = ", ".join(map(connection.ops.quote_name, named))
    rest = tuple(others.values())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row + rest)
        else:
            marks = ", ".join(["%s"] * len(named))
            cursor.executemany(
                f"INSERT INTO {target} ({listed}) VALUES ({marks})",
                [tuple(map(_for_sqlite, row + rest)) for row in rows],
            )


def _column(model: type[Model], name: str) -> str:
    field: Any = model._meta.get_field(name.removesuffix("_id"))
    return str(field.column)


@cache
def _defaults(model: type[Model], names: tuple[str, ...]) -> dict[str, Any]:
    """What the columns that are not named hold in a row that is just made."""
    blank = model()
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.attname in names or field.name in names or field.column == "id":
            continue
        value = getattr(blank, field.attname)
        plain = isinstance(field, JSONField)
        values[str(field.column)] = (
            written(value) if plain else field.get_db_prep_save(value, connection)
        )
    return values


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value


class Ids:
    """Numbers of rows to come, so that rows can name each other before they exist."""

    def __init__(self) -> None:
        self.waiting: dict[type[Model], Iterator[int]] = {}

    def next(self, model: type[Model]) -> int:
        waiting = self.waiting.setdefault(model, iter(()))
        number = next(waiting, None)
        if number is None:
            self.waiting[model] = iter(_reserved(model))
            number = next(self.waiting[model])
        return number


def _reserved(model: type[Model]) -> Sequence[int]:
    if connection.vendor != "postgresql":
        # Nobody else writes until this transaction ends.
        last = model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        return range(last + 1, last + 1_000_000_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) "
            "FROM generate_series(1, %s)",
            [model._meta.db_table, CHUNK],
        )
        return [number for (number,) in cursor.fetchall()]
