"""Other records that a row names, found in bulk: one query per batch and link.

Where two records share a name, the number that the export writes beside it decides.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Contract, Customer, Service, User
from accounts.resources.rows import Row


class Link(ABC):
    """`column` names the record; `find` gives it, None where it may be empty and is,
    or raises a ValidationError by column. `kept`: the record itself points there.
    `rests_on`: the column of another link, without which this one is not asked."""

    def __init__(
        self,
        attribute: str,
        *,
        column: str,
        needed: bool = True,
        kept: bool = True,
        rests_on: str = "",
    ) -> None:
        self.attribute = attribute
        self.column = column
        self.needed = needed
        self.kept = kept
        self.rests_on = rests_on
        self.known: dict[Hashable, list[Any]] = {}

    def load(self, rows: Iterable[Row]) -> None:
        wanted = {self.key(row) for row in rows if row.text(self.column)}
        wanted -= self.known.keys()
        if not wanted:
            return
        found = defaultdict(list)
        for record in self.query(wanted):
            found[self.key_of(record)].append(record)
        self.known |= {key: found[key] for key in wanted}

    def find(self, row: Row) -> Model | None:
        if not row.text(self.column):
            if self.needed:
                raise self.wrong(_("This cell is empty, but it is needed."))
            return None
        found: list[Model] = self.narrowed(self.known[self.key(row)], row)
        if not found:
            raise self.wrong(self.unknown(row))
        if len(found) > 1:
            raise self.wrong(
                _("Several records are called “%(name)s”. Write the number too.")
                % {"name": row.text(self.column)[:40]}
            )
        return found[0]

    def wrong(self, reason: str, *, column: str = "") -> ValidationError:
        return ValidationError({column or self.column: reason})

    def key(self, row: Row) -> Hashable:
        return row.text(self.column)

    @abstractmethod
    def key_of(self, record: Any) -> Hashable: ...

    @abstractmethod
    def query(self, keys: Iterable[Any]) -> QuerySet[Any]: ...

    def narrowed(self, found: list[Any], row: Row) -> list[Any]:
        return found

    @abstractmethod
    def unknown(self, row: Row) -> str: ...


def numbered(found: list[Any], text: str) -> list[Any]:
    """Those with this number of ours; all of them where none is written."""
    return [each for each in found if str(each.pk) == text] if text else found


class ContractLink(Link):
    def __init__(self, *, needed: bool = True, kept: bool = True) -> None:
        super().__init__("contract", column="contract", needed=needed, kept=kept)

    def key_of(self, record: Contract) -> str:
        return record.number

    def query(self, keys: Iterable[str]) -> QuerySet[Contract]:
        return Contract.objects.filter(number__in=keys)

    def unknown(self, row: Row) -> str:
        return _("There is no contract “%(number)s”.") % {
            "number": row.text(self.column)[:40]
        }


class CustomerLink(Link):
    def __init__(self, *, needed: bool = True) -> None:
        super().__init__("customer", column="customer", needed=needed)

    def key_of(self, record: Customer) -> str:
        return record.name

    def query(self, keys: Iterable[str]) -> QuerySet[Customer]:
        return Customer.objects.filter(name__in=keys)

    def narrowed(self, found: list[Customer], row: Row) -> list[Customer]:
        return numbered(found, row.text("customer_number"))

    def unknown(self, row: Row) -> str:
        return _("There is no customer “%(name)s”, or not with this number.") % {
            "name": row.text(self.column)[:40]
        }


class ServiceLink(Link):
    """A service of the contract that the row names."""

    def __init__(
        self,
        attribute: str = "service",
        *,
        column: str = "service",
        contract: str = "contract",
        number: str = "service_number",
        needed: bool = True,
    ) -> None:
        super().__init__(attribute, column=column, needed=needed, rests_on=contract)
        self.contract = contract
        self.number = number

    def key(self, row: Row) -> tuple[str, str]:
        return row.text(self.contract), row.text(self.column)

    def key_of(self, record: Service) -> tuple[str, str]:
        return record.contract.number, record.name

    def query(self, keys: Iterable[tuple[str, str]]) -> QuerySet[Service]:
        contracts, names = zip(*keys, strict=True)
        return Service.objects.filter(
            contract__number__in=set(contracts), name__in=set(names)
        ).select_related("contract")

    def narrowed(self, found: list[Service], row: Row) -> list[Service]:
        return numbered(found, row.text(self.number))

    def unknown(self, row: Row) -> str:
        return _("The contract “%(number)s” has no service “%(name)s”.") % {
            "number": row.text(self.contract)[:40],
            "name": row.text(self.column)[:40],
        }


class StaffLink(Link):
    """A member of staff, by email."""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute, column=attribute, needed=False)

    def key(self, row: Row) -> str:
        return row.text(self.column).lower()

    def key_of(self, record: User) -> str:
        return record.email.lower()

    def query(self, keys: Iterable[str]) -> QuerySet[User]:
        return User.objects.filter(email__in=keys, is_staff=True)

    def unknown(self, row: Row) -> str:
        return _("No member of staff has the email “%(email)s”.") % {
            "email": row.text(self.column)[:80]
        }
