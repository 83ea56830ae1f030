"""What a list of records is found by. A million rows are not searched for a word: the
few customers or contracts of that name are found first, then what belongs to them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.models import Contract, Customer

# Whoever is looked for is among so many, or the word says too little.
MOST = 500


def customers_named(text: str) -> list[int]:
    return _keys(Customer.objects.filter(name__icontains=text))


def contracts_numbered(text: str) -> list[int]:
    return _keys(Contract.objects.filter(number__startswith=text))


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True)[:MOST])


class UpToMost(Paginator):
    """Of a choice that is typed for: nobody turns pages further than this."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST].count())


class FoundFirst(admin.ModelAdmin):
    """The first way that finds anything answers; the quick ones are tried first."""

    paginator = UpToMost
    # Says that there is a search at all.
    search_fields = ("pk",)

    def ways(self, text: str) -> Iterator[Q]:
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        for way in self.ways(text):
            found = queryset.filter(way)
            if found.exists():
                return found, False
        return queryset.none(), False
