"""What each waiting line of the bank probably is: by bill number, amount, account and name. Nothing is decided here.

A suggestion is `sure` when two of these agree: the bill's number or the payer say whose money it is, and the amount is
just what is open; what we gave back never is. An amount that both a payment by hand and an open bill have says nothing.
All inside `acting(scope)` of everybody, since a line is nobody's before it is confirmed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from quarterday.payments.models import BankLine
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
MAY_COME_BACK = timedelta(days=70)
"""Eight weeks in which a payer may have a debit sent back, and some days for the banks."""


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
        """Whether it may be confirmed together with others, without a closer look. What went back never is."""
        told_whose = "number" in self.because or "payer" in self.because
        return self.kind not in ("", "refund") and told_whose and "amount" in self.because


def waiting_lines() -> QuerySet[BankLine]:
    """Lines that nobody has decided, oldest first."""
    return BankLine.objects.filter(state="waiting").order_by("booked_on", "pk")


def find_bank_line(line_id: int) -> BankLine | None:
    """One line; None if there is none."""
    return BankLine.objects.filter(pk=line_id).first()


def get_bank_line(line_id: int) -> BankLine:
    """One line; BankLineUnknown if there is none."""
    row = find_bank_line(line_id)
    if row is None:
        raise BankLineUnknown("line", f"There is no bank line {line_id}: see quarterday payments suggestions.")
    return row


def suggestions(lines: Sequence[BankLine]) -> list[Suggestion]:
    """What each of these lines probably is, in their order; a fixed number of queries."""
    if not lines:
        return []
    desk = _Desk(lines)
    return [desk.came(line) if line.amount > 0 else desk.went(line) for line in lines]


class _Paid(NamedTuple):
    """A payment, what is left of it, whether a line of the bank is it already, and the numbers of what it settled."""

    payment_id: int
    customer_id: int
    currency: str
    amount: Decimal
    received_on: date
    rest: Decimal
    is_linked: bool
    numbers: list[str]


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
        self.names, self.by_iban = _customers_and_accounts(line.iban for line in lines)
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.words = {pk: name_words(name) for pk, name in self.names.items()}
        for pk, words in self.words.items():
            for word in words:
                self.by_word[word].add(pk)
        self.payers = {line.pk: self._payer(line) for line in lines}
        given_to = {payer for line in lines if line.amount < 0 and (payer := self.payers[line.pk]) is not None}
        self.alike: dict[tuple[int, str, Decimal], list[_Paid]] = defaultdict(list)
        self.rests: dict[tuple[int, str], list[_Paid]] = defaultdict(list)
        for paid in _payments({abs(line.amount) for line in lines}, given_to):
            self.alike[paid.customer_id, paid.currency, paid.amount].append(paid)
            self.rests[paid.customer_id, paid.currency].append(paid)

    def came(self, line: BankLine) -> Suggestion:
        """Money in: what was recorded by hand, else named bills, else a payer's, else an amount that fits only one."""
        named = self._named(line)
        owners = {bill.customer_id for bill in named}
        payer = self.payers[line.pk]
        if len(owners) == 1:
            (owner,) = owners
            because = ["number", *(["payer"] if payer == owner else [])]
            return self._recorded(line, owner, named) or self._payment(line, owner, named, because)
        if payer is not None:
            fits = self._fitting(payer, line)
            return self._recorded(line, payer, fits) or self._payment(line, payer, fits, ["payer"])
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
            paid, is_sure = _came_back(line, self.alike[payer, line.currency, amount])
            if paid is not None:
                agreed = ("payer", "amount") if is_sure else ("payer",)
                return Suggestion(line, "bounce", payer, name, payment_id=paid.payment_id, because=agreed)
        rests = [paid for paid in self.rests[payer, line.currency] if paid.rest >= amount]
        exact = [paid for paid in rests if paid.rest == amount]
        if rests:
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

    def _recorded(self, line: BankLine, customer_id: int, bills: Sequence[Settlement]) -> Suggestion | None:
        """A payment of just this amount that somebody recorded by hand about that day.

        The amount tells nothing when it is also just what is open of `bills`: the line may as well be the next payment.
        """
        fits = sum((bill.open for bill in bills), Decimal(0)) == line.amount
        agreed = ("payer",) if fits else ("payer", "amount")
        for paid in self.alike[customer_id, line.currency, line.amount]:
            if not paid.is_linked and abs((paid.received_on - line.booked_on).days) <= NEAR_DAYS:
                name = self.names[customer_id]
                return Suggestion(line, "recorded", customer_id, name, (), paid.payment_id, agreed)
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


def _came_back(line: BankLine, alike: Sequence[_Paid]) -> tuple[_Paid | None, bool]:
    """Which of the payments of just this amount came back, and whether no other one can be meant.

    The same is collected each month: it is the one whose bill the line names, else perhaps the newest.
    """
    before = [paid for paid in alike if paid.received_on <= line.booked_on]
    if not before:
        return None, False
    said = plain(line.text)
    named = [paid for paid in before if any(plain(number) in said for number in paid.numbers)]
    recent = [paid for paid in before if line.booked_on - paid.received_on <= MAY_COME_BACK]
    return (named or before)[-1], len(named or recent or before) == 1


def _payments(amounts: Iterable[Decimal], customer_ids: Iterable[int]) -> list[_Paid]:
    """Payments of just these amounts, and those of some customers that are not used up; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT * FROM (
                SELECT p.id, p.customer_id, p.currency, p.amount, p.received_on,
                       p.amount - coalesce(a.used, 0) - coalesce(r.given_back, 0) AS rest,
                       EXISTS (SELECT FROM payments_bankline l WHERE l.payment_id = p.id) AS is_linked,
                       ARRAY(SELECT i.number FROM payments_allocation s JOIN bills_billissue i ON i.bill_id = s.bill_id
                             WHERE s.payment_id = p.id AND s.undone_at IS NULL) AS numbers
                FROM payments_payment p
                LEFT JOIN LATERAL (SELECT sum(amount) AS used FROM payments_allocation
                                   WHERE payment_id = p.id AND undone_at IS NULL) a ON true
                LEFT JOIN LATERAL (SELECT sum(amount) AS given_back FROM payments_refund
                                   WHERE payment_id = p.id) r ON true
                WHERE p.withdrawn_at IS NULL AND (p.amount = ANY (%(amounts)s) OR p.customer_id = ANY (%(customers)s))
            ) AS paid
            WHERE amount = ANY (%(amounts)s) OR rest > 0 ORDER BY received_on, id
            """,
            {"amounts": sorted(amounts), "customers": sorted(customer_ids)},
        )
        return [_Paid(*row) for row in cursor.fetchall()]


def _customers_and_accounts(ibans: Iterable[str]) -> tuple[dict[int, str], dict[str, int]]:
    """Every customer's name; and account -> the one customer whose it was in all lines that were confirmed."""
    names: dict[int, str] = {}
    owners: dict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c.name, l.iban FROM customers_customer c LEFT JOIN (
                SELECT DISTINCT customer_id, iban FROM payments_bankline WHERE state = 'confirmed' AND iban = ANY (%s)
            ) l ON l.customer_id = c.id
            """,
            [sorted({iban for iban in ibans if iban})],
        )
        for customer_id, name, iban in cursor.fetchall():
            names[customer_id] = name
            if iban:
                owners[iban].add(customer_id)
    return names, {iban: next(iter(customers)) for iban, customers in owners.items() if len(customers) == 1}
