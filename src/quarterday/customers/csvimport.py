"""Customers from a CSV file: read it, show what it would do, then do exactly that, all or nothing.

A row is an existing customer's when its number, or without one its name, is known; then only what it says is changed.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quarterday.customers.actions import add_customers, change_customer
from quarterday.customers.fields import CUSTOMER_FIELDS, checked_customer
from quarterday.customers.models import Customer
from quarterday.shared.foreign_files import foreign_format
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor

LARGEST_BYTES = 5_000_000
MOST_ROWS = 20_000

OTHER_NAMES = {
    "customer": "name",
    "company": "name",
    "customer number": "number",
    "address": "street",
    "zip": "postal_code",
    "zip code": "postal_code",
    "postcode": "postal_code",
    "state": "region",
    "province": "region",
    "timezone": "time_zone",
    "email": "emails",
    "e-mail": "emails",
    "e-mails": "emails",
    "vat": "vat_id",
    "vat number": "vat_id",
    "po": "po_number",
}
"""How a column may be headed besides the field's own name."""

FILE_FIELDS = frozenset(CUSTOMER_FIELDS) - {
    "review_bills",
    "direct_debit",
    "reminders",
    "reminder_days_before",
    "reminder_days_after",
    "late_fees",
    "late_fee_amount",
    "late_fee_percent",
}


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One row of the file: its line, what it says, and whose it is already."""

    line: int
    fields: dict[str, Any]
    existing: Customer | None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    """Field -> [as it is, as the file says], for an existing customer."""


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """What a file would do, and everything that is wrong with it."""

    rows: list[CustomerRow]
    problems: list[Problem]
    ignored_columns: list[str]

    @property
    def new(self) -> list[CustomerRow]:
        """Rows that add a customer."""
        return [row for row in self.rows if row.existing is None]

    @property
    def changed(self) -> list[CustomerRow]:
        """Rows that change one."""
        return [row for row in self.rows if row.changes]

    @property
    def digest(self) -> str:
        """What the file would do, as a sha256: another one means that it would do something else by now."""
        new = [(row.line, sorted(row.fields.items())) for row in self.new]
        changed = [(row.existing.pk, sorted(row.changes.items())) for row in self.changed if row.existing]
        return hashlib.sha256(repr((new, changed, self.problems)).encode()).hexdigest()


def read_customer_file(content: bytes, *, defaults: Mapping[str, str]) -> CustomerFile:
    """Read a CSV file and compare it with the customers there are; nothing is changed.

    `defaults` fill fields of new customers that the file leaves empty (country, time_zone, currency, language).
    A file that is no table at all is Refused; wrong rows are named in `problems`, each with its line and column.
    """
    header, lines = _table(content)
    columns, ignored = _columns(header)
    if "name" not in columns.values():
        raise Refused("name", f"has no column: the file's columns are {', '.join(header)}; head one of them “name”.")
    listed = [
        (line, {columns[at]: value.strip() for at, value in enumerate(cells) if at in columns and value.strip()})
        for line, cells in lines
    ]
    known = _known(fields for _, fields in listed)
    rows: list[CustomerRow] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, fields in listed:
        who = fields.get("number") or fields.get("name", "")
        if who in seen:
            problems.append(Problem(f"line {line}", f"{who!r} stands on line {seen[who]} already: keep one of them."))
            continue
        seen[who] = line
        try:
            rows.append(_row(line, fields, known.get(who), defaults))
        except Refused as refused:
            problems += [Problem(f"line {line}, {problem.field}", problem.message) for problem in refused.problems]
    return CustomerFile(rows, problems, ignored)


def import_customers(file: CustomerFile, *, by: Actor, now: datetime) -> list[Customer]:
    """Add and change what the file says, all or nothing; Refused while it has problems. The answer is the new ones."""
    if file.problems:
        raise Refused(problems=file.problems)
    for row in file.changed:
        assert row.existing is not None
        change_customer(row.existing, by=by, now=now, **{name: after for name, (_, after) in row.changes.items()})
    return add_customers([row.fields for row in file.new], by=by, now=now)


def _row(line: int, fields: dict[str, Any], existing: Customer | None, defaults: Mapping[str, str]) -> CustomerRow:
    if existing is None:
        filled = {**{name: value for name, value in defaults.items() if value}, **fields}
        return CustomerRow(line, checked_customer(filled), None)
    if "currency" in fields and fields["currency"].upper() != existing.currency:
        raise Refused("currency", f"is {existing.currency} and not changed by a file: leave it out.")
    current = {name: getattr(existing, name) for name in FILE_FIELDS}
    kept = checked_customer(fields, current=current)
    return CustomerRow(
        line, fields, existing, {name: [current[name], value] for name, value in kept.items() if current[name] != value}
    )


def _table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    if len(content) > LARGEST_BYTES:
        raise Refused("file", f"is too large ({len(content):,} bytes): split it into files of {LARGEST_BYTES:,} bytes.")
    if format_name := foreign_format(content):
        raise Refused("file", f"has another format ({format_name}): save the table as “CSV UTF-8” and import that.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Refused("file", "is no text: save the table as CSV.")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise Refused("file", f"cannot be read after line {reader.line_num} ({error}): save it as CSV again.") from None
    if len(rows) < 2:
        raise Refused("file", "has no rows: its first line names the columns, each further line is a customer.")
    if len(rows) > MOST_ROWS + 1:
        raise Refused("file", f"has {len(rows) - 1:,} rows: split it into files of {MOST_ROWS:,}.")
    return [cell.strip() for cell in rows[0][1]], rows[1:]


def _columns(header: list[str]) -> tuple[dict[int, str], list[str]]:
    """Position -> field, and the columns that mean nothing to us."""
    columns: dict[int, str] = {}
    ignored = []
    for at, title in enumerate(header):
        plain = title.lower().replace("_", " ")
        name = OTHER_NAMES.get(plain, plain.replace(" ", "_"))
        if name in FILE_FIELDS and name not in columns.values():
            columns[at] = name
        elif title:
            ignored.append(title)
    return columns, ignored


def _known(rows: Iterator[dict[str, Any]]) -> dict[str, Customer]:
    numbers, names = set(), set()
    for fields in rows:
        if "number" in fields:
            numbers.add(fields["number"])
        elif "name" in fields:
            names.add(fields["name"])
    by_name = {customer.name: customer for customer in Customer.objects.filter(name__in=names).order_by("-pk")}
    return by_name | {customer.number: customer for customer in Customer.objects.filter(number__in=numbers)}
