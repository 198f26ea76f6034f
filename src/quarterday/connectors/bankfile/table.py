"""A bank's movements as CSV: columns by their usual names in English and German, or named by hand.

Banks write a few lines about the account above the table; the first line that names a day and an amount is its header.
How a file's bytes become text is the devices' reader's business (csvfile/decoding.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from quarterday.connectors.csvfile.decoding import decode
from quarterday.connectors.shape import Fault, SourceRefused, clean_name
from quarterday.engine.money import UnknownCurrency, decimals_of, digits_of
from quarterday.payments.bankfile import BankEntry

FIELDS = ("day", "amount", "came", "went", "currency", "text", "name", "iban", "reference")
"""What a column may say, by the names that `--column` takes. `came` and `went` are for two columns of amounts."""

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "day": (
        "booking date",
        "buchungstag",
        "buchungsdatum",
        "date",
        "datum",
        "transaction date",
        "valuta",
        "value date",
    ),
    "amount": ("amount", "betrag", "umsatz", "betrag eur", "amount eur", "transaction amount", "betrag in eur"),
    "came": ("credit", "paid in", "money in", "haben", "gutschrift", "credit amount", "eingang"),
    "went": ("debit", "paid out", "money out", "soll", "lastschrift", "debit amount", "ausgang"),
    "currency": ("currency", "währung", "waehrung", "ccy"),
    "text": (
        *("verwendungszweck", "description", "remittance information", "reference text", "payment reference"),
        *("buchungstext", "details", "purpose", "narrative", "memo", "text", "reference"),
    ),
    "name": (
        *("name", "payer", "payee", "counterparty", "partner name", "beguenstigter zahlungspflichtiger"),
        *("begünstigter zahlungspflichtiger", "auftraggeber empfänger", "zahlungspflichtiger", "zahlungsbeteiligter"),
        *("name zahlungsbeteiligter", "counterparty name", "auftraggeber"),
    ),
    "iban": ("iban", "kontonummer iban", "iban zahlungsbeteiligter", "account number", "partner iban", "kontonummer"),
    "reference": ("bank reference", "transaction id", "id", "referenz", "kundenreferenz", "end to end id"),
}
LINES_ABOVE = 30
MOST_LINES = 200_000
LARGEST_AMOUNT = Decimal(10) ** 12
"""What no bank moves, and no table of ours holds."""
MOST_FAULTS = 100
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d")
DAY_FIRST, MONTH_FIRST = ("%d/%m/%Y", "%d/%m/%y"), ("%m/%d/%Y", "%m/%d/%y")
First = Literal["", "day", "month"]
"""What stands first in a day with slashes; "" where the file itself shows it."""


def read_table(content: bytes, *, columns: Mapping[str, str], currency: str, first: First = "") -> list[BankEntry]:
    """The movements of a CSV file, in its order. Raises SourceRefused with the line and column of all that is wrong."""
    unknown = [Fault(0, name, f"there is no such field; the fields are {', '.join(FIELDS)}") for name in columns]
    if wrong := [fault for fault in unknown if fault.column not in FIELDS]:
        raise SourceRefused(wrong)
    text, _ = decode(content)
    if text.count("\n") > MOST_LINES:
        raise SourceRefused([Fault(0, "", f"the file has more than {MOST_LINES:,} lines; split it by month")])
    header_line, delimiter, places = _header(text, columns)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    try:
        for cells in rows:
            if rows.line_num > header_line and any(map(str.strip, cells)):
                lines.append((rows.line_num, cells))
    except csv.Error as error:
        faults.append(Fault(rows.line_num, "", f"the line cannot be read ({error})"))
    days = DAYS + _slashed([(line, _cell(cells, places, "day")) for line, cells in lines], first)
    read = [_entry(line, cells, places, currency, days, faults) for line, cells in lines]
    entries = [entry for entry in read if entry is not None]
    if faults:
        raise SourceRefused(faults[:MOST_FAULTS], unnamed_count=max(0, len(faults) - MOST_FAULTS))
    return entries


def _header(text: str, given: Mapping[str, str]) -> tuple[int, str, dict[str, int]]:
    """The header's line, the delimiter, and the place of each field's column."""
    best: dict[str, int] = {}
    for number, line in enumerate(text.splitlines()[:LINES_ABOVE], start=1):
        for delimiter in (";", ",", "\t", "|"):
            try:
                cells = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:
                continue
            places = _places(cells, given)
            if "day" in places and ({"amount"} & set(places) or {"came", "went"} <= set(places)):
                if absent := [name for name in given if name not in places]:
                    raise SourceRefused(
                        [Fault(number, name, f"the file has no column “{given[name]}”") for name in absent]
                    )
                return number, delimiter, places
            best = max(best, places, key=len)
    missing = "a day" if "day" not in best else "an amount"
    wanted = "day" if "day" not in best else "amount"
    raise SourceRefused([Fault(0, wanted, f"no line names a column for {missing}; name it with --column {wanted}=…")])


def _places(cells: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    names = [_plain(cell) for cell in cells]
    places = {name: names.index(_plain(column)) for name, column in given.items() if _plain(column) in names}
    for field, usual in USUAL_NAMES.items():
        if field in given:
            continue
        place = next((names.index(name) for name in usual if name in names), None)
        if place is not None and place not in places.values():
            places[field] = place
    return places


def _cell(cells: Sequence[str], places: Mapping[str, int], name: str) -> str:
    place = places.get(name)
    return clean_name(cells[place]) if place is not None and place < len(cells) else ""


def _slashed(days: Sequence[tuple[int, str]], first: First) -> tuple[str, ...]:
    """How days with slashes are written: 04/05 is the fifth of April in one country and the fourth of May in others.

    A day past the twelfth tells it for the whole file. SourceRefused where there is none, and nobody said it.
    """
    unclear: tuple[int, str] | None = None
    for line, said in days if not first else ():
        parts = re.match(r"(\d{1,2})/(\d{1,2})/", said)
        if parts is None:
            continue
        one, two = int(parts[1]), int(parts[2])
        if one > 12 or two > 12:
            return DAY_FIRST if one > 12 else MONTH_FIRST
        if one != two and unclear is None and _day(said, DAY_FIRST) and _day(said, MONTH_FIRST):
            unclear = line, said
    if unclear is not None:
        line, said = unclear
        one_way, other_way = (_day(said, patterns) for patterns in (MONTH_FIRST, DAY_FIRST))
        raise SourceRefused(
            [
                Fault(
                    line,
                    "day",
                    f"“{said[:10]}” may be {one_way} or {other_way}, and no day of the file shows which; say --days"
                    " month-first or day-first",
                )
            ]
        )
    return MONTH_FIRST if first == "month" else DAY_FIRST


def _entry(
    line: int,
    cells: list[str],
    places: Mapping[str, int],
    currency: str,
    days: Sequence[str],
    faults: list[Fault],
) -> BankEntry | None:
    def cell(name: str) -> str:
        return _cell(cells, places, name)

    found = len(faults)
    booked_on = _day(cell("day"), days)
    if booked_on is None:
        faults.append(Fault(line, "day", f"“{cell('day')[:40]}” is no day: write 2026-04-14 or 14.04.2026"))
    code = (cell("currency") or currency).upper()
    amount = _signed(cell("amount"), cell("came"), cell("went"))
    if amount is None:
        said = cell("amount") or f"{cell('came')} / {cell('went')}"
        faults.append(Fault(line, "amount", f"“{said[:40]}” is no amount: write 1234.56 or 1.234,56"))
    try:
        digits = digits_of(code)
    except UnknownCurrency:
        faults.append(Fault(line, "currency", f"“{code[:10]}” is no currency"))
    else:
        if amount is not None and decimals_of(amount) > digits:
            faults.append(Fault(line, "amount", f"{amount} has more than the {digits} decimals of {code}"))
    if len(faults) > found or booked_on is None or not amount:
        return None
    return BankEntry(
        booked_on=booked_on,
        amount=amount,
        currency=code,
        text=cell("text")[:1_000],
        name=cell("name")[:200],
        iban=cell("iban").replace(" ", "")[:34],
        reference=cell("reference")[:200],
    )


def _signed(amount: str, came: str, went: str) -> Decimal | None:
    """One column with a sign, or one for what came and one for what went; 0 for a line without money."""
    if amount:
        return _number(amount)
    there, gone = _number(came or "0"), _number(went or "0")
    return None if there is None or gone is None or not (came or went) else abs(there) - abs(gone)


def _number(text: str) -> Decimal | None:
    """1,234.56, 1.234,56, -12, 12-, 1 234,56: the last point or comma before one or two digits parts the decimals."""
    said = re.sub(r"[\s'’]", "", text).replace("\u2212", "-")
    if said.endswith("-"):
        said = f"-{said[:-1]}"
    match = re.fullmatch(r"([+-]?)(\d{1,3}(?:[.,]?\d{3})*|\d+)(?:[.,](\d{1,2}))?", said)
    if match is None or len(said) > 20:
        return None
    sign, whole, decimals = match.groups()
    parted = re.findall(r"[.,]", whole)
    if len(set(parted)) > 1 or (decimals is None and len(parted) == 1):
        return None  # 1.234 may be a thousand, or one and a bit: nobody knows; 1.234,567 is no million
    number = Decimal(f"{sign}{re.sub(r'[.,]', '', whole)}.{decimals or '0'}")
    return number if abs(number) < LARGEST_AMOUNT else None


def _day(text: str, patterns: Sequence[str]) -> date | None:
    for pattern in patterns:
        try:
            return datetime.strptime((text.split() or [""])[0][:10], pattern).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold()).split())
