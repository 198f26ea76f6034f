"""Above the provider's amount one person does not give money up: a credit note, a write-off, a refund takes two, and so
does a period that is never billed, or a bill whose discounts come to so much.

The verbs themselves ask `refuse_alone`, so that no door can forget it. Who is refused may propose the act to another
person instead (`payments/actions/proposing.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from quarterday.bills.content import BillContent, LineContent
from quarterday.engine.money import digits_of, in_currency
from quarterday.engine.tax import percentage
from quarterday.provider.queries import find_provider
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor


class TakesTwo(Refused):
    """The act is in order, and too large for one person; `amount` is what it gives up."""

    def __init__(self, amount: Decimal, limit: int, currency: str) -> None:
        self.amount = amount
        told = in_currency(amount, currency)
        super().__init__("amount", f"{told} {currency} takes two persons, as all above {limit} {currency} does.")


def refuse_alone(
    amount: Decimal, currency: str, *, by: Actor, before: Callable[[], Decimal] = Decimal, second: Actor | None = None
) -> None:
    """Raise TakesTwo above the provider's amount without a `second` person; Refused when both are the same.

    What was given up `before` of the same bill or payment counts too, so that nobody divides it; it is asked only where
    there is an amount. The command line is one person, as for drafts.
    """
    provider = find_provider()
    limit = None if provider is None else provider.two_persons_above
    if second is not None and second.user_id == by.user_id:
        raise Refused("", "You have proposed this yourself. It takes two persons, so another person has to approve it.")
    if limit is not None and second is None and before() + amount > limit:
        raise TakesTwo(amount, limit, currency)


def discounts_of(content: BillContent) -> Decimal:
    """What a bill would come to more, with tax, without its discounts. In its currency."""
    sign = -1 if content.kind == "credit_note" else 1
    return -sign * with_tax(
        (line for line in content.lines if line.adjustment_id is not None and sign * line.net < 0), content.currency
    )


def with_tax(lines: Iterable[LineContent], currency: str) -> Decimal:
    """What some lines of a bill come to, each with its own tax; the bill's tax is that of their sum."""
    digits = digits_of(currency)
    parts = ((line.net, [rate for _, rate in line.tax_components] or [line.tax_rate]) for line in lines)
    return sum((net + sum(percentage(net, rate, digits) for rate in rates) for net, rates in parts), Decimal(0))
