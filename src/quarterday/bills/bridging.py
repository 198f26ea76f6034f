"""Why a bill differs from the one before it, or from any other of its customer: read from both bills' stored facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from quarterday.bills.content import LineContent
from quarterday.bills.models import Bill
from quarterday.bills.packing import unpack
from quarterday.bills.reading.rows import rows_of
from quarterday.bills.stored import stored_contents
from quarterday.engine.bridge import Bridge, bridge
from quarterday.engine.credits import Credit, CreditableLine
from quarterday.engine.facts import BillingFacts, TaxComponent, TaxTreatment
from quarterday.engine.money import in_currency
from quarterday.engine.stored_facts import facts_from_bytes
from quarterday.shared.refusal import Refused


class Unexplained(Refused):
    """The two bills cannot be compared, or one of them is not what its stored facts say."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a bridge: a bill, by what people know of it. A draft has no number and no date of issue."""

    bill_id: int
    number: str
    issued_on: date | None
    total: Decimal


@dataclass(frozen=True, slots=True)
class BillBridge:
    """Two bills, the reasons between their totals, and the names that the devices had on them."""

    earlier: End
    later: End
    bridge: Bridge
    device_names: Mapping[str, str]


def bridge_to(bill: Bill, other: Bill | None = None) -> BillBridge | None:
    """Why a bill differs from `other`, or from the invoice before it; None if there is none before it.

    The later of the two by billing date is explained from the earlier. Two queries between calculated bills, six where
    one is a credit by hand. Unexplained for bills of different customers or currencies, and for one that was tampered
    with.
    """
    if other is not None:
        _refuse(bill, other)
    elif bill.facts_digest is None:
        # A credit by hand follows no bill: it takes one back.
        return None
    ends = {row[0]: _End(*row) for row in rows_of(_ENDS, [bill.pk, other and other.pk])}
    if len(ends) < 2:
        return None
    earlier, later = sorted(ends.values(), key=lambda end: (end.billing_on, end.id))
    continues, replaced_by = _what_goes_on(bill.customer_id)
    try:
        before, after = _side(earlier), _side(later)
        found = bridge(before, after, currency=bill.currency, continues=continues, replaced_by=replaced_by)
    except ValueError as error:
        raise Unexplained("bill", f"What is stored with the bills is not readable ({error}).") from None
    if (earlier.owed, later.owed) != (found.earlier, found.later):
        raise Unexplained("bill", "These bills are not what their stored facts say: run quarterday audit.")
    return BillBridge(earlier.told, later.told, found, {**_names(before), **_names(after)})


def comparable_bills(bill: Bill, *, limit: int = 60) -> list[tuple[int, str, date]]:
    """The issued bills that a bill can be compared with, newest first: id, number, date of issue; one query."""
    return rows_of(
        """
        SELECT b.id, i.number, i.issued_on FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
        WHERE b.customer_id = %s AND b.currency = %s AND b.id <> %s
        ORDER BY i.issued_on DESC, b.id DESC LIMIT %s
        """,
        [bill.customer_id, bill.currency, bill.pk, limit],
    )


_ENDS = """
    WITH asked AS (SELECT id, customer_id, currency, billing_date FROM bills_bill WHERE id = %s)
    SELECT b.id, b.billing_date, b.kind, b.currency, b.total, i.number, i.issued_on, f.data
    FROM (
        SELECT id FROM asked
        UNION SELECT coalesce(%s, (
            SELECT before.id FROM asked
            JOIN bills_bill before USING (customer_id, currency) JOIN bills_billissue i ON i.bill_id = before.id
            WHERE before.kind = 'invoice' AND before.billing_date < asked.billing_date
            ORDER BY EXISTS (
                SELECT FROM bills_billline mine JOIN bills_billline theirs USING (subscription_id)
                WHERE mine.bill_id = asked.id AND theirs.bill_id = before.id
            ) DESC, before.billing_date DESC, before.id DESC LIMIT 1
        ))
    ) wanted (id)
    JOIN bills_bill b USING (id)
    LEFT JOIN bills_billissue i ON i.bill_id = b.id
    LEFT JOIN bills_billfacts f ON f.bill_id = b.id
    """

# What goes on under another id: a subscription that was moved to another plan, a device that was replaced.
_GOES_ON = """
    -- A customer who comes back to a plan after a while has it as before, for another length.
    SELECT 'subscription', s.id, coalesce(s.continues_id, back.id)
    FROM subscriptions_subscription s LEFT JOIN LATERAL (
        SELECT id FROM subscriptions_subscription WHERE customer_id = s.customer_id AND plan_id = s.plan_id
        AND ends_on <= s.starts_on AND id <> s.id ORDER BY ends_on DESC, id DESC LIMIT 1
    ) back ON true
    WHERE s.customer_id = %s AND coalesce(s.continues_id, back.id) IS NOT NULL
    UNION ALL
    SELECT 'device', old_device_id, new_device_id FROM inventory_replacement
    WHERE customer_id = %s AND state = 'confirmed'
    """


class _End(NamedTuple):
    """A bill's row: its amounts are as on paper."""

    id: int
    billing_on: date
    kind: str
    currency: str
    total: Decimal
    number: str | None
    issued_on: date | None
    facts: bytes | None

    @property
    def owed(self) -> Decimal:
        """What the bill adds to what the customer owes: a credit note takes off."""
        total = in_currency(self.total, self.currency)
        return -total if self.kind == "credit_note" else total

    @property
    def told(self) -> End:
        """The bill by what people know of it."""
        return End(self.id, self.number or "", self.issued_on, self.owed)


def _refuse(bill: Bill, other: Bill) -> None:
    if bill.pk == other.pk:
        raise Unexplained("other", "A bill does not differ from itself: name another one.")
    if bill.customer_id != other.customer_id:
        raise Unexplained("other", "The two bills are of different customers: take two of one.")
    if bill.currency != other.currency:
        raise Unexplained(
            "other", f"One bill is in {bill.currency}, one in {other.currency}: take two in one currency."
        )


def _side(end: _End) -> BillingFacts | Credit:
    """A bill's facts; of a credit by hand its lines, as it has no facts."""
    if end.facts is not None:
        return facts_from_bytes(unpack(bytes(end.facts)))
    content = stored_contents([end.id])[end.id]
    lines = [
        CreditableLine(line.corrects_line or position, line.text, line.net, _treatment(line))
        for position, line in enumerate(content.lines, start=1)
    ]
    return Credit(tuple(lines), (), content.net, content.total)


def _treatment(line: LineContent) -> TaxTreatment | None:
    if not line.tax_category:
        return None
    components = tuple(TaxComponent(name, rate) for name, rate in line.tax_components)
    return TaxTreatment(line.tax_category, line.tax_rate, line.tax_reason, components, line.tax_code)


def _what_goes_on(customer_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """Subscription -> the one that it continues; device -> its successor."""
    continues: dict[str, str] = {}
    replaced_by: dict[str, str] = {}
    for what, one, other in rows_of(_GOES_ON, [customer_id, customer_id]):
        (continues if what == "subscription" else replaced_by)[str(one)] = str(other)
    return continues, replaced_by


def _names(side: BillingFacts | Credit) -> Mapping[str, str]:
    return side.names if isinstance(side, BillingFacts) else {}
