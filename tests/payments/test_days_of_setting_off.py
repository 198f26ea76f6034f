"""On which day something settles a bill: never before both were there, so that ledger, ageing and statement agree."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.payments import actions, queries
from quarterday.payments.models import Allocation, Payment, WriteOff
from quarterday.payments.queries.ageing import ages_by_customer
from quarterday.payments.queries.ledger import ledger_sums
from quarterday.payments.statements import statement_of
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from tests.payments.bank import entry, imported
from tests.payments.conftest import customer, issued

CLERK = Actor("person", "Clara Clerk", 1)
D = Decimal
MARCH_31, APRIL_1, APRIL_9 = date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 9)
APRIL_30, MAY_2 = date(2026, 4, 30), date(2026, 5, 2)


def pay(owner: Customer, amount: str, *, on: date, known: date, bills: Iterable[Bill] = ()) -> Payment:
    """Money that came on a day and was recorded at noon of another one."""
    named = [bill.pk for bill in bills] or None
    return actions.record_payment(
        owner, amount=D(amount), currency="EUR", received_on=on, now=noon(known), by=CLERK, bills=named
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def standing(owner: Customer, day: date) -> tuple[Decimal, Decimal]:
    """What was open of bills at the end of a day, and the credit that no bill had used; in every book the same."""
    ages = ages_by_customer(on=day, customer_ids=[owner.pk])
    is_open, credit = sum((age.open for age in ages), D(0)), sum((age.credit for age in ages), D(0))
    until = Period(date(2026, 1, 1), day + timedelta(days=1))
    accounts = {row.account: row.after for row in ledger_sums(until, customer_id=owner.pk)}
    assert sum(accounts.values(), D(0)) == 0, accounts
    assert accounts.get("receivables", D(0)) == is_open, (day, accounts, is_open)
    assert accounts.get("customer_credit", D(0)) == -credit, (day, accounts, credit)
    assert statement_of(owner, until).closing == is_open - credit, (day, is_open, credit)
    assert credit >= 0, (day, credit)
    return is_open, credit


def test_what_the_bank_took_back_in_april_is_gone_in_april_whoever_learns_of_it_in_may(north: Customer) -> None:
    """Paid on 9 April, bounced on the 30th by the bank's statement, which is confirmed on 2 May."""
    bill = issued(north, "100.00", on=APRIL_1)
    bounced = pay(north, "100.00", on=APRIL_9, known=APRIL_9)
    (row,) = imported(entry("-100", "no funds", on=APRIL_30), now=noon(MAY_2))
    actions.confirm_line(row, kind="bounce", payment=bounced, now=noon(MAY_2), by=CLERK)

    assert standing(north, date(2026, 4, 29)) == (0, 0)
    assert standing(north, APRIL_30) == (D("100"), 0)
    assert bank(north, APRIL_30) == 0, "as the bank's statement of April says"
    assert standing(north, MAY_2) == (D("100"), 0)
    pay(north, "100.00", on=APRIL_30, known=date(2026, 5, 4), bills=[bill])
    assert standing(north, APRIL_30) == (0, 0), "it was paid anew before anybody knew"


def test_a_refund_told_later_opens_its_bill_on_the_day_the_money_went(north: Customer) -> None:
    """100 paid on 9 April, 40 of it given back on the 30th, recorded on 2 May: no credit was ever below nothing."""
    issued(north, "100.00", on=APRIL_1)
    payment = pay(north, "100.00", on=APRIL_9, known=APRIL_9)
    actions.refund(payment, amount=D(40), refunded_on=APRIL_30, now=noon(MAY_2), by=CLERK)

    assert standing(north, date(2026, 4, 29)) == (0, 0)
    assert standing(north, APRIL_30) == (D("40"), 0)
    assert standing(north, MAY_2) == (D("40"), 0)


