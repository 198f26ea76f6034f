"""Rows -> content: what stored bills say, read back as the values that their digests cover. The proof of the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from quarterday.bills.content import BillContent, LineContent, TaxContent
from quarterday.bills.models import BillFacts
from quarterday.bills.packing import unpack
from quarterday.engine.money import digits_of, round_half_up


def stored_contents(bill_ids: Sequence[int]) -> dict[int, BillContent]:
    """Bill id -> what its rows say; three queries for any number. Bills out of scope are left out."""
    bills = {row[0]: row for row in _rows(_BILLS, bill_ids)}
    digits = {bill_id: digits_of(row[6]) for bill_id, row in bills.items()}
    lines: dict[int, list[LineContent]] = {}
    for bill_id, *line in _rows(_LINES, list(bills)):
        lines.setdefault(bill_id, []).append(_line(digits[bill_id], *line))
    taxes: dict[int, list[TaxContent]] = {}
    for bill_id, category, rate, base, amount, reason, components in _rows(_TAXES, list(bills)):
        parts = tuple((name, Decimal(rate), Decimal(amount)) for name, rate, amount in json.loads(components))
        base, amount = round_half_up(base, digits[bill_id]), round_half_up(amount, digits[bill_id])
        taxes.setdefault(bill_id, []).append(TaxContent(category, rate, base, amount, reason, parts))
    contents: dict[int, BillContent] = {}
    for bill_id, recipients, seller, buyer, *said in bills.values():
        # The tables keep three decimals; a bill has its currency's own.
        said[5:8] = [round_half_up(amount, digits[bill_id]) for amount in said[5:8]]
        listed = (tuple(lines.get(bill_id, ())), tuple(taxes.get(bill_id, ())))
        contents[bill_id] = BillContent(
            *(*said[:8], *listed, tuple(recipients), bytes(seller), bytes(buyer), *said[8:])
        )
    return contents


def stored_facts(bill_id: int) -> bytes | None:
    """The canonical bytes of the facts that a bill depends on; None for a credit by hand, which has none."""
    row = BillFacts.objects.filter(bill=bill_id).first()
    return None if row is None else unpack(bytes(row.data))


_BILLS = """
    SELECT b.id, b.recipients, seller.digest, buyer.digest,
           b.customer_id, b.kind, b.currency, b.billing_date, b.due_days, b.net, b.tax, b.total,
           b.po_number, b.buyer_reference, b.reason, coalesce(encode(corrected.content_digest, 'hex'), '')
    FROM bills_bill b
    JOIN bills_partycopy seller ON seller.id = b.seller_id
    JOIN bills_partycopy buyer ON buyer.id = b.buyer_id
    LEFT JOIN bills_bill corrected ON corrected.id = b.corrects_id
    WHERE b.id = ANY (%s)
    """

_LINES = """
    SELECT l.bill_id, l.kind, l.text, l.net, l.quantity, l.unit, l.unit_price, l.per, l.fraction, l.subscription_id,
           l.adjustment_id, l.device_class, l.start_on, l.end_on, l.tax_code, l.tax_category, l.tax_rate, l.tax_reason,
           l.tax_components, l.revenue_account,
           (SELECT array_agg(encode(b.content_digest, 'hex') ORDER BY named.place)
            FROM unnest(l.corrects_bills) WITH ORDINALITY AS named (bill_id, place)
            JOIN bills_bill b ON b.id = named.bill_id),
           (SELECT taken.position FROM bills_billline taken WHERE taken.id = l.corrects_line_id),
           l.device_ids, l.device_days
    FROM bills_billline l WHERE l.bill_id = ANY (%s) ORDER BY l.bill_id, l.position
    """

_TAXES = """
    SELECT bill_id, category, rate, base, amount, reason, components
    FROM bills_billtax WHERE bill_id = ANY (%s) ORDER BY bill_id, position
    """


def _line(digits: int, *values: Any) -> LineContent:
    kind, text, net, *said, components, account, corrects, corrects_line, devices, days = values
    parts = tuple((name, Decimal(rate)) for name, rate in json.loads(components or "[]"))
    evidence: tuple[tuple[str, ...], tuple[int, ...]] | tuple[None, None] = (None, None)
    if devices is not None:
        start_on, end_on = said[8:10]
        whole = (end_on - start_on).days
        evidence = (tuple(map(str, devices)), tuple(days) if days is not None else (whole,) * len(devices))
    return LineContent(
        *(
            kind,
            text,
            round_half_up(net, digits),
            *said,
            parts,
            account,
            tuple(corrects or ()),
            corrects_line,
            *evidence,
        )
    )


def _rows(sql: str, bill_ids: Sequence[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(bill_ids)])
        rows: list[Any] = cursor.fetchall()
    return rows
