"""A page of the queue: its rows in groups, its views with how many stand in each, and
what it is filtered by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import pgettext

from accounts.models import User
from refunds.admin.owed import OwedList
from refunds.admin.queue_filters import (
    EVERYTHING,
    HOUSE_CURRENCY,
    OfCustomer,
    Over,
    Owner,
    Preset,
    Typed,
    own_query,
)
from refunds.admin.queue_groups import Group, group_of
from refunds.admin.saved_filters import saved_of
from refunds.models import RefundRequest, SavedFilter
from refunds.pages.people import signed_in
from refunds.review.queue import counts
from refunds.states import IN_HAND


@dataclass(frozen=True)
class Row:
    """`takes` where this person may claim it."""

    request: RefundRequest
    takes: bool


@dataclass(frozen=True)
class View:
    """One of the links above the list; `count` is None where nobody counts."""

    label: Any
    address: str
    here: bool
    count: int | None


@dataclass(frozen=True)
class Chip:
    """A chosen filter, and the list without it."""

    title: Any
    value: Any
    without: str


@dataclass(frozen=True)
class TypedField:
    """`names` is what it is suggested from, `currency` what its sum is in, where that
    is not the usual one."""

    name: str
    label: Any
    value: str
    names: str
    wrong: str
    currency: str
    usual_currency = HOUSE_CURRENCY


class QueuePage(OwedList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.user = signed_in(request)

    def asked_along(self, user: User) -> list[QuerySet[SavedFilter]]:
        self.saved = saved_of(user)
        return [self.saved]

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> Any:
        """The bare address is the list as it was filtered last, so all of it has an
        address of its own."""
        found = super().get_query_string(new_params, remove)
        return found if found != "?" else f"?{Preset.parameter_name}={EVERYTHING}"

    clear_address = "?show=all"

    def groups(self) -> list[tuple[Group, list[Row]]]:
        """The rows of the page under how near they are due."""
        at = timezone.now()
        found: list[tuple[Group, list[Row]]] = []
        for request in self.result_list:
            group = group_of(request.due_at, at=at)
            if not found or found[-1][0] != group:
                found.append((group, []))
            found[-1][1].append(Row(request, _takes(self.user, request)))
        return found

    def views(self) -> list[View]:
        """Each without further filters, so that its count is true."""
        spec, counted = self._spec(Preset), counts(self.user)
        chosen = spec.value() or ("" if self.kept() else EVERYTHING)
        return [
            View(
                label,
                f"?{Preset.parameter_name}={name}",
                here=name == chosen,
                count=counted.get(name),
            )
            for name, label in spec.lookup_choices
        ]

    def _spec(self, kind: type[Any]) -> Any:
        return next(spec for spec in self.filter_specs if isinstance(spec, kind))

    def chips(self) -> list[Chip]:
        """What was searched for, and every filter but the view, which shows itself."""
        found = []
        if self.query:
            without = self.get_query_string(remove=["q"])
            found.append(Chip(pgettext("queue", "Search"), self.query, without))
        for spec in self.filter_specs:
            if not isinstance(spec, Preset):
                found += self._chosen(spec)
        return found

    def _chosen(self, spec: Any) -> Iterator[Chip]:
        without = str(self.get_query_string(remove=spec.expected_parameters()))
        for number, choice in enumerate(spec.choices(self)):
            # The first takes the filter off.
            if number and choice["selected"]:
                yield Chip(spec.title, choice["display"], without)

    def chosen_from_few(self) -> list[Any]:
        typed = (Preset, Typed)
        return [spec for spec in self.filter_specs if not isinstance(spec, typed)]

    def typed(self) -> list[TypedField]:
        return [
            self._typed(Over),
            self._typed(Owner, names="people"),
            self._typed(OfCustomer, names="customers"),
        ]

    def _typed(self, kind: type[Typed], *, names: str = "") -> TypedField:
        on = [spec for spec in self.filter_specs if isinstance(spec, kind)]
        return TypedField(
            kind.parameter_name,
            kind.title,
            value=self.params.get(kind.parameter_name, ""),
            names=names,
            wrong=on[0].wrong if on else "",
            currency=self.params.get("currency", ""),
        )

    def others_than_typed(self) -> list[tuple[str, str]]:
        """What stays as it is when something is typed."""
        typed = {field.name for field in self.typed()} | {"currency"}
        return [(name, text) for name, text in self.params.items() if name not in typed]

    def kept(self) -> str:
        """What of this view can be saved under a name."""
        return own_query(self.get_query_string()[1:])


def _takes(user: User, request: RefundRequest) -> bool:
    role = IN_HAND.get(request.state)
    return request.handler_id is None and role is not None and user.has_role(role)
