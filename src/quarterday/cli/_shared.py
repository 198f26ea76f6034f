"""What every command shares: the desk it works at, what it reads from argv, and how it prints.

from quarterday.cli._shared import Json, at_desk, group, show

app = group("Service plans and their prices.")  # a single command: alone()

@app.command("list")
def list_(as_json: Json = False) -> None:
    with at_desk():
        from quarterday.plans.queries import plan_list  # rooms are imported at the desk, when Django is set up

        rows = plan_list()
    show(rows, {"name": "Plan", "currency": "Currency"}, as_json=as_json)
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, cast

import typer

from quarterday.engine.money import decimals_of, digits_of, in_currency, price_digits, round_half_up
from quarterday.engine.periods import Cycle, Period, Unit, local_date
from quarterday.shared.scope import COMMAND_LINE, Actor

Fields = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Set a field, as `show` names it; may be said many times."),
]
Prices = Annotated[
    list[str] | None,
    typer.Option(
        "--price", metavar="CLASS=PRICE", help="A unit price, or JSON with tiers, minimum, included, tax_code."
    ),
]
Customers = Annotated[
    list[str], typer.Option("--customer", help="A customer's number or name; may be said many times.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of a table for a person.")]


PIPE_WIDTH = 400

AMOUNT_ARGUMENT = {"ignore_unknown_options": True}
"""Settings of a command that takes an amount as an argument: -5 is an amount, to be refused as one, and no option."""

AMOUNTS = frozenset(
    (
        "amount",
        "total",
        "net",
        "first_net",
        "second_net",
        "tax",
        "open",
        "settled",
        "balance",
        "billed",
        "credited",
        "paid",
        "refunded",
        "rest",
        "written_off",
        "before",
        "debit",
        "after",
        "not_due",
        "fee",
        "up_to_30",
        "up_to_60",
        "up_to_90",
        "older",
        "credit",
    )
)
"""Fields that hold money in the row's currency."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command works: the moment it began, read once, and who acts."""

    now: datetime
    by: Actor = field(default_factory=lambda: command_line())

    def today(self, zone: str = "UTC") -> date:
        """The date in a time zone at that moment."""
        return local_date(self.now, zone)


def group(summary: str) -> typer.Typer:
    """A command with subcommands, such as `quarterday plans list`."""
    app = typer.Typer(add_completion=False, no_args_is_help=True)
    # The callback keeps it a group when it has one subcommand only.
    app.callback(help=summary)(lambda: None)
    return app


def alone() -> typer.Typer:
    """A command without subcommands, such as `quarterday migrate`."""
    return typer.Typer(add_completion=False)


def set_up() -> None:
    """Set Django up and see to its database, unless that is done: by a test, or a command that called this one."""
    from django.apps import apps

    if apps.ready:
        return
    from quarterday.config.start import prepare

    prepare()


@contextmanager
def at_desk(*, at: datetime | None = None) -> Iterator[Desk]:
    """One transaction that sees all customers, as the command line does; import rooms inside it, never above."""
    set_up()
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Scope

    with acting(Scope.all()):
        yield Desk(at or clock())


def command_line() -> Actor:
    """Who acts by a command: the audit trail says from which account and machine."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError):
        account = str(os.getuid())  # a container's user need not have a name
    return replace(COMMAND_LINE, address=f"{account}@{socket.gethostname()}")


def clock() -> datetime:
    """The clock of the command line."""
    return datetime.now(UTC)


def day(text: str) -> date:
    """Read a day from argv: `typer.Option(parser=day, metavar="YYYY-MM-DD")`; one that a bill can have."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        read = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day: write it like 2026-04-30.") from None
    from quarterday.provider.checks import checked_day

    try:
        return checked_day(read)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def days_between(first: date, last: date, *, names: tuple[str, str] = ("--since", "--until")) -> Period:
    """The days from `first` to `last`, both included, as two options of a command tell them."""
    refuse_backwards(first, last, names=names)
    return Period(first, last + timedelta(days=1))


def refuse_backwards(first: date | None, last: date | None, *, names: tuple[str, str] = ("--since", "--until")) -> None:
    """Wrong usage if the last of two days is before the first."""
    if first is not None and last is not None and last < first:
        raise typer.BadParameter(f"{names[1]} {last} is before {names[0]} {first}: exchange them.")


def instant(text: str) -> datetime:
    """Read a moment from argv; it must say its offset from UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a moment: write it like 2026-04-30T06:00+02:00.") from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no offset from UTC: write it like 2026-04-30T06:00+02:00.")
    return moment


def decimal(text: str) -> Decimal:
    """Read an exact number from argv."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise typer.BadParameter(f"{text!r} is not a number: write it like 30.00.")
    return number


