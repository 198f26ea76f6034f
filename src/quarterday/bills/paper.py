"""Rows -> paper: what a stored bill looks like, from nothing but what was stored with it.

Names, prices and parties are those of the bill, not those of today. Only logo, paper size and colour are the provider's
present ones. They no longer matter once the bill is printed, since the bytes are kept; a copy, which is laid out anew,
shows those of its day. A device's serial in the annex is the one of the day of the print, which keeps it for copies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from quarterday.bills.bridging import Unexplained, bridge_to
from quarterday.bills.grounds import counted_on, price_of
from quarterday.bills.letterhead import customer_party, letterhead_of
from quarterday.bills.models import Bill, BillFacts, BillIssue, BillLine, BillPrint, BillTax
from quarterday.bills.packing import unpack
from quarterday.documents.values import (
    BillPaper,
    BillReference,
    CountingRule,
    DeviceDays,
    Difference,
    LineGroup,
    PaperLine,
    TaxRow,
)
from quarterday.engine.facts import FIRST_CHARGES, BillingFacts, ClassPrice, SubscriptionFacts
from quarterday.engine.money import digits_of
from quarterday.engine.periods import Period
from quarterday.engine.presence import merge
from quarterday.engine.stored_facts import facts_from_bytes
from quarterday.inventory.queries import device_labels
from quarterday.provider.models import Provider
from quarterday.subscriptions.models import Adjustment
from quarterday.subscriptions.queries import adjustments_by_id


def papers_of(bill_ids: Sequence[int], provider: Provider) -> dict[int, BillPaper]:
    """Bill id -> its paper, for issued bills and drafts alike, in a fixed number of queries."""
    bills = list(Bill.objects.select_related("seller", "buyer", "customer").filter(pk__in=bill_ids))
    stored = _Stored(bills, provider)
    return {bill.pk: stored.paper(bill) for bill in bills}


def serials_of(bill_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Bill id -> device id -> the serial that its source tells now, of the devices that the bill's lines name."""
    named: dict[int, set[int]] = defaultdict(set)
    for bill_id, devices in BillLine.objects.filter(bill__in=bill_ids).values_list("bill_id", "device_ids"):
        named[bill_id].update(devices or ())
    labels = device_labels({device for devices in named.values() for device in devices})
    return {
        bill_id: {str(each): labels[each].serial for each in sorted(devices) if each in labels and labels[each].serial}
        for bill_id, devices in named.items()
    }


def differences_of(bill_ids: Sequence[int]) -> dict[int, Difference]:
    """Bill id -> why it differs from the bill before; three queries a bill, only for who wants it on paper.

    A first bill and a credit by hand have none, nor has a bill of which the stored facts do not tell the truth.
    """
    found: dict[int, Difference] = {}
    for bill in Bill.objects.filter(pk__in=bill_ids):
        with suppress(Unexplained):
            told = bridge_to(bill)
            if told is not None and told.earlier.issued_on is not None:
                found[bill.pk] = Difference(
                    number=told.earlier.number,
                    issued_on=told.earlier.issued_on,
                    before=told.earlier.total,
                    now=told.later.total,
                    reasons=told.bridge.reasons,
                    device_names=told.device_names,
                )
    return found


@dataclass(frozen=True, slots=True)
class _Period:
    """One subscription of a bill: its facts, and how each day of the ledger stands in them."""

    facts: BillingFacts
    subscription: SubscriptionFacts


