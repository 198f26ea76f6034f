"""What the accounts office asks for: the general ledger, and who owes what since when."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._files import whole_file
from quarterday.cli._shared import Json, at_desk, day, days_between, show

Customer = Annotated[str, typer.Option(help="Only this customer's, by number.")]


def ledger(
    since: Annotated[date, typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="The first day.")],
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The last day.")],
    customer: Customer = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write every posting as CSV instead; - prints it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The double-entry ledger by account over some days; debit is above 0, credit below, and all add up to 0.

    \b
    quarterday payments ledger --since 2026-03-01 --until 2026-03-31
    quarterday payments ledger --since 2026-03-01 --until 2026-03-31 --out march.csv
    """
    period = days_between(since, until)
    with at_desk():
        from quarterday.customers.queries import get_customer
        from quarterday.payments.export import csv_of_ledger
        from quarterday.payments.queries import ledger_postings, ledger_sums

        owner = get_customer(customer).pk if customer else None
        if out is not None:
            _write(out, csv_of_ledger(ledger_postings(period, customer_id=owner)))
            return
        rows = [{**asdict(row), "after": row.after} for row in ledger_sums(period, customer_id=owner)]
    columns = {
        "account": "Account",
        "before": "Before",
        "debit": "Debit",
        "credit": "Credit",
        "after": "After",
        "currency": "",
    }
    show(rows, columns, as_json=as_json, empty="Nothing was booked up to then.")


def ageing(
    on: Annotated[
        date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="At the end of this day; today's.")
    ] = None,
    customer: Customer = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it as CSV instead; - prints it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who owes what, by how many days it is overdue, and the credit that is not used; today or on a day in the past.

    \b
    quarterday payments ageing
    quarterday payments ageing --on 2025-12-31 --out year-end.csv
    """
    with at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.payments.export import csv_of_ageing
        from quarterday.payments.queries import ages_by_customer

        some = [get_customer(customer).pk] if customer else None
        ages = ages_by_customer(on=on or desk.today(), customer_ids=some)
        if out is not None:
            _write(out, [csv_of_ageing(ages)])
            return
        rows = [{**asdict(age), "open": age.open} for age in ages]
    columns = {
        "customer": "Customer",
        "open": "Open",
        "not_due": "Not due",
        "up_to_30": "1-30 days",
        "up_to_60": "31-60",
        "up_to_90": "61-90",
        "older": "Older",
        "credit": "Unused credit",
        "currency": "",
    }
    show(rows, columns, as_json=as_json, empty="Nobody owes anything.")


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others about money."""
    app.command("ledger")(ledger)
    app.command("ageing")(ageing)


def _write(out: Path, pieces: Iterable[str]) -> None:
    if str(out) == "-":
        for piece in pieces:
            sys.stdout.write(piece.replace("\r\n", "\n"))
        return
    with whole_file(out) as file:
        for piece in pieces:
            file.write(piece.encode())
    typer.echo(f"Written to {out}.")
