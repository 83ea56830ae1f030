"""Many rows in one statement: thousands of one table for sweeps, a few of many tables
for a page.

PostgreSQL takes them as one JSON array and makes a table of it. Django's own
`bulk_create` and `bulk_update`, which say the same, cost more than all else in a sweep:
they prepare every value of every row by itself. Elsewhere they do.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

_as_json = json.JSONEncoder(
    default=datetime.isoformat, ensure_ascii=False, separators=(",", ":")
).encode

# What JSON has no type for, as PostgreSQL writes it.
READERS: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "DecimalField": Decimal,
    "FloatField": float,
}


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


def ask_together(*questions: QuerySet[Any]) -> None:
    """Answers several querysets in one round trip; each keeps its rows, as if it had
    been iterated. Where the database is in our own process, each asks when it is."""
    open_ = [question for question in questions if question._result_cache is None]
    if connection.vendor != "postgresql" or not open_:
        return
    # By its name, not the proxy: each quoted name would ask it for the thread's own.
    compilers = [q.query.get_compiler(DEFAULT_DB_ALIAS) for q in open_]
    parts = [_as_one_text(compiler) for compiler in compilers]
    with connection.cursor() as cursor:
        params = [value for _, values in parts for value in values]
        cursor.execute("SELECT " + ", ".join(part for part, _ in parts), params)
        answers = cursor.fetchone() or ()
    for question, compiler, answer in zip(open_, compilers, answers, strict=True):
        rows = json.loads(answer, parse_float=str) if answer else ()
        _answer(question, compiler, rows)


def _as_one_text(compiler: SQLCompiler) -> tuple[str, tuple[Any, ...]]:
    """The queryset's own statement, its rows in their order as one JSON text. A JSON
    column goes as text, for that is how Django reads it."""
    try:
        sql, params = compiler.as_sql(with_col_aliases=True)
    except EmptyResultSet:
        return "NULL", ()
    columns = ", ".join(
        f"{connection.ops.quote_name(alias)}{'::text' if _is_json(column) else ''}"
        for column, _, alias in compiler.select
    )
    rows = f"SELECT json_build_array({columns}) AS row FROM ({sql}) part"
    return f"(SELECT json_agg(row)::text FROM ({rows}) parts)", params


def _is_json(column: Any) -> bool:
    return bool(column.output_field.get_internal_type() == "JSONField")


def _answer(question: QuerySet[Any], compiler: SQLCompiler, rows: Any) -> None:
    """Django makes the instances, from rows as the driver would give them."""
    readers = [
        READERS.get(column.output_field.get_internal_type())
        for column, _, _ in compiler.select
    ]
    told = [
        tuple(
            value if reader is None or value is None else reader(value)
            for reader, value in zip(readers, row, strict=True)
        )
        for row in rows
    ]
    # Only while it reads: a queryset made of this one asks the database again.
    compiler.__dict__["execute_sql"] = lambda *args, **options: [told]
    question.query.__dict__["get_compiler"] = lambda *args, **options: compiler
    try:
        len(question)
    finally:
        del question.query.__dict__["get_compiler"]
