"""Who is in the demo: three customers, and somebody in every role."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
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


def user_for(person: Person, password: str) -> User:
    user = User.objects.create_user(
        person.email,
        password,
        name=person.name,
        language=person.language,
        is_staff=person.role is not None,
    )
    EmailAddress.objects.create(
        user=user, email=user.email, verified=True, primary=True
    )
    if person.role is not None:
        user.groups.add(Group.objects.get(name=person.role.value))
    return user


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
