"""The stranger walks every address of the project: nothing of another customer's shows
in any answer, and an address without a verdict fails."""

import pytest

from accounts.models import Role, User
from tests.safety.addresses import every_address
from tests.safety.verdicts import (
    EVERYBODY,
    LETTERS,
    LISTS,
    PAGES,
    PRESSED,
    verdict,
)
from tests.safety.walk import Answer, walk
from tests.safety.world import World

SIGN_IN = ("/account/login/", "/admin/login/")
# Their line of work: every customer's tickets, and nothing else.
TICKETS = {Role.SUPPORT_AGENT, Role.EXPERT}


def test_every_address_has_a_verdict() -> None:
    assert not [each for each in every_address() if not verdict(each.name)]


def test_every_verdict_has_an_address() -> None:
    names = {each.name.removeprefix("admin:") for each in every_address()}
    lists = {f"{each}_changelist" for each in LISTS}
    assert not (lists | set(PAGES) | set(PRESSED)) - names


def is_right(answer: Answer, *, signed_in: bool) -> bool:
    """For who is not of the customer, and not of the staff."""
    to_sign_in = answer.headers.get("Location", "").startswith(SIGN_IN)
    match verdict(answer.address.name):
        case "staff" if answer.path in ("/admin/login/", "/admin/logout/"):
            return answer.status in (200, 302, 403, 405)
        case "staff":
            return answer.status == 302 and to_sign_in
        case "theirs" if signed_in:
            return answer.status in (404, 405)
        case "theirs" | "own" if not signed_in:
            return (answer.status == 302 and to_sign_in) or answer.status == 405
        case "machine":
            return answer.status in (400, 401, 405)
        case _:
            return answer.status in (200, 302, 404, 405, 429)


def visitors(world: World) -> dict[str, User | None]:
    return {
        "nobody signed in": None,
        "the stranger": world.people.stranger,
        "no customer's": world.nobody,
        "who left": world.left,
    }


@pytest.mark.parametrize(
    "who", ["nobody signed in", "the stranger", "no customer's", "who left"]
)
def test_a_stranger_finds_nothing_anywhere(world: World, who: str) -> None:
    user = visitors(world)[who]
    wrong, told, seen = [], [], 0
    for answer in walk(world, user, "get", "post"):
        seen += 1
        if not is_right(answer, signed_in=user is not None):
            wrong.append(f"{answer} {answer.headers.get('Location', '')}")
        if found := answer.marks(world):
            told.append(f"{answer}: {sorted(found)}")
    assert seen > 600
    assert not wrong
    assert not told


@pytest.mark.parametrize(
    "who", ["another's manager", Role.SUPPORT_AGENT, Role.EXPERT, Role.POLICY_EDITOR]
)
def test_staff_without_a_part_in_it_find_nothing(world: World, who: str) -> None:
    user = world.only[Role(who)] if who in list(Role) else world.other_manager
    told = []
    methods = ("get", "post") if user == world.other_manager else ("get",)
    for answer in walk(world, user, *methods):
        assert answer.status < 500, f"{answer}"
        tickets = who in TICKETS and "/refunds/ticket/" in answer.path
        if not tickets and (found := answer.marks(world)):
            told.append(f"{answer}: {sorted(found)}")
    assert not told


def test_who_reads_cases_does_see_the_marks(world: World) -> None:
    """So that their absence elsewhere says something."""
    auditor = world.only[Role.AUDITOR]
    names = {f"admin:{each}_changelist" for each in LISTS}
    marked = {
        answer.address.name
        for answer in walk(world, auditor, "get", only=names)
        if answer.marks(world)
    }
    bare = {name.split("_")[1] for name in names - marked}
    assert bare <= {
        "lead",
        "recordsimport",
        "backtest",
        "calendaroverride",
        "discrepancy",
        "merchant",
        "policy",
        "policyversion",
        "reasontag",
        "threshold",
    }


def test_every_page_of_the_console_opens_to_its_roles_alone(world: World) -> None:
    """Pages by GET; doors by who is not turned away."""
    people = {LETTERS[role]: user for role, user in world.only.items()}
    people |= {"R": world.people.superuser, "M": world.people.account_manager}
    pages = {f"admin:{each}_changelist": who for each, who in LISTS.items()}
    pages |= {f"admin:{name}": who for name, who in PAGES.items()}
    doors = {f"admin:{name}": who for name, who in PRESSED.items()}
    opened: dict[str, set[str]] = {name: set() for name in (*pages, *doors)}
    for letter, user in people.items():
        for answer in walk(world, user, "get", only=set(pages)):
            if answer.status in (200, 302):
                opened[answer.address.name].add(letter)
        for answer in walk(world, user, "post", only=set(doors)):
            assert answer.status < 500, f"{answer}"
            if answer.status not in (403, 404):
                opened[answer.address.name].add(letter)
    expected = {name: set(who) for name, who in (pages | doors).items()}
    assert opened == expected
    assert set(EVERYBODY) == set(people)
