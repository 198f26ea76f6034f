"""Tables -> cases: what is due, then everything that the bills can depend on, in one round trip each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from quarterday.bills import reading
from quarterday.bills.collect.cases import BUYER_FIELDS, SELLER_FIELDS, CustomerCase, Desk, days_seen
from quarterday.bills.content import Party
from quarterday.bills.due import Claimed, Due, SubscriptionCase, due_of, grouped, missed_periods
from quarterday.bills.reading import BilledPeriod
from quarterday.customers.models import Customer
from quarterday.customers.queries import customers_with_zones
from quarterday.engine.facts import DeviceException
from quarterday.engine.periods import OPEN_END, Period
from quarterday.inventory.queries import exceptions, replacements
from quarterday.plans.queries import terms_of_plans
from quarterday.provider.models import Provider
from quarterday.provider.queries import load_tax_table, revenue_accounts
from quarterday.shared.asking import Asking, beside, question, together
from quarterday.subscriptions.queries import heirs, own_terms_for, pauses


def open_cases(
    customer_ids: Sequence[int], *, at: datetime, provider: Provider, confirmed: bool = False
) -> dict[int, CustomerCase]:
    """Some customers' cases, with what is due at an instant; one round trip.

    A subscription with more missed periods than the provider allows is left to a person, unless `confirmed`.
    """
    customers, subscriptions = together(
        customers_with_zones.asked(customer_ids),
        reading.subscription_cases.asked(customer_ids, latest=provider.late_periods_limit + 1),
    )
    by_id = sorted(customers, key=lambda known: known[0].pk)
    cases = {customer.pk: CustomerCase(customer, zones, []) for customer, zones in by_id}
    for subscription in subscriptions:
        cases[subscription.customer_id].subscriptions.append(subscription)
    for case in cases.values():
        try:
            _find_due(case, at, provider, confirmed)
        except ValueError as error:
            case.trouble = error
    return cases


def collect(cases: Mapping[int, CustomerCase], provider: Provider, *, instead_of: int | None = None) -> Desk:
    """Fill the customers' cases with everything their bills can depend on; one round trip.

    What a draft (by id) charged that is made anew is left out: another takes its place (`instead_of`).
    """
    ids = list(cases)
    subscriptions = [subscription for case in cases.values() for subscription in case.subscriptions]
    known_at, _, adjustments, billed, last, feeds, taxes, accounts, versions, overrides = together(
        # First: nothing that is learned later is in what we read.
        reading.ledger_stamp.asked(),
        collect_devices.asked(cases, _windows(cases)),
        reading.adjustment_cases.asked(ids),
        reading.billed_parts.asked(_corrected_periods(cases), instead_of=instead_of),
        reading.last_times.asked(_last_claims(subscriptions)),
        reading.oldest_feeds.asked(ids),
        load_tax_table.asked(),
        revenue_accounts.asked(),
        terms_of_plans.asked({subscription.plan_id for subscription in subscriptions}),
        own_terms_for.asked([subscription.id for subscription in subscriptions]),
    )
    heir_of = heirs({subscription.id: subscription.continues_id for subscription in subscriptions})
    for adjustment in adjustments:
        if adjustment.subscription_id is not None:
            adjustment.subscription_id = heir_of.get(adjustment.subscription_id, adjustment.subscription_id)
        cases[adjustment.customer_id].adjustments.append(adjustment)
    owners = {subscription.id: cases[subscription.customer_id] for subscription in subscriptions}
    for period, parts in billed.items():
        owners[period.subscription_id].billed[period] = parts
    for subscription_id, time in last.items():
        owners[subscription_id].last_times[subscription_id] = time
    for key, case in cases.items():
        case.oldest_feed = feeds.get(key)
        case.buyer = _copied(case.customer, BUYER_FIELDS)
    return Desk(
        provider=provider,
        seller=_copied(provider, SELLER_FIELDS),
        taxes=taxes,
        accounts=accounts,
        versions=versions,
        overrides=overrides,
        known_at=known_at,
    )


@question
def collect_devices(
    cases: Mapping[int, CustomerCase], windows: Mapping[int, Period], *, known_at: datetime | None = None
) -> Asking[None]:
    """Fill the cases with the devices of each customer's window: who was there, who is not charged, who replaced whom.

    As known at an instant, or now; one round trip.
    """
    ids = list(cases)
    fleets, exempted, paused, succeeded = yield from beside(
        reading.fleets.asked(windows, known_at=known_at),
        exceptions.asked(ids, known_at=known_at),
        pauses.asked(ids, known_at=known_at),
        replacements.asked(ids, known_at=known_at),
    )
    for fleet in fleets:
        cases[fleet.customer_id].fleets.append(fleet)
    for exempt in exempted:
        days = Period(exempt.start, exempt.end or OPEN_END)
        cases[exempt.customer_id].exceptions.append(DeviceException(str(exempt.device_id), days))
    for pause in paused:
        days = Period(pause.start, pause.end or OPEN_END)
        of_subscription = cases[pause.customer_id].paused.setdefault(pause.subscription_id, [])
        of_subscription.append(DeviceException(str(pause.device_id), days))
    for succession in succeeded:
        old, new = str(succession.old_device_id), str(succession.new_device_id)
        cases[succession.customer_id].replaced_by[old] = new


def _find_due(case: CustomerCase, at: datetime, provider: Provider, confirmed: bool) -> None:
    dues: list[Due] = []
    for subscription in case.subscriptions:
        found = due_of(subscription, at=at, hour=provider.bill_hour, zone_on=case.zones.on)
        missed = missed_periods(found)
        if missed > provider.missed_periods_limit and not confirmed:
            case.waiting[subscription.id] = (
                f"{missed} periods of {subscription.plan} were missed, more than {provider.missed_periods_limit}:"
                " look at them and confirm."
            )
        else:
            dues += found
    case.groups = grouped(dues)


def _last_claims(subscriptions: Iterable[SubscriptionCase]) -> dict[int, Claimed]:
    """The newest billed period of each subscription."""
    return {
        subscription.id: claim
        for subscription in subscriptions
        for claim in reversed(subscription.latest)
        if claim.part == "period" and claim.outcome == "billed"
    }


def _windows(cases: Mapping[int, CustomerCase]) -> dict[int, Period]:
    windows = {key: days_seen(case.dues) for key, case in cases.items()}
    return {key: days for key, days in windows.items() if days is not None}


def _corrected_periods(cases: Mapping[int, CustomerCase]) -> list[BilledPeriod]:
    return [
        BilledPeriod(due.subscription.id, due.full)
        for case in cases.values()
        for due in case.dues
        if due.occasion != "first"
    ]


def _copied(party: Provider | Customer, fields: Iterable[str]) -> Party:
    """What the paper says of a party; what is empty is left out."""
    return Party.of({name: value for name in fields if (value := getattr(party, name))})
