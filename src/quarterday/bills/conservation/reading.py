"""What conservation reads, one query each: prices, claims and lines, what is agreed; and the ledger, counted by the
database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from quarterday.bills.collect import CustomerCase
from quarterday.bills.reading import subscription_cases
from quarterday.bills.reading.rows import rows_of
from quarterday.customers.queries import customers_with_zones
from quarterday.engine.facts import PlanVersion
from quarterday.engine.periods import Period
from quarterday.engine.presence import merge
from quarterday.inventory.queries import Exempt
from quarterday.plans.models import PlanVersion as PlanVersionRow
from quarterday.plans.terms import version_terms
from quarterday.shared.asking import Asking, question
from quarterday.subscriptions.models import Subscription
from quarterday.subscriptions.queries import PausedDays


@dataclass(frozen=True, slots=True)
class Claim:
    """A live claim, and whether its bill is issued."""

    period: Period
    part: str
    outcome: str
    is_issued: bool


@dataclass(frozen=True, slots=True)
class PriceLists:
    """Plan versions by plan, and by (class, currency) the unit price in the plan that most customers have of those
    that price the class.
    """

    versions: Mapping[int, Sequence[PlanVersion]]
    usual: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is settled of subscriptions: their claims, and by (subscription, class) the days on which a line of an
    issued bill names a device.
    """

    claims: Mapping[int, Sequence[Claim]]
    evidence: Mapping[tuple[int, str], Mapping[str, tuple[Period, ...]]]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What takes devices off the charge: exceptions and replacements by customer, pauses by subscription."""

    exceptions: Mapping[int, Sequence[Exempt]]
    pauses: Mapping[int, Sequence[PausedDays]]
    replaced_by: Mapping[int, Mapping[str, str]]


def cases_of(customer_ids: Sequence[int] | None) -> dict[int, CustomerCase]:
    """Customer id -> the customer, its time zones and its subscriptions, by name; None: all in scope. Two queries."""
    cases = {customer.pk: CustomerCase(customer, zones, []) for customer, zones in customers_with_zones(customer_ids)}
    for subscription in subscription_cases(list(cases), latest=None):
        cases[subscription.customer_id].subscriptions.append(subscription)
    return cases


@question
def price_lists(plan_ids: Collection[int]) -> Asking[PriceLists]:
    """The versions of some plans, and what is usual among all customers in scope; one query."""
    having = Subscription.objects.filter(plan=OuterRef("plan"), ends_on=None)
    customer_count = having.order_by().values("plan").annotate(count=Count("pk")).values("count")
    rows = yield (
        PlanVersionRow.objects.filter(Q(plan__in=plan_ids) | Exists(having), withdrawn_at=None)
        .annotate(currency=F("plan__currency"), customer_count=Coalesce(Subquery(customer_count), 0))
        .order_by("effective_on")
    )
    versions: dict[int, list[PlanVersion]] = defaultdict(list)
    had: dict[int, tuple[int, str]] = {}
    for row in rows:
        versions[row.plan_id].append(version_terms(row))
        had[row.plan_id] = (row.customer_count, row.currency)
    usual: dict[tuple[str, str], Decimal] = {}
    for plan_id, (count, currency) in sorted(had.items(), key=lambda plan: (-plan[1][0], plan[0])):
        for device_class, price in versions[plan_id][-1].prices.items() if count else ():
            first = price.unit_price if price.tiers is None else price.tiers.steps[0].unit_price
            if first is not None:
                usual.setdefault((device_class, currency), first)
    return PriceLists(versions, usual)


def settled_in(subscription_ids: Sequence[int], month: Period) -> Settled:
    """The live claims that touch the month, and the devices that the issued lines name; one query."""
    rows = rows_of(
        """
        SELECT c.subscription_id, lower(c.period), upper(c.period), c.part, c.outcome, i.bill_id IS NOT NULL, NULL, NULL
        FROM bills_periodclaim c LEFT JOIN bills_billissue i ON i.bill_id = c.bill_id
        WHERE c.subscription_id = ANY (%(ids)s) AND c.released_at IS NULL
          AND c.period && daterange(%(start)s, %(end)s)
        UNION ALL
        SELECT l.subscription_id, l.start_on, l.end_on, NULL, NULL, true, l.device_class, l.device_ids
        FROM bills_billline l JOIN bills_billissue i ON i.bill_id = l.bill_id
        WHERE l.subscription_id = ANY (%(ids)s) AND l.device_ids IS NOT NULL AND l.corrects_line_id IS NULL
          AND l.start_on < %(end)s AND l.end_on > %(start)s
        ORDER BY 1, 2, 3
        """,
        {"ids": list(subscription_ids), "start": month.start, "end": month.end},
    )
    claims: dict[int, list[Claim]] = defaultdict(list)
    evidence: dict[tuple[int, str], dict[str, tuple[Period, ...]]] = defaultdict(dict)
    for subscription_id, start, end, part, outcome, issued, device_class, devices in rows:
        if devices is None:
            claims[subscription_id].append(Claim(Period(start, end), part, outcome, issued))
            continue
        named, line = evidence[subscription_id, device_class], (Period(start, end),)
        for device in map(str, devices):
            named[device] = merge((*named[device], *line)) if device in named else line
    return Settled(claims, evidence)


def agreed_in(customer_ids: Sequence[int], month: Period) -> Agreed:
    """The exceptions and pauses in force that touch the month, and all confirmed replacements; one query."""
    rows = rows_of(
        """
        SELECT customer_id, device_id, lower(valid), upper(valid), reason, agreed_by, NULL::bigint, NULL::bigint
        FROM inventory_billingexception
        WHERE customer_id = ANY (%(ids)s) AND withdrawn_at IS NULL AND valid && daterange(%(start)s, %(end)s)
        UNION ALL
        SELECT customer_id, device_id, lower(valid), upper(valid), NULL, NULL, subscription_id, NULL
        FROM subscriptions_pause
        WHERE customer_id = ANY (%(ids)s) AND withdrawn_at IS NULL AND valid && daterange(%(start)s, %(end)s)
        UNION ALL
        SELECT customer_id, old_device_id, NULL, NULL, NULL, NULL, NULL, new_device_id
        FROM inventory_replacement WHERE customer_id = ANY (%(ids)s) AND state = 'confirmed'
        ORDER BY 1, 2, 3
        """,
        {"ids": list(customer_ids), "start": month.start, "end": month.end},
    )
    exceptions: dict[int, list[Exempt]] = defaultdict(list)
    pauses: dict[int, list[PausedDays]] = defaultdict(list)
    replaced_by: dict[int, dict[str, str]] = defaultdict(dict)
    for customer_id, device_id, start, end, reason, agreed_by, subscription_id, new_device_id in rows:
        if new_device_id is not None:
            replaced_by[customer_id][str(device_id)] = str(new_device_id)
        elif subscription_id is not None:
            pauses[subscription_id].append(PausedDays(customer_id, subscription_id, device_id, start, end))
        else:
            exceptions[customer_id].append(Exempt(customer_id, device_id, start, end, reason, agreed_by))
    return Agreed(exceptions, pauses, replaced_by)


def ledger_days(customer_ids: Sequence[int], month: Period) -> dict[int, dict[str, int]]:
    """Customer -> class -> device-days of the month, counted by the database alone."""
    rows = rows_of(
        """
        SELECT p.customer_id, p.device_class, sum(upper(p.valid * m.days) - lower(p.valid * m.days))
        FROM inventory_presence p, daterange(%s, %s) AS m (days)
        WHERE p.customer_id = ANY (%s) AND upper_inf(p.recorded) AND NOT isempty(p.valid * m.days)
        GROUP BY 1, 2
        """,
        [month.start, month.end, list(customer_ids)],
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for customer_id, device_class, days in rows:
        found[customer_id][device_class] = int(days)
    return found
