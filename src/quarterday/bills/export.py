"""Bills for the accounts office: CSV, a row a line, with everything that books it.

Amounts of a credit note are below zero here, so that a column adds up. Text that a spreadsheet would take for a formula
is defused by an apostrophe before it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Any

from django.db import connection

from quarterday.engine.money import decimals_of, digits_of, round_half_up

COLUMNS = (
    *("number", "kind", "issued_on", "due_on", "customer_number", "customer", "ledger_account"),
    *("position", "text", "device_class", "first_day", "last_day", "quantity", "unit", "unit_price", "per"),
    *("fraction", "net", "currency", "tax_code", "tax_category", "tax_rate", "revenue_account", "po_number"),
)

CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")


def csv_of_bills(bill_ids: Iterable[int]) -> Iterator[str]:
    """The file in pieces: the names of the columns, then the lines of some issued bills at a time, in their order."""
    yield rows_as_text([COLUMNS])
    left = iter(bill_ids)
    while some := list(islice(left, CHUNK)):
        yield rows_as_text(_line(*row) for row in _lines(some))


def defused(value: str) -> str:
    """Text that no spreadsheet runs: =1+1 becomes '=1+1."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _line(*values: Any) -> list[str]:
    digits, sign = digits_of(values[18]), -1 if values[1] == "credit_note" else 1
    row = dict(zip(COLUMNS, values, strict=True))
    row["net"] = sign * round_half_up(row["net"], digits)
    row["quantity"] = _plain(sign * row["quantity"])
    row["unit_price"] = None if row["unit_price"] is None else _plain(row["unit_price"], digits)
    row["tax_rate"] = _plain(row["tax_rate"])
    return [cell(value) for value in row.values()]


def cell(value: Any) -> str:
    """A value as CSV has it: numbers and dates plain, text defused, nothing empty."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else defused(str(value))


def _plain(number: Decimal, fewest: int = 0) -> Decimal:
    """A number without the column's noughts, and with at least so many decimals: 49.900000 is 49.90."""
    return round_half_up(number, max(fewest, decimals_of(number)))


def rows_as_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a piece of a CSV file."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _lines(bill_ids: Sequence[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.number, i.kind, i.issued_on, i.due_on,
                   buyer.content ->> 'number', buyer.content ->> 'name', buyer.content ->> 'ledger_account',
                   l.position, l.text, l.device_class, l.start_on, l.end_on - 1, l.quantity, l.unit, l.unit_price,
                   l.per, l.fraction, l.net, b.currency, l.tax_code, l.tax_category, l.tax_rate, l.revenue_account,
                   b.po_number
            FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place)
            JOIN bills_bill b USING (id)
            JOIN bills_billissue i ON i.bill_id = b.id
            JOIN bills_partycopy buyer ON buyer.id = b.buyer_id
            JOIN bills_billline l ON l.bill_id = b.id
            ORDER BY wanted.place, l.position
            """,
            [list(bill_ids)],
        )
        rows: list[Any] = cursor.fetchall()
    return rows
