"""Who is in the demo: three customers, and somebody in every role; how they sign in."""

import hmac
from base64 import b32encode
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import Group

from accounts.models import Customer, Membership, Role, User


@dataclass(frozen=True)
class Person:
    title: str
    email: str
    name: str
    role: Role | None = None
    language: str = "zh-hans"
    leads: bool = False


PEOPLE = (
    Person("customer, owner", "lina@xinghe.example", "李娜"),
    Person("customer, member", "wangfang@xinghe.example", "王芳"),
    Person("another customer", "sam@harbour.example", "Sam Reed", language="en"),
    Person("consumer", "mei@example.example", "林小梅"),
    Person("first-line reviewer", "zhaomin@makegood.example", "赵敏", Role.FIRST_LINE),
    Person("evaluator", "wanglei@makegood.example", "王磊", Role.EVALUATOR),
    Person("evaluator", "liuyang@makegood.example", "刘洋", Role.EVALUATOR),
    Person("approver", "chenjing@makegood.example", "陈静", Role.APPROVER),
    Person("finance", "sunli@makegood.example", "孙丽", Role.FINANCE),
    Person("account manager", "zhoujie@makegood.example", "周杰", Role.ACCOUNT_MANAGER),
    Person("auditor", "audit@makegood.example", "Ana Ruiz", Role.AUDITOR, "en"),
    Person("policy editor", "policy@makegood.example", "林涛", Role.POLICY_EDITOR),
    Person("administrator", "admin@makegood.example", "Max Berg", Role.ADMINISTRATOR),
    Person(
        "lead of all teams",
        "lead@makegood.example",
        "何伟",
        Role.EVALUATOR,
        leads=True,
    ),
)


def user_for(person: Person, password: str, *, hashed: str) -> User:
    """All have the same, so it is `hashed` once."""
    user = User.objects.create(
        email=person.email,
        password=hashed,
        name=person.name,
        language=person.language,
        is_staff=person.role is not None,
    )
    EmailAddress.objects.create(
        user=user, email=user.email, verified=True, primary=True
    )
    if person.role is not None:
        user.groups.add(Group.objects.get(name=person.role.value))
        TOTP.activate(user, _secret(person.email, password))
    return user


def ensure_second_factors(password: str) -> None:
    """Staff of the demo who have none: of a database made earlier, or reset since."""
    staff = [person.email for person in PEOPLE if person.role is not None]
    without = User.objects.filter(email__in=staff, is_staff=True).exclude(
        authenticator__type=Authenticator.Type.TOTP
    )
    for user in without:
        TOTP.activate(user, _secret(user.email, password))


def code_for(email: str, password: str, *, ahead: int = 0) -> str:
    """The six digits of now. Each code works once; those of the step before and of the
    step after are taken as well (`ahead`: -1, 1)."""
    return _digits(_secret(email, password), ahead=ahead)


def code_now(email: str) -> str | None:
    """The six digits by what the database has; None: not of the demo, or no factor."""
    if email not in {person.email for person in PEOPLE}:
        return None
    factor = Authenticator.objects.filter(
        user__email=email, type=Authenticator.Type.TOTP
    ).first()
    return None if factor is None else _digits(decrypt(factor.data["secret"]))


def _digits(secret: str, *, ahead: int = 0) -> str:
    steps = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, steps[len(steps) // 2] + ahead)))


def _secret(email: str, password: str) -> str:
    """The same for everybody who knows the demo's password: no app need be set up."""
    return b32encode(hmac.digest(password.encode(), email.encode(), "sha1")).decode()


def customer(
    name: str,
    account_manager: User | None = None,
    *,
    language: str = "zh-hans",
    kind: str = Customer.Kind.COMPANY,
) -> Customer:
    return Customer.objects.create(
        name=name, account_manager=account_manager, language=language, kind=kind
    )


def join(user: User, customer: Customer, role: str) -> None:
    Membership.objects.create(customer=customer, user=user, role=role)
