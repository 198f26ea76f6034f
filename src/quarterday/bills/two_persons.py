"""Above the provider's amount one person does not give money up: a credit note, a write-off, a refund takes two.

The verbs themselves ask `refuse_alone`, so that no door can forget it. Who is refused may propose the act to another
person instead (`payments/actions/proposing.py`).
"""

from __future__ import annotations

from decimal import Decimal

from quarterday.engine.money import in_currency
from quarterday.provider.queries import find_provider
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor


class TakesTwo(Refused):
    """The act is in order, and too large for one person; `amount` is what it gives up."""

    def __init__(self, amount: Decimal, limit: int, currency: str) -> None:
        self.amount = amount
        told = in_currency(amount, currency)
        super().__init__("amount", f"{told} {currency} takes two persons, as all above {limit} {currency} does.")


def refuse_alone(amount: Decimal, currency: str, *, before: Decimal, by: Actor, second: Actor | None) -> None:
    """Raise TakesTwo above the provider's amount without a `second` person; Refused when both are the same.

    What was given up `before` of the same bill or payment counts too, so that nobody divides it. The command line is
    one person, as for drafts.
    """
    provider = find_provider()
    limit = None if provider is None else provider.two_persons_above
    if second is not None and second.user_id == by.user_id:
        raise Refused("", "You have proposed this yourself. It takes two persons, so another person has to approve it.")
    if limit is not None and second is None and before + amount > limit:
        raise TakesTwo(amount, limit, currency)
