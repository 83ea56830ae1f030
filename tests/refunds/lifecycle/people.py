"""The people who try: what they count as in the table, how they stand to the case, and
what the records say of each."""

from dataclasses import dataclass

from accounts.models import Role

# What a person counts as. The roles by their own names, and:
OWNER = "owner of the customer"
MEMBER = "member of the customer"
WHO_FILED = "member who filed it"
ACCOUNT_MANAGER = "account manager of the customer"
STAFF = "active staff"
LEAD = "lead of the role"
SUPERIOR = "superior of who has it"
SYSTEM = "nobody: it happens by itself"
FIRST_LINE, EVALUATOR, APPROVER = Role.FIRST_LINE, Role.EVALUATOR, Role.APPROVER
FINANCE, SUPPORT_AGENT = Role.FINANCE, Role.SUPPORT_AGENT
EVERY_ROLE = frozenset(Role) - {Role.ACCOUNT_MANAGER}  # It manages a customer as well.

# How a person stands to the case, which shuts what the roles would open.
OWN_CUSTOMER = "belongs to the customer"
FILED = "filed it on the customer's behalf"
PROPOSED = "made the proposal"
ACTED = "had a hand in it before"


@dataclass(frozen=True)
class Person:
    """`counts_as` and `stands` are what the table goes by; the rest is what the records
    say. `deeds` are done as the case comes to its stage, whoever they are by then."""

    counts_as: frozenset[str] = frozenset()
    stands: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    membership: str = ""
    of_another_customer: bool = False
    manages: str = ""
    leads: frozenset[Role] = frozenset()
    deputy_of_leads: bool = False
    superior: bool = False
    superuser: bool = False
    staff: bool = True
    active: bool = True
    deeds: frozenset[str] = frozenset()


def _staff(*roles: Role, superuser: bool = False) -> Person:
    counts_as = frozenset({STAFF, *roles})
    return Person(counts_as, roles=frozenset(roles), superuser=superuser)


def _all(
    *stands: str, counts_as: frozenset[str] = frozenset(), membership: str = ""
) -> Person:
    """Every role at once and a superuser: only how they stand to the case can stop."""
    deeds = frozenset(stands) - {OWN_CUSTOMER}
    return Person(
        counts_as=frozenset({STAFF, *EVERY_ROLE}) | counts_as,
        stands=frozenset(stands),
        roles=frozenset(Role),
        superuser=True,
        deeds=deeds,
        membership=membership,
    )


_ON_LEAVE = frozenset(Role)
PEOPLE: dict[str, Person] = {
    # The customer's side
    "the owner": Person(frozenset({OWNER}), membership="owner", staff=False),
    "a member": Person(frozenset({MEMBER}), membership="member", staff=False),
    "the member who filed it": Person(
        frozenset({MEMBER, WHO_FILED}),
        membership="member",
        staff=False,
        deeds=frozenset({FILED}),
    ),
    "an owner who left": Person(membership="owner", staff=False, active=False),
    "the member who filed it and left": Person(
        membership="member", staff=False, active=False, deeds=frozenset({FILED})
    ),
    "who filed it and belongs to the customer no more": Person(
        staff=False, deeds=frozenset({FILED})
    ),
    "another customer's owner": Person(of_another_customer=True, staff=False),
    # One role each
    **{f"only {role.value}": _staff(role) for role in Role},
    "the customer's account manager": Person(
        frozenset({STAFF, ACCOUNT_MANAGER}),
        roles=frozenset({Role.ACCOUNT_MANAGER}),
        manages="the customer",
    ),
    "another customer's account manager": Person(
        frozenset({STAFF}),
        roles=frozenset({Role.ACCOUNT_MANAGER}),
        manages="another customer",
    ),
    "an account manager who left": Person(
        roles=frozenset({Role.ACCOUNT_MANAGER}), manages="the customer", active=False
    ),
    "an account manager who lost the role": Person(
        frozenset({STAFF}), manages="the customer"
    ),
    "a superuser without a role": _staff(superuser=True),
    # All roles at once, and what still stops them
    "everything at once": _all(),
    "everything, and proposed it": _all(PROPOSED, ACTED),
    "everything, and checked it first": _all(ACTED),
    "everything, and filed it": _all(FILED),
    "everything, and a member of the customer": _all(
        OWN_CUSTOMER, counts_as=frozenset({MEMBER}), membership="member"
    ),
    "everything, and an owner of the customer": _all(
        OWN_CUSTOMER, counts_as=frozenset({OWNER}), membership="owner"
    ),
    "everything, who left": Person(
        roles=frozenset(Role), superuser=True, active=False, leads=_ON_LEAVE
    ),
    "everything, who is no staff any more": Person(
        roles=frozenset(Role), superuser=True, staff=False, leads=_ON_LEAVE
    ),
    "everything, who left, and proposed it": Person(
        roles=frozenset(Role), superuser=True, active=False, deeds=frozenset({PROPOSED})
    ),
    # Who leads, who is above
    "the lead": Person(frozenset({STAFF, LEAD}), leads=frozenset(Role)),
    "the absent lead's deputy": Person(frozenset({STAFF, LEAD}), deputy_of_leads=True),
    "the lead of another role": Person(
        frozenset({STAFF}), leads=frozenset({Role.FINANCE, Role.APPROVER})
    ),
    "the lead, a member of the customer": Person(
        frozenset({STAFF, LEAD, MEMBER}),
        frozenset({OWN_CUSTOMER}),
        leads=frozenset(Role),
        membership="member",
    ),
    "the lead, who filed it": Person(
        frozenset({STAFF, LEAD}),
        frozenset({FILED}),
        leads=frozenset(Role),
        deeds=frozenset({FILED}),
    ),
    "the superior": Person(frozenset({STAFF, SUPERIOR}), superior=True),
    "the superior, a member of the customer": Person(
        frozenset({STAFF, SUPERIOR, MEMBER}),
        frozenset({OWN_CUSTOMER}),
        superior=True,
        membership="member",
    ),
}
