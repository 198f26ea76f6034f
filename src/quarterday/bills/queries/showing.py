"""One bill in full: its lines, each opened to its devices and days; what it depends on, in words; what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from quarterday.bills.content import TaxContent
from quarterday.bills.grounds import counted_on, price_of, terms_of
from quarterday.bills.models import Bill, BillLine, BillTax
from quarterday.bills.stored import stored_facts
from quarterday.engine.facts import BillingFacts, PriceOverride, SubscriptionFacts
from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period
from quarterday.engine.stored_facts import facts_from_bytes


@dataclass(frozen=True, slots=True)
class CountedDevice:
    """A device of a line, by the name that it had then: for how many days it counts, and when it was there.

    `present` are its stays within the line's days; a device that a replacement counts for was elsewhere on others.
    """

    device_id: int
    name: str
    days: int
    present: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with what explains it: how devices were counted, which terms applied since when, the sum in figures."""

    position: int
    kind: str
    text: str
    device_class: str
    subscription_id: int | None
    plan: str
    days: Period | None
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    per: int
    fraction: str
    net: Decimal
    tax_code: str
    tax_category: str
    tax_rate: Decimal
    counting: str
    counted_on: date | None
    whole_days: int | None
    terms_since: date | None
    terms_are_own: bool
    included: int
    minimum: int
    formula: str
    devices: tuple[CountedDevice, ...]
    corrects: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a bill's life: what, when, by whom, and the words that go with it."""

    at: datetime
    what: str
    by: str
    words: str = ""


def shown_lines(bill: Bill) -> list[ShownLine]:
    """The lines of a bill, explained from the facts that are stored with it; four queries."""
    stored = stored_facts(bill.pk)
    facts = None if stored is None else facts_from_bytes(stored)
    subscriptions = {} if facts is None else {int(each.id): each for each in facts.subscriptions}
    lines = list(BillLine.objects.filter(bill=bill).order_by("position"))
    if bill.corrects_id and any(line.corrects_line_id and line.device_ids for line in lines):
        # A credit by hand has no facts of its own: the devices whose days it takes back are those of its bill.
        corrected = stored_facts(bill.corrects_id)
        facts = None if corrected is None else facts_from_bytes(corrected)
    return [
        _shown(line, subscriptions.get(line.subscription_id or 0), facts, digits_of(bill.currency)) for line in lines
    ]


def shown_taxes(bill: Bill) -> list[TaxContent]:
    """The tax table of a bill, in the currency's own digits; one query."""
    digits = digits_of(bill.currency)
    return [
        TaxContent(
            tax.category,
            tax.rate,
            round_half_up(tax.base, digits),
            round_half_up(tax.amount, digits),
            tax.reason,
            tuple((name, Decimal(rate), Decimal(amount)) for name, rate, amount in tax.components),
        )
        for tax in BillTax.objects.filter(bill=bill).order_by("position")
    ]


def history_of(bill: Bill) -> list[Happening]:
    """Everything that happened to a bill, oldest first: calculated, held, issued, printed, mailed, corrected."""
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"bill": bill.pk})
        happened = [Happening(*row) for row in cursor.fetchall()]
    # In one run all of it has one instant; it still came one after the other.
    return sorted(happened, key=lambda each: (each.at, _CAME.get(each.what, len(_CAME))))


_CAME = {
    what: place
    for place, what in enumerate(
        ("calculated", "drafted", "held", "approved", "released", "discarded", "issued", "numbered", "printed")
    )
}


_HISTORY = """
    SELECT calculated_at AS at, 'calculated' AS what, '' AS actor_name, '' AS words FROM bills_bill WHERE id = %(bill)s
    UNION ALL
    SELECT at, verb, actor_name, coalesce(details ->> 'total', details ->> 'reason', details ->> 'by', '')
    FROM shared_auditentry WHERE subject_kind = 'bills.Bill' AND subject_id = %(bill)s
    UNION ALL
    SELECT raised_at, 'held', '', message FROM bills_billhold WHERE bill_id = %(bill)s
    UNION ALL
    SELECT issued_at, 'numbered', issued_by, number FROM bills_billissue WHERE bill_id = %(bill)s
    UNION ALL
    SELECT printed_at, 'printed', '', 'sha256 ' || sha256 FROM bills_billprint WHERE bill_id = %(bill)s
    UNION ALL
    SELECT coalesce(d.sent_at, d.started_at, m.created_at), 'mail ' || d.state, d.address, d.response
    FROM bills_billmail bm JOIN outbox_message m ON m.id = bm.message_id JOIN outbox_delivery d ON d.message_id = m.id
    WHERE bm.bill_id = %(bill)s
    UNION ALL
    SELECT downloaded_at, 'downloaded', downloaded_by, '' FROM bills_billdownload WHERE bill_id = %(bill)s
    UNION ALL
    SELECT i.issued_at, 'corrected', i.issued_by, i.number
    FROM bills_bill b JOIN bills_billissue i ON i.bill_id = b.id WHERE b.corrects_id = %(bill)s
    ORDER BY 1, 2
    """


def _shown(
    line: BillLine, subscription: SubscriptionFacts | None, facts: BillingFacts | None, digits: int
) -> ShownLine:
    days = Period(line.start_on, line.end_on) if line.start_on and line.end_on else None
    terms = terms_of(line, subscription) if subscription else None
    price = price_of(line, subscription) if subscription else None
    fraction = Fraction(line.fraction)
    return ShownLine(
        position=line.position,
        kind=line.kind,
        text=line.text,
        device_class=line.device_class,
        subscription_id=line.subscription_id,
        plan=subscription.plan if subscription else "",
        days=days,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        per=line.per,
        fraction=line.fraction,
        net=round_half_up(line.net, digits),
        tax_code=line.tax_code,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        counting=subscription.counting if subscription and line.kind == "usage" else "",
        counted_on=counted_on(line, subscription, facts) if subscription and facts else None,
        whole_days=int(days.days / fraction) if days and fraction else None,
        terms_since=terms.effective_on if terms else None,
        terms_are_own=isinstance(terms, PriceOverride),
        included=price.included if price else 0,
        minimum=price.minimum if price else 0,
        formula=_formula(line),
        devices=tuple(_devices(line, facts, days)),
        corrects=tuple(line.corrects_bills or ()),
    )


def _devices(line: BillLine, facts: BillingFacts | None, days: Period | None) -> Iterator[CountedDevice]:
    """The devices that the line counts, each with its days."""
    wanted = {str(device) for device in line.device_ids or ()}
    stays: dict[str, list[Period]] = {}
    for stay in facts.stays if facts and days and wanted else ():
        if days and stay.device_id in wanted and (within := stay.present.overlap(days)):
            stays.setdefault(stay.device_id, []).append(within)
    names = facts.names if facts else {}
    for device, count in line.evidence:
        present = tuple(sorted(stays.get(str(device), ())))
        yield CountedDevice(device, names.get(str(device), str(device)), count, present)


def _formula(line: BillLine) -> str:
    """The sum in figures: "760 x 30.00 / 31", "2 x 30.00 x 15/30"."""
    if line.unit_price is None:
        return ""
    figures = f"{line.quantity.normalize():f} x {line.unit_price.normalize():f}"
    if line.unit == "device-day":
        return f"{figures} / {line.per}"
    return figures if line.fraction == "1" else f"{figures} x {line.fraction}"
