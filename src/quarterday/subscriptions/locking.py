"""Subscriptions held for an act: as they are now, in a fixed order, so that two acts never wait for each other."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from quarterday.subscriptions.models import Subscription


def locked(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """The rows as they are now, by id, locked until the transaction ends."""
    return list(locking(subscriptions))


def locking(subscriptions: Iterable[Subscription]) -> QuerySet[Subscription]:
    """What locks them when it is asked, for who asks more beside it."""
    wanted = [subscription.pk for subscription in subscriptions]
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("plan", "customer")
    return rows.filter(pk__in=wanted).order_by("pk")


def who(subscription: Subscription) -> str:
    """How a refusal names a subscription: by its customer and plan."""
    return f"customer {subscription.customer.number}, {subscription.plan}"
