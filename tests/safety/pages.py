"""Every page as somebody reads it: who opens which, and what stands on it."""

from collections.abc import Iterator

from accounts.models import Role, User
from tests.refunds.pages.visits import visitor
from tests.safety.addresses import every_address, names_of
from tests.safety.verdicts import verdict
from tests.safety.walk import Answer, knock
from tests.safety.world import World


def readers(world: World) -> dict[str, User]:
    return {
        "theirs": world.people.owner,
        "own": world.people.owner,
        "cases": world.people.evaluator,
        "superuser": world.people.superuser,
        "finance": world.only[Role.FINANCE],
        "administrator": world.only[Role.ADMINISTRATOR],
        "editor": world.only[Role.POLICY_EDITOR],
    }


def every_page(world: World, language: str) -> Iterator[Answer]:
    """Each page, by whoever opens it; GET."""
    people = {who: visitor(user) for who, user in readers(world).items()}
    nobody = visitor(None)
    for address in every_address():
        kind = verdict(address.name)
        ways = {
            "public": [nobody],
            "secret": [nobody],
            "machine": [],
            "own": [people["own"]],
            "theirs": [people["theirs"]],
        }
        clients = ways.get(kind, [people[who] for who in _staff(address.name)])
        for values in names_of(world, address):
            for client in clients:
                given = {"headers": {"accept-language": language}}
                path = address.filled(**values)
                answer = knock(client, address, path, "get", **given)
                if answer.status != 405:
                    yield answer


def _staff(name: str) -> list[str]:
    if "policy" in name or "backtest" in name:
        return ["editor"]
    if name.endswith(("_add", "_import", "self_check")) or "recordsimport" in name:
        return ["administrator"]
    if any(part in name for part in ("finance", "stops", "batch", "bring", "record")):
        return ["finance"]
    if "refundrequest" in name or name == "admin:index":
        return ["cases", "superuser"]
    return ["superuser"]
