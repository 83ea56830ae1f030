"""The stranger walks every address of the project: nothing of another customer's shows
in any answer, and an address without a verdict fails."""

from collections.abc import Callable

import pytest

from accounts.models import Role, User
from refunds.models import PayoutStop, RefundRequest
from tests.refunds.pages.visits import visitor
from tests.safety.addresses import Address, every_address
from tests.safety.verdicts import (
    EVERYBODY,
    LETTERS,
    LISTS,
    PAGES,
    PRESSED,
    opened_by,
    verdict,
)
from tests.safety.walk import Answer, walk
from tests.safety.world import World

SIGN_IN = ("/account/login/", "/admin/login/")
# Their line of work: every customer's tickets, and nothing else.
TICKETS = {Role.SUPPORT_AGENT, Role.EXPERT}
# Lists of the house's own, where no customer stands; what is imported is seen by who
# imported it.
NOBODYS = {
    "backtest",
    "calendaroverride",
    "cannedreply",
    "lead",
    "merchant",
    "policy",
    "policyversion",
    "reasontag",
    "recordsimport",
    "threshold",
}
Where = Callable[[Address], bool]


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


def names_something(address: Address) -> bool:
    """Or lists what belongs to somebody."""
    listed = address.name.endswith("_changelist") or verdict(address.name) == "own"
    return listed or bool(address.holes)


def of_customers(address: Address) -> bool:
    return verdict(address.name) in ("own", "theirs")


def everywhere(_address: Address) -> bool:
    return True


@pytest.mark.parametrize(
    ("who", "where", "ways", "least"),
    [
        ("nobody signed in", everywhere, 1, 400),
        ("the stranger", everywhere, None, 450),
        ("no customer's", of_customers, 1, 60),
        ("who left", of_customers, 1, 60),
    ],
)
def test_a_stranger_finds_nothing_anywhere(
    world: World, who: str, where: Where, ways: int | None, least: int
) -> None:
    user = {
        "nobody signed in": None,
        "the stranger": world.people.stranger,
        "no customer's": world.nobody,
        "who left": world.left,
    }[who]
    wrong, told, seen = [], [], 0
    for answer in walk(world, user, "get", "post", only=where, ways=ways):
        seen += 1
        if not is_right(answer, signed_in=user is not None):
            wrong.append(f"{answer} {answer.headers.get('Location', '')}")
        if found := answer.marks(world):
            told.append(f"{answer}: {sorted(found)}")
    assert seen > least
    assert not wrong
    assert not told


@pytest.mark.parametrize(
    "who", ["another's manager", Role.SUPPORT_AGENT, Role.EXPERT, Role.POLICY_EDITOR]
)
def finds(world: World, user: User, *methods: str, only: Where) -> list[str]:
    """Where somebody without a part in it reads what is the customer's."""
    told = []
    for answer in walk(world, user, *methods, only=only, ways=1):
        assert answer.status < 500, f"{answer}"
        if found := answer.marks(world):
            told.append(f"{answer}: {sorted(found)}")
    return told


def test_another_customers_manager_finds_nothing(world: World) -> None:
    user = world.other_manager
    assert not finds(world, user, "get", "post", only=names_something)


@pytest.mark.parametrize("role", [Role.SUPPORT_AGENT, Role.EXPERT, Role.POLICY_EDITOR])
def test_who_reads_no_case_finds_nothing(world: World, role: Role) -> None:
    """Wherever the table below lets them in, and on the stock forms."""
    letter, open_to = LETTERS[role], opened_by()

    def may_open(address: Address) -> bool:
        tickets = role in TICKETS and "/refunds/ticket/" in address.route
        closed = letter not in open_to.get(address.name, letter)
        return names_something(address) and not (tickets or closed)

    assert not finds(world, world.only[role], "get", only=may_open)


def test_who_reads_cases_does_see_the_marks(world: World) -> None:
    """So that their absence elsewhere says something."""
    auditor = world.only[Role.AUDITOR]
    names = {f"admin:{each}_changelist" for each in LISTS}
    marked = {
        answer.address.name
        for answer in walk(world, auditor, "get", only=lambda a: a.name in names)
        if answer.marks(world)
    }
    assert {name.split("_")[1] for name in names - marked} == NOBODYS


def test_every_page_of_the_console_opens_to_its_roles_alone(world: World) -> None:
    """Pages by GET; doors by who is not turned away."""
    people = {LETTERS[role]: user for role, user in world.only.items()}
    people |= {"R": world.people.superuser, "M": world.people.account_manager}
    expected = opened_by()
    pressed = {f"admin:{name}" for name in PRESSED}
    pages = set(expected) - pressed
    opened = dict.fromkeys(expected, "")
    for letter, user in people.items():
        for answer in walk(world, user, "get", only=lambda a: a.name in pages):
            if answer.status in (200, 302):
                opened[answer.address.name] += letter
        for answer in walk(world, user, "post", only=lambda a: a.name in pressed):
            assert answer.status < 500, f"{answer}"
            if answer.status not in (403, 404):
                opened[answer.address.name] += letter
    assert set(EVERYBODY) == set(people)
    other = {
        name: f"{''.join(sorted(opened[name]))}, not {''.join(sorted(who))}"
        for name, who in expected.items()
        if set(opened[name]) != set(who)
    }
    assert not other


def test_a_door_that_answers_everybody_does_nothing_for_most(world: World) -> None:
    """It leads back and says why."""
    client = visitor(world.only[Role.SUPPORT_AGENT])
    stopped = PayoutStop.objects.get()
    client.post(f"/admin/stops/{stopped.pk}/go-on/")
    client.post("/admin/refunds/refundrequest/next/")
    stopped.refresh_from_db()
    assert stopped.resumed_at is None
    assert not RefundRequest.objects.filter(
        handler=world.only[Role.SUPPORT_AGENT]
    ).exists()
