"""Lists turn pages by the last row's key: no row is lost, none stands there twice."""

from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q
from django.test import RequestFactory

from accounts.admin.keyset import KeysetAdmin, Part, in_order
from accounts.models import Customer, User
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database_rules]
COMPANIES, PEOPLE = Q(kind="company"), Q(kind="individual")


class TwoParts(KeysetAdmin):
    """Companies by name, which many share; then people, the newest first."""

    def parts(self) -> tuple[Part, ...]:
        return Part("name", COMPANIES), Part("-pk", PEOPLE)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True


@pytest.fixture
def reader() -> User:
    found: User = UserFactory.create(is_staff=True, is_superuser=True)
    return found


def page(reader: User, address: str, *, size: int) -> Any:
    kind: Any = type("Sized", (TwoParts,), {"list_per_page": size})
    owner = kind(Customer, admin.site)
    request = RequestFactory().get(f"/{address}")
    request.user = reader
    return owner.get_changelist_instance(request)


def add(random: Random, count: int) -> None:
    Customer.objects.bulk_create(
        Customer(
            name=random.choice(["Ant", "Bee", "中"]),
            kind=random.choice(["company", "individual"]),
        )
        for _number in range(count)
    )


def in_the_lists_order() -> list[int]:
    companies = Customer.objects.filter(COMPANIES).order_by("name", "pk")
    people = Customer.objects.filter(PEOPLE).order_by("-pk")
    return [row.pk for row in [*companies, *people]]


def forwards(reader: User, *, size: int) -> list[Any]:
    pages = [page(reader, "", size=size)]
    while pages[-1].older:
        pages.append(page(reader, pages[-1].older, size=size))
    return pages


def keys(pages: list[Any]) -> list[int]:
    return [row.pk for each in pages for row in each.result_list]


@pytest.mark.parametrize("seed", range(12))
def test_there_and_back_every_row_stands_there_once(reader: User, seed: int) -> None:
    random = Random(seed)
    add(random, random.randrange(30))
    for size in (1, 2, 3, 7, 50):
        pages = forwards(reader, size=size)
        assert keys(pages) == in_the_lists_order()
        assert not pages[0].newer
        back = [pages[-1]]
        while back[-1].newer:
            back.append(page(reader, back[-1].newer, size=size))
        assert keys(back[::-1])[: size or None] == in_the_lists_order()[:size]
        assert set(keys(back)) == set(in_the_lists_order())


@pytest.mark.parametrize("seed", range(6))
def test_what_comes_in_between_hides_no_row_and_shows_none_twice(
    reader: User, seed: int
) -> None:
    random = Random(seed)
    add(random, 20)
    before = set(in_the_lists_order())
    seen, address = [], ""
    while True:
        found = page(reader, address, size=3)
        seen += [row.pk for row in found.result_list]
        if not found.older:
            break
        address = found.older
        add(random, 2)
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.parametrize("seed", range(4))
def test_a_file_has_them_in_the_same_order(reader: User, seed: int) -> None:
    add(Random(seed), 25)
    parts = TwoParts(Customer, admin.site).parts()
    batches = in_order(Customer.objects.all(), parts, size=4)
    assert [row.pk for batch in batches for row in batch] == in_the_lists_order()


@pytest.mark.parametrize(
    "start",
    ["x", "9~1", "0~Ant", "0~Ant~x", "1~99999999999999999999", "-3~1", "0~A\0~1", "~"],
)
def test_a_page_that_nobody_gave_out_is_refused(reader: User, start: str) -> None:
    for which in ("after", "before"):
        with pytest.raises(IncorrectLookupParameters):
            page(reader, f"?{urlencode({which: start})}", size=3)


def test_what_narrows_the_list_anew_begins_at_its_beginning(reader: User) -> None:
    add(Random(1), 9)
    second = page(reader, forwards(reader, size=3)[0].older, size=3)
    assert "after" not in second.get_query_string({"q": "Ant"})
    assert "after" not in second.params