def bank(owner: Customer, day: date) -> Decimal:
    """What the account of the bank holds of a customer at the end of a day."""
    until = Period(date(2026, 1, 1), day + timedelta(days=1))
    return sum((row.after for row in ledger_sums(until, customer_id=owner.pk) if row.account == "bank"), D(0))


def test_money_that_came_before_the_bill_is_credit_until_it_is_issued(north: Customer) -> None:
    """Billed on 1 April, paid on 31 March, and the bank's file was read on 9 April."""
    issued(north, "100.00", on=APRIL_1)
    pay(north, "100.00", on=MARCH_31, known=APRIL_9)

    assert standing(north, MARCH_31) == (0, D("100"))
    assert standing(north, APRIL_1) == (0, 0)


def test_a_bill_that_is_named_twice_is_settled_once(north: Customer) -> None:
    bill = issued(north, "50.00")
    pay(north, "80.00", on=APRIL_1, known=APRIL_1, bills=[bill, bill])

    assert queries.settlements([bill.pk], on=APRIL_1)[bill.pk].settled == D("50")
    assert queries.free_credit([north.pk]) == {(north.pk, "EUR"): D("30")}


def test_a_part_that_is_given_back_changes_no_day_before(north: Customer) -> None:
    """50.00 of 100.00 were paid on 1 April; 30.00 of it went back on the 9th."""
    issued(north, "100.00", on=MARCH_31)
    payment = pay(north, "50.00", on=APRIL_1, known=APRIL_1)
    actions.refund(payment, amount=D("30.00"), refunded_on=APRIL_9, now=noon(APRIL_9), by=CLERK)

    assert standing(north, date(2026, 4, 8)) == (D("50"), 0)
    assert standing(north, APRIL_9) == (D("80"), 0)


def test_what_is_paid_instead_of_a_bounced_payment_settles_the_bill_when_it_was_open_again(
    north: Customer,
) -> None:
    """The bounce was recorded on the 9th, and then the transfer that had come on the 6th."""
    issued(north, "100.00", on=MARCH_31)
    bounced = pay(north, "100.00", on=APRIL_1, known=APRIL_1)
    actions.withdraw_payment(bounced, reason="no funds", now=noon(APRIL_9), by=CLERK)
    pay(north, "100.00", on=date(2026, 4, 6), known=APRIL_9)

    assert standing(north, date(2026, 4, 8)) == (0, D("100"))
    assert standing(north, APRIL_9) == (0, 0)


def test_a_payment_dated_ahead_that_is_withdrawn_before_changes_no_day(north: Customer) -> None:
    """Typed with a day in May, and withdrawn on 9 April: at no time is the bill owed twice."""
    issued(north, "100.00", on=MARCH_31)
    typed_wrong = pay(north, "100.00", on=date(2026, 5, 1), known=APRIL_1)
    actions.withdraw_payment(typed_wrong, reason="another day", now=noon(APRIL_9), by=CLERK)

    for day in (APRIL_1, APRIL_9, date(2026, 4, 30), date(2026, 5, 1)):
        assert standing(north, day) == (D("100"), 0)


def test_credit_is_set_off_on_the_day_that_it_is_at_the_customer(desk: None) -> None:
    """3 o'clock in London on the 10th is the evening of the 9th in Los Angeles, where the payment bounces."""
    west = customer("West Coast", time_zone="America/Los_Angeles")
    payment = pay(west, "100.00", on=APRIL_1, known=APRIL_1)
    issued(west, "100.00", on=APRIL_9)
    night = datetime(2026, 4, 10, 3, tzinfo=UTC)
    actions.settle_everybody(now=night)
    actions.withdraw_payment(payment, reason="no funds", now=night, by=CLERK)

    assert standing(west, APRIL_9) == (D("100"), 0)


@pytest.mark.parametrize(
    "zone",
    [
        "Pacific/Kiritimati",
        *(pytest.param(zone, marks=pytest.mark.sweep) for zone in ("Europe/Berlin", "America/Los_Angeles")),
    ],
)
def test_whatever_happens_in_whatever_order_every_book_tells_the_same_sum_of_every_day(desk: None, zone: str) -> None:
    for seed in range(4):
        _Life(Random(seed), customer(f"Nasty {seed}", time_zone=zone)).live()


