"""Reminders: some days before an invoice is due, and some days after, by the provider's or the customer's schedule.

One mail per customer and day, with all its invoices; after an outage only the latest step; never twice; never when the
invoice is paid, covered by credit, paused or collected by direct debit; a step before the due day not within a week of
issue. A paused line is not asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.documents.letters import Letter, write_letter
from quarterday.documents.wording import Language, language
from quarterday.engine.periods import instant_of_local, local_date
from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.payments.actions import settle, settle_everybody
from quarterday.payments.models import Reminder
from quarterday.payments.queries import Paused, Settlement, open_after_credit, open_invoices, waiting_late_fees
from quarterday.provider.models import Provider
from quarterday.provider.queries import find_provider

FRESH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """One invoice that is to be reminded of today; `step` is days after the due day, below 0 before it.

    `paused` is what is disputed of it and not asked for.
    """

    invoice: Settlement
    step: int
    paused: Decimal = Decimal(0)

    @property
    def asked(self) -> Decimal:
        """What the customer is asked to pay."""
        return self.invoice.open - self.paused


@dataclass(frozen=True, slots=True)
class DueMail:
    """What one customer is to be told today."""

    customer: Customer
    on: date
    invoices: Sequence[DueReminder]


def due_reminders(*, now: datetime, customer_ids: Iterable[int] | None = None) -> list[DueMail]:
    """What would be sent now: customers whose local mail hour has come, with the invoices to name. Changes nothing."""
    provider = find_provider()
    if provider is None:
        return []
    by_customer: dict[int, list[Settlement]] = defaultdict(list)
    for invoice in open_invoices(customer_ids, on=now.date()):
        by_customer[invoice.customer_id].append(invoice)
    customers = Customer.objects.filter(pk__in=by_customer, reminders=True, direct_debit=False).order_by("pk")
    steps_taken: dict[int, int] = {}
    for bill_id, taken in Reminder.objects.filter(customer_id__in=by_customer).values_list("bill_id", "step"):
        steps_taken[bill_id] = max(taken, steps_taken.get(bill_id, taken))
    told_today = set(Reminder.objects.filter(customer_id__in=by_customer).values_list("customer_id", "reminded_on"))
    left = open_after_credit(by_customer)
    paused = Paused(invoice.bill_id for invoices in by_customer.values() for invoice in invoices)

    mails = []
    for customer in customers:
        today = local_date(now, customer.time_zone)
        too_early = now < instant_of_local(today, provider.mail_hour, customer.time_zone)
        if too_early or (customer.pk, today) in told_today:
            continue
        steps = schedule(provider, customer)
        due = []
        for invoice in by_customer[customer.pk]:
            if not left[invoice.bill_id]:
                continue
            step = latest_step(invoice, steps, today)
            last = steps_taken.get(invoice.bill_id)
            if step is not None and (last is None or step > last):
                reminder = DueReminder(invoice, step, paused.amount(invoice.bill_id, invoice.open, on=today))
                if reminder.asked > 0:
                    due.append(reminder)
        if due:
            mails.append(DueMail(customer, today, due))
    return mails


def remind(*, now: datetime, customer_ids: Iterable[int] | None = None) -> int:
    """Post what is due now, one message a customer; answers how many. Any number of processes may do so at once."""
    provider = find_provider()
    some = None if customer_ids is None else list(customer_ids)
    # Whoever is not asked for anything has credit too: what it covers is settled, and is shown as settled.
    settle_everybody(now=now, customer_ids=some)
    mails = due_reminders(now=now, customer_ids=some)
    if provider is None or not mails:
        return 0
    # Under the lock of their accounts, so that each mail is posted once, and asks for what is open then.
    settle([mail.customer.pk for mail in mails], now=now)
    posted = 0
    for mail in due_reminders(now=now, customer_ids=[m.customer.pk for m in mails]):
        posted += _post(provider, mail, now)
    return posted


def schedule(provider: Provider, customer: Customer) -> list[int]:
    """Days from the due day at which this customer is reminded: [-3, 3, 14]."""
    before = provider.reminder_days_before if customer.reminder_days_before is None else customer.reminder_days_before
    after = provider.reminder_days_after if customer.reminder_days_after is None else customer.reminder_days_after
    return sorted([-days for days in [before] if days] + [days for days in after if days])


def latest_step(invoice: Settlement, steps: Iterable[int], today: date) -> int | None:
    """The latest step of the schedule that has come; a step before the due day passes when that day has come."""
    late = (today - invoice.due_on).days
    passed = [step for step in steps if step <= late]
    if not passed:
        return None
    step = max(passed)
    if step < 0 and (late >= 0 or today - invoice.issued_on < FRESH):
        return None
    return step


def _post(provider: Provider, mail: DueMail, now: datetime) -> int:
    rows = [
        Reminder(customer=mail.customer, bill_id=due.invoice.bill_id, step=due.step, reminded_on=mail.on)
        for due in mail.invoices
    ]
    recipients = _recipients(mail)
    if not recipients:
        return 0
    key = f"reminder/{mail.customer.pk}/{mail.on}"
    message = NewMessage(key, "reminder", mail.customer.pk, recipients, not_before=now)
    message_id = post_messages([message], now=now)[key]
    for row in rows:
        row.message_id = message_id
    # Whoever wrote the step first has told the customer; the key of the message holds for the day.
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    letter = _letter(provider, mail)
    make_ready([Ready(message_id, letter.subject, letter.body)], now=now)
    return 1


def _recipients(mail: DueMail) -> list[str]:
    bills = Bill.objects.filter(pk__in=[due.invoice.bill_id for due in mail.invoices]).order_by("-pk")
    named = [address for bill in bills for address in bill.recipients]
    return list(dict.fromkeys(named or mail.customer.emails))


def _letter(provider: Provider, mail: DueMail) -> Letter:
    words = language(mail.customer.language)
    kind = "reminder_after" if any(due.step >= 0 for due in mail.invoices) else "reminder_before"
    own = (provider.reminder_texts or {}).get(f"{kind}.{words.code}")
    earliest = min(due.invoice.due_on for due in mail.invoices)
    names = {
        "provider": provider.name,
        "customer": mail.customer.name,
        "due": words.long_date(earliest),
        "bills": "\n".join(_line(kind, due, words) for due in mail.invoices),
        "total": _total(mail.invoices, words),
        "fees": "\n".join(_fees(mail, words)),
    }
    return write_letter(kind, words, names, own=own)


def _line(kind: str, due: DueReminder, words: Language) -> str:
    invoice = due.invoice
    return words.say(
        f"letter.{kind}.line",
        number=invoice.number,
        issued=words.long_date(invoice.issued_on),
        due=words.long_date(invoice.due_on),
        open=words.money(due.asked, invoice.currency),
    )


def _fees(mail: DueMail, words: Language) -> Iterator[str]:
    """A sentence for each late fee that the reminded invoices bring onto the next bill."""
    for fee in waiting_late_fees([due.invoice.bill_id for due in mail.invoices]):
        amount = words.money(fee.amount, fee.currency)
        yield words.say("letter.reminder_after.fee", number=fee.number, amount=amount)


def _total(due: Iterable[DueReminder], words: Language) -> str:
    sums: dict[str, Decimal] = defaultdict(lambda: Decimal(0))
    for row in due:
        sums[row.invoice.currency] += row.asked
    return ", ".join(words.money(amount, currency) for currency, amount in sorted(sums.items()))
