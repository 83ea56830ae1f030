"""Thousands of rows in one statement, for sweeps.

PostgreSQL takes them as one JSON array and makes a table of it. Django's own
`bulk_create` and `bulk_update`, which say the same, cost more than all else in a sweep:
they prepare every value of every row by itself. Elsewhere they do.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

_as_json = json.JSONEncoder(
    default=datetime.isoformat, ensure_ascii=False, separators=(",", ":")
).encode


def insert(rows: Sequence[Model], *, but_known: bool = False) -> None:
    """New rows; their numbers stay unread. `but_known` leaves out what a unique
    constraint says is there already."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, ignore_conflicts=but_known)
        return
    fields = [field for field in model._meta.concrete_fields if field.name != "id"]
    columns = ", ".join(map(_column, fields))
    _execute(
        f"INSERT INTO {_table(model)} ({columns}) "
        f"SELECT {columns} FROM jsonb_to_recordset(%s) AS new({_typed(fields)})"
        + (" ON CONFLICT DO NOTHING" if but_known else ""),
        rows,
        fields,
    )


def rewrite(rows: Sequence[Model], *names: str) -> None:
    """These fields of rows that are there, each row to values of its own."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_update(rows, names)
        return
    fields = [model._meta.get_field(name) for name in ("id", *names)]
    changes = ", ".join(
        f"{_column(field)} = new.{_column(field)}" for field in fields[1:]
    )
    _execute(
        f"UPDATE {_table(model)} old SET {changes} "
        f"FROM jsonb_to_recordset(%s) AS new({_typed(fields)}) WHERE old.id = new.id",
        rows,
        fields,
    )


def _execute(statement: str, rows: Sequence[Model], fields: list[Any]) -> None:
    names = [(field.column, field.attname) for field in fields]
    values = [{column: row.__dict__[name] for column, name in names} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(statement, [_as_json(values)])


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def _typed(fields: list[Any]) -> str:
    """Without lengths: a value that is too long is refused by its column, not cut."""
    return ", ".join(
        f"{_column(field)} {str(field.db_type(connection)).partition('(')[0]}"
        for field in fields
    )
