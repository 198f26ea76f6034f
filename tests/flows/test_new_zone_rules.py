"""Promise 11: a government changes its clocks, and a new release of the tz database arrives between two runs.

What was written stands in local dates, so no day of it moves. What is due is looked at anew with the new clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from quarterday.audit.queries import audit
from quarterday.bills.models import BillIssue, PeriodClaim
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.inventory.actions import apply_snapshot, map_customer
from quarterday.inventory.models import CustomerMapping, Presence
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop
from tests.zonefiles import compiled, zone_rules

BERLIN = "Europe/Berlin"
AS_NOW = "CET-1CEST,M3.5.0,M10.5.0/3"
RULES = {
    "winter time for ever": "CET-1",
    "summer time for ever": "CEST-2",
    "west of the date line": "<-11>11",
    "east of the date line": "<+14>-14",
}
MARCH, APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (3, 4, 5, 6, 7))
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


@pytest.fixture
def customer() -> Customer:
    """One computer since March, billed monthly in Berlin."""
    customer = a_customer()
    a_subscription(customer, a_plan(), starts_on=MARCH, billed_from=MARCH, review_first_bill=False)
    present(customer, "PC-1 #>", start=MARCH)
    return customer


def work_every_hour(begin: datetime, end: datetime) -> None:
    """What the worker does, hour by hour."""
    at = begin
    while at < end:
        run_billing(at=at, by=BY)
        at += HOUR


JUST_BEFORE, JUST_BILLED = datetime(2026, 5, 1, 3, 30, tzinfo=UTC), datetime(2026, 5, 1, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "arrives"),
    [
        ("winter time for ever", JUST_BILLED),
        *(
            pytest.param(later, arrives, marks=pytest.mark.prove)
            for later in RULES
            for arrives in (JUST_BEFORE, JUST_BILLED)
            if (later, arrives) != ("winter time for ever", JUST_BILLED)
        ),
    ],
)
def test_new_rules_that_arrive_about_when_a_month_is_due_bill_each_day_once(
    customer: Customer, tmp_path: Path, later: str, arrives: datetime
) -> None:
    """Berlin's April is due at 04:00 UTC: the new rules come just before it, or when it has just been billed."""
    with zone_rules(tmp_path / "old", **{BERLIN: compiled(AS_NOW)}):
        run_billing(at=datetime(2026, 4, 1, 7, tzinfo=UTC), by=BY)
        work_every_hour(datetime(2026, 4, 30, 10, tzinfo=UTC), arrives)
    # Nobody moves a country over the date line for the days that are over.
    since = arrives if "line" in later else None
    with zone_rules(tmp_path / "new", **{BERLIN: compiled(RULES[later], since=since, before=2 * HOUR)}):
        work_every_hour(arrives, datetime(2026, 5, 2, 12, tzinfo=UTC))
        work_every_hour(datetime(2026, 5, 31, 10, tzinfo=UTC), datetime(2026, 6, 2, 12, tzinfo=UTC))

        claimed = list(PeriodClaim.objects.order_by("pk").values_list("period", flat=True))
        assert [(days.lower, days.upper) for days in claimed] == [(MARCH, APRIL), (APRIL, MAY), (MAY, JUNE)]
        dates = list(BillIssue.objects.order_by("sequence").values_list("issued_on", flat=True))
        assert len(dates) == 3
        assert dates == sorted(dates)
        at = datetime(2026, 6, 2, 12, tzinfo=UTC)
        assert [breach for kept in audit(now=at, only=["periods", "conservation"]) for breach in kept.breaches] == []


@pytest.mark.parametrize("later", RULES)
def test_a_device_that_came_under_the_old_clock_and_went_under_the_new_one_was_there_a_day(
    tmp_path: Path, later: str
) -> None:
    """It is half past midnight in Berlin when it comes; by the new clock the day before may not be over."""
    customer = a_customer()
    came = datetime(2026, 6, 9, 22, 30, tzinfo=UTC)
    with zone_rules(tmp_path / "old", **{BERLIN: compiled(AS_NOW)}):
        _sync("PC-1", at=came - timedelta(days=30))
        map_customer(
            CustomerMapping.objects.get().pk, to=customer, present_since=None, now=came - 29 * 24 * HOUR, by=BY
        )
        _sync("PC-1", "PC-2", at=came)
    with zone_rules(tmp_path / "new", **{BERLIN: compiled(RULES[later])}):
        _sync("PC-1", at=came + timedelta(minutes=10))

        (stay,) = Presence.objects.filter(device__name="PC-2", recorded__upper_inf=True)
        assert (stay.valid.lower, stay.valid.upper) == (date(2026, 6, 10), date(2026, 6, 11))
        assert [breach for kept in audit(now=came, only=["conservation"]) for breach in kept.breaches] == []


def _sync(*names: str, at: datetime) -> None:
    devices = tuple(SeenDevice("north", name, name, "computer") for name in names)
    snapshot = Snapshot("RMM", True, at, (SeenCustomer("north", "North as the RMM says"),), devices)
    apply_snapshot(snapshot, now=at, by=BY)
