"""What a bill says, as values: its lines, taxes, totals, parties, recipients; and the digest that covers all of it.

The same values are written to the tables and can be read back from them, so the digest proves the rows. It names
neither the bill's id nor its number: equal content has an equal digest in every process, a dry run included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from quarterday.engine.calculate import BillDraft
from quarterday.engine.canonical import canonical_json
from quarterday.engine.lines import BillLine
from quarterday.engine.tax import TaxGroup

NOTHING = Decimal(0)


class LineContent(NamedTuple):
    """One line, in the order of its columns. Amounts are as on paper: a credit note's are positive.

    `corrects` are the content digests (hexadecimal) of the bills that a true-up, catch-up or credit corrects;
    `corrects_line` is the position of the line that a credit by hand takes back.
    """

    kind: str
    text: str
    net: Decimal
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    per: int
    fraction: str
    subscription_id: int | None
    adjustment_id: int | None
    device_class: str
    start_on: date | None
    end_on: date | None
    tax_code: str
    tax_category: str
    tax_rate: Decimal
    tax_reason: str
    tax_components: tuple[tuple[str, Decimal], ...]
    revenue_account: str
    corrects: tuple[str, ...]
    corrects_line: int | None
    device_ids: tuple[str, ...] | None
    device_days: tuple[int, ...] | None


class TaxContent(NamedTuple):
    """The tax of one (category, rate) on the sum of its lines; components are (name, rate, amount)."""

    category: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    reason: str
    components: tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class BillContent:
    """All that a bill says but its number and dates of issue.

    `corrects` is the content digest (hexadecimal) of the one bill that a credit note corrects; "" for all others.
    """

    customer_id: int
    kind: str
    currency: str
    billing_on: date
    due_days: int
    net: Decimal
    tax: Decimal
    total: Decimal
    lines: tuple[LineContent, ...]
    taxes: tuple[TaxContent, ...]
    recipients: tuple[str, ...]
    seller: bytes
    buyer: bytes
    po_number: str = ""
    buyer_reference: str = ""
    reason: str = ""
    corrects: str = ""

    @property
    def device_count(self) -> int:
        """How many devices the lines count; one that two subscriptions charge counts for each."""
        return sum(map(len, self.devices_counted().values()))

    def devices_counted(self) -> dict[int | None, set[str]]:
        """Subscription id -> the devices on its usage lines, each once, however many lines a new price makes of it.

        A line that takes back days of a device counts none.
        """
        counted: dict[int | None, set[str]] = {}
        for line in self.lines:
            if line.kind == "usage" and line.corrects_line is None:
                counted.setdefault(line.subscription_id, set()).update(line.device_ids or ())
        return counted

    def digest(self) -> bytes:
        """The sha256 of everything above, as 32 bytes."""
        return hashlib.sha256(canonical_json(self._plain())).digest()

    def _plain(self) -> dict[str, Any]:
        return {
            "customer": self.customer_id,
            "kind": self.kind,
            "currency": self.currency,
            "billing_on": self.billing_on,
            "due_days": self.due_days,
            "net": self.net,
            "tax": self.tax,
            "total": self.total,
            "lines": self.lines,
            "taxes": self.taxes,
            "recipients": self.recipients,
            "seller": self.seller.hex(),
            "buyer": self.buyer.hex(),
            "po_number": self.po_number,
            "buyer_reference": self.buyer_reference,
            "reason": self.reason,
            "corrects": self.corrects,
        }


class Party(NamedTuple):
    """A party as a bill copies it: canonical JSON of what the paper says, and its sha256, which is its identity."""

    digest: bytes
    told: str

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Party:
        """The copy of a party that is described by these fields."""
        told = canonical_json(content)
        return cls(hashlib.sha256(told).digest(), told.decode())


def content_of_draft(
    draft: BillDraft,
    *,
    accounts: Mapping[str, str],
    recipients: Sequence[str],
    seller: bytes,
    buyer: bytes,
    po_number: str,
    buyer_reference: str,
) -> BillContent:
    """What a calculated bill says. Below zero it is a credit note, whose amounts stand positive on paper.

    `accounts` are the revenue accounts by tax code. What is given besides is in no calculation.
    """
    sign = -1 if draft.type == "credit_note" else 1
    return BillContent(
        customer_id=int(draft.customer_id),
        kind=draft.type,
        currency=draft.currency,
        billing_on=draft.billing_on,
        due_days=draft.due_days,
        net=sign * draft.net,
        tax=sign * draft.tax_total,
        total=sign * draft.total,
        lines=tuple(_line(line, sign, accounts) for line in draft.lines),
        taxes=tuple(_tax(group, sign) for group in draft.tax),
        recipients=tuple(recipients),
        seller=seller,
        buyer=buyer,
        po_number=po_number,
        buyer_reference=buyer_reference,
        corrects=draft.corrects[0] if draft.type == "credit_note" and len(draft.corrects) == 1 else "",
    )


def _line(line: BillLine, sign: int, accounts: Mapping[str, str]) -> LineContent:
    tax, days, devices = line.tax, line.days, line.devices
    return LineContent(
        kind=line.kind,
        text=line.text,
        net=sign * line.net,
        quantity=sign * line.quantity,
        unit=line.unit or "",
        unit_price=line.unit_price,
        per=line.per,
        fraction=str(line.fraction),
        subscription_id=None if line.subscription_id is None else int(line.subscription_id),
        adjustment_id=None if line.adjustment_id is None else int(line.adjustment_id),
        device_class=line.device_class or "",
        start_on=None if days is None else days.start,
        end_on=None if days is None else days.end,
        tax_code="" if tax is None else tax.code,
        tax_category="" if tax is None else tax.category,
        tax_rate=NOTHING if tax is None else tax.rate,
        tax_reason="" if tax is None else tax.reason,
        tax_components=() if tax is None else tuple((part.name, part.rate) for part in tax.components),
        revenue_account="" if tax is None else accounts.get(tax.code, ""),
        corrects=line.corrects,
        corrects_line=None,
        device_ids=None if devices is None else tuple(device for device, _ in devices),
        device_days=None if devices is None else tuple(days for _, days in devices),
    )


def _tax(group: TaxGroup, sign: int) -> TaxContent:
    return TaxContent(
        group.category,
        group.rate,
        sign * group.base,
        sign * group.amount,
        group.reason,
        tuple((part.component.name, part.component.rate, sign * part.amount) for part in group.components),
    )
