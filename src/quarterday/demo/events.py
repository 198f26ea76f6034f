"""What people do in the demo's story, each on its day: `EVENTS` is the plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from quarterday.bills.actions import credit_bill, discard_bill, release_bill
from quarterday.bills.changeable import plan_settled_until, settled_until
from quarterday.bills.queries import drafts_to_review, get_bill, shown_lines
from quarterday.bills.queries.device_days import DaysOfDevice
from quarterday.demo.fleet import Fleet
from quarterday.demo.msp import PLANS
from quarterday.engine.periods import MONTHLY, Period
from quarterday.inventory.actions import correct_presence, except_device
from quarterday.inventory.queries import find_device
from quarterday.payments.actions import record_payment, refund
from quarterday.payments.queries import open_invoices, payments_of
from quarterday.plans.actions import modify_plan
from quarterday.plans.queries import get_plan
from quarterday.shared.scope import Actor
from quarterday.subscriptions.actions import agree_terms, associate, cancel_adjustment, disassociate, restart
from quarterday.subscriptions.queries import adjustment_list, subscription_list

CLERK = Actor("person", "Clara Clerk")
SOURCE = "RMM export"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an event plays: the story's calendar, its customers by key, and the moment."""

    fleet: Fleet
    customers: Mapping[str, Any]
    now: datetime
    until: date
    """The last day that the story tells."""

    @property
    def today(self) -> date:
        """The day in UTC: events play in the middle of Europe's day."""
        return self.now.date()


class Event(NamedTuple):
    """On a day of a month of the story, counted from 0, somebody does something."""

    month: int
    day: int
    happens: Callable[[Scene], None]


def lend_a_server(scene: Scene) -> None:
    """The dentists' third server is ours, lent while they move house: it is not billed until they are settled."""
    except_device(
        find_device("north-server-03", source=SOURCE),
        days=Period(scene.today, scene.fleet.day(20)),
        reason="Lent while the practice moves to its new house",
        agreed_by="Hanna Brook",
        by=CLERK,
        now=scene.now,
    )


def agree_on_a_fee(scene: Scene) -> None:
    """The veterinarians renew for two years and pay less for the on-call desk."""
    (subscription,) = subscription_list(customer_id=scene.customers["southern"].pk)
    agree_terms(
        subscription,
        effective_on=scene.fleet.day(6),
        settled_until=settled_until([subscription.pk])[subscription.pk],
        flat_fee="120.00",
        note="Renewed for two years",
        by=CLERK,
        now=scene.now,
    )


def raise_prices(scene: Scene) -> None:
    """Complete Care costs more from the 16th on: a version in the middle of a cycle."""
    plan = get_plan(PLANS["care"].name)
    modify_plan(
        plan,
        effective_on=scene.fleet.day(7, 16),
        prices={**PLANS["care"].prices, "computer": {"unit_price": "39.50"}},
        settled_until=plan_settled_until(plan),
        note="Yearly adjustment",
        by=CLERK,
        now=scene.now,
    )


def find_a_laptop(scene: Scene) -> None:
    """A laptop of the lawyers, enrolled last month, had been there for two months before: it is caught up on."""
    correct_presence(
        find_device("sommer-computer-21", source=SOURCE),
        days=Period(scene.fleet.day(6, 12), scene.fleet.day(8, 3)),
        at=scene.customers["sommer"],
        reason="Found in the invoice of the hardware dealer",
        by=CLERK,
        now=scene.now,
    )


def leave(scene: Scene) -> None:
    """The tax advisers of the Rhine leave in the middle of the month."""
    disassociate(
        subscription_list(customer_id=scene.customers["rhein"].pk, ended=False),
        last_day=scene.fleet.day(10, 19),
        by=CLERK,
        now=scene.now,
    )


def pay_twice(scene: Scene) -> None:
    """Their standing order pays once more after the last bill."""
    last = payments_of(scene.customers["rhein"].pk)[0]
    record_payment(
        scene.customers["rhein"],
        amount=last.amount,
        currency=last.currency,
        received_on=scene.today,
        reference="Standing order",
        by=CLERK,
        now=scene.now,
    )


def give_it_back(scene: Scene) -> None:
    """What was paid twice goes back."""
    last = payments_of(scene.customers["rhein"].pk)[0]
    refund(last, amount=last.amount, refunded_on=scene.today, reference="Paid twice", by=CLERK, now=scene.now)


