"""The demo's story: what happens on which day, told only by the rooms' actions and by inventory files.

    story = Story(start, months, until, folder)
    story.open(mail_port=port)
    for day in story.days(): story.live(day)

Every other night brings an inventory file. Each day has what people do (events.py, office.py, money.py), the payments
that arrive, and two rounds of what the worker does: billing, printing, reminding, and mailing over a real SMTP server.
The clock is the story's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from quarterday.bills.actions import release_bill
from quarterday.bills.printing import print_some
from quarterday.bills.queries import drafts_to_review
from quarterday.bills.run import run_billing
from quarterday.connectors.csvfile import read_csv
from quarterday.customers.actions import add_customer
from quarterday.demo.cast import CHARGES, CUSTOMERS, CustomerSketch
from quarterday.demo.events import CLERK, EVENTS, SOURCE, Scene
from quarterday.demo.fleet import Fleet
from quarterday.demo.money import MONEY
from quarterday.demo.msp import LOGO, PLANS, PROVIDER
from quarterday.demo.office import OFFICE
from quarterday.engine.money import Money, split
from quarterday.engine.periods import Cycle
from quarterday.inventory.actions import apply_snapshot
from quarterday.outbox.actions import configure_mail, send_test_mail
from quarterday.outbox.sending import send_due
from quarterday.payments.actions import record_payment, settle
from quarterday.payments.late_fees import charge_late_fees
from quarterday.payments.queries import open_invoices
from quarterday.payments.reminders import remind
from quarterday.plans.actions import create_plan
from quarterday.provider.actions import change_logo, install_defaults
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, announce, associate, pause_silent_devices

# UTC. At one of them it is past six in the morning on the same date, wherever the customer is: 07:00 is 16:00 in Tokyo
# and 08:00 in Berlin, 18:00 is 13:00 in New York.
ROUNDS = (7, 18)


class Story:
    """An MSP from its first day on; `live` one day after the other. Bills are made for the first `months` months."""

    def __init__(
        self, start: date, months: int, until: date, folder: Path, customers: Sequence[CustomerSketch] = CUSTOMERS
    ) -> None:
        self.fleet = Fleet(start, months, customers)
        self.start = start
        self.until = until
        self._sketches = {sketch.key: sketch for sketch in customers}
        self._folder = folder / "inventory"
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("*.csv"):
            old.unlink()
        self._customers: dict[str, Any] = {}

    def days(self) -> Iterator[date]:
        """Every day of the story, to the last one that is over."""
        for number in range((self.until - self.start).days + 1):
            yield self.start + timedelta(days=number)

    def open(self, *, mail_port: int) -> None:
        """The first day: who we are, our mail server and its test, customers, first devices, plans, associations."""
        now = _at(self.start, 5)
        with acting(Scope.all()):
            provider = install_defaults(by=CLERK, now=now, **PROVIDER)
            change_logo(provider, content=LOGO, by=CLERK, now=now)
            configure_mail(
                host="127.0.0.1",
                port=mail_port,
                security="none",
                sender_name="Brightwater IT, Accounts",
                sender_address="billing@brightwater.example",
                now=now,
                by=CLERK,
            )
        send_test_mail(to="owner@brightwater.example", now=now, by=CLERK)
        with acting(Scope.all()):
            for key, sketch in self._sketches.items():
                self._customers[key] = add_customer(name=sketch.name, by=CLERK, now=now, **sketch.fields)
            plans = {key: self._add_plan(key, now) for key in PLANS}
        self._import(self.start, now, present_since=self.start - timedelta(days=90))
        with acting(Scope.all()):
            for sketch in self._sketches.values():
                for plan in (sketch.plan, *sketch.also):
                    self._associate(sketch, plans[plan], now)
            for charge in CHARGES if self.fleet.is_the_demos else ():
                add_adjustment(
                    self._customers[charge.customer],
                    text=charge.text,
                    starts_on=self.fleet.day(charge.month),
                    amount=charge.amount,
                    percent=charge.percent,
                    quantity=charge.quantity,
                    unit_price=charge.unit_price,
                    times=charge.times,
                    by=CLERK,
                    now=now,
                )

    def live(self, day: date) -> None:
        """One day: the night's file, the morning's bills, what people do and pay, the evening's bills and reminders."""
        if day > self.start and (day - self.start).days % 2 == 0:
            self._import(day, _at(day, 4))
        self._bill(_at(day, ROUNDS[0]))
        with acting(Scope.all()):
            for event in (*EVENTS, *OFFICE, *MONEY) if self.fleet.is_the_demos else ():
                if day == self.fleet.day(event.month, event.day):
                    event.happens(Scene(self.fleet, self._customers, _at(day, 10), self.until))
            self._receive_payments(day, _at(day, 11))
            if day < self.fleet.day(self.fleet.months):
                self._review(_at(day, 12))
            charge_late_fees(now=_at(day, 17), by=CLERK)
            remind(now=_at(day, 17))
        self._bill(_at(day, ROUNDS[1]))

    def _bill(self, now: datetime) -> None:
        """What the worker does all day: bills, paper, mail."""
        run_billing(at=now, by=CLERK)
        while print_some(now=now):
            pass
        send_due(clock=lambda: now, batches=50)

    def _review(self, now: datetime) -> None:
        """A clerk releases what is held. What the last month holds is left for whoever looks at the demo."""
        for bill in drafts_to_review():
            release_bill(bill, now=now, by=CLERK)

    def _add_plan(self, key: str, now: datetime) -> Any:
        sketch = PLANS[key]
        return create_plan(
            name=sketch.name,
            description=sketch.description,
            currency=sketch.currency,
            effective_on=self.start - timedelta(days=90),
            prices=sketch.prices,
            flat_fee=sketch.flat_fee,
            counting=sketch.counting,
            timing=sketch.timing,
            late_policy=sketch.late_policy,
            pause_after_days=sketch.pause_after_days,
            by=CLERK,
            now=now,
        )

    def _associate(self, sketch: CustomerSketch, plan: Any, now: datetime) -> None:
        given: dict[str, Any] = {"review_first_bill": False, "due_days": 14, **sketch.arrangement}
        months = given.pop("cycle_months", 1)
        starts_on = _last_31st(self.start) if sketch.starts_on_the_31st else self.start
        associate(
            plan,
            [self._customers[sketch.key]],
            starts_on=starts_on,
            billed_from=starts_on,
            cycle=Cycle(months, "month"),
            by=CLERK,
            now=now,
            **given,
        )

    def _import(self, day: date, now: datetime, *, present_since: date | None = None) -> None:
        """Write the RMM's export of a day as a file, and import it as anybody would."""
        names = {key: customer.name for key, customer in self._customers.items()}
        text = StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["Customer", "Device ID", "Name", "Class", "Serial", "Last seen"])
        for machine in self.fleet.devices_on(day):
            customer = names.get(machine.customer, machine.customer)
            described = customer, machine.ref, machine.name, machine.device_class, machine.serial
            rows.writerow([*described, self.fleet.last_seen(machine, day)])
        path = self._folder / f"devices-{day}.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        with acting(Scope.all()):
            snapshot = read_csv(path.read_bytes(), source=SOURCE, taken_at=now)
            apply_snapshot(snapshot, now=now, by=CLERK, present_since=present_since, confirm_drop=True)
            pause_silent_devices(now=now, by=CLERK)
            announce(now=now)

    def _receive_payments(self, day: date, now: datetime) -> None:
        """Each customer pays in its own time: at once, in parts, late, or from a month on not at all any more."""
        keys = {customer.pk: key for key, customer in self._customers.items()}
        settle(keys, now=now)
        for invoice in open_invoices(keys, on=day):
            sketch = self._sketches[keys[invoice.customer_id]]
            if sketch.stops_paying is not None and day >= self.fleet.day(sketch.stops_paying):
                continue
            age = (day - invoice.issued_on).days
            if age not in sketch.pays_after:
                continue
            parts_left = len(sketch.pays_after) - sketch.pays_after.index(age)
            amount = split(Money(invoice.open, invoice.currency), [1] * parts_left)[0].amount
            record_payment(
                self._customers[sketch.key],
                amount=amount,
                currency=invoice.currency,
                received_on=day,
                reference=invoice.number,
                bills=[invoice.bill_id],
                now=now,
                by=CLERK,
            )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _last_31st(day: date) -> date:
    """The last 31st before a first of a month."""
    while day.day != 31:
        day -= timedelta(days=1)
    return day
