"""What each waiting line of the bank probably is: by bill number, amount, account and name. Nothing is decided here.

A suggestion is `sure` when two of these agree: the bill's number or the payer say whose money it is, and the amount is
just what is open. All inside `acting(scope)` of everybody, since a line is nobody's before it is confirmed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from quarterday.customers.models import Customer
from quarterday.payments.models import BankFile, BankLine, Payment
from quarterday.payments.queries.accounts import PaymentRest, payments_with_rest
from quarterday.payments.queries.settled import Settlement, open_invoices
from quarterday.shared.refusal import NotFound

LEGAL_FORMS = frozenset(
    {
        *(
            "gmbh",
            "ag",
            "kg",
            "ohg",
            "ug",
            "mbh",
            "co",
            "se",
            "gbr",
            "ev",
            "eg",
            "sarl",
            "bv",
            "nv",
            "und",
            "and",
            "the",
        ),
        *("ltd", "limited", "inc", "llc", "llp", "plc", "corp"),
    }
)
RETURNED = re.compile(r"r(ü|ue)cklast|r(ü|ue)ckgabe|retoure|returned|bounced|chargeback|unpaid", re.IGNORECASE)
NEAR_DAYS = 10


class BankLineUnknown(NotFound):
    """There is no such line in scope."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a line probably is. `kind` is payment, recorded (by hand before), refund, bounce, or "" for nobody knows.

    `bills` are the open bills that it names or fits; none means the oldest. `because` says what agrees: number, payer,
    amount. `over` is what would be left as credit, below 0 what would stay open of the bills.
    """

    line: BankLine
    kind: str = ""
    customer_id: int | None = None
    customer: str = ""
    bills: tuple[Settlement, ...] = ()
    payment_id: int | None = None
    because: tuple[str, ...] = ()
    over: Decimal = Decimal(0)

    @property
    def is_sure(self) -> bool:
        """Whether it may be confirmed together with others, without a closer look."""
        told_whose = "number" in self.because or "payer" in self.because
        return bool(self.kind) and told_whose and "amount" in self.because


def waiting_lines() -> QuerySet[BankLine]:
    """Lines that nobody has decided, oldest first."""
    return BankLine.objects.filter(state="waiting").order_by("booked_on", "pk")


def bank_files() -> QuerySet[BankFile]:
    """The files that were imported, newest first."""
    return BankFile.objects.order_by("-pk")


def get_bank_line(line_id: int) -> BankLine:
    """One line; BankLineUnknown if there is none."""
    row = BankLine.objects.filter(pk=line_id).first()
    if row is None:
        raise BankLineUnknown("line", f"There is no bank line {line_id}: see quarterday payments suggestions.")
    return row


def suggestions(lines: Sequence[BankLine]) -> list[Suggestion]:
    """What each of these lines probably is, in their order; a fixed number of queries."""
    if not lines:
        return []
    desk = _Desk(lines)
    return [desk.came(line) if line.amount > 0 else desk.went(line) for line in lines]


class _Desk:
    """All that lines are compared with, read once."""

    def __init__(self, lines: Sequence[BankLine]) -> None:
        last_day = max(line.booked_on for line in lines)
        self.open = open_invoices(on=last_day)
        self.by_number = {plain(bill.number): bill for bill in self.open}
        self.lengths = sorted({len(number) for number in self.by_number}, reverse=True)
        self.of_customer: dict[int, list[Settlement]] = defaultdict(list)
        self.of_amount: dict[tuple[str, Decimal], list[Settlement]] = defaultdict(list)
        for bill in self.open:
            self.of_customer[bill.customer_id].append(bill)
            self.of_amount[bill.currency, bill.open].append(bill)
        self.names = dict(Customer.objects.values_list("pk", "name"))
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.words = {pk: name_words(name) for pk, name in self.names.items()}
        for pk, words in self.words.items():
            for word in words:
                self.by_word[word].add(pk)
        self.by_iban = _known_accounts(line.iban for line in lines)
        self.alike: dict[tuple[int, str, Decimal], list[Payment]] = defaultdict(list)
        for payment in _payments_of_amounts({abs(line.amount) for line in lines}):
            self.alike[payment.customer_id, payment.currency, payment.amount].append(payment)
        self.rests: dict[int, list[PaymentRest]] = defaultdict(list)
        self.payers = {line.pk: self._payer(line) for line in lines}
        for rest in payments_with_rest({pk for pk in self.payers.values() if pk is not None}):
            self.rests[rest.customer_id].append(rest)

    def came(self, line: BankLine) -> Suggestion:
        """Money in: what was recorded by hand, else named bills, else a payer's, else an amount that fits only one."""
        named = self._named(line)
        owners = {bill.customer_id for bill in named}
        payer = self.payers[line.pk]
        if len(owners) == 1:
            (owner,) = owners
            because = ["number", *(["payer"] if payer == owner else [])]
            return self._recorded(line, owner) or self._payment(line, owner, named, because)
        if payer is not None:
            fits = self._fitting(payer, line)
            return self._recorded(line, payer) or self._payment(line, payer, fits, ["payer"])
        alike = self.of_amount[line.currency, line.amount]
        if len(alike) == 1:
            return self._payment(line, alike[0].customer_id, alike, [])
        return Suggestion(line)

    def went(self, line: BankLine) -> Suggestion:
        """Money out: a payment that came back, or credit that we gave back."""
        payer, amount = self.payers[line.pk], -line.amount
        if payer is None:
            return Suggestion(line)
        name = self.names[payer]
        if line.is_returned or RETURNED.search(line.text):
            for payment in reversed(self.alike[payer, line.currency, amount]):
                if payment.received_on <= line.booked_on:
                    agreed = ("payer", "amount")
                    return Suggestion(line, "bounce", payer, name, payment_id=payment.pk, because=agreed)
        rests = [rest for rest in self.rests[payer] if rest.currency == line.currency and rest.rest >= amount]
        exact = [rest for rest in rests if rest.rest == amount]
        if exact or rests:
            because = ("payer", "amount") if len(exact) == 1 else ("payer",)
            chosen = (exact or rests)[0].payment_id
            return Suggestion(line, "refund", payer, name, payment_id=chosen, because=because)
        return Suggestion(line, "", payer, name)

    def _payment(
        self, line: BankLine, customer_id: int, bills: Sequence[Settlement], because: Sequence[str]
    ) -> Suggestion:
        left = line.amount - sum((bill.open for bill in bills), Decimal(0))
        agreed = (*because, "amount") if bills and not left else tuple(because)
        name = self.names[customer_id]
        over = left if bills else Decimal(0)
        return Suggestion(line, "payment", customer_id, name, tuple(bills), None, agreed, over)

    def _recorded(self, line: BankLine, customer_id: int) -> Suggestion | None:
        """A payment of just this amount that somebody recorded by hand about that day."""
        for payment in self.alike[customer_id, line.currency, line.amount]:
            is_free = not payment.bank_lines.all()
            if is_free and abs((payment.received_on - line.booked_on).days) <= NEAR_DAYS:
                name = self.names[customer_id]
                return Suggestion(line, "recorded", customer_id, name, (), payment.pk, ("payer", "amount"))
        return None

    def _fitting(self, customer_id: int, line: BankLine) -> list[Settlement]:
        """The one bill of the customer that is open with just this amount, or all of them if they add up to it."""
        bills = [bill for bill in self.of_customer[customer_id] if bill.currency == line.currency]
        alike = [bill for bill in bills if bill.open == line.amount]
        if len(alike) == 1:
            return alike
        return bills if sum((bill.open for bill in bills), Decimal(0)) == line.amount else []

    def _named(self, line: BankLine) -> list[Settlement]:
        """The open bills whose numbers the text holds, however it spells them: INV-2026-00017, inv 2026 00017."""
        letters = [(letter.upper()[:1], place) for place, letter in enumerate(line.text) if letter.isalnum()]
        squeezed = "".join(letter for letter, _ in letters)
        found: dict[int, Settlement] = {}
        start = 0
        while start < len(squeezed):
            step = 1
            for length in self.lengths:
                bill = self.by_number.get(squeezed[start : start + length])
                if bill is not None and _stands_alone(line.text, letters, start, length):
                    if bill.currency == line.currency:
                        found[bill.bill_id] = bill
                    step = length
                    break
            start += step
        return list(found.values())

    def _payer(self, line: BankLine) -> int | None:
        """The customer whose account it is, as was confirmed before, or whose name it bears."""
        if line.iban and (known := self.by_iban.get(line.iban)):
            return known
        words = name_words(line.name)
        near = {pk for word in words for pk in self.by_word.get(word, ())}
        meant = [pk for pk in near if self.words[pk] and self.words[pk] <= words]
        exact = [pk for pk in meant if self.words[pk] == words]
        chosen = exact or meant
        return chosen[0] if len(chosen) == 1 else None