def take_back_the_seats(scene: Scene) -> None:
    """The architects handed their backup seats back last month; their newest bill still has them."""
    architects = scene.customers["thames"].pk
    bill = get_bill(open_invoices([architects], on=scene.today)[-1].number)
    seats = {line.position: line.net for line in shown_lines(bill) if line.text == "Backup seats"}
    credit_bill(bill, reason="The backup seats were handed back last month", amounts=seats, by=CLERK, now=scene.now)
    for adjustment in adjustment_list(customer_id=architects):
        cancel_adjustment(adjustment, by=CLERK, now=scene.now)


def ask_about_a_tablet(scene: Scene) -> None:
    """A tablet of the pharmacists was there before it was enrolled; their plan asks a person what to do about it."""
    enrolled = scene.fleet.day(13, 16)
    correct_presence(
        find_device("nile-mobile-21", source=SOURCE),
        days=Period(enrolled - timedelta(days=26), enrolled),
        at=scene.customers["nile"],
        reason="The user says so",
        by=CLERK,
        now=scene.now,
    )


def bill_again(scene: Scene) -> None:
    """The factory asks for its last bill anew: it is credited whole, and the evening's run bills its month again."""
    factory = scene.customers["sakura"]
    bill = get_bill(open_invoices([factory.pk], on=scene.today)[-1].number)
    credit_bill(bill, reason="Billed again on request", bill_again=True, by=CLERK, now=scene.now)


def credit_a_repair(scene: Scene) -> None:
    """A computer of the dentists was in repair for ten days of last month, which they need not pay."""
    bill = get_bill(open_invoices([scene.customers["north"].pk], on=scene.today)[-1].number)
    device = find_device("north-computer-02", source=SOURCE)
    days = Period(scene.fleet.day(8, 10), scene.fleet.day(8, 20))
    days_of = DaysOfDevice(device.pk, days)
    credit_bill(bill, reason="In repair from the 10th to the 19th", days_of=days_of, by=CLERK, now=scene.now)


def close_for_the_holidays(scene: Scene) -> None:
    """The veterinarians close their practice for a while."""
    practice = subscription_list(customer_id=scene.customers["southern"].pk, ended=False)
    disassociate(practice, last_day=scene.fleet.day(8, 20), by=CLERK, now=scene.now)


def open_again(scene: Scene) -> None:
    """They open again on the first, with the plan that they had."""
    starts_on = scene.fleet.day(9)
    associate(
        get_plan(PLANS["desk"].name),
        [scene.customers["southern"]],
        starts_on=starts_on,
        billed_from=starts_on,
        review_first_bill=True,
        by=CLERK,
        now=scene.now,
    )


def give_a_month(scene: Scene) -> None:
    """Their first month back is a present: its draft, which waits for a look, is thrown away and never made again."""
    (draft,) = [bill for bill in drafts_to_review() if bill.customer_id == scene.customers["southern"].pk]
    discard_bill(draft, waive_reason="The first month after the holidays is free", by=CLERK, now=scene.now)


def charge_them_again(scene: Scene) -> None:
    """Their next bill waits for a look as well, and goes out on the same evening in Auckland."""
    (draft,) = [bill for bill in drafts_to_review() if bill.customer_id == scene.customers["southern"].pk]
    release_bill(draft, by=CLERK, now=scene.now)


def try_remote_support(scene: Scene) -> None:
    """The town hall tries remote support on one computer for free; the trial ends soon after the story does."""
    except_device(
        find_device("seefeld-computer-03", source=SOURCE),
        days=Period(scene.today, scene.until + timedelta(days=10)),
        reason="Trial of remote support",
        agreed_by="Hanna Brook",
        by=CLERK,
        now=scene.now,
    )


def move_to_monthly_bills(scene: Scene) -> None:
    """The bakers move from quarterly bills to the plan that is billed each month: another plan and another cycle."""
    (subscription,) = subscription_list(customer_id=scene.customers["kornblume"].pk, ended=False)
    restart(
        subscription,
        on=scene.fleet.day(9),
        plan=get_plan(PLANS["care"].name),
        cycle=MONTHLY,
        by=CLERK,
        now=scene.now,
    )


EVENTS: Sequence[Event] = [
    Event(2, 6, lend_a_server),
    Event(5, 20, agree_on_a_fee),
    Event(6, 3, bill_again),
    Event(7, 1, raise_prices),
    Event(8, 20, close_for_the_holidays),
    Event(8, 28, open_again),
    Event(8, 28, move_to_monthly_bills),
    Event(9, 3, credit_a_repair),
    Event(9, 5, find_a_laptop),
    Event(10, 1, give_a_month),
    Event(10, 8, leave),
    Event(11, 1, charge_them_again),
    Event(11, 3, take_back_the_seats),
    Event(11, 5, pay_twice),
    Event(11, 12, give_it_back),
    Event(13, 20, ask_about_a_tablet),
    Event(13, 22, try_remote_support),
]
