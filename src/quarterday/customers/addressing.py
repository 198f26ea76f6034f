"""Whose postal address a bill would lack. An invoice names that of the seller and of the buyer.

Both are asked for by, among others, article 226 (5) of the European VAT directive 2006/112/EC. What went out without
them is mended by more paper only, so whoever associates or bills is told before. The figures are right all the same:
nothing is held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from quarterday.customers.models import Customer
from quarterday.provider.models import Provider
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import Asking, beside, question


@dataclass(frozen=True, slots=True)
class MissingAddresses:
    """Whether ours is missing, and the names of the customers whose is, in the order of their names."""

    is_ours: bool
    customers: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether any is missing."""
        return self.is_ours or bool(self.customers)

    @property
    def first_customers(self) -> tuple[str, ...]:
        """As many names as a person reads."""
        return self.customers[:5]

    @property
    def more_count(self) -> int:
        """How many customers are not among the first."""
        return len(self.customers) - len(self.first_customers)


def missing_addresses(provider: Provider | None, customers: Iterable[Customer]) -> MissingAddresses:
    """Look at what is loaded already: an address is there when it has street and city."""
    return MissingAddresses(
        provider is not None and not _has_address(provider),
        tuple(sorted(customer.name for customer in customers if not _has_address(customer))),
    )


@question
def addresses_missing_for(customer_ids: Collection[int]) -> Asking[MissingAddresses]:
    """The same for some customers by id, in one round trip."""
    wanted = set(customer_ids)
    provider, without = yield from beside(find_provider.asked(), _without_address.asked())
    return missing_addresses(provider, (customer for customer in without if customer.pk in wanted))


@question
def _without_address() -> Asking[list[Customer]]:
    # Not those asked for, of whom a run may have 100,000: who has no address is few, or will be.
    rows = yield Customer.objects.filter(Q(street="") | Q(city="")).only("name", "street", "city")
    return list(rows)


def _has_address(party: Provider | Customer) -> bool:
    return bool(party.street and party.city)
