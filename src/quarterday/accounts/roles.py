"""What each role may do. Whose rows it sees is another question: `queries.entrance_of`."""

from __future__ import annotations

from enum import StrEnum

from quarterday.accounts.models import Role


class Ability(StrEnum):
    """What a door asks for before it opens."""

    READ = "read"
    """Look at what the scope contains."""
    BILL = "bill"
    """The run, bills, charges, payments, associations."""
    PLAN = "plan"
    """Service plans and their prices."""
    CUSTOMERS = "customers"
    """Customers and their contacts."""
    INVENTORY = "inventory"
    """Devices, syncs, mappings, exceptions."""
    SETTINGS = "settings"
    """Users, roles, assignments, and the provider's settings."""
    TRAIL = "trail"
    """The audit trail of everybody, and how the installation stands."""


ABILITIES: dict[str, frozenset[Ability]] = {
    Role.ADMIN: frozenset(Ability),
    Role.CLERK: frozenset(Ability) - {Ability.SETTINGS, Ability.TRAIL},
    Role.AUDITOR: frozenset({Ability.READ, Ability.TRAIL}),
    Role.CUSTOMER_ADMIN: frozenset({Ability.READ}),
    Role.CONTACT: frozenset({Ability.READ}),
}

SEES_EVERYTHING = frozenset({Role.ADMIN, Role.CLERK, Role.AUDITOR})
"""The other roles see the customers that are assigned to them."""
