"""What paper is printed from: plain values that the other rooms fill in, and nothing that a table or a clock knows.

Amounts are Decimals in the currency's own digits, dates are dates, periods end on the first day after them. Names may
hold anything: they are made legible when they are printed, so nothing needs to be cleaned before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from quarterday.engine.bridge_steps import Reason
from quarterday.engine.counting import Rule
from quarterday.engine.facts import LineKind, TaxCategory
from quarterday.engine.money import digits_of
from quarterday.engine.periods import Period

BillKind = Literal["invoice", "credit_note"]
CountingRule = Rule | Literal["in_advance"]
PaperSize = Literal["a4", "letter"]
EntryKind = Literal["bill", "credit_note", "payment", "refund", "write_off", "withdrawal", "write_off_undone"]

ONE = Decimal(1)
ZERO = Decimal(0)


class PaperDoesNotAddUp(ValueError):
    """A total on the paper is not the sum of its parts: nothing is printed."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives the paper, as copied when the bill was made.

    `address` holds the lines below the name as the post wants them; `country` is the ISO code (it chooses between
    Chinese, Japanese and Korean letter forms) and `number` the customer number.
    """

    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    number: str = ""
    contact: str = ""
    tax_number: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""


PictureType = Literal["image/svg+xml", "image/png", "image/jpeg"]

_BEGINNINGS: dict[PictureType, bytes] = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo: the file's bytes and their type. Raises ValueError where the bytes are not of that type."""

    data: bytes
    mime: PictureType

    def __post_init__(self) -> None:
        fits = b"<svg" in self.data if self.mime == "image/svg+xml" else self.data.startswith(_BEGINNINGS[self.mime])
        if not fits:
            raise ValueError(f"logo is not of type {self.mime}: give a PNG, JPEG or SVG file with its own type")


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where to pay. An IBAN gives euro bills a QR code; `others` are further lines: ("Routing", "021000021")."""

    holder: str
    bank: str = ""
    iban: str = ""
    bic: str = ""
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The provider's stationery, shared by all its paper.

    `footer` holds up to four columns of legal lines (lines of a column are parted by a line feed); `accent` is the
    colour of rules and the title, such as "#1f4e79".
    """

    provider: Party
    logo: Picture | None = None
    accent: str = "#1f4e79"
    size: PaperSize = "a4"
    bank: BankAccount | None = None
    footer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceDays:
    """One device of a line and the days that it was there: what the annex shows."""

    name: str
    device_class: str
    present: tuple[Period, ...]
    days: int
    serial: str = ""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line of a bill, as the calculation left it; the print room puts it into words.

    `text` is the class ("computer", "server", "mobile" are translated, own classes stand as they are), or the text of
    a charge or discount. `per` is 1, or the days that a price is for when device-days are charged. `fraction` is the
    charged part of the whole period of `whole_days`. `tier` is (first, last) unit of a price step, last None above
    the highest bound. `counted_on` is the day that the rule looked at, where it looked at one. `bill` is the number of
    the bill that a `credit` corrects, or a `catch_up` or `true_up` completes. A percentage has `percent` and, if
    known, the amount that it is of. `takes_back` marks a credit by hand of a line, whole or a part of it.
    """

    kind: LineKind
    text: str
    net: Decimal
    period: Period | None = None
    quantity: Decimal = ONE
    unit: Literal["", "device", "device-day", "period"] = ""
    unit_price: Decimal | None = None
    per: Decimal = ONE
    fraction: Fraction = Fraction(1)
    whole_days: int | None = None
    counting: CountingRule | None = None
    counted_on: date | None = None
    tier: tuple[Decimal, Decimal | None] | None = None
    included: Decimal = ZERO
    minimum: Decimal | None = None
    percent: Decimal | None = None
    percent_of: Decimal | None = None
    bill: str = ""
    tax_category: TaxCategory = "S"
    tax_rate: Decimal = ZERO
    tax_code: str = ""
    devices: tuple[DeviceDays, ...] = ()
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class LineGroup:
    """The lines of one subscription under its plan's name; charges of the whole customer have an empty title."""

    title: str
    lines: tuple[PaperLine, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TaxRow:
    """The tax of one (category, rate): `name` such as "GST" where it is not the language's own word for it.

    `reason` replaces the language's sentence for a category that needs one (reverse charge, exemption, export).
    """

    category: TaxCategory
    rate: Decimal
    base: Decimal
    amount: Decimal
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BillReference:
    """Another bill that this one names."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a bill differs from the one before: that bill, both totals (a credit note's below 0), and the reasons.

    Raises PaperDoesNotAddUp if the reasons are not the difference.
    """

    number: str
    issued_on: date
    before: Decimal
    now: Decimal
    reasons: tuple[Reason, ...]
    device_names: Mapping[str, str]

    def __post_init__(self) -> None:
        _must_sum("the difference of two bills", self.now - self.before, (reason.amount for reason in self.reasons))


@dataclass(frozen=True, slots=True)
class BillPaper:
    """All that an invoice or credit note shows. Amounts of a credit note are positive, as on paper.

    Without a number it is a draft and says so on every page; its `issued_on` is then only the day it is drawn for.
    `copy` marks a copy. `paid` has been paid or credited already, and lowers what is asked for; nobody is asked to pay
    what `is_collected` by direct debit. Raises PaperDoesNotAddUp if lines, taxes and total disagree, and
    UnknownCurrency.
    """

    letterhead: Letterhead
    customer: Party
    issued_on: date
    currency: str
    groups: tuple[LineGroup, ...]
    taxes: tuple[TaxRow, ...]
    net: Decimal
    total: Decimal
    kind: BillKind = "invoice"
    number: str | None = None
    due_on: date | None = None
    language: str = "en"
    service_periods: tuple[Period, ...] = ()
    po_number: str = ""
    buyer_reference: str = ""
    corrects: tuple[BillReference, ...] = ()
    remarks: tuple[str, ...] = ()
    payment_note: str = ""
    paid: Decimal = ZERO
    copy: bool = False
    is_collected: bool = False
    difference: Difference | None = None

    def __post_init__(self) -> None:
        _must_sum(f"net of bill {self.number}", self.net, (line.net for group in self.groups for line in group.lines))
        _must_sum(f"total of bill {self.number}", self.total, [self.net, *(row.amount for row in self.taxes)])
        digits_of(self.currency)

    @property
    def to_pay(self) -> Decimal:
        """What is still to be paid: the total less what has been paid."""
        return self.total - self.paid


@dataclass(frozen=True, slots=True)
class ConsolidatedSummary:
    """The cover of a consolidated bill: whose bills, of which days. Rows and sums come from the bills themselves."""

    letterhead: Letterhead
    customer: Party
    period: Period
    printed_on: date
    language: str = "en"


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One movement of a customer's account: bills and refunds are positive, credit notes and payments negative."""

    on: date
    kind: EntryKind
    reference: str
    amount: Decimal
    due_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """A statement of account in one currency: the opening balance, each movement, the closing balance.

    Positive balances are owed by the customer, who is not asked to pay what `is_collected` by direct debit. Raises
    PaperDoesNotAddUp if the movements do not lead from the opening to the closing balance, and UnknownCurrency.
    """

    letterhead: Letterhead
    customer: Party
    period: Period
    printed_on: date
    currency: str
    opening: Decimal
    closing: Decimal
    entries: tuple[StatementEntry, ...] = ()
    language: str = "en"
    is_collected: bool = False

    def __post_init__(self) -> None:
        _must_sum("closing balance", self.closing, [self.opening, *(entry.amount for entry in self.entries)])
        digits_of(self.currency)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF: a machine-readable twin of the bill is an `alternative`, anything else a `supplement`."""

    name: str
    data: bytes
    mime: str
    description: str
    relationship: Literal["alternative", "supplement", "data", "source"] = "alternative"


def _must_sum(what: str, total: Decimal, parts: Iterable[Decimal]) -> None:
    found = sum(parts, ZERO)
    if found != total:
        raise PaperDoesNotAddUp(f"{what} is {total}, but its parts add up to {found}: calculate the bill again")