def fields_of(pairs: Iterable[str]) -> dict[str, Any]:
    """Read FIELD=VALUE from argv; an empty value empties the field."""
    fields: dict[str, Any] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name.strip():
            raise typer.BadParameter(f"{pair!r} needs an equals sign, such as city=Bremen.")
        if name.strip() in ("by", "now", "seen"):
            raise typer.BadParameter(f"{name.strip()!r} is no field.")
        fields[name.strip().replace("-", "_")] = value.strip()
    return fields


def prices_of(pairs: Iterable[str]) -> dict[str, Any]:
    """Read CLASS=PRICE from argv, where the price is a number or, for tiers and minimums, a JSON object."""
    prices: dict[str, Any] = {}
    for pair in pairs:
        device_class, separator, told = pair.partition("=")
        if not separator or not device_class.strip():
            raise typer.BadParameter(f"{pair!r} needs an equals sign, such as computer=30.00.")
        if told.lstrip().startswith("{"):
            try:
                prices[device_class.strip()] = json.loads(told)
            except ValueError as error:
                raise typer.BadParameter(f"{told!r} is no JSON object: {error}.") from None
        else:
            prices[device_class.strip()] = {"unit_price": told.strip()}
    return prices


def price_words(price: Decimal | None, currency: str) -> str | None:
    """A price with the decimals that it has, and at least its currency's: 49.900000 EUR is 49.90."""
    if price is None:
        return None
    return format(round_half_up(price, price_digits(price, currency)), "f")


CYCLES = {
    "weekly": Cycle(1, "week"),
    "monthly": Cycle(1, "month"),
    "quarterly": Cycle(3, "month"),
    "half-yearly": Cycle(6, "month"),
    "yearly": Cycle(1, "year"),
}


def cycle(text: str) -> Cycle:
    """Read a billing cycle from argv: one of the usual words, or every so many weeks, months or years."""
    if text in CYCLES:
        return CYCLES[text]
    found = re.fullmatch(r"([1-9]\d{0,3}) ?(week|month|year)s?", text)
    if not found:
        raise typer.BadParameter(f"{text!r} is not a cycle: say {', '.join(CYCLES)}, or for example “2 weeks”.")
    return Cycle(int(found[1]), cast(Unit, found[2]))


def cycle_name(told: Cycle) -> str:
    """A billing cycle as people say it."""
    for name, known in CYCLES.items():
        if known == told:
            return name
    return f"every {told.every} {told.unit}s"


def show(
    rows: Iterable[Any],
    columns: Mapping[str, str],
    *,
    as_json: bool = False,
    empty: str = "Nothing to list.",
) -> None:
    """Print rows (mappings or dataclasses) as a table of `columns` (key -> title), or all of their fields as JSON."""
    listed = [_fields(row) for row in rows]
    if as_json:
        print_json(listed)
    elif not listed:
        typer.echo(empty)
    else:
        _print_table(listed, columns)


def show_one(row: Any, *, as_json: bool = False) -> None:
    """Print one thing, a field a line, or as a JSON object."""
    fields = _fields(row)
    if as_json:
        print_json(fields)
        return
    width = max(map(len, fields), default=0)
    for name, value in fields.items():
        typer.echo(f"{name.replace('_', ' '):{width}}  {cell(value)}")


def print_json(value: Any) -> None:
    """Print a value as JSON: exact numbers, days and moments as strings."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def cell(value: Any, *, longest: int = 120) -> str:
    """A value as people read it, on one line, without anything that a terminal would obey."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return cell(json.dumps(value, ensure_ascii=False, default=_plain)) if value else "–"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(cell(part) for part in value) or "–"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    # A device named with escape codes must not move the cursor, and one of 10,000 letters must not fill the screen.
    text = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" else c for c in str(value))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _print_table(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key, title in columns.items():
        numeric = all(isinstance(row.get(key), int | Decimal | None) for row in rows)
        table.add_column(title, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(row.get(key))) for key in columns))
    # What goes into a file or another program is not folded at the width of a screen that is not there.
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def _fields(row: Any) -> dict[str, Any]:
    fields = asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row)
    currency = fields.get("currency")
    if not currency:
        return fields
    return {name: _in_digits(value, currency) if name in AMOUNTS else value for name, value in fields.items()}


def _in_digits(amount: Any, currency: str) -> Any:
    """An amount with the currency's own decimals; the tables keep three for all."""
    if not isinstance(amount, Decimal):
        return amount
    return amount if decimals_of(amount) > digits_of(currency) else in_currency(amount, currency)


def _plain(value: Any) -> str | list[Any]:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
