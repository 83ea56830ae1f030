"""A walk over every address: what each answers, and whose marks stand in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.refunds.pages.visits import visitor
from tests.safety.addresses import Address, every_address, names_of
from tests.safety.reading import Reading
from tests.safety.world import World


@dataclass(frozen=True)
class Answer:
    address: Address
    method: str
    path: str
    status: int
    headers: dict[str, str] = field(repr=False)
    cookies: str = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_page(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")

    def marks(self, world: World) -> set[str]:
        """What of the customer's stands in it. Its own address does not tell; where
        the visitor is led elsewhere, nor does what they typed into it."""
        told = " ".join((self.text, self.cookies, *self.headers.values()))
        found = set(world.marks.findall(told.replace(self.path, "")))
        led = self.status in (301, 302)
        return found - set(world.marks.findall(self.path)) if led else found

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.text)

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.address.name}): {self.status}"


def knock(
    client: Client, address: Address, path: str, method: str, **given: Any
) -> Answer:
    """Whatever it does is taken back, and who knocked stays who they were."""
    fresh = Client(raise_request_exception=False, headers=given.pop("headers", None))
    fresh.cookies.update(client.cookies)
    saved = transaction.savepoint()
    try:
        answer: Any = getattr(fresh, method)(path, given)
        body = b"".join(answer) if answer.streaming else answer.content
    finally:
        transaction.savepoint_rollback(saved)
    return Answer(
        address,
        method,
        path,
        answer.status_code,
        dict(answer.headers),
        answer.cookies.output(),
        body,
    )


def walk(
    world: World,
    user: User | None,
    *methods: str,
    only: Callable[[Address], bool] = lambda _address: True,
    ways: int | None = None,
) -> Iterator[Answer]:
    """Each address `only` lets through; filled in so many ways, else in all."""
    client = visitor(user)
    for address in filter(only, every_address()):
        for values in names_of(world, address)[:ways]:
            for method in methods:
                yield knock(client, address, address.filled(**values), method)
