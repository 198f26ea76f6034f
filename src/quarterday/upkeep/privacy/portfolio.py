"""Everything that we know about one customer, as a zip that a person can read: JSON, CSV, PDF.

It is read under the customer's own scope, so PostgreSQL itself sees to it that nobody else's row is in it.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import IO, Any

from django.db import connection

from quarterday.bills.export import csv_of_bills, defused
from quarterday.bills.packing import UnreadableFacts, unpack
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.shared.trail import record
from quarterday.upkeep.trail import Wanted, csv_of_trail

README = """What we know about {name} ({number}), as of {at} UTC.

data.json        every row about you, table by table
tables/*.csv     the same for a spreadsheet
bills.csv        the lines of your bills
trail.csv        who changed what
bills/*.pdf      your bills as they were printed, and *.json: all that each was calculated from
mails/           files that were mailed to you
"""

# Bytes are no reading matter: prints, files and facts are given as files of their own.
_TABLES = """
    SELECT c.relname, array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (WHERE a.atttypid <> 'bytea'::regtype)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND (c.relname = 'customers_customer' OR EXISTS (
        SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'customer_id' AND NOT o.attisdropped))
    GROUP BY c.relname ORDER BY c.relname
    """


def note_export(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Note in the audit trail that somebody took a customer's data out."""
    record(by, "exported the data of", customer, at=now)


def write_portfolio(file: IO[bytes], customer: Customer, *, now: datetime) -> list[str]:
    """Write the zip; answers the names of what is in it. Opens its own scope, which holds this customer alone."""
    with acting(Scope.of(customer.pk)), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(
            "README.txt", README.format(name=customer.name, number=customer.number, at=f"{now:%Y-%m-%d %H:%M}")
        )
        rows = dict(_rows())
        out.writestr("data.json", json.dumps(rows, ensure_ascii=False, indent=1))
        for table, listed in rows.items():
            out.writestr(f"tables/{table}.csv", _as_csv(listed))
        out.writestr("bills.csv", "".join(csv_of_bills(row["bill_id"] for row in rows.get("bills_billissue", []))))
        out.writestr("trail.csv", "".join(csv_of_trail(Wanted())))
        for name, content in _files():
            out.writestr(name, content)
        return out.namelist()


def _rows() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = cursor.fetchall()
        for table, columns in tables:
            cursor.execute(f"SELECT to_jsonb(t) FROM (SELECT {', '.join(columns)} FROM {table}) AS t")  # noqa: S608
            found = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
            if found:
                yield table, found


def _files() -> Iterator[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.number, p.content FROM bills_billprint p JOIN bills_billissue i ON i.bill_id = p.bill_id"
        )
        for number, content in cursor.fetchall():
            yield f"bills/{_file_name(number)}.pdf", bytes(content)
        cursor.execute("SELECT i.number, f.data FROM bills_billfacts f JOIN bills_billissue i ON i.bill_id = f.bill_id")
        for number, data in cursor.fetchall():
            try:
                yield f"bills/{_file_name(number)}.json", unpack(bytes(data))
            except UnreadableFacts:
                continue  # the audit names it; the customer still gets the rest
        cursor.execute(
            "SELECT a.message_id, a.id, a.filename, a.content FROM outbox_attachment a"
            " WHERE NOT EXISTS (SELECT FROM bills_billprint p WHERE p.sha256 = a.sha256) ORDER BY a.id"
        )
        for message, number, filename, content in cursor.fetchall():
            yield f"mails/{message}-{number}-{_file_name(filename)}", bytes(content)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return defused(value)
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def _file_name(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in text)[:120]
