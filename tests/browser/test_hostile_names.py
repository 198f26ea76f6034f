"""[14] Two hundred hostile names as names of devices, customers and plans, looked at in a real browser.

No script of theirs runs, nothing is asked of another machine, and not even an element of theirs comes to be: that would
show as a breach of the pages' policy.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from quarterday.accounts.actions import create_user
from quarterday.customers.actions import add_customers
from quarterday.demo.build import PASSWORD, SIGN_INS
from quarterday.inventory.actions import apply_snapshot, map_customer
from quarterday.inventory.models import CustomerMapping, Device
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.plans.actions import create_plan
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from tests.browser.conftest import Console
from tests.browser.crawl import pages_reachable
from tests.payloads import PAYLOADS
from tests.shop import BY, a_subscription, open_shop

pytestmark = pytest.mark.prove

WATCH = """
window.hits = [];
window.hit = () => window.hits.push('script');
for (const name of ['alert', 'confirm', 'prompt', 'open']) window[name] = () => window.hits.push(name);
document.addEventListener('securitypolicyviolation', event => window.hits.push(event.violatedDirective));
"""
NOW = datetime.now(UTC)


def name_everything() -> dict[str, int]:
    """A customer, a plan and a device of each name; names that a room refuses are told so there, and are left out."""
    counts = {"customers": 0, "plans": 0}
    fields = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "emails": ["it@north.example"]}
    customers, plans = [], []
    for name in PAYLOADS:
        try:
            customers += add_customers([{"name": name, **fields}], by=BY, now=NOW)
        except Refused:
            counts["customers"] += 1
        try:
            prices: dict[str, Any] = {"computer": {"unit_price": "1.00"}}
            plans.append(
                create_plan(name=name, currency="EUR", effective_on=date(2026, 1, 1), prices=prices, by=BY, now=NOW)
            )
        except Refused:
            counts["plans"] += 1
    seen = SeenCustomer(customers[0].number, customers[0].name)
    devices = tuple(
        SeenDevice(seen.ref, f"d{n}", name, "computer", serial=name[:50]) for n, name in enumerate(PAYLOADS)
    )
    snapshot = Snapshot(PAYLOADS[0][:60], True, NOW, (seen,), devices)
    apply_snapshot(snapshot, now=NOW, by=BY)
    map_customer(CustomerMapping.objects.get().pk, to=customers[0], now=NOW, by=BY)
    apply_snapshot(replace(snapshot, taken_at=NOW + timedelta(seconds=1)), now=NOW + timedelta(seconds=1), by=BY)
    for customer, plan in zip(customers[:30], plans[:30], strict=True):
        a_subscription(customer, plan, starts_on=NOW.date().replace(day=1))
    return counts


def test_no_name_runs_a_script_or_asks_another_machine(empty_console: Console) -> None:
    with acting(Scope.all()):
        open_shop()
        role, email, _, _ = SIGN_INS[0]
        create_user(email=email, role=role, name=PAYLOADS[0][:100], password=PASSWORD, by=BY, now=NOW)
        refused = name_everything()
        device_count = Device.objects.count()
    assert max(refused.values()) < 20, refused
    page = empty_console.as_role("admin")
    page.add_init_script(WATCH)
    addresses = list(pages_reachable(page, empty_console.address).values())
    addresses += [
        f"{path}?page={n}" for path in ("/customers/", "/inventory/devices/", "/billing/") for n in range(1, 8)
    ]
    addresses += [f"/customers/?q={word}" for word in ("script", "onerror", "hx-")]
    hits: dict[str, Any] = {}
    for path in addresses:
        page.goto(empty_console.address + path)
        if found := page.evaluate("window.hits"):
            hits[path] = found
    planted = "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hit()>')"
    page.evaluate(planted)
    page.wait_for_function("window.hits.length > 0")  # had an element of a name come to be, it would have been seen
    page.context.close()

    assert len(addresses) > 50
    assert hits == {}
    assert empty_console.foreign_requests == []
    assert device_count == len(PAYLOADS)
