"""Who acts, and whose rows they may see. Values only: no user table stands below this file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scope:
    """The customers whose rows an act may see: everything, or a named few (perhaps none)."""

    everything: bool = False
    customer_ids: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def all(cls) -> Scope:
        """Every customer: the provider's own people, commands and the worker."""
        return cls(everything=True)

    @classmethod
    def of(cls, *customer_ids: int) -> Scope:
        """These customers and no others; none if none is named."""
        return cls(customer_ids=frozenset(customer_ids))

    def contains(self, customer_id: int) -> bool:
        """Whether rows of this customer may be seen."""
        return self.everything or customer_id in self.customer_ids


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, for the audit trail: a person, a command, or the worker itself; and from where."""

    kind: str
    name: str
    user_id: int | None = None
    address: str = ""
    request_id: str = ""

    def __str__(self) -> str:
        return self.name


WORKER = Actor("system", "worker")
COMMAND_LINE = Actor("command", "command line")
