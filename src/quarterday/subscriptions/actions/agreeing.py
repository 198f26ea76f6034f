"""Prices agreed with one customer, in dated versions of its own; a yearly uplift writes such a version."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quarterday.engine import facts
from quarterday.plans.queries import terms_of_plans
from quarterday.plans.terms import KnownWords, checked_fee, checked_prices, known_words
from quarterday.provider import checks
from quarterday.shared.asking import rows, together
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import entry, record
from quarterday.subscriptions.locking import locked, who
from quarterday.subscriptions.models import Subscription, SubscriptionTerms
from quarterday.subscriptions.queries import own_terms_for
from quarterday.subscriptions.terms import in_force, uplifted, uplifted_amount, with_plan_tax_codes


def agree_terms(
    subscription: Subscription,
    *,
    effective_on: date,
    settled_until: date | None,
    by: Actor,
    now: datetime,
    prices: Mapping[str, Any] | None = None,
    flat_fee: Decimal | str | None = None,
    applies: str = "on_day",
    note: str = "",
) -> SubscriptionTerms:
    """Agree prices (by class) and a flat fee (None: the plan's) with this customer, from a day on.

    They replace the plan's for the classes they name, until later ones name the same class again. `settled_until` is
    the first day that no bill of this subscription has settled (ask bills).
    """
    locked([subscription])
    plans, own, taken, words = _known_of([subscription])
    terms = drafted_terms(
        subscription,
        plans[subscription.plan_id],
        own.get(subscription.pk, ()),
        effective_on=effective_on,
        prices=prices or {},
        flat_fee=flat_fee,
        applies=applies,
        note=note,
        now=now,
        words=words,
    )
    _refuse_days([terms], {subscription.pk: settled_until}, taken)
    terms.save()
    record(by, "agreed prices for", subscription, at=now, details=_told(terms))
    return terms


def uplift(
    subscriptions: Iterable[Subscription],
    *,
    percent: Decimal,
    effective_on: date,
    settled_until: Mapping[int, date | None],
    by: Actor,
    now: datetime,
    applies: str = "on_day",
    note: str = "",
) -> list[SubscriptionTerms]:
    """Raise (or lower) the prices in force on a day by a percentage, as own terms of each subscription; all or none.

    30.00 and 3 percent are 30.90; each price keeps its decimals and at least the currency's. Minimum, included units
    and tier bounds stay. `settled_until` is by subscription id (ask bills).
    """
    if not -100 < percent <= 100 or not percent:
        raise Refused("percent", f"{percent} is out of bounds: give more than -100 and at most 100, and not 0.")
    chosen = locked(subscriptions)
    plans, own, taken, words = _known_of(chosen)
    written = []
    for subscription in chosen:
        before = own.get(subscription.pk, ())
        prices, fee = in_force(plans[subscription.plan_id], before, effective_on)
        currency = subscription.plan.currency
        written.append(
            drafted_terms(
                subscription,
                plans[subscription.plan_id],
                before,
                effective_on=effective_on,
                prices={name: uplifted(price, percent, currency) for name, price in prices.items()},
                flat_fee=uplifted_amount(fee.amount, percent, currency) if fee.amount else None,
                applies=applies,
                note=note or f"{percent:+f} %",
                now=now,
                words=words,
            )
        )
    _refuse_days(written, settled_until, taken)
    saved = SubscriptionTerms.objects.bulk_create(written)
    AuditEntry.objects.bulk_create(
        entry(by, "agreed prices for", terms.subscription, at=now, details={**_told(terms), "percent": str(percent)})
        for terms in saved
    )
    return saved


def withdraw_terms(terms: SubscriptionTerms, *, is_used: bool, by: Actor, now: datetime) -> None:
    """Take back agreed prices that have charged nothing. `is_used` says whether a bill used them (ask bills)."""
    if is_used:
        raise Refused("effective_on", f"{terms.effective_on} is on a bill already: agree prices that replace them.")
    if not SubscriptionTerms.objects.filter(pk=terms.pk, withdrawn_at=None).update(withdrawn_at=now):
        raise Refused("effective_on", f"{terms.effective_on} was withdrawn before.")
    terms.withdrawn_at = now
    record(by, "withdrew prices of", terms.subscription, at=now, details=_told(terms))


def drafted_terms(
    subscription: Subscription,
    versions: Sequence[facts.PlanVersion],
    own: Sequence[facts.PriceOverride],
    *,
    effective_on: date,
    prices: Mapping[str, Any],
    flat_fee: Decimal | str | None,
    now: datetime,
    applies: str = "on_day",
    note: str = "",
    words: KnownWords | None = None,
) -> SubscriptionTerms:
    """Own terms that are checked and not saved; a price without a tax code keeps that of the price it replaces."""
    kept = checks.checked(
        {"effective_on": effective_on, "applies": applies, "note": note},
        {
            "effective_on": checks.checked_day,
            "applies": checks.one_of(["on_day", "next_period"]),
            "note": checks.text(300),
        },
    )
    current, fee = in_force(versions, own, effective_on)
    stored = checked_prices(with_plan_tax_codes(prices, current), words or known_words())
    if not stored and flat_fee is None:
        raise Refused("prices", "are missing: give a price for at least one class, or a flat fee.")
    return SubscriptionTerms(
        customer_id=subscription.customer_id,
        subscription=subscription,
        prices=stored,
        flat_fee=None if flat_fee is None else checked_fee(flat_fee),
        flat_fee_tax_code=fee.tax_code or "standard",
        created_at=now,
        **kept,
    )


def _known_of(subscriptions: Sequence[Subscription]) -> tuple[Any, ...]:
    """What new terms depend on: plan versions, own terms, (subscription, day) of these, words that are known."""
    ids = [subscription.pk for subscription in subscriptions]
    in_force_now = SubscriptionTerms.objects.filter(subscription__in=ids, withdrawn_at=None)
    return together(
        terms_of_plans.asked({subscription.plan_id for subscription in subscriptions}),
        own_terms_for.asked(ids),
        rows.asked(in_force_now.values_list("subscription", "effective_on")),
        known_words.asked(),
    )


def _refuse_days(
    drafts: Iterable[SubscriptionTerms],
    settled_until: Mapping[int, date | None],
    taken: Container[tuple[int, date]],
) -> None:
    """Days before the start, after the end, settled by a bill, or that have own terms already (`taken`)."""
    problems = []
    for terms in drafts:
        subscription = terms.subscription
        whose = who(subscription)
        settled = settled_until.get(subscription.pk)
        if terms.effective_on < subscription.starts_on:
            problems.append(Problem(whose, f"starts on {subscription.starts_on}: agree prices from then on."))
        elif subscription.ends_on is not None and terms.effective_on >= subscription.ends_on:
            problems.append(Problem(whose, f"ends on {subscription.ends_on}: agree prices before it."))
        elif settled is not None and terms.effective_on < settled:
            problems.append(Problem(whose, f"{terms.effective_on} is billed already: choose {settled} or later."))
        elif (subscription.pk, terms.effective_on) in taken:
            problems.append(
                Problem(whose, f"has prices agreed from {terms.effective_on}: choose another day, or withdraw them.")
            )
    if problems:
        raise Refused(problems=problems)


def _told(terms: SubscriptionTerms) -> dict[str, Any]:
    return {
        "effective_on": str(terms.effective_on),
        "applies": terms.applies,
        "prices": terms.prices,
        "flat_fee": None if terms.flat_fee is None else str(terms.flat_fee),
        "note": terms.note,
    }
