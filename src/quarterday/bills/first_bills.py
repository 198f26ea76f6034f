"""What an association would bring, before it is agreed: each customer's first two bills, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from quarterday.bills.estimate import open_bills, undone
from quarterday.customers.models import Customer
from quarterday.provider.models import Provider
from quarterday.subscriptions.actions import Proposal
from quarterday.subscriptions.models import Subscription
from quarterday.subscriptions.schedule import PlannedBill


@dataclass(frozen=True, slots=True)
class FirstBill:
    """One of the first two bills: its days, dates, and what the new plan adds to it, net."""

    planned: PlannedBill
    net: Decimal
    is_due: bool


@dataclass(frozen=True, slots=True)
class FirstBillsRow:
    """What one customer would get, or why it cannot have the plan. Without bills it is only counted."""

    proposal: Proposal
    bills: tuple[FirstBill, ...]


@dataclass(frozen=True, slots=True)
class FirstBills:
    """The first two bills of each customer, and what they come to in all.

    `trouble` says why a customer (by id) could not be billed, in words.
    """

    rows: list[FirstBillsRow]
    trouble: Mapping[int, str]

    @property
    def good_count(self) -> int:
        """How many customers can have the plan."""
        return sum(not row.proposal.problems for row in self.rows)

    @property
    def bad_count(self) -> int:
        """How many customers are left out."""
        return len(self.rows) - self.good_count

    @property
    def shown(self) -> list[FirstBillsRow]:
        """The rows with bills to show, or with problems."""
        return [row for row in self.rows if row.bills or row.proposal.problems]

    @property
    def unshown_count(self) -> int:
        """How many customers are only counted."""
        return len(self.rows) - len(self.shown)

    @property
    def sums(self) -> list[Decimal]:
        """What the plan comes to on the first and on the second bills, net."""
        return [
            sum((row.bills[place].net for row in self.rows if len(row.bills) > place), Decimal(0)) for place in (0, 1)
        ]


def first_bills(
    proposals: Sequence[Proposal],
    associate: Callable[[list[Customer]], Iterable[Subscription]],
    *,
    at: datetime,
    limit: int | None = None,
    provider: Provider | None = None,
) -> FirstBills:
    """Associate those who can have the plan, draft their bills as the run would, and take it back.

    `limit` is for how many customers bills are drafted. What associating refuses is refused here.
    """
    good = [proposal.customer for proposal in proposals if not proposal.problems][:limit]
    nets: dict[tuple[int, date], Decimal] = {}
    trouble: Mapping[int, str] = {}
    if good:
        with undone():
            made = list(associate(good))
            outlook = open_bills(made, at=at, provider=provider)
        trouble = outlook.troubles
        own = {subscription.pk for subscription in made}
        for bill in outlook.bills:
            for key in own & set(bill.shares):
                nets[bill.customer.pk, bill.billing_on] = bill.shares[key].net
    drafted = {customer.pk for customer in good}
    return FirstBills(
        [_row(proposal, nets, is_drafted=proposal.customer.pk in drafted) for proposal in proposals], trouble
    )


def _row(proposal: Proposal, nets: Mapping[tuple[int, date], Decimal], *, is_drafted: bool) -> FirstBillsRow:
    if not is_drafted:
        return FirstBillsRow(proposal, ())
    return FirstBillsRow(
        proposal,
        tuple(
            FirstBill(
                planned,
                # A bill of nothing is not made.
                nets.get((proposal.customer.pk, planned.billing_on), Decimal(0)),
                is_due=planned.billing_on <= proposal.today,
            )
            for planned in proposal.bills
        ),
    )