class _Life:
    """Bills, money, credit notes, write-offs and what takes them back, drawn at random; some is told days later."""

    def __init__(self, random: Random, owner: Customer) -> None:
        self.random, self.owner = random, owner
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self.invoices: list[Bill] = []
        self.credited: dict[int, Decimal] = {}

    def live(self) -> None:
        events = [self.bill, self.pay, self.pay_named, self.credit, self.give_up, self.give_back, self.bounce]
        for _ in range(10):
            self.now += timedelta(hours=self.random.choice([0, 1, 13, 24, 60, 200]))
            self.today = self.now.astimezone(ZoneInfo(self.owner.time_zone)).date()
            self.amount = D(self.random.choice(["10", "19", "50", "100", "119"]))
            try:
                self.random.choice([self.bill, *events, self.undo, self.set_off])()
            except Refused:
                continue
            for back in (30, 20, 9, 4, 3, 2, 1, 0):
                is_open, credit = standing(self.owner, self.today - timedelta(days=back))
                assert is_open >= 0
                assert credit >= 0
            assert queries.open_balance(self.owner.pk, "EUR") == is_open - credit
            self.no_bill_is_owed_whose_credit_note_pays_another()

    def no_bill_is_owed_whose_credit_note_pays_another(self) -> None:
        owed = [bill.bill_id for bill in queries.open_invoices([self.owner.pk], on=self.today)]
        used = Allocation.objects.filter(undone_at=None, credit_note__corrects__in=owed)
        assert not used.exclude(bill=F("credit_note__corrects")).exists(), owed

    def bill(self) -> None:
        self.invoices.append(issued(self.owner, str(self.amount), on=self.today))

    def pay(self) -> None:
        came = self.today - timedelta(days=self.random.choice([0, 3, 20]))
        actions.record_payment(
            self.owner, amount=self.amount, currency="EUR", received_on=came, now=self.now, by=CLERK, bills=self.named
        )

    named: list[int] | None = None

    def pay_named(self) -> None:
        self.named = [bill.pk for bill in self.random.choices(self.invoices, k=2)] if self.invoices else None
        self.pay()
        self.named = None

    def credit(self) -> None:
        if self.invoices:
            bill = self.random.choice(self.invoices)
            amount = min(self.amount, bill.total - self.credited.get(bill.pk, 0))
            if amount > 0:
                self.credited[bill.pk] = self.credited.get(bill.pk, D(0)) + amount
                issued(self.owner, str(amount), on=self.today, kind="credit_note", corrects=bill)
                actions.settle([self.owner.pk], now=self.now)

    def give_up(self) -> None:
        if self.invoices:
            amount = self.random.choice([None, self.amount])
            actions.write_off(
                self.random.choice(self.invoices), reason="insolvent", amount=amount, now=self.now, by=CLERK
            )

    def give_back(self) -> None:
        for payment in Payment.objects.filter(customer=self.owner, withdrawn_at=None).order_by("-pk")[:1]:
            went = self.today - timedelta(days=self.random.choice([0, 0, 4]))
            if went >= payment.received_on:
                actions.refund(payment, amount=self.amount, refunded_on=went, now=self.now, by=CLERK)

    def bounce(self) -> None:
        for payment in Payment.objects.filter(customer=self.owner, withdrawn_at=None)[:1]:
            went = self.today - timedelta(days=self.random.choice([0, 0, 4]))
            actions.withdraw_payment(payment, reason="no funds", on=went, now=self.now, by=CLERK)

    def undo(self) -> None:
        for row in WriteOff.objects.filter(customer=self.owner, undone_at=None)[:1]:
            actions.undo_write_off(row, reason="it came", now=self.now, by=CLERK)

    def set_off(self) -> None:
        actions.settle_everybody(now=self.now)
