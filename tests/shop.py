"""A small MSP for the rooms' tests, made with the rooms' own actions: call these inside `acting(Scope.all())`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from quarterday.customers.actions import add_customer
from quarterday.customers.models import Customer
from quarterday.outbox.models import MailServer
from quarterday.plans.actions import create_plan
from quarterday.plans.models import Plan
from quarterday.provider.actions import install_defaults
from quarterday.provider.models import Provider
from quarterday.shared.scope import Actor
from quarterday.subscriptions.actions import associate
from quarterday.subscriptions.models import Subscription

NOW = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
BY = Actor("person", "Clara Clerk", 1)


def open_shop(**fields: Any) -> Provider:
    """A German provider with its defaults, whose test mail has gone out."""
    server = MailServer(pk=1, host="mail", sender_address="bills@shop.example", changed_at=NOW, tested_at=NOW)
    MailServer.objects.bulk_create([server], ignore_conflicts=True)
    return install_defaults(
        **{"country": "DE", "name": "Shop", "vat_id": "DE136695976", "by": BY, "now": NOW, **fields}
    )


def a_customer(name: str = "North Dental", **fields: Any) -> Customer:
    """A customer in Berlin that is billed in euro."""
    given = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "emails": ["it@north.example"], **fields}
    return add_customer(name=name, by=BY, now=NOW, **given)


def a_plan(name: str = "Gold", **fields: Any) -> Plan:
    """30.00 EUR per computer, 90.00 per server, from 2026 on."""
    given: dict[str, Any] = {
        "currency": "EUR",
        "effective_on": date(2026, 1, 1),
        "prices": {"computer": {"unit_price": "30.00"}, "server": {"unit_price": "90.00"}},
        **fields,
    }
    return create_plan(name=name, by=BY, now=NOW, **given)


def a_subscription(customer: Customer, plan: Plan, **fields: Any) -> Subscription:
    """The plan since the first of April, billed monthly."""
    given: dict[str, Any] = {"starts_on": date(2026, 4, 1), **fields}
    return associate(plan, [customer], by=BY, now=NOW, **given)[0]
