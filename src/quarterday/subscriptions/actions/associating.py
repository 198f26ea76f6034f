"""Associate one plan with many customers in one act, all or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quarterday.customers.models import Customer
from quarterday.customers.queries import tax_place
from quarterday.engine import facts
from quarterday.engine.periods import MONTHLY, Cycle, local_date
from quarterday.outbox.queries import mail_is_ready
from quarterday.plans.models import Plan
from quarterday.plans.queries import terms_of_plans
from quarterday.provider import checks
from quarterday.provider.tax import TaxTable, TaxUndecided, load_tax_table
from quarterday.shared.asking import Asking, beside, question
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import entry
from quarterday.subscriptions.actions.agreeing import drafted_terms
from quarterday.subscriptions.models import Subscription, SubscriptionTerms
from quarterday.subscriptions.schedule import PlannedBill, planned_bills, start_of_cycle

ARRANGEMENT: dict[str, checks.Check] = {
    "due_days": checks.whole_number(0, 365),
    "offset_days": checks.whole_number(-366, 366),
    "billing_day": checks.optional(checks.whole_number(1, 31)),
    "bill_separately": checks.yes_or_no,
    "review_first_bill": checks.yes_or_no,
    "po_number": checks.text(60),
}
"""What is agreed besides plan, dates and cycle, and how it is checked."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What associating would give one customer: the subscription (not saved), its first bills, and what forbids it."""

    customer: Customer
    subscription: Subscription
    today: date
    bills: tuple[PlannedBill, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a proposal depends on besides what is proposed; `others` have the same plan, by customer."""

    mail_is_set: bool
    terms: tuple[facts.PlanVersion, ...]
    taxes: TaxTable
    others: Mapping[int, list[Subscription]]


@question
def known_for(plan: Plan, customers: list[Customer], *, besides: Subscription | None) -> Asking[Known]:
    """Read it for one plan and some customers; `besides` is the subscription that another takes the place of."""
    mail_is_set, versions, taxes, others = yield from beside(
        mail_is_ready.asked(),
        terms_of_plans.asked([plan.pk]),
        load_tax_table.asked(),
        _same_plan.asked(plan, customers, besides=besides),
    )
    return Known(mail_is_set, versions[plan.pk], taxes, others)


def propose(
    plan: Plan,
    customers: Iterable[Customer],
    *,
    starts_on: date,
    now: datetime,
    billed_from: date | None = None,
    cycle: Cycle = MONTHLY,
    emails: Mapping[int, Iterable[str]] | None = None,
    continues: Subscription | None = None,
    known: Known | None = None,
    **arrangement: Any,
) -> list[Proposal]:
    """What `associate` would do with the same arguments, and the first two bills of each customer; changes nothing.

    Refused for what is wrong whoever the customer is; what is wrong for one customer stands in its proposal. Who has
    asked beforehand what a proposal depends on gives it (`known`).
    """
    chosen = list({customer.pk: customer for customer in customers}.values())
    known = known or known_for(plan, chosen, besides=continues)
    given = checks.checked(
        {"starts_on": starts_on, "billed_from": billed_from, **arrangement},
        {**ARRANGEMENT, "starts_on": checks.checked_day, "billed_from": checks.optional(checks.checked_day)},
        more=_wrong_for_all(plan, starts_on, billed_from, cycle, arrangement.get("billing_day"), known.mail_is_set),
    )
    if not chosen:
        raise Refused("customers", "are missing: choose at least one.")
    proposals = []
    for customer in chosen:
        today = local_date(now, customer.time_zone)
        begins = given["billed_from"] or start_of_cycle(starts_on, cycle, today, given.get("billing_day"))
        problems = _wrong_for(customer, plan, starts_on, begins, known)
        addresses, wrong_addresses = _addresses(customer, emails)
        subscription = Subscription(
            customer=customer,
            plan=plan,
            cycle_every=cycle.every,
            cycle_unit=cycle.unit,
            emails=addresses,
            created_at=now,
            continues=continues,
            **{**given, "billed_from": begins},
        )
        bills = tuple(planned_bills(subscription, today=today))
        proposals.append(Proposal(customer, subscription, today, bills, (*problems, *wrong_addresses)))
    return proposals


def associate(
    plan: Plan,
    customers: Iterable[Customer],
    *,
    starts_on: date,
    by: Actor,
    now: datetime,
    billed_from: date | None = None,
    cycle: Cycle = MONTHLY,
    emails: Mapping[int, Iterable[str]] | None = None,
    prices: Mapping[str, Any] | None = None,
    flat_fee: Decimal | str | None = None,
    **arrangement: Any,
) -> list[Subscription]:
    """Associate a plan with customers; all or none. Refused names each customer that cannot have it, and the cure.

    `starts_on` anchors the cycle; charging begins on `billed_from`, by default at the start of the cycle that contains
    the customer's today. `emails` are by customer id, by default the customer's own. `prices` and `flat_fee` are the
    customers' own, in the form of plans/terms.py. The arrangement may say due_days, offset_days, billing_day,
    bill_separately, review_first_bill and po_number.
    """
    chosen = _locked(customers)
    proposals = propose(
        plan,
        chosen,
        starts_on=starts_on,
        now=now,
        billed_from=billed_from,
        cycle=cycle,
        emails=emails,
        **arrangement,
    )
    problems = [problem for proposal in proposals for problem in proposal.problems]
    if problems:
        raise Refused(problems=problems)
    return save_subscriptions([proposal.subscription for proposal in proposals], prices, flat_fee, by=by, now=now)


def save_subscriptions(
    subscriptions: list[Subscription],
    prices: Mapping[str, Any] | None,
    flat_fee: Decimal | str | None,
    *,
    by: Actor,
    now: datetime,
    told: Sequence[AuditEntry] = (),
) -> list[Subscription]:
    """Save proposed subscriptions of one plan with the prices agreed for them, and tell the trail, after `told`."""
    saved = Subscription.objects.bulk_create(subscriptions)
    if prices or flat_fee is not None:
        versions = terms_of_plans([saved[0].plan_id])[saved[0].plan_id]
        SubscriptionTerms.objects.bulk_create(
            drafted_terms(
                subscription,
                versions,
                (),
                effective_on=subscription.billed_from,
                prices=prices or {},
                flat_fee=flat_fee,
                note="agreed at the start",
                now=now,
            )
            for subscription in saved
        )
    entries = [entry(by, "associated", each, at=now, details=_told(each, prices)) for each in saved]
    AuditEntry.objects.bulk_create([*told, *entries])
    return saved


def _locked(customers: Iterable[Customer]) -> list[Customer]:
    """The customers as they are now; nobody else can associate, archive or change them until this act is done."""
    wanted = [customer.pk for customer in customers]
    rows = Customer.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    found = {customer.pk: customer for customer in rows}
    return [found[pk] for pk in wanted if pk in found]


def _wrong_for_all(
    plan: Plan, starts_on: date, billed_from: date | None, cycle: Cycle, billing_day: Any, mail_is_set: bool
) -> list[Problem]:
    problems = []
    if not mail_is_set:
        problems.append(
            Problem(
                "mail",
                "No test mail has gone out with the mail server's settings, so bills could not reach anybody: set it up"
                " with `quarterday mail configure` and `quarterday mail test` first.",
            )
        )
    if plan.archived_on is not None:
        problems.append(Problem("plan", f"{plan} is archived since {plan.archived_on}: restore it, or choose another."))
    if cycle.unit == "week" and billing_day is not None:
        problems.append(Problem("billing_day", "cannot be set for a weekly cycle: the start date sets the weekday."))
    if cycle.every > 120:
        problems.append(Problem("cycle", f"of {cycle.every} {cycle.unit}s is too long: use at most 120."))
    if billed_from is not None and billed_from < starts_on:
        problems.append(Problem("billed_from", f"{billed_from} is before the start: use {starts_on} or later."))
    return problems


def _wrong_for(
    customer: Customer,
    plan: Plan,
    starts_on: date,
    begins: date,
    known: Known,
) -> list[Problem]:
    who = f"customer {customer.number}"
    problems = []
    if customer.archived_on is not None:
        problems.append(Problem(who, f"{customer} is archived: restore it first."))
    if customer.currency != plan.currency:
        problems.append(
            Problem(
                who,
                f"{customer} is billed in {customer.currency}, and {plan} charges {plan.currency}: choose a plan in"
                f" {customer.currency}.",
            )
        )
    first = min(version.effective_on for version in known.terms)
    if begins < first:
        problems.append(
            Problem(who, f"{customer} would be billed from {begins}, and {plan} has prices from {first} on: bill from"
                    f" {first} or later.")
        )  # fmt: skip
    for other in known.others.get(customer.pk, []):
        if other.ends_on is None or other.ends_on > starts_on:
            until = f"to {other.ends_on}" if other.ends_on else "without an end"
            problems.append(
                Problem(who, f"{customer} has {plan} already, from {other.starts_on} {until}: end that first.")
            )
    for code in sorted({code for version in known.terms for code in _tax_codes(version)}):
        try:
            known.taxes.treatment(code, tax_place(customer), max(begins, first))
        except TaxUndecided as undecided:
            problems += [Problem(who, problem.message) for problem in undecided.problems]
    return problems


def _tax_codes(version: facts.PlanVersion) -> set[str]:
    codes = {price.tax_code for price in version.prices.values()}
    if version.flat_fee.amount:
        codes.add(version.flat_fee.tax_code)
    return {code for code in codes if code is not None}


@question
def _same_plan(
    plan: Plan, customers: list[Customer], *, besides: Subscription | None
) -> Asking[dict[int, list[Subscription]]]:
    rows = yield Subscription.objects.filter(plan=plan, customer__in=customers)
    found: dict[int, list[Subscription]] = {}
    for subscription in rows:
        if besides is not None and subscription.pk == besides.pk:
            continue
        found.setdefault(subscription.customer_id, []).append(subscription)
    return found


def _addresses(customer: Customer, given: Mapping[int, Iterable[str]] | None) -> tuple[list[str], list[Problem]]:
    who = f"customer {customer.number}"
    wanted = customer.emails if given is None or customer.pk not in given else given[customer.pk]
    try:
        addresses = checks.checked_emails(wanted)
    except ValueError as error:
        return [], [Problem(who, str(error))]
    if not addresses:
        return [], [Problem(who, f"{customer} has no e-mail address for its bills: give one.")]
    return addresses, []


def _told(subscription: Subscription, prices: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {
        "plan": str(subscription.plan),
        "starts_on": str(subscription.starts_on),
        "billed_from": str(subscription.billed_from),
        "cycle": f"{subscription.cycle_every} {subscription.cycle_unit}",
        "due_days": subscription.due_days,
        "emails": subscription.emails,
    }
    if subscription.continues_id is not None:
        told["continues"] = subscription.continues_id
    return told | ({"own_prices": dict(prices)} if prices else {})
