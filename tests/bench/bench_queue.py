"""The queue at a million requests, against the stock changelist of the same table.

Both through their own view, rendered whole, by somebody who may see everything.
MANY=20000 in the environment is for trying it.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.admin.keyset import Part
from accounts.models import Role, User
from refunds.demo.many.fill import fill
from refunds.models import RefundRequest
from tests.bench.doors import doors_open, signed_in
from tests.factories import UserFactory

MANY = int(os.environ.get("MANY", "1000000"))
OURS, STOCK = 20, 3
DEEP, PER_PAGE = 5_000, 50
MOST_QUERIES = 8
QUEUE = "/admin/refunds/refundrequest/"
PLAIN, SEARCHED, PAGED = 10, 80, 40
# (what, our query string, the stock one's, how many times faster)
LOOKS = (
    ("plain", "show=all", "", PLAIN),
    ("filtered by state", "state__exact=evaluation", "state__exact=evaluation", PLAIN),
    ("searched by a common word", "q=frankfurt", "q=frankfurt", SEARCHED),
    ("searched by a rare word", "q=quokka", "q=quokka", SEARCHED),
    ("searched by a word that is nowhere", "q=xyzzyx", "q=xyzzyx", SEARCHED),
    ("searched by two Chinese characters", "q=氤氲", "q=氤氲", SEARCHED),
    ("searched by number", "q={number}", "q={number}", SEARCHED),
)


class Stock(admin.ModelAdmin):
    """As anybody would write it first."""

    list_display = ("number", "customer", "ground", "state", "handler", "due_at")
    list_filter = ("state", "ground")
    list_select_related = ("customer", "handler")
    list_per_page = PER_PAGE
    list_max_show_all = 0
    ordering = ("-submitted_at",)
    search_fields = (
        "number",
        "contract__number",
        "customer__name",
        "service__name",
        "description",
    )


@doors_open()
def figures() -> list[dict[str, Any]]:
    user = _everything_seen_by()
    fill(MANY, seed=1, at=datetime.now(UTC), tell_of=_say)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client, stock = signed_in(user), _stock(user)
    number = RefundRequest.objects.exclude(number=None).order_by("pk")[MANY // 2].number
    rows = []
    for what, mine, theirs, target in LOOKS:
        said = {"number": number}
        pair = (_page(client, mine.format(**said)), stock(theirs.format(**said)))
        rows.append(_row(what, *pair, target=target))
    deep = min(DEEP, MANY // PER_PAGE - 1)
    ours = _page(client, _beyond(deep * PER_PAGE))
    rows.append(_row(f"page {deep:,}", ours, stock(f"p={deep}"), target=PAGED))
    return rows


def _say(done: int) -> None:
    if done % 100_000 == 0:
        sys.stderr.write(f"{done:,} requests\n")


def _everything_seen_by() -> User:
    user = UserFactory.create(is_staff=True, is_superuser=True)
    roles = (Role.EVALUATOR, Role.AUDITOR)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user  # type: ignore[no-any-return]


def _page(client: Client, query: str) -> Callable[[], None]:
    def look() -> None:
        answer = client.get(f"{QUEUE}?{query}")
        assert answer.status_code == 200, answer.status_code

    return look


def _queries(look: Callable[[], None]) -> int:
    """Signing in and session among them."""
    look()
    with CaptureQueriesContext(connection) as captured:
        look()
    return len(captured)


def _stock(user: User) -> Callable[[str], Callable[[], None]]:
    owner = Stock(RefundRequest, admin.site)

    def page(query: str) -> Callable[[], None]:
        def look() -> None:
            request = RequestFactory().get(f"{QUEUE}?{query}")
            request.user = user
            answer: Any = owner.changelist_view(request)
            assert answer.status_code == 200, answer.status_code
            answer.render()

        return look

    return page


def _beyond(count: int) -> str:
    """The address of the page after so many rows, as the list itself writes it."""
    owner: Any = admin.site.get_model_admin(RefundRequest)
    parts: tuple[Part, ...] = owner.parts()
    for number, part in enumerate(parts):
        rows = RefundRequest.objects.exclude(state="draft").filter(part.only)
        there = rows.count()
        if count < there:
            last = part.ordered(rows, back=False)[count]
            names = [
                last._meta.pk if n == "pk" else last._meta.get_field(n)
                for n in part.names
            ]
            return "after=" + "~".join(
                [str(number), *(field.value_to_string(last) for field in names)]
            )
        count -= there
    raise AssertionError("there are not so many")


def _row(
    what: str, ours: Callable[[], None], stock: Callable[[], None], *, target: int
) -> dict[str, Any]:
    queries = _queries(ours)
    mine, theirs = _p95(ours, OURS), _p95(stock, STOCK)
    faster = theirs / mine
    return {
        "what": f"queue, {MANY:,} requests, {what}, p95; {queries} queries",
        "ours_seconds": mine,
        "reference": "stock ModelAdmin, p95",
        "reference_seconds": theirs,
        "ratio": faster,
        "target": f">= {target} x faster, <= {MOST_QUERIES} queries",
        "reached": faster >= target and queries <= MOST_QUERIES,
    }


def _p95(look: Callable[[], None], times: int) -> float:
    spent = []
    for _time in range(times):
        began = time.perf_counter()
        look()
        spent.append(time.perf_counter() - began)
    return quantiles(spent, n=20, method="inclusive")[-1]
