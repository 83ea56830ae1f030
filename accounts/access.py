"""Who may see which customer. Nothing else decides it."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Contract, Customer, Membership, Payment, Role, Service, User

READS_EVERY_CUSTOMER = (
    Role.FIRST_LINE,
    Role.EVALUATOR,
    Role.APPROVER,
    Role.FINANCE,
    Role.AUDITOR,
)


def customers_of(user: User) -> QuerySet[Customer]:
    """The customers the user acts for on the self-service pages."""
    if not user.is_active:
        return Customer.objects.none()
    return Customer.objects.filter(memberships__user=user)


def customers_seen_by_staff(user: User) -> QuerySet[Customer]:
    """The customers a member of staff may read about in the console."""
    if user.is_active and user.is_superuser:
        return Customer.objects.all()
    if user.roles.intersection(READS_EVERY_CUSTOMER):
        return Customer.objects.all()
    return customers_managed_by(user)


def reads_about(user: User, customer: int) -> bool:
    """Whether that customer, by its key, is one of them; not asked of the database
    where they are all of them."""
    seen = customers_seen_by_staff(user)
    return not seen.query.where or seen.filter(pk=customer).exists()


def customers_managed_by(user: User) -> QuerySet[Customer]:
    """Whom an account manager looks after now, and may file for."""
    if not user.has_role(Role.ACCOUNT_MANAGER):
        return Customer.objects.none()
    return Customer.objects.filter(account_manager=user)


def customers_filed_for(user: User) -> QuerySet[Customer]:
    """On whose services the user may ask for a refund: as a member, or for them."""
    own = Q(pk__in=customers_of(user).values("pk"))
    managed = Q(pk__in=customers_managed_by(user).values("pk"))
    return Customer.objects.filter(own | managed)


def customers_kept_by(user: User) -> QuerySet[Customer]:
    """Whose records a member of staff may open: the administrator keeps them all."""
    if user.is_active and user.has_role(Role.ADMINISTRATOR):
        return Customer.objects.all()
    return customers_seen_by_staff(user)


def of_customers(
    rows: QuerySet[Any], seen: QuerySet[Customer], *, path: str
) -> QuerySet[Any]:
    """The rows of those customers; `path` leads to the customer. Where they are all
    of them nothing is asked, for a list of a million rows would ask it of each."""
    if not seen.query.where:
        return rows
    return rows.filter(**{f"{path}__in": seen})


def contracts_of(user: User) -> QuerySet[Contract]:
    return Contract.objects.filter(customer__in=customers_of(user))


def services_of(user: User) -> QuerySet[Service]:
    return Service.objects.filter(contract__customer__in=customers_of(user))


def payments_of(user: User) -> QuerySet[Payment]:
    return Payment.objects.filter(customer__in=customers_of(user))


def membership_of(user: User, customer: int) -> str | None:
    """The person's role with that customer, by its key; None where they have none."""
    if not user.is_active:
        return None
    rows = Membership.objects.filter(user=user, customer=customer)
    return rows.values_list("role", flat=True).first()
