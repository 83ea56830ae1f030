"""Every address of the project, and with what it is filled in to name something of the
marked customer's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

from accounts.models import Absence, Customer, Invitation, Membership
from refunds.models import (
    Backtest,
    BacktestChange,
    Discrepancy,
    LegFinding,
    Measurement,
    Merchant,
    PolicyRule,
    PolicyVersion,
)
from tests.safety.world import World

# A placeholder of a route or of a pattern, and what no visitor types.
HOLE = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Address:
    """`name` with its namespaces; the stock redirect of the admin has none, and is
    named by its route."""

    name: str
    route: str

    @property
    def holes(self) -> list[str]:
        return HOLE.findall(self.route)

    def filled(self, **values: Any) -> str:
        return "/" + HOLE.sub(lambda hole: str(values[hole[1]]), self.route)


def every_address() -> list[Address]:
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, route: str, space: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        whole = route + _route(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each, whole, inner)
        elif isinstance(each, URLPattern):
            yield Address(space + (each.name or whole), whole)


def _route(pattern: Any) -> str:
    """A regular expression as a route: its groups are holes."""
    if isinstance(pattern, RegexPattern):
        return GROUP.sub(r"<\1>", str(pattern).lstrip("^").rstrip("$"))
    assert isinstance(pattern, RoutePattern)
    return str(pattern)


# What names something of the customer's on the pages that are no stock ones.
def names_of(world: World, address: Address) -> list[dict[str, Any]]:
    """The ways to fill it in, each of which names something that is there."""
    if not address.holes:
        return [{}]
    if address.route.startswith("admin/"):
        return [_in_console(world, address)]
    return _on_pages(world, address)


def _on_pages(world: World, address: Address) -> list[dict[str, Any]]:
    sent = (world.evaluated, world.offered, world.paid, world.blocked)
    route = address.route
    common = {
        "line": "live_streaming",
        "version": 1,
        "route": "alipay",
        "move": "appeal",
    }
    if route.startswith(("requests/", "contracts/")):
        key = "contracts/" in route
        return [
            {**common, "number": each.contract.number if key else each.number}
            for each in sent
        ]
    if route.startswith("evidence/"):
        files = [each.evidence.get().pk for each in (*sent[:2], world.draft)]
        return [{"pk": pk} for pk in files]
    if route.startswith("drafts/"):
        file = world.draft.evidence.get()
        return [{"pk": world.draft.pk, "evidence": file.pk}]
    keys = {"pk": _key(world, address)} if "pk" in address.holes else {}
    return [{**common, **_others(world), **keys}]


def _key(world: World, address: Address) -> int:
    customer, sent = world.people.customer, world.offered
    keys: dict[str, Any] = {
        "services/": sent.service,
        "customers/": customer,
        "members/": Membership.objects.get(user=world.people.member),
        "invitations/": Invitation.objects.get(customer=customer),
        "account/sessions/": UserSession.objects.get(user=world.people.owner),
    }
    start = next(start for start in keys if address.route.startswith(start))
    return int(keys[start].pk)


def _others(world: World) -> dict[str, Any]:
    """For addresses whose secret nobody guesses."""
    return {
        "key": "x-y",
        "uidb36": "1",
        "secret": "x",
        "number": Merchant.objects.earliest("pk").number,
    }


def _in_console(world: World, address: Address) -> dict[str, Any]:
    model = _model_of(address.route)
    key = _row(world, model) if model else _no_model(address.route)
    draft = PolicyVersion.objects.latest("pk")
    if model is PolicyVersion and "object_id" not in address.holes:
        key = draft.pk
    if address.route == "admin/refunds/invoicereversal/plan/<int:pk>/":
        key = world.paid.pk
    content = ContentType.objects.get_for_model(Customer)
    measurement = Measurement.objects.filter(request=world.evaluated).first()
    return {
        "object_id": key,
        "pk": key,
        "id": key,
        "evidence": world.evaluated.evidence.get().pk,
        "measurement": measurement.pk if measurement else 0,
        "finding": LegFinding.objects.latest("pk").pk,
        "merchant": Merchant.objects.filter(route="bank_transfer").earliest("pk").pk,
        "currency": "CNY",
        "version": draft.pk,
        "code": PolicyRule.objects.filter(version=draft).earliest("pk").code,
        "number": 0,
        "step": "check",
        "name": "claim",
        "table": _table(address.route),
        "form": "csv",
        "app_label": "accounts",
        "content_type_id": content.pk,
        "url": "nowhere",
        "what": "customers",
    }


def _model_of(route: str) -> Any:
    _admin, app, model, *_rest = [*route.split("/"), "", ""]
    try:
        return apps.get_model(app, model)
    except (LookupError, ValueError):
        return None


def _row(world: World, model: Any) -> Any:
    if model is type(world.paid):
        return world.evaluated.pk
    if model is Customer:
        return world.people.customer.pk
    if model._meta.model_name == "user":
        return world.people.owner.pk
    if model in (Backtest, BacktestChange, Discrepancy):
        return model.objects.latest("pk").pk
    first = model._default_manager.order_by("pk").first()
    return first.pk if first else 0


def _no_model(route: str) -> int:
    if route.startswith("admin/absence/"):
        return int(Absence.objects.latest("pk").pk)
    return 1


def _table(route: str) -> str:
    listed = (route.split("/") * 3)[2]
    return "readings" if listed == "qualityreading" else f"{listed}s"