class _Stored:
    """Everything that the papers of some bills need, read once."""

    def __init__(self, bills: Sequence[Bill], provider: Provider) -> None:
        self._provider = provider
        ids = [bill.pk for bill in bills]
        self._issues = {issue.bill_id: issue for issue in BillIssue.objects.filter(bill__in=ids)}
        self._lines: dict[int, list[BillLine]] = defaultdict(list)
        for line in BillLine.objects.filter(bill__in=ids).order_by("bill_id", "position"):
            self._lines[line.bill_id].append(line)
        self._taxes: dict[int, list[BillTax]] = defaultdict(list)
        for tax in BillTax.objects.filter(bill__in=ids).order_by("bill_id", "position"):
            self._taxes[tax.bill_id].append(tax)
        # A credit by hand has no facts of its own: its plans and devices are those of its bill.
        by_hand = {bill.corrects_id for bill in bills if bill.corrects_id and self._is_by_hand(bill)}
        self._facts = {
            row.bill_id: facts_from_bytes(unpack(bytes(row.data)))
            for row in BillFacts.objects.filter(bill__in=[*ids, *by_hand])
        }
        all_lines = [line for lines in self._lines.values() for line in lines]
        corrected = {pk for line in all_lines for pk in line.corrects_bills or ()}
        corrected |= {bill.corrects_id for bill in bills if bill.corrects_id}
        self._corrected = {issue.bill_id: issue for issue in BillIssue.objects.filter(bill__in=corrected)}
        self._adjustments = adjustments_by_id({line.adjustment_id for line in all_lines if line.adjustment_id})
        self._printed = dict(BillPrint.objects.filter(bill__in=ids).values_list("bill_id", "serials"))
        self._labels = device_labels({device for line in all_lines for device in line.device_ids or ()})

    def _is_by_hand(self, bill: Bill) -> bool:
        return any(line.corrects_line_id for line in self._lines[bill.pk])

    def paper(self, bill: Bill) -> BillPaper:
        """One bill's paper. A draft is dated by its billing date, and says that it is a draft."""
        issue = self._issues.get(bill.pk)
        lines = self._lines[bill.pk]
        facts = self._facts.get(bill.pk)
        return BillPaper(
            letterhead=letterhead_of(bill.seller.content, self._provider, reader=bill.buyer.content),
            customer=customer_party(bill.buyer.content, home=bill.seller.content.get("country", "")),
            issued_on=issue.issued_on if issue else bill.billing_date,
            currency=bill.currency,
            groups=tuple(self._groups(bill, facts)),
            taxes=tuple(_tax_rows(self._taxes[bill.pk])),
            net=bill.net,
            total=bill.total,
            kind="credit_note" if bill.kind == "credit_note" else "invoice",
            number=issue.number if issue else None,
            due_on=issue.due_on if issue and bill.kind == "invoice" else None,
            language=bill.buyer.content.get("language", "en"),
            service_periods=_service_periods(lines),
            is_collected=bill.buyer.content.get("direct_debit", False),
            po_number=bill.po_number,
            buyer_reference=bill.buyer_reference,
            corrects=tuple(self._references(bill, lines)),
            remarks=(bill.reason,) if bill.reason else (),
        )

    def _groups(self, bill: Bill, facts: BillingFacts | None) -> Iterable[LineGroup]:
        by_subscription: dict[int | None, list[BillLine]] = defaultdict(list)
        for line in self._lines[bill.pk]:
            by_subscription[line.subscription_id].append(line)
        named_by = facts or self._facts.get(bill.corrects_id or 0)
        subscriptions = {int(known.id): known for known in named_by.subscriptions} if named_by else {}
        for subscription_id, own in by_subscription.items():
            known = subscriptions.get(subscription_id) if subscription_id is not None else None
            ground = _Period(facts, known) if facts and known else None
            title = known.plan if known else ""
            yield LineGroup(title, tuple(self._line(line, own, bill, ground) for line in own))

    def _line(self, line: BillLine, siblings: Sequence[BillLine], bill: Bill, ground: _Period | None) -> PaperLine:
        period = Period(line.start_on, line.end_on) if line.start_on and line.end_on else None
        adjustment = self._adjustments.get(line.adjustment_id or 0)
        price = price_of(line, ground.subscription) if ground else None
        fraction = Fraction(line.fraction)
        facts = self._facts.get(bill.corrects_id or 0) if line.corrects_line_id else self._facts.get(bill.pk)
        devices = tuple(self._devices(line, period, facts))
        return PaperLine(
            kind=cast(Any, line.kind),
            text=_text_of(line),
            net=line.net,
            period=period,
            quantity=_without_noughts(line.quantity),
            unit=cast(Any, line.unit),
            unit_price=line.unit_price,
            per=Decimal(line.per),
            fraction=fraction,
            whole_days=int(period.days / fraction) if period and fraction else None,
            counting=_rule_of(line, ground),
            counted_on=counted_on(line, ground.subscription, ground.facts) if ground else None,
            tier=_tier(line, siblings, price),
            included=Decimal(price.included) if price and line.kind == "usage" else Decimal(0),
            minimum=Decimal(price.minimum) if price and line.kind == "minimum" else None,
            percent=adjustment.percent if adjustment else None,
            percent_of=_percent_of(line, adjustment, self._lines[bill.pk], bill.currency) if adjustment else None,
            bill=", ".join(self._corrected[pk].number for pk in line.corrects_bills or () if pk in self._corrected),
            tax_category=cast(Any, line.tax_category or "O"),
            tax_rate=line.tax_rate,
            tax_code=line.tax_code,
            devices=devices,
            takes_back=line.corrects_line_id is not None,
        )

    def _devices(self, line: BillLine, period: Period | None, facts: BillingFacts | None) -> Iterable[DeviceDays]:
        stays: dict[str, list[Period]] = defaultdict(list)
        if facts and period:
            for stay in facts.stays:
                if within := stay.present.overlap(period):
                    stays[stay.device_id].append(within)
        names = facts.names if facts else {}
        for device_id, days in line.evidence:
            label = self._labels.get(device_id)
            yield DeviceDays(
                name=names.get(str(device_id)) or (label.name if label else str(device_id)),
                device_class=line.device_class,
                present=tuple(stays.get(str(device_id), ())),
                days=days,
                serial=self._serial(line.bill_id, device_id, label.serial if label else ""),
            )

    def _serial(self, bill_id: int, device_id: int, now: str) -> str:
        """The one of the print, where there is one."""
        if bill_id not in self._printed:
            return now
        kept: dict[str, str] = self._printed[bill_id] or {}
        return kept.get(str(device_id), "")

    def _references(self, bill: Bill, lines: Sequence[BillLine]) -> Iterable[BillReference]:
        named = dict.fromkeys([bill.corrects_id, *(pk for line in lines for pk in line.corrects_bills or ())])
        if bill.kind == "credit_note":
            for pk in named:
                if pk in self._corrected:
                    yield BillReference(self._corrected[pk].number, self._corrected[pk].issued_on)


