"""What the queue is narrowed by. Nobody picks from a list of all people or customers:
a name is typed, and suggested."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.access import customers_seen_by_staff
from accounts.minor_units import to_minor
from accounts.models import Customer, User
from refunds.admin.month_filters import MONTH_FILTERS
from refunds.admin.queue_groups import Group, within
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.review.queue import complained_to
from refunds.states import ENDED, UNCLAIMED, State
from refunds.templatetags.makegood import money_code

Rows = QuerySet[RefundRequest]
ME, NOBODY, EVERYTHING = "me", "nobody", "all"
HOUSE_CURRENCY = "CNY"
# As many of one name as a query takes; who types less of it hears of them anyway.
NAMESAKES = 50
LONGEST = 100


class Preset(admin.SimpleListFilter):
    """Links above the list."""

    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("In my hands")),
            ("unclaimed", gettext_lazy("Unclaimed")),
            ("overdue", gettext_lazy("Overdue")),
            ("complained", gettext_lazy("Complained about to me")),
            ("customer", gettext_lazy("Waiting on customers")),
            ("blocked", gettext_lazy("Blocked payouts")),
            ("ended", pgettext_lazy("queue", "Ended")),
            (EVERYTHING, pgettext_lazy("queue", "All")),
        ]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        user = signed_in(request)
        chosen = {
            "mine": Q(handler=user) & ~Q(state__in=ENDED),
            "unclaimed": Q(handler=None, state__in=UNCLAIMED),
            "overdue": Q(due_at__lt=timezone.now()),
            "complained": complained_to(user),
            "customer": Q(
                state__in=(State.AWAITING_INFORMATION, State.OFFERED, State.REJECTED)
            ),
            "blocked": Q(state=State.PAYOUT_BLOCKED),
            "ended": Q(state__in=ENDED),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


class Sent(admin.ChoicesFieldListFilter):
    """Every state but the draft's: nobody but who writes it sees a draft."""

    def choices(self, changelist: Any) -> Any:
        drafted = State.DRAFT.label
        every = super().choices(changelist)
        return (each for each in every if each["display"] != drafted)


class Due(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(group.value, group.label) for group in Group]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        group = self.value() or ""
        if group not in Group.values:
            return queryset
        return queryset.filter(within(Group(group), at=timezone.now()))


class Typed(admin.SimpleListFilter):
    """What is typed into its field; among the chosen filters it says what that was.
    `wrong` is said at the field."""

    parameter_name: str
    wrong = ""

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, Any]] | None:
        typed = self.typed()
        return [(typed, self.in_words(request, typed))] if typed else None

    def typed(self) -> str:
        return str(self.value() or "").strip()[:LONGEST]

    def in_words(self, request: HttpRequest, typed: str) -> Any:
        return typed


class Over(Typed):
    """A sum in the currency beside it."""

    title = gettext_lazy("At least")
    parameter_name = "over"

    def in_words(self, request: HttpRequest, typed: str) -> Any:
        currency = currency_of(request)
        try:
            return money_code(_least(typed, currency=currency), currency)
        except ValueError:
            return f"{currency} {typed}"

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if not self.typed():
            return queryset
        currency = currency_of(request)
        try:
            least = _least(self.typed(), currency=currency)
        except ValueError:
            words = _("“%(text)s” is no sum in %(currency)s.")
            self.wrong = words % {"text": self.typed(), "currency": currency}
            return queryset.none()
        return queryset.filter(currency=currency, amount_asked__gte=least)


def _least(typed: str, *, currency: str) -> int:
    return to_minor(typed.replace(",", ""), currency=currency)


def currency_of(request: HttpRequest) -> str:
    return request.GET.get("currency") or HOUSE_CURRENCY


class Owner(Typed):
    title = gettext_lazy("In hand")
    parameter_name = "owner"

    def in_words(self, request: HttpRequest, typed: str) -> Any:
        known = {ME: gettext_lazy("my hands"), NOBODY: gettext_lazy("nobody's hands")}
        return known.get(typed, typed)

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        typed = self.typed()
        if typed == ME:
            return queryset.filter(handler=signed_in(request))
        if typed == NOBODY:
            return queryset.filter(handler=None)
        if not typed:
            return queryset
        return queryset.filter(handler__in=_keys(staff_called(typed)))


class OfCustomer(Typed):
    title = gettext_lazy("Customer")
    parameter_name = "customer"

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if not self.typed():
            return queryset
        found = customers_called(self.typed(), seen_by=signed_in(request))
        return queryset.filter(customer__in=_keys(found))


def _keys(found: QuerySet[Any]) -> list[int]:
    return list(found.values_list("pk", flat=True)[:NAMESAKES])


def staff_called(name: str) -> QuerySet[User]:
    """By a part of their name or address."""
    like = Q(name__icontains=name) | Q(email__icontains=name)
    return User.objects.filter(like, is_staff=True).order_by("name", "email")


def customers_called(name: str, *, seen_by: User) -> QuerySet[Customer]:
    """By a part of their name, those of exactly this name before all others."""
    seen = customers_seen_by_staff(seen_by)
    exactly = seen.filter(name=name)
    found = exactly if exactly.exists() else seen.filter(name__icontains=name)
    return found.order_by("name", "pk")


FILTERS = (
    Preset,
    ("state", Sent),
    "contract__product_line",
    "ground",
    Due,
    Owner,
    OfCustomer,
    Over,
    *MONTH_FILTERS,
)
OWN = {
    "q",
    "state__exact",
    "contract__product_line__exact",
    "ground__exact",
    *(each.parameter_name for each in (Preset, Due, Owner, OfCustomer, Over)),
    *(each.parameter_name for each in MONTH_FILTERS),
}
MOST = 500


def own_query(asked: str | QueryDict) -> str:
    """What of a query string filters the queue, in one order; nothing else is kept."""
    given = QueryDict(asked) if isinstance(asked, str) else asked
    kept = QueryDict(mutable=True)
    for name in sorted(OWN):
        value = given.get(name, "").strip()
        if value and (name, value) != (Preset.parameter_name, EVERYTHING):
            kept[name] = value[:LONGEST]
    written = kept.urlencode()
    return written if len(written) <= MOST else ""
