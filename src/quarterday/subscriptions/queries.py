"""Who has which plan, at which prices, with which other charges and discounts. All inside `acting(scope)`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from quarterday.customers.models import Customer
from quarterday.customers.queries import customer_list
from quarterday.engine import facts
from quarterday.engine.periods import Period
from quarterday.plans.models import Plan, PlanVersion
from quarterday.plans.queries import plan_list, version_on, versions_of
from quarterday.provider.queries import device_classes
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import NotFound
from quarterday.subscriptions.effects import VersionEffect, effects_of_version
from quarterday.subscriptions.models import Adjustment, Pause, Subscription, SubscriptionTerms
from quarterday.subscriptions.terms import override_of

__all__ = [
    "PausedDays",
    "PlanSummary",
    "VersionEffect",
    "adjustment_list",
    "adjustments_by_id",
    "charged_since",
    "customers_served",
    "customers_without",
    "effects_of_version",
    "find_pause",
    "find_subscription",
    "get_adjustment",
    "get_subscription",
    "heirs",
    "own_terms_for",
    "own_terms_list",
    "pause_list",
    "pauses",
    "plan_overview",
    "subscription_list",
    "subscriptions_ever",
    "subscriptions_for",
    "subscriptions_of_plan",
]


def get_subscription(subscription_id: int) -> Subscription:
    """The subscription of an id; NotFound when the scope has none."""
    subscription = find_subscription(subscription_id)
    if subscription is None:
        raise NotFound("subscription", f"{subscription_id} is not known: see `quarterday subscriptions list`.")
    return subscription


@question
def find_subscription(subscription_id: int) -> Asking[Subscription | None]:
    """The subscription of an id, or None when the scope has none."""
    rows: list[Subscription] = yield Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id)
    return rows[0] if rows else None


def subscription_list(
    *,
    search: str = "",
    plan: Plan | None = None,
    customer_id: int | None = None,
    served_on: date | None = None,
    ended: bool | None = None,
) -> QuerySet[Subscription]:
    """Subscriptions by customer and start; `served_on` keeps those of a day, `ended` those with an end (or without)."""
    listed = Subscription.objects.select_related("plan", "customer").order_by("customer__name", "starts_on", "pk")
    if plan is not None:
        listed = listed.filter(plan=plan)
    if customer_id is not None:
        listed = listed.filter(customer=customer_id)
    if served_on is not None:
        listed = listed.filter(Q(ends_on=None) | Q(ends_on__gt=served_on), starts_on__lte=served_on)
    if ended is not None:
        listed = listed.filter(ends_on__isnull=not ended)
    for word in search.replace("\0", "").split():
        listed = listed.filter(
            Q(customer__name__icontains=word) | Q(customer__number__icontains=word) | Q(plan__name__icontains=word)
        )
    return listed


def subscriptions_of_plan(plan: Plan, customer_ids: Iterable[int] | None = None) -> list[Subscription]:
    """The subscriptions of a plan that have no end yet, of all its customers or of some."""
    listed = subscription_list(plan=plan, ended=False)
    return list(listed if customer_ids is None else listed.filter(customer__in=list(customer_ids)))


@question
def subscriptions_ever(plan_id: int) -> Asking[list[Subscription]]:
    """The subscriptions that a plan has or had, each with plan and customer, by customer and start."""
    rows: list[Subscription] = yield subscription_list().filter(plan=plan_id)
    return rows


def charged_since(subscriptions: Iterable[Subscription], day: date) -> list[Subscription]:
    """Those that serve some day on or after `day`: a change of their plan's terms from then on touches them."""
    return [each for each in subscriptions if each.ends_on is None or each.ends_on > day]


def customers_of_plan(plan: Plan, *, search: str = "") -> QuerySet[Customer]:
    """The customers that have or had a plan, by name; `search` is part of a name or number."""
    listed = Customer.objects.filter(Exists(Subscription.objects.filter(plan=plan, customer=OuterRef("pk"))))
    for word in search.replace("\0", "").split():
        listed = listed.filter(Q(name__icontains=word) | Q(number__icontains=word))
    return listed.order_by("name", "pk")


def customers_without(plan: Plan, *, search: str = "") -> QuerySet[Customer]:
    """The customers that could have a plan and do not: of its currency, not archived; by name."""
    has = Subscription.objects.filter(plan=plan, ends_on=None).values("customer")
    return customer_list(search=search).filter(currency=plan.currency).exclude(pk__in=has)


@question
def subscriptions_for(customer_ids: Iterable[int]) -> Asking[dict[int, list[Subscription]]]:
    """Customer id -> all subscriptions it ever had, oldest first, each with its plan; one query for any number."""
    found: dict[int, list[Subscription]] = {}
    listed = Subscription.objects.filter(customer__in=list(customer_ids)).select_related("plan")
    rows: list[Subscription] = yield listed.order_by("starts_on", "pk")
    for subscription in rows:
        found.setdefault(subscription.customer_id, []).append(subscription)
    return found


@question
def own_terms_for(
    subscription_ids: Iterable[int], *, class_order: Sequence[str] | None = None
) -> Asking[dict[int, tuple[facts.PriceOverride, ...]]]:
    """Subscription id -> its own terms as the calculation takes them, oldest first; for any number.

    Who knows the order of classes, or needs none, gives it and saves a question.
    """
    own = SubscriptionTerms.objects.filter(subscription__in=list(subscription_ids), withdrawn_at=None)
    rows, *keys = yield [own.order_by("effective_on"), *([device_classes()] if class_order is None else [])]
    order = [each.key for each in keys[0]] if class_order is None else class_order
    found: dict[int, list[facts.PriceOverride]] = {}
    for terms in rows:
        found.setdefault(terms.subscription_id, []).append(override_of(terms, order))
    return {subscription_id: tuple(own) for subscription_id, own in found.items()}


