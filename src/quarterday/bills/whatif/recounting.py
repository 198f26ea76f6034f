"""Any past period counted again: as known now or on a day, by its plan's counting rule or another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from quarterday.bills.reading import BilledPeriod, billed_nets
from quarterday.bills.whatif.past import count_again, past_of, periods_within
from quarterday.customers.models import Customer
from quarterday.engine.counting import Rule
from quarterday.engine.lines import BillLine
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period


@dataclass(frozen=True, slots=True)
class Recount:
    """A past period of a subscription, counted again: its lines and net, beside what issued bills charged for it.

    `counting` is the rule that was used, `plan_counting` the plan's own. `billed` is net and includes true-ups,
    catch-ups and credits; None if no issued bill charges the period.
    """

    subscription_id: int
    plan: str
    currency: str
    served: Period
    counting: Rule
    plan_counting: Rule
    lines: tuple[BillLine, ...]
    device_names: dict[str, str]
    net: Decimal
    billed: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """How much more it is than what was billed."""
        return None if self.billed is None else self.net - self.billed


def recount(
    customer: Customer, days: Period, *, known_at: datetime | None = None, counting: Rule | None = None
) -> list[Recount]:
    """The periods of a customer that touch the days and are over by their end, oldest first; nine queries.

    Devices, exceptions, pauses and replacements are those known at an instant, or now. A ValueError says what
    contradicts itself.
    """
    past = past_of([customer], days, known_at=known_at)
    case = past.cases[customer.pk]
    asked = [(each, period) for each in case.subscriptions for period in periods_within(each, days)]
    names = {device: name for fleet in case.fleets for device, name in zip(fleet.device_ids, fleet.names, strict=True)}
    billed = billed_nets([BilledPeriod(each.id, period.full) for each, period in asked])
    found = []
    for subscription, period in asked:
        digits = digits_of(subscription.currency)
        draft = count_again(case, subscription, period, past.lists, counting=counting)
        net = billed.get(BilledPeriod(subscription.id, period.full))
        found.append(
            Recount(
                subscription_id=subscription.id,
                plan=subscription.plan,
                currency=subscription.currency,
                served=period.served,
                counting=counting or subscription.counting,
                plan_counting=subscription.counting,
                lines=draft.lines,
                device_names=names,
                net=round_half_up(draft.net, digits),
                billed=None if net is None else round_half_up(net, digits),
            )
        )
    return sorted(found, key=lambda each: (each.served.start, each.plan))
