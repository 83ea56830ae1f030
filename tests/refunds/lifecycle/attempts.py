"""Trying a move and taking it back: what became of it, and whether anything that stands
about requests has changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from refunds.errors import RefundError
from refunds.models import (
    RefundRequest,
)

LOOKS_ONLY = {"Presence"}
EVENT_WRITTEN = 'INSERT INTO "refunds_event"'
WRITES = ("INSERT", "UPDATE", "DELETE")
NOT_ABOUT_CASES = ('"django_session"', '"accounts_user"', '"refunds_presence"')


def _tables() -> list[str]:
    refunds = [
        model._meta.db_table
        for model in apps.get_app_config("refunds").get_models()
        if model.__name__ not in LOOKS_ONLY
        and not model._meta.db_table.startswith("refunds_policy")
    ]
    return [*refunds, "accounts_service", "accounts_payment"]


def everything() -> tuple[str, ...]:
    """A fingerprint of all that stands about requests, in one query."""
    ask = ", ".join(
        f"(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t)"
        for table in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ask}")
        return tuple(cursor.fetchone())


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside, did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def attempt(request: RefundRequest, act: Callable[[], object], kind: str) -> str:
    """What became of it: "made", "refused", or what was wrong with how it ended. Then
    it did not happen."""
    wrote: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if sql.startswith(WRITES) and not any(name in sql for name in NOT_ABOUT_CASES):
            wrote.append(sql)
        return execute(sql, params, many, context)

    with taken_back():
        with connection.execute_wrapper(listen):
            fault = _fault_of(act)
        if fault.startswith("broke") or not wrote:
            return fault or "refused"
        events = list(request.events.order_by("position"))
        # Cost: an event is a change; only without one is everything looked at.
        moved = not fault and any(EVENT_WRITTEN in sql for sql in wrote)
        after = () if moved else everything()
    if not moved and everything() == after:
        return fault or "refused"
    if fault:
        return f"{fault}, and yet it wrote"
    made = [event.kind for event in events[request.events.count() :]]
    return "made" if made == [kind] else f"made otherwise: {made}"


def _fault_of(act: Callable[[], object]) -> str:
    """No transaction round it: what a verb leaves behind when it refuses, is seen."""
    try:
        act()
    except (RefundError, CommandError):
        return "refused"
    except (ValueError, DatabaseError) as fault:
        return f"broke: {fault!r:.90}"
    return ""