def own_terms_list(subscription: Subscription) -> QuerySet[SubscriptionTerms]:
    """The prices agreed with this customer, oldest first, without those that were withdrawn."""
    return SubscriptionTerms.objects.filter(subscription=subscription, withdrawn_at=None).order_by("effective_on")


def heirs(continues: Mapping[int, int | None]) -> dict[int, int]:
    """Subscription id -> the id of the newest one that continues it, or its own; by what each of them continues.

    What was agreed for a subscription (a discount for twelve bills) goes on for the one that a restart put in its
    place. Give all subscriptions of the customers concerned.
    """
    next_of = {before: after for after, before in continues.items() if before is not None}
    newest: dict[int, int] = {}
    for subscription_id in continues:
        at = subscription_id
        while at in next_of:
            at = next_of[at]
        newest[subscription_id] = at
    return newest


def adjustment_list(*, customer_id: int | None = None, cancelled: bool | None = False) -> QuerySet[Adjustment]:
    """Other charges and discounts, newest first; cancelled ones only when asked for (None: both)."""
    listed = Adjustment.objects.select_related("customer", "subscription__plan").order_by("-pk")
    if customer_id is not None:
        listed = listed.filter(customer=customer_id)
    if cancelled is not None:
        listed = listed.filter(cancelled_at__isnull=not cancelled)
    return listed


def adjustments_by_id(adjustment_ids: Collection[int]) -> dict[int, Adjustment]:
    """Other charges and discounts by id, cancelled or not, for any number with one query."""
    return Adjustment.objects.in_bulk(list(adjustment_ids))


def get_adjustment(adjustment_id: int) -> Adjustment:
    """The other charge or discount of an id; NotFound when the scope has none."""
    adjustment = Adjustment.objects.select_related("customer").filter(pk=adjustment_id).first()
    if adjustment is None:
        raise NotFound("adjustment", f"{adjustment_id} is not known: see `quarterday adjustments list`.")
    return adjustment


class PausedDays(NamedTuple):
    """Days on which a subscription does not charge a device (`end` is the first day after; None: it goes on)."""

    customer_id: int
    subscription_id: int
    device_id: int
    start: date
    end: date | None


@question
def pauses(
    customer_ids: Collection[int], period: Period | None = None, *, known_at: datetime | None = None
) -> Asking[list[PausedDays]]:
    """The paused days of these customers' devices that touch the period, by subscription, device and start.

    `known_at` asks for the answer as it was known at that instant; None for the answer as known now.
    """
    known = Q(withdrawn_at=None)
    if known_at is not None:
        known = Q(recorded_at__lte=known_at) & (known | Q(withdrawn_at__gt=known_at))
    paused = Pause.objects.filter(known, customer_id__in=customer_ids)
    if period is not None:
        paused = paused.filter(valid__overlap=DateRange(period.start, None if period.is_open else period.end))
    names = ("customer_id", "subscription_id", "device_id", "valid__startswith", "valid__endswith")
    rows = yield paused.order_by(*names[1:4]).values_list(*names)
    return [PausedDays._make(row) for row in rows]


def find_pause(pause_id: int) -> Pause | None:
    """A pause in force, with its customer, or None when the scope has none."""
    return Pause.objects.select_related("customer").filter(pk=pause_id, withdrawn_at=None).first()


def pause_list(*, on: date, search: str = "") -> QuerySet[Pause]:
    """The pauses that last on a day, with device, customer and plan, by customer and device."""
    rows = Pause.objects.filter(withdrawn_at=None, valid__contains=on)
    rows = rows.select_related("device", "customer", "subscription__plan").order_by(
        "customer__name", "device__name", "pk"
    )
    for word in search.replace("\0", "").split():
        rows = rows.filter(Q(customer__name__icontains=word) | Q(device__name__icontains=word))
    return rows


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan as the list of plans shows it: its terms today, the next ones, and how many customers have it."""

    plan: Plan
    version: PlanVersion | None
    upcoming: tuple[PlanVersion, ...]
    customer_count: int


def plan_overview(*, today: date, search: str = "", archived: bool | None = False) -> list[PlanSummary]:
    """All plans with their terms and their number of customers in scope: three queries for any number of plans."""
    plans = list(plan_list(search=search, archived=archived))
    versions = versions_of(plans)
    counts = dict(
        subscription_list(served_on=today)
        .order_by()
        .values_list("plan")
        .annotate(n=Count("customer", distinct=True))
        .values_list("plan", "n")
    )
    return [
        PlanSummary(
            plan,
            version_on(versions.get(plan.pk, []), today),
            tuple(version for version in versions.get(plan.pk, []) if version.effective_on > today),
            counts.get(plan.pk, 0),
        )
        for plan in plans
    ]


def customers_served(*, on: date, customer_ids: Iterable[int] | None = None) -> set[int]:
    """The customers that some plan serves on a day or later."""
    # One that ends on its own start serves no day.
    live = Subscription.objects.filter(Q(ends_on=None) | (Q(ends_on__gt=on) & Q(ends_on__gt=F("starts_on"))))
    if customer_ids is not None:
        live = live.filter(customer__in=list(customer_ids))
    return set(live.values_list("customer", flat=True))
