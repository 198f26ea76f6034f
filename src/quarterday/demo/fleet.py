"""The demo's devices and their lives, month by month: the same for the same number of months, whatever the calendar.

`devices_on(day)` is what the RMM would report on a day. Nothing here is random: growth and loss are spread by each
device's number, so that every machine shows the same MSP.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from quarterday.demo.cast import CUSTOMERS, STRANGER, CustomerSketch
from quarterday.engine.periods import MONTHLY, boundary

PREFIX = {"computer": "PC", "server": "SRV", "mobile": "MOB"}
FLAPPING = "harbor-computer-05"
IN_A_DRAWER = {"alpen-computer-04": ((4, 2), (6, 9)), "alpen-computer-08": ((12, 20), None)}
"""Laptops that nobody switches on, and are still listed: put away and taken out on a day of a month; None: not yet."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A device as the RMM knows it: at a customer from a day until a day (None: still there)."""

    ref: str
    name: str
    device_class: str
    serial: str
    customer: str
    since: date
    until: date | None = None

    def is_there(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class Fleet:
    """All devices of a story that starts on a first of a month: `Fleet(start, months, customers=crowd(50, 2_000))`.

    What happens to single devices is part of the demo's own story; other customers only grow and shrink.
    """

    def __init__(self, start: date, months: int, customers: Sequence[CustomerSketch] = CUSTOMERS) -> None:
        self.start = start
        self.months = months
        self.is_the_demos = customers is CUSTOMERS
        self._serial = 0
        self.machines = [machine for customer in customers for machine in self._lives(customer)]
        if self.is_the_demos:
            self._tell_single_lives()

    def day(self, month: int, day: int = 1) -> date:
        """The n-th day of a month of the story, counted from 0."""
        return boundary(self.start, MONTHLY, month) + timedelta(days=day - 1)

    def devices_on(self, day: date) -> list[Machine]:
        """What the RMM reports on a day. The laptop that flaps is there for two days and gone for two."""
        is_gone = self.day(6) <= day < self.day(7) and (day - self.start).days // 2 % 2
        return [
            machine for machine in self.machines if machine.is_there(day) and not (is_gone and machine.ref == FLAPPING)
        ]

    def last_seen(self, machine: Machine, day: date) -> date:
        """When the RMM last heard from a machine."""
        put_away, taken_out = IN_A_DRAWER.get(machine.ref, (None, None))
        if put_away is None or day <= self.day(*put_away) or (taken_out and day >= self.day(*taken_out)):
            return day
        return self.day(*put_away)

    def _lives(self, customer: CustomerSketch) -> Iterator[Machine]:
        counts = {"computer": customer.computers, "server": customer.servers, "mobile": customer.mobiles}
        turn = sum(map(ord, customer.key))
        for device_class, count in counts.items():
            for number in range(1, count + 1):
                since, until = self.start - timedelta(days=90), None
                # About one in nine computers comes later, and one in eleven leaves before the story's end.
                if device_class == "computer" and (number + turn) % 9 == 0:
                    since = self.day((number + turn) % self.months, 2 + number % 25)
                elif device_class == "computer" and (number + turn) % 11 == 0:
                    until = self.day(2 + (number * 3 + turn) % (self.months - 2), 3 + number % 24)
                yield self._machine(customer.key, device_class, number, since, until)

    def _tell_single_lives(self) -> None:
        before, last = self.start - timedelta(days=90), self.months - 1
        # A computer breaks; another one, around the same mainboard, takes its place.
        broken = self._change("north-computer-07", since=before, until=self.day(3, 11))
        new = replace(broken, ref="north-computer-07b", name=f"{broken.name}-NEW", since=self.day(3, 11), until=None)
        # One moves with its user from the dentist to the bakery.
        moving = self._change("north-computer-12", since=before, until=self.day(5, 14))
        moved = replace(moving, customer="kornblume", since=self.day(5, 14), until=None)
        self.machines += [
            new,
            moved,
            # Agents are installed anew, and the RMM goes on listing the old entries: two laptops are there twice.
            replace(self._named("thames-computer-09"), ref="thames-computer-09b", since=self.day(last, 19), until=None),
            replace(self._named("alpen-computer-05"), ref="alpen-computer-05b", since=self.day(9, 7), until=None),
            # A laptop and a tablet are enrolled long after they came; `events` tells how that was found out.
            self._machine("sommer", "computer", 21, self.day(8, 3), None),
            self._machine("nile", "mobile", 21, self.day(last, 16), None),
            # A warehouse opens in the last month: so many new devices that the bill is held for a person.
            *(self._machine("harbor", "computer", 100 + number, self.day(last, 9), None) for number in range(1, 18)),
            # The technicians have begun to work for somebody whom the accounts office does not know yet.
            *(self._machine(STRANGER, "computer", number, self.day(last, 5), None) for number in range(1, 4)),
        ]
        self._change(FLAPPING, since=before, until=None)

    def _named(self, ref: str) -> Machine:
        return next(machine for machine in self.machines if machine.ref == ref)

    def _change(self, ref: str, *, since: date, until: date | None) -> Machine:
        place = next(at for at, machine in enumerate(self.machines) if machine.ref == ref)
        self.machines[place] = replace(self.machines[place], since=since, until=until)
        return self.machines[place]

    def _machine(self, customer: str, device_class: str, number: int, since: date, until: date | None) -> Machine:
        self._serial += 1
        ref = f"{customer}-{device_class}-{number:02}"
        name = f"{customer[:3].upper()}-{PREFIX[device_class]}-{number:02}"
        return Machine(ref, name, device_class, f"BW{self._serial:06}", customer, since, until)
