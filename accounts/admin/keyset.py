"""Lists that turn their pages by the last row's key: the last page of a million rows
comes as quickly as the first, and nothing is counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.admin.widgets import NamedSplitDateTime

AFTER, BEFORE = "after", "before"
BATCH = 1000


@dataclass(frozen=True)
class Part:
    """Rows in the order of a field that is never empty among them, then of their key;
    "-field" is the other way round, the key with it."""

    by: str = "-pk"
    only: Q = field(default_factory=Q)

    @property
    def downwards(self) -> bool:
        return self.by.startswith("-")

    @property
    def names(self) -> tuple[str, ...]:
        name = self.by.lstrip("-")
        return (name,) if name == "pk" else (name, "pk")

    def ordered(self, rows: QuerySet[Any], *, back: bool) -> QuerySet[Any]:
        sign = "-" if self.downwards != back else ""
        return rows.filter(self.only).order_by(*(sign + name for name in self.names))

    def beyond(
        self, rows: QuerySet[Any], key: list[Any], *, back: bool
    ) -> QuerySet[Any]:
        lookup = TupleLessThan if self.downwards != back else TupleGreaterThan
        columns = tuple(F(name) for name in self.names)
        return rows.filter(lookup(columns, tuple(key)))


class KeysetList(ChangeList):
    """`newer` and `older` are the query strings of the pages beside this one, or ""."""

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        return {k: v for k, v in found.items() if k not in (AFTER, BEFORE)}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> Any:
        """What narrows the list anew shows it from its beginning."""
        return super().get_query_string(new_params, [*(remove or ()), AFTER, BEFORE])

    def get_results(self, request: HttpRequest) -> None:
        for name in (AFTER, BEFORE):
            self.params.pop(name, None)
        owner: Any = self.model_admin
        self.parts: tuple[Part, ...] = owner.parts()
        back = BEFORE in request.GET
        start = request.GET.get(BEFORE if back else AFTER, "")
        found = self._take(start, back=back)
        if back and len(found) <= self.list_per_page:
            start, back = "", False
            found = self._take(start, back=back)
        more = len(found) > self.list_per_page
        found = found[: self.list_per_page]
        if back:
            found.reverse()
        self.result_list: Any = [row for _number, row in found]
        self.result_count = len(found)
        self.full_result_count = None
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.newer = (
            self._page(BEFORE, found[0]) if found and (more if back else start) else ""
        )
        self.older = self._page(AFTER, found[-1]) if found and (more or back) else ""

    def _take(self, start: str, *, back: bool) -> list[tuple[int, Any]]:
        """One more than a page, each row with the number of its part."""
        first, key = self._read(start) if start else (None, [])
        found: list[tuple[int, Any]] = []
        for number, part in self._from(first, back=back):
            rows = part.ordered(self.queryset, back=back)
            if number == first:
                rows = part.beyond(rows, key, back=back)
            left = self.list_per_page + 1 - len(found)
            found += [(number, row) for row in rows[:left]]
            if len(found) > self.list_per_page:
                break
        return found

    def _from(self, first: int | None, *, back: bool) -> Iterator[tuple[int, Part]]:
        every = list(enumerate(self.parts))
        for number, part in reversed(every) if back else every:
            if first is None or (number <= first if back else number >= first):
                yield number, part

    def _read(self, start: str) -> tuple[int, list[Any]]:
        number, *texts = start.split("~")
        try:
            part = dict(enumerate(self.parts))[int(number)]
            fields = [self._field(name) for name in part.names]
            pairs = zip(fields, texts, strict=True)
            return int(number), [_value(each, text) for each, text in pairs]
        except (ValueError, KeyError, ValidationError) as fault:
            raise IncorrectLookupParameters(fault) from fault

    def _field(self, name: str) -> Any:
        options = self.model._meta
        return options.pk if name == "pk" else options.get_field(name)

    def _page(self, which: str, found: tuple[int, Model]) -> str:
        number, row = found
        fields = [self._field(name) for name in self.parts[number].names]
        key = "~".join([str(number), *(each.value_to_string(row) for each in fields)])
        return str(self.get_query_string({which: key}))


def _value(field: Any, text: str) -> Any:
    """Of that field, and such as the database could have in it."""
    value = field.to_python(text)
    field.run_validators(value)
    if "\0" in text:
        raise ValueError(text)
    return _in_utc(value) if isinstance(value, datetime) else value


def _in_utc(value: datetime) -> datetime:
    """PostgreSQL takes no offset of 16 hours or more, nor a year beyond these."""
    if value.tzinfo is None or not 1 < value.year < 9999:
        raise ValueError(value)
    return value.astimezone(UTC)


def in_order(
    rows: QuerySet[Any], parts: Iterable[Part], *, size: int = BATCH
) -> Iterator[list[Any]]:
    """All of them, batch by batch, as the list has them. No transaction is held open:
    a file of a million rows takes its time."""
    for part in parts:
        ordered = part.ordered(rows, back=False)
        batch = list(ordered[:size])
        while batch:
            yield batch
            last = [_key_of(batch[-1], name) for name in part.names]
            batch = list(part.beyond(ordered, last, back=False)[:size])


def _key_of(row: Model, name: str) -> Any:
    return row.pk if name == "pk" else getattr(row, name)


class KeysetAdmin(admin.ModelAdmin):
    """In the order of its first `ordering`, which no column head changes."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-pk",)
    formfield_overrides = {DateTimeField: {"widget": NamedSplitDateTime}}

    def parts(self) -> tuple[Part, ...]:
        return (Part(self.ordering[0]),)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What no list can be narrowed by shows the whole list, and is told."""
        if ERROR_FLAG in request.GET:
            messages.warning(request, _("That list can't be shown. This is all of it."))
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Also what goes out as a file is asked for by this."""
        if any("\0" in text for text in request.GET.values()):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetList
