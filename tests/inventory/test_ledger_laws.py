"""Random months of an MSP against a ledger kept day by day in dictionaries, which shares no code with the real one."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterday.customers.models import Customer
from quarterday.inventory.models import Presence
from quarterday.inventory.queries import presences
from tests.inventory.ledger import everything, make_customer, sync

pytestmark = pytest.mark.database

ZONES = ["Pacific/Kiritimati", "Europe/Berlin", "America/Havana", "Pacific/Pago_Pago"]
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


SEEDS = [
    0,
    *(pytest.param(seed, marks=pytest.mark.sweep) for seed in range(1, 3)),
    *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(3, 60)),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_days_are_neither_lost_nor_doubled_and_what_was_known_stays_known(seed: int) -> None:
    dice = random.Random(seed)
    with everything():
        customers = [make_customer(f"C{n}", zone) for n, zone in enumerate(ZONES)]
        where: dict[str, int] = {str(n): dice.randrange(4) for n in range(8)}
        oracle = _DayByDay(customers)
        answers = []
        at = START
        for _ in range(40):
            at += timedelta(hours=dice.choice([1, 5, 13, 24, 40]))
            for device in where:
                if dice.random() < 0.25:
                    where[device] = dice.choice([0, 1, 2, 3, -1])
            present = {device: customer for device, customer in where.items() if customer >= 0}
            table = [f"C{n}" for n in range(4)]
            table += [f"C{customer} {device} PC-{device} computer" for device, customer in present.items()]
            assert sync("\n".join(table), at, confirm_drop=True).state == "applied"
            oracle.see(present, at)
            answers.append((at, presences([customer.pk for customer in customers])))

        assert _days_in_ledger(oracle.until) == oracle.days, f"seed {seed}"
        for known_at, answer in answers:
            assert presences([customer.pk for customer in customers], known_at=known_at) == answer, f"seed {seed}"


class _DayByDay:
    """device -> day -> customer, by the words of the rules alone."""

    def __init__(self, customers: list[Customer]) -> None:
        self.customers = customers
        self.days: dict[str, dict[date, int]] = {}
        self.here: dict[str, tuple[int, date]] = {}
        self.until = START.date() + timedelta(days=100)

    def see(self, present: dict[str, int], at: datetime) -> None:
        today = [at.astimezone(ZoneInfo(zone)).date() for zone in ZONES]
        for device in sorted(set(present) | set(self.here)):
            new = present.get(device)
            old = self.here.get(device)
            if old is None and new is not None:
                taken = [day for day, _ in self.days.get(device, {}).items()]
                start = max([today[new], *(day + timedelta(days=1) for day in taken)])
                self._fill(device, new, start)
            elif old is not None and new is None:
                start = max(today[old[0]], old[1] + timedelta(days=1))
                self._empty(device, start)
                del self.here[device]
            elif old is not None and new is not None and new != old[0]:
                start = max(today[old[0]], today[new], old[1])
                self._empty(device, start)
                self._fill(device, new, start)

    def _fill(self, device: str, customer: int, start: date) -> None:
        days = self.days.setdefault(device, {})
        for n in range((self.until - start).days):
            day = start + timedelta(days=n)
            assert day not in days, f"{device} is twice on {day}"
            days[day] = self.customers[customer].pk
        self.here[device] = (customer, start)

    def _empty(self, device: str, start: date) -> None:
        days = self.days[device]
        for day in [day for day in days if day >= start]:
            del days[day]


def _days_in_ledger(until: date) -> dict[str, dict[date, int]]:
    days: dict[str, dict[date, int]] = {}
    for row in Presence.objects.filter(recorded__upper_inf=True).select_related("device"):
        of_device = days.setdefault(row.device.external_id, {})
        for n in range(((row.valid.upper or until) - row.valid.lower).days):
            day = row.valid.lower + timedelta(days=n)
            assert day not in of_device, f"{row.device.external_id} is twice on {day}"
            of_device[day] = row.customer_id
    return days
