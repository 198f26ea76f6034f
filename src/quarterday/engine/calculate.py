"""calculate_bill: recorded facts in, one bill out. Nothing else in the house computes what a customer owes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from quarterday.engine.adjustments import DUE, AdjustmentUse, adjust
from quarterday.engine.canonical import canonical_json, digest_of
from quarterday.engine.difference import difference_lines
from quarterday.engine.facts import BillingFacts, PeriodDue, SubscriptionFacts
from quarterday.engine.lines import BillLine, Ground, ground_of, lines_of_first_time
from quarterday.engine.tax import TaxGroup, tax_groups

Outcome = Literal["billed", "empty"]
BillType = Literal["invoice", "credit_note"]


@dataclass(frozen=True)
class BillDraft:
    """A calculated bill, without number and date of issue. Amounts are in `currency`.

    An empty one charges nothing: it is not issued, uses up no adjustment, and settles its periods as empty. A
    `credit_note` is a bill with a total below 0; its amounts are negative here and `corrects` names what it corrects.
    """

    customer_id: str
    currency: str
    billing_on: date
    due_days: int
    outcome: Outcome
    type: BillType
    lines: tuple[BillLine, ...]
    tax: tuple[TaxGroup, ...]
    net: Decimal
    total: Decimal
    adjustments: tuple[AdjustmentUse, ...]
    corrects: tuple[str, ...]

    @property
    def tax_total(self) -> Decimal:
        """All tax groups together."""
        return self.total - self.net

    @cached_property
    def content(self) -> bytes:
        """Everything of the bill as canonical JSON: equal facts give equal bytes, in every process, for ever."""
        return canonical_json(_content(self))

    @property
    def content_digest(self) -> str:
        """The sha256 of the content. A dry run and its run show the same."""
        return digest_of(self.content)


def calculate_bill(facts: BillingFacts) -> BillDraft:
    """One customer's bill of one billing date, in one currency, from recorded facts.

    ValueError, with a message for a person: facts that contradict themselves (a plan without terms on a served day,
    a tax code without a rule, replacements in a circle, an unknown currency). The customer is then parked.
    """
    ground = ground_of(facts)
    charges = [
        line
        for subscription in facts.subscriptions
        for due in subscription.periods
        for line in _period_lines(subscription, due, ground)
    ]
    adjusted = adjust(facts, charges, ground)
    is_empty = not any(line.net for line in charges)
    lines = () if is_empty else (*charges, *adjusted.lines)
    groups = tax_groups(((line.tax, line.net) for line in lines), ground.digits)
    net = sum((line.net for line in lines), Decimal(0))
    total = sum((group.amount for group in groups), net)
    return BillDraft(
        customer_id=facts.customer_id,
        currency=facts.currency,
        billing_on=facts.billing_on,
        due_days=_due_days(facts),
        outcome="empty" if is_empty else "billed",
        type="credit_note" if total < 0 else "invoice",
        lines=lines,
        tax=groups,
        net=net,
        total=total,
        adjustments=adjusted.uses,
        corrects=tuple(dict.fromkeys(bill for line in lines for bill in line.corrects)),
    )


def _period_lines(subscription: SubscriptionFacts, due: PeriodDue, ground: Ground) -> list[BillLine]:
    """What a period adds to the bill: its price when it is due for the first time, a difference ever after."""
    if due.occasion != "first":
        return difference_lines(subscription, due, ground)
    return lines_of_first_time(subscription, due.service_period, ground)


def _due_days(facts: BillingFacts) -> int:
    """The most days to pay that any subscription due grants; a bill of late differences alone takes all it has."""
    due = [
        subscription.due_days
        for subscription in facts.subscriptions
        if any(period.occasion in DUE for period in subscription.periods)
    ]
    return max(due or [subscription.due_days for subscription in facts.subscriptions], default=0)


def _content(draft: BillDraft) -> dict[str, Any]:
    return {
        "customer": draft.customer_id,
        "currency": draft.currency,
        "billing_on": draft.billing_on,
        "due_days": draft.due_days,
        "outcome": draft.outcome,
        "type": draft.type,
        "lines": [_line_content(line) for line in draft.lines],
        "tax": [_group_content(group) for group in draft.tax],
        "net": draft.net,
        "total": draft.total,
        "adjustments": [(use.adjustment_id, use.occurrence, use.rest) for use in draft.adjustments],
        "corrects": draft.corrects,
    }


def _line_content(line: BillLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "text": line.text,
        "net": line.net,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "per": line.per,
        "fraction": line.fraction,
        "subscription": line.subscription_id,
        "class": line.device_class,
        "days": None if line.days is None else (line.days.start, line.days.end),
        "service_period": None
        if line.service_period is None
        else (
            line.service_period.served.start,
            line.service_period.served.end,
            line.service_period.full.start,
            line.service_period.full.end,
        ),
        "tax": None if line.tax is None else (line.tax.code, line.tax.category, line.tax.rate, line.tax.reason),
        "devices": line.devices,
        "adjustment": line.adjustment_id,
        "occurrence": line.occurrence,
        "corrects": line.corrects,
    }


def _group_content(group: TaxGroup) -> dict[str, Any]:
    return {
        "category": group.category,
        "rate": group.rate,
        "base": group.base,
        "amount": group.amount,
        "reason": group.reason,
        "components": [(part.component.name, part.component.rate, part.amount) for part in group.components],
    }
