"""100 000 payments from a CSV file, against `bulk_create` and stock import-export.

Ours reads, checks, compares and writes, all or nothing. `bulk_create` is given the
finished objects' values. Stock import-export is given fewer rows, because its time
grows with them; speeds are compared, in rows a second.
"""

import csv
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from statistics import median
from typing import Any

from django.db import connection, transaction
from import_export.resources import ModelResource
from tablib import Dataset

from accounts.models import Contract, Customer, Payment, PaymentAllocation, Service
from accounts.resources.csv_sheet import open_csv
from accounts.resources.payments import PaymentResource

ROWS, STOCK_ROWS, RUNS, SERVICES = 100_000, 2_000, 5, 500
BEGAN = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


class StockPayments(ModelResource):
    """As its documentation makes one."""

    class Meta:
        model = Payment
        import_id_fields = ("route", "trade_number")
        fields = (
            "customer",
            "route",
            "trade_number",
            "amount",
            "currency",
            "paid_at",
            "payer_account",
            "route_open",
            "disputed",
        )


def make_services() -> list[Service]:
    customer = Customer.objects.create(name="Bench")
    signed = BEGAN.date()
    contracts = Contract.objects.bulk_create(
        Contract(
            number=f"B-{n:05d}",
            customer=customer,
            product_line="live_streaming",
            signed_on=signed,
            effective_on=signed,
        )
        for n in range(SERVICES)
    )
    return Service.objects.bulk_create(
        Service(contract=contract, name="Live", billing="term")
        for contract in contracts
    )


def facts(n: int) -> dict[str, Any]:
    return {
        "route": "alipay",
        "trade_number": f"2026030122001{n:09d}",
        "amount": 100_00 + n,
        "paid_at": BEGAN + timedelta(seconds=7 * n),
        "payer_account": f"138****{n % 10_000:04d}",
    }


def our_file(services: list[Service]) -> bytes:
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(
        ("route", "trade_number", "amount", "currency", "paid_at", "payer_account",
         "route_open", "disputed", "contract", "service", "allocated")
    )  # fmt: skip
    for n in range(ROWS):
        fact, service = facts(n), services[n % SERVICES]
        amount = f"{fact['amount'] // 100}.{fact['amount'] % 100:02d}"
        rows.writerow(
            (fact["route"], fact["trade_number"], amount, "CNY",
             fact["paid_at"].isoformat(), fact["payer_account"], "true", "false",
             service.contract.number, service.name, amount)
        )  # fmt: skip
    return out.getvalue().encode()


def imports(content: bytes) -> None:
    with transaction.atomic():
        counts, complaints = PaymentResource().take(
            open_csv(BytesIO(content)), at=BEGAN, write=True
        )
    assert (counts.created, complaints.count) == (ROWS, 0), complaints.kept[:3]


def bulk_creates(services: list[Service]) -> None:
    with transaction.atomic():
        customer = services[0].contract.customer_id
        payments = Payment.objects.bulk_create(
            [Payment(customer_id=customer, **facts(n)) for n in range(ROWS)],
            batch_size=2_000,
        )
        PaymentAllocation.objects.bulk_create(
            [
                PaymentAllocation(
                    payment=payment,
                    service=services[n % SERVICES],
                    amount=payment.amount,
                )
                for n, payment in enumerate(payments)
            ],
            batch_size=2_000,
        )


def stock_imports(services: list[Service]) -> None:
    """Its own way in: CSV to a dataset, a dry run's checks included."""
    customer = services[0].contract.customer_id
    names = StockPayments.Meta.fields
    data = Dataset(headers=names)
    for n in range(STOCK_ROWS):
        fact = facts(n) | {"customer": customer, "currency": "CNY"}
        fact |= {"route_open": "1", "disputed": "0"}
        fact["paid_at"] = fact["paid_at"].strftime("%Y-%m-%d %H:%M:%S")
        data.append([fact[name] for name in names])
    text = data.export("csv")
    result = StockPayments().import_data(
        Dataset().load(text, format="csv"), use_transactions=True, raise_errors=True
    )
    assert result.totals["new"] == STOCK_ROWS


def seconds(act: Callable[[], None]) -> float:
    """With every foreign key checked, then undone: payments can't be deleted."""
    with transaction.atomic():
        began = time.perf_counter()
        act()
        connection.check_constraints()
        taken = time.perf_counter() - began
        transaction.set_rollback(True)
    return taken


def figures() -> list[dict[str, Any]]:
    """Medians of alternating runs."""
    services = make_services()
    content = our_file(services)
    ours, bulk, stock = [], [], []
    for _run in range(RUNS):
        ours.append(seconds(lambda: imports(content)))
        bulk.append(seconds(lambda: bulk_creates(services)))
        stock.append(seconds(lambda: stock_imports(services)))
    whole_stock = median(stock) * ROWS / STOCK_ROWS
    what = f"{ROWS:,} payments with allocation, imported from CSV"
    return [
        figure(what, "bulk_create", ours=median(ours), theirs=median(bulk), target=0.5),
        figure(
            what,
            f"stock django-import-export, from {STOCK_ROWS:,} rows without allocation",
            ours=median(ours),
            theirs=whole_stock,
            target=10,
        ),
    ]


def figure(
    what: str, reference: str, *, ours: float, theirs: float, target: float
) -> dict[str, Any]:
    return {
        "what": what,
        "ours_seconds": round(ours, 2),
        "reference": reference,
        "reference_seconds": round(theirs, 2),
        "ratio": round(theirs / ours, 2),
        "target": f">= {target:g} x",
        "reached": theirs / ours >= target,
    }