def plain(number: str) -> str:
    """A bill's number as a transfer may spell it: letters and digits alone."""
    return "".join(letter.upper()[:1] for letter in number if letter.isalnum())


def name_words(name: str) -> frozenset[str]:
    """The words of a company's name, without its legal form."""
    return frozenset(re.findall(r"\w+", name.casefold())) - LEGAL_FORMS


def _stands_alone(text: str, letters: Sequence[tuple[str, int]], start: int, length: int) -> bool:
    """Whether no further digit follows directly: INV-2026-0001 is not meant by INV-2026-00017."""
    before, after = letters[start][1] - 1, letters[start + length - 1][1] + 1
    return not (after < len(text) and text[after].isdigit()) and not (before >= 0 and text[before].isalnum())


def _payments_of_amounts(amounts: Iterable[Decimal]) -> Iterable[Payment]:
    """Payments of just these amounts that nobody withdrew, oldest first, with the lines that they are."""
    found = Payment.objects.filter(withdrawn_at=None, amount__in=list(amounts))
    return found.prefetch_related("bank_lines").order_by("received_on", "pk")


def _known_accounts(ibans: Iterable[str]) -> dict[str, int]:
    """Account -> the one customer whose it was in all lines that were confirmed."""
    owners: dict[str, set[int]] = defaultdict(set)
    confirmed = BankLine.objects.filter(state="confirmed", iban__in={iban for iban in ibans if iban})
    for iban, customer_id in confirmed.values_list("iban", "customer").distinct():
        if customer_id is not None:
            owners[iban].add(customer_id)
    return {iban: next(iter(customers)) for iban, customers in owners.items() if len(customers) == 1}