def _text_of(line: BillLine) -> str:
    """What the line is about, as paper has a name for it in each language; of an adjustment its own text."""
    if line.kind == "adjustment":
        return line.text
    return "flat_fee" if line.unit == "period" else line.device_class or line.text


def _service_periods(lines: Iterable[BillLine]) -> tuple[Period, ...]:
    """The days that the bill charges for, joined where they touch."""
    return merge({Period(line.start_on, line.end_on) for line in lines if line.start_on and line.end_on})


def _tax_rows(taxes: Iterable[BillTax]) -> Iterable[TaxRow]:
    for tax in taxes:
        category = cast(Any, tax.category)
        if not tax.components:
            yield TaxRow(category, tax.rate, tax.base, tax.amount, reason=tax.reason)
        for name, rate, amount in tax.components:
            yield TaxRow(category, Decimal(rate), tax.base, Decimal(amount), name=name, reason=tax.reason)


def _rule_of(line: BillLine, ground: _Period | None) -> CountingRule | None:
    """How the line's devices were counted. In advance a whole period is charged for the devices of its first day."""
    if ground is None or line.kind != "usage":
        return None
    return "in_advance" if ground.subscription.timing == "advance" else ground.subscription.counting


def _percent_of(line: BillLine, adjustment: Adjustment, lines: Sequence[BillLine], currency: str) -> Decimal | None:
    """What a percentage is of: the charges in its scope under the same tax. None where the line was cut."""
    if adjustment.percent is None:
        return None
    scope = adjustment.subscription_id
    base = sum(
        (
            other.net
            for other in lines
            if other.kind != "adjustment"
            and scope in (None, other.subscription_id)
            and (other.tax_category, other.tax_rate) == (line.tax_category, line.tax_rate)
        ),
        Decimal(0),
    )
    exact = base * adjustment.percent / 100
    # A percentage is split over the taxes by largest remainder, so that a part may be off by less than a cent.
    return base if abs(exact - line.net) < Decimal(1).scaleb(-digits_of(currency)) else None


def _without_noughts(quantity: Decimal) -> Decimal:
    """The column's six decimals are not the quantity's: 1.000000 device is 1 device."""
    return Decimal(int(quantity)) if quantity == int(quantity) else quantity.normalize()


def _tier(
    line: BillLine, siblings: Sequence[BillLine], price: ClassPrice | None
) -> tuple[Decimal, Decimal | None] | None:
    """The units of a graduated step that the line charges: those after the lines before it.

    A difference to what was billed has lines of some steps only, of which nobody can tell which units they are.
    """
    if price is None or price.tiers is None or price.tiers.mode != "graduated" or line.unit != "device":
        return None
    if line.kind not in FIRST_CHARGES:
        return None
    before = sum(
        (
            sibling.quantity
            for sibling in siblings
            if sibling.position < line.position
            and (sibling.device_class, sibling.start_on) == (line.device_class, line.start_on)
        ),
        Decimal(0),
    )
    return before + 1, before + _without_noughts(line.quantity)
