"""The demo's story: what happens on which day, told only by the rooms' actions and by inventory files.

    story = Story(start, months, folder)
    for day in story.days(): story.live(day)

Each day has an inventory file (every other day), a billing run, printing, mail over a real SMTP server, and what
people do: pay, agree, end, correct. The clock is the story's own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from quarterday.bills.actions import release_bill
from quarterday.bills.changeable import plan_settled_until
from quarterday.bills.printing import print_some
from quarterday.bills.queries import drafts_to_review
from quarterday.bills.run import run_billing
from quarterday.connectors.csvfile import read_csv
from quarterday.customers.actions import add_customer
from quarterday.demo.cast import CHARGES, CUSTOMERS, LOGO, PLANS, PROVIDER, CustomerSketch
from quarterday.demo.fleet import Fleet
from quarterday.engine.periods import Cycle, Period
from quarterday.inventory.actions import apply_snapshot, correct_presence
from quarterday.inventory.queries import find_device
from quarterday.outbox.actions import configure_mail, send_test_mail
from quarterday.outbox.sending import send_due
from quarterday.payments.actions import record_payment, settle
from quarterday.payments.queries import open_invoices
from quarterday.payments.reminders import remind
from quarterday.plans.actions import create_plan, modify_plan
from quarterday.plans.queries import get_plan
from quarterday.provider.actions import change_logo, install_defaults
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.actions import add_adjustment, associate, disassociate
from quarterday.subscriptions.queries import subscription_list

CLERK = Actor("person", "Clara Clerk")
RUN_HOUR = 18  # UTC: past six in the morning in all of the story's zones, on that day or the next
SOURCE = "RMM export"


class Story:
    """The MSP from its first day on; `live` one day after the other."""

    def __init__(self, start: date, months: int, folder: Path) -> None:
        self.fleet = Fleet(start, months)
        self.start = start
        self.end = self.fleet.day(months)
        self._folder = folder / "inventory"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._customers: dict[str, Any] = {}
        self._events: dict[date, list[Callable[[datetime], None]]] = {}
        self._plan_events()

    def days(self) -> Iterator[date]:
        """Every day of the story, and the first days after it, on which its last month is billed."""
        day = self.start
        while day <= self.end + timedelta(days=1):
            yield day
            day += timedelta(days=1)

    def open(self, *, mail_port: int) -> None:
        """The first day: who we are, our mail server and its test, customers, first devices, plans, associations."""
        now = _at(self.start, 6)
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
            for sketch in CUSTOMERS:
                added = add_customer(name=sketch.name, by=CLERK, now=now, **sketch.fields)
                self._customers[sketch.key] = added
            plans = {key: self._add_plan(key, now) for key in PLANS}
        self._import(self.start, now, present_since=self.start - timedelta(days=90))
        with acting(Scope.all()):
            for sketch in CUSTOMERS:
                self._associate(sketch, plans[sketch.plan], now)
            for charge in CHARGES:
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
        """One day: the night's file, what people do, the run, paper, mail, reminders, and payments that arrive."""
        if (day - self.start).days % 2 == 0:
            self._import(day, _at(day, 4))
        for event in self._events.get(day, ()):
            event(_at(day, 10))
        now = _at(day, RUN_HOUR)
        if not self._holds_last_bill(day):
            self._review(now)
        run_billing(at=now, by=CLERK)
        while print_some(now=now):
            pass
        with acting(Scope.all()):
            remind(now=now)
            self._receive_payments(day, now)
        send_due(clock=lambda: now, batches=50)

    def _plan_events(self) -> None:
        day = self.fleet.day
        self._on(day(7, 1), self._raise_prices)
        self._on(day(9, 5), self._learn_late)
        self._on(day(10, 8), self._leave)

    def _on(self, day: date, event: Callable[[datetime], None]) -> None:
        self._events.setdefault(day, []).append(event)

    def _raise_prices(self, now: datetime) -> None:
        """Complete Care costs more from the 16th on: a version in the middle of a cycle."""
        prices = {**PLANS["care"].prices, "computer": {"unit_price": "39.50"}}
        with acting(Scope.all()):
            modify_plan(
                get_plan(PLANS["care"].name),
                effective_on=now.date().replace(day=16),
                prices=prices,
                settled_until=plan_settled_until(get_plan(PLANS["care"].name)),
                note="Yearly adjustment",
                by=CLERK,
                now=now,
            )

    def _learn_late(self, now: datetime) -> None:
        """A laptop of the lawyers, enrolled last month, had been there for two months before."""
        with acting(Scope.all()):
            correct_presence(
                find_device("sommer-computer-21", source=SOURCE),
                days=Period(self.fleet.day(6, 12), self.fleet.day(8, 3)),
                at=self._customers["sommer"],
                reason="Found in the invoice of the hardware dealer",
                by=CLERK,
                now=now,
            )

    def _leave(self, now: datetime) -> None:
        """The tax advisers of the Rhine leave in the middle of the month."""
        with acting(Scope.all()):
            disassociate(
                subscription_list(customer_id=self._customers["rhein"].pk, ended=False),
                last_day=now.date() + timedelta(days=11),
                by=CLERK,
                now=now,
            )

    def _holds_last_bill(self, day: date) -> bool:
        """The last days' held bills are left for whoever looks at the demo."""
        return day >= self.end - timedelta(days=2)

    def _review(self, now: datetime) -> None:
        with acting(Scope.all()):
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
        rows.writerow(["Customer", "Device ID", "Name", "Class", "Serial"])
        for machine in self.fleet.devices_on(day):
            rows.writerow([names[machine.customer], machine.ref, machine.name, machine.device_class, machine.serial])
        path = self._folder / f"devices-{day}.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        with acting(Scope.all()):
            snapshot = read_csv(path.read_bytes(), source=SOURCE, taken_at=now)
            apply_snapshot(snapshot, now=now, by=CLERK, present_since=present_since, confirm_drop=True)

    def _receive_payments(self, day: date, now: datetime) -> None:
        """Most pay some days after the bill, the community in two parts, the bakery stops paying in the ninth month."""
        by_id = {customer.pk: key for key, customer in self._customers.items()}
        sketches = {sketch.key: sketch for sketch in CUSTOMERS}
        settle([customer.pk for customer in self._customers.values()], on=day, now=now)
        for invoice in open_invoices(on=day):
            sketch = sketches[by_id[invoice.customer_id]]
            after = 11 if sketch.pays_after is None and day < self.fleet.day(8) else sketch.pays_after
            if after is None or (day - invoice.issued_on).days != after:
                continue
            customer = self._customers[sketch.key]
            amount = invoice.open
            if sketch.key == "seefeld":
                amount = (invoice.open / 2).quantize(Decimal("0.01"))
            if sketch.key == "southern" and invoice.issued_on.month % 6 == 0:
                amount = invoice.open + Decimal("25.00")
            record_payment(
                customer,
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
