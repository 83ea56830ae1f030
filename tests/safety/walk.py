"""A walk over every address: what each answers, and whose marks stand in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.refunds.pages.visits import visitor
from tests.safety.addresses import Address, every_address, names_of
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
        """What of the customer's stands in it; its own address does not tell."""
        told = " ".join((self.text, self.cookies, *self.headers.values()))
        return set(world.marks.findall(told.replace(self.path, "")))

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
    world: World, user: User | None, *methods: str, only: set[str] | None = None
) -> Iterator[Answer]:
    client = visitor(user)
    for address in every_address():
        if only is not None and address.name not in only:
            continue
        for values in names_of(world, address):
            for method in methods:
                yield knock(client, address, address.filled(**values), method)
